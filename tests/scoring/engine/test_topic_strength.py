"""What a topic's strength promises, whatever people did and whatever posts are about."""

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import DAY_US, Evidence, Params, components
from scoring.engine.topics.order import ADDED, HIDDEN, Choice, arranged
from scoring.engine.topics.strength import (
    Author,
    Gate,
    Strength,
    is_enough,
    rolled_up,
    stands_out,
    terms_of,
    weigh,
)
from tests.scoring.engine.builders import (
    NOW,
    Story,
    evidences,
    joined,
    people,
    picked,
    positive_evidences,
)

pytestmark = pytest.mark.one_engine

PARAMS = Params()
GATE = Gate()
POSTS = [n * (source + 10 * n) for n in (1, 2, 3) for source in (1, 2, 3)]  # those of the builders
# A small tree: two topics in one field, one of them in another as well, all in one area.
ABOVE = {
    "django": {"web", "python", "technology"},
    "flask": {"web", "technology"},
    "web": {"technology"},
    "python": {"technology"},
    "technology": set(),
    "birds": {"nature"},
    "nature": set(),
}
VALUES = st.lists(st.floats(0, 1e12), max_size=12).map(lambda values: np.array(values, np.float64))
SAID = st.lists(
    st.tuples(
        st.sampled_from(POSTS), st.sampled_from(sorted(ABOVE)), st.sampled_from([0.2, 0.3, 1 / 3])
    ),
    max_size=20,
    unique_by=lambda one: one[:2],
).map(lambda said: [one for n, one in enumerate(said) if count_before(said, n) < 3])


def count_before(said: list[tuple[int, str, float]], place: int) -> int:
    return sum(one[0] == said[place][0] for one in said[:place])


def author_of(
    evidence: Evidence, said: list[tuple[int, str, float]], days: int = len(POSTS)
) -> Author:
    made = {post: NOW - (n % days) * DAY_US for n, post in enumerate(POSTS)}
    return Author(weigh(evidence, PARAMS, NOW), rolled_up(said, ABOVE.__getitem__), made)


def strengths_of(evidence: Evidence, said: list[tuple[int, str, float]]) -> dict[str, Strength]:
    return author_of(evidence, said).strengths()


def told(
    evidence: Evidence, said: list[tuple[int, str, float]], gate: Gate = GATE, **here: float
) -> set[str]:
    author = author_of(evidence, said)
    return author.passing(author.strengths(), gate, here, ABOVE.__getitem__)


def liked(posts: int, by: int = 6, *, first: int = 0) -> Story:
    """Return a story in which `by` people like each of so many posts."""
    story = Story()
    for post in POSTS[first : first + posts]:
        for person in range(by):
            story.act(by=person, post=post)
    return story


@given(VALUES)
def test_no_post_is_more_than_a_third_of_a_strength(values: np.ndarray) -> None:
    terms = terms_of(values)

    assert np.all(terms >= 0)
    assert np.all(terms <= values)
    assert terms.max(initial=0.0) <= math.fsum(terms) / 3 * (1 + 1e-12)


@given(VALUES, st.integers(0, 11), st.floats(0, 1e12))
def test_a_larger_value_lowers_no_sum_not_even_by_rounding(
    values: np.ndarray, place: int, more: float
) -> None:
    larger = values.copy()
    larger[place : place + 1] += more

    assert math.fsum(terms_of(larger)) >= math.fsum(terms_of(values))


@given(st.lists(st.floats(0.1, 100), min_size=4, max_size=8), st.floats(1e3, 1e12))
def test_a_viral_post_is_worth_no_more_than_the_others_allow(
    steady: list[float], viral: float
) -> None:
    terms = terms_of(np.array([*steady, viral]))

    assert terms[-1] <= math.fsum(steady) / 2 * (1 + 1e-12)


