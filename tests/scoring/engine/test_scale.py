"""Properties 3, 5 and 6, the range, and what the model promises in words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import DAY_US, KINDS, Evidence, Params, empty, evaluate, interval
from scoring.engine.combine import sub_score
from tests.scoring.engine.builders import NOW, Story, evidences, picked

PARAMS = Params()
THOUSAND = Story([(1, post, 0, 1, NOW, 0.5, 0.15) for post in range(1, 1_001)]).evidence()
SUB_SCORES = ("reach_score", "amplification_score", "network_score")


@given(evidences(), st.integers(-50, 200))
def test_scores_stay_between_1_and_100(held: Evidence, days: int) -> None:
    scores = evaluate(held, PARAMS, NOW + days * 86_400_000_000)

    for part in ("score", *SUB_SCORES):
        assert 1.0 <= getattr(scores, part)[0] <= 100.0, part
    for part in ("reach", "amplification", "network"):
        assert 0.0 <= getattr(scores, part)[0] < np.inf, part


@given(evidences())
def test_the_range_contains_the_score(held: Evidence) -> None:
    low, high = interval(held, PARAMS, NOW)

    score = evaluate(held, PARAMS, NOW).score
    assert 1.0 <= low[0] <= score[0] <= high[0] <= 100.0


def test_the_range_is_wide_where_little_is_known_and_narrow_where_much_is() -> None:
    unknown, known = Story(), Story()
    for person in range(50):
        unknown.act("reply", by=person)
        known.act("reply", by=person, credibility=0.5, influence=0.15)

    widths = [
        np.diff(interval(one.evidence(), PARAMS, NOW), axis=0)[0][0] for one in (unknown, known)
    ]

    assert widths[0] > 5
    assert widths[1] == 0


@given(
    st.sampled_from(["like", "follow", "list"]),
    st.floats(0, 89),
    st.floats(0.1, 1),
    st.floats(0, 1),
)
def test_the_thousandth_like_by_one_person_adds_nothing_to_speak_of(
    kind: str, days_ago: float, credibility: float, influence: float
) -> None:
    told = {
        "credibility": np.full(1_000, credibility),
        "influence": np.full(1_000, influence),
    }
    at = THOUSAND.at - np.where(THOUSAND.post == 1_000, round(days_ago * DAY_US), 0)
    kinds = np.where(THOUSAND.post == 1_000, KINDS.index(kind), THOUSAND.kind)
    thousand = replace(THOUSAND, at=at, kind=kinds, **told)
    many = picked(thousand, np.arange(999), np.arange(0))

    gain = evaluate(thousand, PARAMS, NOW).score - evaluate(many, PARAMS, NOW).score

    assert 0.0 <= gain[0] < 0.001


def test_one_person_alone_stays_small_whatever_they_do() -> None:
    story = Story()
    for post in range(1, 3_001):
        story.act("repost", post=post, credibility=1.0, influence=1.0)

    score = evaluate(story.evidence(), PARAMS, NOW)

    assert score.reach[0] <= 1.0
    assert score.score[0] < 12
    assert not score.enough[0]


@given(st.integers(10_000, 10**7), st.sampled_from(["like", "reply", "repost"]))
def test_ten_times_the_evidence_is_worth_the_same_on_every_rung(count: int, kind: str) -> None:
    one = evaluate(Story().counted(count, kind).evidence(), PARAMS, NOW)

    ten = evaluate(Story().counted(10 * count, kind).evidence(), PARAMS, NOW)

    parts = ("reach_score", "network_score", "amplification_score")[: 2 if kind == "like" else 3]
    for part in parts:
        climbed = getattr(ten, part)[0] - getattr(one, part)[0]
        assert climbed == pytest.approx(12.375, abs=0.002) or getattr(ten, part)[0] == 100.0


def test_the_same_gain_costs_ten_times_as_much_a_rung_higher() -> None:
    sums = np.array([10.0, 100.0, 1_000.0, 10_000.0]) - 1.0

    rungs = np.diff(sub_score(sums, PARAMS))

    assert rungs == pytest.approx([12.375] * 3)


def test_the_scale_reads_as_it_is_told() -> None:
    people = np.array([0.0, 30.0, 1_000.0, 1e8, 1e12])

    scores = sub_score(people, PARAMS)

    assert scores.tolist() == pytest.approx([1.0, 19.5, 38.1, 100.0, 100.0], abs=0.05)


@pytest.mark.parametrize(("people", "score"), [(30, 19), (1_000, 38)])
def test_people_who_pass_something_on_once_make_the_told_scores(people: int, score: int) -> None:
    story = Story()
    for person in range(people):
        # One reply and a like: nearly one whole person, and little more than one act passed on.
        story.act("reply", by=person, post=person % 7 + 1, credibility=1.0, influence=0.15)
        story.act("like", by=person, post=person % 5 + 1, credibility=1.0, influence=0.15)

    scores = evaluate(story.evidence(), PARAMS, NOW)

    assert scores.score[0] == pytest.approx(score, abs=1.5)
    assert scores.people[0] == people
    assert scores.enough[0]


def test_a_page_with_millions_of_reactions_stands_between_80_and_90() -> None:
    story = Story()
    for day in range(90):
        for post in range(1, 11):
            number = day * 10 + post
            story.counted(60_000, "like", post=number, days_ago=day)
            story.counted(4_000, "reply", post=number, days_ago=day)
            story.counted(9_000, "repost", post=number, days_ago=day)

    assert 80 <= evaluate(story.evidence(), PARAMS, NOW).score[0] <= 95


def test_nobody_scores_1_and_that_is_not_enough_to_count() -> None:
    scores = evaluate(empty(), PARAMS, NOW)

    assert scores.score.tolist() == [1.0]
    assert scores.enough.tolist() == [False]


@pytest.mark.parametrize(
    ("posts", "people", "enough"), [(5, 3, True), (4, 3, False), (5, 2, False), (9, 90, True)]
)
def test_five_posts_and_three_people_are_enough(posts: int, people: int, enough: bool) -> None:
    story = Story()
    for act in range(max(posts, people)):
        story.act(by=act % people, post=act % posts + 1, days_ago=89)

    scores = evaluate(story.evidence(), PARAMS, NOW)

    assert scores.posts[0] == posts
    assert scores.people[0] == people
    assert bool(scores.enough[0]) is enough


def test_counted_people_are_enough_too_and_old_ones_are_not() -> None:
    fresh, old = Story(), Story()
    for post in range(1, 6):
        fresh.counted(2, "like", post=post).counted(1, "repost", post=post)
        old.counted(2, "like", post=post, days_ago=90)

    now, then = (evaluate(one.evidence(), PARAMS, NOW) for one in (fresh, old))

    assert (now.posts[0], now.people[0], now.enough[0]) == (5, 10, True)
    assert (then.posts[0], then.people[0], then.enough[0]) == (0, 0, False)


def test_follows_reach_the_account_but_are_no_post() -> None:
    story = Story().act("follow", by=1, post=0).act("list", by=2, post=0)

    scores = evaluate(story.evidence(), PARAMS, NOW)

    assert scores.posts[0] == 0
    assert scores.people[0] == 2
    assert scores.amplification[0] == 0.0
    assert scores.reach[0] == pytest.approx(0.5 * (1 - np.exp(-1)) + 0.5 * (1 - np.exp(-2)))


def test_what_is_told_of_a_person_once_counts_for_all_they_did() -> None:
    story = Story().act(by=1, post=1).act(by=1, post=2, credibility=0.9, influence=0.3)
    story.act(by=1, post=3)

    scores = evaluate(story.evidence(), PARAMS, NOW)

    assert scores.reach[0] == pytest.approx(0.9 * (1 - np.exp(-3)))
    assert scores.network[0] == pytest.approx(2 * scores.reach[0])


def test_a_fading_source_counts_by_its_weight() -> None:
    story = Story().counted(100, source=1, post=1).counted(100, source=2, post=2)

    half = evaluate(story.evidence(weight={2: 0.5}), PARAMS, NOW)
    gone = evaluate(story.evidence(weight={2: 0.0}), PARAMS, NOW)

    assert half.reach[0] == 75.0
    assert gone.reach[0] == 50.0
    assert gone.people[0] == 100


def test_what_is_newer_than_the_last_reading_waits_for_the_next() -> None:
    story = Story().act(by=1, days_ago=3).act(by=2, days_ago=1)

    scores = evaluate(story.evidence(clock_days_ago={1: 2.0}), PARAMS, NOW)

    assert scores.people[0] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"overlap": 1.5},
        {"half_life_days": 0.0},
        {"unknown_credibility": float("nan")},
        {"weight_reach": 0.5},
        {"effort": (1.0, 2.0)},
        {"effort": (-1.0, 3.0, 4.0, 4.0, 2.0, 1.0, 2.0)},
    ],
)
def test_constants_outside_their_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(change)).split("_")[0]):
        replace(PARAMS, **change)  # type: ignore[arg-type]
