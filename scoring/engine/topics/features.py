"""The wording of posts as numbers: words, pairs of words and pieces of words, by their hashes.

Every letter n-gram of a batch is hashed in a few array operations: with prefix hashes
H[i] = H[i-1] B + c_i (mod 2^64), a piece from i to j has the hash H[j] - H[i] B^(j-i).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scoring.engine.topics.tokens import plain_text

Keys = NDArray[np.uint32]
Counts = NDArray[np.float32]
Rows = NDArray[np.int64]
Kinds = NDArray[np.uint8]
Found = tuple[Rows, Keys, int]  # whose, what, kind

WORD, PAIR, PIECE, NAMED = range(4)  # kinds of features; NAMED: what the taxonomy found
PIECES = (3, 4, 5)  # letters; a word's edges count as one
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SALT = np.uint64(0xD6E8FEB86659FD93)
_WORD = re.compile(r"[^\W_]+")
_SPACE = 32


@dataclass(frozen=True, slots=True)
class Features:
    """What stands in a batch of texts.

    text: in which text. key: what, as a 32-bit hash. count: 1 + ln(how often), for NAMED its
    weight. kind: WORD, PAIR, PIECE or NAMED.
    """

    text: Rows
    key: Keys
    count: Counts
    kind: Kinds


def featurise(texts: Sequence[str], named: Sequence[Mapping[str, float]] = ()) -> Features:
    """Return the features of a batch, with named ones and their weights for each text.

    Time and memory grow with the letters of the batch.
    """
    lines = [" ".join(_WORD.findall(plain_text(text).casefold())) for text in texts]
    letters = np.frombuffer(f" {'  '.join(lines)} ".encode("utf-32-le"), np.uint32)
    lengths = np.fromiter((len(line) + 2 for line in lines), np.int64, len(lines))
    owner = np.repeat(np.arange(len(lines)), lengths)
    prefix = _prefixes(letters)
    found = [*_words(letters, owner, prefix)]
    found += [_pieces(letters, owner, prefix, size) for size in PIECES]
    return _joined(_counted(found), named)


@cache
def key_of(name: str) -> int:
    """Return the key of a named feature, which is no wording: a topic the taxonomy found."""
    letters = np.frombuffer(name.encode("utf-32-le"), np.uint32)
    return int(_mixed(_prefixes(letters)[-1:], 9)[0])


def _prefixes(letters: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return H[0..n] divided by B^i, so that it is a plain running sum (B is odd: invertible)."""
    inverse = _powers(len(letters))[1]
    scaled = (letters.astype(np.uint64) + np.uint64(1)) * inverse[: len(letters)]
    return np.concatenate((np.zeros(1, np.uint64), np.cumsum(scaled, dtype=np.uint64)))


def _between(prefix: NDArray[np.uint64], start: Rows, end: Rows) -> NDArray[np.uint64]:
    """Return the hashes of the letters start..end, the same wherever they stand."""
    return (prefix[end] - prefix[start]) * _powers(len(prefix))[0][start]


@cache
def _powers_of(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    inverse = np.uint64(pow(int(_BASE), -1, 2**64))
    ones = np.ones(1, np.uint64)
    return (
        np.concatenate((ones, np.cumprod(np.full(size, _BASE), dtype=np.uint64))),
        np.concatenate((ones, np.cumprod(np.full(size, inverse), dtype=np.uint64))),
    )


def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the powers of the base and of its inverse; one table for each doubling of `size`."""
    return _powers_of(1 << max(size - 1, 1).bit_length())


def _words(
    letters: NDArray[np.uint32], owner: Rows, prefix: NDArray[np.uint64]
) -> tuple[Found, Found]:
    """Return words and pairs of words that stand side by side."""
    space = letters == _SPACE
    start = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    end = np.flatnonzero(~space[:-1] & space[1:]) + 1
    whose, what = owner[start], _between(prefix, start, end)
    beside = whose[1:] == whose[:-1]
    pairs = _mixed(what[:-1] * _BASE + what[1:], 2)[beside]
    return (whose, _mixed(what, 1), WORD), (whose[1:][beside], pairs, PAIR)


def _pieces(
    letters: NDArray[np.uint32], owner: Rows, prefix: NDArray[np.uint64], size: int
) -> Found:
    """Return pieces of words, a space only at either end."""
    spaces = np.concatenate((np.zeros(1, np.int64), np.cumsum(letters == _SPACE)))
    start = np.arange(max(0, len(letters) - size + 1))
    start = start[spaces[start + size - 1] == spaces[start + 1]]
    return owner[start], _mixed(_between(prefix, start, start + size), size), PIECE


def _mixed(hashes: NDArray[np.uint64], kind: int) -> Keys:
    """Return 32 well mixed bits of each hash, different ones for each kind of feature."""
    mixed = (hashes ^ np.uint64(kind)) * _SALT
    mixed ^= mixed >> np.uint64(32)
    mixed *= _SALT
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _counted(found: Sequence[Found]) -> Features:
    """Return each feature of each text once."""
    owner = np.concatenate([whose for whose, _, _ in found]).astype(np.uint64)
    key = np.concatenate([what for _, what, _ in found]).astype(np.uint64)
    kind = np.repeat([kind for *_, kind in found], [len(whose) for whose, _, _ in found])
    joint, first, times = np.unique(
        (owner << np.uint64(32)) | key, return_index=True, return_counts=True
    )
    return Features(
        text=(joint >> np.uint64(32)).astype(np.int64),
        key=(joint & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        count=(1 + np.log(times)).astype(np.float32),
        kind=kind[first].astype(np.uint8),
    )


def _joined(plain: Features, named: Sequence[Mapping[str, float]]) -> Features:
    """Return `plain` with named features behind it."""
    rows = [(at, name, weight) for at, found in enumerate(named) for name, weight in found.items()]
    return Features(
        text=np.concatenate((plain.text, np.array([at for at, _, _ in rows], np.int64))),
        key=np.concatenate((plain.key, np.array([key_of(name) for _, name, _ in rows], np.uint32))),
        count=np.concatenate((plain.count, np.array([one for *_, one in rows], np.float32))),
        kind=np.concatenate((plain.kind, np.full(len(rows), NAMED, np.uint8))),
    )
