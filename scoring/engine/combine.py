"""From the sums R, A and N to sub-scores, the score and its range."""

import math
from dataclasses import dataclass

import numpy as np

from scoring.engine.arrays import Bools, Evidence, Floats, Ints
from scoring.engine.components import Sums, aggregate, assemble
from scoring.engine.params import Params


@dataclass(frozen=True, slots=True)
class Scores:
    """What was computed for each author. Scores run from 1 to 100."""

    score: Floats
    reach_score: Floats
    amplification_score: Floats
    network_score: Floats
    reach: Floats  # R, effective people who acted
    amplification: Floats  # A, effective acts that carried it on
    network: Floats  # N, people weighted by their own influence
    people: Ints  # who acted, known and counted
    posts: Ints  # with a reaction in the window
    enough: Bools  # False: too little evidence to speak of a score


def evaluate(evidence: Evidence, params: Params, as_of_us: int) -> Scores:
    """Return the scores of each author at `as_of_us`, microseconds since 1970-01-01 UTC.

    The order of rows changes nothing, and an author's numbers are the same to the last bit alone or
    among others. Raises ValueError when a row names a source that has no clock.
    """
    return scores_of(aggregate(evidence, params, as_of_us), params)


def interval(evidence: Evidence, params: Params, as_of_us: int) -> tuple[Floats, Floats]:
    """Return (low, high) scores of each author: both ends of what is not known.

    Not known are how far counted people overlap, and how credible and influential strangers are.
    The score lies between the two.
    """
    total = aggregate(evidence, params, as_of_us)
    low, score, high = (
        scores_of(total, end).score for end in (params.low_end(), params, params.high_end())
    )
    return np.minimum(low, score), np.maximum(high, score)


def points_per_log(params: Params) -> float:
    """Return the points of a sub-score that one unit of ln(1 + X) is worth."""
    return 99.0 / (params.scale_decades * math.log(10.0))


def sub_score(total: Floats, params: Params) -> Floats:
    """Return the sub-score, 1 to 100, of sums X of 0 or more: each tenfold is worth as much."""
    return np.minimum(100.0, 1.0 + points_per_log(params) * np.log1p(total))


def scores_of(total: Sums, params: Params) -> Scores:
    """Return the scores of each author whose evidence is summed up; unknowns are of `params`."""
    parts = assemble(total, params)
    reach = sub_score(parts.reach, params)
    amplification = sub_score(parts.amplification, params)
    network = sub_score(parts.network, params)
    mean = (
        params.weight_reach * reach
        + params.weight_amplification * amplification
        + params.weight_network * network
    )
    return Scores(
        # Rounding of the weighted mean must not leave the scale.
        score=np.clip(mean, 1.0, 100.0),
        reach_score=reach,
        amplification_score=amplification,
        network_score=network,
        reach=parts.reach,
        amplification=parts.amplification,
        network=parts.network,
        people=parts.people,
        posts=parts.posts,
        enough=(parts.posts >= params.enough_posts) & (parts.people >= params.enough_people),
    )
