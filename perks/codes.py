"""Codes: made here, read from a brand's file, and recognised again without being kept in the clear.

Pure but for the key: bytes in, codes or refusals out. A file is read in bounded memory: what holds
too many lines, or a line without an end, is refused where that shows, however much more there is.
"""

import csv
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import whole

SHORTEST, LONGEST = 4, 64  # characters of a code
MOST_CODES = 100_000  # of one file
LONGEST_LINE = 4_096  # bytes
ROWS_NAMED = 20  # of each kind of trouble
HEADERS = {"code", "codes", "coupon", "voucher"}  # of a first row that is no code
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another
_MADE = 27  # of 31 letters each: 133 bits


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a file, in words, and the rows concerned: the first ROWS_NAMED."""

    text: str
    rows: tuple[int, ...] = ()


class CodesRefused(Exception):
    """None of a file's codes was taken. `troubles` says why, row by row."""

    def __init__(self, *troubles: Trouble) -> None:
        super().__init__(" ".join(trouble.text for trouble in troubles))
        self.troubles = troubles


def made() -> str:
    """Return a new code of 133 random bits, in groups that are easy to read out."""
    letters = "".join(secrets.choice(_LETTERS) for _letter in range(_MADE))
    return "-".join(letters[at : at + 9] for at in range(0, _MADE, 9))


def digest(code: str, *, brand: str) -> str:
    """Return what a code of a brand is recognised by, keyed: a copy of it helps nobody guess.

    Case and blanks make no other code of it.
    """
    message = f"perk\x00{brand.casefold()}\x00{folded(code)}".encode()
    return hmac.new(settings.ACTOR_KEY.encode(), message, hashlib.sha256).hexdigest()


def account_digest(name: str) -> str:
    """Return what an account elsewhere ("x 4242") is recognised by, keyed."""
    message = f"perk account\x00{name}".encode()
    return hmac.new(settings.ACTOR_KEY.encode(), message, hashlib.sha256).hexdigest()


def folded(code: str) -> str:
    """Return a code as hasty fingers type it: two that fold alike are one."""
    return "".join(code.split()).casefold()


def read(file: BinaryIO, *, length: int = 0) -> dict[int, str]:
    """Return row number -> code of a brand's file: a code a line, or a CSV with it first.

    length: of each code, where the brand says it; 0 for any. Raises CodesRefused with the rows.
    """
    codes: dict[int, str] = {}
    seen: dict[str, int] = {}
    troubles = _Troubles(length)
    for number, line in _lines(file):
        code = _first_cell(line)
        if number == 1 and code.casefold() in HEADERS:
            continue
        fault = _fault(code, length)
        if not fault and folded(code) in seen:
            fault = "double"
        if fault:
            troubles.note(fault, number)
            continue
        seen[folded(code)] = number
        codes[number] = code
    troubles.raise_if_any()
    return codes


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, from 1. Raises CodesRefused.

    Blank lines at the end are no rows.
    """
    blanks = 0
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if number > MOST_CODES + 1:
            raise CodesRefused(
                Trouble(
                    _("The file has more than %(most)s rows. Send it in parts.")
                    % {"most": whole(MOST_CODES)}
                )
            )
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise CodesRefused(Trouble(_("This row is far too long for a code."), (number,)))
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise CodesRefused(
                Trouble(_("This row is not text (UTF-8). Save the file as CSV."), (number,))
            ) from None
        if not text:
            blanks += 1
            continue
        for blank in range(number - blanks, number):
            yield blank, ""
        blanks = 0
        yield number, text


def _first_cell(line: str) -> str:
    """Return the first cell of a row, whatever it is parted by."""
    for parting in (",", ";", "\t"):
        if parting in line:
            cells = next(csv.reader([line], delimiter=parting), [""])
            return cells[0].strip() if cells else ""
    return line.strip('"').strip()


def _fault(code: str, length: int) -> str:
    if not code:
        return "blank"
    if not code.isprintable():
        return "letters"
    if len(code) != length if length else not SHORTEST <= len(code) <= LONGEST:
        return "length"
    return ""


class _Troubles:
    """The rows with each kind of trouble; of many the first are kept and the rest counted."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._rows: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}

    def note(self, fault: str, row: int) -> None:
        self._counts[fault] = self._counts.get(fault, 0) + 1
        rows = self._rows.setdefault(fault, [])
        if len(rows) < ROWS_NAMED:
            rows.append(row)

    def raise_if_any(self) -> None:
        """Raise CodesRefused when something was noted."""
        if self._rows:
            raise CodesRefused(
                *(Trouble(self._text(fault), tuple(rows)) for fault, rows in self._rows.items())
            )

    def _text(self, fault: str) -> str:
        number = self._counts[fault]
        if fault == "blank":
            text = ngettext("%(number)s row is blank.", "%(number)s rows are blank.", number)
        elif fault == "double":
            text = ngettext(
                "%(number)s code stands in the file twice.",
                "%(number)s codes stand in the file twice.",
                number,
            )
        elif fault == "letters":
            text = ngettext(
                "%(number)s row has characters that cannot be shown.",
                "%(number)s rows have characters that cannot be shown.",
                number,
            )
        elif self._length:
            text = ngettext(
                "%(number)s code does not have %(length)s characters.",
                "%(number)s codes do not have %(length)s characters.",
                number,
            )
        else:
            text = ngettext(
                "%(number)s code does not have %(shortest)s to %(longest)s characters.",
                "%(number)s codes do not have %(shortest)s to %(longest)s characters.",
                number,
            )
        return text % {
            "number": number,
            "length": self._length,
            "shortest": SHORTEST,
            "longest": LONGEST,
        }
