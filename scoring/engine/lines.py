"""Lines of a ledger: summed from entries, and rounded so that what is shown adds up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from scoring.engine.arrays import KINDS, Floats, Ints
from scoring.engine.groups import group_of, pair_key, starts_of, sums


class Reason(IntEnum):
    """Why points came or went; a line carries the name in lower case."""

    REACTIONS = 0  # new reactions to a post, new follows, new list entries
    CORRECTED = 1  # fewer than before: taken back, taken down, or counted anew by the network
    FADED = 2  # older, or out of the window
    INFLUENCE = 3  # people who acted became more or less credible or influential themselves
    LINKED = 4  # a source began to count
    UNLINKED = 5  # a source stopped counting
    CEILING = 6  # a part stands at 100
    UNREAD = 7  # a source that cannot be read fades, or counts in full again


@dataclass(frozen=True, slots=True)
class Line:
    """One reason why a score changed.

    `points_reach`, `points_amplification` and `points_network` are points of the score that came
    through these parts; they add up to `points`.
    """

    reason: str
    source: int  # 0 where the line is about no source
    post: int  # 0 where the line is about the account, or about a whole source
    kind: str  # "" where the line is about a whole source
    # Reactions behind the line; below zero when more were lost than came.
    count: int
    people: int  # known people behind it
    points_reach: float
    points_amplification: float
    points_network: float
    points: float
    from_us: int | None  # oldest and newest reaction behind the line
    to_us: int | None


@dataclass(frozen=True, slots=True)
class Entries:
    """Parts of lines, column by column (n rows)."""

    reason: Ints
    source: Ints
    post: Ints
    kind: Ints  # -1 = none
    points: Floats  # (3, n) through reach, amplification, network
    count: Floats
    person: Ints  # -1 = nobody known
    first_at: Ints
    last_at: Ints


def lines_of(entries: Sequence[Entries], ceiling: Floats) -> list[Line]:
    """Return entries summed to lines, largest first, with a line for the ceiling if it moved.

    `ceiling`: points that the ceiling gave back (above 0) or took, per part, (3,).
    """
    lines = _summed(_joined(entries))
    if np.any(ceiling != 0):
        reach, amplification, network = ceiling.tolist()
        total = reach + amplification + network
        lines.append(
            Line("ceiling", 0, 0, "", 0, 0, reach, amplification, network, total, None, None)
        )
    # Sorting is stable: equal lines stay in the order of reason, source, post and kind.
    return sorted(lines, key=lambda line: -abs(line.points))


def shown(values: Sequence[float], decimals: int = 1, total: float | None = None) -> list[float]:
    """Return `values` rounded so that they add up to `total` as it is shown.

    By largest remainder: every value is rounded down, and the units still missing go to those who
    lost most by that (units too many are taken from those who lost least). `total` is the sum of
    the values unless given: a shown change, being the difference of two rounded scores, may differ
    from it by a unit.
    """
    if not values:
        return []
    unit = 10**decimals
    exact = [value * unit for value in values]
    whole = [math.floor(value) for value in exact]
    missing = round((math.fsum(values) if total is None else total) * unit) - sum(whole)
    sign = 1 if missing > 0 else -1
    # Nothing is given to a line of nothing as long as others can take it.
    order = sorted(
        range(len(values)), key=lambda i: (exact[i] == 0, sign * (whole[i] - exact[i]), i)
    )
    for place in range(abs(missing)):
        whole[order[place % len(order)]] += sign
    return [value / unit for value in whole]


def _joined(entries: Sequence[Entries]) -> Entries:
    return Entries(
        reason=np.concatenate([one.reason for one in entries]),
        source=np.concatenate([one.source for one in entries]),
        post=np.concatenate([one.post for one in entries]),
        kind=np.concatenate([one.kind for one in entries]),
        points=np.concatenate([one.points for one in entries], axis=1),
        count=np.concatenate([one.count for one in entries]),
        person=np.concatenate([one.person for one in entries]),
        first_at=np.concatenate([one.first_at for one in entries]),
        last_at=np.concatenate([one.last_at for one in entries]),
    )


def _summed(entries: Entries) -> list[Line]:
    order = np.lexsort((entries.kind, entries.post, entries.source, entries.reason))
    if not len(order):
        return []
    keys = [
        column[order] for column in (entries.reason, entries.source, entries.post, entries.kind)
    ]
    starts = starts_of(*keys)
    group = group_of(starts, len(order))
    size = len(starts)
    parts = [sums(group, part[order], size).tolist() for part in entries.points]
    count = np.rint(sums(group, entries.count[order], size)).astype(np.int64).tolist()
    people = _people(group, entries.person[order], size).tolist()
    first_at = np.minimum.reduceat(entries.first_at[order], starts).tolist()
    last_at = np.maximum.reduceat(entries.last_at[order], starts).tolist()
    reason, source, post, kind = (column[starts].tolist() for column in keys)
    lines = []
    for i in range(size):
        reach, amplification, network = parts[0][i], parts[1][i], parts[2][i]
        points = reach + amplification + network
        lines.append(
            Line(
                reason=_reason(reason[i], count[i], points),
                source=source[i],
                post=post[i],
                kind=KINDS[kind[i]] if kind[i] >= 0 else "",
                count=count[i],
                people=people[i],
                points_reach=reach,
                points_amplification=amplification,
                points_network=network,
                points=points,
                from_us=first_at[i],
                to_us=last_at[i],
            )
        )
    return lines


def _reason(code: int, count: int, points: float) -> str:
    """Return the name of a reason; reactions of which more were lost than came are corrected."""
    fewer = count < 0 or (count == 0 and points < 0)
    if code == Reason.REACTIONS and fewer:
        code = Reason.CORRECTED
    return Reason(code).name.lower()


def _people(group: Ints, person: Ints, size: int) -> Ints:
    """Return how many different known people stand behind each line."""
    known = person >= 0
    key, stride = pair_key(group[known], person[known])
    key = np.sort(key)
    return np.bincount(key[starts_of(key)] // stride, minlength=size)
