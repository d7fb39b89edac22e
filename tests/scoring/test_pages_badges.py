"""What the pages of badges and of the style say in each state, and what is done on them."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from accounts import figures, handles
from accounts.models import Audience, Profile, User
from scoring import badges
from scoring.badges import names
from scoring.charts.medal import _SIGNS, EDGES, medal
from scoring.engine.badges import BADGES, TABLE
from scoring.engine.style import GRID, Numbers
from scoring.models import BadgeAward, BadgeHere, BadgeStanding
from scoring.views import style_words
from tests.scoring import badge_scenes
from tests.scoring.builders import NOW, person, snapshot
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def with_page(**shows: str) -> User:
    """Return somebody with badges and a style who shows these items to everyone."""
    nora = badge_scenes.decorated()
    handles.take(nora, "nora", now=NOW)
    Profile.objects.create(user=nora, page=Audience.EVERYONE, **shows)
    return nora


def names_in(page: str) -> list[str]:
    """Return the names of the tiles of a page, in their order."""
    return re.findall(r"<h3>\s*(?:<a [^>]*>)?\s*([^<]+?)\s*<", page)


def csrf_free(page: str) -> str:
    """Return a page without what differs at every look."""
    return re.sub(r'X-CSRFToken": "\w+"|value="\w{64}"', "", page)


def test_the_page_tells_what_is_earned_when_and_how_many_have_it() -> None:
    page = text_of(browser_of(badge_scenes.decorated()), "/badges/")

    assert names_in(page)[0] == "First friend, 1"
    assert "Well liked, 1,000" in page
    assert "The posts got 1,000 likes." in page
    assert "Earned 12 November 2026." in page
    assert "9 % of people here have it." in page
    assert "Earned under the rule of 2025." in page
    assert "4 badges were earned, at least in part, by what had happened before" in page


def test_the_page_tells_the_nearest_three_with_true_numbers() -> None:
    page = text_of(browser_of(badge_scenes.decorated()), "/badges/")

    near = page[page.index(">Nearest<") : page.index("Hidden from others")]
    assert names_in(near) == ["Passed on, 100", "Talk of the town, 500", "Open hand, 10"]
    assert "4 more reposts or quotes: 96 of 100." in near
    assert "3 more +K to give: 7 of 10." in near


def test_without_a_badge_the_page_tells_what_is_near_and_what_nobody_tells() -> None:
    page = text_of(browser_of(badge_scenes.nearly()), "/badges/")

    assert "No badge yet" in page
    assert "39 more people: 61 of 100." in page
    assert "Not told" in page
    assert "Badges of old posts" not in page


def test_whoever_was_never_counted_reads_how_badges_come() -> None:
    page = text_of(browser_of(person()), "/badges/")

    assert "Badges are counted with your score." in page
    assert 'href="/start/"' in page


def test_a_badge_has_a_page_with_its_levels_and_rule() -> None:
    client = browser_of(badge_scenes.decorated())

    likes, early = text_of(client, "/badges/likes/"), text_of(client, "/badges/early/")

    assert names_in(likes) == [f"Well liked, {level:,}" for level in BADGES["likes"].levels]
    assert "Counted 23 August 2026; it may have been earlier." in likes
    assert "8,096 more likes." in likes
    assert "You hid this badge from others." in early
    assert client.get("/badges/nothing/").status_code == 404


def test_badges_are_pinned_hidden_and_shown_again_by_buttons() -> None:
    nora = badge_scenes.decorated()
    client = browser_of(nora)

    for act, said in (
        ("pin", "Well liked is pinned"),
        ("hide", "Well liked is hidden from others. You keep it."),
        ("show", "Well liked is shown again."),
        ("unpin", "stands among the others again"),
    ):
        answer = client.post(f"/badges/likes/{act}/", follow=True)
        assert said in answer.content.decode()

    assert client.post("/badges/likes/polish/").status_code == 404
    assert client.post("/badges/reposts/pin/").status_code == 404
    assert client.get("/badges/likes/pin/")["Location"] == "/badges/likes/"


def test_a_fourth_pin_is_refused_with_what_to_do() -> None:
    client = browser_of(badge_scenes.decorated())
    for slug in ("likes", "history"):
        client.post(f"/badges/{slug}/pin/")

    answer = client.post("/badges/people/pin/", follow=True)

    said = answer.content.decode()
    assert "3 badges are pinned already. Take one of them off first." in said


def test_badges_of_old_posts_are_left_out_and_had_again_by_one_switch() -> None:
    client = browser_of(badge_scenes.decorated())

    client.post("/badges/old-posts/", {"old": "decline"})
    without = text_of(client, "/badges/")
    client.post("/badges/old-posts/", {"old": "have"})
    again = text_of(client, "/badges/")

    assert "Full house, 100" not in names_in(without)
    assert "Well liked, 1,000" in names_in(without)
    assert "They are left out, here and for others." in without
    assert "Full house, 100" in names_in(again)


def test_among_few_people_nothing_is_told_of_how_many_have_it() -> None:
    nora = badge_scenes.decorated()
    BadgeHere.objects.update(population=9)

    assert "of people here have it" not in text_of(browser_of(nora), "/badges/")


def test_others_see_what_is_open_to_them_the_pinned_first_and_nothing_hidden(
    client: Client,
) -> None:
    with_page(badges=Audience.EVERYONE)

    page = text_of(client, "/@nora")

    listed = re.findall(r'"/@nora/badges/[\w-]+/">([^<]+)</a>', page)
    assert (len(listed), listed[0]) == (9, "First friend, 1")
    assert [title.split(",")[0] for title in re.findall(r"<title>([^<]+)</title><path", page)] == [
        "First friend", "Thanked", "Stone in the water",
    ]  # fmt: skip
    assert "Early light" not in page
    assert "Socializer" not in page
    assert "Hide" not in page


def test_a_badge_that_somebody_shows_has_a_page_that_leads_to_thanking_for_it() -> None:
    nora, eve = with_page(badges=Audience.EVERYONE), person("eve")

    stranger = text_of(Client(), "/@nora/badges/likes/")
    member = text_of(browser_of(eve), "/@nora/badges/likes/")
    own = text_of(browser_of(nora), "/@nora/badges/likes/")

    for told in (
        "Well liked, 1,000",
        "The posts got 1,000 likes.",
        "Earned 12 November 2026.",
        "9 % of people here have it.",
        "Well liked, 100",
        names.counted("likes"),
    ):
        assert told in stranger  # fmt: skip
    assert 'href="/accounts/login/?next=/plusk/give/%3Fto%3D%40nora"' in stranger
    assert 'href="/plusk/give/?to=@nora"' in member
    assert "/plusk/give/" not in own
    assert 'name="robots" content="noindex"' in stranger
    assert Client().get("/@Nora/badges/likes/").headers["Location"] == "/@nora/badges/likes/"


def test_of_a_badge_that_is_not_shown_nobody_learns_whether_it_is_held() -> None:
    with_page(badges=Audience.MEMBERS)
    stranger, member = Client(), browser_of(person("eve"))

    closed = [stranger.get(f"/@{path}/") for path in ("nora/badges/likes", "nobody/badges/likes")]
    hidden = [
        member.get(f"/@nora/badges/{slug}/") for slug in ("early", "plusk-given", "unheard-of")
    ]

    for answers in (closed, hidden):
        assert {answer.status_code for answer in answers} == {404}
        assert len({csrf_free(answer.content.decode()) for answer in answers}) == 1


def test_closed_badges_and_style_leave_no_trace(client: Client) -> None:
    with_page(score=Audience.EVERYONE, badges=Audience.MEMBERS, style=Audience.MEMBERS)

    page = text_of(client, "/@nora")
    members = text_of(browser_of(person("eve")), "/@nora")

    assert 'class="medal' not in page
    assert "Socializer" not in page
    assert "First friend, 1" in members
    assert "<strong>Socializer</strong>" in members


def test_a_feed_tells_badges_where_they_are_open_and_none_of_old_posts(client: Client) -> None:
    open_to_all = dict.fromkeys(("score", "history", "badges"), Audience.EVERYONE)
    nora = with_page(**open_to_all)
    snapshot(nora, 40.0)

    feed = json.loads(client.get("/@nora/feed.json").content)["items"]
    Profile.objects.update(badges=Audience.NOBODY)
    closed = json.loads(client.get("/@nora/feed.json").content)["items"]

    titles = [item["title"] for item in feed]
    assert "Badge earned on 12 November 2026: Well liked, 1,000" in titles
    assert not [title for title in titles if "Early" in title or "Full house" in title]
    assert [item["date_published"] for item in feed] == sorted(
        (item["date_published"] for item in feed), reverse=True
    )
    assert len({item["id"] for item in feed}) == len(feed)
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("path", "cost"),
    [("/badges/", 6), ("/badges/likes/", 6), ("/@nora/badges/likes/", 5), ("/style/", 3)],
)
def test_pages_ask_the_same_few_questions(
    path: str, cost: int, django_assert_num_queries: AssertQueries
) -> None:
    client = browser_of(with_page(badges=Audience.EVERYONE))

    with django_assert_num_queries(cost):  # session and person are two of them
        client.get(path)


def test_the_style_is_told_with_its_place_and_numbers() -> None:
    page = text_of(browser_of(badge_scenes.decorated()), "/style/")

    assert "Your style: Socializer" in page
    assert '<li aria-current="true"><span>Social\u00adizer</span></li>' in page
    assert '<circle cx="2.' in page
    assert "Of 44 posts that answer nobody, 38 lead nowhere else." in page
    assert "Posts on 38 of 84 days." in page
    assert "Of 64 posts, 20 answer somebody. Who answers is counted as listening" in page
    assert "As broad as 5.2 topics would be" in page


def test_too_little_for_a_style_is_said_with_what_is_missing() -> None:
    page = text_of(browser_of(badge_scenes.nearly()), "/style/")

    assert "Your style is not known yet" in page
    assert "20 posts in 84 days; there are 9." in page
    assert "8 posts of which we can tell the topic; there are 3." in page
    assert "aria-current" not in page[page.index("<main") :]


def test_whoever_was_never_counted_reads_how_a_style_comes() -> None:
    page = text_of(browser_of(person()), "/style/")

    assert "Your style is worked out with your first score." in page


def test_every_kind_has_a_name_and_a_sentence_of_its_own() -> None:
    kinds = [kind for line in GRID for kind in line]

    assert list(style_words.KINDS) == kinds
    assert len({style_words.meaning(kind) for kind in kinds}) == len(kinds)


def test_every_number_of_a_style_is_said_whatever_it_is() -> None:
    for numbers in (Numbers(1, 1, 0, 0, 0.0, 1, 1), Numbers(2_000, 0, 0, 30, 4.0, 84, 12)):
        assert all("%" not in axis.counted for axis in style_words.axes(numbers))
        middle = figures.decimal(0.75 * numbers.own)
        assert style_words.axes(numbers)[0].counted.endswith(f"stands for {middle}.")
        assert all(text.endswith(".") for text in style_words.missing(numbers))


def test_every_badge_and_level_is_drawn_and_no_two_levels_alike() -> None:
    assert set(_SIGNS) == set(BADGES)
    for badge in TABLE:
        drawn = [str(medal(badge.slug, rank=at, number="1")) for at in range(1, EDGES + 1)]
        assert len(set(drawn)) == EDGES
        for svg in drawn:
            root = ET.fromstring(svg)
            assert root.get("aria-hidden") == "true"
            assert not [one for one in root.iter() if one.get("id") or one.get("style")]


def test_a_drawing_speaks_where_it_stands_alone_and_escapes_what_it_says() -> None:
    root = ET.fromstring(str(medal("likes", rank=1, number="<b>", title="Well liked, 100 & more")))

    assert root.get("role") == "img"
    assert [one.text for one in root.iter("title")] == ["Well liked, 100 & more"]
    assert [one.text for one in root.iter("text")] == ["<b>"]


@pytest.mark.parametrize(("progress", "arc"), [(0.0, None), (0.62, "62.0 200"), (4.0, "100.0 200")])
def test_the_way_to_a_level_is_drawn_as_long_as_it_is(progress: float, arc: str | None) -> None:
    root = ET.fromstring(str(medal("likes", rank=2, number="500", progress=progress)))

    rings = [one for one in root.iter("path") if one.get("class") == "ring"]
    assert [one.get("stroke-dasharray") for one in rings] == ([arc] if arc else [])


def test_who_leaves_takes_badges_and_style_along() -> None:
    nora = badge_scenes.decorated()

    nora.delete()

    assert not BadgeAward.objects.exists()
    assert not BadgeStanding.objects.exists()
    assert badges.of_person(1).shown == []
