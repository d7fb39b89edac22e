"""A mail server on loopback that takes mails, or answers whatever a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class _AnyPort(Controller):
    """A server at a port that was free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Box:
    """What the server took. `rcpt` and `data` are its answers, "" for the usual one.

    knows: the only addresses that it takes mails for; empty for every one.
    """

    def __init__(self, *knows: str) -> None:
        self.taken: list[EmailMessage] = []
        self.knows = knows
        self.rcpt = self.data = ""
        self.asked = 0

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Answer who the mail is for."""
        self.asked += 1
        if self.rcpt:
            return self.rcpt
        if self.knows and address not in self.knows:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Answer the mail itself."""
        if self.data:
            return self.data
        content = cast("bytes", envelope.content)
        self.taken.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@contextmanager
def serving(settings: Any, box: Box, **options: Any) -> Iterator[None]:
    """Have the site send its mails to a server that puts them into `box`."""
    controller = _AnyPort(box, hostname="127.0.0.1", port=0, ready_timeout=60, **options)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    try:
        yield
    finally:
        controller.stop()


def nobody_may_in(*_: Any) -> AuthResult:
    """Refuse every name and password."""
    return AuthResult(success=False, handled=False)
