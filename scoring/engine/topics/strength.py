"""From what people did about posts to what their author is known for (docs/topics.md).

    w_p  = sum_e c_e (1 - exp(-a_ep)) + o * n_p d_p       True Reach of post p, if it were all
    v_pt = w_p * (share of p that is about t or about what is below t)
    S_t  = sum_p min(v_pt, L_t)       L_t: the largest limit that is at most a third of S_t

So a strength is a sum of terms, one a post, and no post is more than a third of it: fewer than
three posts make 0, whatever became of them.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from scoring.engine.arrays import DAY_US, Evidence, Floats, Ints
from scoring.engine.components import best, counted, worth
from scoring.engine.groups import group_of, ordered, pair_key, starts_of, sums
from scoring.engine.params import Params

About = Mapping[str, Mapping[int, float]]  # topic -> post -> share of the post


@dataclass(frozen=True, slots=True)
class Gate:
    """What a topic needs to be told. Source: product rules for the first three."""

    posts: int = 3  # with a reaction, in the window
    days: int = 2  # on which these were written
    people: int = 5  # who reacted, known and counted
    # Of all posts with a reaction, so many must be about it. Range 0..1. Source of this and the
    # next, and of `beside`: what public pages are told with them (docs/topics.md).
    post_part: float = 0.04
    # Part of everything that the person's posts brought. Range 0..1.
    own_share: float = 0.015
    # Part of the strength of the strongest topic that is told. Range 0..1.
    beside: float = 0.25
    # At least so many times the mean part of everybody here. Range 0..10. Source: set.
    lift: float = 1.0
    # So large a part is enough wherever it is: among people of one trade, too. Range 0..1. Set.
    plenty: float = 0.25
    # What is told stays so down to this part of what is needed, lest it come and go. Set.
    kept: float = 0.8

    def posts_needed(self, of: int) -> int:
        """Return how many posts about a topic are needed, of so many with a reaction."""
        return max(self.posts, math.ceil(self.post_part * of))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The posts of one author that people reacted to (P rows), and who did (r rows)."""

    post: Ints  # (P,) ids, ascending
    weight: Floats  # (P,) w_p, above 0
    strangers: Floats  # (P,) people only counted, not decayed
    reactions: Floats  # (P,) by known people and strangers, not decayed
    row: Ints  # (r,) position in `post`
    actor: Ints  # (r,) each known person once a post


@dataclass(frozen=True, slots=True)
class Strength:
    """What one topic comes to; `value` is the sum of the terms."""

    topic: str
    value: float
    share: float  # of everything the author's posts brought, 0..1
    posts: int
    days: int
    people: int
    reactions: int
    terms: tuple[tuple[int, float], ...]  # (post, term), the largest first


def weigh(evidence: Evidence, params: Params, as_of_us: int) -> Weighed:
    """Return what the posts of one author brought at `as_of_us`.

    Raises ValueError for the evidence of several authors.
    """
    if evidence.authors != 1:
        raise ValueError("Posts are weighed for one author at a time.")
    post, actor, reached, acts = _known(evidence, params, as_of_us)
    seen = counted(evidence, params, as_of_us)
    ids = np.unique(np.concatenate((post, seen.post)))
    row, t_row = np.searchsorted(ids, post), np.searchsorted(ids, seen.post)
    size = len(ids)
    return Weighed(
        post=ids,
        weight=sums(row, reached, size) + params.overlap * sums(t_row, seen.heads, size),
        strangers=sums(t_row, seen.people, size),
        reactions=sums(row, acts, size) + sums(t_row, seen.reactions, size),
        row=row,
        actor=actor,
    )


