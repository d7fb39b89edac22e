"""Compare: people who allow it and accounts of one's own, over the same days."""

import re

import pytest
from django.test import Client

from accounts import blocking
from accounts.models import Audience
from tests.scoring.builders import NOW, line, snapshot, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.people_scenes import DAY, author, seen, shot_of
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
OPEN = {"score": Audience.MEMBERS, "history": Audience.MEMBERS}


def scored(name: str, now: float, before: float, **shows: str) -> None:
    """Store somebody with a score of today, of ten days ago, and one that is too old."""
    user = seen(name, **(OPEN | shows))
    snapshot(user, now)
    for ago, score in ((10, before), (31, 1.5)):
        snapshot(user, score, day=NOW.date() - ago * DAY)


def test_people_stand_side_by_side_with_parts_and_change_of_the_same_days() -> None:
    scored("ada", 51.0, 49.5)
    scored("ben", 30.2, 31.4)

    page = text_of(browser_of(seen("nora")), "/compare/", a="@ada", b="ben")

    assert page.index('href="/@ada">Ada</a>') < page.index('href="/@ben">Ben</a>')
    assert page.index("51.0") < page.index("30.2")
    assert page.index("+1.5") < page.index("−1.2")
    assert page.count("11 November 2026") == 2
    assert '<td class="n"> <span class="muted">not shown</span>' not in page


def test_parts_add_up_to_the_score_as_both_are_shown() -> None:
    scored("ada", 40.1, 49.5)

    page = text_of(browser_of(seen("nora")), "/compare/", a="@ada", b="@ada")
    parts = re.findall(r"(?:Reach|Amplification|Impact), points.*?>\s*([\d.]+)", page)

    assert parts == ["16.1", "14.0", "10.0"]  # of 16.04, 14.035 and 10.025


def test_who_does_not_show_it_and_who_is_not_here_read_alike() -> None:
    scored("shy", 51.0, 49.5, score=Audience.NOBODY)
    scored("away", 52.0, 49.5)
    nora = seen("nora")
    away = seen("eve")
    blocking.block(by=away, whom=nora, now=NOW)

    pages = [
        text_of(browser_of(nora), "/compare/", a=name).replace(name, "x")
        for name in ("shy", "nobody", "eve")
    ]

    tables = {page[page.index("Side by side") : page.index("The last 30 days")] for page in pages}
    assert len(tables) == 1
    assert tables.pop().count("not shown") == 7


def test_who_is_not_signed_in_compares_those_who_show_it_to_everyone() -> None:
    wide = dict.fromkeys(("page", "score", "history"), Audience.EVERYONE)
    scored("ada", 51.0, 49.5, **wide)
    scored("ben", 30.2, 31.4)

    page = text_of(Client(), "/compare/", a="ada", b="ben")
    mine = text_of(Client(), "/compare/", first="1")

    assert "+1.5" in page
    assert "30.2" not in page
    assert page.count("not shown</span>") == 7
    assert "Your accounts" not in page
    assert "not shown" in mine


def test_who_shows_the_score_alone_shows_no_parts() -> None:
    scored("ada", 51.0, 49.5, history=Audience.NOBODY)

    page = text_of(browser_of(seen("nora")), "/compare/", a="ada")

    assert "51.0" in page
    assert "+1.5" not in page
    assert page.count('<span class="muted">not shown</span>') == 5


@pytest.mark.one_engine
def test_own_accounts_are_compared_by_what_the_ledger_says_of_them() -> None:
    nora, source = author()
    other, strange = source_of(nora, "Second"), source_of(seen("ada"), "Strange")
    shot = shot_of(nora)
    line(shot, 1.25, source=source, count=12)
    line(shot, -0.25, source=source, reason="faded", count=0)

    client = browser_of(nora)
    page = text_of(client, "/compare/", first=str(source.pk), second=str(other.pk))

    assert "+1.00" in page
    assert ">12<" in page.replace(" ", "")
    assert page.count("nothing yet") == 5
    for number in (str(strange.pk), "999999", "x"):
        refused = text_of(client, "/compare/", first=number, second=str(other.pk))
        assert "Strange" not in refused
        assert refused.count("not shown") == 5


def test_four_people_cost_a_question_each(django_assert_num_queries: AssertQueries) -> None:
    for name in ("ada", "ben", "cleo", "dora"):
        scored(name, 50.0, 49.0)
    client = browser_of(seen("nora"))

    with django_assert_num_queries(8):
        client.get("/compare/", {"a": "ada", "b": "ben", "c": "cleo", "d": "dora"})
