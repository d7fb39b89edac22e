"""Styles are worked out from stored posts, each account up to when it was last read."""

from datetime import timedelta

import pytest

from accounts.connectors.base import Code
from accounts.models import Source, User
from scoring import styles
from scoring.models import Post, PostTopic, Style
from tests.scoring.builders import NOW, person, source_of
from tests.scoring.test_pages_cost import AssertQueries

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def writing(posts: int = 60, *, answers: int = 0, links: int = 0) -> User:
    """Return somebody with a post a day about one topic, some of which answer or lead elsewhere."""
    nora = person()
    source = source_of(nora)
    rows = Post.objects.bulk_create(
        Post(
            source=source,
            external_id=str(at),
            created_at=NOW - (at + 0.5) * DAY,
            kind="reply" if at < answers else "original",
            excerpt="See https://example.org/a" if at >= posts - links else "Queries",
        )
        for at in range(posts)
    )
    PostTopic.objects.bulk_create(
        PostTopic(post=row, topic="django", share=1.0, because="queries") for row in rows
    )
    return nora


def test_posts_become_a_place_with_its_numbers() -> None:
    nora = writing(60, answers=40, links=5)

    styles.rescore(nora.pk, now=NOW)

    row = Style.objects.get(user=nora)
    numbers = styles.numbers_of(row)
    assert (numbers.posts, numbers.own, numbers.links, numbers.days) == (60, 20, 5, 60)
    assert (numbers.topical, numbers.topics, numbers.weeks) == (60, 1.0, 9)
    assert row.kind == "activist"
    assert row.across is not None
    assert 2 <= row.across < 3


def test_too_little_is_kept_as_numbers_without_a_kind() -> None:
    nora = writing(12)

    styles.rescore(nora.pk, now=NOW)

    row = Style.objects.get(user=nora)
    assert (row.kind, row.across, row.down) == ("", None, None)
    assert styles.numbers_of(row).posts == 12


def test_nobody_moves_while_their_network_cannot_be_read() -> None:
    nora = writing(60, answers=10)
    styles.rescore(nora.pk, now=NOW)
    before = Style.objects.get(user=nora)
    Source.objects.update(code=Code.TRANSIENT, code_since=NOW)

    styles.rescore(nora.pk, now=NOW + 40 * DAY)

    after = Style.objects.get(user=nora)
    assert (after.kind, after.across, after.down) == (before.kind, before.across, before.down)
    assert after.numbers == before.numbers


def test_without_an_account_that_counts_there_are_no_posts() -> None:
    nora = writing(60)
    Source.objects.update(selected=False)

    styles.rescore(nora.pk, now=NOW)

    assert styles.numbers_of(Style.objects.get(user=nora)).posts == 0


@pytest.mark.parametrize("posts", [3, 60])
def test_more_posts_cost_no_more_queries(
    posts: int, django_assert_num_queries: AssertQueries
) -> None:
    nora = writing(posts)
    styles.rescore(nora.pk, now=NOW)

    with django_assert_num_queries(10):  # person, sources, posts, topics, row, savepoints
        styles.rescore(nora.pk, now=NOW)
