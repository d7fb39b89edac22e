"""Wrong tries at what is somebody's alone: twenty a minute, and then a minute of rest.

    after_wrong(user_id, now)   count one; raises TooMany with the seconds to wait
    check(user_id, now)         raises TooMany while there were too many

Counted in the cache that all web processes share; views answer TooMany with status 429.
"""

from datetime import datetime

from django.core.cache import cache
from django.utils.translation import gettext as _

PER_MINUTE = 20
_MINUTE = 60  # seconds


class TooMany(Exception):
    """Too many wrong tries. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _("Too many tries that led nowhere. Wait a minute, then open it from your list.")
        )
        self.retry_after = retry_after


def check(user_id: int, now: datetime) -> None:
    """Let a person through who has not tried in vain too often. Raises TooMany."""
    if cache.get(_key(user_id, now), 0) >= PER_MINUTE:
        raise TooMany(_MINUTE - now.second)


def after_wrong(user_id: int, now: datetime) -> None:
    """Count a try that led nowhere. Raises TooMany from the twenty-first of a minute on."""
    key = _key(user_id, now)
    cache.add(key, 0, timeout=2 * _MINUTE)
    try:
        tried = cache.incr(key)
    except ValueError:
        return  # a full cache let go of the count: this try is not in it
    if tried > PER_MINUTE:
        raise TooMany(_MINUTE - now.second)


def _key(user_id: int, now: datetime) -> str:
    return f"perk-tries:{user_id}:{int(now.timestamp()) // _MINUTE}"
