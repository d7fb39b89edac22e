"""Typed readers of parsed JSON. A field is what it should be, or it counts as not told.

Ids decide who is who, so an odd one is refused rather than mended: two could become one. Counts and
times that make no sense become None, which is not 0; texts are cleaned for the database.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from accounts.connectors.base import Code, ConnectorError
from accounts.speech import say

LARGEST_COUNT = 2**53  # more people than there are; above it JSON numbers are not exact
EXCERPT = 280  # characters of a post that are kept

Record = Mapping[str, Any]

_ID = re.compile(r"[\x21-\x7e]{1,191}")
_DIGITS = re.compile(r"\d{1,15}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LINK = re.compile(r"[^\s\x00-\x1f\"<>\\\x7f\ud800-\udfff]{1,500}")


def record(value: Any) -> Record:
    """Return `value` when it is a JSON object. Raises ConnectorError(CONTRACT) otherwise."""
    if not isinstance(value, dict):
        raise _unexpected(f"{type(value).__name__} where an object was expected")
    return value


def records(value: Any) -> list[Record]:
    """Return `value` when it is a list of objects. Raises ConnectorError(CONTRACT) otherwise."""
    if not isinstance(value, list):
        raise _unexpected(f"{type(value).__name__} where a list was expected")
    return [record(item) for item in value]


def optional_record(of: Record, name: str) -> Record:
    """Return the object under `name`, or an empty one when it is missing or null."""
    value = of.get(name)
    return {} if value is None else record(value)


def identifier(of: Record, name: str) -> str:
    """Return the id under `name`: 1 to 191 printable characters, or a whole number as text.

    Raises ConnectorError(CONTRACT) otherwise.
    """
    value = of.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _unexpected(f"no usable id in {name!r}")
    return value


def optional_identifier(of: Record, name: str) -> str:
    """Return the id under `name`, or "" when it is missing or null."""
    return "" if of.get(name) is None else identifier(of, name)


def count(of: Record, name: str) -> int | None:
    """Return the whole number under `name` (digits in a text will do), or None."""
    value = of.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_COUNT:
        return None
    return value


def moment(of: Record, name: str) -> datetime | None:
    """Return the ISO 8601 time under `name`, aware (UTC where it has no zone), or None."""
    value = of.get(name)
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(of: Record, name: str) -> datetime | None:
    """Return the seconds since 1970 under `name` (a fraction will do) as a time in UTC, or None."""
    value = of.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text(of: Record, name: str, limit: int) -> str:
    """Return the text under `name` cut to `limit` characters, storable in every database."""
    value = of.get(name)
    return _UNSTORABLE.sub("\ufffd", value)[:limit] if isinstance(value, str) else ""


def one_line(value: str, limit: int) -> str:
    """Return `value` as one printable line of at most `limit` characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:limit]


def link(of: Record, name: str) -> str:
    """Return the http or https address under `name`, or "": it may be shown as a link."""
    value = of.get(name)
    if not isinstance(value, str) or not _LINK.fullmatch(value):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in {"http", "https"} and parts.hostname else ""


def plain(html: str, limit: int = EXCERPT) -> str:
    """Return the words of an HTML text on one line, at most `limit` characters."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    words = " ".join("".join(reader.pieces).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


class _Words(HTMLParser):
    """Keeps text, turns breaks and paragraphs into spaces, drops what is not shown."""

    _UNSHOWN = frozenset({"script", "style", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self._unshown += tag in self._UNSHOWN
        if tag in {"br", "p", "li", "blockquote", "div"}:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._unshown -= tag in self._UNSHOWN and self._unshown > 0

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self.pieces.append(data)


def _unexpected(raw: str) -> ConnectorError:
    return ConnectorError(
        Code.CONTRACT, say("The network answered in a form we do not know."), raw=raw
    )
