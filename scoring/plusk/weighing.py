"""How far each +K counts, by the rules of scoring.engine.trust: by night, and after giving.

A pair that counts less than 1 has a row, and totals follow. Locks: the totals of receivers, then
the job.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from scoring import jobs
from scoring.engine import trust
from scoring.engine.arrays import Floats, Ints
from scoring.models import Job, PlusK, PlusKMember, PlusKTotal, PlusKWeight
from scoring.plusk import knowing, ledger

EVERYBODY = "everybody"
SHARD, SHARD_PAIRS = 1_000, 100_000  # receivers a transaction, and givers of all of them
MOST_GIVERS = 500  # whoever has more is weighed by night alone: one more moves little
FULL = 0.995  # a weight that is shown as 1.00 is 1
_MOVED = 0.001  # what a weight or trust changes by before it is written again

Member = tuple[UUID, int | None, float | None]  # id, person, trust


def ask(receiver: PlusKMember, *, now: datetime) -> None:
    """Have the +K of a receiver weighed soon. Call it last in a transaction, as jobs.enqueue."""
    jobs.enqueue(kind=Job.Kind.WEIGH, subject=receiver.pk.hex, now=now)


def weigh(
    subject: str,
    *,
    now: datetime,
    hold: Callable[[], None] = lambda: None,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Weigh the +K of one receiver, or of EVERYBODY. Doing it again is harmless.

    `hold` is called first in each transaction that writes, after totals were locked; `progress`
    outside of them.
    """
    if subject == EVERYBODY:
        _weigh_everybody(now, hold, progress)
    else:
        _weigh_one(UUID(subject), now, hold)


def _weigh_one(receiver: UUID, now: datetime, hold: Callable[[], None]) -> None:
    """Weigh the +K of one receiver, with what was known of the givers last night, or is now."""
    givers = PlusK.objects.filter(receiver=receiver).values("giver")
    if givers.distinct().count() > MOST_GIVERS:
        return
    members = _members(PlusKMember.objects.filter(Q(pk__in=givers) | Q(pk=receiver)))
    around = [pk for pk, _user, _trust in members]
    place = {pk: at for at, pk in enumerate(around)}
    if receiver not in place:
        return
    newest = _newest()
    counted = ledger.counted().filter(receiver__in=around, giver__in=around)
    pairs = _pairs(_numbers(counted, place), len(around))
    known = np.maximum(_seeds(members, now), [trusted or 0.0 for *_who, trusted in members])
    at = place[receiver]
    _store(around, pairs, known, range(at, at + 1), newest, hold)


def _weigh_everybody(now: datetime, hold: Callable[[], None], progress: Callable[[], None]) -> None:
    """Let trust flow through everything that counts, then weigh receivers shard by shard."""
    members = _members(PlusKMember.objects.all())
    everybody = [pk for pk, _user, _trust in members]
    place = {pk: at for at, pk in enumerate(everybody)}
    seeds = np.zeros(len(members))
    tables = [np.empty((0, 3), np.int64)]
    newest = _newest()
    for shard in _shards(_received(place)):
        progress()
        seeds[shard.start : shard.stop] = _seeds(members[shard.start : shard.stop], now)
        ends = everybody[shard.start], everybody[shard.stop - 1]
        counted = ledger.counted().filter(receiver__gte=ends[0], receiver__lte=ends[1])
        tables.append(_numbers(counted, place))
    pairs = _pairs(np.concatenate(tables), len(members))
    del tables
    progress()
    known = trust.trust(pairs, seeds, settled=np.array([_settled(one) for one in members], bool))
    shards = list(_shards(np.bincount(pairs.receiver, minlength=len(members))))
    for shard in shards:
        progress()
        _remember(members[shard.start : shard.stop], known[shard.start : shard.stop], hold)
    for shard in shards:
        progress()
        _store(everybody, pairs, known, shard, newest, hold)


def _newest() -> int:
    """Return the number of the newest weight: those of pairs that come meanwhile are higher."""
    return PlusKWeight.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _received(place: dict[UUID, int]) -> Ints:
    """Return about how many +K each got, by the places of members."""
    got = np.zeros(len(place), np.int64)
    for receiver, counted in PlusKTotal.objects.values_list("receiver", "counted").iterator():
        if receiver in place:
            got[place[receiver]] += counted
    return got


