"""Property 2, time: older never raises, silence lowers smoothly, nothing jumps at 90 days."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import DAY_US, Evidence, Params, evaluate
from scoring.engine.decay import decay
from tests.scoring.engine.builders import NOW, Story, evidences

PARAMS = Params()
NOTHING = 1e-12
MINUTE = DAY_US // 1_440


def at_days(*days: float) -> np.ndarray:
    return np.array([round(day * DAY_US) for day in days], np.int64)


def test_decay_is_one_now_and_zero_at_the_end_of_the_window() -> None:
    weights = decay(at_days(0, 30, 60, 90, 90.001, 400), PARAMS)

    expected = [1.0, (0.5 - 0.125) / 0.875, (0.25 - 0.125) / 0.875, 0.0, 0.0, 0.0]
    assert weights == pytest.approx(expected, abs=1e-15)


def test_the_future_never_counts() -> None:
    weights = decay(np.array([-1, -DAY_US, -(2**60)], np.int64), PARAMS)

    assert weights.tolist() == [0.0, 0.0, 0.0]


def test_decay_falls_every_minute_and_never_by_much() -> None:
    weights = decay(np.arange(0, 91 * DAY_US, MINUTE), PARAMS)

    steps = -np.diff(weights)
    inside = 90 * 1_440
    assert np.all(steps[:inside] > 0)
    assert np.all(steps < 2e-5)
    assert np.all(weights[inside:] == 0)


@given(evidences(), st.integers(0, 100 * DAY_US))
def test_older_evidence_never_raises(held: Evidence, later_us: int) -> None:
    clocks = np.full(3, NOW)
    now = evaluate(replace(held, source_clock=clocks), PARAMS, NOW)
    past = replace(
        held,
        source_clock=clocks,
        at=np.where(held.at > NOW, held.at, held.at - later_us),
        t_at=np.where(held.t_at > NOW, held.t_at, held.t_at - later_us),
    )

    older = evaluate(past, PARAMS, NOW)

    for part in ("score", "reach_score", "amplification_score", "network_score"):
        assert getattr(older, part)[0] <= getattr(now, part)[0] + NOTHING, part


@given(evidences(), st.integers(0, 2**16 - 1), st.integers(0, 60))
def test_one_older_act_never_raises(held: Evidence, which: int, days: int) -> None:
    row = which % max(1, len(held.at))
    at = held.at.copy()
    at[row : row + 1] -= np.where(at[row : row + 1] > NOW - 16 * DAY_US, 0, days * DAY_US)

    older = evaluate(replace(held, at=at), PARAMS, NOW)

    assert older.score[0] <= evaluate(held, PARAMS, NOW).score[0] + NOTHING


@given(evidences(), st.integers(0, 60 * DAY_US))
def test_a_source_that_cannot_be_read_stands_still(held: Evidence, outage_us: int) -> None:
    before = evaluate(held, PARAMS, NOW)

    after = evaluate(held, PARAMS, NOW + outage_us)

    assert after.score.tobytes() == before.score.tobytes()


@st.composite
def steady_histories(draw: st.DrawFn) -> Evidence:
    """Draw 90 days on each of which about as much happens as on any other."""
    story = Story()
    crowd = draw(st.sampled_from([0, 0, 1, 8, 120, 5_000, 10**6]))
    regulars = draw(st.integers(0, 6))
    every = draw(st.sampled_from([1, 2, 3]))
    hour = draw(st.floats(0, 0.99))
    kinds = draw(st.sampled_from([("like",), ("like", "reply"), ("repost", "like"), ("reply",)]))
    for day in range(0, 90, every):
        for kind in kinds:
            if crowd:
                story.counted(crowd, kind, post=day + 1, days_ago=day + hour)
            for person in range(regulars):
                # Everybody comes back, some rarely; now and then somebody new.
                if (day // every) % (person + 1) == 0:
                    story.act(kind, by=person, post=day + 1, days_ago=day + hour)
                story.act(kind, by=1_000 + day, post=day + 1, days_ago=day + hour)
    return story.evidence()


@given(steady_histories())
def test_silence_costs_at_most_a_quarter_of_a_point_a_day(held: Evidence) -> None:
    silent = replace(held, source_clock=np.full(3, NOW + 30 * DAY_US))

    start = evaluate(held, PARAMS, NOW).score[0]
    end = evaluate(silent, PARAMS, NOW + 30 * DAY_US).score[0]

    assert 0.0 <= start - end <= 30 * 0.25


@given(steady_histories(), st.integers(1, 89))
def test_nothing_jumps_when_a_post_turns_90_days_old(held: Evidence, first: int) -> None:
    silent = replace(held, source_clock=np.full(3, NOW + 90 * DAY_US))
    # The minutes around the moment at which some post turns 90 days old.
    ages = NOW - np.concatenate((held.at, held.t_at, [NOW]))
    turns = NOW + 90 * DAY_US - int(np.sort(ages)[-1 - first % max(1, len(ages) - 1)])
    turns = min(turns, NOW + 30 * DAY_US)

    scores = [evaluate(silent, PARAMS, turns + minute * MINUTE).score[0] for minute in range(-3, 4)]

    assert np.all(np.abs(np.diff(scores)) < 0.002)


def test_minute_by_minute_around_90_days_the_score_only_glides() -> None:
    story = Story().counted(100_000, post=1, days_ago=89).counted(50, post=2, days_ago=40)
    story.act("repost", by=1, post=1, days_ago=89).act("like", by=2, post=2, days_ago=40)
    held = replace(story.evidence(), source_clock=np.full(3, NOW + 2 * DAY_US))

    sweep = np.arange(NOW + DAY_US - 30 * MINUTE, NOW + DAY_US + 30 * MINUTE, MINUTE)
    scores = np.array([evaluate(held, PARAMS, int(at)).score[0] for at in sweep])

    steps = -np.diff(scores)
    assert np.all(steps >= 0)
    assert steps.max() < 0.05
    # Each step of the last half hour is about as large as the one before: no cliff.
    assert np.all(np.abs(np.diff(steps[:29])) < 0.003)


def test_a_lone_post_leaves_the_window_without_a_jump() -> None:
    held = Story().counted(100, post=1, days_ago=0).evidence()
    held = replace(held, source_clock=np.full(3, NOW + 100 * DAY_US))
    end = NOW + 90 * DAY_US

    last = [evaluate(held, PARAMS, end - 10**power).score[0] for power in range(11, 0, -1)]

    assert np.all(np.diff(last) < 0)
    assert last[-1] - 1.0 < 1e-6
    assert evaluate(held, PARAMS, end).score[0] == 1.0
