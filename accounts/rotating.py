"""Sealing everything anew with the first key of TOKEN_KEYS, so that an old key can be thrown away.

Row by row, each by one conditional update: whoever changes a row meanwhile wins, and a run can be
killed at any point and started anew. A grant that a worker is renewing is left for the next round,
for its renewal recognises the row by what it holds.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from accounts import sealing
from accounts.models import Grant, Source

AT_ONCE = 500  # rows of one read

Row = TypeVar("Row", bound=Model)


def rotate(*, now: datetime) -> Iterator[str]:
    """Seal tokens and keys anew; yield "" for each row done and a sentence for each that cannot be.

    What cannot be opened stays as it is: its person is asked to connect again when it is used.
    """
    yield from _grants(now)
    yield from _sources()


def left() -> int:
    """Return how many rows still need an older key."""
    prefix = sealing.current_prefix()
    grants = sum(
        any(value and not value.startswith(prefix) for value in row)
        for row in Grant.objects.values_list(*_FIELDS).iterator(AT_ONCE)
    )
    sources = Source.objects.exclude(sealed_token="").exclude(sealed_token__startswith=prefix)
    return grants + sources.count()


_FIELDS = ("sealed_token", "sealed_refresh", "sealed_key")


def _grants(now: datetime) -> Iterator[str]:
    prefix = sealing.current_prefix()
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    for grant in in_turn(Grant.objects.all()):
        old = {field: getattr(grant, field) for field in _FIELDS}
        if all(not value or value.startswith(prefix) for value in old.values()):
            continue
        try:
            access = grant.access()
        except sealing.CannotOpen as error:
            yield f"The grant {grant.pk} cannot be opened: {error}"
            continue
        grant.seal(token=access.token, refresh=access.refresh, key=access.key)
        new = {field: getattr(grant, field) for field in _FIELDS}
        if Grant.objects.filter(free, pk=grant.pk, **old).update(**new):
            yield ""


def _sources() -> Iterator[str]:
    prefix = sealing.current_prefix()
    stale = Source.objects.exclude(sealed_token="").exclude(sealed_token__startswith=prefix)
    for source in in_turn(stale):
        old = source.sealed_token
        try:
            source.seal_target_token(source.target_token())
        except sealing.CannotOpen as error:
            yield f"The page token of source {source.pk} cannot be opened: {error}"
            continue
        same = Source.objects.filter(pk=source.pk, sealed_token=old)
        if same.update(sealed_token=source.sealed_token):
            yield ""


def in_turn(rows: QuerySet[Row]) -> Iterator[Row]:
    """Yield rows by their keys, some at a time, with no reading left open in between.

    On SQLite whoever writes while an older reading is open is refused at once when somebody else
    wrote since, however long it would be ready to wait.
    """
    ahead = rows.order_by("pk")
    while page := list(ahead[:AT_ONCE]):
        yield from page
        ahead = rows.order_by("pk").filter(pk__gt=page[-1].pk)