def _shards(loads: Ints) -> Iterator[range]:
    """Cut receivers, of so many givers each, into what fits a transaction: one at the least.

    A few have most of the givers, so that as many receivers may be a hundred times as much work.
    """
    start = held = 0
    for at, load in enumerate(loads.tolist()):
        if at > start and (at - start >= SHARD or held + load > SHARD_PAIRS):
            yield range(start, at)
            start, held = at, 0
        held += load
    if start < len(loads):
        yield range(start, len(loads))


def _members(rows: QuerySet[PlusKMember]) -> list[Member]:
    return list(rows.order_by("pk").values_list("pk", "user_id", "trust"))


def _numbers(rows: QuerySet[PlusK], place: dict[UUID, int]) -> Ints:
    """Return (giver, receiver, how many) by the places of members.

    Who came meanwhile is weighed next time.
    """
    numbers = rows.order_by().values_list("giver", "receiver").annotate(Count("pk"))
    known = [
        (place[giver], place[receiver], number)
        for giver, receiver, number in numbers.iterator()
        if giver in place and receiver in place
    ]
    return np.array(known, np.int64).reshape(-1, 3)


def _pairs(table: Ints, people: int) -> trust.Pairs:
    return trust.pairs_of(table[:, 0], table[:, 1], table[:, 2], people=people)


def _settled(member: Member) -> bool:
    """Tell whether somebody left: what was known of them stays, and grows by no further night."""
    _pk, user, trusted = member
    return user is None and trusted is not None


def _seeds(members: Sequence[Member], now: datetime) -> Floats:
    """Return how far each is established; who left stays what they were."""
    found = knowing.established([user for _pk, user, _trust in members if user], now=now)
    return np.array(
        [
            found.get(user, 0.0) if user is not None else (trusted or 0.0)
            for _pk, user, trusted in members
        ]
    )


def _remember(members: Sequence[Member], known: Floats, hold: Callable[[], None]) -> None:
    """Write how far people are known, where that moved."""
    moved = [
        PlusKMember(pk=pk, trust=value)
        for (pk, _user, before), value in zip(members, known.tolist(), strict=True)
        if before is None or abs(before - value) > _MOVED
    ]
    with transaction.atomic():
        hold()
        PlusKMember.objects.bulk_update(moved, ["trust"], batch_size=250)


def _store(
    everybody: Sequence[UUID],
    pairs: trust.Pairs,
    known: Floats,
    of: range,
    newest: int,
    hold: Callable[[], None],
) -> None:
    """Write the weights of the +K of some receivers, and what their totals come to.

    newest: of the weights there were before the pairs were read.
    """
    weights = trust.weigh(pairs, known, of)
    rows = pairs.rows(of)
    less = np.flatnonzero(weights.weight < FULL)
    fresh = {
        (everybody[receiver], everybody[giver]): PlusKWeight(
            receiver_id=everybody[receiver], giver_id=everybody[giver], weight=weight, why=why
        )
        for receiver, giver, weight, why in zip(
            pairs.receiver[rows][less].tolist(),
            pairs.giver[rows][less].tolist(),
            weights.weight[less].tolist(),
            weights.why[less].tolist(),
            strict=True,
        )
    }
    with transaction.atomic():
        receivers = [everybody[at] for at in of]
        totals = PlusKTotal.objects.filter(receiver__in=receivers).order_by("pk")
        locked = list(totals.select_for_update(no_key=True))
        hold()
        _write(receivers, fresh, newest)
        _follow(locked)


def _write(receivers: list[UUID], fresh: dict[tuple[UUID, UUID], PlusKWeight], newest: int) -> None:
    """Let the weights of these receivers be those that are fresh, and of pairs that came since."""
    kept = {
        (one.receiver_id, one.giver_id): one
        for one in PlusKWeight.objects.filter(receiver__in=receivers)
    }
    gone = [one.pk for key, one in kept.items() if one.pk <= newest and key not in fresh]
    PlusKWeight.objects.filter(pk__in=gone).delete()
    PlusKWeight.objects.bulk_create(
        [
            one
            for key, one in fresh.items()
            if key not in kept
            or kept[key].why != one.why
            or abs(kept[key].weight - one.weight) > _MOVED
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["receiver", "giver"],
        update_fields=["weight", "why"],
    )


def _follow(totals: Sequence[PlusKTotal]) -> None:
    """Let totals come to what their +K weigh."""
    less = ledger.lessened({total.receiver_id for total in totals})
    moved = []
    for total in totals:
        weighed = max(total.counted - less.get((total.receiver_id, total.topic), 0.0), 0.0)
        if weighed != total.weighed:
            total.weighed = weighed
            moved.append(total)
    PlusKTotal.objects.bulk_update(moved, ["weighed"], batch_size=250)
