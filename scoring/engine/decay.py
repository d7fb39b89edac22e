"""How much evidence still counts at its age."""

import numpy as np

from scoring.engine.arrays import DAY_US, Floats, Ints
from scoring.engine.params import Params


def decay(age_us: Ints, params: Params) -> Floats:
    """Return the weight of evidence of each age: 1 when new, 0 at the end of the window.

    Continuous and falling in between, so that nothing jumps when a post turns 90 days old. What
    lies in the future (a negative age) weighs 0: it never counts.
    """
    window_us = round(params.window_days * DAY_US)
    end = 2.0 ** (-params.window_days / params.half_life_days)
    days = np.clip(age_us, 0, window_us) / DAY_US
    weight = (np.exp2(-days / params.half_life_days) - end) / (1.0 - end)
    inside = (age_us >= 0) & (age_us < window_us)
    # Rounding may leave a last hair below zero.
    counted: Floats = np.where(inside, np.maximum(weight, 0.0), 0.0)
    return counted
