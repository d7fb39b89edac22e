"""Two states of one author's evidence side by side, and the way from one to the other in steps.

A ledger has to say which part of a change is whose. So the way is walked in six steps, each of
which changes one thing only, and in which rows of the evidence only gain or only lose:

    WEIGHED    the same evidence, its sources as much in force as afterwards
    AGED       as old as afterwards
    INFLUENCE  the same acts, by people as credible and influential as afterwards
    UNLINKED   without the sources that no longer count
    TAKEN      without what was taken back or taken down
    GIVEN      with what is new
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from scoring.engine.arrays import Bools, Evidence, Floats, Ints
from scoring.engine.components import filled, worth
from scoring.engine.groups import group_of, settle, source_rows, starts_of, sums
from scoring.engine.params import Params


class Step(IntEnum):
    """A step on the way; it leads from state `step` to state `step + 1`."""

    WEIGHED = 0
    AGED = 1
    INFLUENCE = 2
    UNLINKED = 3
    TAKEN = 4
    GIVEN = 5


STATES = len(Step) + 1
# Whose worth a state uses: before's (0), that with the weights of after (1), or after's (2).
_AFTER = (0, 1, 2, 2, 2, 2, 2)
_PEOPLE_AFTER = (0, 0, 0, 1, 1, 1, 1)  # whose credibility and influence


@dataclass(frozen=True, slots=True)
class Acts:
    """Distinct acts by known people, ordered by actor; per state how often and what worth."""

    source: Ints  # (n,)
    post: Ints
    kind: Ints
    at: Ints
    person: Ints  # (n,) position among the distinct actors
    people: int
    amount: tuple[Floats, ...]  # per state (n,)
    value: tuple[Floats, ...]  # per state (n,): amount * effort * decay * weight of the source
    passing: Floats  # (n,) 1 for passing-on kinds, else 0
    credibility: tuple[Floats, ...]  # per state (people,), unknowns filled
    influence: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of strangers by post and kind (t groups), ordered by source, post and kind."""

    source: Ints  # (t,)
    post: Ints
    kind: Ints
    unit: Ints  # (t,) position among the distinct posts
    unit_start: Ints  # (units,)
    heads: tuple[Floats, ...]  # per state (t,): how many, not decayed
    decayed: tuple[Floats, ...]  # per state (t,)
    carrying: Floats  # (t,) effort of passing-on kinds, else 0
    first_at: tuple[Ints, ...]  # per step (t,): oldest and newest evidence that the step touched
    last_at: tuple[Ints, ...]


def acts_between(
    before: Evidence, before_us: int, after: Evidence, after_us: int, params: Params
) -> Acts:
    """Return what known people did in either evidence, state by state."""
    sides = ((before, before_us), (after, after_us))
    names = ("actor", "source", "post", "kind", "at")
    seen = [_seen(side, as_of, side.source, side.at) for side, as_of in sides]
    columns, counts = _side_by_side(
        *(
            ([getattr(side, name)[rows] for name in names], np.ones(len(rows)))
            for (side, _), rows in zip(sides, seen, strict=True)
        )
    )
    actor, source, post, kind, at = columns
    worths, kept = _worths(before, before_us, after, after_us, params, source, at)
    amount = _amounts(*counts, kept)
    effort = np.asarray(params.effort)[kind]
    starts = starts_of(actor)
    people = _people(
        _told(before, before_us, params, actor[starts]),
        _told(after, after_us, params, actor[starts]),
        params,
    )
    return Acts(
        source=source,
        post=post,
        kind=kind,
        at=at,
        person=group_of(starts, len(actor)),
        people=len(starts),
        amount=amount,
        value=tuple(amount[s] * effort * worths[_AFTER[s]] for s in range(STATES)),
        passing=np.asarray(params.passing_on)[kind].astype(np.float64),
        credibility=tuple(people[_PEOPLE_AFTER[s]][0] for s in range(STATES)),
        influence=tuple(people[_PEOPLE_AFTER[s]][1] for s in range(STATES)),
    )


def counts_between(
    before: Evidence, before_us: int, after: Evidence, after_us: int, params: Params
) -> Counts:
    """Return what was only counted in either evidence, state by state."""
    sides = ((before, before_us), (after, after_us))
    names = ("t_source", "t_post", "t_kind", "t_at")
    seen = [_seen(side, as_of, side.t_source, side.t_at) for side, as_of in sides]
    columns, counts = _side_by_side(
        *(
            ([getattr(side, name)[rows] for name in names], side.t_count[rows])
            for (side, _), rows in zip(sides, seen, strict=True)
        )
    )
    source, post, kind, at = columns
    worths, kept = _worths(before, before_us, after, after_us, params, source, at)
    starts = starts_of(source, post, kind)
    group = group_of(starts, len(source))
    left = [settle(amount, starts) for amount in _amounts(*counts, kept)]
    value = [left[s] * worths[_AFTER[s]] for s in range(STATES)]
    live = [left[s] * (worths[_AFTER[s]] > 0) for s in range(STATES)]
    touched = [value[step] != value[step + 1] for step in Step]
    unit_start = starts_of(source[starts], post[starts])
    return Counts(
        source=source[starts],
        post=post[starts],
        kind=kind[starts],
        unit=group_of(unit_start, len(starts)),
        unit_start=unit_start,
        heads=tuple(sums(group, one, len(starts)) for one in live),
        decayed=tuple(sums(group, one, len(starts)) for one in value),
        carrying=(np.asarray(params.effort) * np.asarray(params.passing_on))[kind[starts]],
        first_at=tuple(_ends(np.minimum, at, one, starts) for one in touched),
        last_at=tuple(_ends(np.maximum, at, one, starts) for one in touched),
    )


