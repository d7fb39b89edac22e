"""Rows of the taxonomy's CSV files, each with the line it stands on. Nothing is judged twice.

Whatever cannot be read becomes a mistake that says file, line, what is wrong, why, and what to do;
reading goes on behind it, so that one look shows every mistake.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


class TaxonomyError(ValueError):
    """The files hold mistakes. `mistakes` has one sentence or two of each, in the files' order."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        """Keep the mistakes; the text of the error is all of them, a line each."""
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the file's name below the folder, the line it starts on (from 1), its cells."""

    file: str
    line: int
    cells: dict[str, str]

    def mistake(self, what: str) -> str:
        """Return the sentence about this row."""
        return f"{self.file}, line {self.line}: {what}"


class Mistakes:
    """What is wrong so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._found: dict[tuple[str, int, str], None] = {}

    def add(self, row: Row, what: str) -> None:
        """Remember what is wrong with this row; the same mistake of a row is said once."""
        self._found[row.file, row.line, what] = None

    def at(self, file: str, line: int, what: str) -> None:
        """Remember what is wrong on a line of which there is no row."""
        self._found[file, line, what] = None

    def raise_if_any(self) -> None:
        """Raise TaxonomyError with all of them when there are any."""
        if self._found:
            raise TaxonomyError(
                [f"{file}, line {line}: {what}" for file, line, what in sorted(self._found)]
            )


def read(
    path: Path,
    name: str,
    columns: Sequence[str],
    mistakes: Mistakes,
    *,
    more: re.Pattern[str] | None = None,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> list[Row]:
    """Return the rows of a CSV file (.csv or .csv.gz), cells stripped; `name` is what it is called.

    more: further columns may follow, at least one, whose names match it. renamed: other spellings
    of columns. A file that is not UTF-8, or begins with another line, gives no rows and a mistake;
    a row with too many or too few cells is left out with a mistake.
    """
    text = _text(path, name, mistakes)
    if text is None:
        return []
    lines = _lines(text, name, mistakes)
    line, cells = next(lines, (1, []))
    header = [renamed.get(cell.strip(), cell.strip()) for cell in cells]
    if not _fits(header, columns, more):
        named = ",".join(columns) + (" and a column for each language" if more else "")
        mistakes.at(name, line, f"The first line must name the columns: {named}. Write it so.")
        return []
    rows = []
    for line, cells in lines:
        if len(cells) == len(header):
            stripped = (cell.strip() for cell in cells)
            rows.append(Row(name, line, dict(zip(header, stripped, strict=True))))
        else:
            mistakes.at(
                name,
                line,
                f"{len(cells)} cells stand where {len(header)} belong, so that nobody knows which "
                'is which. Count the commas, and put "..." around a cell that holds one.',
            )
    return rows


def _fits(header: Sequence[str], columns: Sequence[str], more: re.Pattern[str] | None) -> bool:
    known, further = header[: len(columns)], header[len(columns) :]
    if more is None or not further:
        return list(header) == list(columns) and more is None
    once = len(set(further)) == len(further)
    return list(known) == list(columns) and once and all(map(more.fullmatch, further))


def _text(path: Path, name: str, mistakes: Mistakes) -> str | None:
    content = path.read_bytes()
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        mistakes.at(name, line, "This is not UTF-8 text. Save the file as UTF-8.")
    except (OSError, EOFError, zlib.error):
        mistakes.at(name, 1, "The file cannot be unpacked: it is no whole gzip file. Get it anew.")
    return None


def _lines(text: str, name: str, mistakes: Mistakes) -> Iterator[tuple[int, list[str]]]:
    """Yield (line the row starts on, cells) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            mistakes.at(
                name, line, f"This row cannot be read ({error}). Look at its quotation marks."
            )
            return
        if cells:
            yield line, cells
