"""Read chosen members of a .tar.gz without unfolding it anywhere, within caps.

Python's tarfile (3.11.7) believes stated sizes: one header may have it take gigabytes for the name
of a member. Here everything passes through a window of 64 KiB; members that nobody asked for are
skipped, links and devices are refused, and nothing is written to disk.

Source: POSIX.1-2017, pax, ustar interchange format; RFC 1952.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts.connectors.archives import ArchiveRefused, Readable
from accounts.speech import Value, marked, say

_BLOCK = 512
_CHUNK = 64 * 1024
_FILES = frozenset({b"0", b"\0", b"7"})
_FOLDER = b"5"
# Long names and facts about the next member; none of ours needs either.
_ABOUT_NEXT = frozenset({b"x", b"g", b"L", b"K"})
_AGAIN = marked("Nothing was read. Please download the archive again and upload it as it came.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that an honest archive stays far below, in bytes."""

    unfolded: int = 4 * 1024**3
    ratio: int = 200  # unfolded : packed, once more than `small` has come out
    small: int = 8 * 1024**2
    members: int = 200_000
    read: int = 1024**3  # what one chosen member may hold


class Member:
    """One chosen member, read while the archive passes by."""

    def __init__(self, name: str, size: int, take: Callable[[int], bytes]) -> None:
        self.name = name
        self._left = size
        self._take = take

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes (at most 64 KiB), b"" at the end."""
        size = min(_CHUNK if size < 0 else size, _CHUNK, self._left)
        data = self._take(size) if size else b""
        self._left -= len(data)
        return data

    def skip(self) -> None:
        """Pass over what was not read."""
        while self._left:
            self.read()


def members(
    file: Readable, *, wanted: Callable[[str], bool], limits: Limits | None = None
) -> Iterator[Member]:
    """Give the members whose name is `wanted`, in order, each to be read at once.

    Raises ArchiveRefused when it is no .tar.gz, is damaged, or is built to do harm.
    """
    limits = limits or Limits()
    stream = _Unpacked(file, limits)
    for _number in range(limits.members):
        header = stream.block()
        if header is None or not header.strip(b"\0"):
            return  # two empty blocks end it, and whatever comes after is not read
        name, size, kind = _header(header)
        if kind in _FILES and wanted(name):
            if size > limits.read:
                raise _broken("{name} in it is larger than we read", name=name)
            member = Member(name, size, stream.take)
            yield member
            member.skip()
        elif kind in _FILES or kind == _FOLDER or kind in _ABOUT_NEXT:
            stream.skip(size)
        else:
            raise _broken("it holds a link or a device instead of a file")
        stream.skip(-size % _BLOCK)
    raise _broken("it holds more files than we open")


def _header(block: bytes) -> tuple[str, int, bytes]:
    """Return (name, size, kind) of a member."""
    stated = _number(block[148:156])
    if stated != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise _broken("it is damaged, or no tar")
    raw = block[:100].split(b"\0", 1)[0]
    if block[257:262] == b"ustar" and block[345:500].strip(b"\0") and block[263:265] == b"00":
        raw = block[345:500].split(b"\0", 1)[0] + b"/" + raw
    try:
        name = raw.decode().removeprefix("./")
    except UnicodeDecodeError as error:
        raise _broken("a name in it is not text") from error
    if name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
        raise _broken("a name in it points outside of the archive")
    return name, _number(block[124:136]), block[156:157]


def _number(field: bytes) -> int:
    if field[:1] == b"\x80":  # beyond eight octal digits
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    if digits.strip(b"01234567"):
        raise _broken("it is damaged, or no tar")
    return int(digits or b"0", 8)


class _Unpacked:
    """The tar inside of the gzip, as far as it has passed by."""

    def __init__(self, file: Readable, limits: Limits) -> None:
        file.seek(0)
        if file.read(2) != b"\x1f\x8b":
            raise ArchiveRefused(say("This file is not a .tar.gz. Please upload it as it came."))
        file.seek(0)
        self._file, self._limits = file, limits
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._held = b""
        self._at = self._packed = self._unfolded = 0

    def block(self) -> bytes | None:
        """Return the next 512 bytes, or None at the end of the file."""
        data = self._up_to(_BLOCK)
        if data and len(data) < _BLOCK:
            raise _broken("it ends too early")
        return data or None

    def take(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        data = self._up_to(size)
        if len(data) < size:
            raise _broken("it ends too early")
        return data

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        while size:
            size -= len(self.take(min(size, _CHUNK)))

    def _up_to(self, size: int) -> bytes:
        while len(self._held) - self._at < size and not self._inflater.eof:
            packed = self._inflater.unconsumed_tail
            if not packed:
                packed = self._file.read(_CHUNK)
                self._packed += len(packed)
            if not packed:
                raise _broken("it ends too early")
            try:
                piece = self._inflater.decompress(packed, _CHUNK)
            except zlib.error as error:
                raise _broken("it cannot be unfolded") from error
            self._unfolded += len(piece)
            self._check()
            self._held, self._at = self._held[self._at :] + piece, 0
        data = self._held[self._at : self._at + size]
        self._at += len(data)
        return data

    def _check(self) -> None:
        limits = self._limits
        if self._unfolded > limits.unfolded:
            raise _broken("unfolded, it is larger than {n} GB", n=limits.unfolded // 1024**3)
        if self._unfolded > max(limits.small, limits.ratio * self._packed):
            raise _broken("it unfolds to more than {ratio} times its size", ratio=limits.ratio)


def _broken(why: str, **values: Value) -> ArchiveRefused:
    return ArchiveRefused(
        say("This .tar.gz cannot be used: {why}. {again}", why=say(why, **values), again=_AGAIN)
    )
