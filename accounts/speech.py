"""How sentences of modules that know no framework come into the reader's language.

They hold English, and it is said in one of two ways. A table whose reader is handed in (a Facts)
takes that reader's Speech; everything else calls `say` and `counted`, which speak the language
that is active: the site hands its Speech to `speak_with` when it starts (accounts.figures.READER),
and without a site it is English. `manage.py messages` collects what stands in `say`, `counted`,
`marked` and `sentence`, and in the tables that it names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias


def _as_written(text: str) -> str:
    return text


def _english_number(text: str, texts: str, number: int) -> str:
    return text if number == 1 else texts


def _grouped(number: int) -> str:
    return f"{number:,}"


@dataclass(frozen=True, slots=True)
class Speech:
    """sentence: in the language. counted: the form for one or for many. whole: "1,904"."""

    sentence: Callable[[str], str] = _as_written
    counted: Callable[[str, str, int], str] = _english_number
    whole: Callable[[int], str] = _grouped


@dataclass(frozen=True, slots=True)
class Marked:
    """A text of a table that is made before anybody reads it: `say` it where it is handed on."""

    text: str


Value: TypeAlias = str | int | Marked | Exception  # of an error: its sentence

ENGLISH = Speech()
_spoken = ENGLISH


def speak_with(speech: Speech) -> Speech:
    """Say everything by `speech` from now on, and return the one that was in use.

    One for the whole process: which language it speaks is for the Speech to know.
    """
    global _spoken
    before, _spoken = _spoken, speech
    return before


def marked(text: str) -> Marked:
    """Return a text that is collected for translation and said later."""
    return Marked(text)


def say(text: str | Marked, /, **values: Value) -> str:
    """Return a sentence in the active language, with `values` in its braces.

    Whole numbers are set apart by their thousands; what must not be (a year) is handed in as text.
    """
    said = _spoken.sentence(text.text if isinstance(text, Marked) else text)
    return said.format_map(_in_words(values)) if values else said


def counted(one: str, many: str, n: int, /, **values: Value) -> str:
    """Return the form for the number `n`, with it as {n} and `values` in its braces."""
    return _spoken.counted(one, many, n).format_map(_in_words({"n": n, **values}))


def joined(words: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c" in the active language; "" for nothing."""
    *firsts, last = tuple(words) or ("",)
    if not firsts:
        return last
    before = firsts[0]
    for word in firsts[1:]:
        before = say("{before}, {word}", before=before, word=word)
    return say("{before} and {last}", before=before, last=last)


def _in_words(values: dict[str, Value]) -> dict[str, str]:
    return {name: _in_word(value) for name, value in values.items()}


def _in_word(value: Value) -> str:
    if isinstance(value, Marked):
        return say(value)
    return _spoken.whole(value) if isinstance(value, int) else str(value)
