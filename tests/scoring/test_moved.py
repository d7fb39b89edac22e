"""Who moved whom: shares of what the ledger says, and names only of those who show them."""

import pytest

from accounts import blocking
from accounts.models import Audience, Profile, User
from scoring.models import Post
from scoring.people import moved as reading
from tests.scoring.builders import NOW, person, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.people_scenes import DAY, acted, author, moved, posts_that_moved, seen
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
OPEN = {"score": Audience.MEMBERS, "history": Audience.MEMBERS}


def test_whoever_acted_has_an_equal_share_and_the_rest_stands_by_network() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [0.9])
    moved(post, 0.5, kind="repost", count=1)
    ada = seen("ada")
    acted(post, ada, None, None)
    acted(post, ada, kind="repost")

    people, others = reading.who_moved(nora, now=NOW)

    assert [(one.handle, one.acts, round(one.points, 6)) for one in people] == [("ada", 2, 0.8)]
    assert [(one.network, one.people) for one in others] == [("sandbox", 2)]
    assert sum(one.points for one in (*people, *others)) == pytest.approx(1.4)


def test_shares_never_come_to_more_than_the_lines_say() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [0.9])  # the line speaks of three likes
    names = [seen(name) for name in ("ada", "ben", "cleo", "dora")]
    acted(post, *names)

    people, others = reading.who_moved(nora, now=NOW)

    assert sum(one.points for one in people) == pytest.approx(0.9)
    assert others[0].points == pytest.approx(0)


def test_those_who_do_not_show_themselves_are_among_the_others() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [0.9])
    away = seen("away")
    blocking.block(by=nora, whom=away, now=NOW)
    acted(post, person("none"), seen("shy", networks=Audience.NOBODY), away, nora, None)

    people, others = reading.who_moved(nora, now=NOW)

    assert people == []
    assert [(one.people, round(one.points, 6)) for one in others] == [(4, 0.9)]


def test_what_is_older_than_ninety_days_is_left_out() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [0.9])
    acted(post, seen("ada"), at=NOW - 91 * DAY)

    assert reading.who_moved(nora, now=NOW)[0] == []


def moved_by_nora(nora: User, name: str, **shows: str) -> Post:
    """Return a post of somebody on which nora acted, alone of three."""
    post = posts_that_moved(source_of(seen(name, **shows), name), [0.6])[0]
    acted(post, nora)
    return post


def test_whom_somebody_moved_is_told_where_both_show_it() -> None:
    nora, _source = author()
    moved_by_nora(nora, "ada", **OPEN)
    moved_by_nora(nora, "shy")
    away = moved_by_nora(nora, "away", **OPEN).source.user
    blocking.block(by=away, whom=nora, now=NOW)

    found = reading.whom_moved(nora, now=NOW)
    Profile.objects.filter(user=nora).update(networks=Audience.NOBODY)

    assert found is not None
    assert [(one.handle, round(one.points, 6)) for one in found] == [("ada", 0.2)]
    assert reading.whom_moved(nora, now=NOW) is None


@pytest.mark.one_engine
def test_the_page_says_both_ways() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [0.9])
    acted(post, seen("ben"), None)
    moved_by_nora(nora, "ada", **OPEN)
    client = browser_of(nora)

    page = text_of(client, "/people/moved/")
    Profile.objects.filter(user=nora).update(page=Audience.NOBODY)

    assert 'href="/@ben">Ben</a>' in page
    assert "1 person known to the network" in page
    assert page.index('href="/@ada">Ada</a>') > page.index("Whom you moved</h2>")
    assert "This goes both ways" in text_of(client, "/people/moved/")
    assert "Nobody here who acted" in text_of(browser_of(person("new")), "/people/moved/")


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_asks_the_same_few_questions_however_many_there_are(
    size: int, django_assert_num_queries: AssertQueries
) -> None:
    nora, source = author()
    for number, post in enumerate(posts_that_moved(source, [0.3] * size)):
        acted(post, seen(f"ada{number}"))
        moved_by_nora(nora, f"ben{number}", **OPEN)
    client = browser_of(nora)

    with django_assert_num_queries(10):
        response = client.get("/people/moved/")

    assert response.status_code == 200
