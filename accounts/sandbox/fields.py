"""Typed readers of what the made-up network answers.

A field is what it should be; everything else is raised as ConnectorError(CONTRACT).
"""

from datetime import UTC, datetime
from typing import Any, NoReturn

from accounts.connectors.base import Code, ConnectorError
from accounts.speech import marked

PUZZLED = marked(
    "The sandbox gave an answer that we do not understand. Nothing was changed; "
    "this is for us to mend."
)


def nonsense(what: str) -> NoReturn:
    """Raise what an answer that makes no sense is raised as."""
    raise ConnectorError(Code.CONTRACT, PUZZLED, raw=what)


def objects(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return a list of objects."""
    value = data.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        nonsense(f"“{key}” is no list of objects")
    return value


def texts(data: dict[str, Any], key: str) -> list[str]:
    """Return a list of texts."""
    value = data.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        nonsense(f"“{key}” is no list of texts")
    return value


def record(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object."""
    value = data.get(key)
    if not isinstance(value, dict):
        nonsense(f"“{key}” is no object")
    return value


def text(data: dict[str, Any], key: str, *, empty: bool = False) -> str:
    """Return a text, which may only be empty where that is allowed."""
    value = data.get(key)
    if not isinstance(value, str) or not (value or empty):
        nonsense(f"“{key}” is no text")
    return value


def count(data: dict[str, Any], key: str) -> int:
    """Return a whole number that is not negative."""
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        nonsense(f"“{key}” is no count: {value!r}")
    return value


def moment(data: dict[str, Any], key: str) -> datetime:
    """Return a time with a zone, in UTC."""
    try:
        at = datetime.fromisoformat(text(data, key))
    except ValueError:
        nonsense(f"“{key}” is no time")
    if at.tzinfo is None:
        nonsense(f"“{key}” has no zone")
    return at.astimezone(UTC)


def moment_or_none(data: dict[str, Any], key: str) -> datetime | None:
    """Return a time in UTC, or None where it says null or nothing."""
    return None if data.get(key) is None else moment(data, key)