def test_what_a_post_brought_is_its_true_reach_if_it_were_all() -> None:
    story = Story().act(by=1, days_ago=3).act("reply", by=1).act(by=2, credibility=0.9)
    evidence = story.counted(40, days_ago=9).counted(7, "reply", days_ago=2).evidence()

    weighed = weigh(evidence, PARAMS, NOW)

    assert weighed.post.tolist() == [1]
    assert weighed.weight[0] == pytest.approx(components(evidence, PARAMS, NOW).reach[0], rel=1e-12)
    assert (weighed.reactions[0], weighed.strangers[0]) == (50, 40)


@given(evidences(), SAID)
def test_terms_add_up_to_the_strength_exactly(
    evidence: Evidence, said: list[tuple[int, str, float]]
) -> None:
    for one in strengths_of(evidence, said).values():
        assert one.value == math.fsum(term for _, term in one.terms)
        assert len(one.terms) == one.posts
        assert 0 <= one.share <= 1


@settings(max_examples=200)
@given(st.data(), SAID)
def test_more_reactions_never_lower_a_strength(
    data: st.DataObject, said: list[tuple[int, str, float]]
) -> None:
    known = data.draw(people())
    before = data.draw(positive_evidences(known))
    after = joined(before, data.draw(positive_evidences(known)))

    old, new = strengths_of(before, said), strengths_of(after, said)

    assert old.keys() <= new.keys()
    assert all(new[topic].value >= old[topic].value for topic in old)
    assert all(new[topic].people >= old[topic].people for topic in old)


@given(evidences(), SAID, st.randoms(use_true_random=False))
def test_neither_the_order_of_reactions_nor_that_of_posts_changes_a_bit(
    evidence: Evidence, said: list[tuple[int, str, float]], random: st.DrawFn
) -> None:
    shuffled = [np.arange(len(column)) for column in (evidence.at, evidence.t_at)]
    for order in shuffled:
        random.shuffle(order)
    other = random.sample(said, len(said))

    assert strengths_of(picked(evidence, *shuffled), other) == strengths_of(evidence, said)


@given(evidences(), SAID)
def test_what_stands_above_has_each_post_once_and_all_that_is_below(
    evidence: Evidence, said: list[tuple[int, str, float]]
) -> None:
    about = rolled_up(said, ABOVE.__getitem__)
    strengths = strengths_of(evidence, said)

    for topic, shares in about.items():
        own = dict.fromkeys(shares, 0.0)
        for post, slug, share in said:
            if topic in {slug, *ABOVE[slug]}:
                own[post] += share
        assert shares == pytest.approx({post: min(1.0, share) for post, share in own.items()})
    for one in strengths.values():
        assert all(strengths[over].value >= one.value for over in ABOVE[one.topic])
        assert len({post for post, _ in one.terms}) == one.posts


def test_a_topic_with_two_ways_to_an_area_counts_once_there() -> None:
    said = [(POSTS[0], "django", 0.8), (POSTS[1], "django", 0.5), (POSTS[1], "flask", 0.4)]

    about = rolled_up(said, ABOVE.__getitem__)

    assert about["technology"] == {POSTS[0]: 0.8, POSTS[1]: 0.9}
    assert about["web"] == about["technology"]
    assert about["python"] == {POSTS[0]: 0.8, POSTS[1]: 0.5}


def test_three_posts_on_two_days_and_five_people_make_a_topic() -> None:
    said = [(post, "birds", 0.8) for post in POSTS[:3]]

    assert told(liked(3, by=5).evidence(), said) == {"birds"}
    assert told(liked(2, by=9).evidence(), said) == set()
    assert told(liked(3, by=4).evidence(), said) == set()
    one_day = author_of(liked(3, by=9).evidence(), said, days=1)
    assert one_day.passing(one_day.strengths(), GATE, {}, ABOVE.__getitem__) == set()


