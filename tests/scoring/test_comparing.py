"""What we hold beside what the network gives now: words for each difference, and no 0 for None."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.connectors.base import Kind
from accounts.models import LinkCheck, Source
from scoring import comparing
from scoring.ingest import ingest
from tests.scoring.readings import NOW, act, linked, post, reading

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def checked(source: Source, *posts: Any) -> LinkCheck:
    """Return a visit an hour after NOW that was shown these posts."""
    rows = [
        {
            "id": each.external_id,
            "at": each.created_at.isoformat(),
            "url": each.url,
            "counts": {kind.value: count for kind, count in each.counts.items()},
        }
        for each in posts
    ]
    made: LinkCheck = LinkCheck.objects.create(
        source=source, asked_at=NOW, ended_at=NOW + HOUR, posts=rows
    )
    return made


def held(*posts: Any, acts: Any = ()) -> Source:
    source = linked()
    ingest(source=source, reading=reading(*posts, acts=acts), now=NOW)
    return source


@pytest.mark.parametrize(
    ("ours", "theirs", "word"),
    [
        (5, 5, comparing.SAME),
        (5, 7, comparing.NEW_THERE),
        (5, 4, comparing.CORRECTED),
        (5, None, comparing.HIDDEN),
        (0, 0, comparing.SAME),
    ],
)
def test_each_difference_of_a_count_has_its_word(ours: int, theirs: int | None, word: str) -> None:
    source = held(post(like=ours))

    (found,) = comparing.compare(source=source, check=checked(source, post(like=theirs)))

    (row,) = found.rows
    assert (row.kind, row.ours, row.theirs, row.word) == (Kind.LIKE, ours, theirs, word)
    assert found.agrees == (ours == theirs)


def test_what_neither_says_is_no_row_and_what_the_network_does_not_say_is_no_nought() -> None:
    source = held(post(like=None, reply=2))

    (found,) = comparing.compare(source=source, check=checked(source, post(like=None, reply=None)))

    assert [(row.kind, row.ours, row.theirs) for row in found.rows] == [(Kind.REPLY, 2, None)]


def test_who_is_known_by_name_agrees_with_a_network_that_gives_no_count() -> None:
    source = held(post(like=None), acts=(act("bob"), act("eve")))

    (found,) = comparing.compare(source=source, check=checked(source, post(like=None)))

    (row,) = found.rows
    assert (row.ours, row.theirs, row.word) == (2, None, comparing.BY_NAME)
    assert found.agrees


def test_a_read_after_the_visit_explains_what_is_more() -> None:
    source = held(post(like=5))
    source.read_at = NOW + 2 * HOUR

    (found,) = comparing.compare(source=source, check=checked(source, post(like=7)))

    assert found.rows[0].word == comparing.READ_SINCE


def test_posts_that_one_side_alone_has_are_listed_with_the_reason() -> None:
    source = held(post(1, days_ago=3, like=1), post(2, days_ago=2, like=1))
    visit = checked(source, post(1, days_ago=3, like=1), post(3, days_ago=-0.01, like=4))

    found = comparing.compare(source=source, check=visit)

    assert [(each.external_id, each.word) for each in found] == [
        ("p3", comparing.NEW_POST),
        ("p2", comparing.NOT_SHOWN),
        ("p1", ""),
    ]


def test_before_any_post_was_shown_nothing_is_compared() -> None:
    source = held(post(like=1))

    assert comparing.compare(source=source, check=checked(source)) == []
