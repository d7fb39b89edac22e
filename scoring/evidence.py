"""From rows to the engine's arrays, for one person or for many in one pass.

What is decided here and nowhere else: which sources speak, how far each source's clock has run,
and how many of a counted number are strangers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import OuterRef, Subquery
from numpy.typing import NDArray

from accounts.connectors.base import NEEDS_PERSON
from accounts.models import FADE, HOLD, UNPROVEN, Source, User
from scoring import engine
from scoring.engine import DAY_US, KINDS, Evidence
from scoring.engine.arrays import ACTS, TALLIES
from scoring.models import Interaction, ScoreSnapshot, Tally

PAUSE_AT_MOST = timedelta(days=60)  # a pause stops a source's clock no longer than this

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}


def microseconds(at: datetime) -> int:
    """Return `at` (aware) as whole microseconds since 1970-01-01 UTC."""
    gone = at - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def moment(at_us: int) -> datetime:
    """Return the aware UTC time of `at_us` microseconds since 1970-01-01."""
    return _EPOCH + timedelta(microseconds=int(at_us))


def of_people(
    user_ids: Sequence[int],
    *,
    now: datetime,
    since: datetime | None = None,
    also: Collection[int] = (),
) -> Evidence:
    """Return the evidence of all `user_ids`; author i is user_ids[i].

    Evidence older than `since` (default: one window before now) is left out of the rows. `also` are
    ids of sources that do not count, taken in as if they did.
    """
    position = {user_id: index for index, user_id in enumerate(user_ids)}
    speaking = Source.objects.counted() | Source.objects.filter(pk__in=also)
    speaking = speaking.scored().filter(user_id__in=user_ids)
    sources = list(speaking.order_by("pk").select_related(None))
    clocks = {source.pk: clock for source in sources if (clock := clock_of(source, now))}
    author_of = {source.pk: position[source.user_id] for source in sources}
    # A source whose clock stands may still show evidence from before the usual window.
    start = since or min([now, *(clock for clock, _ in clocks.values())]) - timedelta(
        days=engine.Params().window_days
    )
    # Read one window more: a post's early known people must be taken out of its early counts.
    early = start - timedelta(days=engine.Params().window_days)
    acts = _acts(clocks, early)
    tallies = _strangers(clocks, early, microseconds(start), acts)
    ids = np.array(sorted(clocks), np.int64)
    run_to = np.array([microseconds(clocks[pk][0]) for pk in ids.tolist()], np.int64)
    look = np.array([author_of[pk] for pk in ids.tolist()], np.int64)
    person = np.array([user_ids[place] for place in look.tolist()], np.int64)

    def of(table: NDArray[np.int64], source: NDArray[np.int64]) -> NDArray[np.int64]:
        return table[np.searchsorted(ids, source)] if len(source) else source

    # What people do about themselves, from whichever account, says nothing.
    counts = (acts["at"] >= microseconds(start)) & (acts["member"] != of(person, acts["source"]))
    acts = {name: column[counts] for name, column in acts.items()}
    credibility, influence = _weights(acts, of(run_to, acts["source"]))
    return Evidence(
        author=of(look, acts["source"]),
        source=acts["source"],
        post=acts["post"],
        kind=acts["kind"],
        actor=acts["actor"],
        at=acts["at"],
        credibility=credibility,
        influence=influence,
        t_author=of(look, tallies["source"]),
        t_source=tallies["source"],
        t_post=tallies["post"],
        t_kind=tallies["kind"],
        t_at=tallies["at"],
        t_count=tallies["count"],
        source_id=ids,
        source_clock=run_to,
        source_weight=np.array([clocks[pk][1] for pk in ids.tolist()], np.float64),
        authors=max(1, len(user_ids)),
    )


def of_person(
    user_id: int, *, now: datetime, since: datetime | None = None, also: Collection[int] = ()
) -> Evidence:
    """Return the evidence of one person as author 0."""
    return of_people([user_id], now=now, since=since, also=also)


def without(evidence: Evidence, source_ids: Iterable[int]) -> Evidence:
    """Return `evidence` as if these sources did not count."""
    gone = np.array(sorted(source_ids), np.int64)
    return _keep(evidence, ~np.isin(evidence.source, gone), ~np.isin(evidence.t_source, gone))


def between(evidence: Evidence, start_us: int, end_us: int) -> Evidence:
    """Return the rows of `evidence` from `start_us` up to and including `end_us`."""
    return _keep(
        evidence,
        (evidence.at >= start_us) & (evidence.at <= end_us),
        (evidence.t_at >= start_us) & (evidence.t_at <= end_us),
    )


def _keep(evidence: Evidence, acts: NDArray[np.bool_], tallies: NDArray[np.bool_]) -> Evidence:
    changed = {name: getattr(evidence, name)[acts] for name in ACTS}
    changed |= {name: getattr(evidence, name)[tallies] for name in TALLIES}
    return replace(evidence, **changed)


def clock_of(source: Source, now: datetime) -> tuple[datetime, float] | None:
    """Return the time up to which the source's evidence has aged, and its weight from 0 to 1.

    None while it was never read. The clock of a network's source is its last good read: whatever
    keeps us from reading changes nothing, because the evidence does not age without us seeing what
    came in its place. An archive cannot be read again, so it ages with the world, and counts in
    full only when its person proved that the account in it is theirs.
    """
    if source.grant_id is None:
        return now, UNPROVEN if source.proven_at is None else 1.0
    if source.read_at is None:
        return None
    clock = min(source.read_at, now)
    weight = 1.0
    if source.code in NEEDS_PERSON and source.code_since is not None:
        late = now - source.code_since - HOLD
        weight = float(min(1.0, max(0.0, 1.0 - late / FADE)))
    if source.paused_at is not None:
        clock += max(now - source.paused_at - PAUSE_AT_MOST, timedelta(0))
    return min(clock, now), weight


def _columns(rows: list[tuple[Any, ...]], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return name -> int64 array, one per position of the rows."""
    table = np.array(rows, np.int64).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(table[:, index]) for index, name in enumerate(names)}


