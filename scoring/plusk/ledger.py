"""The rows of +K: members, what counts, and totals that follow each act.

Locks go from the person who acts to the total of receiver and topic: whoever adds to the ledger
holds both until the transaction ends.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.models import User
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act
from scoring.engine.trust import Why
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal, PlusKWeight

AT_ONCE = 1_000  # receivers that are compared with the ledger at once
_ROUNDED = 1e-6


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


def add_act(given: PlusK, act: Act, *, now: datetime) -> PlusKAct:
    """Add an act about a +K and let the total follow. The total must be locked."""
    before = state_of(given)
    added = PlusKAct.objects.create(plusk=given, kind=act.value, at=now)
    follow(given, before, state_of(given))
    return added


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
    return _lessened(Q(receiver__in=receivers))


def _lessened(whose: Q) -> dict[tuple[UUID, str], float]:
    pair = PlusKWeight.objects.filter(receiver=OuterRef("receiver"), giver=OuterRef("giver"))
    vouched = PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.VOUCH)
    rows = counted().filter(whose, ~Exists(vouched))
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


class Total(NamedTuple):
    """How much +K there is: `counted` as many, `weighed` by what each counts."""

    counted: int = 0
    weighed: float = 0.0

    def is_close(self, other: "Total") -> bool:
        """Tell whether two are the same but for how sums of them were rounded."""
        return self.counted == other.counted and abs(self.weighed - other.weighed) < _ROUNDED


class Drift(NamedTuple):
    """A total that is not what the ledger says."""

    receiver: UUID
    topic: str
    kept: Total
    true: Total


def drifted() -> list[Drift]:
    """Return the totals that differ from the ledger. Looks at some thousand receivers at once."""
    everybody = list(PlusKMember.objects.order_by("pk").values_list("pk", flat=True))
    found: list[Drift] = []
    for start in range(0, len(everybody), AT_ONCE):
        found += _drifted(everybody[start : start + AT_ONCE])
    return found


def _drifted(receivers: list[UUID]) -> list[Drift]:
    """Return the drift of receivers that follow each other. Three queries."""
    between = Q(receiver__gte=receivers[0], receiver__lte=receivers[-1])
    kept = {
        (one.receiver_id, one.topic): Total(one.counted, one.weighed)
        for one in PlusKTotal.objects.filter(between)
    }
    true = _true(between)
    return [
        Drift(*key, kept.get(key, _NONE), true.get(key, _NONE))
        for key in sorted({*kept, *true}, key=str)
        if not kept.get(key, _NONE).is_close(true.get(key, _NONE))
    ]


def _true(whose: Q) -> dict[tuple[UUID, str], Total]:
    """Return what the ledger says of receivers. Two queries."""
    sums = counted().filter(whose).order_by().values_list("receiver", "topic")
    less = _lessened(whose)
    return {
        (receiver, topic): Total(number, max(number - less.get((receiver, topic), 0.0), 0.0))
        for receiver, topic, number in sums.annotate(number=Count("pk")).iterator()
    }


def recompute() -> int:
    """Make every total what the ledger says and return how many were wrong.

    Each is counted again under its lock, so that what is given meanwhile is not lost.
    """
    wrong = 0
    for drift in drifted():
        with transaction.atomic():
            row = lock_total(PlusKMember.objects.get(pk=drift.receiver), drift.topic)
            true = _true(Q(receiver=drift.receiver, topic=drift.topic))
            total = true.get((drift.receiver, drift.topic), _NONE)
            if not total.is_close(Total(row.counted, row.weighed)):
                PlusKTotal.objects.filter(pk=row.pk).update(**total._asdict())
                wrong += 1
    return wrong


_NONE = Total()
