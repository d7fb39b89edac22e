"""Read the cells of an .xlsx as a stream: values only, and only from a workbook that holds no code.

openpyxl was tried and left: it makes a row of every number that a row may claim to have, takes all
shared texts at any length, and answers a damaged part with whatever error it stumbles on. A table
of values needs four kinds of parts of the format. They come out of the guarded zip piece by piece
into expat; a document type, and with it every entity, is refused where it begins.

Source: ECMA-376, Part 1, 18 (SpreadsheetML) and Part 2, 9 (relationships).
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from accounts.connectors.archives import NOTHING_CHANGED, ArchiveRefused, Readable, found
from accounts.connectors.archives.zipguard import GuardedZip, Limits
from accounts.speech import Marked, Value, marked, say

_LIMITS = Limits(
    entries=500,
    directory=256 * 1024,
    stated_total=64 * 1024**2,
    read=32 * 1024**2,
)
_CODE = re.compile(r".*(?:vbaProject|/activeX/|/externalLinks/|/embeddings/|macrosheets/).*", re.I)
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
MAX_ROWS = 20_000  # in all sheets together
MAX_CELLS = 100_000
MAX_TEXTS = 50_000
MAX_SHEETS = 50
_LONGEST_TEXT = 2_000  # characters of a cell that are kept
# expat keeps a stack of open elements, and begins a tag anew with every piece that it gets of it.
_DEEPEST = 64
_LONGEST_TAG = 1024**2  # bytes

Cell = str | float
Start = Callable[[str, dict[str, str]], None]
_DOCUMENT_TYPE = marked("{found} defines a document type, as no honest workbook does")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the workbook shows it, and its cells by column (0 is A)."""

    number: int
    cells: Mapping[int, Cell]


