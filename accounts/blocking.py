"""Blocks: whoever is blocked finds nothing of the person any more, as if nobody were there."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Block, Handle, User


def block(*, by: User, whom: User, now: datetime) -> None:
    """Block somebody; once more changes nothing. Raises ValueError for oneself."""
    if by.pk == whom.pk:
        raise ValueError("nobody blocks themselves")
    Block.objects.get_or_create(blocker=by, blocked=whom, defaults={"at": now})


def unblock(*, by: User, whom_id: int) -> None:
    """Take a block back; without one nothing happens."""
    Block.objects.filter(blocker=by, blocked_id=whom_id).delete()


def is_blocked(*, by_id: int, whom_id: int) -> bool:
    """Tell whether one blocks the other."""
    return Block.objects.filter(blocker_id=by_id, blocked_id=whom_id).exists()


def blocked_by(user: User) -> QuerySet[Any]:
    """Return the blocks of a person, the newest first, with the `handle` of each who is blocked."""
    current = Handle.objects.filter(user=OuterRef("blocked"), left_at=None)
    rows = Block.objects.filter(blocker=user).select_related("blocked")
    return rows.annotate(handle=Subquery(current.values("name")[:1])).order_by("-at", "-pk")