def is_in(source_id: Ints, source: Ints) -> Bools:
    """Return which of `source` occur in `source_id`, which ascends."""
    if not len(source_id):
        return np.zeros(len(source), np.bool_)
    found = np.minimum(np.searchsorted(source_id, source), len(source_id) - 1)
    return np.asarray(source_id[found] == source, np.bool_)


def _seen(evidence: Evidence, as_of_us: int, source: Ints, at: Ints) -> Ints:
    """Return the rows that are not in the future of their source's clock."""
    now = np.minimum(evidence.source_clock, as_of_us)
    return np.flatnonzero(now[source_rows(evidence.source_id, source)] >= at)


def _side_by_side(
    before: tuple[list[Ints], Floats], after: tuple[list[Ints], Floats]
) -> tuple[list[Ints], tuple[Floats, Floats]]:
    """Return the distinct rows of both sides, sorted, and the count of each on either side."""
    columns = [np.concatenate(pair) for pair in zip(before[0], after[0], strict=True)]
    order = np.lexsort(columns[::-1])
    columns = [column[order] for column in columns]
    starts = starts_of(*columns)
    group = group_of(starts, len(order))
    counts = np.concatenate((before[1], after[1]))[order]
    is_after = order >= len(before[1])
    return [column[starts] for column in columns], (
        sums(group, np.where(is_after, 0.0, counts), len(starts)),
        sums(group, np.where(is_after, counts, 0.0), len(starts)),
    )


def _worths(
    before: Evidence,
    before_us: int,
    after: Evidence,
    after_us: int,
    params: Params,
    source: Ints,
    at: Ints,
) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """Return the worth of rows before, reweighed and after; and 1 where the source still counts.

    The clock of a source that went stands still: all it gave leaves with it.
    """
    had, has = is_in(before.source_id, source), is_in(after.source_id, source)
    first, last = np.zeros(len(source)), np.zeros(len(source))
    first[had] = worth(before, params, before_us, source[had], at[had])
    last[has] = worth(after, params, after_us, source[has], at[has])
    stays = is_in(after.source_id, before.source_id)
    weight = before.source_weight.copy()
    weight[stays] = after.source_weight[source_rows(after.source_id, before.source_id[stays])]
    weighed = np.zeros(len(source))
    weighed[had] = worth(
        replace(before, source_weight=weight), params, before_us, source[had], at[had]
    )
    return (first, weighed, np.where(has, last, first)), has.astype(np.float64)


def _amounts(before: Floats, after: Floats, kept: Floats) -> tuple[Floats, ...]:
    """Return how much of each row there is in each state."""
    linked = before * kept
    return before, before, before, before, linked, np.minimum(linked, after), after


def _people(
    before: tuple[Bools, Floats, Floats], after: tuple[Bools, Floats, Floats], params: Params
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return (credibility, influence) of the actors before and after.

    Somebody who acted on one side only is there as they are on that side: coming or going is no
    change of influence.
    """
    had, *first = before
    has, *last = after
    (c0, q0), (c1, q1) = first, last
    return (
        filled(np.where(had, c0, c1), np.where(had, q0, q1), params),
        filled(np.where(has, c1, c0), np.where(has, q1, q0), params),
    )


def _told(
    evidence: Evidence, as_of_us: int, params: Params, actors: Ints
) -> tuple[Bools, Floats, Floats]:
    """Return of each of `actors` whether they acted, their credibility and influence (or NaN)."""
    live = worth(evidence, params, as_of_us, evidence.source, evidence.at) > 0
    acted = np.zeros(len(actors), np.bool_)
    credibility, influence = np.full(len(actors), np.nan), np.full(len(actors), np.nan)
    person = np.searchsorted(actors, evidence.actor[live])
    acted[person] = True
    np.fmax.at(credibility, person, evidence.credibility[live])
    np.fmax.at(influence, person, evidence.influence[live])
    return acted, credibility, influence


def _ends(pick: np.ufunc, at: Ints, touched: Bools, starts: Ints) -> Ints:
    """Return the oldest or newest `at` of the touched rows of each group."""
    if not len(starts):
        return np.empty(0, np.int64)
    limit = np.iinfo(np.int64)
    nothing = limit.max if pick is np.minimum else limit.min
    return np.asarray(pick.reduceat(np.where(touched, at, nothing), starts), np.int64)
