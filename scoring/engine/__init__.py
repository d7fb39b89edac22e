"""The score model: pure functions on arrays. No framework, no clock, no input or output."""

from scoring.engine.arrays import DAY_US, KINDS, Evidence, empty
from scoring.engine.audience import credibility_of, influence_of, influence_of_score
from scoring.engine.combine import Scores, evaluate, interval
from scoring.engine.components import Components, components
from scoring.engine.ledger import explain, made_of
from scoring.engine.lines import Line, Reason, shown
from scoring.engine.params import ALGORITHM, Params

__all__ = [
    "ALGORITHM",
    "DAY_US",
    "KINDS",
    "Components",
    "Evidence",
    "Line",
    "Params",
    "Reason",
    "Scores",
    "components",
    "credibility_of",
    "empty",
    "evaluate",
    "explain",
    "influence_of",
    "influence_of_score",
    "interval",
    "made_of",
    "shown",
]
