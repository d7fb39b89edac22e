"""Blocks: whoever is blocked finds nothing of the person any more, as if nobody were there."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.handles import current_of
from accounts.models import Block, User


def block(*, by: User, whom: User, now: datetime) -> None:
    """Block somebody; once more changes nothing. Raises ValueError for oneself."""
    if by.pk == whom.pk:
        raise ValueError("nobody blocks themselves")
    Block.objects.get_or_create(blocker=by, blocked=whom, defaults={"at": now})


def unblock(*, by: User, whom_id: int) -> None:
    """Take a block back; without one nothing happens."""
    Block.objects.filter(blocker=by, blocked__pk=whom_id).delete()


def is_blocked(*, by_id: int, whom_id: int) -> bool:
    """Tell whether one blocks the other."""
    return Block.objects.filter(blocker_id=by_id, blocked_id=whom_id).exists()


def blocked_by(user: User) -> QuerySet[Any]:
    """Return the blocks of a person, the newest first, with the `handle` of each who is blocked."""
    rows = Block.objects.filter(blocker=user).select_related("blocked")
    return rows.annotate(handle=current_of("blocked")).order_by("-at", "-pk")


def apart(viewer: Any, person: str = "user") -> Q:
    """Return the rows whose person blocks the viewer or is blocked by them; none for strangers.

    viewer: a User, None, or an expression for the id of one. person: the way from a row to its
    person.
    """
    if viewer is None:
        return Q(pk__in=[])
    theirs = Block.objects.filter(blocker=OuterRef(person), blocked=viewer)
    own = Block.objects.filter(blocker=viewer, blocked=OuterRef(person))
    return Q(Exists(theirs)) | Q(Exists(own))
