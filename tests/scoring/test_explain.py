"""Grouping, folding and rounding of ledger lines."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.connectors.base import Kind
from scoring import words
from scoring.explain import Line, explain, fold
from scoring.models import LedgerLine
from scoring.sums import LARGEST
from scoring.views import series
from tests.scoring.builders import TODAY, Reason, line, person, post_of, snapshot, source_of

DAY = timedelta(days=1)
POINTS = st.floats(-8, 8, allow_subnormal=False)


def one(points: float, reason: str = Reason.REACTIONS) -> Line:
    """Return a line of one stored line."""
    facts = words.Facts(
        reason=reason, kind="like", count=3, people=3, points=points, source="Map Room",
        from_day=None, to_day=None,
    )  # fmt: skip
    return Line(reason, TODAY, TODAY, points, 1, facts, title="Talk recap", part="reach")


def tenths(values: list[float]) -> int:
    """Return the sum of shown values in whole tenths."""
    return sum(round(10 * value) for value in values)


@given(
    st.lists(st.tuples(POINTS, st.sampled_from(list(Reason))), max_size=60),
    st.floats(1, 100),
)
def test_shown_lines_sum_to_the_shown_change(
    stored: list[tuple[float, LedgerLine.Reason]], start: float
) -> None:
    lines = [one(points, reason) for points, reason in stored]
    change = series.difference(start, start + sum(points for points, _ in stored))

    shown = fold(lines, [], change=change)

    if shown:
        assert tenths([line.shown for line in shown]) == round(10 * change)
    assert sum(line.lines for line in shown) == len(stored)
    assert sum(line.points for line in shown) == pytest.approx(sum(p for p, _ in stored))


@given(st.lists(st.tuples(POINTS, st.sampled_from(list(Reason))), min_size=1, max_size=60))
def test_at_most_one_line_of_a_reason_is_folded_or_shows_nothing(
    stored: list[tuple[float, LedgerLine.Reason]],
) -> None:
    change = round(sum(points for points, _ in stored), 1)

    shown = fold([one(points, reason) for points, reason in stored], [], change=change)

    small = [line.reason for line in shown if not line.facts or not line.shown]
    assert len(small) == len(set(small))


def test_a_small_line_that_is_alone_keeps_its_words() -> None:
    shown = fold([one(1.0), one(0.02, Reason.INFLUENCE)], [], change=1.0)

    assert [(line.title, line.shown) for line in shown] == [
        ("Talk recap", 1.0),
        ("Talk recap", 0.0),
    ]


def test_many_small_lines_are_told_together_and_not_by_chance() -> None:
    shown = fold([one(0.02) for _ in range(40)], [], change=0.8)

    assert [(line.text, line.shown) for line in shown] == [("Reactions: 40 smaller lines", 0.8)]


@given(st.lists(POINTS, min_size=1, max_size=60), st.floats(1, 100))
def test_hundredths_sum_as_exactly_as_tenths(points: list[float], start: float) -> None:
    change = series.difference(start, start + sum(points), 2)

    shown = fold([one(point) for point in points], [], change=change, places=2)

    assert sum(round(100 * line.shown) for line in shown) == round(100 * change)


@pytest.mark.django_db
def test_reasons_too_small_for_tenths_are_told_in_hundredths() -> None:
    nora = person()
    before, after = (snapshot(nora, 50.0, day=TODAY - DAY * ago) for ago in (1, 0))
    for number in range(4):
        line(after, 0.04, post_title=f"Post {number}")

    lines = explain(
        user_id=nora.pk,
        model=after.model,
        after=before.day,
        until=after.day,
        changes=(0.2, 0.16),
    )

    assert [(one.title, one.figure) for one in lines] == [
        (f"Post {number}", "+0.04") for number in range(4)
    ]


class TestStoredLines(TestCase):
    """What the database sums is what was stored."""

    @given(
        st.lists(
            st.tuples(
                POINTS,
                st.sampled_from(list(Reason)),
                st.sampled_from(["", "Talk recap", "Thread"]),
                st.sampled_from(["", *Kind]),
                st.integers(1, 3),
            ),
            max_size=70,
        )
    )
    @examples(max_examples=40)
    def test_what_is_shown_between_two_days_sums_to_the_change(
        self, stored: list[tuple[float, LedgerLine.Reason, str, str, int]]
    ) -> None:
        nora = person()
        shots = [snapshot(nora, 50.0, day=TODAY - DAY * ago) for ago in range(3, -1, -1)]
        for points, reason, title, kind, day in stored:
            line(shots[day], points, reason=reason, post_title=title, kind=kind)
        total = sum(points for points, *_ in stored)
        changes = tuple(series.difference(50.0, 50.0 + total, places) for places in (1, 2))

        shown = explain(
            user_id=nora.pk,
            model=shots[0].model,
            after=shots[0].day,
            until=shots[-1].day,
            changes=(changes[0], changes[1]),
        )

        assert sum(one.lines for one in shown) == len(stored)
        if shown:
            places = shown[0].places
            whole = sum(round(10**places * one.shown) for one in shown)
            assert whole == round(10**places * changes[places - 1])
            assert sum(one.points for one in shown) == pytest.approx(total)


@pytest.mark.django_db
def test_the_largest_lines_are_the_largest_sums_over_days_of_all_posts_and_what_is_none() -> None:
    nora, dice = person(), random.Random(5)
    source = source_of(nora)
    posts = [None, *(post_of(source, f"Post {number}") for number in range(50))]
    sums: Counter[tuple[str, str]] = Counter()
    for ago in range(3, 0, -1):
        shot = snapshot(nora, 50.0, day=TODAY - ago * DAY)
        for post, kind in product(posts, ("like", "repost")):
            points = dice.uniform(-1, 1)
            line(shot, points, source=source, post=post, kind=kind)
            sums[post.excerpt if post else "", kind] += points

    shown = explain(
        user_id=nora.pk, model=shot.model, after=TODAY - 4 * DAY, until=TODAY, changes=(5.0, 5.0)
    )

    named = {(one.title, one.facts.kind): one.points for one in shown if one.facts}
    largest = sorted(sums, key=lambda key: -abs(sums[key]))[: len(named)]
    assert len(named) == LARGEST
    assert named == pytest.approx({key: sums[key] for key in largest})
    assert sum(one.points for one in shown) == pytest.approx(sum(sums.values()))


def test_every_reason_has_its_words_alone_and_folded() -> None:
    for reason in Reason:
        facts = words.Facts(
            reason=reason,
            kind="like",
            count=3,
            people=2,
            points=0.4,
            source="Map Room",
            from_day=TODAY - DAY,
            to_day=TODAY,
        )

        assert len(words.because(facts)) > 10
        assert len(words.because(replace(facts, points=-0.4, count=0))) > 10
        assert words.folded(reason, 1).endswith(": 1 smaller line")
        assert words.folded(reason, 212).endswith(": 212 smaller lines")


@pytest.mark.parametrize(
    ("kind", "once", "often"),
    [
        ("like", "1 like", "1,904 likes"),
        ("reply", "1 reply", "1,904 replies"),
        ("repost", "passed on once", "passed on 1,904 times"),
        ("quote", "quoted once", "quoted 1,904 times"),
        ("mention", "mentioned once", "mentioned 1,904 times"),
        ("follow", "1 new follower", "1,904 new followers"),
        ("list", "put on 1 list", "put on 1,904 lists"),
        ("", "1 reaction", "1,904 reactions"),
    ],
)
def test_every_kind_is_said_once_and_often(kind: str, once: str, often: str) -> None:
    assert (words.did(kind, 1), words.did(kind, 1904)) == (once, often)
    assert words.kind_name(kind)


def said(reason: str, **facts: Any) -> str:
    """Return why points came, of a line about likes of a post unless said otherwise."""
    values: dict[str, Any] = {
        "kind": "like", "count": 3, "people": 3, "points": 0.4, "source": "Map Room",
        "from_day": None, "to_day": None,
    }  # fmt: skip
    return words.because(words.Facts(reason=reason, **(values | facts)))


@pytest.mark.parametrize(
    ("count", "people", "told"),
    [
        (3, 3, "3 likes by 3 people"),
        (1, 1, "1 like by 1 person"),
        (3, 1, "3 likes, 1 person named by the network"),
        (3, 0, "3 likes"),
    ],
)
def test_reactions_name_people_only_as_far_as_they_are_known(
    count: int, people: int, told: str
) -> None:
    assert said(Reason.REACTIONS, count=count, people=people) == told


@pytest.mark.parametrize(
    ("reason", "points", "people", "who", "tail"),
    [
        (Reason.REACTIONS, 0.1, 3, "3 people who liked it are", "count for more than strangers"),
        (Reason.REACTIONS, 0.1, 1, "1 person who liked it is", "counts for more than a stranger"),
        (Reason.CORRECTED, -0.1, 3, "3 people who liked it are", "count for less than strangers"),
        (Reason.CORRECTED, -0.1, 1, "1 person who liked it is", "counts for less than a stranger"),
    ],
)
def test_counted_strangers_who_became_known_are_not_told_as_reactions(
    reason: Reason, points: float, people: int, who: str, tail: str
) -> None:
    told = said(reason, count=0, people=people, points=points)

    assert told == f"{who} now named by the network and {tail}"


@pytest.mark.parametrize("reason", [Reason.REACTIONS, Reason.CORRECTED])
def test_an_unknown_number_of_strangers_who_became_known_is_not_called_none(reason: str) -> None:
    assert said(reason, count=0, people=0) == "the network counts other people than before"


@pytest.mark.parametrize("kind", ["", *Kind])
def test_people_of_every_kind_who_became_known_have_words(kind: str) -> None:
    one, many = (said(Reason.REACTIONS, kind=kind, count=0, people=n) for n in (1, 1904))

    assert one.startswith("1 person who ")
    assert many.startswith("1,904 people who ")


@pytest.mark.parametrize(
    ("count", "kind", "told"),
    [
        (-1, "like", "the network no longer shows: 1 like"),
        (-1904, "like", "the network no longer shows: 1,904 likes"),
        (-2, "repost", "the network no longer shows: passed on 2 times"),
    ],
)
def test_reactions_that_went_are_told_without_a_minus(count: int, kind: str, told: str) -> None:
    assert said(Reason.CORRECTED, count=count, people=0, kind=kind, points=-0.4) == told


def test_a_link_that_needs_its_person_says_which_way_its_part_went() -> None:
    fading, back = (said(Reason.UNREAD, points=points) for points in (-0.4, 0.4))

    assert fading == "Map Room needed you and could not be read: its part faded"
    assert (
        back == "Map Room could be read again, or was proven to be yours: its part counts in full"
    )


def test_every_kind_of_the_connectors_has_words_of_its_own() -> None:
    assert len({words.did(kind, 2) for kind in Kind}) == len(Kind)
    assert len({words.kind_name(kind) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("value", "said", "way"),
    [
        (1.25, "+1.2", "up"),
        (-0.8, "\N{MINUS SIGN}0.8", "down"),
        (0.0, "0.0", ""),
        (-0.04, "0.0", ""),
        (0.04, "0.0", ""),
        (1904.06, "+1,904.1", "up"),
        (-1904.06, "\N{MINUS SIGN}1,904.1", "down"),
    ],
)
def test_a_change_has_a_sign_and_a_real_minus(value: float, said: str, way: str) -> None:
    assert words.signed(value) == said
    assert words.direction(value) == way


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (TODAY, TODAY, "21 November"),
        (TODAY - DAY, TODAY, "20 to 21 November"),
        (TODAY - 30 * DAY, TODAY, "22 October to 21 November"),
        (TODAY.replace(year=2025), TODAY, "21 November 2025 to 21 November 2026"),
    ],
)
def test_spans_of_days_are_said_as_short_as_they_can_be(first: date, last: date, said: str) -> None:
    assert words.span(first, last) == said
