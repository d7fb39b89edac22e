"""What mails say: from the payload of a letter to its subject and what its templates name.

A mail is written when it is sent, so that it tells what is true then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import figures, mailing, notice_kinds, notices
from accounts.case_subjects import titled
from accounts.connectors.base import NEEDS_PERSON
from accounts.linking import name_of
from accounts.models import FADE, HOLD, Case, Grant, Mailing, Notice, NoticeChoice, Source, User
from accounts.notice_kinds import KINDS, Mail

LISTED = 20  # notices in one mail
LATELY = timedelta(days=2)  # older ones are not mailed to who ticks their kind only now


@dataclass(frozen=True, slots=True)
class Written:
    """A mail before it is dressed up.

    stops: what one click ends, "links", "perks" or "morning"; "" for what cannot be ended.
    waits: for the end of quiet hours. tells: the notices that it tells.
    """

    user: User
    subject: str
    template: str
    context: dict[str, Any]
    stops: str = ""
    waits: bool = True
    tells: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in a mail."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Digest:
    """How the score went: the line that leads the mail and is its subject, and the reasons."""

    summary: str
    reasons: tuple[str, ...]
    url: str


def _no_digest(_user_id: int, _since: date, _until: date) -> Digest | None:
    return None


# What a digest says of the days between two; set by scoring, which knows them.
digest_of: Callable[[int, date, date], Digest | None] = _no_digest


def write(payload: dict[str, Any], now: datetime) -> Written | None:
    """Return what a letter says, or None when that is true no longer or was not wanted."""
    return WRITERS[payload["kind"]](payload, now)


def _link_needs_you(payload: dict[str, Any], _now: datetime) -> Written | None:
    source = Source.objects.select_related("user").filter(pk=payload["source"]).first()
    if source is None or not source.selected or source.paused_at is not None:
        return None
    begun = source.code_since
    if source.code not in NEEDS_PERSON or begun is None or not source.user.link_mails:
        return None
    if int(begun.timestamp()) != payload["since"]:
        return None  # it was mended meanwhile, and broke anew: that has letters of its own
    network = name_of(source.network)
    return Written(
        source.user,
        _("%(network)s needs you: %(title)s") % {"network": network, "title": source.title},
        "link_needs_you",
        {
            "network": network,
            "title": source.title,
            "since": _day(begun),
            "holds_until": _day(begun + HOLD),
            "fades_until": _day(begun + HOLD + FADE),
            "last": payload.get("reminder", False),
            "address": settings.SITE_URL + reverse("link", args=[source.pk]),
        },
        stops="links",
    )


def _case_answered(payload: dict[str, Any], _now: datetime) -> Written | None:
    case = Case.objects.select_related("user").filter(pk=payload["case"]).first()
    if case is None or not case.user.link_mails:
        return None
    message = case.messages.filter(pk=payload["message"]).first()
    if message is None:
        return None
    title = titled(case)
    subject = _("Case %(number)s was answered: %(subject)s") % {
        "number": case.pk,
        "subject": title,
    }
    address = settings.SITE_URL + reverse("case", args=[case.pk])
    context = {"case": case, "title": title, "text": message.text, "address": address}
    return Written(case.user, subject, "case_answered", context, stops="links")


def _notice(payload: dict[str, Any], _now: datetime) -> Written | None:
    """Return the mail about something that protects an account: it waits for nothing."""
    rows = Notice.objects.filter(user=payload["person"], kind=payload["of"], key=payload["key"])
    notice = notices.with_names(rows).select_related("user", "by").first()
    if notice is None:
        return None
    told = _told(notice)
    context = {"told": told, "at": _moment(notice.at)}
    title = str(KINDS[notice.kind].title)
    return Written(notice.user, title, "notice", context, waits=False, tells=(notice.pk,))


def _morning(payload: dict[str, Any], now: datetime) -> Written | None:
    """Return the one mail of a day: the digest where it is its day, and what was chosen."""
    mine = Mailing.objects.select_related("user").filter(user=payload["person"]).first()
    if mine is None:
        return None
    day = date.fromisoformat(payload["day"])
    since = _digest_since(mine, day)
    digest = digest_of(mine.user_id, since, day) if since else None
    rows = Notice.objects.filter(user=mine.user_id, mailed_at=None, read_at=None)
    chosen = NoticeChoice.objects.filter(user=mine.user_id, mailed=True)
    wanted = rows.filter(kind__in=chosen.values("kind"), at__gt=now - LATELY)
    if since:
        wanted = wanted | rows.filter(pk__in=rows.listed(), at__gt=now - (day - since))
    batched = [name for name, kind in KINDS.items() if kind.mail == Mail.MORNING]
    named = notices.with_names(wanted.filter(kind__in=batched))
    found = list(named.order_by("-at", "-pk")[: LISTED + 1])
    if not found and digest is None:
        return None
    told = [_told(one) for one in found[:LISTED]]
    summary = digest.summary if digest else _summary(told)
    context = {
        "digest": digest,
        "told": told,
        "summary": summary,
        "more": len(found) > LISTED,
        "notes": settings.SITE_URL + reverse("notes"),
    }
    tells = tuple(one.pk for one in found[:LISTED])
    return Written(mine.user, summary, "morning", context, stops="morning", tells=tells)


def _page_not_chosen(payload: dict[str, Any], _now: datetime) -> Written | None:
    grant = Grant.objects.select_related("account__user").filter(pk=payload["grant"]).first()
    if grant is None or not grant.account.user.link_mails:
        return None
    offered = list(grant.sources.filter(available=True, selectable=True).order_by("title", "pk"))
    if not offered or grant.sources.filter(selected=True).exists():
        return None  # chosen meanwhile, or nothing is left to choose
    network = name_of(grant.network)
    return Written(
        grant.account.user,
        _("%(network)s is linked, and nothing of it counts yet") % {"network": network},
        "page_not_chosen",
        {
            "network": network,
            "titles": [source.title for source in offered[:LISTED]],
            "address": settings.SITE_URL + reverse("choose", args=[grant.pk]),
        },
        stops="links",
    )


# Kind of letter -> what writes it; apps above add theirs (perks.apps).
WRITERS: dict[str, Callable[[dict[str, Any], datetime], Written | None]] = {
    "link_needs_you": _link_needs_you,
    "page_not_chosen": _page_not_chosen,
    "case_answered": _case_answered,
    "notice": _notice,
    "morning": _morning,
}


def _digest_since(mine: Mailing, day: date) -> date | None:
    """Return the first day of which the digest of a morning tells; None where it brings none."""
    if not mailing.brings_digest(mine, day):
        return None
    if mine.digest == Mailing.Digest.WEEKLY:
        return day - timedelta(days=7)
    return (day - timedelta(days=1)).replace(day=1)


def _summary(told: list[Told]) -> str:
    """Return the one line that says what the mail is about."""
    others = len(told) - 1
    if not others:
        return told[0].text
    said = ngettext("%(first)s And one more.", "%(first)s And %(n)s more.", others)
    return said % {"first": told[0].text, "n": others}


def _told(notice: Notice) -> Told:
    path = notice_kinds.address(notice.kind, notice.values)
    text = notice_kinds.sentence(notice.kind, notice.values, who=notices.who(notice))
    return Told(text, settings.SITE_URL + (path or reverse("notes")))


def _day(at: datetime) -> str:
    return figures.day_month(timezone.localtime(at).date())


def _moment(at: datetime) -> str:
    here = timezone.localtime(at)
    return _("At %(time)s (%(zone)s) on %(day)s.") % {
        "time": f"{here:%H:%M}",
        "zone": timezone.get_current_timezone_name(),
        "day": figures.day_year(here.date()),
    }
