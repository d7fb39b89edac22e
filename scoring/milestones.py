"""Days on which a score reached something or a badge was earned: read from stored rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min, Q

from scoring import badges
from scoring.models import ScoreSnapshot

STEPS = range(10, 101, 10)  # points of a score


@dataclass(frozen=True, slots=True)
class Milestone:
    """The day on which a score first stood at `points` or more; None: the first score at all.

    badge: with its level ("likes:100"), where it was a badge instead.
    """

    day: date
    points: int | None
    badge: str = ""

    @property
    def code(self) -> str:
        """What it is, the same for good: "first", "score-50", "badge-likes:100"."""
        if self.badge:
            return f"badge-{self.badge}"
        return "first" if self.points is None else f"score-{self.points}"


def of_person(user_id: int) -> list[Milestone]:
    """Return the milestones of a person, the newest first. One query.

    Steps that the first score stood above already are none, and of several on one day the highest
    is told. Days worked out backwards do not count: nobody saw them happen.
    """
    rows = ScoreSnapshot.objects.filter(user_id=user_id, score__isnull=False, reconstructed=False)
    reached: dict[str, Any] = {
        f"at_{step}": Min("day", filter=Q(score__gte=step)) for step in STEPS
    }
    days: dict[str, date | None] = rows.aggregate(first=Min("day"), **reached)
    first = days["first"]
    if first is None:
        return []
    by_day = {
        day: step for step in STEPS if (day := days[f"at_{step}"]) is not None and day > first
    }
    steps = [Milestone(day, step) for day, step in sorted(by_day.items(), reverse=True)]
    return [*steps, Milestone(first, None)]


def of_badges(user_id: int) -> list[Milestone]:
    """Return the badges that others may know of, the newest first. One query.

    Not those of old posts: nobody saw them happen.
    """
    held = badges.shown(user_id)
    awards = [one for each in held for one in (each.award, *each.lower) if not one.old]
    awards.sort(key=lambda one: (one.earned_on, one.badge, one.level), reverse=True)
    return [Milestone(one.earned_on, None, f"{one.badge}:{one.level}") for one in awards]
