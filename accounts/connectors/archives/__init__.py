"""Files that a network (or a person) made, read once and not kept: one module a format.

A reader takes an open binary file and `now`, and gives an ArchiveContent or raises ArchiveRefused.
It never trusts a number that the file states about itself, writes nothing to disk, and keeps
memory bounded whatever the file holds.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from accounts.connectors.base import Reading
from accounts.speech import Marked, marked, say

MAX_COUNT = 10**12  # more reactions than there are people: a slip or a lie
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)  # before that nobody posted
CLOCK_SLACK = timedelta(minutes=1)  # a post may be this far ahead of our clock, no further
EXCERPT = 280  # characters of a post that are kept
NOTHING_CHANGED = marked("Nothing was changed.")
_LONGEST_ID = 150  # with the person's number before it, it must fit Source.external_id

# What a source made of a file is filed under -> what people call such a file.
KINDS: Mapping[str, Marked] = {
    "csv": marked("CSV table"),
    "x_archive": marked("X archive"),
    "x_analytics": marked("X analytics"),
    "linkedin_analytics": marked("LinkedIn analytics"),
    "instagram_insights": marked("Instagram insights"),
    "mastodon_outbox": marked("Mastodon archive"),
}


class ArchiveRefused(Exception):
    """A file cannot be counted, and nothing of it was.

    `str(error)` says what happened, why, and what to do, fit to show. `rows` holds further lines of
    the same kind, each naming its place in the file.
    """

    def __init__(self, message: str | Marked, *, rows: tuple[str, ...] = ()) -> None:
        super().__init__(say(message) if isinstance(message, Marked) else message)
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Claim:
    """The account that a file says it is of, by what never changes hands there.

    `provider` is what its sign-in is filed under ("x", "mastodon:m.example"); `name` is the
    network's own id of the account, or its address where the file knows no id.
    """

    provider: str
    name: str

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"


@dataclass(frozen=True, slots=True)
class ArchiveContent:
    """What an accepted file says: whose posts they are, and the posts.

    `account_id` tells two accounts (or tables) of one person apart. A file proves nothing about who
    uploads it: `claim` can be compared with what the person linked, and is None where the file
    names no account. `reading.since` is the time of the earliest post in `reading`.
    """

    network: str
    account_id: str
    handle: str  # "" where the file names none
    title: str
    url: str
    reading: Reading
    claim: Claim | None = None
    # Lines about what was seen but cannot count, fit to show.
    shown: tuple[str, ...] = ()

    def external_id(self, user_id: int) -> str:
        """Return the id of the source for the person `user_id`.

        What somebody uploaded is theirs alone, or a forged file could claim an account before its
        owner comes.
        """
        name = self.account_id
        if len(name) > _LONGEST_ID:
            digest = hashlib.sha256(name.encode()).hexdigest()[:32]
            name = f"{name[: _LONGEST_ID - 33]}-{digest}"
        return f"{user_id}:{name}"


class Readable(Protocol):
    """The part of a binary file that the readers use."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes of the current line, b"" at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to `offset`."""
        ...

    def tell(self) -> int:
        """Return the position."""
        ...


def found(value: object) -> str:
    """Return `value` as it may stand in a message: one line, printable, at most 40 characters."""
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value[:41])
        return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return "something that is neither text nor a number of a sensible size"


def whole(cell: str, most: int = MAX_COUNT) -> int:
    """Return the whole number that a cell holds, digits only.

    Raises ValueError with the reason as a sentence, for the place to be named by the caller.
    """
    if cell[:1] in {"-", "\N{MINUS SIGN}"} and cell[1:2].isdigit():
        raise ValueError(f"{found(cell)} is below 0.")
    if not (cell.isascii() and cell.isdigit()):
        raise ValueError(f"{found(cell)} is not a whole number.")
    # Compared by length first: a number of 100,000 digits takes long to become one.
    if len(cell) > 40 or int(cell) > most:
        raise ValueError(f"{found(cell)} is more than there can be.")
    return int(cell)
