"""Pulse: only people whose score reaches the reader, in order, and no places among few."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import blocking
from accounts.models import Audience, Profile, User
from scoring import plusk, topics, weeks
from scoring.engine import ALGORITHM
from scoring.models import TopicScore
from scoring.people.pulse import Among, pulse
from tests.scoring.builders import NOW, snapshot
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.people_scenes import DAY, seen
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
OPEN = {"score": Audience.MEMBERS, "history": Audience.MEMBERS}
YESTERDAY = NOW.date() - DAY


def scored(name: str, points: float, before: float | None = None, **shows: str) -> User:
    """Return somebody with a score of yesterday, and of a week before where it is given."""
    user = seen(name, **(OPEN | shows))
    snapshot(user, points, day=YESTERDAY)
    if before is not None:
        snapshot(user, before, day=YESTERDAY - timedelta(days=7))
    weeks.keep(user_id=user.pk, model=ALGORITHM, first=YESTERDAY, last=YESTERDAY)
    return user


def handles(viewer: User | None, among: Among = Among.ALL, topic: str = "") -> list[str]:
    found = pulse(viewer, now=NOW, among=among, topic=topic)
    return [one.handle for one in found.people]


def test_only_those_are_listed_whose_score_reaches_the_reader() -> None:
    nora = scored("nora", 40.0)
    scored("ada", 50.0)
    scored("shy", 60.0, score=Audience.NOBODY)
    scored("closed", 61.0, page=Audience.NOBODY)
    blocking.block(by=scored("away", 62.0), whom=nora, now=NOW)
    blocking.block(by=nora, whom=scored("gone", 63.0), now=NOW)
    snapshot(seen("late", **OPEN), 64.0)

    found = pulse(nora, now=NOW, among=Among.ALL)

    assert [one.handle for one in found.people] == ["ada", "nora"]
    assert (found.population, found.shown, found.ranked) == (6, 2, False)
    assert {one.place for one in found.people} == {None}


def test_who_is_not_signed_in_reads_of_those_who_show_it_to_everyone() -> None:
    wide = dict.fromkeys(("page", "score", "history"), Audience.EVERYONE)
    scored("ada", 50.0, 45.0, **wide)
    scored("ben", 60.0, 45.0, **(wide | {"history": Audience.MEMBERS}))
    scored("cleo", 70.0, 45.0, **(wide | {"page": Audience.MEMBERS}))
    scored("dora", 80.0, 45.0)

    page = text_of(Client(), "/pulse/")
    friends = Client().get("/pulse/?of=friends")

    assert (handles(None), handles(None, Among.RISERS)) == (["ben", "ada"], ["ada"])
    assert handles(None, Among.FRIENDS) == []
    assert page.index("Ben</a>") < page.index("Ada</a>")
    assert "Dora" not in page
    assert '<meta name="robots" content="noindex">' in page
    assert friends.headers["Location"] == "/accounts/login/?next=/pulse/%3Fof%3Dfriends"


def test_risers_stand_by_the_change_of_a_week_that_they_show() -> None:
    nora = scored("nora", 40.0, 39.0)
    scored("ada", 50.0, 45.0)
    scored("fell", 50.0, 55.0)
    scored("new", 50.0)
    scored("shy", 60.0, 10.0, history=Audience.NOBODY)

    assert handles(nora, Among.RISERS) == ["ada", "nora"]
    weeks = {one.handle: one.risen for one in pulse(nora, now=NOW, among=Among.ALL).people}
    assert weeks == {"shy": None, "fell": -5.0, "ada": 5.0, "new": None, "nora": 1.0}


def test_friends_are_oneself_and_those_of_a_plusk_either_way_that_counts() -> None:
    nora = scored("nora", 40.0)
    topics.add(nora.pk, "django", now=NOW)
    Profile.objects.filter(user=nora).update(topics=Audience.MEMBERS)
    ada, ben, rosa = (
        scored(name, score) for name, score in (("ada", 50), ("ben", 30), ("rosa", 70))
    )
    eve, zoe = scored("eve", 20.0), scored("zoe", 10.0)
    given = {
        giver: plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, now=NOW).pk
        for giver, receiver, topic in (
            (ada, nora, "django"),
            (nora, ben, "django"),
            (rosa, nora, "django"),
            (eve, nora, "django"),
            (zoe, nora, "jazz"),  # waits to be accepted
        )
    }
    plusk.undo(user_id=rosa.pk, plusk_id=given[rosa], now=NOW)
    plusk.hide(user_id=nora.pk, plusk_id=given[eve], now=NOW)
    Profile.objects.filter(user=nora).update(page=Audience.NOBODY)

    assert handles(nora, Among.FRIENDS) == ["ada", "nora", "ben"]


def test_by_topic_stand_those_who_show_it() -> None:
    nora = scored("nora", 40.0)
    ada, ben = scored("ada", 50.0), scored("ben", 60.0)
    for user, topic, passes in (
        (ada, "django", True),
        (ada, "atheism", True),  # sensitive: shown to nobody
        (ben, "django", False),
    ):
        TopicScore.objects.create(
            user=user,
            topic=topic,
            passes=passes,
            as_of=NOW,
            strength=3.0,
            share=1.0,
            posts=3,
            posts_needed=3,
            days=3,
            people=5,
            reactions=5,
            first_post_at=NOW,
            last_post_at=NOW,
        )

    assert handles(nora, topic="django") == ["ada"]
    assert handles(nora, topic="atheism") == []
    assert handles(ada, Among.FRIENDS, topic="atheism") == []
    Profile.objects.filter(user=ada).update(topics=Audience.NOBODY)
    assert handles(ada, Among.FRIENDS, topic="django") == ["ada"]
    assert handles(nora, topic="django") == []


def test_ten_are_ranked_page_after_page() -> None:
    nora = scored("nora", 1.5)
    for at in range(29):
        scored(f"person{at}", 90.0 - at)

    first = pulse(nora, now=NOW, among=Among.ALL)
    last = pulse(nora, now=NOW, among=Among.ALL, page=9)

    assert [one.place for one in first.people] == list(range(1, 26))
    assert [one.place for one in last.people] == list(range(26, 31))
    assert last.people[-1].handle == "nora"
    assert (last.page, last.pages) == (2, 2)


@pytest.mark.one_engine
def test_the_page_says_of_whom_it_is_and_that_few_are_not_ranked() -> None:
    nora = scored("nora", 40.0, 39.0)
    scored("ada", 50.0, 52.0)
    client = browser_of(nora)

    page = text_of(client, "/pulse/", of="all", topic="Dj")

    assert "Too few to rank: places are shown from 10 people on." in page
    assert "Scores of 20 November 2026. 2 people here have one; 2 in this list." in page
    assert "−2.0 in the week" in page
    assert "There is no topic of this name" in page
    assert client.get("/pulse/?of=enemies").status_code == 404
    beyond = text_of(client, "/pulse/", of="all", page="99999999999999999999")
    assert "Nothing lies beyond the last page." in beyond
    assert '<a href="?of=all&amp;page=1">To the last page</a>' in beyond
    assert "Nobody to show" not in beyond


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_asks_the_same_few_questions_however_many_there_are(
    size: int, django_assert_num_queries: AssertQueries
) -> None:
    nora = scored("nora", 40.0, 39.0)
    for at in range(size):
        scored(f"person{at}", 50.0 + at, 40.0)
    client = browser_of(nora)

    for among in Among:
        with django_assert_num_queries(6 if among is Among.FRIENDS else 5):
            assert client.get(f"/pulse/?of={among}").status_code == 200


@pytest.mark.one_engine
@pytest.mark.parametrize("path", ["/pulse/", "/compare/", "/topics/django/"])
def test_who_is_not_signed_in_may_not_ask_for_ever(path: str, settings: Any) -> None:
    settings.PAGES_PER_MINUTE = 2

    pages = [Client().head(path), *(Client().get(path) for _ask in range(2))]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get(path)
    member = browser_of(seen("nora")).get(path)

    assert [page.status_code for page in (*pages, elsewhere, member)] == [200, 200, 429, 200, 200]
    assert 1 <= int(pages[2]["Retry-After"]) <= 60
    assert pages[2]["Cache-Control"] == "no-store"
    assert "Wait a minute</h1>" in pages[2].content.decode()
    assert "or sign in" in pages[2].content.decode()
