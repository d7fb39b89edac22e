"""Sums kept beside ledger lines: the same as the lines, and the same largest whichever way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import fsum
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.connectors.base import Kind
from scoring import pipeline, sums
from scoring.engine import ALGORITHM
from scoring.models import LedgerLine
from scoring.sums import Group, Stretch
from tests.scoring.builders import (
    NOW,
    TODAY,
    Reason,
    keep_sums,
    line,
    person,
    post_of,
    snapshot,
    source_of,
    unsaved_line,
)
from tests.scoring.sums import by, by_hand, kept

DAY = timedelta(days=1)
DAYS, POSTS = 8, 6
Told = tuple[float, Reason, Kind, int | None, int]
TOLD = st.tuples(
    st.floats(-8, 8, allow_subnormal=False),
    st.sampled_from([Reason.REACTIONS, Reason.CORRECTED, Reason.FADED]),
    st.sampled_from([Kind.LIKE, Kind.REPLY]),
    st.none() | st.integers(0, POSTS - 1),
    st.integers(0, DAYS - 1),
)
ENDS = st.tuples(st.integers(-1, DAYS), st.integers(-1, DAYS)).map(sorted)
EVENTS = st.sets(st.sampled_from(["forget", "unlink", "take down", "rescore"]))


@contextmanager
def limits(**numbers: int) -> Iterator[None]:
    """Make few lines many: what a page of two years goes by, cut to what an example holds."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in numbers.items():
            patch.setattr(sums, name, number)
        yield


def stored(told: list[Told]) -> Any:
    """Store lines about the posts of two sources over DAYS days; return their person."""
    nora = person()
    sources = [source_of(nora, title) for title in ("Map Room", "Nora")]
    posts = [post_of(sources[number % 2], f"Post {number}") for number in range(POSTS)]
    shots = [snapshot(nora, 50.0, day=TODAY - DAY * ago) for ago in range(DAYS)]
    lines = LedgerLine.objects.bulk_create(
        unsaved_line(
            shots[ago],
            points,
            reason=reason,
            kind=kind,
            source=sources[(number or 0) % 2],
            post=None if number is None else posts[number],
        )
        for points, reason, kind, number, ago in told
    )
    keep_sums(lines)
    return nora


def happens(event: str, user: Any) -> None:
    """Do to the lines what the site does to them: `event` is one of EVENTS."""
    first = user.sources.order_by("pk").first()
    if event == "rescore":
        pipeline.score_day(user_id=user.pk, now=NOW)
    elif event == "take down":
        first.posts.order_by("pk")[:1].get().delete()
    elif event == "forget":
        pipeline.forget_words(source=first)
    elif event == "unlink":
        pipeline.forget_words(source=first)
        first.delete()


def largest_by_hand(user: Any, stretch: Stretch) -> list[float]:
    """Return the sizes of the largest sums between two days, from the lines of each day."""
    lines = LedgerLine.objects.filter(user=user, day__gt=stretch[2], day__lte=stretch[3])
    groups = by(lines, "reason", "kind", "post_id", "source_id", "post_title", "source_title")
    sizes = [abs(fsum(line.points for line in some)) for some in groups.values()]
    return sorted(sizes, reverse=True)[: sums.LARGEST]


def sizes(groups: list[Group]) -> list[float]:
    return [abs(group.points) for group in groups]


class TestKeptSums(TestCase):
    """What is told by kept sums is what is told by adding up the lines of each day."""

    @given(st.lists(TOLD, max_size=60), EVENTS, ENDS)
    @examples(max_examples=150)
    def test_between_any_two_days_and_after_whatever_happened_both_ways_tell_the_same(
        self, told: list[Told], events: set[str], ends: list[int]
    ) -> None:
        nora = stored(told)
        for event in sorted(events):
            happens(event, nora)
        stretch = (nora.pk, ALGORITHM, TODAY - DAY * ends[1], TODAY - DAY * ends[0])
        lines = LedgerLine.objects.filter(user=nora, day__gt=stretch[2], day__lte=stretch[3])

        with limits(FEW=0, LARGEST=4, CANDIDATES=5):
            wholes = sums.wholes(stretch)
            largest = sums.largest(stretch, of=sum(whole.lines for whole in wholes))
            by_days = largest_by_hand(nora, stretch)

        assert kept() == pytest.approx(by_hand(), abs=1e-9)
        assert {whole.reason: whole.points for whole in wholes} == pytest.approx(
            {
                reason: fsum(line.points for line in some)
                for (reason,), some in by(lines, "reason").items()
            },
            abs=1e-9,
        )
        assert sum(whole.lines for whole in wholes) == len(lines)
        assert sizes(largest) == pytest.approx(by_days, abs=1e-9)


@pytest.mark.django_db
@pytest.mark.parametrize("of", [0, sums.FEW + 1], ids=["every line", "what moved most"])
def test_posts_that_moved_more_on_other_days_do_not_hide_the_largest(of: int) -> None:
    nora = person()
    source = source_of(nora)
    days = [snapshot(nora, 50.0, day=TODAY - DAY * ago) for ago in (2, 1, 0)]
    lines = []
    for number in range(sums.CANDIDATES + 9):  # a great day, then one up and down again
        loud, quiet = (post_of(source, f"{kind} {number}") for kind in ("Loud", "Quiet"))
        moves = ((days[0], loud, 5.0), (days[1], loud, -0.1), (days[2], quiet, 0.3 + number / 1e3))
        lines += [unsaved_line(day, points, post=post) for day, post, points in moves]
    keep_sums(LedgerLine.objects.bulk_create(lines))
    stretch = (nora.pk, ALGORITHM, TODAY - 2 * DAY, TODAY)

    largest = sums.largest(stretch, of=of)

    titles = [f"Quiet {number}" for number in range(sums.CANDIDATES + 8, 28, -1)]
    assert [group.title for group in largest] == titles[: sums.LARGEST]


@pytest.mark.django_db
def test_posts_that_moved_most_are_told_without_looking_at_every_line() -> None:
    nora = person()
    source = source_of(nora)
    today = snapshot(nora)
    posts = [post_of(source, f"Post {number}") for number in range(sums.CANDIDATES + 9)]
    keep_sums(
        LedgerLine.objects.bulk_create(
            unsaved_line(today, 0.1 + number / 1e3, post=post) for number, post in enumerate(posts)
        )
    )
    stretch = (nora.pk, ALGORITHM, TODAY - DAY, TODAY)

    with CaptureQueriesContext(connection) as asked:
        largest = sums.largest(stretch, of=sums.FEW + 1)

    assert [group.title for group in largest] == [
        post.excerpt for post in posts[: -sums.LARGEST - 1 : -1]
    ]
    assert len(asked) == 3  # about no post, what moved most, its lines


@pytest.mark.django_db
def test_forgetting_no_post_takes_no_words_and_no_sums() -> None:
    nora = person()
    source = source_of(nora)
    post = post_of(source)
    named = [{"id": post.pk, "title": "Talk recap", "url": "", "day": "2026-11-18", "points": 5.0}]
    made = line(snapshot(nora, made_of={"post": named}), 0.3, source=source, post=post)
    stood = kept()

    pipeline.forget_words(source=source, posts=[])

    made.refresh_from_db()
    assert (made.post_title, kept()) == ("Talk recap", stood)
    assert nora.snapshots.get().made_of == {"post": named}
