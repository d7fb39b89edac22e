"""Ids of posts that hold the time at which they were made, to the millisecond.

A table that names a day only need not be guessed at: the id says when, whatever the zone or the
order of day and month in which the table was written.
"""

from datetime import UTC, datetime, timedelta

from accounts.connectors.archives import CLOCK_SLACK, EARLIEST

_TIME_FROM_BIT = 22
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
X_EPOCH = datetime.fromtimestamp(1_288_834_974, UTC) + timedelta(milliseconds=657)
X_FIRST = 29_700_859_247  # X numbered its posts one by one up to here
LINKEDIN_EPOCH = _EPOCH
_LONGEST = 19  # digits of 63 bits


def moment_of(post_id: str, *, epoch: datetime, now: datetime) -> datetime | None:
    """Return when a post with this id (decimal digits) was made, or None.

    None: the id holds no time, or one that cannot be: before EARLIEST or yet to come.
    """
    if not (post_id.isascii() and post_id.isdigit()) or len(post_id) > _LONGEST:
        return None
    number = int(post_id)
    if epoch == X_EPOCH and number <= X_FIRST:
        return None
    try:
        at = epoch + timedelta(milliseconds=number >> _TIME_FROM_BIT)
    except OverflowError:
        return None
    return at if EARLIEST <= at <= now + CLOCK_SLACK else None