def _known(evidence: Evidence, params: Params, as_of_us: int) -> tuple[Ints, Ints, Floats, Floats]:
    """Return (post, actor, reach, acts), one row per post and known person."""
    weight = worth(evidence, params, as_of_us, evidence.source, evidence.at)
    live = np.flatnonzero((weight > 0) & (evidence.post > 0))
    value = (weight * np.asarray(params.effort)[evidence.kind])[live]
    key, _ = pair_key(evidence.post[live], evidence.actor[live])
    order = ordered(key, value)
    rows, key = live[order], key[order]
    starts = starts_of(key)
    group = group_of(starts, len(key))
    credibility = best(evidence.credibility[rows], starts)
    credibility = np.where(np.isnan(credibility), params.unknown_credibility, credibility)
    first = rows[starts]
    return (
        evidence.post[first],
        evidence.actor[first],
        credibility * -np.expm1(-sums(group, value[order], len(starts))),
        np.bincount(group, minlength=len(starts)).astype(np.float64),
    )


def rolled_up(
    said: Iterable[tuple[int, str, float]], above: Callable[[str], Collection[str]]
) -> dict[str, dict[int, float]]:
    """Return topic -> post -> share from (post, topic, share), with every topic above these.

    A post counts once for each of them, however many of its topics or ways lead there.
    """
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for post, slug, share in sorted(said):
        for topic in {slug, *above(slug)}:
            found[topic][post] = min(1.0, found[topic].get(post, 0.0) + share)
    return dict(found)


def terms_of(values: Floats) -> Floats:
    """Return what is left of values of 0 or more when none may be over a third of the sum.

    Raising any of them lowers no sum, not even by rounding.
    """
    if len(values) < 3:
        return np.zeros(len(values))
    order = np.argsort(-values, kind="stable")
    terms = np.asarray(values[order], np.float64)
    rest = math.fsum(terms[2:])
    terms[1] = min(terms[1], rest)
    terms[0] = min(terms[0], (terms[1] + rest) / 2)
    left = np.empty(len(values))
    left[order] = terms
    return left


def without_outlier(values: Floats) -> Floats:
    """Return values of which the largest counts as much as the second.

    What everything comes to is measured so: one post that went around the world adds to it what any
    other good post does, and silences no topic.
    """
    if len(values) < 2:
        return values
    return np.minimum(values, float(np.partition(values, -2)[-2]))


