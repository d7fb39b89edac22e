"""The tables of X Analytics: “Content” has a row a post and counts; “Overview” a row a day.

Columns vary by year and by what was ticked, so they are found by name; those that are no likes,
replies or reposts (impressions, clicks, bookmarks) are not read. A post's id holds its time, where
the table may name a day only. The table names no account but the handle in its links, and handles
change hands: it proves nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from accounts.connectors.archives import (
    CLOCK_SLACK,
    EARLIEST,
    EXCERPT,
    NOTHING_CHANGED,
    ArchiveContent,
    ArchiveRefused,
    Readable,
    found,
    snowflakes,
    whole,
)
from accounts.connectors.archives.csv_rows import (
    MAX_ERRORS,
    Lines,
    column_names,
    ragged,
    refusal,
    rows,
)
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.base import Kind, Post
from accounts.speech import marked, say

# What X called a column at one time or another -> what it is here.
_NAMES: Mapping[str, str] = {
    "post id": "id",
    "tweet id": "id",
    "post link": "link",
    "tweet permalink": "link",
    "post text": "text",
    "tweet text": "text",
    "date": "date",
    "time": "date",
    "likes": "likes",
    "favorites": "likes",
    "replies": "replies",
    "reposts": "reposts",
    "retweets": "reposts",
}
_COUNTS = {"likes": Kind.LIKE, "reposts": Kind.REPOST, "replies": Kind.REPLY}
_MARKS = frozenset({"post id", "tweet id", "impressions", "engagements"})
_LINK = re.compile(r"https://(?:x|twitter)\.com/([A-Za-z0-9_]{1,30})/status/([1-9][0-9]{0,18})")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+", re.ASCII)
_DAY = re.compile(r"(?:[A-Z][a-z]{2}, )?([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4})", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2} \+0000)?", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR = timedelta(days=2)  # between the day of the table, in some zone, and the time of the id
_PLACE = marked("Row {number}, column {column}: {why}")
_OTHER_POST = marked("{link} leads to another post than the id says.")
_WHERE = marked("In X Analytics, open Content and press Export data; the table has a row a post.")


def is_one(header: str) -> bool:
    """Tell whether a first row is that of a table of X Analytics, of either kind."""
    names, _delimiter = column_names(header, _MARKS)
    return bool(_MARKS.intersection(names)) and "posted_at" not in names


def read(file: Readable, *, now: datetime) -> ArchiveContent:
    """Return the posts of a Content table. Counts of columns that are not in it are None.

    Raises ArchiveRefused for an Overview, whose days name no posts (with what it sums up to), and
    for a table that says something that cannot be, with the rows and columns.
    """
    lines = Lines(file)
    header, delimiter = column_names(lines.header(), _MARKS)
    columns = _columns(header)
    table = _checked(rows(lines, delimiter), len(header), delimiter)
    if "id" not in columns:
        raise _overview(header, table)
    if not _COUNTS.keys() & columns.keys():
        raise ArchiveRefused(
            say(
                "This table of X Analytics has neither likes nor replies nor reposts, so "
                "there is nothing to count. {nothing_changed} {where}",
                nothing_changed=NOTHING_CHANGED,
                where=_WHERE,
            )
        )
    posts, handles, errors = NewestPosts(), Counter[str](), list[str]()
    for number, row in table:
        cells = {name: row[at] for name, at in columns.items()}
        if post := _post(cells, number, errors, handles, posts.left_out, now):
            posts.add(post)
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise refusal(errors)
    if not posts:
        raise ArchiveRefused(
            say(
                "This table has a header but no posts. {nothing_changed}",
                nothing_changed=NOTHING_CHANGED,
            )
        )
    return _content(posts, handles)


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return what is read -> its place; of two names for one thing the first."""
    columns: dict[str, int] = {}
    for at, name in enumerate(header):
        if name in _NAMES:
            columns.setdefault(_NAMES[name], at)
    return columns


