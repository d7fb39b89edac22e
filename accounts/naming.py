"""How things that only scoring knows are called in the reader's language; scoring hands it over."""

from collections.abc import Callable


def _slug(name: str) -> str:
    return name


# Of a topic, and of a badge with its level ("likes:100").
name_of_topic: Callable[[str], str] = _slug
name_of_badge: Callable[[str], str] = _slug
