"""The published numbers of people and how they changed, from stored rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from scoring.klout.people import Person
from scoring.models import ScoreSnapshot

WEEK, MONTH = 7, 30  # days
SLACK = 15  # days that may be missing before the day to compare with


@dataclass(frozen=True, slots=True)
class Published:
    """The newest number of a person, of 100, with its parts. earlier: the scores before, by day.

    reach: people who act. earlier is None where the person does not show how it went.
    """

    score: float
    amplification: float
    network: float
    reach: int
    day: date
    earlier: Mapping[date, float] | None

    @property
    def bucket(self) -> str:
        """The tens it stands in: "1-9", "10-19" ... "90-100"."""
        tens = min(int(self.score // 10), 9) * 10
        return f"{max(tens, 1)}-{100 if tens == 90 else tens + 9}"

    def change(self, days: int) -> float | None:
        """Return the difference to the number of `days` ago; None where that is not shown.

        Where that day has none, the last before it counts, else the oldest after it.
        """
        if self.earlier is None:
            return None
        until = self.day - timedelta(days=days)
        before = [day for day in self.earlier if day <= until]
        start = max(before) if before else min(self.earlier, default=None)
        return 0.0 if start is None else self.score - self.earlier[start]


class _Row(NamedTuple):
    user_id: int
    day: date
    as_of: datetime
    model: str
    score: float | None
    amplification_score: float
    network_score: float
    reach: float


def published(people: Collection[Person]) -> dict[int, Published]:
    """Return the numbers of those who show their score and have one, by user. One query at most.

    The newest day decides: where it had too little to count there is no number. Days under another
    way of counting are not compared with.
    """
    newest = {one.user_id: one.newest for one in people if one.visible.score and one.newest}
    if not newest:
        return {}
    since = min(newest.values()) - timedelta(days=MONTH + SLACK)
    rows = ScoreSnapshot.objects.filter(user__in=newest, day__gte=since).order_by("day", "as_of")
    by_user: dict[int, list[_Row]] = {}
    for values in rows.values_list(*_Row._fields):
        by_user.setdefault(values[0], []).append(_Row._make(values))
    shows = {one.user_id: one.visible.history for one in people}
    told = ((user_id, _told(found, history=shows[user_id])) for user_id, found in by_user.items())
    return {user_id: one for user_id, one in told if one is not None}


def _told(rows: list[_Row], *, history: bool) -> Published | None:
    last = rows[-1]
    if last.score is None:
        return None
    earlier = {
        row.day: row.score
        for row in rows[:-1]
        if row.model == last.model and row.day < last.day and row.score is not None
    }
    return Published(
        score=last.score,
        amplification=last.amplification_score,
        network=last.network_score,
        reach=round(last.reach),
        day=last.day,
        earlier=earlier if history else None,
    )
