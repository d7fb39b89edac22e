"""How names, aliases and their senses are written and compared."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LEVELS = ("area", "field", "topic")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 80  # characters; columns of the database hold no more

_WORDS = re.compile(r"[\w+#.&]+")
_RULE = re.compile(r"(?P<name>.+?):\s+(?P<words>[+-]\S.*)")


@dataclass(frozen=True, slots=True)
class Sense:
    """When a name with several meanings counts.

    With `needs`: when one of these words, a term or another alias of its topic stands in the same
    text. In any case only when none of `bars` does. Words are folded.
    """

    needs: tuple[str, ...]
    bars: tuple[str, ...]


def fold(text: str) -> str:
    """Return text as names are compared: composed, without case, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def plain(text: str) -> str:
    """Return text as people search it: as `fold`, without accents, marks and punctuation."""
    bare = text.casefold()
    if not bare.isascii():
        apart = unicodedata.normalize("NFKD", bare)
        bare = "".join(one for one in apart if not unicodedata.combining(one))
    return " ".join(_WORDS.findall(bare.replace("_", " ")))


def fit(wanted: str, name: str) -> int | None:
    """Return how well a plain name answers a plain search: 0 is it, 2 begins so, 4 holds it.

    None: some word of the search begins no word of the name.
    """
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 2
    words = name.split()
    found = all(any(word.startswith(part) for word in words) for part in wanted.split())
    return 4 if found else None


def initials(name: str) -> str:
    """Return what a plain name of several words is shortened to ("ki"), "" for one word."""
    first = [word[0] for word in name.split()]
    return "".join(first) if len(first) > 1 else ""


def listed(cell: str) -> tuple[str, ...]:
    """Return the entries of a cell that are separated by semicolons."""
    return tuple(entry.strip() for entry in cell.split(";")) if cell.strip() else ()


def by_language(cell: str) -> dict[str, tuple[str, ...]]:
    """Return language -> further names there, of a cell "de:Sauerteig; es:masa madre"."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in listed(cell):
        language, _, name = entry.partition(":")
        found[language] = (*found.get(language, ()), name.strip())
    return found


def key(alias: str) -> str:
    """Return an alias as it is compared: folded, without the "=" that asks for exact case."""
    return fold(alias.removeprefix("="))


def heard(alias: str) -> str:
    """Return an alias without what texts are compared without: two that agree are one name."""
    return plain(alias.removeprefix("=")) or key(alias)


def senses(cell: str) -> tuple[dict[str, Sense], list[str]]:
    """Return the rules of a cell by the name they are about, and the entries that are no rule.

    "_" stands for a space inside a word of a rule, "|" between names that share one:
    `jaguar | panthera: +big_cat -car`.
    """
    rules: dict[str, Sense] = {}
    odd: list[str] = []
    for entry in listed(cell):
        found = _RULE.fullmatch(entry)
        sense = _sense(found["words"]) if found else None
        if not found or sense is None:
            odd.append(entry)
            continue
        for name in found["name"].split("|"):
            rules[key(name.strip())] = sense
    return rules, odd


@lru_cache(maxsize=4096)
def _sense(words: str) -> Sense | None:
    """Return the rule of words with their signs, None when one lacks its sign or is only that."""
    signed = words.split()
    if any(len(word) < 2 or word[0] not in "+-" for word in signed):
        return None
    return Sense(_of(signed, "+"), _of(signed, "-"))


def _of(words: Sequence[str], sign: str) -> tuple[str, ...]:
    return tuple(fold(word[1:].replace("_", " ")) for word in words if word[0] == sign)
