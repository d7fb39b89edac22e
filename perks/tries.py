"""Wrong tries at what is somebody's alone: twenty a minute, and then a minute of rest.

    after_wrong(user_id, now)   count one; raises TooMany with the seconds to wait
    check(user_id, now)         raises TooMany while there were too many

Counted as what programs ask is (scoring.limits), for all web processes at once; views answer
TooMany with status 429.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from scoring import limits

PER_MINUTE = 20
_WRONG = limits.Limit("perk-tries", PER_MINUTE, 60)


class TooMany(Exception):
    """Too many wrong tries. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _("Too many tries that led nowhere. Wait a minute, then open it from your list.")
        )
        self.retry_after = retry_after


def check(user_id: int, now: datetime) -> None:
    """Let a person through who has not tried in vain too often. Raises TooMany."""
    tried = limits.look(_WRONG, str(user_id), now=now.timestamp())
    if tried.used >= PER_MINUTE:
        raise TooMany(tried.wait)


def after_wrong(user_id: int, now: datetime) -> None:
    """Count a try that led nowhere. Raises TooMany from the twenty-first of a minute on."""
    tried = limits.take(_WRONG, str(user_id), now=now.timestamp())
    if not tried.passes:
        raise TooMany(tried.wait)
