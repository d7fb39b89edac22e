"""Made-up people who give +K: honest ones of several kinds. Imported by benchmarks.rings.

No real data on who thanks whom is at hand: what holds here holds for these worlds, and no further.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.engine import trust

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class World:
    """People with what is stored about their accounts, and who gave whom how many +K."""

    dice: np.random.Generator
    days: list[float] = field(default_factory=list)
    networks: list[float] = field(default_factory=list)
    people: list[float] = field(default_factory=list)
    given: dict[tuple[int, int], int] = field(default_factory=dict)
    honest: int = 0  # the first so many
    attackers: list[int] = field(default_factory=list)  # who are to gain

    def known(self, number: int) -> Ids:
        """Let people join whose accounts show that they are somebody."""
        days = np.minimum(self.dice.lognormal(5, 1, number), 1500) + 15
        return self._join(
            days, self.dice.integers(1, 4, number), self.dice.lognormal(4.5, 1, number)
        )

    def unknown(self, number: int) -> Ids:
        """Let people join of whom little is known: two of three linked nothing, others lately."""
        linked = self.dice.random(number) < 1 / 3
        days = np.where(linked, self.dice.integers(0, 40, number), 0)
        return self._join(days, linked, np.where(linked, self.dice.poisson(4, number), 0))

    def _join(
        self, days: Ids | Floats, networks: Ids | NDArray[np.bool_], people: Ids | Floats
    ) -> Ids:
        first = len(self.days)
        self.days += days.tolist()
        self.networks += networks.tolist()
        self.people += people.tolist()
        return np.arange(first, len(self.days))

    def give(self, giver: int, receiver: int, number: int = 1) -> None:
        """Let somebody give +K, and more of it than before; to oneself nothing."""
        if giver != receiver:
            key = int(giver), int(receiver)
            self.given[key] = self.given.get(key, 0) + number

    def give_all(self, givers: Ids, receivers: Ids, share: float = 1.0) -> None:
        """Let each giver give to each receiver, or to a part of them."""
        for giver in givers:
            for receiver in receivers:
                if share >= 1.0 or self.dice.random() < share:
                    self.give(giver, receiver)

    def strangers(self, number: int) -> Ids:
        """Return some honest people at random."""
        return self.dice.choice(self.honest, number, replace=False)

    def pairs(self) -> trust.Pairs:
        """Return all pairs as the engine takes them."""
        keys = np.array(list(self.given), np.int64).reshape(-1, 2)
        numbers = np.array(list(self.given.values()), np.int64)
        return trust.pairs_of(keys[:, 0], keys[:, 1], numbers, people=len(self.days))

    def seeds(self) -> Floats:
        """Return how far each is established."""
        facts = (np.array(each, float) for each in (self.days, self.networks, self.people))
        return trust.established(*facts)


def _fame(world: World, everybody: Ids) -> Floats:
    """Return how likely each is to get a +K from somebody at random: few get many."""
    fame = world.dice.lognormal(0, 1, len(everybody))
    return fame / fame.sum()


def _wander(world: World, everybody: Ids, each: float) -> None:
    """Let everybody give to some people whom fame brings them, to one in ten more than once."""
    fame = _fame(world, everybody)
    for giver in everybody:
        number = min(world.dice.poisson(each), len(everybody) // 2)
        for receiver in world.dice.choice(everybody, number, replace=False, p=fame):
            world.give(giver, receiver, 1 + world.dice.geometric(0.5) * (world.dice.random() < 0.1))


def _people(world: World, number: int, unknown: float) -> Ids:
    new = int(number * unknown)
    return world.dice.permutation(np.concatenate([world.known(number - new), world.unknown(new)]))


def sparse(world: World, number: int) -> None:
    """Three +K each, to whom fame brings one; one in eight has linked little."""
    _wander(world, _people(world, number, 0.12), 3)


def dense(world: World, number: int) -> None:
    """Circles of 15 to 40 who give to a third of each other, and three +K beyond."""
    everybody = _people(world, number, 0.12)
    _wander(world, everybody, 3)
    _circles(world, everybody, lambda: int(world.dice.integers(15, 41)), 1 / 3)


def friends(world: World, number: int) -> None:
    """Circles of 8 to 20 of whom half give back what they got, and four +K beyond."""
    everybody = _people(world, number, 0.12)
    _wander(world, everybody, 4)
    _circles(world, everybody, lambda: int(world.dice.integers(8, 21)), 0.25)
    for giver, receiver in list(world.given):
        if world.dice.random() < 0.5:
            world.give(receiver, giver)


def newcomers(world: World, number: int) -> None:
    """A quarter have linked little; who brought them here gives to half of them."""
    everybody = _people(world, number, 0.25)
    _wander(world, everybody, 5)
    new = [one for one in everybody if world.people[one] < trust.ENOUGH_PEOPLE]
    for one in new:
        friend = int(world.dice.choice(everybody))
        world.give(one, friend)
        if world.dice.random() < 0.5:
            world.give(friend, one)


def _circles(world: World, everybody: Ids, size: Callable[[], int], share: float) -> None:
    at = 0
    while at < len(everybody):
        circle = everybody[at : at + size()]
        world.give_all(circle, circle, share)
        at += len(circle)


KINDS: dict[str, Callable[[World, int], None]] = {
    "sparse": sparse,
    "dense": dense,
    "friends": friends,
    "newcomers": newcomers,
}


def world_of(kind: str, number: int, seed: int) -> World:
    """Return a world of so many honest people of a kind."""
    world = World(np.random.default_rng(seed))
    KINDS[kind](world, number)
    world.honest = number
    return world
