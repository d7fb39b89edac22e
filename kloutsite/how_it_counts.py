"""What the page "How it counts" tells: the engine's constants, and the log of models."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring import words
from scoring.engine import KINDS, Params, trust


@dataclass(frozen=True, slots=True)
class Model:
    """One way of counting: since when, and what it changed."""

    version: str
    since: date
    what: str | Promise


# Newest first. A score is stored with its version; numbers of two versions are never compared.
MODELS = (
    Model(
        "2026.1", date(2026, 11, 22), _("The first model. There is nothing before it to compare.")
    ),
)


@dataclass(frozen=True, slots=True)
class Effort:
    """What one act is worth, in likes, and whether it carries the post on."""

    name: str
    worth: str
    carries_on: bool


def efforts(params: Params) -> list[Effort]:
    """Return the kinds of acts, those with most worth first."""
    rows = zip(KINDS, params.effort, params.passing_on, strict=True)
    return [
        Effort(words.kind_name(kind), words.number(worth), carries_on)
        for kind, worth, carries_on in sorted(rows, key=lambda row: -row[1])
    ]


def constants(params: Params) -> dict[str, str]:
    """Return the constants that the formulas name, ready to print."""
    reach, amplification, network = (words.decimal(weight, 2) for weight in params.weights)
    return {
        "half_life": words.number(params.half_life_days),
        "window": words.number(params.window_days),
        "overlap": words.number(params.overlap),
        "typical_influence": words.number(params.typical_influence),
        "least_credibility": words.number(params.least_credibility),
        "unknown_credibility": words.number(params.unknown_credibility),
        "decades": words.number(params.scale_decades),
        "tenfold": words.decimal(99 / params.scale_decades),
        "reach": reach,
        "amplification": amplification,
        "network": network,
        "enough_posts": str(params.enough_posts),
        "enough_people": str(params.enough_people),
    }


def plusk_constants() -> dict[str, str]:
    """Return the constants by which a +K counts, ready to print."""
    return {
        "days": str(trust.ENOUGH_DAYS),
        "people": str(trust.ENOUGH_PEOPLE),
        "allowed": words.number(trust.ALLOWED),
        "whole": str(trust.WHOLE),
    }
