"""Property 1: whatever else people do about the person's posts, nothing goes down."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import Evidence, Params, Scores, evaluate
from tests.scoring.engine.builders import (
    NOW,
    Story,
    evidences,
    joined,
    people_of,
    picked,
    positive_evidences,
    without_source,
)

PARAMS = Params()
PEOPLE = people_of(bytes([0, 0, 40, 0, 0, 90, 255, 255, 26, 1, 120, 60] * 2))
NOTHING = 1e-12  # what rounding may do; far below the last digit anybody sees


def assert_nothing_lower(before: Scores, after: Scores) -> None:
    for part in ("score", "reach_score", "amplification_score", "network_score"):
        fell = getattr(before, part) - getattr(after, part)
        assert np.all(fell <= NOTHING), part
    assert np.all(after.people >= before.people)
    assert np.all(after.posts >= before.posts)
    assert np.all(after.enough >= before.enough)


@given(evidences(PEOPLE), positive_evidences(PEOPLE))
def test_more_evidence_of_any_kind_never_lowers(held: Evidence, more: Evidence) -> None:
    before = evaluate(held, PARAMS, NOW)

    after = evaluate(joined(held, more), PARAMS, NOW)

    assert_nothing_lower(before, after)


@given(evidences(PEOPLE), positive_evidences(PEOPLE), st.data())
def test_one_more_act_by_anybody_never_lowers(
    held: Evidence, more: Evidence, data: st.DataObject
) -> None:
    size = len(more.at)
    one = data.draw(st.integers(0, size - 1)) if size else 0
    act = picked(more, np.arange(size)[one : one + 1], np.arange(0))
    before = evaluate(held, PARAMS, NOW)

    after = evaluate(joined(held, act), PARAMS, NOW)

    assert_nothing_lower(before, after)


@given(evidences(PEOPLE), positive_evidences(PEOPLE), st.data())
def test_one_more_counted_increment_never_lowers(
    held: Evidence, more: Evidence, data: st.DataObject
) -> None:
    size = len(more.t_at)
    one = data.draw(st.integers(0, size - 1)) if size else 0
    increment = picked(more, np.arange(0), np.arange(size)[one : one + 1])
    before = evaluate(held, PARAMS, NOW)

    after = evaluate(joined(held, increment), PARAMS, NOW)

    assert_nothing_lower(before, after)


@given(evidences(PEOPLE), st.integers(1, 3))
def test_linking_a_source_never_lowers(whole: Evidence, source: int) -> None:
    before = evaluate(without_source(whole, source), PARAMS, NOW)

    after = evaluate(whole, PARAMS, NOW)

    assert_nothing_lower(before, after)


@given(evidences(PEOPLE), st.floats(0, 1), st.floats(0, 1))
def test_a_source_more_in_force_never_lowers(whole: Evidence, one: float, other: float) -> None:
    less, more = sorted((one, other))
    before = evaluate(replace(whole, source_weight=np.full(3, less)), PARAMS, NOW)

    after = evaluate(replace(whole, source_weight=np.full(3, more)), PARAMS, NOW)

    assert_nothing_lower(before, after)


@given(evidences(PEOPLE), st.integers(0, 11), st.floats(0, 1))
def test_a_more_influential_follower_never_lowers(
    held: Evidence, person: int, influence: float
) -> None:
    known = np.where(held.actor == person, influence, held.influence)
    more = np.where(held.actor == person, min(1.0, influence + 0.1), held.influence)
    before = evaluate(replace(held, influence=known), PARAMS, NOW)

    after = evaluate(replace(held, influence=more), PARAMS, NOW)

    assert_nothing_lower(before, after)


def test_a_correction_takes_no_more_than_was_counted() -> None:
    fresh = Story().counted(50, days_ago=60).counted(7, days_ago=3)
    corrected = Story().counted(50, days_ago=60).counted(7, days_ago=3).counted(-7, days_ago=1)

    left = evaluate(corrected.evidence(), PARAMS, NOW)

    only_old = evaluate(Story().counted(50, days_ago=60).evidence(), PARAMS, NOW)
    assert left.reach == only_old.reach
    assert left.score < evaluate(fresh.evidence(), PARAMS, NOW).score


def test_a_correction_of_more_than_was_counted_leaves_nothing() -> None:
    story = Story().counted(5, days_ago=2).counted(-9, days_ago=1)

    scores = evaluate(story.evidence(), PARAMS, NOW)

    assert scores.score == 1.0
    assert scores.posts == 0


def test_likers_and_commenters_of_a_post_are_taken_for_the_same_people() -> None:
    likes = Story().counted(100, "like")
    both = Story().counted(100, "like").counted(40, "reply")

    liked, talked = (evaluate(s.evidence(), PARAMS, NOW) for s in (likes, both))

    assert talked.reach == liked.reach == 50.0
    assert talked.people == liked.people == 100
    assert talked.amplification == 0.5 * 40 * 3
