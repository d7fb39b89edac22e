"""Keys and limits: who may ask, how often, and how a client of that time is told otherwise."""

from datetime import datetime

from accounts import tokens
from accounts.models import ApiToken
from scoring import limits
from scoring.klout.answers import Refused
from scoring.limits import Limit

_INACTIVE = "ERR_403_DEVELOPER_INACTIVE"
_OVER_QPS, _OVER_RATE = "ERR_403_DEVELOPER_OVER_QPS", "ERR_403_DEVELOPER_OVER_RATE"
_DAY = 86_400


def admit(secret: str, *, allowed: tuple[Limit, ...], now: datetime) -> ApiToken:
    """Return the key of a call that may be answered, and count it. One query, two once a day.

    A key stands in addresses, which end up in logs: one that is for anything else is refused.
    Raises Refused when the key is none, ended, or for something else, or was used too often.
    """
    token = tokens.find(secret)
    if token is None or not token.user.is_active:
        raise _refused("Invalid or unprovided API key. All calls must have a key.")
    if token.revoked_at is not None or token.ends_at <= now:
        raise _refused("This key has ended. Make another one in the settings.")
    if token.scopes != [tokens.KLOUT]:
        raise _refused("This key is for something else. Make one for programs written for Klout.")
    for limit in allowed:
        left = limits.take(limit, str(token.pk), now=now.timestamp())
        if not left.passes:
            raise _over(limit, left.wait)
    tokens.used(token, now=now)
    return token


def _refused(words: str) -> Refused:
    return Refused(403, words, code=_INACTIVE)


def _over(limit: Limit, wait: int) -> Refused:
    often = f"{limit.number:,} calls {'a day' if limit.seconds == _DAY else 'a second'}"
    return Refused(
        403,
        f"This key may make {often}. Try again in {wait} s.",
        code=_OVER_RATE if limit.seconds == _DAY else _OVER_QPS,
        wait=wait,
    )
