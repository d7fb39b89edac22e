"""The score of the person of a token: today, over time, why it changed, milestones."""

from datetime import date, timedelta
from typing import Any

from ninja import Query, Router

from accounts import asked
from scoring import milestones
from scoring.api import paging, schemas
from scoring.api.callers import ApiRequest, Caller, asks
from scoring.api.problems import Problem
from scoring.explain import Line
from scoring.models import ScoreSnapshot
from scoring.views import series
from scoring.views.why import counted_days, score_on

router = Router(tags=["Your score"])
WEEK = timedelta(days=7)
# Columns of what /me/score tells: each that is left out is time saved.
_TOLD = (
    "day",
    "model",
    "as_of",
    "score",
    "low",
    "high",
    "reach_score",
    "amplification_score",
    "network_score",
    "posts",
    "people",
    "sources_read",
    "sources",
    "percentile",
    "population",
    "reconstructed",
)


@router.get("/me/score", response=schemas.Score, summary="Your score today", **asks("score:read"))
def score(request: ApiRequest) -> schemas.Score:
    """The newest score with its parts, its range and how complete it is."""
    caller = request.auth
    _note(caller)
    newest = ScoreSnapshot.objects.filter(user=caller.person).only(*_TOLD)
    row = newest.order_by("-day", "-as_of").first()
    if row is None:
        raise Problem("no-score")
    return schemas.Score(
        **_day(row),
        as_of=row.as_of,
        posts=row.posts,
        people=row.people,
        sources_read=row.sources_read,
        sources=row.sources,
        percentile=row.percentile,
        population=row.population,
    )


@router.get(
    "/me/history", response=schemas.History, summary="Your score over time", **asks("score:read")
)
def history(request: ApiRequest, asked_for: Query[paging.ByDay]) -> schemas.History:
    """Days of the way of counting that holds now, the newest first."""
    caller = request.auth
    _note(caller)
    mine = ScoreSnapshot.objects.filter(user=caller.person).defer("made_of")
    newest = ScoreSnapshot.objects.filter(user=caller.person).order_by("-day", "-as_of")
    rows = mine.filter(model=newest.values("model")[:1]).order_by("-day")
    if asked_for.cursor is not None:
        rows = rows.filter(day__lt=asked_for.cursor)
    limit = asked_for.limit
    found = list(rows[: limit + 1])
    days = [schemas.Day(**_day(row)) for row in found[:limit]]
    return schemas.History(
        days=days,
        next_cursor=str(days[-1].day) if len(found) > limit else None,
        note=paging.note(days, asked_for.cursor),
    )


@router.get("/me/why", response=schemas.Why, summary="Why it changed", **asks("score:read"))
def why(request: ApiRequest, asked_for: Query[paging.Between]) -> schemas.Why:
    """The ledger between two days, in any order; without any, of the last week.

    The lines add up to the change.
    """
    user = request.auth.person
    _note(request.auth)
    counted = counted_days(user.pk)
    if counted is None:
        raise Problem("no-score")
    end = asked_for.to_day or counted.last
    first, last = sorted((asked_for.from_day or end - min(WEEK, end - date.min), end))
    within = [min(max(day, counted.first), counted.last) for day in (first, last)]
    start, end_row = (score_on(user.pk, counted, day) for day in within)
    change, lines = series.explained(user_id=user.pk, model=counted.model, start=start, end=end_row)
    return schemas.Why(
        from_day=start.day,
        to_day=end_row.day,
        before=round(start.score or 0.0, change.places),
        after=round(end_row.score or 0.0, change.places),
        change=change.points,
        lines=[_line(line) for line in lines],
    )


@router.get(
    "/me/milestones",
    response=schemas.Milestones,
    summary="Days on which your score reached something",
    **asks("score:read"),
)
def my_milestones(request: ApiRequest) -> schemas.Milestones:
    """The first score, and the first day at 10, 20 … 100 points."""
    _note(request.auth)
    return schemas.Milestones(milestones=milestones_of(request.auth.person.pk))


def milestones_of(user_id: int) -> list[schemas.Milestone]:
    """Return the milestones of somebody."""
    return [
        schemas.Milestone(code=one.code, day=one.day, points=one.points)
        for one in milestones.of_person(user_id)
    ]


def _note(caller: Caller) -> None:
    """Count that a program of theirs asked for the score."""
    asked.count(user_id=caller.person.pk, by_id=caller.person.pk, now=caller.now)


def _day(row: ScoreSnapshot) -> dict[str, Any]:
    return {
        "day": row.day,
        "score": row.score,
        "low": row.low,
        "high": row.high,
        "parts": schemas.Parts(
            true_reach=row.reach_score,
            amplification=row.amplification_score,
            network_impact=row.network_score,
        ),
        "reconstructed": row.reconstructed,
        "model": row.model,
    }


def _line(line: Line) -> schemas.WhyLine:
    return schemas.WhyLine(
        reason=line.reason,
        text=line.text,
        points=line.points,
        shown=line.shown,
        first_day=line.first,
        last_day=line.last,
        part=line.part,
        network=line.network,
        source=line.facts.source if line.facts else "",
        post=line.title,
        post_url=line.url,
        lines=line.lines,
    )
