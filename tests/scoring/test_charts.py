"""Charts: both drawings of one line say the same, stay inside the box, and are valid."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import charts
from tests.scoring.builders import TODAY

DAY = timedelta(days=1)
SCORES = st.none() | st.floats(1, 100)


def drawn(
    values: Sequence[float | None],
    *,
    reconstructed: int = 0,
    skip: Sequence[int] = (),
    series: Sequence[charts.Series] = (),
) -> charts.Chart:
    """Draw one value a day, the first `reconstructed` ones dashed, days in `skip` missing."""
    start = TODAY - DAY * (len(values) - 1)
    kept = [at for at in range(len(values)) if at not in skip]
    return charts.line_chart(
        days=[start + DAY * at for at in kept],
        series=series or [charts.Series("Score", [values[at] for at in kept])],
        reconstructed=[at < reconstructed for at in kept],
        say=[f"day {at}" for at in kept],
        start=start,
        end=TODAY,
        summary="A line.",
    )


def figure_of(chart: charts.Chart) -> go.Figure:
    """Return the figure as plotly's own library reads it, with a colour for each token."""

    def painted(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: painted(item) for key, item in value.items()}
        if isinstance(value, list):
            return [painted(item) for item in value]
        return "#123456" if isinstance(value, str) and value.startswith("--") else value

    return go.Figure(painted(chart.figure))


def lines_of(chart: charts.Chart, kind: str = "") -> list[str]:
    """Return the points of the lines in the drawing; `kind` is "dashed" or any."""
    return re.findall(rf'<polyline class="l s\d[^"]*{kind}" points="([^"]*)"', chart.svg)


def test_a_whole_line_is_one_polyline_with_a_point_a_day() -> None:
    chart = drawn([50.0] * 90)

    (line,) = lines_of(chart)

    assert len(line.split()) == 90


def test_a_day_that_is_missing_or_has_no_value_leaves_a_gap() -> None:
    chart = drawn([50.0] * 5 + [None] + [50.0] * 5 + [50.0] + [50.0] * 5, skip=[11])

    assert [len(line.split()) for line in lines_of(chart)] == [5, 5, 5]


def test_reconstructed_days_are_dashed_up_to_the_first_day_that_was_counted() -> None:
    chart = drawn([50.0] * 10, reconstructed=4)

    assert [len(line.split()) for line in lines_of(chart)] == [5, 6]
    assert len(lines_of(chart, "dashed")) == 1
    assert [trace["line"]["dash"] for trace in chart.figure["data"][1:]] == ["solid", "dot"]


def test_few_days_are_dots() -> None:
    chart = drawn([50.0, 51.0, 52.0])

    assert lines_of(chart) == []
    assert chart.svg.count("<circle") == 3
    assert [trace["mode"] for trace in chart.figure["data"]] == ["markers"]


def test_a_day_between_two_gaps_is_a_dot() -> None:
    chart = drawn([50.0] * 7 + [None, 60.0, None] + [50.0] * 7)

    assert len(lines_of(chart)) == 2
    assert chart.svg.count("<circle") == 2  # that day, and the last one


def test_every_day_has_its_sentence_to_be_spoken() -> None:
    chart = drawn([50.0, None, 52.0])

    told = chart.figure["data"][0]

    assert told["text"] == ["day 0", "day 2"]
    assert len(told["x"]) == len(told["y"]) == 2


def test_lines_of_parts_have_a_letter_each_and_letters_keep_apart() -> None:
    parts = [
        charts.Series(name, [value] * 10, tone=at + 1, mark=name[0])
        for at, (name, value) in enumerate([("Reach", 20.0), ("Amp", 20.1), ("Net", 20.2)])
    ]

    chart = drawn([0.0] * 10, series=parts)

    heights = [float(y) for y in re.findall(r'dx="7" y="([\d.]+)%"', chart.svg)]
    assert len(heights) == 3
    assert all(below - above > 5 for above, below in pairwise(heights))
    assert [note["text"] for note in chart.figure["layout"]["annotations"]] == ["N", "A", "R"]


def test_each_line_has_a_letter_of_its_own_where_names_begin_alike() -> None:
    lines = charts.told_apart(["Alcance real", "Amplificación", "Impacto de la red"])

    assert [letter for _tone, letter, _name in lines] == ["A", "M", "I"]


@pytest.mark.parametrize(
    ("start", "end", "texts"),
    [
        (date(2026, 11, 15), date(2026, 11, 21), ["15 Nov", "18 Nov", "21 Nov"]),
        (date(2026, 8, 24), date(2026, 11, 21), ["1 Sep", "1 Oct", "1 Nov"]),
        (
            date(2024, 11, 22),
            date(2026, 11, 21),
            ["Dec 2024", "Apr 2025", "Aug 2025", "Dec 2025", "Apr 2026", "Aug 2026"],
        ),
        (date(2026, 11, 21), date(2026, 11, 21), ["21 Nov"]),
    ],
)
def test_dates_below_the_chart_are_few_and_in_words(
    start: date, end: date, texts: list[str]
) -> None:
    chart = charts.line_chart(
        days=[end],
        series=[charts.Series("Score", [50.0])],
        reconstructed=[False],
        say=["day"],
        start=start,
        end=end,
        summary="",
    )

    assert chart.figure["layout"]["xaxis"]["ticktext"] == texts


@given(st.lists(SCORES, min_size=1, max_size=200).filter(lambda values: any(values)), st.data())
def test_every_drawing_is_inside_its_box_and_valid(
    values: list[float | None], data: st.DataObject
) -> None:
    chart = drawn(values, reconstructed=data.draw(st.integers(0, len(values))))

    ET.fromstring(chart.svg)
    assert "style" not in chart.svg
    for x, y in re.findall(r"([\d.-]+),([\d.-]+)", " ".join(lines_of(chart))):
        assert 0 <= float(x) <= 1000
        assert 0 <= float(y) <= 1000
    low, high = chart.figure["layout"]["yaxis"]["range"]
    assert all(low <= value <= high for value in values if value is not None)
    assert all(low <= tick <= high for tick in chart.figure["layout"]["yaxis"]["tickvals"])
    figure_of(chart)


def test_the_summary_says_first_last_lowest_and_highest() -> None:
    days = [TODAY - DAY * ago for ago in range(4, -1, -1)]

    said = charts.summarise(days, [46.0, None, 45.4, 51.6, 50.4])

    assert said == (
        "Score from 17 November 2026 to 21 November 2026: first 46.0, last 50.4, "
        "lowest 45.4 on 19 November, highest 51.6 on 20 November."
    )


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_a_ring_closes_whatever_its_shares(shares: list[float]) -> None:
    ring = charts.donut(shares)

    arcs = re.findall(r'stroke-dasharray="([\d.]+) 100" stroke-dashoffset="-([\d.]+)"', ring)
    assert len(arcs) == len(shares)
    assert all(float(length) + float(offset) <= 100.02 for length, offset in arcs)
