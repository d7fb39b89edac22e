"""The workbook of a LinkedIn profile's analytics: AggregateAnalytics_<name>_<dates>.xlsx.

Of its sheets only the list of top posts says which post an engagement belongs to: two tables side
by side, address, date and engagements, then address, date and impressions. The sheets of days and
of demographics are totals without posts. Sheets and headings are in the language of the account and
numbers may be texts, so the list is found by the addresses in it. It holds 50 posts at most, and
names no account: it proves nothing.

An engagement is a reaction, a comment or a repost, and the workbook does not say which. So each
counts as a like, the least of the three. The number in a post's address holds its time; the dates
in the sheet, in one order or another, are only compared with it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from accounts.connectors.archives import (
    NOTHING_CHANGED,
    ArchiveContent,
    ArchiveRefused,
    Readable,
    found,
    snowflakes,
    whole,
)
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.archives.workbook import Cell, Row, Workbook, place_of
from accounts.connectors.base import Kind, Post
from accounts.connectors.shapes import one_line
from accounts.speech import marked, say

_FILE = re.compile(
    r"(?:AggregateAnalytics|Content)_(?P<name>.{1,80}?)_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d"
)
_POST = re.compile(
    r"https://(?:www\.)?linkedin\.com/\S{0,300}?(?:urn:li:|urn%3Ali%3A|-)"
    r"(?P<kind>activity|share|ugcPost)(?:[:-]|%3A)(?P<id>[1-9][0-9]{17,18})(?!\d)"
)
_ANY_POST = re.compile(r"https://(?:www\.)?linkedin\.com/(?:feed/update|posts|pulse)/\S{1,500}")
_DATE = re.compile(r"(\d{1,4})[/.-] ?(\d{1,2})[/.-] ?(\d{1,4})\.?", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,'’\u00a0\u202f ][0-9]{3})+", re.ASCII)
_IMPRESSIONS = re.compile(r"impr|weerg|visn|näytt|показ|wyświet|閲覧|展示|노출", re.I)
_NEAR = timedelta(days=2)  # between the day of the sheet, in some zone, and the time of the id
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_SHOWN = 6  # totals
_AGAIN = marked("Please download it from LinkedIn again and upload it as it came.")
_NO_NUMBERED_POSTS = marked(
    "This workbook names no posts with engagements, only totals, if any. A score is counted "
    "from posts, so what is below is only shown. Nothing was changed. On LinkedIn, open "
    "Analytics, Posts, then Export: the sheet TOP POSTS must have rows."
)


@dataclass
class _Found:
    """The list of top posts, as far as it has been read."""

    sheet: str
    engagements: int | None = None  # the column of their numbers, once the first post is seen
    headings: dict[int, str] = field(default_factory=dict)
    posts: dict[str, tuple[str, datetime, int]] = field(default_factory=dict)
    unnumbered: int = 0


def read(file: Readable, *, filename: str, now: datetime) -> ArchiveContent:
    """Return the top posts with their engagements as likes; `shown` holds totals that count not.

    Raises ArchiveRefused when it is no such workbook, holds code or formulas, or says something
    that cannot be: sheet, row and column are named. One without posts is refused with its totals.
    """
    book = Workbook(file)
    totals: list[str] = []
    listed: _Found | None = None
    for sheet in book.sheets:
        rows = list(book.rows(sheet))
        if listed is None and any(_addresses(row) for row in rows):
            listed = _list_of_posts(sheet, rows, now)
        elif not totals:
            totals = _totals(rows)
    posts = NewestPosts()
    for post_id, (url, at, count) in listed.posts.items() if listed else ():
        posts.add(Post(external_id=post_id, created_at=at, url=url, counts={Kind.LIKE: count}))
    if not posts:
        raise ArchiveRefused(
            _NO_NUMBERED_POSTS,
            rows=tuple(totals),
        )
    if listed and listed.unnumbered:
        posts.left_out["no_number"] = listed.unnumbered
    name = one_line(match["name"], 80) if (match := _FILE.match(filename)) else ""
    return ArchiveContent(
        network="linkedin_analytics",
        account_id=name.lower() or "my-linkedin",
        handle="",
        title=name or "LinkedIn profile",
        url="",
        reading=posts.reading(),
        shown=tuple(totals),
    )


def _addresses(row: Row) -> list[int]:
    """Return the columns of a row that hold the address of a post."""
    return [at for at, cell in row.cells.items() if isinstance(cell, str) and _ANY_POST.match(cell)]


def _list_of_posts(sheet: str, rows: Iterable[Row], now: datetime) -> _Found:
    """Read the list of top posts. Raises ArchiveRefused with the place of what cannot be."""
    table = _Found(sheet)
    begun = False
    for row in rows:
        columns = _addresses(row)
        if columns and not begun:
            begun = True
            table.engagements = _engagements([column + 2 for column in columns], table.headings)
        elif not begun:
            table.headings |= {at: cell for at, cell in row.cells.items() if isinstance(cell, str)}
        for column in columns:
            if column + 2 == table.engagements:
                _take(table, row, column, now)
    return table


def _engagements(numbers: Iterable[int], headings: dict[int, str]) -> int | None:
    """Return which column of numbers holds engagements: the first that is not of impressions.

    Engagements come first in every language; only a list of impressions alone is told by its name.
    """
    return next((at for at in numbers if not _IMPRESSIONS.search(headings.get(at, ""))), None)


def _take(table: _Found, row: Row, column: int, now: datetime) -> None:
    """Keep one post of the list."""
    place = (table.sheet, row.number)
    url = str(row.cells[column])
    match = _POST.match(url)
    if match is None:
        table.unnumbered += 1  # an article: its address does not say when, the date says a day
        return
    at = snowflakes.moment_of(match["id"], epoch=snowflakes.LINKEDIN_EPOCH, now=now)
    if at is None:
        raise ArchiveRefused(
            say(
                "{place_of} has a post whose number {found} is of no time that can be, or "
                "yet to come. {nothing_changed} {again}",
                place_of=place_of(*place, column),
                found=found(match["id"]),
                nothing_changed=NOTHING_CHANGED,
                again=_AGAIN,
            )
        )
    _check_date(row.cells.get(column + 1), at, place_of(*place, column + 1))
    count = _count(row.cells.get(column + 2), place_of(*place, column + 2))
    if count is not None:
        table.posts[match["id"]] = (url[:500], at, count)


def _check_date(cell: Cell | None, at: datetime, place: str) -> None:
    """Raise ArchiveRefused when the sheet names another day than the post's number does."""
    days = [] if cell is None else _days(cell)
    if days and min(abs(day - at) for day in days) > _NEAR:
        raise ArchiveRefused(
            say(
                "{place} holds {found}, but the number of the post is of {at}. "
                "{nothing_changed} {again}",
                place=place,
                found=found(str(cell)),
                at=f"{at:%Y-%m-%d}",
                nothing_changed=NOTHING_CHANGED,
                again=_AGAIN,
            )
        )


