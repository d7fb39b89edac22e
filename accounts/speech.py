"""How sentences of modules that know no framework come into the reader's language.

They hold English; who shows them hands a Speech in (accounts.figures.READER), and so one table of
sentences serves pages in every language, documents and tests. `manage.py messages` collects what
stands in `sentence` and `counted`, and in the tables that it names.
"""

from collections.abc import Callable
from dataclasses import dataclass


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


ENGLISH = Speech()
