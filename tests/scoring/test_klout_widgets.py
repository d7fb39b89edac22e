"""What pages of others embed: the badge, the page of a name, the script."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Audience, Profile
from scoring.engine.topics.klout_files import topic_id
from tests.scoring.builders import snapshot
from tests.scoring.klout_scenes import NORA_ID, at_x, eve, nora, open_to_all
from tests.scoring.pages import at_noon
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
SCRAPED = re.compile(r"class=[\"' ]+kscore[ \"']+title=[ \"'](\d+)[ \"']", re.IGNORECASE)
LATER = re.compile(r'user-score-flag">(\d+)')


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", ("200", "98")),
        ("?size=l", ("200", "98")),
        ("?size=m", ("160", "78")),
        ("?size=s&text_color=5e305e", ("120", "59")),
        ("?size=%00&text_color=%22onload=", ("200", "98")),
    ],
)
def test_a_badge_has_the_sizes_of_the_frames_that_hold_it(
    query: str, size: tuple[str, str]
) -> None:
    nora()

    response = Client().get(f"/badge/nora/{query}")

    body = response.content.decode()
    drawn = re.search(r'<svg width="(\d+)"\s+height="(\d+)"', body)
    assert drawn is not None
    assert drawn.groups() == size
    assert ('fill="#5e305e"' in body) == ("5e305e" in query)
    assert "onload" not in body


def test_what_scrapers_looked_for_is_there() -> None:
    nora()

    for path in ("/badge/nora", "/badge/nora/?size=s", "/badge/Nora_Maps", "/nora", "/Nora_Maps"):
        body = Client().get(path).content.decode()

        assert SCRAPED.findall(body) == LATER.findall(body) == ["50"], path
        assert "user-profile-header-container" in body


def test_who_asks_too_often_is_told_when_to_come_back(settings: Any) -> None:
    settings.PUBLIC_PER_MINUTE = 3
    nora()
    paths = ("/badge/nora", "/nora", "/public/scripts/widget_hover.js")

    answers = [Client().get(path) for path in (*paths, *paths)]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get("/badge/nora")

    assert [one.status_code for one in answers] == [200] * 3 + [429] * 3
    assert all(int(one["Retry-After"]) >= 1 for one in answers[3:])
    assert answers[3]["Content-Type"] == "text/plain; charset=utf-8"
    assert elsewhere.status_code == 200


@pytest.mark.one_engine
def test_a_badge_says_which_language_it_speaks() -> None:
    nora()

    badge = Client().get("/badge/nora", headers={"accept-language": "de"}).content.decode()

    assert '<html lang="de">' in badge
    assert "von 100" in badge


def test_a_badge_may_be_framed_by_all_and_the_page_by_nobody() -> None:
    nora()

    badge, page = Client().get("/badge/nora"), Client().get("/nora")

    assert "X-Frame-Options" not in badge
    assert "frame-ancestors *" in badge["Content-Security-Policy"]
    assert "script" not in badge["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert badge.cookies.output() == page.cookies.output() == ""
    assert badge["Cache-Control"] == "public, no-cache, stale-if-error=86400"
    assert page["Cache-Control"] == badge["Cache-Control"]
    again = Client().get("/badge/nora", headers={"if-none-match": badge["ETag"]})
    assert again.status_code == 304


def test_a_handle_here_comes_before_a_name_at_x() -> None:
    nora()
    at_x(eve(), "nora", "99")

    here = Client().get("/badge/nora").content.decode()
    at_x_alone = Client().get("/badge/nora?network=tw").content.decode()

    assert LATER.findall(here) == ["50"]
    assert LATER.findall(at_x_alone) == ["36"]


def test_the_page_of_a_name_says_whose_score_it_is_and_leads_to_their_page() -> None:
    nora()

    page = " ".join(Client().get("/nora").content.decode().split())

    assert "<h1> Score of @nora </h1>" in page
    assert '<a class="btn pri" href="/@nora">Open the page</a>' in page
    assert "css/base.css" in page
    assert "<script" not in page
    assert "csrf" not in page


def test_whoever_does_not_show_a_score_is_as_unknown() -> None:
    user = nora()
    unknown = Client().get("/badge/nobody_here")
    for part in ("page", "score"):
        Profile.objects.filter(user=user).update(**{part: Audience.MEMBERS})
        badge, page = Client().get("/badge/nora"), Client().get("/nora")
        Profile.objects.filter(user=user).update(**{part: Audience.EVERYONE})

        assert (badge.status_code, badge.content) == (404, unknown.content)
        assert page.status_code == 404
        assert "No score to show" in badge.content.decode()


def test_a_name_at_x_is_not_found_where_accounts_are_closed() -> None:
    nora(networks=Audience.NOBODY)

    assert Client().get("/badge/Nora_Maps").status_code == 404
    assert Client().get("/badge/nora").status_code == 200


def test_an_address_of_one_word_that_is_a_page_still_leads_there() -> None:
    home = Client().get("/home?range=all")

    assert (home.status_code, home["Location"]) == (301, "/home/?range=all")
    assert Client().get("/nothing_here").status_code == 404
    assert Client().post("/nora").status_code == 405


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["_1", "4maps", "nora"])
def test_a_page_of_a_name_is_there_with_a_slash_and_without(name: str) -> None:
    at_x(nora(), name, "99")

    pages = [Client().get(path) for path in (f"/{name}", f"/{name}/")]

    assert [page.status_code for page in pages] == [200, 200]
    assert all('class="user-score-flag">50<' in page.content.decode() for page in pages)


@pytest.mark.one_engine
def test_addresses_of_klout_lead_to_people_and_topics_here() -> None:
    user = nora()

    by_name = Client().get("/user/Nora_Maps")
    by_id = [Client().get(f"/user/id/{one}") for one in (NORA_ID, "1", "9" * 24)]
    topics = [Client().get(f"/topic/id/{one}/") for one in (topic_id("django"), "14711")]
    Profile.objects.filter(user=user).update(page=Audience.MEMBERS)
    closed = [Client().get(path) for path in ("/user/Nora_Maps", f"/user/id/{NORA_ID}/")]

    assert 'class="user-score-flag">50<' in by_name.content.decode()
    assert [one.headers.get("Location") for one in by_id] == ["/@nora", None, None]
    assert [one.headers.get("Location") for one in topics] == ["/topics/django/", None]
    assert [one.status_code for one in (*by_id[1:], topics[1], *closed)] == [404] * 5


def test_a_name_as_long_as_may_be_stays_inside_the_badge() -> None:
    snapshot(open_to_all("n" * 30))

    assert 'textLength="102"' in Client().get(f"/badge/{'n' * 30}").content.decode()


def test_a_badge_asks_the_database_twice(django_assert_num_queries: AssertQueries) -> None:
    nora()

    with django_assert_num_queries(2):
        Client().get("/badge/nora")
    with django_assert_num_queries(3):
        Client().get("/badge/nora_maps")


def test_the_script_is_answered_where_pages_ask_for_it() -> None:
    response = Client().get("/public/scripts/widget_hover.js")

    assert response["Content-Type"] == "application/javascript; charset=utf-8"
    assert b"/badge/" in response.content
