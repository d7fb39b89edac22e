"""The rules of badges, on facts that are in no database."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import badges
from scoring.engine.badges import BADGES, TABLE, Event, Fact, Reached

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
KINDS = ("like", "reply", "repost", "quote", "mention", "follow")


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Many acts and counts about a few posts on two networks, some counts corrected downwards."""
    seed, size = draw(st.integers(0, 10**6)), draw(st.integers(1, 400))
    chance = random.Random(seed)
    return [event(chance) for _ in range(size)]


def event(chance: random.Random) -> Event:
    at = START + chance.randrange(2_000) * HOUR
    network, post = chance.choice([("a", 1), ("a", 2), ("b", 3), ("b", 4)])
    kind = chance.choice(KINDS)
    if kind == "follow":
        return Event(at, network, 0, kind, chance.randrange(1, 300))
    if chance.random() < 0.3 and kind in ("like", "reply", "repost"):
        return Event(at, network, post, kind, 0, chance.randrange(-20, 120))
    return Event(at, network, post, kind, chance.randrange(1, 300))


def likes(number: int, *, post: int = 1, first: int = 1, **fields: object) -> list[Event]:
    """Return likes of a post by different people, an hour apart."""
    return [
        Event(START + who * HOUR, "a", post, "like", first + who, **fields)  # type: ignore[arg-type]
        for who in range(number)
    ]


def test_levels_ascend_and_every_slug_is_there_once() -> None:
    assert all(list(badge.levels) == sorted(set(badge.levels)) for badge in TABLE)
    assert all(badge.levels[0] > 0 for badge in TABLE)
    assert max(Counter(badge.slug for badge in TABLE).values()) == 1


@given(events(), st.integers(0, 10**6))
def test_one_more_act_lowers_no_count_and_takes_no_level(given_: list[Event], seed: int) -> None:
    more = event(random.Random(seed))._replace(more=5)

    before, after = badges.of_posts(given_), badges.of_posts([*given_, more])

    for slug, fact in before.items():
        assert fact.count is None or (after[slug].count or 0) >= fact.count, slug
        assert set(fact.reached) <= set(after[slug].reached), slug
        for level, reached in fact.reached.items():
            assert after[slug].reached[level].on <= reached.on, slug


