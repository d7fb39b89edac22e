"""Home: how am I doing, and what next?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.figures import moment
from accounts.models import Source, User
from accounts.views import person
from scoring import plusk, words
from scoring.explain import Line
from scoring.models import ScoreSnapshot
from scoring.views import apart, cards, links, my_topics, series
from scoring.views.home_cards import CARDS, plusk_card
from scoring.views.one_thing import Known, one_thing

SHOWN_DAYS = 90
_FIRST_SEEN = "first_score_seen"


@dataclass(frozen=True, slots=True)
class Moved:
    """The change that the page leads with, and its largest reasons in both directions.

    rest, rest_direction: what all other lines bring together, so that the page adds up; "" for
    nothing that shows.
    """

    change: series.Change
    reasons: list[Line]
    rest: str
    rest_direction: str


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the score, what moved it, what it is made of, and what needs the person."""
    now = timezone.now()
    sources = list(Source.objects.filter(user=person(request)).order_by("pk"))
    latest = ScoreSnapshot.objects.filter(user=person(request)).order_by("-day", "-as_of").first()
    context: dict[str, Any] = {
        "greeting": _greeting(person(request).called, timezone.localtime(now)),
        "linked": any(source.selected for source in sources),
        "news": links.news(sources, now),
        "apart": apart.cards(sources, now),
        "latest": latest,
        "topics": my_topics.home_card(person(request).pk),
    }
    context |= _beside(person(request), context, now)
    if latest is not None:
        context |= _standing(latest, sources, now) | _course(latest, now) | cards.made_of(latest)
        scored = latest.score is not None
        context["first"] = scored and context["first"] and _is_news(request)
    return render(request, "scoring/home.html", context)


def _beside(user: User, known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the cards of +K and of other apps, and the one thing to do.

    What that says is not told twice. Before the first score there is one card alone, unless there
    is something else to tell of.
    """
    given, about_topics = plusk.glance(user, now=now), known["topics"]
    scored, told = known["latest"] is not None, bool(about_topics.get("rows"))
    beside = [plusk_card(given, now), *(card(user, now) for card in CARDS.values())]
    about = Known(
        links=known["news"],
        waiting=given.waiting,
        offers=[card.offer for card in beside if card.offer is not None],
        topics=told or bool(about_topics.get("near")),
        reachable=given.reachable,
    )
    todo = one_thing(about) if scored else None
    begun = scored or told or given.newest is not None or given.unseen
    return {
        "todo": todo,
        "news": [one for one in known["news"] if todo is None or one.url != todo.url],
        "cards": beside if begun else [],
    }


def _is_news(request: HttpRequest) -> bool:
    """Tell whether the first score is shown for the first time here; from then on it is not."""
    if request.session.get(_FIRST_SEEN):
        return False
    request.session[_FIRST_SEEN] = True
    return True


def _greeting(name: str, local: datetime) -> str:
    if local.hour < 5:
        return _("Hello, %(name)s") % {"name": name}
    if local.hour >= 18:
        return _("Good evening, %(name)s") % {"name": name}
    if local.hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    return _("Good afternoon, %(name)s") % {"name": name}


def _standing(latest: ScoreSnapshot, sources: list[Source], now: datetime) -> dict[str, Any]:
    """Return the number with everything that says how sure and how old it is."""
    stale = links.stale(sources, latest.as_of, now)
    as_of = moment(latest.as_of, now)
    return {"card": cards.card(latest), "stale": stale, "as_of": as_of}


def _course(latest: ScoreSnapshot, now: datetime) -> dict[str, Any]:
    """Return the last 90 days, what changed in the last week, and why."""
    end = now.date()
    start = end - timedelta(days=SHOWN_DAYS - 1)
    days = series.read(user_id=latest.user_id, model=latest.model, start=start, end=end)
    week = series.change(days, over=timedelta(days=7)) if latest.score is not None else None
    moved = _moved(latest, week) if week else None
    day = series.change(days, over=timedelta(days=1)) if moved else None
    return {
        "chart": series.chart(days, start=start, end=end),
        "rows": series.table(days, every=7),
        "first": all(one.reconstructed for one in series.counted(days)[:-1]),
        "moved": moved,
        "day_change": replace(day, places=moved.change.places)
        if moved and day and day.start.day != moved.change.start.day
        else None,
    }


def _moved(latest: ScoreSnapshot, change: series.Change) -> Moved:
    change, lines = series.explained(
        user_id=latest.user_id, model=latest.model, start=change.start, end=change.end
    )
    ups = [line for line in lines if line.direction == "up"]
    downs = [line for line in lines if line.direction == "down"]
    first, second = (downs, ups) if change.direction == "down" else (ups, downs)
    reasons = [*first[:1], *second[:1]]
    places = change.places
    rest = round(change.points - math.fsum(line.shown for line in reasons), places)
    figure = words.signed(rest, places) if rest else ""
    return Moved(change, reasons, figure, words.direction(rest, places))
