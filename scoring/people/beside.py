"""People or one's own sources side by side, from stored scores and lines of the same days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from scoring.engine import ALGORITHM
from scoring.models import LedgerLine, ScoreSnapshot

RANGE = timedelta(days=30)  # how far back people are compared
LINES = timedelta(days=90)  # of whose lines the sum of a source is


@dataclass(frozen=True, slots=True)
class Course:
    """The newest score of somebody and the oldest one within RANGE before it; the same if alone."""

    newest: ScoreSnapshot
    oldest: ScoreSnapshot


@dataclass(frozen=True, slots=True)
class Brought:
    """What all lines about a source come to, whole and by part; and of them its reactions."""

    points: float
    reach: float
    amplification: float
    network: float
    reactions: int


def of_people(user_ids: Collection[int], *, now: datetime) -> dict[int, Course]:
    """Return the course of each who has a score in the range. One query."""
    rows = ScoreSnapshot.objects.filter(
        user__in=user_ids, model=ALGORITHM, day__gte=(now - RANGE).date(), score__isnull=False
    ).only("user_id", "day", "score", "reach_score", "amplification_score", "network_score")
    found: dict[int, Course] = {}
    for row in rows.order_by("day"):
        had = found.get(row.user_id)
        found[row.user_id] = Course(row, had.oldest if had else row)
    return found


def of_sources(source_ids: Collection[int], *, now: datetime) -> dict[int, Brought]:
    """Return what the ledger says of each source in the last 90 days. Two queries."""
    lines = LedgerLine.objects.filter(
        source__in=source_ids, model=ALGORITHM, day__gt=(now - LINES).date()
    )
    sums = lines.values_list("source").annotate(
        Sum("points"),
        Sum("points_reach"),
        Sum("points_amplification"),
        Sum("points_network"),
    )
    reacted = lines.filter(reason=LedgerLine.Reason.REACTIONS)
    counts = dict(reacted.values_list("source").annotate(Sum("count")))
    return {
        source: Brought(points, reach, amplification, network, counts.get(source, 0))
        for source, points, reach, amplification, network in sums
    }