class Author:
    """The strengths of one author's topics."""

    def __init__(self, weighed: Weighed, about: About, made_us: Mapping[int, int]) -> None:
        """Take what posts brought, what they are about, and when each was written (µs)."""
        self._weighed = weighed
        self._place = {post: place for place, post in enumerate(weighed.post.tolist())}
        self._made_us = made_us
        self._about = {topic: self._shares(shares) for topic, shares in about.items()}
        self._whole = math.fsum(terms_of(without_outlier(weighed.weight)))

    def _shares(self, shares: Mapping[int, float]) -> tuple[Ints, Floats]:
        """Return (places, shares) of those posts that brought anything, by place."""
        found = sorted(
            (self._place[post], part) for post, part in shares.items() if post in self._place
        )
        return (
            np.array([place for place, _ in found], np.int64),
            np.array([part for _, part in found], np.float64),
        )

    def strengths(self) -> dict[str, Strength]:
        """Return topic -> strength of every topic with a post that brought anything."""
        return {
            topic: self._strength(topic, *shares)
            for topic, shares in sorted(self._about.items())
            if len(shares[0])
        }

    def _strength(self, topic: str, places: Ints, shares: Floats) -> Strength:
        terms = terms_of(self._weighed.weight[places] * shares)
        value = math.fsum(terms)
        posts, days, people = self._counts(places)
        order = np.argsort(-terms, kind="stable")
        return Strength(
            topic=topic,
            value=value,
            share=min(1.0, value / self._whole) if self._whole else 0.0,
            posts=posts,
            days=days,
            people=people,
            reactions=round(math.fsum(self._weighed.reactions[places])),
            terms=tuple(
                zip(self._weighed.post[places][order].tolist(), terms[order].tolist(), strict=True)
            ),
        )

    def _counts(self, places: Ints) -> tuple[int, int, int]:
        """Return how many posts these are, on how many days, and how many people reacted."""
        chosen = np.zeros(len(self._weighed.post), np.bool_)
        chosen[places] = True
        known = np.unique(self._weighed.actor[chosen[self._weighed.row]])
        strangers = round(math.fsum(self._weighed.strangers[places]))
        days = {self._made_us[post] // DAY_US for post in self._weighed.post[places].tolist()}
        return len(places), len(days), len(known) + strangers

    def passing(
        self,
        strengths: Mapping[str, Strength],
        gate: Gate,
        here: Mapping[str, float],
        above: Callable[[str], Collection[str]],
        before: Collection[str] = (),
        aside: Collection[str] = (),
    ) -> set[str]:
        """Return the topics that are told. `here`: mean part of everybody, by topic.

        before: those that were told until now. aside: those that nobody is shown, so that no other
        is held against them.

        What stands above a topic that is told needs enough of its own beside that. What nothing
        stands above is too wide to be told of scattered posts: two topics below it must be told.
        """
        passed: dict[str, Strength] = {}
        fit = [
            one
            for one in strengths.values()
            if is_enough(one, gate) and stands_out(one, gate, here, told=one.topic in before)
        ]
        # The lowest first: whatever is above something has fewer above itself.
        for one in sorted(fit, key=lambda one: (-len(above(one.topic)), one.topic)):
            below = [passed[slug] for slug in passed if one.topic in above(slug)]
            if self._adds(one, below, gate, above):
                passed[one.topic] = one
        return self._foremost(passed, gate, before, aside)

    def _foremost(
        self,
        passed: Mapping[str, Strength],
        gate: Gate,
        before: Collection[str],
        aside: Collection[str],
    ) -> set[str]:
        """Return the topics of which the author speaks often, next to the strongest of these.

        What is left out here still says more than what stands above it, which is not told for it.
        """
        needed = gate.posts_needed(len(self._weighed.post))
        often = [one for one in passed.values() if one.posts >= needed]
        marks = (one.value for one in often if one.topic not in aside)
        least = gate.beside * max(marks, default=0.0)
        return {
            one.topic
            for one in often
            if one.value >= least * (gate.kept if one.topic in before else 1.0)
        }

    def _adds(
        self,
        one: Strength,
        below: Collection[Strength],
        gate: Gate,
        above: Callable[[str], Collection[str]],
    ) -> bool:
        """Tell whether a topic says more than the topics below it that are told."""
        wide = not above(one.topic)
        if not below:
            return not wide
        strongest = max(below, key=_by_strength)
        return self._says_more(one, strongest, gate) and (
            not wide or _branches(below, strongest, above)
        )

    def _says_more(self, one: Strength, below: Strength, gate: Gate) -> bool:
        """Tell whether the posts that are not about `below` would be enough by themselves."""
        places = np.setdiff1d(self._about[one.topic][0], self._about[below.topic][0])
        posts, days, people = self._counts(places)
        return posts >= gate.posts and days >= gate.days and people >= gate.people


def _branches(
    below: Collection[Strength], strongest: Strength, above: Callable[[str], Collection[str]]
) -> bool:
    """Tell whether one of `below` stands neither above nor below the strongest of them."""
    line = {strongest.topic, *above(strongest.topic)}
    return any(one.topic not in line and strongest.topic not in above(one.topic) for one in below)


def _by_strength(one: Strength) -> tuple[float, str]:
    return one.value, one.topic


def is_enough(one: Strength, gate: Gate) -> bool:
    """Tell whether there is enough to speak of a topic at all."""
    return one.posts >= gate.posts and one.days >= gate.days and one.people >= gate.people


def stands_out(one: Strength, gate: Gate, here: Mapping[str, float], *, told: bool = False) -> bool:
    """Tell whether a topic stands out among the author's other posts and among people here.

    told: whether it is told by now, so that a little less is enough.
    """
    needed = max(gate.own_share, min(gate.lift * here.get(one.topic, 0.0), gate.plenty))
    return one.share >= needed * (gate.kept if told else 1.0)
