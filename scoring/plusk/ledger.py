"""The rows of +K: members, what counts, and totals that follow each act.

Locks go from the person who acts to the total of receiver and topic: whoever adds to the ledger
holds both until the transaction ends.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.models import User
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act
from scoring.engine.trust import Why
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal, PlusKWeight


def lock(user_id: int) -> User:
    """Return a person with their row locked, so that one act of theirs follows the other."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def members(*user_ids: int) -> dict[int, PlusKMember]:
    """Return whom the ledger knows people as.

    New ones are made in the order of ids, so that two who give to each other wait in no ring.
    """
    return {
        user_id: PlusKMember.objects.get_or_create(user_id=user_id)[0]
        for user_id in sorted(set(user_ids))
    }


def lock_total(receiver: PlusKMember, topic: str) -> PlusKTotal:
    """Return the total of a person in a topic, locked."""
    PlusKTotal.objects.get_or_create(receiver=receiver, topic=topic)
    return PlusKTotal.objects.select_for_update(no_key=True).get(receiver=receiver, topic=topic)


def state_of(given: PlusK) -> rules.State:
    """Return what has become of a +K, in a query."""
    return rules.state(
        given.offered, list(given.acts.order_by("pk").values_list("kind", flat=True))
    )


def add_act(given: PlusK, act: Act, *, now: datetime) -> None:
    """Add an act about a +K and let the total follow. The total must be locked."""
    before = state_of(given)
    PlusKAct.objects.create(plusk=given, kind=act.value, at=now)
    follow(given, before, state_of(given))


def follow(given: PlusK, before: rules.State, after: rules.State) -> None:
    """Let the total of a +K's receiver and topic change, by what it weighs as of now."""
    if (before.counts, before.vouched) == (after.counts, after.vouched):
        return
    weight, _why = weight_of(given)
    old, new = (each.counts * (1.0 if each.vouched else weight) for each in (before, after))
    PlusKTotal.objects.filter(receiver=given.receiver_id, topic=given.topic).update(
        counted=F("counted") + int(after.counts) - int(before.counts),
        weighed=Greatest(F("weighed") + (new - old), 0.0),
    )


def weight_of(given: PlusK) -> tuple[float, Why]:
    """Return what each +K of its giver to its receiver counts, 0 to 1, and why."""
    pair = PlusKWeight.objects.filter(receiver=given.receiver_id, giver=given.giver_id).first()
    return (pair.weight, Why(pair.why)) if pair else (1.0, Why.NOTHING)


def lessened(receivers: Collection[UUID]) -> dict[tuple[UUID, str], float]:
    """Return (receiver, topic) -> what weights take off how many +K count, where they do."""
    pair = PlusKWeight.objects.filter(receiver=OuterRef("receiver"), giver=OuterRef("giver"))
    vouched = PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.VOUCH)
    rows = counted().filter(~Exists(vouched), receiver__in=receivers)
    rows = rows.annotate(weight=Subquery(pair.values("weight"))).filter(weight__isnull=False)
    groups = rows.order_by().values_list("receiver", "topic", "weight").annotate(Count("pk"))
    taken: dict[tuple[UUID, str], float] = defaultdict(float)
    for receiver, topic, weight, number in groups:
        taken[receiver, topic] += number * (1.0 - weight)
    return dict(taken)


def counted() -> QuerySet[PlusK]:
    """Return every +K that counts, from the ledger alone."""
    acts = PlusKAct.objects.filter(plusk=OuterRef("pk")).order_by("-pk").values("kind")
    answers = acts.filter(kind__in=[Act.ACCEPT, Act.HIDE, Act.REPORT])
    rulings = acts.filter(kind__in=[Act.VOID, Act.RESTORE])
    rows = PlusK.objects.annotate(answer=Subquery(answers[:1]), ruling=Subquery(rulings[:1]))
    return rows.filter(
        Q(answer=Act.ACCEPT.value) | Q(answer=None, offered=False),
        ~Exists(acts.filter(kind=Act.UNDO)),
        Q(ruling=None) | Q(ruling=Act.RESTORE.value),
    )


def drifted() -> list[tuple[UUID, str, int, int]]:
    """Return (receiver, topic, total as kept, as the ledger says) where the two differ."""
    kept = {(one.receiver_id, one.topic): one.counted for one in PlusKTotal.objects.iterator()}
    sums = counted().order_by().values_list("receiver", "topic").annotate(number=Count("pk"))
    true = {(receiver, topic): number for receiver, topic, number in sums.iterator()}
    keys = sorted({*kept, *true}, key=str)
    return [
        (*key, kept.get(key, 0), true.get(key, 0))
        for key in keys
        if kept.get(key, 0) != true.get(key, 0)
    ]


def recompute() -> int:
    """Make every total what the ledger says and return how many were wrong.

    Each is counted again under its lock, so that what is given meanwhile is not lost.
    """
    wrong = 0
    for receiver_id, topic, _kept, _true in drifted():
        with transaction.atomic():
            total = lock_total(PlusKMember.objects.get(pk=receiver_id), topic)
            true = counted().filter(receiver=total.receiver_id, topic=topic).count()
            if total.counted != true:
                less = lessened({receiver_id}).get((receiver_id, topic), 0.0)
                mended = PlusKTotal.objects.filter(pk=total.pk)
                mended.update(counted=true, weighed=max(true - less, 0.0))
                wrong += 1
    return wrong
