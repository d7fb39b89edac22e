"""Properties 2 (order) and 7: the same evidence gives the same bytes, however it arrives."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import Evidence, Params, Scores, empty, evaluate, explain, interval, made_of
from tests.scoring.engine.builders import (
    ACT_COLUMNS,
    NOW,
    TALLY_COLUMNS,
    Story,
    evidences,
    picked,
)

PARAMS = Params()


def same_bytes(one: Scores, other: Scores) -> bool:
    return all(
        getattr(one, column.name).tobytes() == getattr(other, column.name).tobytes()
        for column in fields(Scores)
    )


def shuffled(evidence: Evidence, seed: int) -> Evidence:
    chance = np.random.default_rng(seed)
    return picked(
        evidence, chance.permutation(len(evidence.at)), chance.permutation(len(evidence.t_at))
    )


def crowd(people: list[Evidence]) -> Evidence:
    """Return evidence of many authors, each with sources of their own, rows mixed."""
    columns = {
        name: np.concatenate([getattr(one, name) for one in people])
        for name in ACT_COLUMNS + TALLY_COLUMNS
    }
    for name, sizes in (("", "at"), ("t_", "t_at")):
        who = np.repeat(np.arange(len(people)), [len(getattr(one, sizes)) for one in people])
        columns[f"{name}author"] = who
        columns[f"{name}source"] = columns[f"{name}source"] + 3 * who
        columns[f"{name}post"] = np.where(
            columns[f"{name}post"] > 0, columns[f"{name}post"] + 100 * who, 0
        )
    return Evidence(
        **columns,
        source_id=np.arange(1, 3 * len(people) + 1),
        source_clock=np.concatenate([one.source_clock for one in people]),
        source_weight=np.concatenate([one.source_weight for one in people]),
        authors=len(people),
    )


@given(evidences(), st.integers(0, 2**32))
def test_the_order_of_rows_changes_no_bit(held: Evidence, seed: int) -> None:
    mixed = shuffled(held, seed)

    assert same_bytes(evaluate(mixed, PARAMS, NOW), evaluate(held, PARAMS, NOW))
    ends = zip(interval(mixed, PARAMS, NOW), interval(held, PARAMS, NOW), strict=True)
    assert all(one.tobytes() == other.tobytes() for one, other in ends)


@given(evidences(), st.integers(0, 2**32))
def test_the_order_of_rows_changes_no_line(held: Evidence, seed: int) -> None:
    mixed = shuffled(held, seed)

    assert made_of(mixed, NOW, PARAMS) == made_of(held, NOW, PARAMS)


@given(st.lists(evidences(), min_size=2, max_size=6), st.integers(0, 2**32))
def test_an_author_has_the_same_numbers_alone_and_among_others(
    people: list[Evidence], seed: int
) -> None:
    together = evaluate(shuffled(crowd(people), seed), PARAMS, NOW)

    for position, one in enumerate(people):
        alone = evaluate(one, PARAMS, NOW)
        for column in fields(Scores):
            value = getattr(together, column.name)[position : position + 1]
            assert value.tobytes() == getattr(alone, column.name).tobytes(), column.name


def test_the_acts_of_one_person_may_come_in_any_order() -> None:
    story = Story()
    for act in range(60):
        story.act("reply" if act % 2 else "like", post=act + 1, days_ago=act * 1.37)
    held = story.evidence()
    expected = evaluate(held, PARAMS, NOW)

    results = [evaluate(shuffled(held, seed), PARAMS, NOW) for seed in range(100)]

    assert all(same_bytes(one, expected) for one in results)


def test_a_large_population_gives_each_the_numbers_they_have_alone() -> None:
    chance = np.random.default_rng(2)
    size, authors = 60_000, 40
    who, t_who = chance.integers(0, authors, size), chance.integers(0, authors, size)
    actor = chance.integers(0, 3_000, size)
    whole = Evidence(
        author=who,
        source=who + 1,
        post=who * 1_000 + chance.integers(0, 300, size),
        kind=chance.integers(0, 7, size),
        actor=actor,
        at=NOW - chance.integers(0, 100 * 86_400, size) * 1_000_000,
        credibility=np.where(actor % 3 == 0, np.nan, 0.1 + (actor % 90) / 100),
        influence=np.where(actor % 5 == 0, np.nan, (actor % 70) / 100),
        t_author=t_who,
        t_source=t_who + 1,
        t_post=t_who * 1_000 + chance.integers(0, 300, size),
        t_kind=chance.integers(0, 5, size),
        t_at=NOW - chance.integers(0, 100 * 86_400, size) * 1_000_000,
        t_count=chance.integers(-5, 60, size).astype(np.float64),
        source_id=np.arange(1, authors + 1),
        source_clock=NOW - np.arange(authors) * 3_600_000_000,
        source_weight=1 - np.arange(authors) / 100,
        authors=authors,
    )

    together = evaluate(whole, PARAMS, NOW)

    for author in range(authors):
        own = picked(whole, np.flatnonzero(who == author), np.flatnonzero(t_who == author))
        own = replace(own, author=own.author * 0, t_author=own.t_author * 0, authors=1)
        alone = evaluate(own, PARAMS, NOW)
        for column in fields(Scores):
            value = getattr(together, column.name)[author : author + 1]
            assert value.tobytes() == getattr(alone, column.name).tobytes(), column.name


def test_ids_too_large_to_be_paired_still_group_rightly() -> None:
    story = Story().act(by=1, post=5).act(by=2, post=6).act(by=2, post=7)
    small = story.evidence()
    large = replace(small, actor=small.actor * 2**60, post=small.post * 2**59)

    scores = evaluate(large, PARAMS, NOW)

    assert same_bytes(scores, evaluate(small, PARAMS, NOW))


@given(evidences())
def test_packing_keeps_every_bit(held: Evidence) -> None:
    back = Evidence.unpack(held.pack())

    for column in fields(Evidence):
        one, other = np.asarray(getattr(back, column.name)), np.asarray(getattr(held, column.name))
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes(), column.name
    assert back.pack() == held.pack()
    assert same_bytes(evaluate(back, PARAMS, NOW), evaluate(held, PARAMS, NOW))


def test_nothing_can_be_packed_too() -> None:
    back = Evidence.unpack(empty().pack())

    assert back.authors == 1
    assert evaluate(back, PARAMS, NOW).score.tolist() == [1.0]


@pytest.mark.parametrize("source", [0, 2, 9])
@pytest.mark.parametrize("far", [0, 10**12])
def test_a_source_without_a_clock_is_refused(source: int, far: int) -> None:
    held = Story().act(source=source + far).evidence(sources=(1 + far, 3 + far))

    with pytest.raises(ValueError, match="no clock"):
        evaluate(held, PARAMS, NOW)


def test_source_ids_may_be_of_any_size() -> None:
    near = Story().act(source=1).act(source=3, post=2).evidence(sources=(1, 3), weight={3: 0.5})
    far = replace(near, source=near.source + 10**12, source_id=near.source_id + 10**12)

    assert same_bytes(evaluate(far, PARAMS, NOW), evaluate(near, PARAMS, NOW))


def test_a_ledger_is_about_one_author() -> None:
    two = replace(empty(), authors=2)

    with pytest.raises(ValueError, match="one author"):
        explain(two, NOW, two, NOW, PARAMS)
