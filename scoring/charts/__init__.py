"""Charts drawn on the server: an SVG line, and the same chart as a Plotly figure to explore."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scoring import words
from scoring.charts import figure, svg
from scoring.charts.plot import FEW_DAYS, Series, plot_of
from scoring.charts.svg import donut

__all__ = ["FEW_DAYS", "Chart", "Series", "donut", "line_chart", "summarise", "told_apart"]


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawn chart: `svg` to show, `figure` to explore, `summary` as its accessible name."""

    svg: SafeString
    figure: dict[str, Any]
    summary: str


def line_chart(
    *,
    days: Sequence[date],
    series: Sequence[Series],
    reconstructed: Sequence[bool],
    say: Sequence[str],
    start: date,
    end: date,
    summary: str,
    apart: int = 1,
    highest: float | None = 100.0,
) -> Chart:
    """Draw `series` from `start` to `end`; days that are missing or have no value are gaps.

    `days` ascend and neighbours are `apart` days from each other; at least one has a value.
    `reconstructed` marks days that are drawn dashed, `say` is what is told about each day.
    `highest` is the most that a value can be, None where there is no such thing.
    """
    plot = plot_of(
        days=days,
        series=series,
        reconstructed=reconstructed,
        start=start,
        end=end,
        apart=timedelta(days=apart),
        highest=highest,
    )
    return Chart(svg=svg.line(plot), figure=figure.line(plot, say), summary=summary)


def summarise(days: Sequence[date], values: Sequence[float | None]) -> str:
    """Return the course of the score in one sentence. At least one value is not None."""
    known = [(day, value) for day, value in zip(days, values, strict=True) if value is not None]
    low = min(known, key=lambda point: point[1])
    high = max(known, key=lambda point: point[1])
    return _(
        "Score from %(start)s to %(end)s: first %(first)s, last %(last)s, "
        "lowest %(low)s on %(low_day)s, highest %(high)s on %(high_day)s."
    ) % {
        "start": words.day_year(known[0][0]),
        "end": words.day_year(known[-1][0]),
        "first": words.decimal(known[0][1]),
        "last": words.decimal(known[-1][1]),
        "low": words.decimal(low[1]),
        "low_day": words.day_month(low[0]),
        "high": words.decimal(high[1]),
        "high_day": words.day_month(high[0]),
    }


def told_apart(names: Iterable[str]) -> list[tuple[int, str, str]]:
    """Return the tone, letter and name of each line.

    The letter is the first of the name that no line before it has.
    """
    taken: list[str] = []
    lines = []
    for tone, name in enumerate(names, start=1):
        letters = [letter.upper() for letter in name if letter.isalpha()]
        taken.append(next((letter for letter in letters if letter not in taken), letters[0]))
        lines.append((tone, taken[-1], name))
    return lines
