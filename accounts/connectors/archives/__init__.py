"""Files that a network (or a person) made, read once and not kept: one module a format.

A reader takes an open binary file and `now`, and gives an ArchiveContent or raises ArchiveRefused.
It never trusts a number that the file states about itself, writes nothing to disk, and keeps
memory bounded whatever the file holds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from accounts.connectors.base import Reading

MAX_COUNT = 10**12  # more reactions than there are people: a slip or a lie
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)  # before that nobody posted
CLOCK_SLACK = timedelta(minutes=1)  # a post may be this far ahead of our clock, no further


class ArchiveRefused(Exception):
    """A file cannot be counted, and nothing of it was.

    `str(error)` says what happened, why, and what to do, fit to show. `rows` holds further lines of
    the same kind, each naming its place in the file.
    """

    def __init__(self, message: str, *, rows: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


@dataclass(frozen=True, slots=True)
class ArchiveContent:
    """What an accepted file says: whose posts they are, and the posts.

    `account_id` is the network's own id of the account, or for a table that a person wrote a short
    form of the name they gave it. `reading.since` is the time of the earliest post in `reading`.
    """

    network: str
    account_id: str
    handle: str  # "" where the file names none
    title: str
    url: str
    reading: Reading

    def external_id(self, user_id: int) -> str:
        """Return the id of the source for the person `user_id`.

        A person's own table is theirs alone: two people may give theirs the same name.
        """
        return f"{user_id}:{self.account_id}" if self.network == "csv" else self.account_id


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
