"""The card that other sites show beside a link to a profile: 1200 x 630, drawn here.

Pure: what is told comes in, a PNG goes out. Names may be in Latin, Greek, Cyrillic, Arabic, Hebrew,
Devanagari, Bengali, Tamil, Telugu, Thai, Khmer, Chinese, Japanese or Korean letters; of a name in
others the handle stands alone, and so it does of one whose letters must be joined or turned where
FriBiDi is not installed. A line that runs both ways is ordered as a whole, as browsers do, and only
then set font by font.
"""

import importlib.resources
import io
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import NamedTuple

from bidi import get_display
from PIL import Image, ImageDraw, ImageFont, features

from accounts.figures import plain

SIZE = (1200, 630)  # what other sites ask for. Source: https://ogp.me
TOPICS = 3  # told on the card
_MARGIN = 80
_RING = (870, 150, 1120, 400)  # left, top, right, bottom of the score
_BACK, _INK, _FAINT = "#fbfaf8", "#1c1a17", "#5a544c"  # those of the site, in its light look
_FILL, _TRACK = "#e8590c", "#f3f1ec"
_LARGEST, _SMALLEST = 76, 40  # letters of the name
_FONTS = (
    ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    ("pylopdf_fonts_he", "NotoSansHebrew-Variable.ttf"),
    ("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf"),
    ("fontpkg_hind_siliguri", "files/HindSiliguri-Regular.ttf"),  # Bengali
    ("fontpkg_noto_sans_tamil", "files/NotoSansTamil[wdth,wght].ttf"),
    ("fontpkg_noto_sans_telugu", "files/NotoSansTelugu[wdth,wght].ttf"),
    ("fontpkg_noto_sans_khmer", "files/NotoSansKhmer[wdth,wght].ttf"),
    ("fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf"),
    ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, ends of lines, no letter at all
_JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}
_LEFT_ALONE = "".join(_JOINERS) + "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"  # by emoji
_NOBODYS = "\U0010fffe"  # has no letter in any font
_SET = {"ARABIC", "DEVANAGARI", "BENGALI", "TAMIL", "TELUGU", "KHMER", "THAI"}  # joined or stacked
_TURNED = {"R", "AL"}  # run to the left
_lock = threading.Lock()  # a font draws one text at a time

# Goes with the sign that it follows: seen before it, it tells that the line runs to the left there.
_AFTER = "\N{COMBINING GRAPHEME JOINER}"
# In a line as it is seen: what runs to the left (R) with its marks (M), and all other letters (L).
_PIECE = re.compile(r"M*R[RM]*|[LM]+?(?=M*R|$)")


class Run(NamedTuple):
    """Letters that one font draws, in the order in which they are read."""

    font: int
    text: str
    way: str | None = None  # "rtl" where they run to the left


@dataclass(frozen=True, slots=True)
class Told:
    """What a card says. `score` is "" where it is not shown, `name` where there is none.

    about: what the number is and of when, in a line below it.
    """

    name: str
    handle: str
    score: str = ""
    about: str = ""
    topics: Sequence[str] = ()


def draw(told: Told) -> bytes:
    """Return the card as PNG."""
    with _lock:
        image = Image.new("RGB", SIZE, _BACK)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0, SIZE[0], 16), fill=_FILL)
        room = (_RING[0] if told.score else SIZE[0]) - 2 * _MARGIN
        handle, name = f"@{told.handle}", _drawable(told.name)
        _write(pen, name or handle, _MARGIN, 170, room, _INK)
        if name:
            _write(pen, handle, _MARGIN, 275, room, _FAINT, largest=40)
        for at, topic in enumerate(told.topics[:TOPICS]):
            _write(pen, _drawable(topic), _MARGIN, 360 + 52 * at, room, _INK, largest=36)
        if told.score:
            _ring(pen, told.score, told.about)
        _write(pen, "Kloutsite", _MARGIN, 540, room, _FAINT, largest=32)
        out = io.BytesIO()
        image.save(out, "PNG", optimize=True)
        return out.getvalue()


def can_say(text: str) -> bool:
    """Tell whether a text can be drawn here: all of its letters, symbols aside."""
    with _lock:
        return bool(_drawable(text))


def in_order(text: str) -> list[Run]:
    """Return a line in runs of one font each, from left to right as a browser sets it.

    Letters that run to the left come back in the order in which they are read: so they are joined.
    """
    letters = text.replace(_AFTER, "")
    marked = (f"{one}{_AFTER}" if unicodedata.mirrored(one) else one for one in letters)
    seen = list(_seen(str(get_display("".join(marked)))))
    runs: list[Run] = []
    for piece in _PIECE.finditer("".join(kind for _, kind in seen)):
        part = "".join(letter for letter, _ in seen[piece.start() : piece.end()])
        if "R" in piece[0]:
            runs += [Run(font, run, "rtl") for font, run in reversed(_by_font(part[::-1]))]
        else:
            runs += [Run(font, run) for font, run in _by_font(part)]
    return runs


