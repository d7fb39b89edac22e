"""The chart as an SVG that is there from the first byte. It needs no style attribute."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from scoring.charts.plot import Plot, Run, Series

# The plot inside its box, in percent: room for tick texts at the left and below.
_LEFT, _WIDTH, _TOP, _HEIGHT = 8.0, 88.0, 4.0, 84.0
_TONES = 5  # --s1 .. --s5


def line(plot: Plot) -> SafeString:
    """Draw without a viewBox outside, so that texts keep their size, and with one for the lines."""
    parts = [_grid(plot)]
    lines: list[str] = []
    for one, own in zip(plot.series, plot.runs, strict=True):
        known = plot.known(one)
        if plot.dots:
            parts.append(_dots(plot, one, known))
            continue
        lone = [run.at[0] for run in own if len(run.at) == 1]
        parts.append(_dots(plot, one, [*lone, *known[-1:]]))
        lines.extend(_polyline(plot, one, run) for run in own if len(run.at) > 1)
    parts.append(
        f'<svg x="{_LEFT}%" y="{_TOP}%" width="{_WIDTH}%" height="{_HEIGHT}%" '
        f'viewBox="0 0 1000 1000" preserveAspectRatio="none">{"".join(lines)}</svg>'
    )
    # Texts are escaped in _grid, everything else is numbers.
    return mark_safe(  # noqa: S308
        f'<svg class="static" width="100%" height="100%" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _grid(plot: Plot) -> str:
    """Return ticks, dates and the marks of the lines, with their texts escaped."""
    drawn = []
    for tick in plot.ticks:
        y = _TOP + _HEIGHT * plot.frame.y(tick)
        drawn.append(
            f'<line class="g" x1="{_LEFT}%" x2="{_LEFT + _WIDTH}%" y1="{y:.2f}%" y2="{y:.2f}%"/>'
            f'<text x="0" y="{y:.2f}%" dy="4">{tick:.0f}</text>'
        )
    for day, text in plot.dates:
        share = plot.frame.x(day)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        drawn.append(
            f'<text x="{_LEFT + _WIDTH * share:.2f}%" y="98%" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )
    for mark, day, height in plot.marks():
        drawn.append(
            f'<text x="{_LEFT + _WIDTH * plot.frame.x(day):.2f}%" dx="7" '
            f'y="{_TOP + _HEIGHT * height:.2f}%" dy="4">{escape(mark)}</text>'
        )
    return "".join(drawn)


def _dots(plot: Plot, one: Series, at: Sequence[int]) -> str:
    return "".join(
        f'<circle class="p s{one.tone}" cx="{_LEFT + _WIDTH * plot.frame.x(plot.days[i]):.2f}%" '
        f'cy="{_TOP + _HEIGHT * plot.frame.y(value):.2f}%" r="4"/>'
        for i in at
        if (value := one.values[i]) is not None
    )


def _polyline(plot: Plot, one: Series, run: Run) -> str:
    points = " ".join(
        f"{1000 * plot.frame.x(plot.days[i]):.1f},{1000 * plot.frame.y(value):.1f}"
        for i in run.at
        if (value := one.values[i]) is not None
    )
    dashed = " dashed" if run.dashed else ""
    return f'<polyline class="l s{one.tone}{dashed}" points="{points}"/>'


def donut(shares: Sequence[float]) -> SafeString:
    """Draw shares (at least 0, in any unit) as a ring, clockwise from the top.

    The legend beside it carries names and values, so the drawing itself is silent.
    """
    whole = sum(shares) or 1.0
    gap = 1.0 if len(shares) > 1 else 0.0
    done, arcs = 0.0, []
    for position, share in enumerate(shares):
        part = 100 * share / whole
        arcs.append(
            f'<circle class="s{position % _TONES + 1}" cx="60" cy="60" r="48" fill="none" '
            f'stroke-width="18" pathLength="100" transform="rotate(-90 60 60)" '
            f'stroke-dasharray="{max(0.0, part - gap):.2f} 100" '
            f'stroke-dashoffset="{-done:.2f}"/>'
        )
        done += part
    # Numbers only: nothing of a person's or a network's words is in it.
    return mark_safe(  # noqa: S308
        f'<svg class="donut" viewBox="0 0 120 120" aria-hidden="true">{"".join(arcs)}</svg>'
    )