@pytest.mark.parametrize("strangers", [1, 100, 10**9])
@pytest.mark.parametrize("posts", [1, 2])
def test_a_stray_post_or_two_never_make_a_topic_and_silence_no_other(
    posts: int, strangers: int
) -> None:
    story = liked(5)
    for post in POSTS[5 : 5 + posts]:
        story.counted(strangers, post=post)
    said = [(post, "birds", 0.8) for post in POSTS[:5]]
    said += [(post, "flask", 0.8) for post in POSTS[5 : 5 + posts]]

    strengths = strengths_of(story.evidence(), said)

    assert strengths["flask"].value == 0
    assert told(story.evidence(), said) == {"birds"}


def test_counted_strangers_are_people_too() -> None:
    story = Story()
    for post in POSTS[:3]:
        story.counted(2, post=post)
    said = [(post, "birds", 0.8) for post in POSTS[:3]]

    one = strengths_of(story.evidence(), said)["birds"]

    assert (one.people, one.reactions) == (6, 6)
    assert told(story.evidence(), said) == {"birds"}


def test_what_stands_above_is_told_only_when_it_says_more_than_what_is_below() -> None:
    django = [(post, "django", 0.8) for post in POSTS[:3]]
    flask = [(post, "flask", 0.8) for post in POSTS[3:6]]

    assert told(liked(6).evidence(), django) == {"django"}
    assert told(liked(6).evidence(), [*django, *flask]) == {"django", "flask", "web"}
    assert told(liked(6).evidence(), [*django, *flask[:2]]) == {"django"}


def test_a_field_is_told_when_no_topic_of_it_has_enough() -> None:
    said = [(POSTS[0], "django", 0.8), (POSTS[1], "django", 0.8)]
    said += [(POSTS[2], "flask", 0.8), (POSTS[3], "flask", 0.8)]

    assert told(liked(4).evidence(), said) == {"web"}


def test_an_area_is_told_only_above_two_topics_that_are() -> None:
    web = [(post, "web", 0.8) for post in POSTS[:3]]
    python = [(post, "python", 0.8) for post in POSTS[3:6]]

    scattered = [(POSTS[0], "web", 0.8), (POSTS[1], "python", 0.8), (POSTS[2], "technology", 0.8)]
    assert told(liked(3).evidence(), scattered) == set()
    assert told(liked(6).evidence(), [*web, *python]) == {"web", "python", "technology"}
    assert told(liked(6).evidence(), [*web, (POSTS[3], "technology", 0.8)]) == {"web"}
    strayed = [(post, "technology", 0.8) for post in POSTS[3:6]]
    assert told(liked(6).evidence(), [*web, *strayed]) == {"web"}


def test_a_topic_must_stand_out_among_the_other_posts_and_the_other_people() -> None:
    evidence = liked(9).evidence()
    little = replace(GATE, own_share=0.5)
    said = [(post, "birds", 0.8) for post in POSTS[:4]]

    assert told(evidence, said) == {"birds"}
    assert told(evidence, said, little) == set()
    assert told(evidence, said, birds=0.1, nature=0.1) == {"birds"}
    few = [(post, "birds", 0.2) for post in POSTS[:4]]
    assert told(evidence, few) == {"birds"}
    assert told(evidence, few, birds=0.9, nature=0.9) == set()


def test_of_many_posts_more_must_be_about_a_topic() -> None:
    assert GATE.posts_needed(0) == GATE.posts_needed(75) == 3
    assert GATE.posts_needed(76) == 4
    assert GATE.posts_needed(1_000) == 40

    said = [(post, "birds", 0.8) for post in POSTS[:4]]
    half = replace(GATE, post_part=0.5)

    assert told(liked(8).evidence(), said, half) == {"birds"}
    assert told(liked(9).evidence(), said, half) == set()


def test_what_is_far_below_the_strongest_topic_is_not_told_beside_it() -> None:
    said = [(post, "birds", 1.0) for post in POSTS[:6]]
    said += [(post, "flask", 0.5) for post in POSTS[6:9]]

    assert told(liked(9).evidence(), said) == {"birds", "flask"}
    assert told(liked(9).evidence(), said, replace(GATE, beside=0.5)) == {"birds"}


