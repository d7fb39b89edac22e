"""Counts that all processes of a machine share, in a file that each of them maps into memory.

A count is of a name within a stretch of time, and gone afterwards. The file never grows: names
share BUCKETS places of WAYS counts, and where all of these are taken the one that ends first makes
room. Adding takes some microseconds, so that it costs nothing to count whatever is asked.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
from pathlib import Path

BUCKETS, WAYS = 8192, 8
_COUNT = struct.Struct("<QII")  # name as a hash, second (since 1970) in which it ends, count
_WIDTH = WAYS * _COUNT.size
_SIZE = BUCKETS * _WIDTH
_MOST = 2**32 - 1


class Counters:
    """The counts in one file. Safe to use by threads and processes at once, also after a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: int | None = None
        self._map: mmap.mmap | None = None

    def add(self, name: str, *, until: int, now: float) -> int:
        """Count one more of `name` up to the second `until` and return how many that makes."""
        key = _key(name)
        with self._lock:
            file, counts = self._opened()
            fcntl.lockf(file, fcntl.LOCK_EX)
            try:
                return _add(counts, key, until, int(now))
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN)

    def of(self, name: str, *, until: int) -> int:
        """Return how many of `name` were counted up to the second `until`, and count none."""
        key = _key(name)
        with self._lock:
            file, counts = self._opened()
            fcntl.lockf(file, fcntl.LOCK_EX)
            try:
                return _known(counts, key, until)
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN)

    def forget(self) -> None:
        """Set every count to nothing."""
        with self._lock:
            if self._map is not None:
                self._map[:] = bytes(_SIZE)

    def _opened(self) -> tuple[int, mmap.mmap]:
        """Return the file and its map, opened by whoever comes first."""
        if self._map is None or self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.fstat(self._file).st_size != _SIZE:
                os.ftruncate(self._file, _SIZE)
            self._map = mmap.mmap(self._file, _SIZE)
        return self._file, self._map


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _known(counts: mmap.mmap, key: int, until: int) -> int:
    """Return the count of `key`; 0 where it has none."""
    start = key % BUCKETS * _WIDTH
    for place in range(start, start + _WIDTH, _COUNT.size):
        known, ends, count = _COUNT.unpack_from(counts, place)
        if known == key and ends == until:
            return int(count)
    return 0


def _add(counts: mmap.mmap, key: int, until: int, now: int) -> int:
    """Add one in the place of `key`, taking that of another name if need be."""
    start = key % BUCKETS * _WIDTH
    best, rank = start, (_MOST, _MOST)
    for place in range(start, start + _WIDTH, _COUNT.size):
        known, ends, count = _COUNT.unpack_from(counts, place)
        if known == key and ends == until:
            count = min(count + 1, _MOST)
            _COUNT.pack_into(counts, place, key, until, count)
            return int(count)
        if known == key or ends <= now:
            ends = count = 0
        if (ends, count) < rank:
            best, rank = place, (ends, count)
    _COUNT.pack_into(counts, best, key, until, 1)
    return 1
