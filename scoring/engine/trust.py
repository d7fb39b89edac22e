"""How far each +K counts: 1, or less where it cannot be told from one that was arranged.

What is known of a giver is trust: what their own linked accounts show (`established`), and what
flows on to them from such people by +K (`trust`). It never comes from being followed, from a score
or from +K of people of whom nothing is known. What speaks of an arrangement is a doubt from 0 to 1
about each pair of giver and receiver; doubted +K count as far as as many that are not doubted stand
beside them, and ALLOWED more (`weigh`), so that one or two friends always count.

Pure: numpy arrays in, weights out. Nothing depends on the order of rows.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from scoring.engine.arrays import Bools, Floats, Ints
from scoring.engine.groups import group_of, starts_of, sums

# Somebody is established whose accounts show all three (benchmarks/rings.py says what each costs).
ENOUGH_DAYS = 30  # since the first day with a score, days worked out backwards included
ENOUGH_PEOPLE = 20  # who reacted within 90 days, on the best day: an outage takes nothing
ENOUGH_NETWORKS = 1  # linked or proven

# Of what somebody is trusted, this much goes on to those whom they give +K. Source: the damping of
# Page, Brin, Motwani, Winograd 1999, which TrustRank (Gyongyi et al. 2004) takes over.
PASSED_ON = 0.85
FEWEST_SHARES = 5  # it is divided by how many they are, or by this: one friend does not get it all
ROUNDS = 12  # about log2 of a population: stopped early, as SybilRank (Cao et al. 2012) does

# Chosen on the first six families of benchmarks/rings.py.
ALLOWED = 2.0  # doubted +K that count anyway
BESIDE = 1.0  # doubted +K that count for each that is not doubted
MUTUAL = 0.4  # doubt where two give each other
CLAN_FROM, CLAN_WHOLE = 0.35, 0.5  # of a receiver's other givers, whom a giver gives to as well
CLAN_OTHERS = 2.0  # others thought of besides, so that three friends are no clan
WHOLE = 4  # +K of one giver to one receiver, in any topics, before each counts less


class Why(IntEnum):
    """What takes most of a weight. Texts live in scoring.views, codes never change."""

    NOTHING = 0
    UNKNOWN = 1  # nothing says yet who the giver is
    MUTUAL = 2  # the two give each other
    CLAN = 3  # the giver gives to most of the receiver's other givers too
    REPEATED = 4  # many of one giver to one receiver


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who gave whom how many +K that count. Made by `pairs_of`: each pair once, by receiver."""

    giver: Ints  # (n,) 0..people-1
    receiver: Ints  # (n,) ascending; within one, giver ascends
    number: Ints  # (n,) 1 or more
    to: Ints  # (n,) receivers once more, by giver
    first: Ints  # (people + 1,) where in `to` those of each giver begin
    people: int

    def rows(self, of: range | None = None) -> slice:
        """Return where the pairs of these receivers stand: of all unless said."""
        if of is None:
            return slice(0, len(self.receiver))
        begin, end = np.searchsorted(self.receiver, [of.start, of.stop]).tolist()
        return slice(begin, end)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each +K of a pair counts, 0 to 1, and why less than 1. Rows as in Pairs."""

    weight: Floats
    why: Ints


def pairs_of(giver: Ints, receiver: Ints, number: Ints, *, people: int) -> Pairs:
    """Return pairs in their order, with equal ones added up; to oneself is left out.

    Raises ValueError for somebody outside 0..people-1.
    """
    lowest = min(giver.min(initial=0), receiver.min(initial=0))
    if lowest < 0 or max(giver.max(initial=-1), receiver.max(initial=-1)) >= people:
        raise ValueError("A pair names somebody who is not among the people.")
    rows = np.flatnonzero((giver != receiver) & (number > 0))
    key = receiver[rows] * np.int64(people) + giver[rows]
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = starts_of(key)
    added = np.add.reduceat(number[rows][order], starts) if len(starts) else np.empty(0, np.int64)
    key = key[starts]
    givers, receivers = key % max(people, 1), key // max(people, 1)
    to = receivers[np.argsort(givers, kind="stable")]
    first = np.concatenate([[0], np.cumsum(np.bincount(givers, minlength=people))])
    return Pairs(givers, receivers, added.astype(np.int64), to, first.astype(np.int64), people)


def established(days: Floats, networks: Floats, people: Floats) -> Floats:
    """Return how far what is stored about people says that each is somebody, 0 to 1.

    days: since the first day with a score. networks: linked or proven. people: who reacted to them.
    The least of the three decides, so that none makes up for another; squared, since half of enough
    is cheap to make up.
    """
    parts = (days / ENOUGH_DAYS, networks / ENOUGH_NETWORKS, people / ENOUGH_PEOPLE)
    return np.asarray(np.clip(np.minimum.reduce(parts), 0.0, 1.0) ** 2)


def trust(pairs: Pairs, seeds: Floats, *, settled: Bools | None = None) -> Floats:
    """Return how far each of the people is known, 0 to 1: `seeds`, and what flows on by +K.

    settled: who gets nothing on top of their seed, since it holds what once flowed to them.

    What anybody passes on is bounded by what they are trusted themselves, however many they give
    to and however often. Source: personalised PageRank from the established.
    """
    share = PASSED_ON / np.maximum(np.diff(pairs.first), FEWEST_SHARES)
    held = seeds
    for _ in range(ROUNDS):
        got = sums(pairs.receiver, (held * share)[pairs.giver], pairs.people)
        held = np.minimum(seeds + (got if settled is None else np.where(settled, 0.0, got)), 1.0)
    return held


def weigh(pairs: Pairs, known: Floats, of: range | None = None) -> Weights:
    """Return what the +K of each pair count: of `pairs.rows(of)`, the receivers asked about.

    known: what `trust` says of people.
    """
    rows = pairs.rows(of)
    giver, receiver, number = pairs.giver[rows], pairs.receiver[rows], pairs.number[rows]
    voices = _voices(number)
    mutual = MUTUAL * _is_mutual(pairs, rows)
    clan = np.clip((overlap(pairs, known, rows) - CLAN_FROM) / (CLAN_WHOLE - CLAN_FROM), 0.0, 1.0)
    sure = known[giver] * (1.0 - mutual) * (1.0 - clan)
    counted = sure + (1.0 - sure) * _admitted(receiver, voices, sure)
    fewer = voices / number
    weight = np.clip(counted * fewer, 0.0, 1.0)
    doubts = np.stack([1.0 - known[giver], mutual, clan])
    main = np.where(fewer < counted, Why.REPEATED, Why.UNKNOWN + np.argmax(doubts, axis=0))
    return Weights(weight, np.where(weight < 1.0, main, Why.NOTHING))


def _voices(number: Ints) -> Floats:
    """Return what so many +K of one giver to one receiver come to: WHOLE, then ever less each."""
    return np.where(number <= WHOLE, number, WHOLE * (1.0 + np.log(np.maximum(number, 1) / WHOLE)))


def _admitted(receiver: Ints, voices: Floats, sure: Floats) -> Floats:
    """Return for each pair which part of what is doubted counts for its receiver, 0 to 1."""
    starts = starts_of(receiver)
    group = group_of(starts, len(receiver))
    stands = sums(group, voices * sure, len(starts))
    doubted = sums(group, voices * (1.0 - sure), len(starts))
    most = ALLOWED + BESIDE * stands
    part = np.divide(most, doubted, out=np.ones_like(doubted), where=doubted > most)
    return np.asarray(part[group])


def _is_mutual(pairs: Pairs, rows: slice) -> Bools:
    """Tell for each of `rows` whether the receiver gives to the giver too."""
    giver, receiver = pairs.giver[rows], pairs.receiver[rows]
    key = pairs.receiver * np.int64(pairs.people) + pairs.giver
    back = giver * np.int64(pairs.people) + receiver
    at = np.minimum(np.searchsorted(key, back), max(len(key) - 1, 0))
    return np.asarray(key[at] == back)


def overlap(pairs: Pairs, known: Floats, rows: slice) -> Floats:
    """Return which part of a receiver's other givers each giver gives to as well, 0 to 1.

    Each other giver counts as far as they are known, so that a crowd of nobodies hides nothing.
    Receivers are asked one by one: memory grows with the largest, not with the ledger.
    """
    every, receiver = pairs.giver[rows], pairs.receiver[rows]
    found = np.zeros(len(every))
    mark = np.zeros(pairs.people)
    starts = starts_of(receiver)
    for begin, end in zip(starts, np.append(starts[1:], len(every)), strict=False):
        if end - begin < 2:
            continue
        givers = every[begin:end]
        mark[givers] = known[givers]
        at = pairs.first[givers]
        sizes = pairs.first[givers + 1] - at
        begins = np.cumsum(sizes) - sizes
        picks = np.arange(int(sizes.sum())) + np.repeat(at - begins, sizes)
        met = np.add.reduceat(mark[pairs.to[picks]], begins)
        others = known[givers].sum() - known[givers]
        found[begin:end] = met / (others + CLAN_OTHERS)
        mark[givers] = 0.0
    return found
