"""Servers that give no answer are left alone for a growing time; then one call tries for all.

After FAILURES calls in a row without an answer, of PEOPLE at least, the server rests: whoever would
ask it meanwhile is told so at once, and nothing is sent. When the rest is over, the first who comes
has a turn alone. An answer ends it for everybody; without one the server rests again, for a
sixtieth of the time that it has been failing by then, so that a recovery is noticed within a minute
in the first hour, and later within a sixtieth of what it lasted. All workers share this through
rows (models.Breaker); a server that answers has none.

Source: Nygard, "Release It!", 2nd edition, 2018, chapter 5 (circuit breaker).
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.calls import Calls
from accounts.linking import name_of
from accounts.models import Breaker
from accounts.speech import say

FAILURES = 5
PEOPLE = 2  # one account that nobody could read is no fault of the server
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
SHARE = 60  # of the time that it has been failing, a server rests this part
TURN = timedelta(seconds=60)  # after which another may try: a dead server is known by then
AFTER_OTHERS = timedelta(seconds=10)  # who tried comes later, so that another account tries next
CROWD = timedelta(minutes=30)  # over which those who wait come back


class Resting(ConnectorError):
    """The server is left alone until `retry_at`. `asked`: this call was the last that tried."""

    def __init__(self, message: str, *, retry_at: datetime, raw: str = "", asked: bool) -> None:
        super().__init__(Code.TRANSIENT, message, raw=raw, retry_at=retry_at)
        self.asked = asked


class NotAsked(ConnectorError):
    """Something of ours was in the way; it says nothing about the server."""


@contextmanager
def guarding(network: str, issuer: str, *, who: int, calls: Calls, now: datetime) -> Iterator[None]:
    """Let one call to a server through, made for the person `who`, and note whether it answered.

    `calls` is told of the answers inside. Raises Resting, without letting the call through, while
    the server is left alone; and when this call's failure begins or prolongs that.
    """
    began = time.monotonic()
    mine = _enter(network, issuer, now)
    try:
        yield
    except ConnectorError as error:
        at = now + timedelta(seconds=time.monotonic() - began)
        if error.code is Code.TRANSIENT and not isinstance(error, NotAsked):
            rests_until = _failed(network, issuer, who=who, mine=mine, at=at)
            if rests_until is None:
                raise
            raise Resting(
                str(error), retry_at=rests_until + AFTER_OTHERS, raw=error.raw, asked=True
            ) from error
        if calls.answered:
            _answered(network, issuer)
        else:
            _give_back(network, issuer, mine)
        raise
    except BaseException:
        _give_back(network, issuer, mine)
        raise
    _answered(network, issuer)


def refuse_while_resting(network: str, issuer: str, now: datetime) -> None:
    """Raise Resting while a server is left alone; take no turn."""
    row = _rows(network, issuer).first()
    if row is not None and _is_closed_to_all(row, now):
        raise _left_alone(row, now)


def resting() -> dict[str, list[Breaker]]:
    """Return the servers that are left alone, by network, those longest silent first."""
    found: dict[str, list[Breaker]] = {}
    for row in Breaker.objects.filter(open_until__isnull=False).order_by("failing_since", "pk"):
        found.setdefault(row.network, []).append(row)
    return found


def in_words(row: Breaker) -> str:
    """Return for operators what a server's silence is and when it is tried next, in UTC."""
    since = row.failing_since.astimezone(UTC)
    tries = f"{row.failures:,} calls in a row without an answer"
    told = f"{_server(row)}: {tries} since {since:%-d %B} {since:%H:%M} UTC."
    if row.open_until is None:
        return told
    next_try = row.open_until.astimezone(UTC)
    return f"{told} Left alone; tried again at {next_try:%H:%M:%S} UTC."


def _server(row: Breaker) -> str:
    return str(row.issuer or name_of(row.network))


