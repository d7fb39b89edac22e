"""Badge, card and chart as SVG: no script, no font and no picture from elsewhere.

Colours follow the device, or the theme that was asked for. Texts of people are escaped; figures and
days come as words. Widths hold for the longest score, "100.0".
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape as _escape

THEMES = ("auto", "light", "dark")
LONGEST_NAME = 26  # letters of a name on a card
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
    large = len(texts.score) <= 5
    score = (
        f'<text class="t" x="40" y="27" font-size="{20 if large else 14}" font-weight="700">'
        f"{_say(texts.score)}</text>"
    )
    lines = (
        f'<text class="t" x="104" y="18" font-size="11" font-weight="600">Kloutsite</text>'
        f'<text class="s" x="104" y="31" font-size="11">{_say(texts.short)}</text>'
        if large
        else ""
    )
    drawn = f"{_MARK.format(x=8, y=8)}{score}{lines}"
    return _whole(BADGE, texts.says, drawn, theme, scale)


def card(texts: Texts, *, theme: str, scale: float = 1.0) -> str:
    """Draw name, handle and score with the ring of the site."""
    round_ = 2 * 3.14159265 * 34
    ring = (
        f'<circle class="g" cx="300" cy="58" r="34" stroke-width="7"/>'
        f'<circle class="i" cx="300" cy="58" r="34" stroke-width="7" stroke-linecap="round" '
        f'stroke-dasharray="{round_ * texts.share:.1f} {round_:.1f}" '
        f'transform="rotate(-90 300 58)"/>'
        if texts.share
        else ""
    )
    size = 20 if len(texts.score) <= 5 else 13
    drawn = (
        f"{_MARK.format(x=16, y=16)}"
        f'<text class="s" x="48" y="33" font-size="13" font-weight="600">Kloutsite</text>'
        f'<text class="t" x="16" y="70" font-size="19" font-weight="700">'
        f"{_say(shorter(texts.name))}</text>"
        f'<text class="s" x="16" y="90" font-size="13">{_say(texts.handle)}</text>'
        f'<text class="s" x="16" y="116" font-size="12">{_say(texts.about)}</text>{ring}'
        f'<text class="t" x="300" y="{65 if size == 20 else 62}" font-size="{size}" '
        f'font-weight="700" text-anchor="middle">{_say(texts.score)}</text>'
    )
    return _whole(CARD, texts.says, drawn, theme, scale)


@dataclass(frozen=True, slots=True)
class Course:
    """The line of a chart. days: of `points` oldest first, a gap where a day is missing.

    first, last: the ends of the axis as words.
    """

    points: Sequence[tuple[date, float | None]]
    first: str
    last: str


def chart(texts: Texts, course: Course, *, theme: str, scale: float = 1.0) -> str:
    """Draw the course of the score over its days."""
    known = [score for _day, score in course.points if score is not None]
    drawn = (
        f"{_MARK.format(x=16, y=12)}"
        f'<text class="t" x="48" y="29" font-size="14" font-weight="700">'
        f"{_say(shorter(texts.name))}</text>"
        f'<text class="t" x="464" y="30" font-size="18" font-weight="700" text-anchor="end">'
        f"{_say(texts.score)}</text>"
        f'<text class="s" x="16" y="168" font-size="11">{_say(course.first)}</text>'
        f'<text class="s" x="464" y="168" font-size="11" text-anchor="end">'
        f"{_say(course.last)}</text>"
        f'<path class="g" d="M16 148H464"/>'
    )
    if known:
        drawn += _line(course.points, min(known), max(known))
    return _whole(CHART, texts.says, drawn, theme, scale)


def _say(text: str) -> str:
    """Return a text for a picture, without the letters that XML does not know."""
    return _escape("".join(letter for letter in text if letter.isprintable()))


def shorter(name: str) -> str:
    """Return a name that fits."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _line(points: Sequence[tuple[date, float | None]], low: float, high: float) -> str:
    """Draw runs of days as lines and a day alone as a dot. What changes less than 4 looks level."""
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
        place = (16 + 448 * (at - first) / wide, 140 - 88 * (score - base) / room)
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
    return "".join(lines + dots)


def _whole(size: Size, says: str, drawn: str, theme: str, scale: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {size.width} '
        f'{size.height}" width="{size.width * scale:g}" height="{size.height * scale:g}" {_FONT}>'
        f"<title>{_say(says)}</title><style>{STYLES[theme]}</style>"
        f'<rect class="b" x=".5" y=".5" width="{size.width - 1}" height="{size.height - 1}" '
        f'rx="10"/>{drawn}</svg>'
    )
