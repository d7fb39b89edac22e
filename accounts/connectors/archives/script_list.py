"""Read the list in a file of X's archive, one item at a time: JSON behind the start of a script.

Streaming parsers were tried and left: ijson 3.6.0 with its C backend ends the process on a number
of 5,000 digits and takes gigabytes for 200,000 brackets. Python's own decoder raises on both, so it
is given one object after the other from a buffer that never grows beyond the largest of them.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Never

from accounts.connectors.archives import ArchiveRefused
from accounts.connectors.archives.zipguard import EntryStream

# "window.YTD.tweets.part0 = [", or the list alone.
_SCRIPT = re.compile(r"\ufeff?\s*(?:window\.YTD\.\w{1,60}\.part\d{1,4}\s*=\s*)?\[", re.ASCII)
_SPACE = re.compile(r"[ \t\r\n]*")
_START = 512  # characters within which the list must begin
_CHUNK = 64 * 1024
_LARGEST = 512 * 1024  # characters of one item
_AGAIN = "Nothing was changed. Please download the archive from X again and upload it as it came."


def items(stream: EntryStream, name: str) -> Iterator[dict[str, Any]]:
    """Give each object of the list in `stream`, which is the file `name` of the archive.

    Raises ArchiveRefused when it does not hold a list of objects or ends before the list does.
    """
    text = _Text(stream, name)
    text.begin()
    number = 0
    mark = text.skip()
    while mark != "]":
        number += 1
        if mark != "{":
            text.refuse(f"has no post as its item {number:,}" if mark else "is cut off")
        yield text.take()
        mark = text.skip()
        if mark == ",":
            text.step()
            mark = text.skip()
            if mark == "]":
                text.refuse("is not JSON")
        elif mark != "]":
            text.refuse("is not JSON" if mark else "is cut off")
    text.step()
    if text.skip():
        text.refuse("goes on after its end")


class _Text:
    """The file as text, of which no more is held than the item that is being read."""

    def __init__(self, stream: EntryStream, name: str) -> None:
        self._stream = stream
        self._name = name
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._decoder = json.JSONDecoder(parse_constant=_no_number)
        self._held = ""
        self._at = 0
        self._ended = False

    def begin(self) -> None:
        """Go behind the bracket that begins the list."""
        while len(self._held) < _START and self._more(_START):
            pass
        match = _SCRIPT.match(self._held)
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

    def refuse(self, what: str) -> Never:
        """Raise ArchiveRefused."""
        raise ArchiveRefused(f"{self._name} in this zip {what}. {_AGAIN}")

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
