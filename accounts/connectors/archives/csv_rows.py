"""Rows of a table in text, read with suspicion: bounded lines and rows, UTF-8, sound quotation."""

import codecs
import csv
import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from accounts.connectors.archives import NOTHING_CHANGED, ArchiveRefused, Readable
from accounts.speech import counted, say

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
            raise ArchiveRefused(say("This file is empty. Please choose the table once more."))
        if start[:2] == b"PK":
            raise ArchiveRefused(
                say(
                    "This file is a zip, or a workbook such as .xlsx, and not a CSV. "
                    "Save the table as “CSV UTF-8” and upload that."
                )
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
                say(
                    "Line {number} belongs to a row that is far too long. A quotation "
                    "mark may be missing, or this is not a CSV. {nothing_changed}",
                    number=self._number,
                    nothing_changed=NOTHING_CHANGED,
                )
            )
        if b"\0" in line:
            raise ArchiveRefused(
                say(
                    "Line {number} holds a NUL byte, so this is not a text file. {nothing_changed}",
                    number=self._number,
                    nothing_changed=NOTHING_CHANGED,
                )
            )
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _not_utf8(self._number) from error


def _not_utf8(line: int) -> ArchiveRefused:
    return ArchiveRefused(
        say(
            "Line {line} is not UTF-8, so letters would come out wrong. "
            "{nothing_changed} In your spreadsheet, save as “CSV UTF-8”.",
            line=line,
            nothing_changed=NOTHING_CHANGED,
        )
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
        raise ArchiveRefused(
            say(
                "The first row cannot be read as names of columns. {nothing_changed}",
                nothing_changed=NOTHING_CHANGED,
            )
        )
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
                say(
                    "Row {number} cannot be read: its quotation marks or line ends are "
                    "not those of a CSV. {nothing_changed} A quotation mark inside a "
                    "text is written twice.",
                    number=number,
                    nothing_changed=NOTHING_CHANGED,
                )
            ) from error
        if cells is None:
            return
        if number > MAX_ROWS + 1:
            raise ArchiveRefused(
                say(
                    "This table has more than {max_rows} rows, which is more than we "
                    "read. {nothing_changed} Please leave out the oldest posts.",
                    max_rows=MAX_ROWS,
                    nothing_changed=NOTHING_CHANGED,
                )
            )
        if any(cells):
            yield number, [cell.strip() for cell in cells]


def ragged(number: int, cells: int, columns: int, delimiter: str) -> str:
    """Return what is wrong with a row of another length than the header."""
    return say(
        "Row {number}: {cells} cells, but there are {columns} columns. A text that holds "
        "“{delimiter}” must stand in quotation marks.",
        number=number,
        cells=cells,
        columns=columns,
        delimiter=delimiter,
    )


def refusal(errors: Sequence[str]) -> ArchiveRefused:
    """Return the refusal of a table with these places to mend."""
    if len(errors) >= MAX_ERRORS:
        said = say(
            "The first {max_errors} places to mend are below. {nothing_changed}",
            max_errors=MAX_ERRORS,
            nothing_changed=NOTHING_CHANGED,
        )
    else:
        said = counted(
            "One place in this table cannot be used. {nothing_changed} Mend what is "
            "below, then upload again.",
            "{n} places in this table cannot be used. {nothing_changed} Mend what is "
            "below, then upload again.",
            len(errors),
            nothing_changed=NOTHING_CHANGED,
        )
    return ArchiveRefused(said, rows=tuple(errors[:MAX_ERRORS]))