def _acts(sources: Iterable[int], start: datetime) -> dict[str, NDArray[Any]]:
    """Return the columns of interactions of `sources` from `start` on.

    Beside the engine's columns: followers (-1 = not told), since (0 = not told), member (0 = none).
    """
    rows = [
        (
            source,
            post or 0,
            _KIND_CODE[kind],
            actor,
            microseconds(at),
            -1 if followers is None else followers,
            0 if began is None else microseconds(began),
            member or 0,
        )
        for source, post, kind, actor, at, followers, began, member in Interaction.objects.filter(
            source_id__in=list(sources), at__gte=start
        )
        .order_by()
        .values_list(
            "source_id",
            "post_id",
            "kind",
            "actor_id",
            "at",
            "actor__followers",
            "actor__since",
            "actor__member_id",
        )
        .iterator(chunk_size=5_000)
    ]
    names = ("source", "post", "kind", "actor", "at", "followers", "since", "member")
    return _columns(rows, names)


def _weights(
    acts: dict[str, NDArray[Any]], clock: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return credibility and influence of the actor of each interaction; NaN = not known.

    Both are as of the day of the source's `clock`, so that nobody grows while nobody reads.
    """
    followers = np.where(acts["followers"] < 0, np.nan, acts["followers"].astype(np.float64))
    # Whole days: a ledger must not show people growing more credible by the hour.
    day = clock // DAY_US
    age = np.where(acts["since"] > 0, day - acts["since"] / DAY_US, np.nan)
    credibility = engine.credibility_of(followers, age)
    influence = engine.influence_of(followers)
    for number in np.unique(day[acts["member"] > 0]).tolist():
        rows = (day == number) & (acts["member"] > 0)
        until = moment(number * DAY_US).date()
        scores = _scores_before(np.unique(acts["member"][rows]).tolist(), until)
        for member, score in scores.items():
            influence[rows & (acts["member"] == member)] = engine.influence_of_score(
                np.float64(score)
            )
    return credibility, influence


def _scores_before(user_ids: list[int], day: date) -> dict[int, float]:
    """Return the last counted score before `day` of each of `user_ids` that has one."""
    newest = ScoreSnapshot.objects.filter(
        user_id=OuterRef("pk"), model=engine.ALGORITHM, day__lt=day, score__isnull=False
    ).order_by("-day")
    rows = User.objects.filter(pk__in=user_ids).values_list(
        "pk", Subquery(newest.values("score")[:1])
    )
    return {user: score for user, score in rows if score is not None}


def _strangers(
    sources: Iterable[int], early: datetime, start_us: int, acts: dict[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return tallies of people not known from `start_us` on, one row per increment.

    A known act is taken out of the increment in which it was first seen, so nobody counts twice.
    Negative increments stay: the engine takes them from the newest before them. Posts made before
    `early` have nothing left to count.
    """
    rows = [
        (source, post, _KIND_CODE[kind], microseconds(at), microseconds(seen), delta)
        for source, post, kind, at, seen, delta in Tally.objects.filter(
            post__source_id__in=list(sources), post__created_at__gte=early
        )
        .exclude(delta=0)
        .order_by()
        .values_list("post__source_id", "post_id", "kind", "at", "seen_at", "delta")
        .iterator(chunk_size=5_000)
    ]
    table = _columns(rows, ("source", "post", "kind", "at", "seen", "count"))
    group = table["post"] * len(KINDS) + table["kind"]
    order = np.lexsort((table["seen"], group))
    table = {name: column[order] for name, column in table.items()}
    table["count"] = table["count"].astype(np.float64)
    if rows:
        table["count"] -= _known(acts, group[order], table["seen"], table["count"])
    keep = (table["count"] != 0) & (table["at"] >= start_us)
    return {name: column[keep] for name, column in table.items()}


def _known(
    acts: dict[str, NDArray[Any]],
    group: NDArray[np.int64],
    seen: NDArray[np.int64],
    count: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how many of each increment are known people. Rows ascend by (group, seen).

    An act belongs to the first increment seen at or after it. What does not fit there, because a
    network told of the person before it counted them or the other way round, is taken from the
    other increments of the group, oldest first.
    """
    room = np.maximum(count, 0.0)
    about = np.flatnonzero(acts["post"] > 0)
    per_act = acts["post"][about] * len(KINDS) + acts["kind"][about]
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    counted = np.isin(per_act, group[first])
    per_act, at = per_act[counted], acts["at"][about][counted]
    # Position of (group, at) among the rows: one sort of both together.
    order = np.lexsort(
        (np.r_[np.ones(len(group)), np.zeros(len(at))], np.r_[seen, at], np.r_[group, per_act])
    )
    is_row = order < len(group)
    after = np.cumsum(is_row)  # rows up to and with here: for an act, its increment's position
    place = np.minimum(after[~is_row], len(group) - 1)
    wrong = group[place] != per_act[order[~is_row] - len(group)]
    place[wrong] -= 1  # later than every reading: the last increment of its group
    wanted = np.bincount(place, minlength=len(group)).astype(np.float64)
    taken = np.minimum(wanted, room)
    spill = np.add.reduceat(wanted - taken, first)
    left = room - taken
    running = np.cumsum(left)
    size = np.diff(np.r_[first, len(group)])
    before = np.repeat(np.r_[0.0, running[first[1:] - 1]], size)
    spilled = np.clip(np.repeat(spill, size) - (running - left - before), 0.0, left)
    return np.asarray(taken + spilled, np.float64)