def _days(cell: Cell) -> list[datetime]:
    """Return the days that a date may mean: 3/4/2026 is one of two."""
    if isinstance(cell, float):
        serial = 20_000 <= cell <= 80_000  # 1954 to 2119
        return [_EXCEL_EPOCH + timedelta(days=int(cell))] if serial else []
    match = _DATE.fullmatch(cell)
    if not match:
        return []
    one, two, three = (int(part) for part in match.groups())
    orders = ((one, two, three),) if one > 31 else ((three, one, two), (three, two, one))
    days = []
    for year, month, day in orders:
        try:
            days.append(datetime(year, month, day, tzinfo=UTC))
        except ValueError:
            continue
    return days


def _count(cell: Cell | None, place: str) -> int | None:
    """Return a count: a number, or a text that holds one; None where the cell is empty."""
    if cell is None or cell == "":
        return None
    text = f"{cell:.6f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell.strip()
    try:
        return whole(re.sub(r"\D", "", text) if _GROUPED.fullmatch(text) else text)
    except ValueError as error:
        raise ArchiveRefused(f"{place}: {error} {NOTHING_CHANGED} {_AGAIN}") from error


def _totals(rows: Iterable[Row]) -> list[str]:
    """Return lines of a sheet that is a list of names and numbers, such as “Impressions: 1,204”."""
    lines = []
    for row in rows:
        name, number = row.cells.get(0), row.cells.get(1)
        if len(row.cells) != 2 or not isinstance(name, str) or _days(name) or number is None:
            continue
        try:
            lines.append(say("{name}: {n}", name=one_line(name, 80), n=_count(number, "") or 0))
        except ArchiveRefused:
            continue  # a heading, or a period
    return lines[:_SHOWN]
