"""Notices: what happened since?"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import notices
from accounts.figures import day_year, weekday
from accounts.models import Notice, NoticeChoice
from accounts.notice_kinds import GROUPS, KINDS, PROTECTING, address, sentence
from accounts.views import person, pressed

SHOWN = 50
LONGEST_ID = 18  # digits


@dataclass(frozen=True, slots=True)
class Row:
    """A notice as the page shows it. `title`: of its kind. `leads`: whether it leads anywhere.

    `protects`: whether it is of a kind that cannot be switched off.
    """

    id: int
    kind: str
    title: str
    group: str
    text: str
    time: str
    leads: bool
    new: bool
    protects: bool


@require_GET
def notes(request: HttpRequest) -> HttpResponse:
    """Show what happened, by day, and which kinds are switched off."""
    viewer, now = person(request), timezone.now()
    rows = notices.with_names(Notice.objects.filter(user=viewer, kind__in=KINDS).listed())
    before = request.GET.get("before", "")
    paged = before.isascii() and before.isdecimal() and len(before) <= LONGEST_ID
    if paged:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    shown = found[:SHOWN]
    off = NoticeChoice.objects.filter(user=viewer, listed=False, kind__in=KINDS)
    context = {
        "days": [
            (day, [_row(one) for one in of_day])
            for day, of_day in groupby(shown, key=lambda one: _day(one.at, now))
        ],
        "older": shown[-1].pk if len(found) > SHOWN else None,
        "beyond": paged and not shown,
        "newest": shown[0].pk if shown else 0,
        "unread": any(one.read_at is None for one in shown),
        "off": [(one.kind, KINDS[one.kind].title) for one in off.order_by("kind")],
    }
    return render(request, "accounts/notes.html", context)


@pressed("notes")
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one as read; with `go` also open what it is about."""
    notice = get_object_or_404(Notice, pk=notice_id, user=person(request))
    notices.mark_read(person_id=person(request).pk, until=notice.pk, only=True, now=timezone.now())
    path = address(notice.kind, notice.values) if notice.kind in KINDS else ""
    return redirect(path if path and "go" in request.POST else "notes")


@pressed("notes")
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what was shown; what came meanwhile stays new."""
    until = request.POST.get("until", "")
    if until.isascii() and until.isdecimal() and len(until) <= LONGEST_ID:
        notices.mark_read(person_id=person(request).pk, until=int(until), now=timezone.now())
    return redirect("notes")


@pressed("notes")
def kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Switch a kind off in the list, or on again."""
    if kind not in KINDS:
        raise Http404(_("There is no such kind of notice."))
    listed = request.POST.get("listed") == "on"
    try:
        notices.set_listed(person_id=person(request).pk, kind=kind, listed=listed)
    except notices.AlwaysListed:
        messages.error(request, _("What protects your account is always listed."))
        return redirect("notes")
    said = _("“%(kind)s” is listed again.") if listed else _("“%(kind)s” is listed no longer.")
    messages.success(request, said % {"kind": KINDS[kind].title})
    return redirect("notes")


def _row(notice: Notice) -> Row:
    one = KINDS[notice.kind]
    return Row(
        id=notice.pk,
        kind=notice.kind,
        title=str(one.title),
        group=str(GROUPS[one.group]),
        text=sentence(notice.kind, notice.values, who=notices.who(notice)),
        time=f"{timezone.localtime(notice.at):%H:%M}",
        leads=bool(address(notice.kind, notice.values)),
        new=notice.read_at is None,
        protects=notice.kind in PROTECTING,
    )


def _day(at: datetime, now: datetime) -> str:
    """Return the day of a notice where the person is, in words."""
    day, today = timezone.localdate(at), timezone.localdate(now)
    near = {0: _("Today"), -1: _("Yesterday")}.get((day - today).days)
    return near or (weekday(day) if day.year == today.year else day_year(day))
