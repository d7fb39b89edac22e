"""Badges as drawings: a stamp whose edge tells the level, a sign for what was done, a band of ink.

All are made of the same few lines, coloured by the classes of the style sheet, so that they follow
the look of the page and need neither files nor ids. The edge goes from a plain coin over petals to
a sun: who cannot tell colours apart reads edge and number.
"""

import math

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

EDGES = 4  # shapes of the edge, from the first level of a badge to its last
_MIDDLE, _Y = 60.0, 54.0
_BEADS = 40

# Badge -> tone of the style sheet, and its sign: lines in a box of 48 by 48.
_SIGNS: dict[str, tuple[int, str]] = {
    "people": (
        2,
        (
            '<circle cx="24" cy="14" r="7"/><path d="M10 40c0-9 6-14 14-14s14 5 14 14"/>'
            '<path d="M9 12a5 5 0 1 0 3 9M2 35c0-5 2-8 6-9M39 12a5 5 0 1 1-3 9M46 35c0-5-2-8-6-9"/>'
        ),
    ),
    "likes": (
        1,
        (
            '<path d="M24 42C10 32 5 25 5 18C5 11.5 9.5 8 14 8C18.5 8 22 10.5 24 14.5'
            'C26 10.5 29.5 8 34 8C38.5 8 43 11.5 43 18C43 25 38 32 24 42Z"/>'
            '<path d="M12 19c0-3 1-4.5 3-5"/>'
        ),
    ),
    "comments": (
        3,
        (
            '<path d="M9 7h30a5 5 0 0 1 5 5v17a5 5 0 0 1-5 5H24l-10 8v-8H9a5 5 0 0 1-5-5V12'
            'a5 5 0 0 1 5-5z"/><path d="M13 16h22M13 25h13"/>'
        ),
    ),
    "reposts": (
        4,
        (
            '<path d="M8 25v-6a7 7 0 0 1 7-7h22M30 5l7 7-7 7"/>'
            '<path d="M40 23v6a7 7 0 0 1-7 7H11M18 43l-7-7 7-7"/>'
        ),
    ),
    "reposters": (
        4,
        (
            '<circle cx="8" cy="24" r="5"/><circle cx="40" cy="8" r="4.5"/>'
            '<circle cx="42" cy="24" r="4.5"/><circle cx="40" cy="40" r="4.5"/>'
            '<path d="M13 24h24M12.5 21.5L36 10.5M12.5 26.5L36 37.5"/>'
        ),
    ),
    "lists": (
        5,
        (
            '<path d="M11 4h26a2 2 0 0 1 2 2v38l-15-9-15 9V6a2 2 0 0 1 2-2z"/>'
            '<path d="M17 13h14M17 20h14M17 27h8"/>'
        ),
    ),
    "one-post": (
        2,
        (
            '<circle class="full" cx="24" cy="9" r="4.5"/><path d="M24 19v7"/>'
            '<ellipse cx="24" cy="33" rx="7" ry="3"/>'
            '<path d="M12 30c-2 1-3 2-3 3c0 4 7 7 15 7s15-3 15-7c0-1-1-2-3-3"/>'
            '<path d="M5 27c-2.5 2-4 4-4 6c0 7 10 12 23 12s23-5 23-12c0-2-1.5-4-4-6"/>'
        ),
    ),
    "topics": (
        5,
        (
            '<path d="M24 13C19 8 11 7 4 8V37C11 36 19 37 24 42C29 37 37 36 44 37V8'
            'C37 7 29 8 24 13ZM24 13V42"/><path d="M10 17c3 0 6 .5 8.5 2M10 25c3 0 6 .5 8.5 2'
            'M38 17c-3 0-6 .5-8.5 2M38 25c-3 0-6 .5-8.5 2"/>'
        ),
    ),
    "plusk-received": (
        1,
        (
            '<path d="M5 19h13M11.5 12.5v13M25 6v26M41 6L26 20M31 16.5L42 32"/>'
            '<path d="M4 36c5 8 35 8 40 0"/>'
        ),
    ),
    "plusk-given": (
        3,
        (
            '<path d="M3 29h13M9.5 22.5v13M22 16v26M36 18L23 30M27.5 27L38 42"/>'
            '<path d="M33 4h11v11M44 4L33 15"/>'
        ),
    ),
    "newcomers": (
        3,
        (
            '<path d="M24 45V21"/><path d="M24 29C24 20 17 15 5 15C5 24 12 30 24 29Z"/>'
            '<path d="M24 21C24 11 31 4 43 4C43 15 36 22 24 21Z"/><path d="M12 45h24"/>'
        ),
    ),
    "networks": (
        2,
        (
            '<path d="M1 34h46M14 8v34M34 8v34M1 27Q9 22 14 10Q24 36 34 10Q39 22 47 27"/>'
            '<path d="M24 25v9M7 24v10M41 24v10"/>'
        ),
    ),
    "history": (
        5,
        (
            '<circle cx="24" cy="24" r="20.5"/><circle cx="23" cy="24.5" r="14"/>'
            '<circle cx="22" cy="25" r="8"/><circle class="full" cx="21.5" cy="25" r="2.5"/>'
            '<path d="M29 21L41 13"/>'
        ),
    ),
    "early": (
        1,
        '<path d="M2 36h44M11 36a13 13 0 0 1 26 0M24 6v9M5 17l6.5 5M43 17l-6.5 5M12 43h24"/>',
    ),
}


