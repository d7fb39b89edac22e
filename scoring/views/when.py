"""The page of when to post: hours and weekdays at which one is answered most, if that is sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.views import person
from accounts.zones import zone_of
from scoring import words
from scoring.engine.timing import BANDS, DAYS, ENOUGH_DAYS, ENOUGH_POSTS, Share, Word, timing
from scoring.people import posting

_HOURS = 24 // BANDS


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the grid. heat: 0 (none, or too few posts) to 4; said: the same in words."""

    heat: int
    figure: str
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """A band of hours with a cell for each weekday."""

    name: str
    cells: tuple[Cell, ...]


@require_GET
def when(request: HttpRequest) -> HttpResponse:
    """Show when the person's own posts were answered most, or what is missing to say so."""
    user = person(request)
    heard = posting.of_person(user.pk, zone=zone_of(user.time_zone), now=timezone.now())
    context: dict[str, Any] = {
        "zone": user.time_zone,
        "window": posting.WINDOW.days,
        "missing": _missing(heard),
        "enough_posts": ENOUGH_POSTS,
        "enough_days": ENOUGH_DAYS,
    }
    if not context["missing"]:
        found = timing(heard.posts)
        times = [
            *((_band(at), one) for at, one in enumerate(found.bands)),
            *((str(WEEKDAYS[at]), one) for at, one in enumerate(found.days)),
        ]
        context |= {
            "posts": words.whole(found.posts),
            "usual": _percent(found.usual),
            "more": _sure(times, Word.MORE),
            "less": _sure(times, Word.LESS),
            "days": [str(WEEKDAYS_ABBR[day]) for day in range(DAYS)],
            "grid": [
                Line(_band(at), tuple(_cell(one, at, day) for day, one in enumerate(row)))
                for at, row in enumerate(found.grid)
            ],
            "told": [(name, _said(one)) for name, one in times],
        }
    return render(request, "scoring/people/when.html", context)


def _missing(heard: posting.Heard) -> list[str]:
    said = []
    if number := heard.posts_missing:
        form = ngettext(
            "%(n)s more post of your own, two days old or older.",
            "%(n)s more posts of your own, two days old or older.",
            number,
        )
        said.append(form % {"n": words.whole(number)})
    if number := heard.days_missing:
        form = ngettext("Posts on %(n)s more day.", "Posts on %(n)s more days.", number)
        said.append(form % {"n": words.whole(number)})
    return said


def _band(at: int) -> str:
    """Return three hours as a clock shows them: "06–09"."""
    return f"{at * _HOURS:02}–{(at + 1) * _HOURS:02}"


def _sure(times: Sequence[tuple[str, Share]], word: Word) -> list[tuple[str, str]]:
    return [(name, _said(one)) for name, one in times if one.word is word]


def _cell(one: Share, band: int, day: int) -> Cell:
    time = _("%(day)s, %(hours)s") % {"day": WEEKDAYS[day], "hours": _band(band)}
    heat = 0 if one.word is Word.FEW else min(4, 1 + int(4 * one.part))
    figure = f"{one.above}/{one.posts}" if one.posts else ""
    return Cell(heat, figure, _("%(name)s: %(what)s") % {"name": time, "what": _counts(one)})


def _counts(one: Share) -> str:
    if not one.posts:
        return _("no post")
    form = ngettext(
        "%(above)s of %(n)s post answered more than usual",
        "%(above)s of %(n)s posts answered more than usual",
        one.posts,
    )
    return form % {"above": words.whole(one.above), "n": words.whole(one.posts)}


def _said(one: Share) -> str:
    """Return the counts of a time with the range in which its share is likely to lie."""
    if one.word is Word.FEW:
        return _("%(counts)s: too few to say") % {"counts": _counts(one)}
    return _("%(counts)s; likely between %(low)s and %(high)s %%") % {
        "counts": _counts(one),
        "low": _percent(one.low),
        "high": _percent(one.high),
    }


def _percent(part: float) -> str:
    return words.whole(round(100 * part))
