"""The public profile: what strangers, members and blocked people read, and what its person sets."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import blocking, handles, searching
from accounts.models import Audience, Profile, User
from scoring import milestones, plusk, topics
from scoring.klout import people as klout_people
from scoring.models import TopicScore
from tests.scoring import topic_scenes
from tests.scoring.builders import NOW, TODAY, history, person, snapshot
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
ITEMS = ("page", "score", "history", "topics", "plusk", "badges", "style", "moments", "networks")
ALL = dict.fromkeys(ITEMS, Audience.EVERYONE)
NORA = "/@nora"
SETTINGS = "/settings/profile/"
FEEDS = ("/@nora/feed.json", "/@nora/feed.atom")


def known(**shows: Any) -> User:
    """Return somebody with a score, topics and a link, under the handle nora."""
    nora = topic_scenes.known(now=NOW)
    handles.take(nora, "nora", now=NOW)
    Profile.objects.create(user=nora, bio="Maps of harbours", **shows)
    return nora


def named(name: str, **shows: Any) -> User:
    """Return somebody without a score under a handle of their name."""
    user = person(name)
    handles.take(user, name, now=NOW)
    Profile.objects.create(user=user, **({"page": Audience.MEMBERS, "findable": True} | shows))
    return user


def posted(**changed: str) -> dict[str, str]:
    """Return the settings form as a browser posts it."""
    empty = dict.fromkeys(ITEMS, "")
    return {"display_name": "Nora", "handle": "nora", "bio": "", **empty, **changed}


def _without_token(page: bytes) -> bytes:
    """Return a page without the tokens of its forms, which differ each time."""
    return re.sub(rb"[A-Za-z0-9]{64}", b"", page)


def test_a_stranger_reads_what_is_open_to_everyone(client: Client) -> None:
    known(**ALL)

    page = text_of(client, NORA)

    assert "Score 50.4 of 100" in page
    assert "Maps of harbours" in page
    assert "Django" in page
    assert "Map Room Lisbon" in page
    assert '<meta name="robots" content="noindex">' in page
    assert 'class="u-url u-uid p-nickname" href="http://testserver/@nora"' in page


@pytest.mark.one_engine
def test_what_to_paste_elsewhere_stands_where_everyone_sees_the_score() -> None:
    nora = known(**ALL)
    member, own = browser_of(person("eve")), browser_of(nora)

    pages = [text_of(browser, NORA) for browser in (Client(), member, own)]
    Profile.objects.update(score=Audience.MEMBERS)
    closed = text_of(member, NORA)

    told = ["/@nora/badge.svg" in page for page in (*pages, closed)]
    assert told == [True, True, False, False]
    assert ["oembed" in page for page in (*pages, closed)] == [True, True, True, False]
    assert "Show your score elsewhere" in pages[-1]


def test_a_part_that_is_not_open_leaves_no_trace(client: Client) -> None:
    known(page=Audience.EVERYONE, score=Audience.MEMBERS)

    page = text_of(client, NORA)
    members = text_of(browser_of(person("eve")), NORA)

    for word in ("50.4", "Score", "Known for", "Linked accounts", "Last 90 days", "Django"):
        assert word not in page, word
    assert "Score 50.4 of 100" in members
    assert "Known for" not in members


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Nora Lindqvist", "NL"),
        ("Ana (محمد)", "Aم"),
        ("O'Neil & <b>Söhne</b>", "OB"),
        ("李小龍", "李"),
        ("🎉 🚀", "🎉"),
    ],
)
def test_initials_are_letters_where_a_name_has_some(
    name: str, initials: str, client: Client
) -> None:
    nora = known(**ALL)
    User.objects.filter(pk=nora.pk).update(display_name=name)

    assert f">{initials}</text>" in text_of(client, "/@nora")


def test_the_user_name_is_told_to_nobody(client: Client) -> None:
    nora = known(**ALL)
    User.objects.filter(pk=nora.pk).update(username="nora.private.mail", display_name="")

    page = text_of(client, NORA)

    assert "nora.private.mail" not in page
    assert ">@nora</h1>" in page


def test_a_sensitive_topic_is_shown_to_nobody_though_its_person_added_it(client: Client) -> None:
    nora = known(**ALL)
    topics.add(nora.pk, "cycling", now=NOW)
    topics.add(nora.pk, "depression", now=NOW)

    page = text_of(client, NORA)

    assert "Cycling" in page
    assert "Depression" not in page


@pytest.mark.parametrize(
    "handle",
    [
        "nobody_here",
        "hidden",
        "gone",
        "eve.blocked",
        "a b",
        "n%C3%B6ra",
        "%F0%9F%8E%89",
        "%25",
        "%00",
        "nora%2Fx",
        "..",
        "x" * 500,
        "nora'--",
    ],
)
def test_whatever_is_not_there_or_not_open_is_answered_in_the_same_words(
    handle: str, client: Client
) -> None:
    named("hidden", page=Audience.NOBODY, score=Audience.EVERYONE, findable=False)
    gone = named("gone", page=Audience.EVERYONE)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    unknown = client.get("/@never_was")

    response = client.get(f"/@{handle}")

    assert response.status_code == unknown.status_code == 404
    assert response.content == unknown.content
    assert dict(response.items()) == dict(unknown.items())


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=20)
def test_any_text_after_the_sign_is_answered_that_nothing_is_there(text: str) -> None:
    asked = quote(text, safe="")

    assert Client().get(f"/@{asked}").status_code == 404
    assert Client().get(f"/@{asked}/feed.json").status_code == 404


def test_whoever_is_blocked_reads_the_same_as_for_nobody() -> None:
    nora, eve = known(**ALL), person("eve")
    blocking.block(by=nora, whom=eve, now=NOW)
    browser = browser_of(eve)

    blocked, unknown = browser.get(NORA), browser.get("/@never_was")

    assert blocked.status_code == 404
    assert _without_token(blocked.content) == _without_token(unknown.content)
    assert browser.post("/@nora/block/").status_code == 404


@pytest.mark.parametrize("path", ["/@Nora", "/@NORA/", "/@nora/", "/@lindqvist"])
def test_every_spelling_and_the_old_handle_lead_to_the_one_address(
    path: str, client: Client
) -> None:
    nora = known(**ALL)
    nora.handles.create(name="lindqvist", looks="lindqvist", taken_at=NOW, left_at=NOW)

    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, NORA)


def test_an_old_handle_of_a_closed_page_leads_nowhere(client: Client) -> None:
    nora = known()
    nora.handles.create(name="lindqvist", looks="lindqvist", taken_at=NOW, left_at=NOW)

    assert client.get("/@lindqvist").status_code == 404
    assert client.get("/@NORA").status_code == 404
    assert "Only you can open this page now" in text_of(browser_of(nora), NORA)


def test_the_public_page_sets_no_cookie_and_is_not_sent_twice(client: Client) -> None:
    known(**ALL)

    first = client.get(NORA)
    again = client.get(NORA, headers={"if-none-match": first["ETag"]})
    Profile.objects.update(score=Audience.NOBODY)
    changed = client.get(NORA, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, b"Score 50.4 of 100" in changed.content) == (200, False)
    assert not client.cookies


def test_search_engines_may_list_the_page_of_who_says_so(client: Client) -> None:
    known(**ALL, indexed=True)

    assert "noindex" not in text_of(client, NORA)
    assert "X-Robots-Tag" not in client.get(FEEDS[0])


def test_a_page_asks_the_same_few_questions(django_assert_num_queries: AssertQueries) -> None:
    nora = known(**ALL)
    history(nora, [40.0 + day / 10 for day in range(60)], until=TODAY.replace(day=20))
    member = browser_of(person("eve"))

    # Who, days, topics and choices, badges, style, posts, accounts, +K and its words.
    for friends in (range(1), range(1, 9)):
        for number in friends:
            plusk.give(
                giver_id=person(f"friend{number}").pk, receiver_id=nora.pk, topic="django",
                because="Your talk on forms", public=True, now=NOW,
            )  # fmt: skip
        with django_assert_num_queries(10):
            assert "Your talk on forms" in text_of(Client(), NORA)
        with django_assert_num_queries(13):  # session and person, how many +K are left besides
            member.get(NORA)
    with django_assert_num_queries(1):
        Client().get("/@never_was")
    with django_assert_num_queries(3):
        Client().get(FEEDS[0])


def test_a_score_older_than_the_days_shown_is_told_with_its_day(client: Client) -> None:
    ada = named("ada", page=Audience.EVERYONE, score=Audience.EVERYONE, history=Audience.EVERYONE)
    snapshot(ada, 41.5, day=TODAY - timedelta(days=120))
    snapshot(ada, 33.5, day=TODAY - timedelta(days=121), model="before")

    page = text_of(client, "/@ada")

    assert "Score 41.5" in page
    assert "33.5" not in page
    assert "No day has a score yet." in page


def test_not_enough_to_count_is_said_and_is_no_number(client: Client) -> None:
    ada = named("ada", page=Audience.EVERYONE, score=Audience.EVERYONE, history=Audience.EVERYONE)
    snapshot(ada, None)

    page = text_of(client, "/@ada")

    assert "Not enough to count yet." in page
    assert "No day has a score yet." in page


def test_texts_of_people_are_shown_as_text(client: Client) -> None:
    ada = named("ada", page=Audience.EVERYONE, bio='"><script>alert(1)</script>')
    User.objects.filter(pk=ada.pk).update(display_name='<b>"Łukasz"</b> 日本 عربى')

    page = text_of(client, "/@ada")

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "Łukasz" in page
    assert "عربى" in page


def test_milestones_are_steps_that_were_seen_to_happen() -> None:
    nora = person("nora")
    for ago, score, reconstructed in (
        (9, 44.0, True),
        (8, 33.0, False),
        (7, None, False),
        (5, 41.0, False),
        (4, 39.0, False),
        (3, 40.5, False),
        (1, 60.0, False),
    ):
        day = TODAY.replace(day=TODAY.day - ago)
        snapshot(nora, score, day=day, reconstructed=reconstructed)

    reached = milestones.of_person(nora.pk)

    told = [(TODAY.day - one.day.day, one.code) for one in reached]
    assert told == [(1, "score-60"), (5, "score-40"), (8, "first")]
    assert milestones.of_person(person("ada").pk) == []


def test_feeds_tell_milestones_in_both_formats(client: Client) -> None:
    nora = known(**ALL)
    snapshot(nora, 33.0, day=TODAY.replace(day=2))

    feed, atom = client.get(FEEDS[0]), client.get(FEEDS[1])

    told = json.loads(feed.content)
    assert feed["Content-Type"] == "application/feed+json"
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["title"] for one in told["items"]] == [
        "Score of 50 reached on 21 November 2026",
        "First score on 2 November 2026",
    ]
    space = {"a": "http://www.w3.org/2005/Atom"}
    tree = ET.fromstring(atom.content)
    titles = [one.text for one in tree.findall("a:entry/a:title", space)]
    ids = [one.text for one in tree.findall("a:entry/a:id", space)]
    assert titles == [one["title"] for one in told["items"]]
    assert ids == [one["id"] for one in told["items"]]
    assert not client.cookies


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_are_kept_asked_about_and_gone_at_once_when_closed(path: str, client: Client) -> None:
    known(**ALL)

    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    Profile.objects.update(history=Audience.MEMBERS)

    assert first["Cache-Control"] == "public, no-cache, stale-if-error=86400"
    assert first["X-Robots-Tag"] == "noindex"
    assert again.status_code == 304
    assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 404


def test_a_feed_without_milestones_is_the_same_at_every_look(client: Client) -> None:
    named("ada", page=Audience.EVERYONE, score=Audience.EVERYONE, history=Audience.EVERYONE)

    with time_machine.travel(NOW, tick=False):
        first = client.get("/@ada/feed.atom")
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        again = client.get("/@ada/feed.atom", headers={"if-none-match": first["ETag"]})

    assert b"<entry>" not in first.content
    assert again.status_code == 304


CLOSED_SCORE = [
    ("/@nora", 200),
    ("/@nora/card.png", 200),
    ("/@nora/chart.svg", 200),
    ("/@nora/badge.svg", 200),
    ("/@nora/score.json", 404),
    ("/@nora/feed.json", 404),
    ("/@nora/feed.atom", 404),
    ("/compare/?a=nora", 200),
    ("/pulse/?of=all", 200),
    ("/pulse/?of=risers", 200),
    ("/settings/profile/preview/?as=member", 200),
    ("/api/v1/people/nora/score", 404),
]


@pytest.mark.one_engine
def test_how_it_went_is_told_nowhere_while_the_score_is_closed() -> None:
    nora = known(**ALL | {"score": Audience.NOBODY})
    history(nora, [40.0 + day / 10 for day in range(60)], until=TODAY - timedelta(days=1))
    browsers = [Client(), browser_of(person("eve")), browser_of(nora)]

    for path, status in CLOSED_SCORE:
        own = path.startswith(("/settings", "/compare", "/pulse"))
        for browser in browsers[2:] if own else browsers[:2]:
            answer = browser.get(path)
            assert answer.status_code == status, path
            assert not re.search(rb"\b(4\d|50)[.,]\d\b", answer.content), path
    found = klout_people.found(Profile.objects.all())
    assert [(one.nick, one.visible.history) for one in found] == [("nora", False)]
    Profile.objects.update(score=Audience.EVERYONE)
    assert re.search(rb"\b4\d[.,]\d\b", browsers[0].get("/@nora").content)


def test_the_settings_say_what_is_open_now() -> None:
    nora = named("nora", page=Audience.NOBODY, score=Audience.EVERYONE)
    browser = browser_of(nora)

    closed = text_of(browser, SETTINGS)
    Profile.objects.update(page=Audience.MEMBERS, history=Audience.MEMBERS)
    half = text_of(browser, SETTINGS)
    Profile.objects.update(page=Audience.EVERYONE, score=Audience.NOBODY)

    assert "Nothing, until you open it" in closed
    assert "nobody else learns that you are here. 2 of its 8 parts are open." in half
    assert "No part of it is open" in text_of(browser, SETTINGS)


def test_the_settings_begin_closed_and_open_item_by_item(client: Client) -> None:
    nora = topic_scenes.known(now=NOW)
    browser = browser_of(nora)

    before = text_of(browser, SETTINGS)
    browser.post(SETTINGS, posted(page="everyone", topics="everyone", bio="Maps"))

    assert "checked" not in before
    assert before.count('<option value="" selected>Only me</option>') == len(ALL)
    assert "Known for" in text_of(client, NORA)
    assert "50.4" not in text_of(client, NORA)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"handle": "", "page": "everyone"}, "A page needs a handle"),
        ({"handle": "a.b"}, "digits and _"),
        ({"handle": "adal0"}, "looks like it"),
        ({"bio": "\N{RIGHT-TO-LEFT OVERRIDE}moc"}, "cannot be seen"),
        ({"display_name": "Nora\N{PARAGRAPH SEPARATOR}staff"}, "cannot be seen"),
        ({"bio": "x" * 241}, "at most 240"),
        ({"page": "friends"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_saved_is_told_why_and_changes_nothing(
    changed: dict[str, str], why: str
) -> None:
    named("adalo")
    nora = person("nora")

    response = browser_of(nora).post(SETTINGS, posted(**changed))

    assert response.status_code == 400
    assert why in response.content.decode()
    assert handles.current(nora) == ""
    assert not Profile.objects.filter(user=nora).exists()


def test_whoever_has_a_handle_closes_the_page_and_keeps_the_handle() -> None:
    nora = known(**ALL)

    without = browser_of(nora).post(SETTINGS, posted(handle=""))
    closed = browser_of(nora).post(SETTINGS, posted())

    assert (without.status_code, closed.status_code) == (400, 302)
    assert Client().get(NORA).status_code == 404


def test_the_preview_shows_what_each_of_them_sees() -> None:
    nora = known(page=Audience.MEMBERS, score=Audience.EVERYONE)
    browser = browser_of(nora)

    stranger = text_of(browser, f"{SETTINGS}preview/", **{"as": "stranger"})
    member = text_of(browser, f"{SETTINGS}preview/", **{"as": "member"})

    assert "Nothing here" in stranger
    assert "50.4" not in stranger
    assert "Score 50.4 of 100" in member
    assert browser.get(f"{SETTINGS}preview/", {"as": "root"}).status_code == 404


def test_somebody_without_a_profile_previews_nothing() -> None:
    page = text_of(browser_of(person("ada")), f"{SETTINGS}preview/")

    assert "Nothing here" in page


def test_a_block_is_made_on_the_page_and_taken_back_in_the_settings() -> None:
    nora, eve = known(**ALL), named("eve")
    browser = browser_of(eve)

    assert "Block @nora" in text_of(browser, NORA)
    browser.post("/@nora/block/")
    listed = text_of(browser, SETTINGS)
    assert browser_of(nora).get("/@eve").status_code == 404
    browser.post(reverse("profile_unblock", args=[nora.pk]))

    assert "@nora is blocked" in listed
    assert "Unblock" in listed
    assert browser_of(nora).get("/@eve").status_code == 200
    assert "Block @nora" not in text_of(browser_of(nora), NORA)
    assert browser_of(nora).post("/@nora/block/").status_code == 404


def test_only_people_who_want_it_are_found_by_handle_or_name() -> None:
    eve = person("eve")
    lukasz = named("lukasz")
    User.objects.filter(pk=lukasz.pk).update(display_name="Łukasz Nowak")
    named("nowhere", findable=False)
    named("nowcher", page=Audience.NOBODY)
    blocking.block(by=named("nowblock"), whom=eve, now=NOW)
    named("nowa")

    found = [one.handle for one in searching.search("NOW", viewer=eve)]

    assert found == ["nowa", "lukasz"]
    assert [one.name for one in searching.search("łukasz", viewer=eve)] == ["Łukasz Nowak"]
    assert searching.search("@nowa", viewer=eve)[0].handle == "nowa"
    for odd in ("", "n", "%", "__", "\0now", "x" * 81):
        assert searching.search(odd, viewer=eve) == []


def test_the_search_page_says_what_it_found(django_assert_num_queries: AssertQueries) -> None:
    named("nowa")
    browser = browser_of(person("eve"))

    with django_assert_num_queries(3):
        found = text_of(browser, "/people/", q="now")

    assert 'href="/@nowa"' in found
    assert "Two letters at least." in text_of(browser, "/people/", q="n")
    assert "Nobody of this name wants to be found." in text_of(browser, "/people/", q="zzz")


def test_from_the_page_members_give_plusk_and_strangers_are_asked_to_sign_in() -> None:
    nora, eve = known(**ALL), person("eve")
    client = browser_of(eve)

    form = text_of(client, NORA)
    client.post(
        "/plusk/give/", {"to": "@nora", "topic": "django", "because": "Forms", "public": "yes"}
    )
    after = text_of(Client(), NORA)

    assert 'name="to" value="@nora"' in form
    assert 'value="django"' in form
    assert "What people thank for with +K" not in form
    assert "“Forms”" in after
    assert "Somebody here" in after
    assert "<span>1 +K</span>" in after
    assert "/accounts/login/?next=/%40nora" in after
    assert "Give +K" not in text_of(browser_of(nora), NORA)


def test_plusk_that_is_not_shown_leaves_no_trace_on_the_page() -> None:
    nora = known(**(ALL | {"plusk": Audience.NOBODY}))
    plusk.give(
        giver_id=person("eve").pk,
        receiver_id=nora.pk,
        topic="django",
        because="Forms",
        public=True,
        now=NOW,
    )

    page = text_of(browser_of(person("ada")), NORA)

    assert "“Forms”" not in page
    assert "1 +K" not in page


def test_topics_are_told_in_ones_own_order_with_strength_and_a_good_place() -> None:
    nora = known(**ALL)
    topics.move(nora.pk, "css", by=-9, now=NOW)
    topics.hide(nora.pk, "web-development", now=NOW)
    TopicScore.objects.filter(user=nora, topic="django").update(place=2, population=12)
    TopicScore.objects.filter(user=nora, topic="css").update(place=11, population=12)

    page = text_of(Client(), NORA).partition("Known for")[2]

    assert page.index("CSS and web design") < page.index(">Django<")
    assert "Web development" not in page
    assert "Strongest" in page
    assert "Number 2 of 12 people here" in page
    assert "Number 11 of 12" not in page