def _ring(pen: ImageDraw.ImageDraw, score: str, about: str) -> None:
    pen.arc(_RING, 0, 360, fill=_TRACK, width=26)
    pen.arc(_RING, -90, -90 + 3.6 * float(plain(score)), fill=_FILL, width=26)
    middle = ((_RING[0] + _RING[2]) / 2, (_RING[1] + _RING[3]) / 2)
    pen.text(middle, score, font=_font(0, 64), fill=_INK, anchor="mm")
    room = 2 * (SIZE[0] - middle[0]) - _MARGIN
    size = next((one for one in range(26, 16, -2) if _font(0, one).getlength(about) <= room), 16)
    pen.text((middle[0], _RING[3] + 50), about, font=_font(0, size), fill=_FAINT, anchor="mm")


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    left: float,
    top: float,
    room: float,
    ink: str,
    *,
    largest: int = _LARGEST,
) -> None:
    """Draw a line of text, smaller where it is long, and cut where it is too long for that."""
    size = largest
    while size > min(_SMALLEST, largest) and _width(text, size) > room:
        size -= 4
    if _width(text, size) > room:
        text = _cut(text, size, room)
    for run in in_order(text):
        font = _font(run.font, size)
        pen.text((left, top + size), run.text, font=font, fill=ink, anchor="ls", direction=run.way)
        left += font.getlength(run.text, direction=run.way)


def _cut(text: str, size: int, room: float) -> str:
    """Return as much of a text as there is room for, with an ellipsis."""
    while text and _width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…"


def _width(text: str, size: int) -> float:
    return sum(
        _font(run.font, size).getlength(run.text, direction=run.way) for run in in_order(text)
    )


def _drawable(text: str) -> str:
    """Return what can be drawn of a text; nothing where a letter of it cannot.

    Symbols that no font has, as emoji, are left out with the blanks around them, and so is what
    cannot be seen.
    """
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS:
            continue
        if _font_of(letter) is not None:
            kept.append(letter)
        elif unicodedata.category(letter)[0] != "S":
            return ""
    return " ".join(word for word in "".join(kept).split() if word.strip(_LEFT_ALONE))


def _by_font(text: str) -> list[tuple[int, str]]:
    """Return a text of letters that can be drawn in pieces of one font each."""
    fonts: list[int] = []
    for letter in text:
        fonts.append(_font_of(letter, fonts[-1] if fonts else 0) or 0)
    pairs = groupby(zip(fonts, text, strict=True), key=lambda pair: pair[0])
    return [(font, "".join(letter for _, letter in letters)) for font, letters in pairs]


def _font_of(letter: str, before: int = 0) -> int | None:
    """Return which font draws a letter: where it can, the one of the letter before."""
    return next((one for one in (before, *range(len(_FONTS))) if _has(one, letter)), None)


def _seen(line: str) -> Iterator[tuple[str, str]]:
    """Yield each letter of a line in order, and whether it runs to the left: L, R, or M for marks.

    Brackets and their like have _AFTER beside them; those that run to the left are drawn mirrored.
    """
    letters = iter(line)
    for letter in letters:
        if letter == _AFTER:
            yield next(letters), "R"
            continue
        if unicodedata.mirrored(letter):
            next(letters)
        way = unicodedata.bidirectional(letter)
        yield letter, "R" if way in _TURNED else "M" if way in {"NSM", "BN"} else "L"


@cache
def _font(number: int, size: int) -> ImageFont.FreeTypeFont:
    package, file = _FONTS[number]
    font = ImageFont.truetype(str(importlib.resources.files(package).joinpath(file)), size)
    if package == "pylopdf_fonts_he":  # one file for all weights, the thinnest by default
        font.set_variation_by_name("Regular")
    return font


@cache
def _has(number: int, letter: str) -> bool:
    """Tell whether a font has a letter, and can set it as it is written."""
    if _must_be_set(letter) and not features.check("raqm"):
        return False
    mask, empty = (_font(number, 24).getmask(each) for each in (letter, _NOBODYS))
    return (mask.size, bytes(mask)) != (empty.size, bytes(empty))


def _must_be_set(letter: str) -> bool:
    """Tell whether a letter is turned, joined or stacked with its neighbours."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return unicodedata.bidirectional(letter) in _TURNED or script in _SET
