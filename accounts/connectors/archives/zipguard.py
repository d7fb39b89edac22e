"""Read chosen entries of an uploaded zip without trusting a single number in it.

Python's zipfile (3.11.7) reads entries that overlap, makes an object of each of a million entries
before anyone can object, and believes stated sizes. Here the directory is walked first, with caps,
and compared with the header in front of each entry; only then are the wanted entries inflated,
piece by piece, against the bytes that really come out. Entries nobody asked for are never opened,
so a zip inside the zip is just bytes. Nothing is written to disk.

Source: PKWARE APPNOTE.TXT 6.3.10, 4.3-4.5.
"""

import re
import stat
import struct
import unicodedata
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts.connectors.archives import ArchiveRefused, Readable
from accounts.speech import Value, marked, say

_END = struct.Struct("<4s4H2LH")  # end of central directory
_END64_WHERE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x2041  # bits 0 (classic), 6 (strong) and 13 (hidden headers)
_SIZES_FOLLOW = 0x0008  # the local header was written before the sizes were known
_UTF8 = 0x0800
_ASK_ZIP64 = 0xFFFFFFFF
_CHUNK = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_AGAIN = marked("Nothing was read. Please download the archive again and upload it as it came.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that an honest archive stays far below. Sizes in bytes, ratios as inflated : packed."""

    entries: int = 100_000
    directory: int = 24 * 1024**2
    stated_total: int = 4 * 1024**3
    ratio: int = 200  # deflate itself cannot do more than 1032
    small: int = 1024**2  # what unfolds to less may have any ratio
    name: int = 512
    read: int = 1024**3  # what all opened entries together may inflate to


@dataclass(frozen=True, slots=True)
class Entry:
    """One wanted entry, with the directory's numbers. `start` is where its packed bytes begin."""

    name: str
    start: int
    packed: int
    size: int
    crc: int
    method: int


@dataclass(frozen=True, slots=True)
class _Directory:
    start: int
    size: int
    entries: int


@dataclass(frozen=True, slots=True)
class _Central:
    """A record of the central directory, its numbers as far as they matter here."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int
    mode: int


class GuardedZip:
    """A zip whose whole directory was checked before anything in it was opened."""

    def __init__(
        self, file: Readable, *, wanted: Callable[[str], bool], limits: Limits | None = None
    ) -> None:
        """Check `file` and remember the entries whose name is `wanted`.

        Raises ArchiveRefused when it is no zip, is damaged, or is built to do harm.
        """
        self._file = file
        self._limits = limits or Limits()
        self._left = self._limits.read
        self.entries: dict[str, Entry] = {}
        directory = _find_directory(file)
        if directory.entries > self._limits.entries:
            raise ArchiveRefused(
                say(
                    "This zip holds {entries} files; at most {most} are opened. Nothing was "
                    "read. Please make a zip of only the files this page names.",
                    entries=directory.entries,
                    most=self._limits.entries,
                )
            )
        if directory.size > self._limits.directory:
            raise _broken("its list of files is far too long")
        self._walk(directory, wanted)

    def open(self, entry: Entry) -> "EntryStream":
        """Return the entry's bytes as a stream. Reading it raises ArchiveRefused on any lie."""
        return EntryStream(self._file, entry, self._spend)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ArchiveRefused(
                say(
                    "The texts in this zip unfold to more than {n} MB, which is more "
                    "than we read. Nothing was changed.",
                    n=self._limits.read // 1024**2,
                )
            )

    def _walk(self, directory: _Directory, wanted: Callable[[str], bool]) -> None:
        self._file.seek(directory.start)
        data = _exactly(self._file, directory.size)
        # A million small facts must not become a million objects: two flat arrays and hashes.
        starts, ends, names = array("Q"), array("Q"), set[int]()
        total = 0
        for record in _records(data, directory.entries):
            name = _safe_name(record, self._limits)
            twin = hash(unicodedata.normalize("NFKC", name).casefold())
            if twin in names:
                raise _broken("two of its files have the same name")
            names.add(twin)
            total += record.size
            if max(record.header, record.packed) > directory.start:
                raise _broken("a file in it runs past its end")
            self._check_sizes(record, total)
            start = _data_start(self._file, record)
            starts.append(record.header)
            ends.append(start + record.packed)
            if wanted(name):
                self.entries[name] = Entry(
                    name, start, record.packed, record.size, record.crc, record.method
                )
        _refuse_overlaps(starts, ends, directory.start)
        self._check_ratio(total, directory.start)

    def _check_sizes(self, record: _Central, total: int) -> None:
        limits = self._limits
        if total > limits.stated_total:
            raise ArchiveRefused(
                say(
                    "Unfolded, this zip would be larger than {n} GB, which is more than we open. "
                    "Nothing was read. Please make a zip of only the files this page names.",
                    n=limits.stated_total // 1024**3,
                )
            )
        self._check_ratio(record.size, record.packed)
        if record.method == _STORED and record.size != record.packed:
            raise _broken("it contradicts itself about the size of a file")

    def _check_ratio(self, size: int, packed: int) -> None:
        if size > self._limits.small and size > packed * self._limits.ratio:
            raise _broken(
                "it unfolds to more than {ratio} times its size, as no real archive does",
                ratio=self._limits.ratio,
            )


class EntryStream:
    """One entry, inflated while it is read. Every byte is counted, whatever the zip states."""

    def __init__(self, file: Readable, entry: Entry, spend: Callable[[int], None]) -> None:
        self._file = file
        self._entry = entry
        self._spend = spend
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._at = entry.start
        self._packed_left = entry.packed
        self._waiting = b""  # packed bytes not inflated yet
        self._size = 0
        self._crc = 0
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Return 1 to `size` bytes (at most 64 KiB), or b"" at the end or for a size of 0.

        Raises ArchiveRefused when the entry is damaged or larger than it said.
        """
        size = _CHUNK if size < 0 else min(size, _CHUNK)
        if not size or self._ended:
            return b""
        piece = self._piece(size)
        self._size += len(piece)
        if self._size > self._entry.size:
            raise _broken("a file in it is larger than it says")
        self._spend(len(piece))
        self._crc = zlib.crc32(piece, self._crc)
        if not piece:
            self._ended = True
            if self._size != self._entry.size:
                raise _broken("a file in it is smaller than it says")
            if self._crc != self._entry.crc:
                raise _broken("a file in it does not match its checksum")
        return piece

    def _piece(self, size: int) -> bytes:
        if self._entry.method == _STORED:
            return self._packed(size)
        while True:
            self._waiting = self._waiting or self._packed(_CHUNK)
            try:
                piece = self._inflater.decompress(self._waiting, size)
            except zlib.error as error:
                raise _broken("a file in it cannot be unfolded") from error
            if self._inflater.eof:
                if self._inflater.unused_data or self._packed_left:
                    raise _broken("a file in it goes on after its end")
                self._waiting = b""
                return piece
            stuck = not piece and not self._waiting
            self._waiting = self._inflater.unconsumed_tail
            if stuck:
                raise _broken("a file in it is cut off")
            if piece:
                return piece

    def _packed(self, size: int) -> bytes:
        size = min(size, self._packed_left)
        if not size:
            return b""
        self._file.seek(self._at)
        data = _exactly(self._file, size)
        self._at += size
        self._packed_left -= size
        return data


def _find_directory(file: Readable) -> _Directory:
    """Return where the list of files is, from the very end of the zip."""
    length = file.seek(0, 2)
    file.seek(0)
    if not length:
        raise ArchiveRefused(say("This file is empty. Please choose the zip once more."))
    if file.read(2) != b"PK":
        raise ArchiveRefused(
            say("This file is not a zip. Please upload the zip as it was downloaded.")
        )
    tail_start = max(0, length - _END.size - 0xFFFF)
    file.seek(tail_start)
    tail = _exactly(file, length - tail_start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise ArchiveRefused(
            say(
                "This zip is cut off: its end is missing, so the download or the upload "
                "stopped early. {again}",
                again=_AGAIN,
            )
        )
    _, disk, first_disk, here, entries, size, start, comment = _END.unpack_from(tail, at)
    end = tail_start + at
    if len(tail) - at != _END.size + comment:
        raise _broken("something was added after its end")
    if 0xFFFF in (disk, first_disk, here, entries) or _ASK_ZIP64 in (size, start):
        disk, first_disk, here, entries, size, start, end = _zip64_directory(file, end)
    if disk or first_disk or here != entries:
        raise _broken("it is one part of several")
    if start + size != end:
        raise _broken("its list of files is not where it says")
    return _Directory(start, size, entries)


def _zip64_directory(file: Readable, end: int) -> tuple[int, ...]:
    """Return (disk, first disk, entries here, entries, size, start, end) of a large zip."""
    if end < _END64_WHERE.size + _END64.size:
        raise _broken("its list of files is missing")
    file.seek(end - _END64_WHERE.size)
    signature, _, where, _ = _END64_WHERE.unpack(_exactly(file, _END64_WHERE.size))
    # Exactly in front of its locator: nothing may hide between them.
    if signature != b"PK\x06\x07" or where != end - _END64_WHERE.size - _END64.size:
        raise _broken("its list of files is not where it says")
    file.seek(where)
    fields = _END64.unpack(_exactly(file, _END64.size))
    if fields[0] != b"PK\x06\x06":
        raise _broken("its list of files is not where it says")
    return (*fields[4:], where)


def _records(data: bytes, entries: int) -> Iterator[_Central]:
    """Give each record of the central directory. The bytes must hold exactly `entries` of them."""
    at = 0
    for _ in range(entries):
        if len(data) - at < _CENTRAL.size:
            raise _broken("its list of files is shorter than it says")
        fields = _CENTRAL.unpack_from(data, at)
        (signature, _, _, flags, method, _, _, crc, packed, size) = fields[:10]
        (name_size, extra_size, comment_size, _, _, attributes, header) = fields[10:]
        at += _CENTRAL.size
        name, extra = data[at : at + name_size], data[at + name_size : at + name_size + extra_size]
        at += name_size + extra_size + comment_size
        if signature != b"PK\x01\x02" or at > len(data):
            raise _broken("its list of files is damaged")
        size, packed, header = _zip64_numbers(extra, size, packed, header)
        yield _Central(name, flags, method, crc, packed, size, header, attributes >> 16)
    if at != len(data):
        raise _broken("its list of files is longer than it says")


def _zip64_numbers(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """Return `numbers` with those that say "see the zip64 field" taken from there, in order."""
    if _ASK_ZIP64 not in numbers:
        return numbers
    at = 0
    while len(extra) - at >= 4:
        tag, length = struct.unpack_from("<2H", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if tag == 1:
            large = [value for (value,) in struct.iter_unpack("<Q", field[: length // 8 * 8])]
            if len(field) != length or len(large) < numbers.count(_ASK_ZIP64):
                break
            return tuple(large.pop(0) if number == _ASK_ZIP64 else number for number in numbers)
        at += 4 + length
    raise _broken("it does not say how large a file is")


def _safe_name(record: _Central, limits: Limits) -> str:
    """Return the entry's name. Raises ArchiveRefused for names and kinds no archive needs."""
    if record.flags & _ENCRYPTED or record.method == 99:
        raise ArchiveRefused(
            say("This zip is locked with a password. Nothing was read. Please upload it unlocked.")
        )
    if record.method not in (_STORED, _DEFLATED):
        raise _broken("it is packed in a way that archives of posts are not")
    try:
        name = record.raw_name.decode("utf-8" if record.flags & _UTF8 else "cp437")
    except UnicodeDecodeError as error:
        raise _broken("a name in it is not text") from error
    if not name or len(name) > limits.name:
        raise _broken("a name in it is empty or far too long")
    path = name.replace("\\", "/")
    if _CONTROL.search(path):
        raise _broken("a name in it holds characters that names do not have")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise _broken("a name in it points outside of the zip")
    if stat.S_IFMT(record.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _broken("it holds a link or a device instead of a file")
    return path


def _data_start(file: Readable, record: _Central) -> int:
    """Return where the packed bytes begin, after comparing the header there with the directory."""
    file.seek(record.header)
    header = _exactly(file, _LOCAL.size)
    signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(
        header
    )
    rest = _exactly(file, name_size + extra_size)
    if signature != b"PK\x03\x04" or rest[:name_size] != record.raw_name:
        raise _broken("its list of files does not match the files")
    if method != record.method or (flags ^ record.flags) & _ENCRYPTED:
        raise _broken("its list of files does not match the files")
    if not flags & _SIZES_FOLLOW:
        size, packed = _zip64_numbers(rest[name_size:], size, packed)
        if (crc, size, packed) != (record.crc, record.size, record.packed):
            raise _broken("it contradicts itself about the size of a file")
    return record.header + _LOCAL.size + len(rest)


def _refuse_overlaps(starts: "array[int]", ends: "array[int]", limit: int) -> None:
    """Raise ArchiveRefused when two entries share bytes, or one runs into the list of files."""
    order = sorted(range(len(starts)), key=starts.__getitem__)
    free_from = 0
    for index in order:
        if starts[index] < free_from:
            raise _broken("two of its files lie on top of each other, as no real archive has them")
        free_from = ends[index]
    if free_from > limit:
        raise _broken("a file in it runs past its end")


def _exactly(file: Readable, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise _broken("it ends too early")
    return data


def _broken(why: str, **values: Value) -> ArchiveRefused:
    return ArchiveRefused(
        say("This zip cannot be used: {why}. {again}", why=say(why, **values), again=_AGAIN)
    )
