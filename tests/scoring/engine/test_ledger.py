"""Property 4: a ledger adds up, and its lines say what really happened."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import DAY_US, Evidence, Line, Params, empty, evaluate, explain, made_of
from tests.scoring.engine.builders import (
    NOW,
    Story,
    evidences,
    joined,
    people_of,
    positive_evidences,
    without_source,
)

PARAMS = Params()
PEOPLE = people_of(bytes([0, 0, 40, 0, 0, 90, 255, 255, 26, 1, 120, 60] * 2))
EXACT = 1e-9


def score(evidence: Evidence, at_us: int = NOW) -> float:
    return float(evaluate(evidence, PARAMS, at_us).score[0])


def total(lines: list[Line]) -> float:
    return sum(line.points for line in lines)


def assert_parts_add_up(lines: list[Line]) -> None:
    for line in lines:
        parts = line.points_reach + line.points_amplification + line.points_network
        assert parts == pytest.approx(line.points, abs=1e-12)


@given(evidences(), evidences(), st.integers(-40, 40), st.integers(-40, 40))
def test_any_two_states_differ_by_exactly_the_sum_of_the_lines(
    before: Evidence, after: Evidence, one_day: int, other_day: int
) -> None:
    before_us, after_us = NOW + one_day * DAY_US, NOW + other_day * DAY_US

    lines = explain(before, before_us, after, after_us, PARAMS)

    change = score(after, after_us) - score(before, before_us)
    assert total(lines) == pytest.approx(change, abs=EXACT)
    assert_parts_add_up(lines)


@given(evidences(), st.integers(1, 3), evidences(), st.integers(1, 3))
def test_lines_add_up_when_sources_come_and_go(
    before: Evidence, gone: int, after: Evidence, new: int
) -> None:
    before, after = without_source(before, new), without_source(after, gone)

    lines = explain(before, NOW, after, NOW + DAY_US, PARAMS)

    change = score(after, NOW + DAY_US) - score(before, NOW)
    assert total(lines) == pytest.approx(change, abs=EXACT)
    for line in lines:
        if line.reason == "unlinked":
            assert (line.source, line.post, line.kind) == (gone, 0, "")
            assert line.points <= EXACT
        if line.reason == "linked":
            assert (line.source, line.post, line.kind) == (new, 0, "")
            assert line.points >= -EXACT


@given(evidences())
def test_what_a_score_is_made_of_adds_up_from_nothing(held: Evidence) -> None:
    lines = made_of(held, NOW, PARAMS)

    assert total(lines) == pytest.approx(score(held) - 1.0, abs=EXACT)
    assert_parts_add_up(lines)
    assert {line.reason for line in lines} <= {"reactions", "ceiling"}
    assert all(line.points >= 0 for line in lines if line.reason == "reactions")


@given(evidences())
def test_the_same_state_twice_has_nothing_to_explain(held: Evidence) -> None:
    assert explain(held, NOW, held, NOW, PARAMS) == []


@given(positive_evidences(PEOPLE), positive_evidences(PEOPLE), st.integers(0, 20))
def test_time_only_takes_and_new_reactions_only_give(
    held: Evidence, more: Evidence, days: int
) -> None:
    later = replace(joined(held, more), source_clock=held.source_clock + days * DAY_US)

    lines = explain(held, NOW, later, NOW + days * DAY_US, PARAMS)

    for line in lines:
        if line.reason == "faded":
            assert line.points <= EXACT
        elif line.reason == "reactions":
            assert line.points >= -EXACT
            assert line.count >= 0
        else:
            assert line.reason == "ceiling"


@given(evidences(PEOPLE), st.integers(1, 3))
def test_unlinking_takes_exactly_what_was_said_beforehand(held: Evidence, source: int) -> None:
    rest = without_source(held, source)

    lines = explain(held, NOW, rest, NOW, PARAMS)

    assert {line.reason for line in lines} <= {"unlinked", "ceiling"}
    assert total(lines) == pytest.approx(score(rest) - score(held), abs=EXACT)


def regulars() -> Story:
    """Return a few people who act on posts 1 and 2 of source 1."""
    story = Story()
    for person in range(1, 6):
        story.act("like", by=person, post=1, days_ago=10)
        story.act("reply", by=person, post=2, days_ago=6)
    return story.counted(40, "like", post=1, days_ago=10)


def test_a_new_like_is_one_line_on_its_post() -> None:
    before = regulars().evidence()
    after = regulars().act("like", by=77, post=2).evidence()

    lines = explain(before, NOW, after, NOW, PARAMS)

    (line,) = lines
    assert (line.reason, line.source, line.post, line.kind) == ("reactions", 1, 2, "like")
    assert (line.count, line.people) == (1, 1)
    assert line.points == pytest.approx(score(after) - score(before), abs=EXACT)
    assert line.points > 0
    assert line.points_amplification == 0.0
    assert (line.from_us, line.to_us) == (NOW, NOW)


def test_acts_of_a_regular_stay_off_the_posts_where_nothing_happened() -> None:
    before = regulars().evidence()
    after = regulars().act("repost", by=1, post=3).act("like", by=2, post=3).evidence()

    lines = explain(before, NOW, after, NOW, PARAMS)

    assert {(line.reason, line.post, line.kind) for line in lines} == {
        ("reactions", 3, "repost"),
        ("reactions", 3, "like"),
    }
    assert total(lines) == pytest.approx(score(after) - score(before), abs=EXACT)


def test_a_growing_count_is_one_line_and_says_how_many() -> None:
    before = regulars().evidence()
    after = regulars().counted(12, "like", post=1).counted(3, "repost", post=1).evidence()

    likes, reposts = sorted(explain(before, NOW, after, NOW, PARAMS), key=lambda line: line.kind)

    assert (likes.reason, likes.kind, likes.count, likes.people) == ("reactions", "like", 12, 0)
    assert (reposts.reason, reposts.kind, reposts.count) == ("reactions", "repost", 3)
    assert likes.points_reach > 0
    # Reposters are taken for likers here, so they add no people; but they carry the post on.
    assert reposts.points_reach == 0.0
    assert reposts.points_amplification > 0


def test_a_falling_count_is_corrected() -> None:
    before = regulars().evidence()
    after = regulars().counted(-15, "like", post=1).evidence()

    (line,) = explain(before, NOW, after, NOW, PARAMS)

    assert (line.reason, line.post, line.kind, line.count) == ("corrected", 1, "like", -15)
    assert line.points < 0


def test_a_like_taken_back_is_corrected() -> None:
    after = regulars()
    after.acts = [act for act in after.acts if (act[3], act[1]) != (4, 1)]

    (line,) = explain(regulars().evidence(), NOW, after.evidence(), NOW, PARAMS)

    assert (line.reason, line.post, line.kind) == ("corrected", 1, "like")
    assert (line.count, line.people) == (-1, 1)


def test_what_was_lost_is_told_even_where_more_came() -> None:
    before = Story().counted(100, "like", post=1)
    after = Story().counted(100, "like", post=1).counted(-10, "like", post=1)
    after.counted(120, "repost", post=1)

    lines = explain(before.evidence(), NOW, after.evidence(), NOW, PARAMS)

    reposts, likes = lines
    assert (reposts.reason, reposts.kind, reposts.count) == ("reactions", "repost", 120)
    assert (likes.reason, likes.kind, likes.count) == ("corrected", "like", -10)
    assert likes.points_reach < 0 < reposts.points_reach


def test_strangers_who_become_known_are_not_shown_as_lost() -> None:
    before = Story().counted(10, "reply", post=1, days_ago=2)
    after = Story().counted(4, "reply", post=1, days_ago=2)
    for person in range(6):
        after.act("reply", by=person, post=1, days_ago=2, credibility=0.9)

    (line,) = explain(before.evidence(), NOW, after.evidence(), NOW, PARAMS)

    assert (line.reason, line.count, line.people) == ("reactions", 0, 6)
    assert line.points > 0


def test_a_silent_day_is_one_line_of_fading_per_source() -> None:
    before = regulars().act(source=2, post=9, days_ago=20).evidence()
    after = replace(before, source_clock=before.source_clock + DAY_US)

    first, second = explain(before, NOW, after, NOW + DAY_US, PARAMS)

    assert (first.reason, first.source, first.post, first.kind) == ("faded", 1, 0, "")
    assert (second.reason, second.source) == ("faded", 2)
    assert first.points < second.points < 0
    assert (first.count, first.people) == (50, 5)
    assert (first.from_us, first.to_us) == (NOW - 10 * DAY_US, NOW - 6 * DAY_US)


def test_what_left_the_window_has_faded_and_was_not_corrected() -> None:
    old = regulars().act("repost", by=8, post=5, days_ago=89.5)
    before = old.evidence()
    after = replace(regulars().evidence(), source_clock=np.full(3, NOW + DAY_US))

    lines = explain(before, NOW, after, NOW + DAY_US, PARAMS)

    assert [line.reason for line in lines] == ["faded"]
    assert lines[0].from_us == NOW - round(89.5 * DAY_US)


def test_a_source_that_stands_still_has_no_line() -> None:
    before = regulars().evidence(clock_days_ago={1: 1.0})

    assert explain(before, NOW, before, NOW + 5 * DAY_US, PARAMS) == []


def test_a_link_that_fades_is_a_line_of_its_own() -> None:
    story = regulars().act(source=2, post=9, by=30)

    lines = explain(story.evidence(), NOW, story.evidence(weight={2: 0.5}), NOW, PARAMS)

    assert [(line.reason, line.source) for line in lines] == [("unread", 2)]


def test_a_follower_who_became_influential_is_a_line_of_influence() -> None:
    before = regulars().act(by=9, post=1, influence=0.2, credibility=0.5)
    after = regulars().act(by=9, post=1, influence=0.6, credibility=0.5)

    (line,) = explain(before.evidence(), NOW, after.evidence(), NOW, PARAMS)

    assert (line.reason, line.source, line.people, line.count) == ("influence", 1, 1, 1)
    assert line.points_reach == line.points_amplification == 0.0
    assert line.points_network > 0


def test_influence_is_shared_out_over_the_sources_where_the_person_acted() -> None:
    def story(influence: float) -> Evidence:
        told = Story().act("like", by=9, post=1, influence=influence)
        told.act("repost", by=9, post=2, source=2, influence=influence)
        return told.evidence()

    lines = explain(story(0.2), NOW, story(0.6), NOW, PARAMS)

    by_source = {line.source: line.points for line in lines}
    assert by_source[2] == pytest.approx(4 * by_source[1])


def test_linking_is_one_line_for_all_the_source_brings() -> None:
    story = regulars().act("repost", by=50, post=8, source=2).counted(30, post=9, source=2)
    before = without_source(story.evidence(), 2)

    (line,) = explain(before, NOW, story.evidence(), NOW, PARAMS)

    assert (line.reason, line.source, line.post, line.kind) == ("linked", 2, 0, "")
    assert (line.count, line.people) == (31, 1)


def test_a_new_source_that_shares_people_still_gets_its_own_line() -> None:
    story = regulars().act("reply", by=1, post=8, source=2)
    before = without_source(story.evidence(), 2)

    lines = explain(before, NOW, story.evidence(), NOW, PARAMS)

    assert [(line.reason, line.source) for line in lines] == [("linked", 2)]


def test_unlinking_is_one_line() -> None:
    story = regulars().act("repost", by=50, post=8, source=2).counted(30, post=9, source=2)
    after = without_source(story.evidence(), 2)

    (line,) = explain(story.evidence(), NOW, after, NOW, PARAMS)

    assert (line.reason, line.source, line.count, line.people) == ("unlinked", 2, 31, 1)
    assert line.points == pytest.approx(score(after) - score(story.evidence()), abs=EXACT)


def test_follows_are_lines_about_the_account() -> None:
    after = regulars().act("follow", by=60, post=0).act("follow", by=61, post=0)

    (line,) = explain(regulars().evidence(), NOW, after.evidence(), NOW, PARAMS)

    assert (line.reason, line.post, line.kind) == ("reactions", 0, "follow")
    assert (line.count, line.people) == (2, 2)


def test_the_ceiling_has_a_line_of_its_own() -> None:
    before = Story().counted(10**7, "like", post=1)
    after = Story().counted(10**7, "like", post=1).counted(10**10, "like", post=2)

    lines = explain(before.evidence(), NOW, after.evidence(), NOW, PARAMS)

    (ceiling,) = [line for line in lines if line.reason == "ceiling"]
    assert (ceiling.source, ceiling.post, ceiling.kind) == (0, 0, "")
    assert ceiling.points < 0
    change = score(after.evidence()) - score(before.evidence())
    assert total(lines) == pytest.approx(change, abs=EXACT)


def test_from_nothing_and_to_nothing_add_up() -> None:
    whole = regulars().evidence()

    gain = explain(empty(), NOW, whole, NOW, PARAMS)
    loss = explain(whole, NOW, empty(), NOW, PARAMS)

    assert total(gain) == pytest.approx(score(whole) - 1.0, abs=EXACT)
    assert total(loss) == pytest.approx(1.0 - score(whole), abs=EXACT)
    assert {line.reason for line in gain} == {"linked"}
    assert {line.reason for line in loss} == {"unlinked"}


def test_changes_too_small_to_see_still_add_up() -> None:
    story = Story()
    for person in range(200):
        story.act("repost", by=person, post=1, days_ago=1)
    before = story.evidence()
    hair = replace(before, source_clock=before.source_clock + 1)

    lines = explain(before, NOW, hair, NOW + 1, PARAMS)

    assert total(lines) == pytest.approx(score(hair, NOW + 1) - score(before), abs=1e-12)
    assert -1e-7 < total(lines) < 0


def test_two_replies_in_the_same_moment_are_two() -> None:
    once = Story().act("reply", by=1, post=1)
    twice = Story().act("reply", by=1, post=1).act("reply", by=1, post=1)

    (line,) = explain(once.evidence(), NOW, twice.evidence(), NOW, PARAMS)

    assert (line.reason, line.count, line.people) == ("reactions", 1, 1)


def test_what_it_is_made_of_names_sources_posts_and_kinds() -> None:
    lines = made_of(regulars().act("follow", by=3, post=0).evidence(), NOW, PARAMS)

    named = {(line.source, line.post, line.kind): line.count for line in lines}
    assert named == {(1, 1, "like"): 45, (1, 2, "reply"): 5, (1, 0, "follow"): 1}
    assert [line.points for line in lines] == sorted((line.points for line in lines), reverse=True)
