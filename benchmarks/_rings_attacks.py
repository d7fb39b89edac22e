"""Six families of arranged +K, on which the constants of scoring.engine.trust were chosen."""

from collections.abc import Callable

from benchmarks._rings_people import World


def ring(world: World) -> None:
    """Rings of 5, 10, 20 and 30 made-up accounts, each giving to each."""
    for size in (5, 10, 20, 30):
        members = world.unknown(size)
        world.give_all(members, members)
        world.attackers += members.tolist()


def star(world: World) -> None:
    """One account that 50 made-up ones give to; twenty times."""
    for _ in range(20):
        (main,) = world.known(1)
        world.give_all(world.unknown(50), [main])
        world.attackers.append(main)


def funnel(world: World) -> None:
    """Forty made-up accounts give to six, these to one; twenty times."""
    for _ in range(20):
        (main,) = world.known(1)
        middle = world.unknown(6)
        world.give_all(world.unknown(40), middle)
        world.give_all(middle, [main])
        world.give_all(world.unknown(20), [main])
        world.attackers.append(main)


def camouflage(world: World) -> None:
    """Two rings of 20 that also give to 10 strangers each, of whom one in ten gives back."""
    for _ in range(2):
        members = world.unknown(20)
        world.give_all(members, members)
        for one in members:
            for stranger in world.strangers(10):
                world.give(one, stranger)
                if world.dice.random() < 0.1:
                    world.give(stranger, one)
        world.attackers += members.tolist()


def exchange(world: World) -> None:
    """Groups of 20, 30 and 40 real people who agreed to give, each to two of three."""
    for size in (20, 30, 40):
        members = world.known(size)
        world.give_all(members, members, 2 / 3)
        world.attackers += members.tolist()


def wheel(world: World) -> None:
    """Wheels of 40 made-up accounts, each giving to the next eight: nobody gives back."""
    for _ in range(2):
        members = world.unknown(40)
        for place in range(40):
            world.give_all(
                members[place : place + 1], members.take(range(place + 1, place + 9), mode="wrap")
            )
        world.attackers += members.tolist()


FAMILIES: dict[str, Callable[[World], None]] = {
    "ring": ring,
    "star": star,
    "funnel": funnel,
    "camouflage": camouflage,
    "exchange": exchange,
    "wheel": wheel,
}
