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
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints
from scoring.engine.groups import starts_of, sums

# Somebody is established whose accounts show all three (benchmarks/rings.py says what each costs).
ENOUGH_DAYS = 30  # since the first day with a score, days worked out backwards included
ENOUGH_PEOPLE = 20  # who reacted within 90 days, as of the newest score
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
    people: int


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
    return Pairs(key % max(people, 1), key // max(people, 1), added.astype(np.int64), people)


def established(days: Floats, networks: Floats, people: Floats) -> Floats:
    """Return how far what is stored about people says that each is somebody, 0 to 1.

    days: since the first day with a score. networks: linked or proven. people: who reacted to them.
    The least of the three decides, so that none makes up for another; squared, since half of enough
    is cheap to make up.
    """
    parts = (days / ENOUGH_DAYS, networks / ENOUGH_NETWORKS, people / ENOUGH_PEOPLE)
    return np.asarray(np.clip(np.minimum.reduce(parts), 0.0, 1.0) ** 2)


def trust(pairs: Pairs, seeds: Floats) -> Floats:
    """Return how far each of the people is known, 0 to 1: `seeds`, and what flows on by +K.

    What anybody passes on is bounded by what they are trusted themselves, however many they give
    to and however often. Source: personalised PageRank from the established.
    """
    share = PASSED_ON / np.maximum(np.bincount(pairs.giver, minlength=pairs.people), FEWEST_SHARES)
    held = seeds
    for _ in range(ROUNDS):
        got = sums(pairs.receiver, (held * share)[pairs.giver], pairs.people)
        held = np.minimum(seeds + got, 1.0)
    return held


def weigh(pairs: Pairs, known: Floats, of: Ints | None = None) -> Weights:
    """Return what the +K of each pair count.

    known: what `trust` says of people. of: the receivers that are asked about (all of them unless
    said); the pairs of others are needed to know who gives to whom, and keep weight 1.
    """
    rows = np.arange(len(pairs.giver))
    if of is not None:
        rows = np.flatnonzero(np.isin(pairs.receiver, of))
    voices = _voices(pairs.number[rows])
    mutual = MUTUAL * _is_mutual(pairs, rows)
    clan = np.clip((overlap(pairs, known, rows) - CLAN_FROM) / (CLAN_WHOLE - CLAN_FROM), 0.0, 1.0)
    sure = known[pairs.giver[rows]] * (1.0 - mutual) * (1.0 - clan)
    counted = sure + (1.0 - sure) * _admitted(pairs.receiver[rows], voices, sure, pairs.people)
    fewer = voices / pairs.number[rows]
    reasons = np.stack([1.0 - known[pairs.giver[rows]], mutual, clan])
    weights = Weights(np.ones(len(pairs.giver)), np.zeros(len(pairs.giver), np.int64))
    weights.weight[rows] = np.clip(counted * fewer, 0.0, 1.0)
    main = int(Why.UNKNOWN) + np.argmax(reasons, axis=0)
    why = np.where(fewer < counted, int(Why.REPEATED), main)
    weights.why[rows] = np.where(weights.weight[rows] < 1.0, why, int(Why.NOTHING))
    return weights


def _voices(number: Ints) -> Floats:
    """Return what so many +K of one giver to one receiver come to: WHOLE, then ever less each."""
    return np.where(number <= WHOLE, number, WHOLE * (1.0 + np.log(np.maximum(number, 1) / WHOLE)))


def _admitted(receiver: Ints, voices: Floats, sure: Floats, people: int) -> Floats:
    """Return for each pair which part of what is doubted counts for its receiver, 0 to 1."""
    stands = sums(receiver, voices * sure, people)
    doubted = sums(receiver, voices * (1.0 - sure), people)
    most = ALLOWED + BESIDE * stands
    part = np.divide(most, doubted, out=np.ones_like(doubted), where=doubted > most)
    return part[receiver]


def _is_mutual(pairs: Pairs, rows: Ints) -> NDArray[np.bool_]:
    """Tell for each of `rows` whether the receiver gives to the giver too."""
    key = pairs.receiver * np.int64(pairs.people) + pairs.giver
    back = pairs.giver[rows] * np.int64(pairs.people) + pairs.receiver[rows]
    if not len(key):
        return np.zeros(len(rows), np.bool_)
    at = np.minimum(np.searchsorted(key, back), len(key) - 1)
    return np.asarray(key[at] == back)


def overlap(pairs: Pairs, known: Floats, rows: Ints) -> Floats:
    """Return which part of a receiver's other givers each giver gives to as well, 0 to 1.

    Each other giver counts as far as they are known, so that a crowd of nobodies hides nothing.
    Rows are asked receiver by receiver: memory grows with the largest, not with the ledger.
    """
    found = np.zeros(len(rows))
    order = np.argsort(pairs.giver, kind="stable")
    to = pairs.receiver[order]
    first = np.searchsorted(pairs.giver[order], np.arange(pairs.people + 1))
    mark = np.zeros(pairs.people)
    starts = starts_of(pairs.receiver[rows])
    for begin, end in zip(starts, np.append(starts[1:], len(rows)), strict=True):
        givers = pairs.giver[rows[begin:end]]
        if end - begin < 2:
            continue
        mark[givers] = known[givers]
        sizes = first[givers + 1] - first[givers]
        ends = np.cumsum(sizes)
        picks = np.arange(ends[-1]) + np.repeat(first[givers] - (ends - sizes), sizes)
        met = np.add.reduceat(mark[to[picks]], ends - sizes)
        others = known[givers].sum() - known[givers]
        found[begin:end] = met / (others + CLAN_OTHERS)
        mark[givers] = 0.0
    return found
