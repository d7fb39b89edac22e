"""What a score would be if something else happened: the engine on changed evidence.

More people are strangers under posts of their own, week by week; a quiet week becomes like a usual
one; another source is a copy of one that is there (supposed.py). A rest is the same evidence, so
much older. How far this holds is told by two more runs, at a cautious and a generous end (`Case`).
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from scoring.engine.arrays import Evidence
from scoring.engine.combine import Scores, scores_of
from scoring.engine.components import Sums, aggregate
from scoring.engine.params import Params
from scoring.engine.supposed import (
    WEEK_US,
    Case,
    Change,
    Known,
    known,
    regular,
    rested,
    strangers,
    with_source,
)

NEEDED_DAYS = 14  # of history; from less nothing is said
MOST = 0.8  # of a change: by then "most of it" is reached
LONGEST_REST = 12  # weeks; then the window is empty


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score before and after a change that lasts, low <= score <= high.

    weeks: until most of it is reached, 0 at once; of a rest, its weeks. parts: points of the score
    that come through reach, amplification and network, their sum is the change. enough: False where
    too little is left to speak of a score.
    """

    before: float
    score: float
    low: float
    high: float
    weeks: int
    parts: tuple[float, ...]
    enough: bool


@dataclass(frozen=True, slots=True)
class Lever:
    """One way to a wanted score. `amount` is the least that reaches it, of people a week.

    It is None where nothing known reaches it. `outcome` is that of the amount, or of all there is.
    weeks: until the wanted score is reached, 0 at once.
    """

    name: str  # field of Change
    amount: int | None
    outcome: Outcome
    weeks: int


class Unknown(ValueError):
    """Nothing is known of what was asked, so there is no number."""


class TooYoung(Unknown):
    """The history is shorter than NEEDED_DAYS."""


class Beyond(Unknown):
    """More was asked than is known; `most` of it is."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(f"Of more than {most} {name} nothing is known.")
        self.name, self.most = name, most


def simulate(
    evidence: Evidence,
    change: Change,
    params: Params,
    as_of_us: int,
    *,
    still: Collection[int] = (),
) -> Outcome:
    """Return what the score of one author becomes once a change has lasted for a whole window.

    `still` are ids of sources whose clock stands: they do not age in a rest.

    Raises TooYoung when the history is too short, Beyond when the change is more than is known.
    """
    limits = known(evidence, params, as_of_us)
    _check(change, limits)
    if change.rest:
        return _rested(evidence, change.rest, params, as_of_us, still)
    return _outcome(_Ground(evidence, params, as_of_us), change)


def reaching(evidence: Evidence, wanted: float, params: Params, as_of_us: int) -> list[Lever]:
    """Return for each way by itself what it takes to reach the score `wanted`.

    Raises TooYoung when the history is too short.
    """
    limits = known(evidence, params, as_of_us)
    _check(Change(), limits)
    ground = _Ground(evidence, params, as_of_us)
    levers = [_least(ground, name, wanted, limits.most) for name in ("reposts", "replies", "likes")]
    if limits.quiet:
        levers.append(_whole(ground, "regular", wanted))
    return [*levers, _whole(ground, "source", wanted)]


def _least(ground: "_Ground", name: str, wanted: float, most: int) -> Lever:
    """Return how many more people a week reach the score; more never lowers it."""
    amount = bisect_left(
        range(most + 1), wanted, key=lambda number: ground.score(_of(name, number), ground.weeks)
    )
    return _lever(ground, name, amount if amount <= most else None, most, wanted)


def _whole(ground: "_Ground", name: str, wanted: float) -> Lever:
    reached = ground.score(_of(name, True), ground.weeks) >= wanted
    return _lever(ground, name, 1 if reached else None, 1, wanted)


def _lever(ground: "_Ground", name: str, amount: int | None, most: int, wanted: float) -> Lever:
    change = _of(name, most if amount is None else amount)
    return Lever(name, amount, _outcome(ground, change), ground.until(change, wanted))


def _of(name: str, amount: int) -> Change:
    """Return a change in one thing alone."""
    alone: dict[str, Any] = {name: amount}
    return Change(**alone)


def _check(change: Change, limits: Known) -> None:
    if limits.days < NEEDED_DAYS:
        raise TooYoung(f"{limits.days} of {NEEDED_DAYS} days are known.")
    for name in ("replies", "reposts", "likes", "posts"):
        if getattr(change, name) > limits.most:
            raise Beyond(name, limits.most)
    if change.rest > LONGEST_REST:
        raise Beyond("rest", LONGEST_REST)


class _Ground:
    """The evidence of one author with a change laid over so many of its newest weeks.

    What is changed in the evidence itself is summed up once.
    """

    def __init__(self, evidence: Evidence, params: Params, as_of_us: int) -> None:
        self.weeks = -(-params.window_days // 7)  # until a change shows in full
        self.params = params
        self._evidence, self._as_of_us = evidence, as_of_us
        ends = (params.low_end(), params, params.high_end())
        # What a count says of different people, beside what the score takes it to say.
        self._shares = [end.overlap / params.overlap for end in ends]
        self._sums: dict[tuple[int, bool, Case], Sums] = {}

    def scores(self, change: Change, weeks: int, case: Case = Case.LIKELY) -> Scores:
        """Return the scores once the change has lasted so many weeks."""
        own = self._own(change, weeks, case)
        more = strangers(change, weeks, self._shares[case], self._as_of_us)
        return scores_of(_both(own, aggregate(more, self.params, self._as_of_us)), self.params)

    def score(self, change: Change, weeks: int, case: Case = Case.LIKELY) -> float:
        """Return the score alone, as `scores` does."""
        return float(self.scores(change, weeks, case).score[0])

    def until(self, change: Change, wanted: float) -> int:
        """Return after how many weeks a change leads to a score: all of them if it does not."""
        return bisect_left(range(self.weeks), wanted, key=lambda weeks: self.score(change, weeks))

    def _own(self, change: Change, weeks: int, case: Case) -> Sums:
        """Return the sums of the person's evidence, with usual weeks and sources added."""
        copied = change.regular or change.source
        key = (weeks if change.regular else 0, change.source, case if copied else Case.LIKELY)
        if key not in self._sums:
            evidence = self._evidence
            if change.source:
                evidence = with_source(evidence, case, self._shares[case])
            if change.regular:
                evidence = regular(evidence, weeks, case, self.params, self._as_of_us)
            self._sums[key] = aggregate(evidence, self.params, self._as_of_us)
        return self._sums[key]