@given(events(), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_changes_nothing(
    given_: list[Event], chance: random.Random
) -> None:
    mixed = list(given_)
    chance.shuffle(mixed)

    assert badges.of_posts(mixed) == badges.of_posts(given_)


@given(st.integers(0, 12_000), st.sampled_from([badge for badge in TABLE if badge.distant]))
def test_the_distance_to_the_next_level_is_exact(count: int, badge: badges.Badge) -> None:
    facts = {badge.slug: Fact(count)}
    held = {one.level for one in badges.due(facts, set())}

    ahead = badges.next_of(badge, count, held)

    if ahead is None:
        assert count >= badge.levels[-1]
        return
    assert ahead.missing is not None
    assert ahead.missing > 0
    has = {(badge.slug, level) for level in held}
    nearly = badges.due({badge.slug: Fact(count + ahead.missing - 1)}, has)
    there = badges.due({badge.slug: Fact(count + ahead.missing)}, has)
    assert (len(nearly), [one.level for one in there]) == (0, [ahead.level])


@given(st.lists(st.dictionaries(st.sampled_from(list(BADGES)), st.integers(0, 2_000)), max_size=8))
def test_whatever_is_held_stays_and_is_awarded_once(days: list[dict[str, int]]) -> None:
    held: list[tuple[str, int]] = []

    for counts in days:
        facts = {slug: Fact(count) for slug, count in counts.items()}
        held += [(one.badge.slug, one.level) for one in badges.due(facts, held)]

    assert len(held) == len(set(held))
    best = Counter[str]()
    for counts in days:
        best |= Counter(counts)
    assert all(level <= best[slug] for slug, level in held)
    assert all(
        (badge.slug, level) in held
        for badge in TABLE
        for level in badge.levels
        if best[badge.slug] >= level
    )


def test_the_day_of_a_level_is_that_of_the_act_that_reached_it() -> None:
    facts = badges.of_posts(likes(120))

    on = (START + 99 * HOUR).date()
    assert facts["likes"].reached[100] == Reached(on, exact=True)
    assert facts["people"].reached[100] == Reached(on, exact=True)


def test_a_level_that_a_count_reached_has_the_day_on_which_it_was_read() -> None:
    read = START + 900 * HOUR

    facts = badges.of_posts([*likes(40), Event(read, "a", 1, "like", 0, 160)])

    assert facts["likes"] == Fact(160, {100: Reached(read.date(), exact=False)})


def test_who_is_named_is_part_of_what_is_counted() -> None:
    facts = badges.of_posts([*likes(40), Event(START, "a", 1, "like", 0, 40)])

    assert facts["likes"].count == 40
    assert facts["people"].count == 40
    assert facts["one-post"].count == 40


def test_strangers_of_two_posts_may_be_the_same_and_count_once() -> None:
    counts = [Event(START, "a", post, "like", 0, 90) for post in (1, 2)]

    facts = badges.of_posts(counts)

    assert facts["likes"].count == 180
    assert facts["people"].count == facts["one-post"].count == 90


def test_people_of_two_networks_are_different_people() -> None:
    counts = [Event(START, name, post, "like", 0, 90) for name, post in (("a", 1), ("b", 2))]

    assert badges.of_posts(counts)["people"].count == 180


def test_many_comments_by_one_person_are_one_person() -> None:
    talk = [Event(START + at * HOUR, "a", 1, "reply", 7) for at in range(150)]

    facts = badges.of_posts(talk)

    assert facts["comments"].count == 150
    assert facts["people"].count == facts["one-post"].count == 1


def test_what_nobody_tells_is_not_zero() -> None:
    facts = badges.of_posts([Event(START, "a", 1, "reply", 0, 0)])

    assert facts["comments"].count == 0
    assert facts["likes"].count is None
    assert badges.due({"likes": Fact(None)}, set()) == []
    ahead = badges.next_of(BADGES["likes"], None, set())
    assert ahead is not None
    assert ahead.missing is None
    assert badges.nearest([ahead]) == []


def test_a_count_that_was_corrected_keeps_the_level_that_it_had_passed() -> None:
    falls = [
        Event(START, "a", 1, "like", 0, 120),
        Event(START + HOUR, "a", 1, "like", 0, -60),
    ]

    fact = badges.of_posts(falls)["likes"]

    assert fact.count == 60
    assert [(one.level) for one in badges.due({"likes": fact}, set())] == [100]


def test_old_posts_are_told_from_new_ones_by_the_act_that_reached_the_level() -> None:
    facts = badges.of_posts([*likes(60, old=True), *likes(60, post=2, first=100)])

    assert not facts["likes"].reached[100].old
    assert facts["one-post"].reached[25].old


def test_days_of_history_count_from_the_first_to_the_last() -> None:
    first = date(2026, 1, 1)

    fact = badges.of_days(BADGES["history"], first, first + timedelta(days=89))

    assert fact.count == 90
    assert fact.reached[90] == Reached(first + timedelta(days=89), exact=True)
    assert badges.of_days(BADGES["history"], None, first).count == 0


@pytest.mark.parametrize(("count", "near"), [(99, "likes"), (1, "topics")])
def test_the_nearest_are_those_of_which_most_is_done(count: int, near: str) -> None:
    counts = {"likes": count, "topics": 0, "networks": 1, "comments": 0}
    if near == "topics":
        counts["topics"] = 2
    ahead = [badges.next_of(BADGES[slug], has, {1}) for slug, has in counts.items()]

    nearest = badges.nearest([one for one in ahead if one is not None])

    assert nearest[0].badge.slug == near
    assert "comments" not in [one.badge.slug for one in nearest]
