"""The card that other sites show beside a link to a profile: 1200 x 630, drawn here.

Pure: what is told comes in, a PNG goes out. Names may be in Latin, Greek, Cyrillic, Arabic, Hebrew,
Devanagari, Tamil, Telugu, Thai, Khmer, Chinese, Japanese or Korean letters; of a name in others the
handle stands alone, and so it does of one whose letters must be joined or turned where FriBiDi is
not installed.
"""

import importlib.resources
import io
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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
    ("fontpkg_noto_sans_tamil", "files/NotoSansTamil[wdth,wght].ttf"),
    ("fontpkg_noto_sans_telugu", "files/NotoSansTelugu[wdth,wght].ttf"),
    ("fontpkg_noto_sans_khmer", "files/NotoSansKhmer[wdth,wght].ttf"),
    ("fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf"),
    ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, ends of lines, no letter at all
_JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}
_NOBODYS = "\U0010fffe"  # has no letter in any font
_SET = {"ARABIC", "DEVANAGARI", "TAMIL", "TELUGU", "KHMER", "THAI"}  # joined or stacked
_lock = threading.Lock()  # a font draws one text at a time

Runs = list[tuple[int, str]]  # font, letters that it draws


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
        name = _runs(told.name) or _runs(f"@{told.handle}")
        _write(pen, name, _MARGIN, 170, room, _INK)
        if _runs(told.name):
            _write(pen, _runs(f"@{told.handle}"), _MARGIN, 275, room, _FAINT, largest=40)
        for at, topic in enumerate(told.topics[:TOPICS]):
            _write(pen, _runs(topic), _MARGIN, 360 + 52 * at, room, _INK, largest=36)
        if told.score:
            _ring(pen, told.score, told.about)
        _write(pen, _runs("Kloutsite"), _MARGIN, 540, room, _FAINT, largest=32)
        out = io.BytesIO()
        image.save(out, "PNG", optimize=True)
        return out.getvalue()


def can_say(text: str) -> bool:
    """Tell whether a text can be drawn here: all of its letters, symbols aside."""
    with _lock:
        return bool(_runs(text))


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
    runs: Runs,
    left: float,
    top: float,
    room: float,
    ink: str,
    *,
    largest: int = _LARGEST,
) -> None:
    """Draw a line of text, smaller where it is long, and cut where it is too long for that."""
    size = largest
    while size > min(_SMALLEST, largest) and _width(runs, size) > room:
        size -= 4
    if _width(runs, size) > room:
        runs = _cut(runs, size, room)
    for font, text in runs:
        pen.text((left, top + size), text, font=_font(font, size), fill=ink, anchor="ls")
        left += _font(font, size).getlength(text)


def _cut(runs: Runs, size: int, room: float) -> Runs:
    """Return as much of a text as there is room for, with an ellipsis."""
    letters = [(font, letter) for font, text in runs for letter in text]
    while letters and _width([*_joined(letters), (0, "…")], size) > room:
        letters.pop()
    return [*_joined(letters), (0, "…")]


def _width(runs: Runs, size: int) -> float:
    return sum(_font(font, size).getlength(text) for font, text in runs)


def _runs(text: str) -> Runs:
    """Return a text in pieces of one font each; nothing where a letter cannot be drawn.

    Symbols that no font has, as emoji, are left out, and so is what cannot be seen.
    """
    letters: Runs = []
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS:
            continue
        before = letters[-1][0] if letters else 0
        font = next((one for one in (before, *range(len(_FONTS))) if _has(one, letter)), None)
        if font is not None:
            letters.append((font, letter))
        elif unicodedata.category(letter)[0] != "S":
            return []
    return _joined(letters) if "".join(letter for _, letter in letters).strip() else []


def _joined(letters: Runs) -> Runs:
    runs: Runs = []
    for font, letter in letters:
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + letter)
        else:
            runs.append((font, letter))
    return runs


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
    turned = unicodedata.bidirectional(letter) in {"R", "AL"}
    return turned or script in _SET
