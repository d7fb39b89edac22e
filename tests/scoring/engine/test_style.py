"""The grid of styles, on numbers that are in no database."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import style
from scoring.engine.style import GRID, MANY_TOPICS, MIDDLES, WINDOW_DAYS, Missing, Numbers, Said

FIELDS = (0.2, 0.42, 0.58, 0.85)  # a mean in each of the four fields
PLENTY = Numbers(posts=1_000, own=800, links=200, topical=400, topics=5.0, days=34, weeks=12)


def value(axis: str, leaning: float) -> float:
    """Return the value of an axis that leans so far: the other way round than the engine."""
    middle = MIDDLES[axis]
    if leaning < 0.5:
        return 2 * leaning * middle
    return middle + (2 * leaning - 1) * (1 - middle)


def leaning(across: float, down: float) -> Numbers:
    """Return the numbers of somebody whose four axes lean so far."""
    own = round(1_000 * (1 - value("listening", down)))
    return Numbers(
        posts=1_000,
        own=own,
        links=round(own * (1 - value("creating", across))),
        topical=500,
        topics=MANY_TOPICS ** (1 - value("focused", down)),
        days=round(WINDOW_DAYS * value("consistent", across)),
        weeks=12,
    )


def said(age: float, **fields: object) -> Said:
    values: dict[str, object] = {"answers": False, "links": False, "topics": {"django": 1.0}}
    return Said(age, **(values | fields))  # type: ignore[arg-type]


numbers = st.builds(
    lambda posts, own, links, topics, days: Numbers(
        posts, own * posts // 100, links * (own * posts // 100) // 100, posts, topics, days, 12
    ),
    st.integers(20, 5_000),
    st.integers(0, 100),
    st.integers(0, 100),
    st.floats(1, 80),
    st.integers(1, WINDOW_DAYS),
)


@pytest.mark.parametrize(("down", "across"), list(itertools.product(range(4), repeat=2)))
def test_every_kind_is_reached_by_numbers_in_the_middle_of_its_field(
    down: int, across: int
) -> None:
    place = style.place_of(leaning(FIELDS[across], FIELDS[down]))

    assert place is not None
    assert place.kind == GRID[down][across]


@given(numbers)
def test_a_place_is_on_the_grid_and_in_the_field_of_its_kind(counted: Numbers) -> None:
    place = style.place_of(counted)

    assert place is not None
    assert 0 <= place.across <= 4
    assert 0 <= place.down <= 4
    assert place.kind == GRID[min(3, int(place.down))][min(3, int(place.across))]


@given(numbers)
def test_each_number_moves_the_place_its_own_way(counted: Numbers) -> None:
    place = style.place_of(counted)
    assert place is not None

    more = {
        "links": replace(counted, links=counted.own),
        "days": replace(counted, days=WINDOW_DAYS),
        "one topic": replace(counted, topics=1.0),
    }
    moved = {name: style.place_of(changed) for name, changed in more.items()}

    assert all(moved.values())
    assert moved["links"].across <= place.across  # type: ignore[union-attr]
    assert moved["days"].across >= place.across  # type: ignore[union-attr]
    assert moved["one topic"].down >= place.down  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("few", "missing"),
    [
        ({"posts": 19}, (Missing.POSTS,)),
        ({"weeks": 3}, (Missing.WEEKS,)),
        ({"topical": 7}, (Missing.TOPICS,)),
        ({"posts": 0, "own": 0, "topical": 0, "weeks": 0}, tuple(Missing)),
    ],
)
def test_nothing_is_said_of_too_little(few: dict[str, int], missing: tuple[Missing, ...]) -> None:
    counted = replace(PLENTY, **few)

    assert counted.missing == missing
    assert style.place_of(counted) is None


def test_posts_are_counted_within_the_window_alone() -> None:
    posts = [said(0.5), said(0.7, answers=True), said(83.9, links=True), said(84.0), said(-1.0)]

    counted = style.counted(posts)

    assert (counted.posts, counted.own, counted.links, counted.days) == (3, 2, 1, 2)
    assert counted.weeks == 12


def test_breadth_is_the_number_of_topics_that_are_evenly_used() -> None:
    even = [said(at, topics={slug: 1.0}) for at, slug in enumerate("abcd")]
    mostly_one = [said(at, topics={"a": 1.0}) for at in range(97)] + even[1:]

    assert style.counted(even).topics == pytest.approx(4)
    assert style.counted(mostly_one).topics < 1.2
    assert style.counted([said(1, topics={})]).topics == 0


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("Read https://example.org/a", True),
        ("Slides: example.org/talk", True),
        ("www.example.org has it", True),
        ("A day by the river and/or the sea. Nothing else", False),
        ("e.g. this, i.e. that", False),
    ],
)
def test_a_post_that_holds_an_address_leads_elsewhere(text: str, leads: bool) -> None:
    assert style.leads_elsewhere(text) is leads
