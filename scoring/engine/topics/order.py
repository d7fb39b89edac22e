"""Which topics are told, and in which order, once the person has had their say."""

from collections.abc import Mapping
from typing import NamedTuple

HIDDEN, ADDED = "hidden", "added"
MOST_SHOWN = 20  # topics that posts led to; those that a person added come on top


class Choice(NamedTuple):
    """What a person said about a topic: `state` is HIDDEN, ADDED or anything else."""

    state: str
    position: int | None  # None: after those that have one


def arranged(
    strengths: Mapping[str, float], choices: Mapping[str, Choice], *, at_most: int
) -> list[str]:
    """Return the topics to tell, from those that posts led to and what the person chose.

    None that is hidden, all that were added, and of the others the `at_most` strongest. First
    those that have a position, then by strength.
    """
    free = [slug for slug in strengths if slug not in choices or choices[slug].state != HIDDEN]
    strongest = sorted(free, key=lambda slug: (-strengths[slug], slug))[:at_most]
    added = [slug for slug, choice in choices.items() if choice.state == ADDED]

    def place(slug: str) -> tuple[bool, int, float, str]:
        position = choices[slug].position if slug in choices else None
        return position is None, position or 0, -strengths.get(slug, 0.0), slug

    return sorted({*strongest, *added}, key=place)
