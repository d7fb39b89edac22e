"""Which topics a post is about: few, with the words that prove it, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from scoring.engine.topics.language import COVERED, UNKNOWN, language_of
from scoring.engine.topics.matching import Match, Matcher, by_weight
from scoring.engine.topics.taxonomy import Taxonomy, taxonomy

MOST = 3  # topics of a post
_ENOUGH = 1.0  # weight that proves a topic by terms alone
_LEAST_SHARE = 0.2  # of a post: what says a little of everything says nothing
_DOUBT = 0.2  # weight left for what the words do not say


@dataclass(frozen=True, slots=True)
class Assigned:
    """A topic of a post.

    share: of the post, above 0; those of one post add up to at most 1. because: words of the post
    that prove it.
    """

    slug: str
    share: float
    because: str


def algorithm() -> str:
    """Return the name of this way of assigning; another taxonomy makes it another."""
    return f"topics-1-{taxonomy().digest[:12]}"


class Assigner:
    """Assigns by one taxonomy. Made once, used for many posts."""

    def __init__(self, tree: Taxonomy) -> None:
        """Take the taxonomy to assign by."""
        self._tree = tree
        self._matcher = Matcher(tree)

    def topics(self, text: str, tag: str, *, sensitive: bool = False) -> tuple[Assigned, ...]:
        """Return the topics of one text; `tag` is the network's own language tag or ""."""
        language = language_of(text, tag)
        if language not in (*COVERED, UNKNOWN):
            return ()
        matches = self._matcher.matches(text, language)
        proven = [match for match in by_weight(matches) if _is_proven(match)]
        nearest = _without_ancestors(proven, self._tree)
        total = sum(match.weight for match in nearest) + _DOUBT
        shares = [(match, match.weight / total) for match in nearest]
        return tuple(
            Assigned(match.slug, share, match.because)
            for match, share in shares[:MOST]
            if share >= _LEAST_SHARE and (sensitive or not self._tree.topics[match.slug].sensitive)
        )


@cache
def assigner() -> Assigner:
    """Return the assigner of the taxonomy that comes with the product, made once a process."""
    return Assigner(taxonomy())


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
    made = assigner()
    return [
        made.topics(text, tag, sensitive=sensitive)
        for text, tag in zip(texts, languages, strict=True)
    ]


def _is_proven(match: Match) -> bool:
    return match.names > 0 or (match.terms > 1 and match.weight >= _ENOUGH)


def _without_ancestors(matches: list[Match], tree: Taxonomy) -> list[Match]:
    """Leave out what is above another match: the nearer one says it too."""
    above = {slug for match in matches for slug in tree.ancestors(match.slug)}
    return [match for match in matches if match.slug not in above]
