"""When posts are answered: exact counts, intervals that hold, silence where luck could speak."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.timing import BANDS, DAYS, Posted, Word, timing, wilson

pytestmark = pytest.mark.one_engine
POSTS = st.lists(
    st.builds(
        Posted,
        account=st.integers(1, 3),
        hour=st.integers(0, 23),
        weekday=st.integers(0, 6),
        reactions=st.integers(0, 50),
    ),
    max_size=60,
)


@given(POSTS, st.randoms(use_true_random=False))
def test_every_post_stands_once_in_each_view_whatever_the_order(
    posts: list[Posted], chance: random.Random
) -> None:
    found = timing(posts)
    again = timing(chance.sample(posts, len(posts)))

    cells = [one for row in found.grid for one in row]
    assert len(cells) == BANDS * DAYS
    for shares in (cells, found.bands, found.days):
        assert sum(one.posts for one in shares) == len(posts)
        assert sum(one.above for one in shares) == round(found.usual * len(posts))
    assert found == again
    assert found.usual <= 0.5


@given(posts=st.integers(1, 500), share=st.floats(0, 1))
def test_the_interval_holds_the_share_and_narrows_with_more_posts(posts: int, share: float) -> None:
    above = round(share * posts)

    low, high = wilson(above, posts)
    nearer_low, nearer_high = wilson(4 * above, 4 * posts)

    assert 0 <= low <= above / posts <= high <= 1
    assert nearer_high - nearer_low < high - low


def test_the_interval_is_the_published_one() -> None:
    low, high = wilson(8, 10, z=1.96)

    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_a_time_that_is_surely_answered_more_is_told_and_others_are_not() -> None:
    mornings = [Posted(1, 7, at % 7, 9) for at in range(30)]
    evenings = [Posted(1, 19, at % 7, 1) for at in range(34)]

    found = timing([*mornings, *evenings, Posted(1, 12, 0, 40)])

    words = [one.word for one in found.bands]
    assert words[7 // 3] is Word.MORE
    assert words[19 // 3] is Word.LESS
    assert words[12 // 3] is Word.FEW
    assert {one.word for one in found.days} == {Word.OPEN}


def test_a_loud_account_does_not_make_its_hours_better() -> None:
    loud = [Posted(1, 7, at % 7, 1_000 + at) for at in range(30)]
    quiet = [Posted(2, 19, at % 7, at) for at in range(30)]

    found = timing([*loud, *quiet])

    assert {one.word for one in found.bands} == {Word.OPEN, Word.FEW}


def test_luck_names_a_time_for_few() -> None:
    chance = random.Random(7)
    named = 0
    for _person in range(300):
        posts = [
            Posted(1, chance.randrange(24), chance.randrange(7), chance.randrange(100))
            for _ in range(60)
        ]
        found = timing(posts)
        named += any(one.word in {Word.MORE, Word.LESS} for one in (*found.bands, *found.days))

    assert named <= 0.06 * 300
