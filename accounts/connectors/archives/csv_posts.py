"""A table of posts that anybody can write: one row a post, with the counts they know.

Columns, in any order, names in any case:

- posted_at (always): 2026-03-01T09:30:00+01:00, or 2026-03-01 08:30, which is taken as UTC
- likes, reposts, replies, quotes (at least one of them): whole numbers; an empty cell means "not
  known", which is not 0
- id (if you like): your own name for the post, at most 150 characters
- url (if you like): where the post is, http or https
- text (if you like): what it says; the first 280 characters are kept

UTF-8, with or without a byte order mark; commas or semicolons between. A row without an id is known
by its time, address and text, so that a later table can bring its counts up to date.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from accounts.connectors.archives import (
    CLOCK_SLACK,
    EARLIEST,
    EXCERPT,
    NOTHING_CHANGED,
    ArchiveContent,
    ArchiveRefused,
    Readable,
    found,
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

COUNTS: Mapping[str, Kind] = {
    "likes": Kind.LIKE,
    "reposts": Kind.REPOST,
    "replies": Kind.REPLY,
    "quotes": Kind.QUOTE,
}
COLUMNS = ("id", "posted_at", "text", "url", *COUNTS)
_MAX_ID = 150
_OWN = "row-"  # ids that we made
_WHEN = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_EXPECTED = marked(
    "The columns are posted_at (always), at least one of likes, reposts, replies, quotes, and if "
    "you like id, url, text."
)


class _Bad(Exception):
    """A cell cannot be used; the text says why and what to write instead."""


def read(file: Readable, *, name: str, slug: str, now: datetime) -> ArchiveContent:
    """Return the posts of a table that a person calls `name` (short form `slug`).

    At most newest.KEEP posts are returned, the newest. Empty counts are None.

    Raises ArchiveRefused when the table cannot be read as described above, with up to MAX_ERRORS
    lines that name row and column (the header is row 1): then none of it counts.
    """
    lines = Lines(file)
    header, delimiter = _header(lines.header())
    posts = NewestPosts()
    errors: list[str] = []
    row_of_id: dict[bytes, int] = {}
    for number, row in rows(lines, delimiter):
        if len(row) != len(header):
            errors.append(ragged(number, len(row), len(header), delimiter))
        elif post := _post(dict(zip(header, row, strict=True)), number, errors, now):
            digest = hashlib.blake2b(post.external_id.encode(), digest_size=12).digest()
            first = row_of_id.setdefault(digest, number)
            if first == number:
                posts.add(post)
            else:
                errors.append(_same_post(post, number, first))
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
    return ArchiveContent(
        network="csv", account_id=slug, handle="", title=name, url="", reading=posts.reading()
    )


def _header(line: str) -> tuple[list[str], str]:
    """Return the column names, lower case, and the delimiter. Raises ArchiveRefused."""
    names, delimiter = column_names(line, COLUMNS)
    problems = _header_problems(names)
    if problems:
        raise ArchiveRefused(
            say(
                "The columns do not fit: {listed}. {expected} {nothing_changed}",
                listed="; ".join(problems),
                expected=_EXPECTED,
                nothing_changed=NOTHING_CHANGED,
            )
        )
    return names, delimiter


def _header_problems(names: Sequence[str]) -> list[str]:
    problems = []
    if "posted_at" not in names:
        problems.append(say("posted_at is missing"))
    if not set(names).intersection(COUNTS):
        problems.append(say("likes, reposts, replies and quotes are all missing"))
    unknown = [found(name) for name in names if name not in COLUMNS][:MAX_ERRORS]
    if unknown:
        problems.append(say("not known here: {listed}", listed=", ".join(unknown)))
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        problems.append(say("there more than once: {listed}", listed=", ".join(twice)))
    return problems


def _post(cells: Mapping[str, str], number: int, errors: list[str], now: datetime) -> Post | None:
    """Return the post of a row, or None after adding to `errors` each cell that is wrong."""
    before = len(errors)
    at = None
    counts: dict[Kind, int | None] = {}
    for column, cell in cells.items():
        try:
            if column == "posted_at":
                at = _when(cell, now)
            elif column in COUNTS:
                counts[COUNTS[column]] = _count(cell)
            elif column == "url":
                _check_url(cell)
            elif column == "id":
                _check_id(cell)
        except _Bad as error:
            errors.append(
                say(
                    "Row {number}, column {column}: {error}",
                    number=number,
                    column=column,
                    error=error,
                )
            )
    if at is None or len(errors) > before:
        return None
    url, text = cells.get("url", ""), cells.get("text", "")
    return Post(
        external_id=cells.get("id") or _own_id(at, url, text),
        created_at=at,
        text=text[:EXCERPT],
        url=url,
        counts=counts,
    )


def _own_id(at: datetime, url: str, text: str) -> str:
    """Return an id that is the same whenever the same post is uploaded again."""
    facts = f"{at.isoformat()}\0{url}\0{text}"
    return _OWN + hashlib.sha256(facts.encode()).hexdigest()[:40]


def _same_post(post: Post, number: int, first: int) -> str:
    if post.external_id.startswith(_OWN):
        return say(
            "Row {number}: the same post as row {first}. If they are two, give each an id.",
            number=number,
            first=first,
        )
    return say(
        "Row {number}, column id: {found} is in row {first} already.",
        number=number,
        found=found(post.external_id),
        first=first,
    )


def _when(cell: str, now: datetime) -> datetime:
    at = _moment(cell)
    if at is None:
        what = found(cell) + " is no time we can read" if cell else "there is no time"
        raise _Bad(
            say(
                "{what}. Write it like 2026-03-01T09:30:00+01:00, or 2026-03-01 08:30 for UTC.",
                what=what,
            )
        )
    if at < EARLIEST:
        raise _Bad(
            say(
                "{found} is before {year}, when there was nothing to post on.",
                found=found(cell),
                year=str(EARLIEST.year),
            )
        )
    if at > now + CLOCK_SLACK:
        raise _Bad(
            say("{found} is yet to come. Only posts that are out can count.", found=found(cell))
        )
    return at


def _moment(cell: str) -> datetime | None:
    if not _WHEN.fullmatch(cell):
        return None
    try:
        at = datetime.fromisoformat(cell)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _count(cell: str) -> int | None:
    if not cell:
        return None
    try:
        return whole(cell)
    except ValueError as error:
        raise _Bad(
            say(
                "{error} Write digits only, like 1204, or leave it empty if you do not know.",
                error=error,
            )
        ) from error


def _check_url(cell: str) -> None:
    try:
        parts = urlsplit(cell)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and cell.isprintable()
    except ValueError:
        usable = False
    if cell and (not usable or " " in cell or len(cell) > 500):
        raise _Bad(
            say(
                "{found} is no web address. Start with https:// or leave it empty.",
                found=found(cell),
            )
        )


def _check_id(cell: str) -> None:
    if len(cell) > _MAX_ID or not cell.isprintable():
        raise _Bad(
            say(
                "{found} cannot be an id. Use at most {max_id} letters and digits.",
                found=found(cell),
                max_id=_MAX_ID,
            )
        )