def _outcome(ground: _Ground, change: Change) -> Outcome:
    before = ground.scores(Change(), 0)
    after = ground.scores(change, ground.weeks)
    score = float(after.score[0])
    ends = [ground.score(change, ground.weeks, case) for case in (Case.LOW, Case.HIGH)]
    start = float(before.score[0])
    most = ground.until(change, start + MOST * (score - start))
    return _told(before, after, [*ends, score], most, ground.params)


def _rested(
    evidence: Evidence, weeks: int, params: Params, as_of_us: int, still: Collection[int]
) -> Outcome:
    """Return the outcome of weeks in which nothing comes: all that runs is so much older."""
    later = rested(evidence, weeks, as_of_us, still)
    first = aggregate(evidence, params, as_of_us)
    last = aggregate(later, params, as_of_us + weeks * WEEK_US)
    before, after = scores_of(first, params), scores_of(last, params)
    now = float(before.score[0])
    ends = [
        now + float(scores_of(last, end).score[0] - scores_of(first, end).score[0])
        for end in (params.low_end(), params.high_end())
    ]
    return _told(before, after, [*ends, float(after.score[0])], weeks, params)


def _told(
    before: Scores, after: Scores, ends: Collection[float], weeks: int, params: Params
) -> Outcome:
    parts = ("reach_score", "amplification_score", "network_score")
    return Outcome(
        before=float(before.score[0]),
        score=float(after.score[0]),
        low=max(1.0, min(ends)),
        high=min(100.0, max(ends)),
        weeks=weeks,
        parts=tuple(
            weight * float(getattr(after, part)[0] - getattr(before, part)[0])
            for part, weight in zip(parts, params.weights, strict=True)
        ),
        enough=bool(after.enough[0]),
    )


def _both(first: Sums, second: Sums) -> Sums:
    """Return the sums of one author over two lots of evidence in which nobody known is twice."""
    counted = ("people", "posts")
    return Sums(
        **{
            column.name: getattr(first, column.name) + getattr(second, column.name)
            if column.name in counted
            else np.concatenate((getattr(first, column.name), getattr(second, column.name)))
            for column in fields(Sums)
        }
    )
