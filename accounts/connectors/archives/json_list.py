"""Read the list in a file of an archive, one item at a time, whatever the length of the file.

Streaming parsers were tried and left: ijson 3.6.0 with its C backend ends the process on a number
of 5,000 digits and takes gigabytes for 200,000 brackets. Python's own decoder raises on both, so it
is given one object after the other from a buffer that never grows beyond the largest of them.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Never, Protocol

from accounts.connectors.archives import ArchiveRefused
from accounts.speech import Value, say

_SPACE = re.compile(r"[ \t\r\n]*")
_CHUNK = 64 * 1024
_LARGEST = 512 * 1024  # characters of one item


class Bytes(Protocol):
    """A stream of bytes: an entry of a zip or of a tar."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the list is in a file, and whose archive that is.

    `opening` matches from the first character up to and with the bracket that begins the list,
    within the first `within` characters. `alone`: nothing comes after the list.
    """

    network: str
    opening: re.Pattern[str]
    within: int = 512
    alone: bool = True

    @property
    def again(self) -> str:
        """What to do about a file that is damaged."""
        return say(
            "Nothing was changed. Please download the archive from {network} again and "
            "upload it as it came.",
            network=self.network,
        )


# Behind the start of a script ("window.YTD.tweets.part0 = ["), or the list alone.
X_SCRIPT = Shape(
    "X",
    re.compile(r"\ufeff?\s*(?:window\.YTD\.\w{1,60}\.part\d{1,4}\s*=\s*)?\[", re.ASCII),
)


def within_object(network: str, key: str) -> Shape:
    """Return the shape of a file that is one object with the list under `key`, or the list alone.

    What else the object holds must come before the list, or is not looked at.
    """
    opening = re.compile(
        rf'\ufeff?\s*(?:\{{(?:(?!"{key}").)*?"{key}"\s*:\s*)?\[', re.ASCII | re.DOTALL
    )
    return Shape(network, opening, within=64 * 1024, alone=False)


def items(stream: Bytes, name: str, shape: Shape = X_SCRIPT) -> Iterator[dict[str, Any]]:
    """Give each object of the list in `stream`, which is the file `name` of the archive.

    Raises ArchiveRefused when it does not hold a list of objects or ends before the list does.
    """
    text = _Text(stream, name, shape)
    text.begin()
    number = 0
    mark = text.skip()
    while mark != "]":
        number += 1
        if mark != "{":
            if mark:
                text.refuse("has no post as its item {number}", number=number)
            text.refuse("is cut off")
        yield text.take()
        mark = text.skip()
        if mark == ",":
            text.step()
            mark = text.skip()
            if mark == "]":
                text.refuse("is not JSON")
        elif mark != "]":
            if mark:
                text.refuse("is not JSON")
            text.refuse("is cut off")
    text.step()
    if shape.alone and text.skip():
        text.refuse("goes on after its end")


class _Text:
    """The file as text, of which no more is held than the item that is being read."""

    def __init__(self, stream: Bytes, name: str, shape: Shape) -> None:
        self._stream, self._shape = stream, shape
        self._name = name
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._decoder = json.JSONDecoder(parse_constant=_no_number)
        self._held = ""
        self._at = 0
        self._ended = False

    def begin(self) -> None:
        """Go behind the bracket that begins the list."""
        within = self._shape.within
        while len(self._held) < within and self._more(within):
            pass
        match = self._shape.opening.match(self._held, 0, within)
        if not match:
            self.refuse("does not hold a list")
        self._at = match.end()

    def skip(self) -> str:
        """Skip white space and return the next character without taking it, "" at the end."""
        while True:
            match = _SPACE.match(self._held, self._at)
            assert match is not None  # it matches nothing as well
            self._at = match.end()
            if self._at < len(self._held) or not self._more(_CHUNK):
                return self._held[self._at : self._at + 1]

    def step(self) -> None:
        """Take one character."""
        self._at += 1

    def take(self) -> dict[str, Any]:
        """Take the object that begins here."""
        while True:
            try:
                item, self._at = self._decoder.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                held = len(self._held) - self._at
                if held > _LARGEST:
                    self.refuse("holds an item without end, or is not JSON")
                # Twice as much each time, or a large item would be begun again too often.
                if not self._more(max(_CHUNK, held)):
                    self.refuse("is cut off or is not JSON")
            except (ValueError, RecursionError):
                self.refuse("is not JSON that any archive holds")
            else:
                assert isinstance(item, dict)  # it began with a brace
                return item

    def refuse(self, what: str, **values: Value) -> Never:
        """Raise ArchiveRefused."""
        raise ArchiveRefused(
            say(
                "{name} in this archive {what}. {again}",
                name=self._name,
                what=say(what, **values),
                again=self._shape.again,
            )
        )

    def _more(self, size: int) -> bool:
        """Read about `size` more bytes; tell whether there were any."""
        pieces = [self._held[self._at :]]
        self._at = 0
        wanted = size
        while wanted > 0 and not self._ended:
            piece = self._stream.read(wanted)
            self._ended = not piece
            wanted -= len(piece)
            try:
                pieces.append(self._utf8.decode(piece, final=self._ended))
            except UnicodeDecodeError:
                self.refuse("is not text in UTF-8")
        self._held = "".join(pieces)
        return wanted < size


def _no_number(word: str) -> Never:
    raise ValueError(word)  # NaN and Infinity are no JSON
