"""How well arranged +K are told from honest ones, and what that costs honest people.

Run: python -m benchmarks.rings   (or `make bench`). People and attacks are made up, with fixed
seeds. Goals: AUC 0.95, the median attacker at or under the 60th percentile of honest people, and at
most 0.5 % of honest people lose over a fifth.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks import _rings_attacks, _rings_held_out
from benchmarks._ranking import ranks
from benchmarks._rings_people import KINDS, Floats, World, world_of
from scoring.engine import trust

PEOPLE = 2_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody who received +K has: as many as were given, and what they count."""

    plain: Floats
    counted: Floats

    @property
    def lost(self) -> Floats:
        """Which part does not count."""
        return 1.0 - self.counted / self.plain


def judge(world: World) -> tuple[Judged, Judged]:
    """Return (honest people, attackers) of a world."""
    pairs = world.pairs()
    weights = trust.weigh(pairs, trust.trust(pairs, world.seeds())).weight
    size = len(world.days)
    plain = np.bincount(pairs.receiver, weights=pairs.number, minlength=size)
    counted = np.bincount(pairs.receiver, weights=pairs.number * weights, minlength=size)
    honest = np.flatnonzero(plain[: world.honest])
    attackers = np.array(world.attackers, np.int64)
    return Judged(plain[honest], counted[honest]), Judged(plain[attackers], counted[attackers])


def auc(honest: Judged, attackers: Judged) -> float:
    """Return how often an attacker loses a larger part than an honest person; ties are half."""
    lost = np.concatenate([honest.lost, attackers.lost]).round(9)
    number = len(attackers.lost)
    return float(
        (ranks(lost)[-number:].sum() - number * (number + 1) / 2) / number / len(honest.lost)
    )


def percentile(honest: Floats, attackers: Floats) -> float:
    """Return which percent of honest people have less than the median attacker."""
    middle = float(np.median(attackers))
    return float(100 * ((honest < middle).mean() + (honest == middle).mean() / 2))


def naive(world: World) -> float:
    """Return the percent of honest people who would lose over a fifth by weight / (1 + clan).

    clan: how many of the receiver's other givers the giver also gives to, known or not.
    """
    pairs = world.pairs()
    everybody = np.ones(pairs.people)
    share = trust.overlap(pairs, everybody, pairs.rows())
    others = np.bincount(pairs.receiver, minlength=pairs.people)[pairs.receiver] - 1
    weight = 1.0 / (1.0 + share * (others + trust.CLAN_OTHERS))
    got = np.bincount(pairs.receiver, minlength=pairs.people)[: world.honest]
    kept = np.bincount(pairs.receiver, weights=weight, minlength=pairs.people)[: world.honest]
    return float(100 * (kept[got > 0] < 0.8 * got[got > 0]).mean())


def row(kind: str, attack: Callable[[World], None], people: int = PEOPLE) -> tuple[Judged, Judged]:
    """Return (honest people, attackers) of a world of this kind with one attack."""
    world = world_of(kind, people, SEED)
    attack(world)
    return judge(world)


def pooled(families: Iterable[Callable[[World], None]]) -> tuple[float, float]:
    """Return (AUC, percentile) of all attackers of these families together, over all kinds."""
    rows = [row(kind, attack) for attack in families for kind in KINDS]
    honest, attackers = (
        Judged(
            np.concatenate([pair[side].plain for pair in rows]),
            np.concatenate([pair[side].counted for pair in rows]),
        )
        for side in (0, 1)
    )
    return auc(honest, attackers), percentile(honest.counted, attackers.counted)


def _table(title: str, families: dict[str, Callable[[World], None]]) -> None:
    print(f"\n{title}")
    print("family       honest     |   AUC | percentile: all count, now | lose over 1/5")
    for name, attack in families.items():
        for kind in KINDS:
            honest, attackers = row(kind, attack)
            before = percentile(honest.plain, attackers.plain)
            now = percentile(honest.counted, attackers.counted)
            cost = 100 * (honest.lost > 0.2).mean()
            print(
                f"{name:12} {kind:10} | {auc(honest, attackers):.3f} |"
                f" {before:19.1f}, {now:4.1f}  | {cost:15.2f} %"
            )


def main() -> None:
    """Print the tables."""
    print(f"{PEOPLE:,} honest people of a kind, nobody attacks")
    for kind in KINDS:
        world = world_of(kind, PEOPLE, SEED)
        honest = judge(world)[0]
        print(
            f"{kind:10} median {np.median(honest.plain):4.0f} +K; lose over a fifth:"
            f" {100 * (honest.lost > 0.2).mean():.2f} %; by weight / (1 + clan) alone:"
            f" {naive(world):.1f} %"
        )
    _table("Families on which the constants were chosen", _rings_attacks.FAMILIES)
    _table("Families written afterwards, nothing tuned on them", _rings_held_out.FAMILIES)
    known, new = _rings_attacks.FAMILIES.values(), _rings_held_out.FAMILIES.values()
    print("\nAll attackers of several families together: AUC, percentile")
    for name, families in (("first six", known), ("other six", new), ("all", [*known, *new])):
        print(f"{name:10} {pooled(families)[0]:.3f}, {pooled(families)[1]:.1f}")


if __name__ == "__main__":
    main()
