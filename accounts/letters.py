"""Mails about links: one when a link begins to need its person, one after five days, then silence.

A letter has a key and is written once. A worker that dies between handing the mail over and writing
that down sends it again with the same Message-ID, which mail programs show once; no sender can do
better over SMTP.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.connectors.base import NEEDS_PERSON
from accounts.figures import day_month
from accounts.linking import name_of
from accounts.models import FADE, HOLD, Case, Letter, Source, User
from accounts.signals import letter_due

REMIND_AFTER = timedelta(days=5)
_SALT = "letters.stop"


class NotSent(Exception):
    """The mail server did not take the mail. Worth trying again."""


def announce(*, source: Source, now: datetime) -> None:
    """Ask for both mails about a link that begins to need its person; call in its transaction."""
    since = int(source.code_since.timestamp()) if source.code_since else 0
    for name, at in (("first", now), ("reminder", now + REMIND_AFTER)):
        letter_due.send(
            Source,
            key=f"link:{source.pk}:{since}:{name}",
            user_id=source.user_id,
            payload={"kind": "link_needs_you", "source": source.pk, "since": since},
            at=at,
        )


def deliver(*, key: str, payload: dict[str, Any], now: datetime) -> bool:
    """Write and send the letter `key`, if it is still true and was not sent before.

    Returns whether it was sent now. Raises NotSent.
    """
    written = _written(payload)
    if written is None:
        return False
    user, subject, context = written
    to = _address_of(user)
    if not to:
        return False
    letter, _new = Letter.objects.get_or_create(key=key, defaults={"user": user, "written_at": now})
    if letter.sent_at is not None:
        return False
    _send(key, user, to, subject, payload["kind"], context)
    Letter.objects.filter(pk=letter.pk).update(sent_at=now)
    return True


def person_of(token: str) -> User | None:
    """Return whose mails a link in a mail stops, or None when it was not made here."""
    try:
        user_id = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=user_id).first()


def stop_address(user: User) -> str:
    """Return the address that stops mails about links, without signing in."""
    token = signing.dumps(user.pk, salt=_SALT)
    return settings.SITE_URL + reverse("letters_stop", args=[token])


def _written(payload: dict[str, Any]) -> tuple[User, str, dict[str, Any]] | None:
    """Return (person, subject, what the templates say), or None when it is no longer true."""
    return WRITERS[payload["kind"]](payload)


def _link_needs_you(payload: dict[str, Any]) -> tuple[User, str, dict[str, Any]] | None:
    source = Source.objects.select_related("user").filter(pk=payload["source"]).first()
    if source is None or not source.selected or source.paused_at is not None:
        return None
    begun = source.code_since
    if source.code not in NEEDS_PERSON or begun is None:
        return None
    if int(begun.timestamp()) != payload["since"]:
        return None  # it was mended meanwhile, and broke anew: that has letters of its own
    network = name_of(source.network)
    subject = _("%(network)s needs you: %(title)s") % {"network": network, "title": source.title}
    return (
        source.user,
        subject,
        {
            "network": network,
            "title": source.title,
            "since": _day(begun),
            "holds_until": _day(begun + HOLD),
            "fades_until": _day(begun + HOLD + FADE),
            "address": settings.SITE_URL + reverse("link", args=[source.pk]),
        },
    )


def _case_answered(payload: dict[str, Any]) -> tuple[User, str, dict[str, Any]] | None:
    case = Case.objects.select_related("user").filter(pk=payload["case"]).first()
    if case is None:
        return None
    message = case.messages.filter(pk=payload["message"]).first()
    if message is None:
        return None
    subject = _("Case %(number)s was answered: %(subject)s") % {
        "number": case.pk,
        "subject": case.subject,
    }
    address = settings.SITE_URL + reverse("case", args=[case.pk])
    return case.user, subject, {"case": case, "text": message.text, "address": address}


# Kind -> what writes such a mail; apps above add theirs (perks.apps).
WRITERS: dict[str, Callable[[dict[str, Any]], tuple[User, str, dict[str, Any]] | None]] = {
    "link_needs_you": _link_needs_you,
    "case_answered": _case_answered,
}


def _address_of(user: User) -> str:
    """Return a confirmed address of a person who wants these mails, or ""."""
    if not user.link_mails:
        return ""
    addresses = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return str(addresses.values_list("email", flat=True).first() or "")


def _send(key: str, user: User, to: str, subject: str, kind: str, context: dict[str, Any]) -> None:
    stop = stop_address(user)
    context = context | {"called": user.called, "stop": stop, "site_url": settings.SITE_URL}
    host = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split())[:200],
        body=render_to_string(f"mail/{kind}.txt", context),
        to=[to],
        headers={
            "Message-ID": f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string(f"mail/{kind}.html", context), "text/html")
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise NotSent(f"The mail server did not take the mail: {type(error).__name__}.") from error


def _day(at: datetime) -> str:
    return day_month(timezone.localtime(at).date())