def _checked(
    table: Iterator[tuple[int, list[str]]], width: int, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """Give the rows, each as long as the header. Raises ArchiveRefused for another length."""
    for number, row in table:
        if len(row) != width:
            raise refusal([ragged(number, len(row), width, delimiter)])
        yield number, row


def _post(
    cells: Mapping[str, str],
    number: int,
    errors: list[str],
    handles: Counter[str],
    left_out: Counter[str],
    now: datetime,
) -> Post | None:
    """Return the post of a row, or None after adding to `errors` what is wrong."""
    before = len(errors)
    text = cells.get("text", "")
    if text.startswith("RT @"):
        left_out["reposts_of_others"] += 1
        return None

    def wrong(column: str, why: str) -> None:
        errors.append(say(_PLACE, number=number, column=column, why=why))

    link = _LINK.match(cells.get("link", ""))
    post_id = cells["id"] or (link[2] if link else "")
    if not re.fullmatch(r"[1-9][0-9]{0,18}", post_id):
        wrong("id", say("{found} is no id of X.", found=found(post_id)))
    elif link and link[2] != post_id:
        wrong("link", say(_OTHER_POST, link=found(cells["link"])))
    at, why = _when(post_id, cells.get("date", ""), now)
    if at is None:
        wrong("date", why)
    counts = _counts(cells, wrong)
    if at is None or len(errors) > before:
        return None
    if link:
        handles[link[1]] += 1
    return Post(
        external_id=post_id,
        created_at=at,
        text=text[:EXCERPT],
        url=link[0] if link else "",
        kind="reply" if text.startswith("@") else "original",
        counts=counts,
    )


def _counts(cells: Mapping[str, str], wrong: Callable[[str, str], None]) -> dict[Kind, int | None]:
    """Return the counts of a row; tells `wrong` of the column and why where one cannot be."""
    counts: dict[Kind, int | None] = {}
    for column, kind in _COUNTS.items():
        try:
            counts[kind] = _count(cells.get(column, ""))
        except ValueError as error:
            wrong(column, say("{error} Leave it empty if it is not known.", error=error))
    return counts


def _count(cell: str) -> int | None:
    """Return a count; "1,234" as X groups it. Raises ValueError with the reason."""
    if not cell:
        return None
    return whole(cell.replace(",", "") if _GROUPED.fullmatch(cell) else cell)


def _when(post_id: str, cell: str, now: datetime) -> tuple[datetime | None, str]:
    """Return when a post was made, or None and why that cannot be told."""
    day = _day(cell)
    exact = snowflakes.moment_of(post_id, epoch=snowflakes.X_EPOCH, now=now)
    if cell and day is None:
        return None, say(
            "{found} is no date that X writes, such as Fri, Jun 5, 2026.", found=found(cell)
        )
    if day is not None and day > now + CLOCK_SLACK + _NEAR:
        return None, say("{found} is yet to come.", found=found(cell))
    if exact is None:
        if day is None or not EARLIEST <= day <= now:
            return None, say(
                "{found} with the id {id} is no time of a post.",
                found=found(cell),
                id=found(post_id),
            )
        return day, ""
    if day is not None and abs(day - exact) > _NEAR:
        return None, say("{found} is another day than that of the post's id.", found=found(cell))
    return exact, ""


def _day(cell: str) -> datetime | None:
    """Return the time, or the beginning of the day, that a cell names."""
    try:
        if match := _DAY.fullmatch(cell):
            month = _MONTHS.index(match[1]) + 1
            return datetime(int(match[3]), month, int(match[2]), tzinfo=UTC)
        if _TIME.fullmatch(cell):
            return datetime.fromisoformat(cell.removesuffix(" +0000")).replace(tzinfo=UTC)
    except ValueError:
        return None
    return None


def _content(posts: NewestPosts, handles: Counter[str]) -> ArchiveContent:
    if len({handle.lower() for handle in handles}) > 1:
        named = ", ".join(f"@{handle}" for handle, _count in handles.most_common(3))
        raise ArchiveRefused(
            say(
                "This table holds posts of more than one account: {named}. "
                "{nothing_changed} Please upload the table of one account as X made it.",
                named=named,
                nothing_changed=NOTHING_CHANGED,
            )
        )
    handle = next(iter(handles), "")
    return ArchiveContent(
        network="x_analytics",
        account_id=handle.lower() or "no-handle",
        handle=handle,
        title=f"@{handle}" if handle else "X Analytics",
        url=f"https://x.com/{handle}" if handle else "",
        reading=posts.reading(),
    )


def _overview(header: Sequence[str], table: Iterator[tuple[int, list[str]]]) -> ArchiveRefused:
    """Return why a table of days cannot count, with what its days sum up to."""
    sums: Counter[str] = Counter()
    days = 0
    for _number, row in table:
        days += 1
        for name, cell in zip(header, row, strict=True):
            try:
                sums[name] += _count(cell) or 0
            except ValueError:
                continue  # the date, or something this page does not show
    shown = [name for name in ("impressions", *_COUNTS, "new follows") if name in sums]
    return ArchiveRefused(
        say(
            "This is the overview of X Analytics: {days} days with a total each, and no "
            "posts. A score is counted from posts, so the totals below are only shown. "
            "{nothing_changed} {where}",
            days=days,
            nothing_changed=NOTHING_CHANGED,
            where=_WHERE,
        ),
        rows=tuple(say("{name}: {n}", name=name.capitalize(), n=sums[name]) for name in shown),
    )
