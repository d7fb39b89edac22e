"""A chain of hashes over the ledger of +K, so that a row changed behind the triggers is found.

Each link holds what the rows since the one before come to, and that one's head with them: whoever
changes a row must change all later heads too, and a head that was written down elsewhere tells.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from scoring.models import PlusK, PlusKAct, PlusKChain

SETTLED = timedelta(hours=1)  # by then no transaction is open that took an earlier number
A_LINK = 100_000  # rows of each table that one link adds at most
_AT_ONCE = 5_000


def extend(
    *,
    now: datetime,
    hold: Callable[[], None] = lambda: None,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Add links for all rows that are old enough. Doing it again adds none.

    `hold` is called first in each transaction that writes; `progress` outside of them.
    """
    last = _last()
    newest = tuple(
        max(had, _newest(rows, now - SETTLED))
        for had, rows in ((last.plusk, PlusK), (last.act, PlusKAct))
    )
    while (last.plusk, last.act) != newest:
        progress()
        plusk, act = min(last.plusk + A_LINK, newest[0]), min(last.act + A_LINK, newest[1])
        head = _head(last, plusk, act)
        with transaction.atomic():
            hold()
            last = PlusKChain.objects.create(plusk=plusk, act=act, head=head, at=now)


def broken() -> tuple[PlusKChain, PlusKChain] | None:
    """Return the first link that its rows do not come to any more, after the one before it."""
    before = _START
    for link in PlusKChain.objects.order_by("pk").iterator():
        if _head(before, link.plusk, link.act) != link.head:
            return before, link
        before = link
    return None


def _last() -> PlusKChain:
    return PlusKChain.objects.order_by("-pk").first() or _START


def _newest(rows: Any, until: datetime) -> int:
    return (
        rows.objects.filter(at__lte=until).order_by("-pk").values_list("pk", flat=True).first() or 0
    )


def _head(before: PlusKChain, plusk: int, act: int) -> str:
    digest = sha256(before.head.encode())
    given = PlusK.objects.filter(pk__gt=before.plusk, pk__lte=plusk)
    for row in _rows(given, "pk", "giver", "receiver", "topic", "offered", "day", "slot", "at"):
        digest.update(row)
    for row in _rows(
        PlusKAct.objects.filter(pk__gt=before.act, pk__lte=act), "pk", "plusk", "kind", "at"
    ):
        digest.update(row)
    return digest.hexdigest()


def _rows(rows: Any, *columns: str) -> Iterator[bytes]:
    """Yield each row in one spelling, the same on every database; `at` comes last."""
    for *values, at in rows.order_by("pk").values_list(*columns).iterator(_AT_ONCE):
        yield "|".join([*map(str, values), at.astimezone(UTC).isoformat()]).encode() + b"\n"


_START = PlusKChain(plusk=0, act=0, head="")
