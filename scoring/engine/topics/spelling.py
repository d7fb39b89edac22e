"""Names that a search with a slip in it may have meant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

_SHORTEST = 4  # letters: in fewer a slip makes another word
_LONG = 8  # letters from which two slips are forgiven


class Names:
    """Plain names, kept so that those near to a text are found without comparing it with each."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take names as scoring.engine.topics.naming.plain writes them."""
        by_length: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for name in dict.fromkeys(names):
            by_length[len(name)].append((name, _letters(name)))
        self._by_length = dict(by_length)

    def near(self, wanted: str) -> list[str]:
        """Return the names with the fewest slips from a plain text: one at most, in long ones two.

        A slip is a letter left out, one too many, a wrong one, or two that changed places.
        """
        most = 0 if len(wanted) < _SHORTEST else 1 if len(wanted) < _LONG else 2
        if not most:
            return []
        found = {name: slips(wanted, name, most) for name in self._alike(wanted, most)}
        fewest = min((count for count in found.values() if count is not None), default=-1)
        return [name for name, count in found.items() if count == fewest]

    def _alike(self, wanted: str, most: int) -> Iterator[str]:
        """Yield names of about the length and the letters: a slip changes one into another."""
        letters = _letters(wanted)
        for length in range(len(wanted) - most, len(wanted) + most + 1):
            for name, others in self._by_length.get(length, ()):
                apart = letters ^ others
                if max((apart & letters).bit_count(), (apart & others).bit_count()) <= most:
                    yield name


def _letters(text: str) -> int:
    """Return which letters a text has, as bits; several letters may share one."""
    bits = 0
    for letter in set(text):
        bits |= 1 << (ord(letter) & 63)
    return bits


def slips(one: str, other: str, most: int) -> int | None:
    """Return the fewest slips between two texts, None for more than `most`.

    Source: optimal string alignment, Boytsov 2011, "Indexing methods for approximate dictionary
    searching", 2.2.1.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, start=1):
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            swapped = at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted
            row.append(min(least, earlier[to - 2] + 1) if swapped else least)
        if min(row) > most and min(before) > most:
            return None
    return row[-1] if row[-1] <= most else None