def medal(
    badge: str, *, rank: int, number: str, title: str = "", progress: float | None = None
) -> SafeString:
    """Draw a badge. rank: 1 for the lowest level, EDGES for the highest. number: on its band.

    title: what it is, for who does not see it; without one the drawing is silent. progress: 0..1 of
    a level that is not reached yet, drawn as an outline with a ring; None for one that is earned.
    """
    tone, sign = _SIGNS[badge]
    earned = progress is None
    kind = "" if earned else " next"
    spoken = f'role="img"><title>{escape(title)}</title>' if title else 'aria-hidden="true">'
    edge = _edge(max(1, min(rank, EDGES)))
    # The title and the number are escaped, everything else is ours.
    return mark_safe(  # noqa: S308
        f'<svg class="medal t{tone}{kind}" viewBox="0 0 120 120" {spoken}'
        f'<path class="edge" d="{edge}"/>'
        f'<circle class="face" cx="{_MIDDLE:g}" cy="{_Y:g}" r="40"/>'
        f"{_ring(rank, progress)}"
        f'<g class="sign" transform="translate(37.5 26) scale(.94)">{sign}</g>'
        '<path class="band" d="M14 86H106L100 97L106 108H14L20 97Z"/>'
        f'<text x="{_MIDDLE:g}" y="102.5" text-anchor="middle">{escape(number)}</text></svg>'
    )


def _ring(rank: int, progress: float | None) -> str:
    """Return the line inside: plain, of beads on the higher levels, or how far somebody is."""
    if progress is None:
        beads = f' pathLength="{_BEADS}" stroke-dasharray="0 1"' if rank > 2 else ""
        kind = "ring beads" if beads else "ring"
        return f'<circle class="{kind}" cx="{_MIDDLE:g}" cy="{_Y:g}" r="36"{beads}/>'
    (x, y), (to_x, to_y) = _point(-0.36, 36), _point(0.36, 36)  # the band hides what is below
    bow = f'd="M{x:.1f} {y:.1f}A36 36 0 1 1 {to_x:.1f} {to_y:.1f}"'
    done = 100 * min(1.0, progress)
    ring = f'<path class="ring" {bow} pathLength="100" stroke-dasharray="{done:.1f} 200"/>'
    return f'<path class="track" {bow}/>{ring if done > 0 else ""}'


def _edge(rank: int) -> str:
    """Return the outline of a rank: a coin, eight petals, fourteen petals, a sun."""
    if rank == 1:
        return _petals(2, 49.0, 1.0)
    if rank == 2:
        return _petals(8, 46.5, 1.25)
    if rank == 3:
        return _petals(14, 45.5, 1.05)
    return _rays(24, 45.0, 53.5)


def _petals(number: int, radius: float, round_by: float) -> str:
    """Return arcs from point to point of a circle; round_by: 1 makes each of them half a circle."""
    points = [_point(at / number, radius) for at in range(number)]
    bow = round_by * radius * math.sin(math.pi / number)
    arcs = "".join(
        f"A{bow:.1f} {bow:.1f} 0 0 1 {x:.1f} {y:.1f}" for x, y in (*points[1:], points[0])
    )
    return f"M{points[0][0]:.1f} {points[0][1]:.1f}{arcs}Z"


def _rays(number: int, inner: float, outer: float) -> str:
    points = [_point(at / (2 * number), inner if at % 2 else outer) for at in range(2 * number)]
    return f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in points)}Z"


def _point(turn: float, radius: float) -> tuple[float, float]:
    """Return the point of a circle at a part of a whole turn, from the top."""
    angle = 2 * math.pi * turn
    return _MIDDLE + radius * math.sin(angle), _Y - radius * math.cos(angle)
