"""What pages say of +K: the log of both sides, and how much somebody has in each topic."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal

SHOWN = 50
_UNDONE = Exists(PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.UNDO))


@dataclass(frozen=True, slots=True)
class Entry:
    """A +K in the log. other: who gave or got it; None when they left. new: not seen before."""

    given: PlusK
    other: User | None
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


def received(user_id: int, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody received, or those before a +K. Two queries.

    What was taken back is not told.
    """
    mine = PlusK.objects.filter(~_UNDONE, receiver__user=user_id)
    rows = mine.select_related("giver__user", "receiver", "words")
    return [
        _entry(one, one.giver.user, new=one.pk > one.receiver.seen) for one in _newest(rows, before)
    ]


def given(user_id: int, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody gave, or those before a +K. Two queries."""
    mine = PlusK.objects.filter(giver__user=user_id).select_related("receiver__user", "words")
    return [_entry(one, one.receiver.user) for one in _newest(mine, before)]


def mark_seen(user_id: int, newest: int) -> None:
    """Take note that a person was shown their +K up to this one."""
    PlusKMember.objects.filter(user=user_id, seen__lt=newest).update(seen=newest)


def _newest(rows: QuerySet[PlusK], before: int | None) -> QuerySet[PlusK]:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.prefetch_related("acts").order_by("-pk")[:SHOWN]


def _entry(one: PlusK, other: User | None, *, new: bool = False) -> Entry:
    acts = [act.kind for act in sorted(one.acts.all(), key=lambda act: act.pk)]
    words = getattr(one, "words", None)
    return Entry(
        given=one,
        other=other,
        state=rules.state(one.offered, acts),
        because=words.because if words else "",
        new=new,
    )
