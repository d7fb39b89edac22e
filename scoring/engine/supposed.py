"""Evidence as if something else happened: what simulate.py runs the engine on.

What goes on is taken to go on as in the window, so the evidence stands for its own future, and a
change is laid over its newest weeks: as many of them as it would have lasted by then.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np

from scoring.engine.arrays import ACTS, DAY_US, KINDS, TALLIES, Evidence, Floats, Ints, empty
from scoring.engine.groups import source_rows
from scoring.engine.params import Params

WEEK_US = 7 * DAY_US
BEYOND = 10  # times the strongest week: of more nothing is known
FEW = 10  # people a week; the strongest week is taken for no less


class Case(IntEnum):
    """Which end of what is not known: are they other people, and is the week like most weeks?"""

    LOW = 0
    LIKELY = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Change:
    """What else happens. Raises ValueError below zero, and for a rest in which more happens."""

    replies: int = 0  # so many more people a week
    reposts: int = 0
    likes: int = 0
    posts: int = 0  # so many more posts a week, to which nobody reacts
    regular: bool = False  # no quiet week any more
    source: bool = False  # one more source of about the same kind
    rest: int = 0  # weeks in which nothing comes

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        values = {column.name: int(getattr(self, column.name)) for column in fields(self)}
        if min(values.values()) < 0:
            raise ValueError("A change is never below zero.")
        if self.rest and any(value for name, value in values.items() if name != "rest"):
            raise ValueError("In a rest nothing comes.")


@dataclass(frozen=True, slots=True)
class Known:
    """What the evidence of an author lets one speak of."""

    days: int  # since the oldest reaction in the window
    strongest: int  # reactions in the strongest week
    quiet: int  # weeks without a reaction since the oldest
    weeks: int  # all weeks since then

    @property
    def most(self) -> int:
        """How many more people a week are within what is known."""
        return BEYOND * max(FEW, self.strongest)


def known(evidence: Evidence, params: Params, as_of_us: int) -> Known:
    """Return what the evidence of one author lets one speak of."""
    volume = _volume(evidence, params, as_of_us)
    acts, counts = _ages(evidence, as_of_us)
    ages = np.concatenate((acts, counts[evidence.t_count > 0]))
    active = np.flatnonzero(volume)
    weeks = int(active[-1]) + 1 if len(active) else 0
    return Known(
        days=int(ages[ages < _window_us(params)].max(initial=0)) // DAY_US,
        strongest=int(volume.max(initial=0)),
        quiet=weeks - len(active),
        weeks=weeks,
    )


def strangers(change: Change, weeks: int, share: float, as_of_us: int) -> Evidence:
    """Return what the change brings in its weeks, a post of its own for each week and kind."""
    people = {"reply": change.replies, "repost": change.reposts, "like": change.likes}
    rows = [(KINDS.index(kind), share * number) for kind, number in people.items() if number]
    if change.posts:
        rows.append((KINDS.index("like"), 0.0))
    size = len(rows) * weeks
    if not size:
        return empty()
    week = np.tile(np.arange(weeks), len(rows))
    one = np.ones(size, np.int64)
    return replace(
        empty(),
        t_author=0 * one,
        t_source=one,
        t_post=1 + np.arange(size),
        t_kind=np.repeat(np.array([kind for kind, _ in rows], np.int64), weeks),
        t_at=as_of_us - week * WEEK_US - WEEK_US // 2,
        t_count=np.repeat(np.array([number for _, number in rows]), weeks),
        source_id=one[:1],
        source_clock=as_of_us * one[:1],
        source_weight=np.ones(1),
    )


def regular(evidence: Evidence, weeks: int, case: Case, params: Params, as_of_us: int) -> Evidence:
    """Return evidence in which the newest `weeks` hold no quiet week: a usual one came instead.

    The same people do the same about other posts. Weeks before the oldest reaction stay empty.
    """
    volume = _volume(evidence, params, as_of_us)
    active = np.flatnonzero(volume)
    usual = int(_ranked(active, volume[active], case))
    act_week, count_week = (age // WEEK_US for age in _ages(evidence, as_of_us))
    acts = np.flatnonzero(act_week == usual)
    tallies = np.flatnonzero((count_week == usual) & (evidence.t_count > 0))
    grown = evidence
    for week in np.flatnonzero(volume[: min(weeks, int(active[-1]))] == 0).tolist():
        later = (usual - week) * WEEK_US
        grown = _copied(grown, acts, tallies, later=later)
    return grown


def with_source(evidence: Evidence, case: Case, share: float) -> Evidence:
    """Return evidence with one more source: a copy of the small, the usual or the large one.

    Of the people who act there none, every second or all are new ones.
    """
    sources = evidence.source_id
    reactions = [
        np.count_nonzero(evidence.source == one)
        + float(evidence.t_count[evidence.t_source == one].clip(0).sum())
        for one in sources.tolist()
    ]
    held = np.flatnonzero(reactions)
    like = sources[_ranked(held, np.array(reactions)[held], case)]
    acts, tallies = (np.flatnonzero(of == like) for of in (evidence.source, evidence.t_source))
    grown = _copied(evidence, acts, tallies, share=share)
    source, t_source, actor = grown.source.copy(), grown.t_source.copy(), grown.actor.copy()
    source[len(evidence.source) :] = t_source[len(evidence.t_source) :] = sources[-1] + 1
    if case is not Case.LOW:
        _, person = np.unique(evidence.actor[acts], return_inverse=True)
        other = person % (2 if case is Case.LIKELY else 1) == 0
        actor[len(evidence.actor) :] += other * (int(evidence.actor.max(initial=0)) + 1)
    return replace(
        grown,
        source=source,
        t_source=t_source,
        actor=actor,
        source_id=np.append(sources, sources[-1] + 1),
        source_clock=np.append(evidence.source_clock, evidence.source_clock[sources == like]),
        source_weight=np.append(evidence.source_weight, 1.0),
    )


def rested(evidence: Evidence, weeks: int, as_of_us: int, still: Collection[int]) -> Evidence:
    """Return the evidence of now as it is after weeks in which nothing comes: only older.

    Sources whose ids are in `still` do not age. What is newer than its source's clock does not
    count now, and goes.
    """
    acts, tallies = (np.flatnonzero(age >= 0) for age in _ages(evidence, as_of_us))
    kept: dict[str, Any] = {name: getattr(evidence, name)[acts] for name in ACTS}
    kept |= {name: getattr(evidence, name)[tallies] for name in TALLIES}
    stands = np.isin(evidence.source_id, np.array(sorted(still), np.int64))
    clock = np.minimum(evidence.source_clock, as_of_us)
    clock = np.where(stands, clock, clock + weeks * WEEK_US)
    return replace(evidence, **kept, source_clock=clock)


def _copied(
    evidence: Evidence, acts: Ints, tallies: Ints, *, later: int = 0, share: float = 1.0
) -> Evidence:
    """Return evidence with these rows once more, about posts of their own."""
    rows = dict.fromkeys(ACTS, acts) | dict.fromkeys(TALLIES, tallies)
    copies: dict[str, Any] = {
        name: getattr(evidence, name)[places] for name, places in rows.items()
    }
    newest = max(int(evidence.post.max(initial=0)), int(evidence.t_post.max(initial=0)))
    for name in ("post", "t_post"):  # post 0 is the account itself
        copies[name] = np.where(copies[name] > 0, copies[name] + newest + 1, 0)
    copies["at"], copies["t_at"] = copies["at"] + later, copies["t_at"] + later
    copies["t_count"] = copies["t_count"] * share
    both: dict[str, Any] = {
        name: np.append(getattr(evidence, name), copy) for name, copy in copies.items()
    }
    return replace(evidence, **both)


def _ranked(places: Ints, size: Floats, case: Case) -> int:
    """Return the place at the lower quarter, the middle or the upper quarter by size."""
    order = np.lexsort((places, size))
    last = len(places) - 1
    return int(places[order[(last // 4, last // 2, -(-3 * last // 4))[case]]])


def _window_us(params: Params) -> int:
    return params.window_days * DAY_US


def _ages(evidence: Evidence, as_of_us: int) -> tuple[Ints, Ints]:
    """Return how old acts and counts are, by the clocks of their sources, in microseconds."""
    now = np.minimum(evidence.source_clock, as_of_us)
    return (
        now[source_rows(evidence.source_id, evidence.source)] - evidence.at,
        now[source_rows(evidence.source_id, evidence.t_source)] - evidence.t_at,
    )


def _volume(evidence: Evidence, params: Params, as_of_us: int) -> Floats:
    """Return the reactions of each week of the window, the newest first."""
    found = np.zeros(-(-params.window_days // 7))
    acts, counts = _ages(evidence, as_of_us)
    for age, number in ((acts, np.ones(len(acts))), (counts, evidence.t_count.clip(0))):
        live = (age >= 0) & (age < _window_us(params))
        found += np.bincount(age[live] // WEEK_US, number[live], minlength=len(found))
    return found
