"""Compare: up to four people who allow it, or accounts of one's own, side by side.

Who is not signed in reads what people show to everyone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import handles
from accounts.models import Source, User
from accounts.searching import named
from scoring import words
from scoring.people import beside
from scoring.people.beside import Brought, Course
from scoring.views.cards import in_tenths, weighted
from scoring.views.strangers import limited

PLACES = ("a", "b", "c", "d")
ACCOUNTS = ("first", "second")
LONGEST = 40  # characters of a handle that is typed


@dataclass(frozen=True, slots=True)
class Column:
    """Who or what stands in a column. `refused`: asked for, and not shown to this reader."""

    name: str
    handle: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of every column, in their order; "" is "not shown"."""

    name: str
    values: tuple[str, ...]


@login_not_required
@require_safe
@limited
def compare(request: HttpRequest) -> HttpResponse:
    """Show people by their handles (a, b, c, d), or own accounts by number (first, second)."""
    viewer = request.user if isinstance(request.user, User) else None
    now = timezone.now()
    asked = [request.GET.get(place, "").strip()[:LONGEST] for place in PLACES]
    counted = Source.objects.counted().scored().order_by("network", "pk")
    sources = list(counted.filter(user=viewer)) if viewer else []
    chosen = [request.GET.get(place, "").strip()[:LONGEST] for place in ACCOUNTS]
    own = {str(one.pk): one for one in sources}
    picked = {text: own.get(text) for text in chosen if text}
    context: dict[str, Any] = {
        "fields": list(zip(PLACES, asked, strict=True)),
        "accounts": [(str(one.pk), words.source_name(one.network, one.title)) for one in sources],
        "chosen": list(zip(ACCOUNTS, chosen, strict=True)),
        "range": beside.RANGE.days,
        "lines": beside.LINES.days,
    }
    if picked:
        context |= _sources(picked, now)
    elif any(asked):
        context |= _people([one for one in asked if one], viewer, now)
    return render(request, "scoring/people/compare.html", context)


def _people(asked: Sequence[str], viewer: User | None, now: datetime) -> dict[str, Any]:
    """Return a table of people. Who does not show their score and who is not here read alike."""
    found = [handles.find(one.removeprefix("@"), viewer=viewer, now=now) for one in asked]
    courses = beside.of_people(
        [one.profile.user_id for one in found if one.profile and one.visible.score], now=now
    )
    columns, shown = [], []
    for text, one in zip(asked, found, strict=True):
        if one.profile is None or not one.visible.score:
            columns.append(Column(f"@{text.removeprefix('@')}", refused=True))
            shown.append(_measures(None, whole=False))
            continue
        columns.append(Column(named(one.profile.user, one.name), one.name))
        shown.append(_measures(courses.get(one.profile.user_id), whole=one.visible.history))
    names = [
        _("Score"),
        *(_("%(part)s, points") % {"part": words.part_name(part)} for part in words.PARTS),
        _("Change of the score"),
        _("From"),
        _("To"),
    ]
    return {"people": True, "columns": columns, "rows": _rows(names, shown)}


def _measures(course: Course | None, *, whole: bool) -> list[str]:
    """Return what stands in a column. whole: they show how it went, and so their parts too."""
    if course is None:
        return [""] * (4 + len(words.PARTS))
    new, old = course.newest, course.oldest
    score = words.decimal(new.score or 0.0)
    if not whole:
        return [score, *[""] * len(words.PARTS), "", "", words.day_year(new.day)]
    points = weighted((new.reach_score, new.amplification_score, new.network_score))
    moved = round(round(new.score or 0.0, 1) - round(old.score or 0.0, 1), 1)
    return [
        score,
        *(words.decimal(figure) for figure in in_tenths(points, new.score)),
        words.signed(moved),
        words.day_year(old.day),
        words.day_year(new.day),
    ]


def _sources(picked: Mapping[str, Source | None], now: datetime) -> dict[str, Any]:
    """Return a table of accounts. Those of others and those that are not there read alike."""
    brought = beside.of_sources([one.pk for one in picked.values() if one], now=now)
    columns = [
        Column(words.source_name(one.network, one.title)) if one else Column(text, refused=True)
        for text, one in picked.items()
    ]
    names = [
        _("Change of the score"),
        *(words.part_name(part) for part in words.PARTS),
        _("Reactions counted"),
    ]
    unknown = [_("not shown")] * len(names)
    shown = [_sums(brought.get(one.pk)) if one else unknown for one in picked.values()]
    return {"columns": columns, "rows": _rows(names, shown)}


def _sums(one: Brought | None) -> list[str]:
    if one is None:
        return [""] * (2 + len(words.PARTS))
    points = (one.points, one.reach, one.amplification, one.network)
    return [*(words.signed(each, 2) for each in points), words.whole(one.reactions)]


def _rows(names: Sequence[str], shown: Sequence[Sequence[str]]) -> list[Row]:
    return [Row(name, values) for name, values in zip(names, zip(*shown, strict=True), strict=True)]