def _enter(network: str, issuer: str, now: datetime) -> datetime | None:
    """Return the turn that this call takes, or None where nobody needs one. Raises Resting."""
    row = _rows(network, issuer).first()
    if row is None or row.open_until is None:
        return None
    if _is_closed_to_all(row, now):
        raise _left_alone(row, now)
    turn = now + TURN
    free = Q(trial_until=None) | Q(trial_until__lte=now)
    # Of many who look at once, one finds the row as it was.
    if not Breaker.objects.filter(free, pk=row.pk, open_until=row.open_until).update(
        trial_until=turn
    ):
        raise _left_alone(row, now)
    return turn


def _is_closed_to_all(row: Breaker, now: datetime) -> bool:
    rests = row.open_until is not None and now < row.open_until
    return rests or (row.trial_until is not None and now < row.trial_until)


def _left_alone(row: Breaker, now: datetime) -> Resting:
    """Return what somebody is told who comes while the server rests, and when to come back.

    The first to come in a rest is invited for its end; the others spread over CROWD after it.
    """
    rests = row.open_until is not None and now < row.open_until
    ends = row.open_until if row.open_until is not None and rests else now + TURN
    invited = rests and row.next_told != ends and _invite(row, ends)
    back = ends if invited else ends + CROWD * secrets.SystemRandom().random()
    since = row.failing_since.astimezone(UTC)
    told = {
        "server": _server(row),
        "since": f"{since:%H:%M}",
        "at": f"{ends.astimezone(UTC):%H:%M}",
    }
    return Resting(
        say(
            "{server} has given nobody here an answer since {since} UTC, so we leave it alone. "
            "At {at} UTC one call tries for all.",
            **told,
        )
        if rests
        else say(
            "{server} has given nobody here an answer since {since} UTC, so we leave it alone. "
            "Just now one call tries for all.",
            **told,
        ),
        retry_at=back,
        asked=False,
    )


def _invite(row: Breaker, ends: datetime) -> bool:
    """Tell whether nobody was invited yet for the end of this rest, and note that somebody is."""
    same = Breaker.objects.filter(pk=row.pk, open_until=ends)
    return bool(same.filter(~Q(next_told=ends) | Q(next_told=None)).update(next_told=ends))


def _failed(
    network: str, issuer: str, *, who: int, mine: datetime | None, at: datetime
) -> datetime | None:
    """Count a call without an answer. Returns until when the server rests, if this decided it."""
    with transaction.atomic():
        row = _held(network, issuer, at)
        if row is None:
            return None
        if row.open_until is not None and (mine is None or row.trial_until != mine):
            return None  # it began before the rest, or its turn was over: another decides
        row.failures += 1
        row.people = [*{*row.people, who}][:PEOPLE]
        if row.open_until is None and (row.failures < FAILURES or len(row.people) < PEOPLE):
            row.save()
            return None
        row.open_until = at + min(max((at - row.failing_since) / SHARE, SHORTEST), LONGEST)
        row.trial_until = None
        row.save()
        rests_until: datetime = row.open_until
        return rests_until


def _held(network: str, issuer: str, at: datetime) -> Breaker | None:
    """Return the row of a server, made if need be, locked until the transaction ends.

    None where answers to others delete it as fast as it is made: then it is not failing.
    """
    for _ in range(3):
        row: Breaker | None = _rows(network, issuer).select_for_update().first()
        if row is not None:
            return row
        new = Breaker(network=network, issuer=issuer, failing_since=at)
        Breaker.objects.bulk_create([new], ignore_conflicts=True)
    return None


def _answered(network: str, issuer: str) -> None:
    """Forget the failures: the server answers."""
    rows = _rows(network, issuer)
    if rows.exists():
        rows.delete()


def _give_back(network: str, issuer: str, mine: datetime | None) -> None:
    """Let another have the turn: this call ended before the server was asked."""
    if mine is not None:
        _rows(network, issuer).filter(trial_until=mine).update(trial_until=None)


def _rows(network: str, issuer: str) -> QuerySet[Breaker]:
    return Breaker.objects.filter(network=network, issuer=issuer)
