"""How far each +K counts: what holds for any people, and how arranged ones are told from honest."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import _rings_attacks, _rings_held_out, rings
from benchmarks._rings_people import KINDS
from scoring.engine import trust
from scoring.engine.arrays import Floats
from scoring.engine.trust import ALLOWED, BESIDE, PASSED_ON, WHOLE, Pairs, Why

pytestmark = pytest.mark.one_engine
PEOPLE = 9
Row = tuple[int, int, int]
ROWS = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.integers(1, 30)),
    max_size=40,
)
KNOWN = st.lists(st.sampled_from([0.0, 0.2, 0.7, 1.0]), min_size=PEOPLE, max_size=PEOPLE).map(
    lambda values: np.array(values)
)


class Judged(NamedTuple):
    """(giver, receiver) -> what each +K counts and why, and receiver -> what all come to."""

    weight: dict[tuple[int, int], float]
    why: dict[tuple[int, int], int]
    total: Floats


def pairs(rows: list[Row], people: int = PEOPLE) -> Pairs:
    table = np.array(rows, np.int64).reshape(-1, 3)
    return trust.pairs_of(table[:, 0], table[:, 1], table[:, 2], people=people)


def weighed(rows: list[Row], known: Floats) -> Judged:
    """Weigh what people gave, of whom so much is known."""
    all_ = pairs(rows, len(known))
    weights = trust.weigh(all_, known)
    keys = list(zip(all_.giver.tolist(), all_.receiver.tolist(), strict=True))
    total = np.bincount(all_.receiver, weights.weight * all_.number, minlength=len(known))
    return Judged(
        dict(zip(keys, weights.weight.tolist(), strict=True)),
        dict(zip(keys, weights.why.tolist(), strict=True)),
        total,
    )


def knowing(*known: float) -> Floats:
    return np.array(known, float)


@given(ROWS, KNOWN)
def test_a_weight_is_from_nothing_to_one_and_says_why_below_one(
    rows: list[Row], known: Floats
) -> None:
    judged = weighed(rows, known)

    assert all(0.0 <= weight <= 1.0 for weight in judged.weight.values())
    assert all(
        (judged.weight[key] == 1.0) == (why == Why.NOTHING) for key, why in judged.why.items()
    )


@given(ROWS, KNOWN, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(rows: list[Row], known: Floats, dice: object) -> None:
    mixed = list(rows)
    dice.shuffle(mixed)  # type: ignore[attr-defined]

    assert weighed(mixed, known).weight == weighed(rows, known).weight
    assert np.array_equal(trust.trust(pairs(mixed), known), trust.trust(pairs(rows), known))


@given(ROWS, KNOWN, st.integers(0, PEOPLE), st.integers(0, PEOPLE))
def test_some_receivers_are_weighed_as_all_of_them_are(
    rows: list[Row], known: Floats, one: int, other: int
) -> None:
    some = range(min(one, other), max(one, other))
    all_ = pairs(rows)

    whole, part = trust.weigh(all_, known), trust.weigh(all_, known, some)

    assert np.array_equal(part.weight, whole.weight[all_.rows(some)])
    assert np.array_equal(part.why, whole.why[all_.rows(some)])


@given(ROWS, KNOWN, st.integers(0, PEOPLE - 1), st.integers(0, 40))
def test_any_number_of_nobodies_takes_nothing_and_brings_a_bounded_amount(
    rows: list[Row], known: Floats, receiver: int, nobodies: int
) -> None:
    before = weighed(rows, known).total[receiver]
    crowd = [(PEOPLE + number, receiver, 1) for number in range(nobodies)]

    after = weighed(rows + crowd, np.concatenate([known, np.zeros(nobodies)])).total[receiver]

    given = sum(number for giver, to, number in rows if to == receiver != giver)
    assert after >= before - 1e-9
    assert after <= min(given + nobodies, ALLOWED + (1 + BESIDE) * given) + 1e-9


@given(ROWS, KNOWN, st.integers(0, PEOPLE - 1), st.floats(0, 1))
def test_one_more_from_a_stranger_never_takes_anything_from_a_receiver(
    rows: list[Row], known: Floats, receiver: int, stranger: float
) -> None:
    before = weighed(rows, known).total[receiver]

    after = weighed([*rows, (PEOPLE, receiver, 1)], np.append(known, stranger)).total[receiver]

    assert after >= before - 1e-9


@given(ROWS, KNOWN, st.tuples(*[st.integers(0, PEOPLE - 1)] * 2))
def test_nobody_changes_what_others_give_to_others(
    rows: list[Row], known: Floats, more: tuple[int, int]
) -> None:
    giver, receiver = more
    before = weighed(rows, known).weight

    after = weighed([*rows, (giver, receiver, 1)], known).weight

    # What the giver gives, and what the receiver gets, may change; and so what stands beside it.
    touched = {to for one, to in before if one == giver} | {receiver, giver}
    assert {key: after[key] for key in before if key[1] not in touched} == {
        key: weight for key, weight in before.items() if key[1] not in touched
    }


@given(ROWS, KNOWN)
def test_trust_never_falls_below_what_is_established_and_does_not_grow_by_going_round(
    rows: list[Row], known: Floats
) -> None:
    found = trust.trust(pairs(rows), known)

    assert np.all(found >= known)
    assert np.all(found <= 1.0)
    assert found.sum() <= known.sum() / (1.0 - PASSED_ON) + 1e-9


@given(*[st.floats(0, 10**6)] * 4)
def test_more_that_is_stored_about_somebody_never_makes_them_less_known(
    days: float, networks: float, people: float, more: float
) -> None:
    (less,) = trust.established(knowing(days), knowing(networks), knowing(people))

    for facts in (
        (days + more, networks, people),
        (days, networks + more, people),
        (days, networks, people + more),
    ):
        (found,) = trust.established(*(knowing(each) for each in facts))
        assert 0.0 <= less <= found <= 1.0


def test_without_a_network_nobody_is_established_however_long_they_are_here() -> None:
    assert trust.established(knowing(900), knowing(0), knowing(900)).tolist() == [0.0]
    assert trust.established(knowing(30), knowing(1), knowing(20)).tolist() == [1.0]


@pytest.mark.parametrize("rows", [[], [(3, 3, 5)]])
def test_nothing_and_what_somebody_gives_themselves_weigh_nothing(rows: list[Row]) -> None:
    judged = weighed(rows, np.ones(PEOPLE))

    assert judged.weight == {}
    assert trust.trust(pairs(rows), np.full(PEOPLE, 0.5)).tolist() == [0.5] * PEOPLE


def test_nobody_at_all_is_no_error() -> None:
    assert len(trust.trust(pairs([], 0), np.empty(0))) == 0
    assert len(trust.weigh(pairs([], 0), np.empty(0)).weight) == 0


def test_a_pair_outside_of_the_people_is_refused() -> None:
    for row in ((0, PEOPLE, 1), (-1, 0, 1)):
        with pytest.raises(ValueError, match="not among the people"):
            pairs([row])


def test_equal_pairs_are_added_up() -> None:
    all_ = pairs([(1, 2, 3), (0, 2, 1), (1, 2, 4)])

    assert all_.giver.tolist() == [0, 1]
    assert all_.number.tolist() == [1, 7]


def test_one_or_two_friends_count_wholly_whoever_they_are() -> None:
    judged = weighed([(0, 1, 1), (1, 0, 1), (2, 0, 1)], np.zeros(3))

    assert set(judged.weight.values()) == {1.0}


def test_two_who_thank_each_other_keep_two_fifths_at_the_least() -> None:
    judged = weighed([(0, 1, WHOLE), (1, 0, WHOLE)], np.ones(2))

    assert min(judged.weight.values()) >= 0.4


def test_each_doubt_has_its_reason() -> None:
    unknown = [(giver, 0, 1) for giver in range(1, 9)]
    clan = [(one, other, 1) for one in range(9) for other in range(9)]
    both_ways = [*unknown, *((0, giver, 1) for giver in range(1, 9))]

    assert weighed(unknown, np.zeros(9)).why[3, 0] == Why.UNKNOWN
    assert weighed(clan, np.ones(9)).why[3, 0] == Why.CLAN
    assert weighed(both_ways, np.ones(9)).why.get((3, 0)) in {Why.NOTHING, Why.MUTUAL}
    assert weighed([(1, 0, 50)], np.ones(2)).why[1, 0] == Why.REPEATED


@pytest.mark.parametrize("kind", ["friends", "sparse"])
def test_arranged_ones_are_told_from_honest_ones_at_little_cost(kind: str) -> None:
    for attack in _rings_attacks.FAMILIES.values():
        honest, attackers = rings.row(kind, attack, people=700)

        assert rings.auc(honest, attackers) >= 0.95
        assert rings.percentile(honest.counted, attackers.counted) <= 60
        assert (honest.lost > 0.2).mean() <= 0.005


# What the rule does not hold back, as docs/plusk.md says: sellers cannot be told from the generous,
# and of 120 +K of one friend still more is left than most people have.
NOT_TOLD, NOT_HELD_BACK = {"sellers"}, {"sellers", "pump"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_twelve_families_meet_the_goals_but_for_those_that_are_said_not_to(kind: str) -> None:
    families = _rings_attacks.FAMILIES | _rings_held_out.FAMILIES
    for name, attack in families.items():
        honest, attackers = rings.row(kind, attack)

        assert (rings.auc(honest, attackers) < 0.95) == (name in NOT_TOLD)
        held = rings.percentile(honest.counted, attackers.counted) <= 60
        assert held or name in NOT_HELD_BACK
        assert (honest.lost > 0.2).mean() <= 0.005


@pytest.mark.slow
def test_all_attackers_together_meet_the_goals() -> None:
    found, middle = rings.pooled(
        [*_rings_attacks.FAMILIES.values(), *_rings_held_out.FAMILIES.values()]
    )

    assert found >= 0.95
    assert middle <= 60
