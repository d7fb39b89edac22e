"""Pictures of the sample campaigns, drawn here from a few shapes. Pure: a name in, a PNG out."""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageDraw

SIZE = (960, 540)
_FINE = 2  # drawn larger and made smaller, so that edges are smooth
_W, _H = SIZE[0] * _FINE, SIZE[1] * _FINE
Canvas = ImageDraw.ImageDraw
_NIGHT, _PAPER, _EMBER, _SEA, _HONEY = "#22302e", "#f6efe2", "#e8590c", "#2f6f73", "#e2a72e"


def draw(name: str) -> bytes:
    """Return the picture of a sample campaign. Raises KeyError for a name without one."""
    ground, shapes = _SCENES[name]
    image = Image.new("RGB", (_W, _H), ground)
    shapes(ImageDraw.Draw(image))
    file = io.BytesIO()
    image.resize(SIZE, Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _round(canvas: Canvas, x: float, y: float, r: float, fill: str | None, line: str = "") -> None:
    """Draw a disc, or with `line` a ring, around a point."""
    box = (x - r, y - r, x + r, y + r)
    canvas.ellipse(box, fill=fill, outline=line or None, width=14 if line else 1)


def _radio(canvas: Canvas) -> None:
    for ring in range(7, 0, -1):
        _round(canvas, _W / 2, _H, 130 * ring, None, _EMBER if ring % 2 else _PAPER)
    _round(canvas, _W / 2, _H, 110, _HONEY)


def _map(canvas: Canvas) -> None:
    for level, colour in enumerate(("#4f8f8c", "#8fb8a4", "#d9c9a3", _PAPER)):
        coast = [
            (x, 300 + 150 * level + (130 - 18 * level) * math.sin(x / 210 + level / 2))
            for x in range(0, _W + 40, 40)
        ]
        canvas.polygon([*coast, (_W, _H), (0, _H)], fill=colour)
    for mark in range(9):
        _round(canvas, 180 + 200 * mark, 190 + 50 * math.sin(mark * 2), 12, _PAPER)
    _round(canvas, 1380, 700, 34, _EMBER)


def _oven(canvas: Canvas) -> None:
    canvas.pieslice((360, 130, 1560, 1330), 180, 360, fill="#3b2a22")
    canvas.pieslice((480, 250, 1440, 1210), 180, 360, fill=_EMBER)
    canvas.rectangle((0, 760, _W, _H), fill="#5a4538")
    for loaf in range(3):
        left = 560 + 280 * loaf
        canvas.rounded_rectangle((left, 560, left + 250, 780), 110, fill="#c98a4b")
        for cut in range(3):
            at = left + 60 + 50 * cut
            canvas.line((at, 610, at + 40, 670), fill=_PAPER, width=14)


def _notebook(canvas: Canvas) -> None:
    canvas.rounded_rectangle((560, 120, 1400, 980), 40, fill=_SEA)
    canvas.rounded_rectangle((620, 90, 1420, 940), 30, fill=_PAPER)
    for row in range(13):
        for column in range(12):
            _round(canvas, 690 + 60 * column, 150 + 60 * row, 5, "#b9ad97")
    canvas.line((1160, 1040, 1560, 420), fill=_EMBER, width=46)
    canvas.line((1160, 1040, 1186, 1000), fill=_NIGHT, width=46)


def _honey(canvas: Canvas) -> None:
    side = 120
    for row in range(6):
        for column in range(10):
            x = 90 + column * side * math.sqrt(3) + (row % 2) * side * math.sqrt(3) / 2
            y = 60 + row * side * 1.5
            shade = (_HONEY, "#f0c35a", "#c98613")[(row * 2 + column) % 3]
            corners = [
                (
                    x + side * 0.93 * math.sin(math.tau * k / 6),
                    y + side * 0.93 * math.cos(math.tau * k / 6),
                )
                for k in range(6)
            ]
            canvas.polygon(corners, fill=shade)


def _wheel(canvas: Canvas) -> None:
    x, y = _W / 2, _H / 2
    _round(canvas, x, y, 460, None, _NIGHT)
    _round(canvas, x, y, 425, None, _SEA)
    for spoke in range(24):
        turn = math.tau * spoke / 24
        lean = turn + (0.25 if spoke % 2 else -0.25)
        hub = (x + 60 * math.cos(lean), y + 60 * math.sin(lean))
        rim = (x + 420 * math.cos(turn), y + 420 * math.sin(turn))
        canvas.line((*hub, *rim), fill=_NIGHT, width=8)
    _round(canvas, x, y, 66, _EMBER)


_SCENES: dict[str, tuple[str, Callable[[Canvas], None]]] = {
    "radio": (_NIGHT, _radio),
    "map": (_SEA, _map),
    "oven": ("#1d1714", _oven),
    "notebook": ("#cfe0da", _notebook),
    "honey": ("#7a4a08", _honey),
    "wheel": (_PAPER, _wheel),
}
