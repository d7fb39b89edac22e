"""Cases and pages of operators, with something on them: each function returns (path, person)."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import timezone

from accounts import cases, letters, operating
from accounts.connectors.base import Code
from accounts.models import Case, Source, SyncRun, User
from tests.accounts import builders

Prepared = tuple[str, User]


def olga() -> User:
    user = builders.person("olga")
    user.is_staff = True
    user.display_name = "Olga"
    user.save()
    return user


def _broken() -> Source:
    """Return a link of Ada that is refused, with what was tried on it today."""
    user, now = builders.person(), timezone.now()
    user.display_name = "Ada"
    user.save()
    row = builders.source(user, code=Code.REVOKED, code_since=now - timedelta(days=3), failures=2)
    for hours, code in ((2, Code.REVOKED), (9, Code.TRANSIENT), (12, Code.OK)):
        at = now - timedelta(hours=hours)
        words = "" if code == Code.OK else "401 token_revoked: This token was taken back."
        SyncRun.objects.create(source=row, started_at=at, ended_at=at, code=code, words=words)
    return row


def _answered() -> Case:
    row, now = _broken(), timezone.now()
    case = cases.open_case(
        user=row.user,
        source=row,
        text="It says refused here, and connected over there.\n\nWhat is it?",
        report="state: needs_you (revoked since 2026-11-18T04:12Z)\nlast try: 2026-11-21T07:00Z",
        now=now - timedelta(days=1),
    )
    cases.reply(
        case=case,
        author=olga(),
        text="The key ended when you changed your password. Connect it once more.",
        now=now - timedelta(hours=3),
        by_operator=True,
    )
    return case


def ask() -> Prepared:
    row = _broken()
    return reverse("case_ask", args=[row.pk]), row.user


def listed() -> Prepared:
    case = _answered()
    cases.open_case(user=case.user, text="How is reach counted?", report="", now=timezone.now())
    return reverse("cases"), case.user


def no_cases() -> Prepared:
    return reverse("cases"), builders.person()


def one() -> Prepared:
    case = _answered()
    return reverse("case", args=[case.pk]), case.user


def stop() -> Prepared:
    user = builders.person()
    return urlsplit(letters.stop_address(user)).path, user


def networks() -> Prepared:
    _broken()
    staff = olga()
    operating.pause(
        network="mastodon", why="Its interface changes this week.", by=staff, now=timezone.now()
    )
    return reverse("ops"), staff


def set_up() -> Prepared:
    return reverse("ops_networks"), olga()


def to_answer() -> Prepared:
    case = _answered()
    return reverse("ops_cases"), User.objects.exclude(pk=case.user_id).get()


def answering() -> Prepared:
    case = _answered()
    return reverse("ops_case", args=[case.pk]), User.objects.exclude(pk=case.user_id).get()
