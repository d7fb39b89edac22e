"""Rank correlation and how far to trust it, in plain numpy. Imported by the replays."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2_000
SPLITS = 400


def ranks(values: Floats) -> Floats:
    """Return the ranks of `values` from 1; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)


def spearman(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation, -1 to 1; NaN when either is all equal."""
    first, second = ranks(one), ranks(other)
    first, second = first - first.mean(), second - second.mean()
    length = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / length) if length else float("nan")


def both(values: Floats, engaged: Floats, passed: Floats) -> float:
    """Return the mean correlation of `values` with the two targets."""
    return (spearman(values, engaged) + spearman(values, passed)) / 2


def bootstrap(
    one: Floats, other: Floats, engaged: Floats, passed: Floats
) -> tuple[float, float, float]:
    """Return (5 %, 50 %, 95 %) of by how much `one` ranks better than `other`, over resamples."""
    chance = np.random.default_rng(1)
    gains = []
    for _ in range(RESAMPLES):
        pick = chance.integers(0, len(one), len(one))
        targets = engaged[pick], passed[pick]
        gains.append(both(one[pick], *targets) - both(other[pick], *targets))
    low, middle, high = np.percentile(gains, (5, 50, 95)).tolist()
    return low, middle, high


def held_out(
    parts: Floats, designed: float, engaged: Floats, passed: Floats
) -> tuple[float, float, float]:
    """Fit the weight of the second of two `parts` on half of the rows, and judge on the other half.

    Returns (median fitted weight, mean correlation with it, and with the `designed` weight) over
    SPLITS random halves.
    """
    chance = np.random.default_rng(2)
    grid = np.arange(0.0, 1.01, 0.05)
    weights, fitted, kept = [], [], []
    for _ in range(SPLITS):
        mixed = chance.permutation(parts.shape[1])
        learn, judge = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]

        def mean(weight: float, rows: NDArray[np.int64]) -> float:
            score = (1 - weight) * parts[0] + weight * parts[1]
            return both(score[rows], engaged[rows], passed[rows])

        best = max(grid.tolist(), key=lambda weight: mean(weight, learn))
        weights.append(best)
        fitted.append(mean(best, judge))
        kept.append(mean(designed, judge))
    return float(np.median(weights)), float(np.mean(fitted)), float(np.mean(kept))
