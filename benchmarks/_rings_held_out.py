"""Six more families of arranged +K, written when the detector was finished; none was tuned on."""

from collections.abc import Callable

import numpy as np

from benchmarks._rings_people import World


def sellers(world: World) -> None:
    """Fifteen real people who sell their +K: each gives to two of three among 60 customers."""
    customers = world.known(60)
    world.give_all(world.known(15), customers, 2 / 3)
    world.attackers += customers.tolist()


def accomplice(world: World) -> None:
    """Rings of 15 made-up accounts, to all of whom three real people give as well."""
    for _ in range(4):
        members = world.unknown(15)
        world.give_all(members, members)
        world.give_all(world.known(3), members)
        world.attackers += members.tolist()


def chain(world: World) -> None:
    """Thirty made-up accounts in overlapping cliques of five, so that no group is large."""
    for _ in range(2):
        members = world.unknown(30)
        for at in range(0, 30, 3):
            clique = members.take(range(at, at + 5), mode="wrap")
            world.give_all(clique, clique)
        world.attackers += members.tolist()


def lookalike(world: World) -> None:
    """Made-up accounts that copy an honest circle: 40 who give to a fifth, and 3 to strangers."""
    for _ in range(2):
        members = world.unknown(40)
        world.give_all(members, members, 1 / 5)
        for one in members:
            for stranger in world.strangers(3):
                world.give(one, stranger)
        world.attackers += members.tolist()


def pump(world: World) -> None:
    """Twenty pairs of real people who give each other 120 +K; two strangers gave to each, too."""
    for _ in range(20):
        one, other = world.known(2)
        world.give(one, other, 120)
        world.give(other, one, 120)
        for member in (one, other):
            world.give_all(world.strangers(2), np.array([member]))
        world.attackers += [int(one), int(other)]


def furnished(world: World) -> None:
    """Rings of 15 with a past: months of posts, liked by 12 bought accounts each."""
    for _ in range(4):
        members = world.unknown(15)
        for one in members:
            world.days[one], world.networks[one], world.people[one] = 90, 1, 12
        world.give_all(members, members, 0.8)
        world.attackers += members.tolist()


FAMILIES: dict[str, Callable[[World], None]] = {
    "sellers": sellers,
    "accomplice": accomplice,
    "chain": chain,
    "lookalike": lookalike,
    "pump": pump,
    "furnished": furnished,
}
