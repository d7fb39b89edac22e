"""Rows of a table in text, read with suspicion: bounded lines and rows, UTF-8, sound quotation."""

import codecs
import csv
import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from accounts.connectors.archives import NOTHING_CHANGED, ArchiveRefused, Readable

MAX_ROWS = 200_000
MAX_ERRORS = 20  # lines about places to mend
_MAX_LINE = 256 * 1024  # bytes
_MAX_ROW = 512 * 1024  # bytes; a quoted text may run over many lines


class Lines:
    """The file as decoded lines, each bounded, and all lines of one row together as well."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._row_size = 0
        self._number = 0

    def header(self) -> str:
        """Return the first line without its byte order mark."""
        self._file.seek(0)
        start = self._file.read(4)
        if not start:
            raise ArchiveRefused("This file is empty. Please choose the table once more.")
        if start[:2] == b"PK":
            raise ArchiveRefused(
                "This file is a zip, or a workbook such as .xlsx, and not a CSV. Save the table "
                "as “CSV UTF-8” and upload that."
            )
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise _not_utf8(1)
        self._file.seek(3 if start[:3] == codecs.BOM_UTF8 else 0)
        return next(self, "")

    def next_row(self) -> None:
        """Say that a row is complete."""
        self._row_size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_MAX_LINE + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._row_size += len(line)
        if len(line) > _MAX_LINE or self._row_size > _MAX_ROW:
            raise ArchiveRefused(
                f"Line {self._number:,} belongs to a row that is far too long. A quotation mark "
                f"may be missing, or this is not a CSV. {NOTHING_CHANGED}"
            )
        if b"\0" in line:
            raise ArchiveRefused(
                f"Line {self._number:,} holds a NUL byte, so this is not a text file. "
                f"{NOTHING_CHANGED}"
            )
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _not_utf8(self._number) from error


def _not_utf8(line: int) -> ArchiveRefused:
    return ArchiveRefused(
        f"Line {line:,} is not UTF-8, so letters would come out wrong. {NOTHING_CHANGED} In your "
        "spreadsheet, save as “CSV UTF-8”."
    )


def column_names(line: str, known: Collection[str]) -> tuple[list[str], str]:
    """Return the names in the first row, lower case, and the delimiter that gives most of `known`.

    Raises ArchiveRefused when the row is none of a CSV.
    """
    readings: dict[str, list[str]] = {}
    for delimiter in ",;":
        with suppress(csv.Error):  # quotation marks that make no sense with this delimiter
            cells = next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
            readings[delimiter] = [cell.strip().lower() for cell in cells]
    if not readings:
        raise ArchiveRefused(f"The first row cannot be read as names of columns. {NOTHING_CHANGED}")
    delimiter = max(readings, key=lambda one: len(set(readings[one]).intersection(known)))
    return readings[delimiter], delimiter


def rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give (row number, trimmed cells) of each row that is not blank; the header was row 1.

    Raises ArchiveRefused for more than MAX_ROWS rows, or what is no CSV.
    """
    read = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in itertools.count(2):
        lines.next_row()
        try:
            cells = next(read, None)
        except csv.Error as error:
            raise ArchiveRefused(
                f"Row {number:,} cannot be read: its quotation marks or line ends are not those "
                f"of a CSV. {NOTHING_CHANGED} A quotation mark inside a text is written twice."
            ) from error
        if cells is None:
            return
        if number > MAX_ROWS + 1:
            raise ArchiveRefused(
                f"This table has more than {MAX_ROWS:,} rows, which is more than we read. "
                f"{NOTHING_CHANGED} Please leave out the oldest posts."
            )
        if any(cells):
            yield number, [cell.strip() for cell in cells]


def ragged(number: int, cells: int, columns: int, delimiter: str) -> str:
    """Return what is wrong with a row of another length than the header."""
    return (
        f"Row {number:,}: {cells:,} cells, but there are {columns:,} columns. A text that holds "
        f"“{delimiter}” must stand in quotation marks."
    )


def refusal(errors: Sequence[str]) -> ArchiveRefused:
    """Return the refusal of a table with these places to mend."""
    if len(errors) >= MAX_ERRORS:
        said = f"The first {MAX_ERRORS} places to mend are below. {NOTHING_CHANGED}"
    else:
        places = "One place" if len(errors) == 1 else f"{len(errors)} places"
        said = (
            f"{places} in this table cannot be used. {NOTHING_CHANGED} Mend what is below, then "
            "upload again."
        )
    return ArchiveRefused(said, rows=tuple(errors[:MAX_ERRORS]))
