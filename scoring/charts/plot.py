"""Where days and values lie on a chart: scales, ticks, gaps and the ends of lines."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from accounts.figures import month_year
from scoring import words

FEW_DAYS = 7  # fewer make no line: dots alone
_APART = 0.07  # of the height: marks at the ends of lines keep at least this distance


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value for each day of the chart, None where there is none.

    `tone` is the number of its colour, 1 to 5; `mark` is a letter that stands at its end and in the
    legend, so that no line is known by its colour alone.
    """

    name: str
    values: Sequence[float | None]
    tone: int = 1
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row without a gap, and whether they were worked out afterwards."""

    at: Sequence[int]  # positions in the list of days
    dashed: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Where days and values lie in the box."""

    start: date
    end: date
    low: float
    high: float

    def x(self, day: date) -> float:
        """Share of the width, 0 to 1."""
        return (day - self.start).days / max(1, (self.end - self.start).days)

    def y(self, value: float) -> float:
        """Share of the height from the top, 0 to 1."""
        return (self.high - value) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that both ways of drawing need. `dots`: too few days for a line."""

    frame: Frame
    days: Sequence[date]
    series: Sequence[Series]
    runs: Sequence[Sequence[Run]]  # of each series
    ticks: Sequence[float]
    dates: Sequence[tuple[date, str]]
    dots: bool

    def known(self, one: Series) -> list[int]:
        """Positions of the days on which a series has a value."""
        return [at for at, value in enumerate(one.values) if value is not None]

    def marks(self) -> list[tuple[str, date, float]]:
        """Letter, day and height (share from the top) of the marks at the ends of the lines."""
        ends = [
            (self.frame.y(one.values[self.known(one)[-1]] or 0.0), one.mark, self.known(one)[-1])
            for one in self.series
            if one.mark and self.known(one)
        ]
        placed: list[tuple[str, date, float]] = []
        for height, mark, at in sorted(ends):
            lowest = placed[-1][2] + _APART if placed else 0.0
            placed.append((mark, self.days[at], max(height, lowest)))
        # Where several lines end at the bottom, the marks above make room.
        highest = 1.0
        for at in range(len(placed) - 1, -1, -1):
            mark, day, height = placed[at]
            placed[at] = (mark, day, min(height, highest))
            highest = placed[at][2] - _APART
        return placed


def plot_of(
    *,
    days: Sequence[date],
    series: Sequence[Series],
    reconstructed: Sequence[bool],
    start: date,
    end: date,
    apart: timedelta,
    highest: float | None = 100.0,
) -> Plot:
    """Return where everything lies; at least one value is not None."""
    known = [value for one in series for value in one.values if value is not None]
    step, low, high = _scale(min(known), max(known), highest)
    return Plot(
        frame=Frame(start, end, low, high),
        days=days,
        series=series,
        runs=[list(_runs(_stretches(days, one.values, apart), reconstructed)) for one in series],
        ticks=[low + step * i for i in range(round((high - low) / step) + 1)],
        dates=_date_ticks(start, end),
        dots=sum(value is not None for value in series[0].values) < FEW_DAYS,
    )


def _scale(lowest: float, highest: float, most: float | None) -> tuple[float, float, float]:
    """Return (step, low, high) with round ticks around the values, inside 0 to `most`."""
    room = max(highest - lowest, 4.0)
    step = next(step for step in _steps() if room / step <= 4)
    low = max(0.0, step * ((lowest - room * 0.08) // step))
    high = min(most or math.inf, -step * (-(highest + room * 0.08) // step))
    return step, low, max(high, low + step)


def _steps() -> Iterator[float]:
    """Yield round distances of ticks, the smallest first."""
    yield from (1.0, 2.0, 5.0)
    tens = 10.0
    while True:
        yield from (tens, 2 * tens, 2.5 * tens, 5 * tens)
        tens *= 10


def _date_ticks(start: date, end: date) -> list[tuple[date, str]]:
    """Return at most six days with their texts: firsts of months, or plain days when few."""
    months = [
        date(start.year + month // 12, month % 12 + 1, 1)
        for month in range(start.month - 1, start.month + 12 * (end.year - start.year) + end.month)
    ]
    inside = [day for day in months if start <= day <= end]
    if len(inside) < 2:
        middle = start + (end - start) // 2
        return [(day, words.day_short(day)) for day in dict.fromkeys((start, middle, end))]
    every = -(-len(inside) // 6)
    said = words.day_short if len(inside) <= 4 else month_year
    return [(day, said(day)) for day in inside[::every]]


def _stretches(
    days: Sequence[date], values: Sequence[float | None], apart: timedelta
) -> Iterator[list[int]]:
    """Yield positions of days in a row that have a value."""
    stretch: list[int] = []
    for position, value in enumerate(values):
        follows = bool(stretch) and days[position] - days[stretch[-1]] <= apart
        if stretch and (value is None or not follows):
            yield stretch
            stretch = []
        if value is not None:
            stretch.append(position)
    if stretch:
        yield stretch


def _runs(stretches: Iterable[list[int]], reconstructed: Sequence[bool]) -> Iterator[Run]:
    """Cut stretches where days that were worked out afterwards end or begin."""

    def dashed(edge: tuple[int, int]) -> bool:
        return reconstructed[edge[0]] or reconstructed[edge[1]]

    for stretch in stretches:
        if len(stretch) == 1:
            yield Run(stretch, dashed=False)
        for is_dashed, edges in groupby(pairwise(stretch), key=dashed):
            (first, second), *more = edges
            yield Run([first, second, *(end for _start, end in more)], is_dashed)
