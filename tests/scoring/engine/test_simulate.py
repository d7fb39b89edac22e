"""What a score would be: the same engine on supposed evidence, and no number of the unknown."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import DAY_US, Evidence, Params, evaluate
from scoring.engine.simulate import Beyond, Outcome, TooYoung, reaching, simulate
from scoring.engine.supposed import Change, known
from tests.scoring.engine.builders import NOW, Story, evidences, joined

PARAMS = Params()
NOTHING = 1e-12  # what rounding may do


def weekly(weeks: int = 13, *, but: tuple[int, ...] = ()) -> Story:
    """Tell of a post a week with strangers and two known people, none in the weeks of `but`."""
    story = Story()
    for week in (week for week in range(weeks) if week not in but):
        about = {"post": week + 1, "days_ago": 7 * week + 3.0}
        story.counted(20, "like", **about).counted(4, "reply", **about)
        story.act("repost", by=week, **about).act("repost", by=100, **about)
    return story


def of(evidence: Evidence, **change: Any) -> Outcome:
    return simulate(evidence, Change(**change), PARAMS, NOW)


def score_of(evidence: Evidence) -> float:
    return float(evaluate(evidence, PARAMS, NOW).score[0])


def after(weeks: int, likes: int) -> float:
    """Return the score of `weekly` with more likes in the newest weeks, as the engine has it."""
    story = weekly()
    for week in range(weeks):
        story.counted(likes, post=50 + week, source=2, days_ago=7 * week + 3.5)
    return score_of(story.evidence())


def some_changes() -> st.SearchStrategy[Change]:
    people = st.integers(0, 100)
    return st.builds(
        Change,
        replies=people,
        reposts=people,
        likes=people,
        posts=people,
        regular=st.booleans(),
        source=st.booleans(),
    )


@settings(max_examples=50)
@given(evidences(), some_changes(), st.sampled_from(["replies", "reposts", "likes"]))
def test_more_never_lowers_parts_add_up_and_the_range_holds_the_number(
    drawn: Evidence, change: Change, kind: str
) -> None:
    held = joined(weekly(4, but=(2,)).evidence(), drawn)
    more = replace(change, **{kind: getattr(change, kind) + 7})
    if more.replies > 100 or more.reposts > 100 or more.likes > 100:
        more = change

    first, second = (simulate(held, one, PARAMS, NOW) for one in (change, more))

    assert first.before == evaluate(held, PARAMS, NOW).score[0]
    assert first.before - NOTHING <= first.score <= second.score + NOTHING
    for outcome in (first, second):
        assert sum(outcome.parts) == pytest.approx(outcome.score - outcome.before, abs=1e-9)
        assert outcome.low <= outcome.score <= outcome.high
        assert 0 <= outcome.weeks <= 13


@settings(max_examples=50)
@given(evidences(), st.integers(0, 100))
def test_nothing_and_posts_alone_leave_the_very_score(drawn: Evidence, posts: int) -> None:
    held = joined(weekly(6).evidence(), drawn)
    score = score_of(held)

    outcome = of(held, posts=posts)

    assert outcome == Outcome(score, score, score, score, 0, (0.0, 0.0, 0.0), enough=True)


@settings(max_examples=50)
@given(evidences(), st.integers(1, 12))
def test_a_rest_never_raises_and_its_range_holds_the_number(drawn: Evidence, weeks: int) -> None:
    held = joined(weekly(6).evidence(), drawn)

    rested = of(held, rest=weeks)

    assert rested.score <= rested.before + NOTHING
    assert rested.low <= rested.score <= rested.high
    assert sum(rested.parts) == pytest.approx(rested.score - rested.before, abs=1e-9)
    assert rested.weeks == weeks


def test_more_people_are_what_the_engine_makes_of_strangers_in_every_week() -> None:
    story = weekly()
    expected = weekly()
    for week in range(13):
        expected.counted(6, "reply", post=50 + week, source=2, days_ago=7 * week + 3.5)

    outcome = of(story.evidence(), replies=6)

    assert outcome.score == pytest.approx(
        float(evaluate(expected.evidence(), PARAMS, NOW).score[0])
    )
    assert outcome.low < outcome.score < outcome.high


def test_most_of_a_change_is_there_in_the_first_week_with_four_fifths_of_it() -> None:
    outcome = of(weekly().evidence(), likes=30)

    most = outcome.before + 0.8 * (outcome.score - outcome.before)
    assert after(outcome.weeks - 1, likes=30) < most <= after(outcome.weeks, likes=30)


def test_a_rest_is_the_same_evidence_so_much_older_but_what_stands_still() -> None:
    held = weekly().evidence()
    later = replace(held, source_clock=held.source_clock + 21 * DAY_US)

    rested = of(held, rest=3)

    assert rested.score == evaluate(later, PARAMS, NOW + 21 * DAY_US).score[0]
    stands = simulate(held, Change(rest=3), PARAMS, NOW, still={1, 2, 3})
    assert stands.score == stands.before == rested.before
    assert not of(weekly(5).evidence(), rest=12).enough


def test_quiet_weeks_become_like_the_others() -> None:
    held, whole = weekly(but=(2, 5, 6)).evidence(), weekly().evidence()
    strangers = [replace(one, actor=one.actor * 0) for one in (held, whole)]

    filled = of(strangers[0], regular=True)

    assert known(held, PARAMS, NOW).quiet == 3
    assert filled.score == pytest.approx(score_of(strangers[1]))
    assert of(whole, regular=True).score == of(whole).before


def test_another_source_is_between_one_of_the_same_and_one_of_other_people() -> None:
    held = weekly().evidence(sources=(1,))

    outcome = of(held, source=True)

    assert outcome.before < outcome.low < outcome.score < outcome.high
    assert outcome.weeks == 0


def test_the_least_that_reaches_a_score_reaches_it_and_one_less_does_not() -> None:
    held = weekly().evidence()
    wanted = of(held).before + 1.0

    levers = {lever.name: lever for lever in reaching(held, wanted, PARAMS, NOW)}

    assert list(levers) == ["reposts", "replies", "likes", "source"]
    for name in ("reposts", "replies", "likes"):
        least = levers[name].amount
        assert least
        assert levers[name].outcome == of(held, **{name: least})
        assert of(held, **{name: least - 1}).score < wanted <= levers[name].outcome.score
    likes, weeks = levers["likes"].amount or 0, levers["likes"].weeks
    assert after(weeks - 1, likes=likes) < wanted <= after(weeks, likes=likes)
    assert (levers["source"].amount, levers["source"].weeks) == (1, 0)
    far = reaching(weekly(but=(3,)).evidence(), 99.9, PARAMS, NOW)
    ways = ["reposts", "replies", "likes", "regular", "source"]
    assert [lever.name for lever in far if lever.amount is None] == ways


def test_of_too_short_a_history_and_of_far_more_than_ever_nothing_is_told() -> None:
    held = weekly().evidence()

    assert known(held, PARAMS, NOW).most == 10 * 26
    of(held, likes=260)
    for change, most in ({"likes": 261}, 260), ({"posts": 10**30}, 260), ({"rest": 13}, 12):
        with pytest.raises(Beyond) as beyond:
            of(held, **change)
        assert beyond.value.most == most
    with pytest.raises(TooYoung):
        of(weekly(2).evidence())
    with pytest.raises(TooYoung):
        reaching(Story().counted(-3, days_ago=80).evidence(), 50.0, PARAMS, NOW)


def test_a_change_is_never_below_zero_and_in_a_rest_nothing_comes() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Change(likes=-1)
    with pytest.raises(ValueError, match="nothing comes"):
        Change(rest=2, source=True)


def test_asking_twice_answers_the_same_and_leaves_the_evidence_as_it_was() -> None:
    held = weekly().evidence()
    copy = {
        name: np.copy(getattr(held, name)) for name in ("actor", "post", "t_at", "source_clock")
    }

    first, second = (of(held, source=True, regular=True, likes=4) for _ in range(2))

    assert first == second
    assert all(np.array_equal(getattr(held, name), column) for name, column in copy.items())
