"""Badge, card and chart as SVG: no script, no font and no picture from elsewhere.

Colours follow the device, or the theme that was asked for. Texts of people are escaped; figures and
days come as words. Widths hold for the longest score, "100.0".
"""

import math
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape as _escape

THEMES = ("auto", "light", "dark")
LONGEST_NAME, SHORT_NAME = 24, 17  # letters of a name; a longer one than this is drawn smaller
_RADIUS = 34
_FONT = 'font-family="system-ui,-apple-system,Segoe UI,Noto Sans,sans-serif"'
_LIGHT = {"bg": "#fff", "text": "#1c1a17", "soft": "#5a544c", "line": "#ddd8cf", "ink": "#e8590c"}
_DARK = {"bg": "#1d1a16", "text": "#f2eee7", "soft": "#bab2a6", "line": "#3a352e", "ink": "#ff7a33"}


def _rules(colours: dict[str, str]) -> str:
    return (
        f".b{{fill:{colours['bg']};stroke:{colours['line']}}}.t{{fill:{colours['text']}}}"
        f".s{{fill:{colours['soft']}}}.g{{stroke:{colours['line']};fill:none}}"
        f".i{{stroke:{colours['ink']};fill:none}}.d{{fill:{colours['ink']}}}"
    )


STYLES = {
    "auto": f"{_rules(_LIGHT)}@media(prefers-color-scheme:dark){{{_rules(_DARK)}}}",
    "light": _rules(_LIGHT),
    "dark": _rules(_DARK),
}
# What a content policy names so that these styles hold where a picture is opened by itself.
STYLE_HASHES = " ".join(
    f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in STYLES.values()
)
_MARK = (
    '<rect x="{x}" y="{y}" width="24" height="24" rx="7" fill="#e8590c"/>'
    '<path transform="translate({x} {y})" d="M8 6v12M8 13l7-7M10.5 11l5.5 7" stroke="#1c0d04" '
    'stroke-width="2.6" fill="none" stroke-linecap="round"/>'
)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels at its natural size."""

    width: int
    height: int


BADGE, CARD, CHART = Size(172, 40), Size(360, 132), Size(480, 180)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written. says: the whole in a sentence, for readers of pictures.

    score: "50.4", or the word that stands in its place. about: a line below it; short: its day.
    """

    says: str
    score: str
    about: str
    short: str = ""
    name: str = ""
    handle: str = ""
    share: float = 0.0  # of 100, for the ring; 0 draws none


def badge(texts: Texts, *, theme: str, scale: float = 1.0) -> str:
    """Draw the score beside the mark of the site."""
    figure = texts.share > 0
    drawn = f"{_MARK.format(x=8, y=8)}" + _text(
        "t", 40, 27, (20 if len(texts.score) < 5 else 18) if figure else 14, texts.score, bold=True
    )
    if figure:
        drawn += _text("t", 104, 18, 11, "Kloutsite", bold=True)
        drawn += _text("s", 104, 31, 11, texts.short)
    return _whole(BADGE, texts.says, drawn, theme, scale)


def card(texts: Texts, *, theme: str, scale: float = 1.0) -> str:
    """Draw name, handle and score with the ring of the site."""
    name = shorter(texts.name)
    drawn = "".join(
        (
            _MARK.format(x=16, y=16),
            _text("s", 48, 33, 13, "Kloutsite", bold=True),
            _text("t", 16, 70, 19 if len(name) <= SHORT_NAME else 15, name, bold=True),
            _text("s", 16, 90, 13, texts.handle),
            _text("s", 16, 116, 12, texts.about),
        )
    )
    if texts.share > 0:
        round_ = 2 * math.pi * _RADIUS
        circle = f'cx="302" cy="58" r="{_RADIUS}" stroke-width="7"'
        drawn += (
            f'<circle class="g" {circle}/><circle class="i" {circle} stroke-linecap="round" '
            f'stroke-dasharray="{round_ * texts.share:.1f} {round_:.1f}" '
            f'transform="rotate(-90 302 58)"/>'
        )
    size = 13 if not texts.share else 20 if len(texts.score) < 5 else 17
    drawn += _text("t", 302, 58 + size / 3, size, texts.score, bold=True, anchor="middle")
    return _whole(CARD, texts.says, drawn, theme, scale)


@dataclass(frozen=True, slots=True)
class Course:
    """The line of a chart. points: days oldest first; where a day is missing there is a gap.

    first, last: the ends of the axis as words; low, high: the least and the greatest score.
    """

    points: Sequence[tuple[date, float | None]]
    first: str = ""
    last: str = ""
    low: str = ""
    high: str = ""


def chart(texts: Texts, course: Course, *, theme: str, scale: float = 1.0) -> str:
    """Draw the course of the score over its days."""
    drawn = "".join(
        (
            _MARK.format(x=16, y=12),
            _text("t", 48, 29, 14, shorter(texts.name), bold=True),
            _text("t", 464, 30, 18, texts.score, bold=True, anchor="end"),
            _text("s", 16, 168, 11, course.first),
            _text("s", 464, 168, 11, course.last, anchor="end"),
            '<path class="g" d="M16 148H464"/>',
        )
    )
    known = [score for _day, score in course.points if score is not None]
    if known:
        drawn += _line(course, min(known), max(known))
    return _whole(CHART, texts.says, drawn, theme, scale)


def _text(
    tone: str, x: float, y: float, size: int, text: str, *, bold: bool = False, anchor: str = ""
) -> str:
    """Draw a text, nothing for none. Arabic and Hebrew begin at the same place."""
    if not text:
        return ""
    weight = ' font-weight="700"' if bold else ""
    where = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text class="{tone}" x="{x:g}" y="{y:.4g}" font-size="{size}"{weight}{where}>'
        f"{_say(text)}</text>"
    )


def _say(text: str) -> str:
    """Return a text for a picture, without the letters that XML does not know."""
    return _escape("".join(letter for letter in text if letter.isprintable()))


def shorter(name: str) -> str:
    """Return a name that fits."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _line(course: Course, low: float, high: float) -> str:
    """Draw runs of days as lines and a day alone as a dot. What changes less than 4 looks level."""
    points = course.points
    room = max(high - low, 4.0)
    base = (low + high - room) / 2
    first, last = points[0][0].toordinal(), points[-1][0].toordinal()
    wide = max(1, last - first)
    runs: list[list[tuple[float, float]]] = []
    before = None
    for day, score in points:
        if score is None:
            before = None
            continue
        at = day.toordinal()
        place = (52 + 406 * (at - first) / wide, 138 - 84 * (score - base) / room)
        if before is None or at - before > 1:
            runs.append([])
        runs[-1].append(place)
        before = at
    lines = [
        '<polyline class="i" stroke-width="2.2" stroke-linejoin="round" points="'
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        + '"/>'
        for run in runs
        if len(run) > 1
    ]
    lone = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs[-1:]]
    dots = [f'<circle class="d" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>' for x, y in lone]
    ends = {low: course.low, high: course.high}
    scale = [_text("s", 16, 142 - 84 * (at - base) / room, 11, said) for at, said in ends.items()]
    return "".join(scale + lines + dots)


def _whole(size: Size, says: str, drawn: str, theme: str, scale: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {size.width} '
        f'{size.height}" width="{size.width * scale:g}" height="{size.height * scale:g}" {_FONT}>'
        f"<title>{_say(says)}</title><style>{STYLES[theme]}</style>"
        f'<rect class="b" x=".5" y=".5" width="{size.width - 1}" height="{size.height - 1}" '
        f'rx="10"/>{drawn}</svg>'
    )
