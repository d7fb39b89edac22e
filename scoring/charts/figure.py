"""The chart as a Plotly figure, for browsers that want to explore it.

A plain dict: plotly's own classes cost two hundred times as much. Colours are names of CSS tokens,
which the browser puts in; texts come from here, so that they are in the reader's language.
"""

from collections.abc import Sequence
from typing import Any

from scoring.charts.plot import Plot, Run, Series


def line(plot: Plot, say: Sequence[str]) -> dict[str, Any]:
    """Return the Plotly figure. Its first trace holds what hovering and the arrow keys tell."""
    first, known = plot.series[0], plot.known(plot.series[0])
    told = {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,  # a mark at the edge is drawn whole
        "name": first.name,
        "x": [plot.days[at].isoformat() for at in known],
        "y": [_tenths(first.values[at]) for at in known],
        "text": [say[at] for at in known],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 8, "color": f"--s{first.tone}", "opacity": 1 if plot.dots else 0},
    }
    lines: list[dict[str, Any]]
    if plot.dots:
        lines = [_dot_trace(plot, one) for one in plot.series[1:]]
    else:
        lines = [
            _line_trace(plot, one, [run for run in own if run.dashed is dashed], dashed=dashed)
            for one, own in zip(plot.series, plot.runs, strict=True)
            for dashed in (False, True)
        ]
    return {"data": [told, *(line for line in lines if line["x"])], "layout": _layout(plot)}


def _layout(plot: Plot) -> dict[str, Any]:
    frame = plot.frame
    layout: dict[str, Any] = {
        "xaxis": {
            "type": "date",
            "range": [frame.start.isoformat(), frame.end.isoformat()],
            "tickvals": [day.isoformat() for day, _text in plot.dates],
            "ticktext": [text for _day, text in plot.dates],
        },
        "yaxis": {
            "range": [frame.low, frame.high],
            "tickvals": list(plot.ticks),
            "ticktext": [f"{tick:.0f}" for tick in plot.ticks],
        },
    }
    if marks := plot.marks():
        layout["annotations"] = [
            {
                "x": day.isoformat(),
                "y": frame.high - height * (frame.high - frame.low),
                "text": mark,
                "showarrow": False,
                "xanchor": "left",
                "xshift": 4,
            }
            for mark, day, height in marks
        ]
        layout["margin"] = {"r": 24}
    return layout


def _line_trace(plot: Plot, one: Series, runs: Sequence[Run], *, dashed: bool) -> dict[str, Any]:
    """Return all runs of one kind as one trace; None between them keeps the gaps open."""
    x: list[str | None] = []
    y: list[float | None] = []
    for run in runs:
        x += [*(plot.days[at].isoformat() for at in run.at), None]
        y += [*(_tenths(one.values[at]) for at in run.at), None]
    return {
        "type": "scatter",
        # A day between two gaps is a dot: a line needs two.
        "mode": "lines+markers" if any(len(run.at) == 1 for run in runs) else "lines",
        "name": one.name,
        "hoverinfo": "skip",
        "x": x[:-1],
        "y": y[:-1],
        "line": {"color": f"--s{one.tone}", "width": 2.5, "dash": "dot" if dashed else "solid"},
        "marker": {"size": 5, "color": f"--s{one.tone}"},
    }


def _dot_trace(plot: Plot, one: Series) -> dict[str, Any]:
    known = plot.known(one)
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,  # a mark at the edge is drawn whole
        "name": one.name,
        "hoverinfo": "skip",
        "x": [plot.days[at].isoformat() for at in known],
        "y": [_tenths(one.values[at]) for at in known],
        "marker": {"size": 8, "color": f"--s{one.tone}"},
    }


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