class Workbook:
    """The sheets of a workbook in their order, and the rows of each."""

    def __init__(self, file: Readable) -> None:
        """Check `file`. Raises ArchiveRefused when it is damaged or holds code."""
        self._zip = GuardedZip(file, wanted=lambda _name: True, limits=_LIMITS)
        names = list(self._zip.entries)
        if code := [name for name in names if _CODE.fullmatch(name)]:
            raise _refused("it holds code or links to other files ({found})", found=found(code[0]))
        if _BOOK not in names or _LINKS not in names:
            raise _refused("its list of sheets is missing")
        self._rows_left, self._cells_left = MAX_ROWS, MAX_CELLS
        targets = self._targets()
        self.sheets = {
            name: targets[link] for name, link in self._sheets() if targets.get(link) in names
        }
        self._texts = self._shared() if _TEXTS in names else []

    def rows(self, sheet: str) -> Iterator[Row]:
        """Give the rows of `sheet` that hold anything.

        Raises ArchiveRefused when there are too many, or a cell holds a formula.
        """
        reader = _SheetReader(sheet, self._texts)
        for _piece in self._parse(self.sheets[sheet], reader.start, reader.end, reader.text):
            for row in reader.taken():
                self._rows_left -= 1
                self._cells_left -= len(row.cells)
                if self._rows_left < 0 or self._cells_left < 0:
                    raise _refused("sheet {found} is longer than we read", found=found(sheet))
                yield row

    def _targets(self) -> dict[str, str]:
        """Return relation -> part, as a path in the zip."""
        targets: dict[str, str] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            target = attributes.get("Target", "")
            if tag == "Relationship" and attributes.get("TargetMode", "Internal") == "Internal":
                path = target[1:] if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = posixpath.normpath(path)

        self._whole(_LINKS, start)
        return targets

    def _sheets(self) -> list[tuple[str, str]]:
        """Return (name, relation) of each sheet in order."""
        sheets: list[tuple[str, str]] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                sheets.append((attributes.get("name", "")[:100], attributes.get("id", "")))

        self._whole(_BOOK, start)
        if len(sheets) > MAX_SHEETS or len({name for name, _ in sheets}) != len(sheets):
            raise _refused("its list of sheets cannot be right")
        return sheets

    def _shared(self) -> list[str]:
        """Return the texts that cells point at, each cut to what is kept."""
        texts: list[str] = []
        reader = _TextReader(texts)
        for _piece in self._parse(_TEXTS, reader.start, reader.end, reader.text):
            if len(texts) > MAX_TEXTS:
                raise _refused("it holds more texts than we read")
        return texts

    def _whole(self, part: str, start: Start) -> None:
        for _piece in self._parse(part, start, lambda _tag: None, lambda _text: None):
            pass

    def _parse(
        self, part: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]
    ) -> Iterator[None]:
        """Feed a part to expat, giving way after each piece; names lose their namespace."""
        parser = expat.ParserCreate(namespace_separator="|")

        def no_document_type(*_about: object) -> None:
            raise _refused(_DOCUMENT_TYPE, found=found(part))

        depth, damaged = 0, _refused("{found} in it is damaged", found=found(part))

        def started(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _DEEPEST:
                raise damaged
            start(_local(tag), {_local(name): value for name, value in attributes.items()})

        def ended(tag: str) -> None:
            nonlocal depth
            depth -= 1
            end(_local(tag))

        parser.StartDoctypeDeclHandler = no_document_type
        parser.EntityDeclHandler = no_document_type
        parser.StartElementHandler = started
        parser.EndElementHandler = ended
        parser.CharacterDataHandler = text
        stream, fed = self._zip.open(self._zip.entries[part]), 0
        try:
            while piece := stream.read():
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                    raise damaged
                yield
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise damaged from error
        yield


@dataclass
class _TextReader:
    """Gathers the shared texts; readings for East Asian scripts (rPh) are no part of them."""

    texts: list[str]
    _held: list[str] = field(default_factory=list)
    _length: int = 0
    _inside: bool = False
    _aside: bool = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self._held, self._length = [], 0
        self._aside = self._aside or tag == "rPh"
        self._inside = tag == "t" and not self._aside

    def end(self, tag: str) -> None:
        if tag == "si":
            self.texts.append("".join(self._held)[:_LONGEST_TEXT])
        self._aside = self._aside and tag != "rPh"
        self._inside = False

    def text(self, text: str) -> None:
        if self._inside and self._length < _LONGEST_TEXT:
            self._held.append(text)
            self._length += len(text)


class _SheetReader:
    """Gathers the rows of a sheet."""

    def __init__(self, sheet: str, texts: list[str]) -> None:
        self._sheet, self._texts = sheet, texts
        self._done: list[Row] = []
        self._row = self._column = 0
        self._cells: dict[int, Cell] = {}
        self._kind = self._value = ""
        self._inside = False

    def taken(self) -> list[Row]:
        """Return the rows that are complete since the last call."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if re.fullmatch(r"[1-9][0-9]{0,6}", number) else self._row + 1
            self._column, self._cells = -1, {}
        elif tag == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = _column(place[1]) if place else self._column + 1
            self._kind, self._value = attributes.get("t", "n"), ""
        elif tag == "f":
            raise ArchiveRefused(
                say(
                    "{where} holds a formula. The file that LinkedIn makes holds values "
                    "only. {nothing_changed} Please upload it as it came.",
                    where=self._where(),
                    nothing_changed=NOTHING_CHANGED,
                )
            )
        self._inside = tag in {"v", "t"}

    def end(self, tag: str) -> None:
        self._inside = False
        if tag == "c" and self._value:
            self._cells[self._column] = self._cell()
        elif tag == "row" and self._cells:
            self._done.append(Row(self._row, self._cells))
            self._cells = {}

    def text(self, text: str) -> None:
        if self._inside and len(self._value) < _LONGEST_TEXT:
            self._value += text[:_LONGEST_TEXT]

    def _cell(self) -> Cell:
        value = self._value
        if self._kind == "s":
            known = value.isascii() and value.isdigit() and len(value) < 9
            if not known or int(value) >= len(self._texts):
                raise _refused("{where} points at a text that is not in it", where=self._where())
            return self._texts[int(value)]
        if self._kind == "e":
            raise _refused(
                "{where} holds the error {found}", where=self._where(), found=found(value)
            )
        if self._kind == "n":
            if not re.fullmatch(r"-?[0-9]{1,17}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?", value):
                raise _refused(
                    "{where} holds {found}, which is no number",
                    where=self._where(),
                    found=found(value),
                )
            return float(value)
        return value.strip()

    def _where(self) -> str:
        return place_of(self._sheet, self._row, self._column)


def place_of(sheet: str, row: int, column: int) -> str:
    """Return how a place is named to people: Sheet “TOP POSTS”, row 4, column C."""
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return say(
        "Sheet {sheet}, row {row}, column {letters}", sheet=found(sheet), row=row, letters=letters
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _local(name: str) -> str:
    return name.rpartition("|")[2]


def _refused(why: str | Marked, **values: Value) -> ArchiveRefused:
    return ArchiveRefused(
        say(
            "This workbook cannot be used: {why}. {nothing_changed} Please download it "
            "again and upload it as it came.",
            why=say(why, **values),
            nothing_changed=NOTHING_CHANGED,
        )
    )
