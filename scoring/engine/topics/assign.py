"""Which topics a post is about: few, with the words that prove it, or none.

Two things speak for a topic: names and terms of the taxonomy (matching.py), and the wording as
learned from titles whose topic is known (weights.py). The first is exact and says why; the second
knows only some topics, and counts in English and where it is sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from scoring.engine.topics.features import featurise
from scoring.engine.topics.language import COVERED, UNKNOWN, language_of
from scoring.engine.topics.matching import Match, Matcher
from scoring.engine.topics.taxonomy import Taxonomy, taxonomy
from scoring.engine.topics.weights import Weights, weights

MOST = 3  # topics of a post
WORDING = "wording"  # why, when no name or term of the topic stands in the post
BATCH = 256  # posts taken at once: more take more memory and hardly less time
_ENOUGH = 1.0  # weight that proves a topic by terms alone
_LEAST_SHARE = 0.2  # of a post: what says a little of everything says nothing
_DOUBT = 0.2  # weight left for what the words do not say
_SURE = 0.8  # confidence that proves a topic by wording alone
_SURE_WITH_WORDS = 0.5  # the same, where a name or term of the topic stands in the post too
# Fields whose topics are places, where these belong there first.
_WHERE = frozenset(
    "europe north-america latin-america africa asia middle-east oceania cities".split()  # noqa: SIM905
)
_FEWEST = 4  # words: fewer have no wording


@dataclass(frozen=True, slots=True)
class Assigned:
    """A topic of a post.

    share: of the post, above 0; those of one post add up to at most 1. because: words of the post
    that prove it, or WORDING.
    """

    slug: str
    share: float
    because: str


def algorithm() -> str:
    """Return the name of this way of assigning; another taxonomy or weights make it another."""
    return f"topics-2-{taxonomy().digest[:8]}-{weights().digest[:8]}"


class Assigner:
    """Assigns by one taxonomy, with learned weights or without. Made once, for many posts."""

    def __init__(self, tree: Taxonomy, learned: Weights | None = None) -> None:
        """Take the taxonomy to assign by; topics of `learned` that it does not have are left."""
        self._tree = tree
        self._matcher = Matcher(tree)
        self._learned = learned

    def topics(
        self, texts: Sequence[str], tags: Sequence[str], *, sensitive: bool = False
    ) -> list[tuple[Assigned, ...]]:
        """Return the topics of each text; tags are the networks' own language tags or ""."""
        languages = [language_of(text, tag) for text, tag in zip(texts, tags, strict=True)]
        matches = [
            self._matcher.matches(text, language) if language in (*COVERED, UNKNOWN) else {}
            for text, language in zip(texts, languages, strict=True)
        ]
        worded = self._worded(texts, languages, matches)
        return [
            self._best(found, wording, sensitive=sensitive)
            for found, wording in zip(matches, worded, strict=True)
        ]

    def _worded(
        self,
        texts: Sequence[str],
        languages: Sequence[str],
        matches: Sequence[Mapping[str, Match]],
    ) -> list[tuple[str, float]]:
        """Return the topic that the wording of each text speaks for most, and how surely."""
        found = [("", 0.0)] * len(texts)
        if self._learned is None:
            return found
        english = [
            at
            for at, language in enumerate(languages)
            if language == "en" and len(texts[at].split(None, _FEWEST)) >= _FEWEST
        ]
        for start in range(0, len(english), BATCH):
            some = english[start : start + BATCH]
            named = [named_features(matches[at], self._tree) for at in some]
            scores = self._learned.scores(featurise([texts[at] for at in some], named), len(some))
            sure, best = self._learned.confidence(scores), np.argmax(scores, axis=1)
            for at, topic, how in zip(some, best.tolist(), sure.tolist(), strict=True):
                found[at] = (self._learned.slugs[topic], how)
        return found

    def _best(
        self, matches: Mapping[str, Match], wording: tuple[str, float], *, sensitive: bool
    ) -> tuple[Assigned, ...]:
        said = {
            match.slug: (match.weight, match.because)
            for match in matches.values()
            if self._is_proven(match)
        }
        slug, sure = wording
        match = matches.get(slug)
        if sure >= (_SURE_WITH_WORDS if match else _SURE) and slug in self._tree.topics:
            weight = match.weight if match else 0.0
            said[slug] = (weight + sure, match.because if match else WORDING)
        above = {broader for one in said for broader in self._tree.ancestors(one)}
        total = sum(weight for one, (weight, _) in said.items() if one not in above) + _DOUBT
        strongest = sorted(
            (-weight / total, one, because)
            for one, (weight, because) in said.items()
            if one not in above
        )
        return tuple(
            Assigned(one, -share, because)
            for share, one, because in strongest[:MOST]
            if -share >= _LEAST_SHARE and (sensitive or not self._tree.topics[one].sensitive)
        )

    def _is_proven(self, match: Match) -> bool:
        """Tell whether names and terms alone are enough.

        One name of a place is where something happens, seldom what a post is about.
        """
        if match.names + match.terms == 1 and self._is_place(match.slug):
            return False
        return match.names > 0 or match.weight >= _ENOUGH

    def _is_place(self, slug: str) -> bool:
        """Tell whether a topic is a place: by its first parents, since Italian food is none."""
        for first in self._tree.topics[slug].parents[:1]:
            return first in _WHERE or self._is_place(first)
        return False


@cache
def assigner() -> Assigner:
    """Return the assigner that comes with the product, made with the first post of a process."""
    return Assigner(taxonomy(), weights())


def assign(
    texts: Sequence[str], languages: Sequence[str], *, sensitive: bool = False
) -> list[tuple[Assigned, ...]]:
    """Return the topics of each text, the strongest first, at most three, often none.

    `languages` are the networks' own tags, "" where there is none. A text in a language that the
    taxonomy does not cover gets no topic. Sensitive topics are left out unless asked for, which
    only measurements do. Raises ValueError when there are not as many languages as texts.
    """
    if len(texts) != len(languages):
        raise ValueError(f"{len(texts)} texts have {len(languages)} languages.")
    return assigner().topics(texts, languages, sensitive=sensitive)


def named_features(matches: Mapping[str, Match], tree: Taxonomy) -> dict[str, float]:
    """Return what the taxonomy found in a text as features to learn from, with their weights."""
    found: dict[str, float] = {}
    for slug, match in matches.items():
        weight = min(match.weight, 2.0)
        found[f"{'name' if match.names else 'term'}:{slug}"] = weight
        for broader in tree.ancestors(slug):
            below = f"in:{broader}"
            found[below] = min(found.get(below, 0.0) + weight / 2, 2.0)
    return found