def test_nothing_is_held_against_a_topic_that_nobody_is_shown() -> None:
    said = [(post, "birds", 1.0) for post in POSTS[:6]]
    said += [(post, "flask", 0.5) for post in POSTS[6:9]]
    author, half = author_of(liked(9).evidence(), said), replace(GATE, beside=0.5)

    passing = author.passing(author.strengths(), half, {}, ABOVE.__getitem__, aside={"birds"})

    assert passing == {"birds", "flask"}


def test_one_post_that_goes_around_the_world_silences_no_topic() -> None:
    story = liked(8)
    said = [(post, "birds", 0.8) for post in POSTS[:4]]
    before = strengths_of(story.evidence(), said)["birds"].share
    story.counted(10**6, post=POSTS[8])

    after = strengths_of(story.evidence(), said)["birds"].share

    assert after == pytest.approx(before * 8 / 9, rel=0.01)


def test_among_people_of_one_trade_the_trade_is_told() -> None:
    said = [(post, "birds", 0.8) for post in POSTS[:4]]

    assert told(liked(9).evidence(), said, birds=0.9, nature=0.9) == {"birds"}


def test_what_is_told_stays_so_while_a_little_less_than_enough_is_left() -> None:
    said = [(post, "birds", 0.8) for post in POSTS[:4]]
    one = strengths_of(liked(9).evidence(), said)["birds"]
    less = replace(one, share=0.9 * GATE.own_share)
    far_less = replace(one, share=0.7 * GATE.own_share)

    assert not stands_out(less, GATE, {})
    assert stands_out(less, GATE, {}, told=True)
    assert not stands_out(far_less, GATE, {}, told=True)


def test_only_what_is_enough_and_stands_out_is_told() -> None:
    said = [(post, "birds", 0.8) for post in POSTS[:4]]
    one = strengths_of(liked(9).evidence(), said)["birds"]

    assert is_enough(one, GATE)
    assert not is_enough(replace(one, people=4), GATE)
    assert stands_out(one, GATE, {})
    assert not stands_out(replace(one, share=0.01), GATE, {})


def test_several_authors_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="one author at a time"):
        weigh(replace(liked(1).evidence(), authors=2), PARAMS, NOW)


CHOICES = st.dictionaries(
    st.sampled_from(sorted(ABOVE)),
    st.builds(Choice, st.sampled_from([HIDDEN, ADDED, "none"]), st.none() | st.integers(1, 20)),
)


@given(
    st.dictionaries(st.sampled_from(sorted(ABOVE)), st.floats(0, 100)), CHOICES, st.integers(0, 5)
)
def test_hidden_topics_stay_hidden_and_added_ones_stay_however_strong_they_are(
    strengths: dict[str, float], choices: dict[str, Choice], at_most: int
) -> None:
    order = arranged(strengths, choices, at_most=at_most)

    added = {slug for slug, choice in choices.items() if choice.state == ADDED}
    assert not {slug for slug in order if slug in choices and choices[slug].state == HIDDEN}
    assert added <= set(order)
    assert len(set(order)) == len(order)
    assert len(set(order) - added) <= at_most


def test_topics_stand_in_the_persons_order_then_by_strength() -> None:
    strengths = {"birds": 1.0, "web": 9.0, "flask": 5.0}
    choices = {"birds": Choice("none", 1), "python": Choice(ADDED, None)}

    assert arranged(strengths, choices, at_most=20) == ["birds", "web", "flask", "python"]


@pytest.mark.parametrize("name", [column.name for column in fields(Gate)])
def test_every_constant_of_the_gate_is_told_with_its_value(name: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / "topics.md").read_text(encoding="utf-8")

    (row,) = (line for line in text.splitlines() if line.startswith(f"| `{name}`"))

    assert float(row.strip("|").split("|")[1]) == getattr(GATE, name)
