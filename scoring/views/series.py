"""The history of a score as pages need it: days in order, without a model object for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.prepared import DAY, NUMBER, TEXT, Prepared
from scoring import charts, words
from scoring.explain import Line, explain
from scoring.models import ScoreSnapshot
from scoring.views.cards import in_tenths, weighted


class Day(NamedTuple):
    """One stored day. `score` is None when there was not enough to count."""

    day: date
    score: float | None
    reach_score: float
    amplification_score: float
    network_score: float
    reconstructed: bool

    @property
    def parts(self) -> list[float]:
        """What each part gives to the score, in points."""
        return weighted((self.reach_score, self.amplification_score, self.network_score))


@dataclass(frozen=True, slots=True)
class Change:
    """From one counted day to another, as shown: in tenths, or in hundredths where tenths hide."""

    start: Day
    end: Day
    places: int = 1

    @property
    def points(self) -> float:
        """The difference of the two shown scores."""
        return difference(self.start.score or 0.0, self.end.score or 0.0, self.places)

    @property
    def figure(self) -> str:
        """The change with its sign."""
        return words.signed(self.points, self.places)

    @property
    def direction(self) -> str:
        """Which way it went: "up", "down" or ""."""
        return words.direction(self.points, self.places)

    @property
    def since(self) -> str:
        """Since when: "since Saturday 14 November"."""
        return _("since %(day)s") % {"day": words.weekday(self.start.day)}


def difference(start: float, end: float, places: int = 1) -> float:
    """Return end - start of two scores as they are shown with `places` decimals."""
    return round(round(end, places) - round(start, places), places)


def read(*, user_id: int, model: str, start: date, end: date) -> list[Day]:
    """Return the stored days of a person from `start` to `end`, both in it, oldest first."""
    return [Day._make(row) for row in _DAYS(user_id, model, start, end)]


def _days(user_id: Any, model: Any, start: Any, end: Any) -> QuerySet[Any, Any]:
    rows = ScoreSnapshot.objects.filter(user_id=user_id, model=model, day__range=(start, end))
    return rows.order_by("day").values_list(*Day._fields)


_DAYS = Prepared(_days, NUMBER, TEXT, DAY, DAY)


def thin(days: Sequence[Day], *, most: int) -> tuple[list[Day], int]:
    """Return at most `most` days, evenly apart and with the newest that counts, and how far apart.

    A page of years would otherwise be as heavy as a picture; files and tables name every day.
    """
    known = counted(days)
    if not known:
        return [], 1
    newest = known[-1].day
    apart = -(-((days[-1].day - days[0].day).days + 1) // most)
    return [day for day in days if (newest - day.day).days % apart == 0], apart


def counted(days: Sequence[Day]) -> list[Day]:
    """Return the days that have a score."""
    return [day for day in days if day.score is not None]


def change(days: Sequence[Day], *, over: timedelta) -> Change | None:
    """Return the change from the last counted day at least `over` before the newest to the newest.

    Takes the first counted day when none is that old, and returns None when there is only one.
    """
    known = counted(days)
    if len(known) < 2:
        return None
    end = known[-1]
    older = [day for day in known if end.day - day.day >= over]
    return Change(start=older[-1] if older else known[0], end=end)


def explained(*, user_id: int, model: str, start: Day, end: Day) -> tuple[Change, list[Line]]:
    """Return the change between two days with its reasons, all of them in the same decimals.

    Every page takes both from here, so that none says −1.0 of what another calls −0.94.
    """
    tenths, hundredths = (Change(start, end, places) for places in (1, 2))
    lines = explain(
        user_id=user_id,
        model=model,
        after=start.day,
        until=end.day,
        changes=(tenths.points, hundredths.points),
    )
    return (hundredths if lines and lines[0].places == 2 else tenths), lines


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table below a chart."""

    day: str
    score: str
    change: str
    direction: str
    reconstructed: bool


def table(days: Sequence[Day], *, every: int) -> list[Row]:
    """Return every `every`-th counted day, newest first, with the change since the row below."""
    known = counted(days)[::-1][::every]
    return [
        Row(
            day=f"{words.day_short(day.day)} {day.day.year}",
            score=words.decimal(day.score or 0.0),
            change=words.signed(moved) if older else "",
            direction=words.direction(moved),
            reconstructed=day.reconstructed,
        )
        for day, older in zip_longest(known, known[1:])
        for moved in [difference(older.score or 0.0, day.score or 0.0) if older else 0.0]
    ]


def chart(days: Sequence[Day], *, start: date, end: date, apart: int = 1) -> charts.Chart | None:
    """Draw the score of days that are `apart` from each other; None when no day has one."""
    if not counted(days):
        return None
    dates, values = [day.day for day in days], [day.score for day in days]
    return charts.line_chart(
        days=dates,
        series=[charts.Series(_("Score"), values)],
        reconstructed=[day.reconstructed for day in days],
        say=_say(days, [words.decimal(day.score or 0.0) for day in days]),
        start=start,
        end=end,
        apart=apart,
        summary=charts.summarise(dates, values),
    )


def parts_chart(
    days: Sequence[Day], *, start: date, end: date, apart: int = 1
) -> charts.Chart | None:
    """Draw what each part gives to the score, in points; None when no day has a score."""
    if not counted(days):
        return None
    points = [day.parts if day.score is not None else None for day in days]
    series = [
        charts.Series(name, [day[tone - 1] if day else None for day in points], tone, mark)
        for tone, mark, name in _lines()
    ]
    return charts.line_chart(
        days=[day.day for day in days],
        series=series,
        reconstructed=[day.reconstructed for day in days],
        say=_say(days, [_parts_in_words(day) for day in days]),
        start=start,
        end=end,
        apart=apart,
        summary=charts.summarise([day.day for day in days], [day.score for day in days]),
    )


@dataclass(frozen=True, slots=True)
class Legend:
    """One entry of the legend of parts."""

    mark: str
    name: str
    points: str
    tone: int


def legend(day: Day) -> list[Legend]:
    """Return the letters, names and colours of the lines of `parts_chart`, with values of a day."""
    return [
        Legend(mark=mark, name=name, points=words.decimal(points), tone=tone)
        for (tone, mark, name), points in zip(_lines(), _told_parts(day), strict=True)
    ]


def _lines() -> list[tuple[int, str, str]]:
    return charts.told_apart(str(name) for name, _meaning in words.PARTS.values())


def _told_parts(day: Day) -> list[float]:
    return in_tenths(day.parts, day.score)


def _parts_in_words(day: Day) -> str:
    names = [name for name, _meaning in words.PARTS.values()]
    told = zip(names, _told_parts(day), strict=True)
    return ", ".join(f"{name} {words.decimal(points)}" for name, points in told)


def _say(days: Sequence[Day], values: Iterable[str]) -> list[str]:
    """Return what the chart tells about each day."""
    said, afterwards = _("%(day)s: %(value)s"), _("%(day)s, worked out afterwards: %(value)s")
    return [
        (afterwards if day.reconstructed else said)
        % {"day": words.day_month(day.day), "value": value}
        for day, value in zip(days, values, strict=True)
    ]
