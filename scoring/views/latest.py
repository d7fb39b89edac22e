"""The newest score of a person and the days before it, in one query, for pages of others."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Least

from accounts.prepared import DAY, NUMBER, Prepared
from scoring.models import ScoreSnapshot
from scoring.views.series import Day


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest day of a person, under whatever model, when it was counted, and days before it."""

    day: Day
    as_of: datetime
    days: list[Day]


def latest_of(user_id: int, *, since: date) -> Latest | None:
    """Return the newest day of a person and all days from `since` on, oldest first. One query."""
    rows = _LATEST(user_id, since)
    if not rows:
        return None
    days = [Day._make(values) for *values, _as_of in rows]
    return Latest(days[-1], rows[-1][-1], [one for one in days if one.day >= since])


def _newest(user_id: Any, since: Any) -> QuerySet[Any, Any]:
    mine = ScoreSnapshot.objects.filter(user_id=user_id)
    newest = mine.order_by("-day", "-as_of")
    first = Least(since, Subquery(newest.values("day")[:1]))
    rows = mine.filter(model=Subquery(newest.values("model")[:1]), day__gte=first)
    return rows.order_by("day").values_list(*Day._fields, "as_of")


_LATEST = Prepared(_newest, NUMBER, DAY)
