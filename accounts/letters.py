"""The one way in which this site writes to people: letters, each with a key, delivered once.

A letter is noted as handed over before the mail server gets it, and as sent when the server took
it. A worker that dies between the two leaves the first note, and nobody tries that letter again:
the mail may have gone, and what it says stands on the site too. So each key is one mail at most; a
server that refuses, or that cannot be reached, takes the note back, and is asked again later.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import letter_texts, mailing, posting
from accounts.letter_texts import Written
from accounts.models import Letter, Mailing, Notice, Source, User
from accounts.posting import AddressRefused, NotSent, NotWanted
from accounts.signals import letter_due
from accounts.speaking import speaking
from accounts.speech import say
from accounts.zones import zone_of

REMIND_AFTER = timedelta(days=5)
HANDING = timedelta(minutes=10)  # longer than any worker talks to a mail server
_SALT = "letters.stop"

logger = logging.getLogger(__name__)


class Later(Exception):
    """Not now: quiet hours, another worker that may be sending it, or another address. See `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(say("It is sent later."))
        self.at = at


def announce(*, source: Source, now: datetime) -> None:
    """Ask for both mails about a link that begins to need its person; call in its transaction."""
    since = int(source.code_since.timestamp()) if source.code_since else 0
    for name, at in (("first", now), ("reminder", now + REMIND_AFTER)):
        letter_due.send(
            Source,
            key=f"link:{source.pk}:{since}:{name}",
            user_id=source.user_id,
            payload={
                "kind": "link_needs_you",
                "person": source.user_id,
                "source": source.pk,
                "since": since,
                "reminder": name == "reminder",
            },
            at=at,
        )


def deliver(*, key: str, payload: dict[str, Any], now: datetime) -> bool:
    """Write and send the letter `key`, if it is still true and was not sent before.

    Returns whether it was sent now. Raises Later, NotSent (for now) and NotWanted (for good).
    """
    with _as_they_read(payload):
        written = letter_texts.write(payload, now)
        if written is None or not written.user.is_active:
            return False
        to = mailing.address_of(written.user)
        if not to:
            return False
        _wait_for_the_end_of_quiet_hours(written, now)
        letter, _new = Letter.objects.get_or_create(
            key=key, defaults={"user": written.user, "written_at": now}
        )
        if not _is_mine_to_send(letter, now):
            return False
        try:
            posting.post(_mail(key, written, to))
        except (AddressRefused, NotSent, NotWanted) as error:
            Letter.objects.filter(pk=letter.pk).update(handed_at=None)
            if not isinstance(error, AddressRefused):
                raise
            if mailing.refuse(user=written.user, address=to, words=str(error), now=now):
                raise Later(now) from error
            return False
    Letter.objects.filter(pk=letter.pk).update(sent_at=now)
    Notice.objects.filter(pk__in=written.tells).update(mailed_at=now)
    return True


def person_of(token: str) -> tuple[User, str] | None:
    """Return whose mails of which sort a link in a mail stops; None when it was not made here."""
    try:
        user_id, what = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    user = User.objects.filter(pk=user_id).first()
    return (user, what) if user else None


def stop_address(user: User, what: str = "links") -> str:
    """Return the address that stops mails of one sort, without signing in."""
    token = signing.dumps([user.pk, what], salt=_SALT)
    return settings.SITE_URL + reverse("letters_stop", args=[token])


def _wait_for_the_end_of_quiet_hours(written: Written, now: datetime) -> None:
    if not written.waits:
        return
    mine = Mailing.objects.filter(user=written.user).first()
    at = mailing.allowed_at(mine, zone_of(written.user.time_zone), now)
    if at > now:
        raise Later(at)


def _is_mine_to_send(letter: Letter, now: datetime) -> bool:
    """Note that the letter is handed over now. Raises Later while somebody else may be at it."""
    open_ = Letter.objects.filter(pk=letter.pk, sent_at=None)
    if open_.filter(handed_at=None).update(handed_at=now):
        return True
    handed_at = open_.filter(Q(handed_at__gt=now - HANDING)).values_list("handed_at", flat=True)
    if at := handed_at.first():
        raise Later(at + HANDING)
    if open_.exists():
        logger.warning("A worker stopped while it sent letter %s: not sent again.", letter.pk)
    return False


@contextmanager
def _as_they_read(payload: dict[str, Any]) -> Iterator[None]:
    """Speak the language, and name days and times in the zone, of whom a letter is for."""
    user = User.objects.filter(pk=payload.get("person", 0)).first()
    language = user.language if user is not None else ""
    zone = zone_of(user.time_zone if user is not None else "UTC")
    with timezone.override(zone), speaking(language):
        yield


def _mail(key: str, written: Written, to: str) -> EmailMultiAlternatives:
    context = written.context | {"called": written.user.called, "site_url": settings.SITE_URL}
    headers = {
        "Message-ID": f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_host()}>",
        "Auto-Submitted": "auto-generated",
    }
    if written.stops:
        context["stop"] = stop_address(written.user, written.stops)
        headers["List-Unsubscribe"] = f"<{context['stop']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=" ".join(written.subject.split())[:200],
        body=render_to_string(f"mail/{written.template}.txt", context),
        to=[to],
        headers=headers,
    )
    html = render_to_string(f"mail/{written.template}.html", context)
    mail.attach_alternative(html, "text/html")
    return mail


def _host() -> str:
    return str(urlsplit(settings.SITE_URL).hostname)
