"""How credible and how influential somebody who acted is, from what everybody can see of them."""

import numpy as np
from numpy.typing import ArrayLike

from scoring.engine.arrays import Floats
from scoring.engine.params import Params

# Followers from which an old account is fully credible. Accounts are bought by the thousand;
# the people who follow them are not. Range 100..1,000,000. Source: set.
FULL_AUDIENCE = 10_000
# Days in which a new account grows into the credibility of its audience. Range 0..365. Source: set.
GROWN_UP_DAYS = 30.0
# Share of that credibility which an account has on its first day. Range 0..1. Source: set.
FIRST_DAY = 0.25
# Decades of followers from influence 0 to 1, the scale of the score itself.
INFLUENCE_DECADES = 8.0


def credibility_of(followers: ArrayLike, account_age_days: ArrayLike | None = None) -> Floats:
    """Return the credibility of accounts, from 0.1 to 1, growing with audience and age.

    NaN followers (not told) give NaN: the model's value for unknown credibility is used then. NaN
    age, or None, takes nothing away.
    """
    audience = _tenfolds(followers) / np.log10(1.0 + FULL_AUDIENCE)
    share = np.minimum(1.0, audience)
    if account_age_days is not None:
        grown = np.clip(np.asarray(account_age_days, np.float64) / GROWN_UP_DAYS, 0.0, 1.0)
        smooth = grown * grown * (3.0 - 2.0 * grown)  # no corner at either end
        share = share * np.where(np.isnan(grown), 1.0, FIRST_DAY + (1.0 - FIRST_DAY) * smooth)
    least = Params().least_credibility
    return np.asarray(least + (1.0 - least) * share, np.float64)


def influence_of(followers: ArrayLike) -> Floats:
    """Return the influence, 0 to 1, of accounts with so many followers; NaN stays NaN."""
    return np.asarray(np.minimum(1.0, _tenfolds(followers) / INFLUENCE_DECADES), np.float64)


def influence_of_score(score: ArrayLike) -> Floats:
    """Return the influence, 0 to 1, of people here whose own score (1 to 100) is known."""
    return np.asarray((np.asarray(score, np.float64) - 1.0) / 99.0, np.float64)


def _tenfolds(followers: ArrayLike) -> Floats:
    return np.log10(1.0 + np.maximum(np.asarray(followers, np.float64), 0.0))
