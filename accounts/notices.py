"""Telling people what happened: once a key, inside the transaction of what it is about."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.handles import current_of
from accounts.models import KEY, Block, Notice, NoticeChoice
from accounts.notice_kinds import KINDS, PROTECTING
from accounts.searching import named
from accounts.signals import letter_due

Values = Mapping[str, str | int | float]

# Nobody is told who left meanwhile or closed their account, and nobody twice.
_TELL = """
INSERT INTO accounts_notice (user_id, by_id, kind, key, "values", at, read_at)
SELECT id, %s, %s, %s, %s, %s, %s FROM accounts_user WHERE id = %s AND is_active
ON CONFLICT (user_id, kind, key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell one person: the arguments of `tell`."""

    person_id: int
    kind: str
    key: str
    values: Values = field(default_factory=dict)
    by: int | None = None


def tell(
    *,
    person_id: int,
    kind: str,
    key: str,
    now: datetime,
    values: Values | None = None,
    by: int | None = None,
    read: bool = False,
) -> bool:
    """Tell somebody something, at most once a `key`. Returns whether it was new. One query.

    kind: of accounts.notice_kinds.KINDS; `values` are what its sentence names. by: the id of who
    did it (their name is looked up when the notice is read); nobody is told of themselves. read:
    it only stands in the list, as known. Kinds that protect an account are mailed at once.

    Call it in the transaction of what it is about, after its rows are locked: it locks none.
    """
    assert kind in KINDS, kind
    assert 0 < len(key) <= KEY, key
    if by == person_id:
        return False
    at = Notice._meta.get_field("at").get_db_prep_save(now, connection)
    row = [by, kind, key, json.dumps(dict(values or {})), at, at if read else None, person_id]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, row)
        new = bool(cursor.rowcount == 1)
    if new and not read and kind in PROTECTING:
        letter_due.send(
            Notice,
            key=letter_key(person_id, kind, key),
            user_id=person_id,
            payload={"kind": "notice", "person": person_id, "of": kind, "key": key},
            at=now,
        )
    return new


def tell_many(news: Iterable[News], *, now: datetime) -> int:
    """Tell many people something each; return how many were told anew. One query each."""
    return sum(
        tell(
            person_id=one.person_id,
            kind=one.kind,
            key=one.key,
            now=now,
            values=one.values,
            by=one.by,
        )
        for one in news
    )


def with_names(rows: QuerySet[Notice]) -> QuerySet[Any]:
    """Return notices with what `who` asks for, in the same query."""
    blocks = Block.objects.filter(blocker=OuterRef("by"), blocked=OuterRef("user"))
    return rows.select_related("by").annotate(handle=current_of("by"), blocks=Exists(blocks))


def who(notice: Any) -> str:
    """Return the name of whoever did it, of a notice `with_names`.

    One word for all who cannot be named: they left, closed their account, block the reader, or have
    neither name nor handle.
    """
    by = notice.by
    name = named(by, notice.handle or "") if by and by.is_active and not notice.blocks else ""
    return name or _("Somebody who is not named here")


def take_back(*, person_id: int, kind: str, key: str) -> None:
    """Forget a notice whose cause is gone, read or not. Telling it anew is possible then."""
    Notice.objects.filter(user=person_id, kind=kind, key=key).delete()


def mark_read(*, person_id: int, until: int, now: datetime, only: bool = False) -> None:
    """Note that a person read their notices up to the id `until`, or `only` that one."""
    mine = Notice.objects.filter(user=person_id, read_at=None)
    mine.filter(**{"pk" if only else "pk__lte": until}).update(read_at=now)


class AlwaysListed(Exception):
    """What protects an account cannot be hidden: whoever is at it would hide their own doing."""


def set_listed(*, person_id: int, kind: str, listed: bool) -> None:
    """List notices of a kind, or do so no longer. What was told stays for when it is again.

    Raises AlwaysListed for a kind that protects an account and is to be listed no longer.
    """
    if kind in PROTECTING and not listed:
        raise AlwaysListed
    NoticeChoice.objects.update_or_create(user_id=person_id, kind=kind, defaults={"listed": listed})


def letter_key(person_id: int, kind: str, key: str) -> str:
    """Return the key of the one mail about a notice."""
    return "notice:" + hashlib.sha256(f"{person_id}:{kind}:{key}".encode()).hexdigest()[:40]
