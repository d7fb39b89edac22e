"""Handing one mail to the mail server, and what its answer means."""

import logging
import re
from contextlib import suppress
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage, get_connection

from accounts.speech import say

logger = logging.getLogger(__name__)

# Codes with which a server says that nobody has this address, or not any more (RFC 5321, 4.2.3).
# An enhanced code of class 5.7 means policy: it is us whom the server does not want, and a relay
# that was set up wrongly says it of every address (RFC 3463, 3.8).
_NOBODY = frozenset({550, 551, 552, 553})
_ENHANCED = re.compile(r"^(\d)\.(\d{1,3})\.\d{1,3}\b")


class NotSent(Exception):
    """The mail server did not take the mail for now. Worth trying again."""


class NotWanted(Exception):
    """The mail server refused this mail for good. Asking again would bring the same answer."""


class AddressRefused(Exception):
    """The mail server says for good that the address takes no mail. `str(error)` is its words."""


def post(mail: EmailMessage) -> None:
    """Hand one mail over; when this returns, the server has taken it.

    Raises NotSent, NotWanted, AddressRefused. What is logged holds no address.
    """
    mail.connection = get_connection()
    try:
        mail.send()
    except SMTPRecipientsRefused as refused:
        code, words = _answer(refused)
        if 500 <= code < 600 and _is_about_the_address(code, words):
            raise AddressRefused(f"{code} {words}"[:200]) from refused
        raise _refusal(code, refused) from refused
    except SMTPDataError as refused:
        raise _refusal(refused.smtp_code, refused) from refused
    except (OSError, SMTPException) as error:  # also TLS, and a name or password that is wrong
        logger.error("a mail was not taken: %s", type(error).__name__)  # noqa: TRY400 (addresses)
        raise _not_sent(error) from error
    finally:
        with suppress(OSError):
            mail.connection.close()  # Django leaves it open where the greeting failed


def _refusal(code: int, refused: SMTPException) -> NotSent | NotWanted:
    """Return what a refusal of the mail itself means: of a code from 500 on that it is final."""
    logger.error("a mail was refused with %s", code)
    if 500 <= code < 600:
        return NotWanted(say("The mail server refused the mail ({code}).", code=str(code)))
    return _not_sent(refused)


def _not_sent(error: Exception) -> NotSent:
    return NotSent(
        say("The mail server did not take the mail: {error}.", error=type(error).__name__)
    )


def _answer(refused: SMTPRecipientsRefused) -> tuple[int, str]:
    """Return the code and the words that a server said of the one recipient."""
    code, words = next(iter(refused.recipients.values()))
    return code, " ".join(words.decode("utf-8", "replace").split())


def _is_about_the_address(code: int, words: str) -> bool:
    """Tell whether a final refusal of a recipient is about the address, and not about us."""
    enhanced = _ENHANCED.match(words)
    return enhanced[2] in {"1", "2"} if enhanced else code in _NOBODY
