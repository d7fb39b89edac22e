"""Why a score changed, and what it is made of: an exact split into lines that people read.

A sub-score is a logarithm of a sum. The change of a logarithm of a sum splits without a rest over
the terms of the sum by the logarithmic mean (LMDI-I):

    delta ln(1 + X) = sum_i (x_i1 - x_i0) / L(1 + X1, 1 + X0),   L(u, v) = (u - v) / (ln u - ln v)

An actor's term c (1 - exp(-a)) or c ln(1 + b) splits over the acts whose worth changed, by the mean
slope between both values of a or b: again without a rest. Acts that did not change get nothing.

Source: B. W. Ang, Decomposition analysis for policymaking in energy, Energy Policy 32 (2004).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from scoring.engine.arrays import Evidence, Floats, Ints
from scoring.engine.changes import Acts, Counts, Step, acts_between, counts_between, is_in
from scoring.engine.combine import points_per_log
from scoring.engine.groups import sums
from scoring.engine.lines import Entries, Line, Reason, lines_of
from scoring.engine.params import Params


def explain(
    before: Evidence, before_us: int, after: Evidence, after_us: int, params: Params
) -> list[Line]:
    """Return why the score of one author at `after_us` differs from that at `before_us`.

    The points of the lines add up to the difference of the two scores, to 1e-9. Largest first.
    Raises ValueError when the evidence is of more than one author.
    """
    if before.authors != 1 or after.authors != 1:
        raise ValueError("A ledger is about one author.")
    acts = acts_between(before, before_us, after, after_us, params)
    counts = counts_between(before, before_us, after, after_us, params)
    path = [_state(acts, counts, state, params) for state in range(len(Step) + 1)]
    entries = []
    for step in Step:
        scale = _scale(path[step].total, path[step + 1].total, params)
        entries.append(_act_entries(acts, path, step, scale, before, params))
        entries.append(_count_entries(counts, step, scale, before, params))
    ceiling = _above(path[0].total, params) - _above(path[-1].total, params)
    return lines_of(entries, ceiling)


def made_of(evidence: Evidence, as_of_us: int, params: Params) -> list[Line]:
    """Return what the score of one author is made of: lines from nothing (score 1) to here.

    One line for each source, post and kind. Their points add up to score - 1, to 1e-9.
    """
    none, no_float = np.empty(0, np.int64), np.empty(0, np.float64)
    nothing = replace(
        evidence,
        author=none, source=none, post=none, kind=none, actor=none, at=none,
        credibility=no_float, influence=no_float,
        t_author=none, t_source=none, t_post=none, t_kind=none, t_at=none, t_count=no_float,
    )  # fmt: skip
    return explain(nothing, as_of_us, evidence, as_of_us, params)


@dataclass(frozen=True, slots=True)
class _State:
    """The terms of R, A and N in one state, and their sums."""

    acted: Floats  # (people,) a_e
    passed: Floats  # (people,) b_e
    total: Floats  # (3,) R, A, N


def _state(acts: Acts, counts: Counts, state: int, params: Params) -> _State:
    acted = sums(acts.person, acts.value[state], acts.people)
    passed = sums(acts.person, acts.value[state] * acts.passing, acts.people)
    credibility, influence = acts.credibility[state], acts.influence[state]
    reached = credibility * -np.expm1(-acted)
    heads = float(np.sum(_heads(counts, state))) * params.overlap
    carried = float(np.sum(counts.decayed[state] * counts.carrying)) * params.overlap
    total = np.array(
        [
            np.sum(reached) + heads,
            np.sum(credibility * np.log1p(passed)) + carried,
            np.sum(reached * influence) / params.typical_influence
            + heads * params.unknown_influence / params.typical_influence,
        ]
    )
    return _State(acted, passed, total)


def _heads(counts: Counts, state: int) -> Floats:
    """Return the people counted under each post, decayed: the largest count over kinds."""
    if not len(counts.unit_start):
        return np.empty(0, np.float64)
    return np.asarray(np.maximum.reduceat(counts.decayed[state], counts.unit_start), np.float64)


def _scale(first: Floats, last: Floats, params: Params) -> Floats:
    """Return the points of the score that one unit of R, A and N is worth on the way, (3,)."""
    return np.array(
        [
            weight * points_per_log(params) / _log_mean(x0, x1)
            for weight, x0, x1 in zip(params.weights, first.tolist(), last.tolist(), strict=True)
        ]
    )


def _log_mean(x0: float, x1: float) -> float:
    """Return L(1 + x1, 1 + x0), also where the two are nearly equal or far apart."""
    change = x1 - x0
    share = change / (1.0 + x0)
    if abs(share) < 0.5:
        # L = (1 + x0) * share / ln(1 + share): nothing cancels.
        return (1.0 + x0) * share / math.log1p(share) if share else 1.0 + x0
    return change / (math.log1p(x1) - math.log1p(x0))


def _above(total: Floats, params: Params) -> Floats:
    """Return the points of the score that the ceiling of 100 keeps from each part, (3,)."""
    raw = 1.0 + points_per_log(params) * np.log1p(total)
    return np.asarray(np.maximum(raw - 100.0, 0.0) * np.asarray(params.weights), np.float64)


def _act_entries(
    acts: Acts, path: list[_State], step: Step, scale: Floats, before: Evidence, params: Params
) -> Entries:
    """Return the part of a step that is due to known people, one entry per act that changed."""
    if step is Step.INFLUENCE:
        moved = (acts.credibility[step] != acts.credibility[step + 1]) | (
            acts.influence[step] != acts.influence[step + 1]
        )
        rows = np.flatnonzero(moved[acts.person] & (acts.value[step] > 0))
        parts = _through_people(acts, path[step], rows, params)
        count = acts.amount[step][rows]
    else:
        rows = np.flatnonzero(acts.value[step] != acts.value[step + 1])
        parts = _through_acts(acts, path[step], path[step + 1], step, rows, params)
        count = _moved(acts.amount[step], acts.amount[step + 1], step)[rows]
    at = acts.at[rows]
    reason, post, kind = _keys(
        step, acts.source[rows], acts.post[rows], acts.kind[rows], before.source_id
    )
    return Entries(
        reason=reason,
        source=acts.source[rows],
        post=post,
        kind=kind,
        points=parts * scale[:, None],
        count=count,
        person=acts.person[rows],
        first_at=at,
        last_at=at,
    )


def _through_acts(
    acts: Acts, first: _State, last: _State, step: Step, rows: Ints, params: Params
) -> Floats:
    """Return what changed acts did to R, A and N, (3, rows)."""
    person = acts.person[rows]
    change = acts.value[step + 1][rows] - acts.value[step][rows]
    credibility, influence = acts.credibility[step][person], acts.influence[step][person]
    reach = credibility * _slope_of_saturation(first.acted, last.acted)[person] * change
    passing = change * acts.passing[rows]
    amplification = credibility * _slope_of_log(first.passed, last.passed)[person] * passing
    return np.stack((reach, amplification, reach * influence / params.typical_influence))


def _through_people(acts: Acts, state: _State, rows: Ints, params: Params) -> Floats:
    """Return what changed credibility and influence did to R, A and N, (3, rows).

    A person's part is shared out over what they did.
    """
    here, there = Step.INFLUENCE, Step.INFLUENCE + 1
    value, person = acts.value[here], acts.person
    credibility = acts.credibility[there] - acts.credibility[here]
    reached = -np.expm1(-state.acted)
    weighted = (
        acts.credibility[there] * acts.influence[there]
        - acts.credibility[here] * acts.influence[here]
    ) / params.typical_influence
    acted = value[rows] / state.acted[person[rows]]
    passed = value[rows] * acts.passing[rows] / np.maximum(state.passed[person[rows]], 1e-300)
    return np.stack(
        (
            (credibility * reached)[person[rows]] * acted,
            (credibility * np.log1p(state.passed))[person[rows]] * passed,
            (weighted * reached)[person[rows]] * acted,
        )
    )


def _slope_of_saturation(first: Floats, last: Floats) -> Floats:
    """Return the mean slope of 1 - exp(-a) between two values of a, without cancellation."""
    low, apart = np.minimum(first, last), np.abs(last - first)
    some = apart > 0
    mean = np.ones_like(low)
    mean[some] = -np.expm1(-apart[some]) / apart[some]
    return np.exp(-low) * mean


def _slope_of_log(first: Floats, last: Floats) -> Floats:
    """Return the mean slope of ln(1 + b) between two values of b, without cancellation."""
    low, apart = np.minimum(first, last), np.abs(last - first)
    share = apart / (1.0 + low)
    some = share > 0
    mean = np.ones_like(low)
    mean[some] = np.log1p(share[some]) / share[some]
    return mean / (1.0 + low)


def _count_entries(
    counts: Counts, step: Step, scale: Floats, before: Evidence, params: Params
) -> Entries:
    """Return the part of a step that is due to counted strangers, one entry per post and kind."""
    first, last = counts.decayed[step], counts.decayed[step + 1]
    heads, heads_after = _heads(counts, step), _heads(counts, step + 1)
    # More people: by the kind that is largest now. Fewer: by the kind that was largest. That kind
    # changed in any case, so that nothing is booked on a count that stood still.
    grew = heads_after > heads
    bearer = np.where(grew, _leader(counts, last, heads_after), _leader(counts, first, heads))
    reach = np.zeros(len(counts.kind))
    reach[bearer] = params.overlap * (heads_after - heads)
    parts = np.stack(
        (
            reach,
            params.overlap * counts.carrying * (last - first),
            reach * params.unknown_influence / params.typical_influence,
        )
    )
    rows = np.flatnonzero(first != last)
    reason, post, kind = _keys(
        step, counts.source[rows], counts.post[rows], counts.kind[rows], before.source_id
    )
    return Entries(
        reason=reason,
        source=counts.source[rows],
        post=post,
        kind=kind,
        points=parts[:, rows] * scale[:, None],
        count=_moved(counts.heads[step], counts.heads[step + 1], step)[rows],
        person=np.full(len(rows), -1, np.int64),
        first_at=counts.first_at[step][rows],
        last_at=counts.last_at[step][rows],
    )


def _leader(counts: Counts, decayed: Floats, heads: Floats) -> Ints:
    """Return the group with the largest count of each post, the first of several."""
    leading = np.flatnonzero(decayed == heads[counts.unit])
    return leading[np.unique(counts.unit[leading], return_index=True)[1]]


def _moved(first: Floats, last: Floats, step: Step) -> Floats:
    """Return how many reactions stand behind a step: new ones less lost ones, or all it touched."""
    return last - first if step in (Step.TAKEN, Step.GIVEN) else first


def _keys(
    step: Step, source: Ints, post: Ints, kind: Ints, linked_before: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return the reason, post and kind under which entries of a step are summed to lines."""
    if step in (Step.TAKEN, Step.GIVEN):
        known = is_in(linked_before, source)
        reason = np.where(known, Reason.REACTIONS, Reason.LINKED).astype(np.int64)
        return reason, np.where(known, post, 0), np.where(known, kind, -1)
    alone = {
        Step.WEIGHED: Reason.UNREAD,
        Step.AGED: Reason.FADED,
        Step.INFLUENCE: Reason.INFLUENCE,
        Step.UNLINKED: Reason.UNLINKED,
    }[step]
    size = len(source)
    return np.full(size, alone, np.int64), np.zeros(size, np.int64), np.full(size, -1, np.int64)
