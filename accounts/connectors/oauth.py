"""What a token endpoint answered, read with suspicion. Source: RFC 6749, 5.1."""

import re
from datetime import timedelta

from accounts.connectors import shapes
from accounts.connectors.base import Code, ConnectorError, Tokens
from accounts.connectors.shapes import Record

LONGEST_LIFE = timedelta(days=3650)

_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_BETWEEN = re.compile(r"[\s,]+")  # the standard says a space; GitHub and TikTok write commas
_SCOPE = re.compile(r"[\x21-\x7e]{1,200}")


def tokens_of(said: Record) -> Tokens:
    """Return the tokens in an answer of the usual shape.

    Raises ConnectorError(CONTRACT) when there is no token that can be sent. A life that makes no
    sense counts as not told.
    """
    scopes = _BETWEEN.split(shapes.text(said, "scope", 4_000).strip())
    return Tokens(
        token=_token(said, "access_token"),
        refresh=_token(said, "refresh_token") if said.get("refresh_token") else "",
        scopes=tuple(dict.fromkeys(scope for scope in scopes if _SCOPE.fullmatch(scope))),
        lasts=life(said, "expires_in"),
        refresh_lasts=life(said, "refresh_token_expires_in") or life(said, "refresh_expires_in"),
    )


def life(said: Record, name: str) -> timedelta | None:
    """Return the seconds under `name` as a time span of at most ten years, or None."""
    seconds = shapes.count(said, name)
    if seconds is None:
        return None
    return timedelta(seconds=min(seconds, LONGEST_LIFE.total_seconds()))


def _token(said: Record, name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ConnectorError(
            Code.CONTRACT, "The network said yes but gave no usable key.", raw=f"no {name}"
        )
    return value
