"""What pages say of +K: the log of both sides, and how much somebody has in each topic."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.handles import current_of, viewer_of
from accounts.models import Block, User
from accounts.searching import named
from accounts.visibility import shown
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal

SHOWN = 50
_UNDONE = Exists(PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.UNDO))


@dataclass(frozen=True, slots=True)
class Other:
    """Who gave or got a +K, as the reader of the log knows them.

    name: "" when they left, closed their account or blocked the reader, all alike, and for who has
    neither name nor handle. handle: "" where the reader may not open their page.
    """

    name: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A +K in the log. other: who gave or got it. new: not seen before."""

    given: PlusK
    other: Other
    state: rules.State
    because: str
    new: bool = False


def totals_of(user_id: int) -> dict[str, int]:
    """Return topic -> how much +K counts for a person in it, where it is any. One query."""
    rows = PlusKTotal.objects.filter(receiver__user=user_id, counted__gt=0)
    return dict(rows.values_list("topic", "counted"))


def unseen(user_id: int) -> int:
    """Return how many +K somebody received and was not shown yet. One query."""
    seen = PlusKMember.objects.filter(user=user_id).values("seen")[:1]
    mine = PlusK.objects.filter(~_UNDONE, receiver__user=user_id, pk__gt=seen)
    return mine.count()


def received(reader: User, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody received, or those before a +K. Two queries.

    What was taken back is not told.
    """
    mine = PlusK.objects.filter(~_UNDONE, receiver__user=reader).select_related("receiver")
    return [
        _entry(one, one.giver.user, reader, new=one.pk > one.receiver.seen)
        for one in _newest(mine, "giver__user", reader, before)
    ]


def given(reader: User, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody gave, or those before a +K. Two queries."""
    mine = PlusK.objects.filter(giver__user=reader)
    return [
        _entry(one, one.receiver.user, reader)
        for one in _newest(mine, "receiver__user", reader, before)
    ]


def mark_seen(user_id: int, newest: int) -> None:
    """Take note that a person was shown their +K up to this one."""
    PlusKMember.objects.filter(user=user_id, seen__lt=newest).update(seen=newest)


def _newest(rows: QuerySet[PlusK], other: str, reader: User, before: int | None) -> QuerySet[Any]:
    """Return a page of rows with what is known of the other of the two. other: the way to them."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    blocks = Block.objects.filter(blocker=OuterRef(other), blocked=reader)
    rows = rows.select_related("words", f"{other}__profile")
    rows = rows.annotate(handle=current_of(other), blocks=Exists(blocks))
    return rows.prefetch_related("acts").order_by("-pk")[:SHOWN]


def _other(one: Any, user: User | None, reader: User) -> Other:
    if user is None or not user.is_active or one.blocks:
        return Other()
    handle = one.handle or ""
    seen = shown(getattr(user, "profile", None), viewer_of(reader, user, blocked=False))
    return Other(named(user, handle), handle if seen.page else "")


def _entry(one: Any, other: User | None, reader: User, *, new: bool = False) -> Entry:
    acts = [act.kind for act in sorted(one.acts.all(), key=lambda act: act.pk)]
    words = getattr(one, "words", None)
    return Entry(
        given=one,
        other=_other(one, other, reader),
        state=rules.state(one.offered, acts),
        because=words.because if words else "",
        new=new,
    )
