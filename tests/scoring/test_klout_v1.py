"""Version 1 of the interface of Klout: names at X, five at once, as JSON and as XML."""

import io
import json
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from accounts.models import Audience, Profile, ScoreAsked
from scoring import limits
from scoring.models import Style
from scoring.views import style_words
from tests.scoring.badge_scenes import styled
from tests.scoring.builders import person
from tests.scoring.klout_scenes import asked, eve, key_of, nora, open_to_all, reacts
from tests.scoring.pages import at_noon, lost
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
NO_USERS = '{"status":200,"headers":[],"body":{"error":"No users"}}'
SHOW = (
    '{"twitter_id":"26565946","twitter_screen_name":"Nora_Maps","score":{"kscore":50.25,'
    '"slope":0.05,"description":"","kclass_id":null,"kclass":"","kclass_description":"",'
    '"kscore_description":"","network_score":42.03,"amplification_score":14.24,"true_reach":234,'
    '"delta_1day":0.12,"delta_5day":0.25}}'
)
NORA, EVE = (
    '{"twitter_screen_name":"Nora_Maps","kscore":50.25}',
    '{"twitter_screen_name":"eve","kscore":35.61}',
)
BODIES = {
    "klout": NORA,
    "users/show": SHOW,
    "users/topics": '{"twitter_screen_name":"Nora_Maps","topics":["django","music"]}',
    "soi/influenced_by": f'{{"twitter_screen_name":"Nora_Maps","influencers":[{EVE}]}}',
    "soi/influencer_of": f'{{"twitter_screen_name":"Nora_Maps","influencees":[{EVE}]}}',
}


def test_each_method_answers_what_clients_read_to_the_byte() -> None:
    me, other = nora(), eve()
    reacts(other, me)
    reacts(me, other)
    key = key_of(me)
    for method, user in BODIES.items():
        for slash in ("", "/"):
            response = asked(f"/1/{method}.json{slash}", key, users="nora_maps")

            assert response.content.decode() == f'{{"status":200,"users":[{user}]}}', method
            assert response["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.one_engine
def test_the_class_of_a_person_is_their_style_where_it_is_open_to_everyone() -> None:
    me = nora(style=Audience.EVERYONE)
    styled(me)
    key = key_of(me)

    shown = asked("/1/users/show.json", key, users="nora_maps").json()["users"][0]["score"]
    Profile.objects.update(style=Audience.MEMBERS)
    closed = asked("/1/users/show.json", key, users="nora_maps").json()["users"][0]["score"]

    kind = Style.objects.get(user=me).kind
    assert (shown["kclass"], shown["kclass_description"]) == (
        style_words.name(kind),
        style_words.meaning(kind),
    )
    assert shown["kclass_id"] is None
    assert (closed["kclass"], closed["kclass_description"]) == ("", "")


@pytest.mark.one_engine
def test_xml_names_the_same_fields() -> None:
    me, other = nora(), eve()
    reacts(other, me)
    key = key_of(me)

    scores = asked("/1/klout.xml", key, users="eve,nora_maps")
    shown = asked("/1/users/show.xml", key, users="nora_maps").content.decode()
    named = asked("/1/soi/influencer_of.xml/", key, users="nora_maps").content.decode()
    none = asked("/1/klout.xml", key, users="nobody")

    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert scores["Content-Type"] == "text/xml; charset=utf-8"
    assert scores.content.decode() == (
        f"{head}<users><user><twitter_screen_name>eve</twitter_screen_name><kscore>35.61</kscore>"
        "</user><user><twitter_screen_name>Nora_Maps</twitter_screen_name><kscore>50.25</kscore>"
        "</user></users>"
    )
    assert "<true_reach>234</true_reach><delta_1day>0.12</delta_1day>" in shown
    assert "<influencees><user><twitter_screen_name>eve</twitter_screen_name>" in named
    assert (none.status_code, b"<error>No users</error>" in none.content) == (200, True)


@pytest.mark.parametrize(
    "query", ["users=eve,nora_maps", "users=eve%2CNORA_MAPS", "users=eve&users=@Nora_Maps"]
)
def test_names_come_with_commas_or_one_by_one_and_stay_in_order(query: str) -> None:
    me, _other = nora(), eve()

    body = Client().get(f"/1/klout.json?{query}&key={key_of(me)}").content.decode()

    assert body == f'{{"status":200,"users":[{EVE},{NORA}]}}'


@pytest.mark.parametrize("users", ["", "nobody", "nora", "a\0b", "é", ",,,"])
def test_no_user_is_said_with_status_200(users: str) -> None:
    response = asked("/1/klout.json", key_of(nora()), users=users)

    assert (response.status_code, response.content.decode()) == (200, NO_USERS)


def test_whoever_does_not_show_it_is_no_user() -> None:
    me = nora()
    key = key_of(me)
    for part, method in (
        ("page", "klout"),
        ("networks", "klout"),
        ("score", "klout"),
        ("score", "users/show"),
        ("topics", "users/topics"),
        ("networks", "users/topics"),
        ("networks", "soi/influenced_by"),
        ("score", "soi/influencer_of"),
    ):
        Profile.objects.filter(user=me).update(**{part: Audience.MEMBERS})
        closed = asked(f"/1/{method}.json", key, users="nora_maps")
        Profile.objects.filter(user=me).update(**{part: Audience.EVERYONE})

        assert closed.content.decode() == NO_USERS, (part, method)


@pytest.mark.one_engine
def test_changes_are_left_out_where_it_is_not_shown_how_it_went() -> None:
    key = key_of(nora(history=Audience.NOBODY))

    score = asked("/1/users/show.json", key, users="nora_maps").json()["users"][0]["score"]

    assert not {"slope", "delta_1day", "delta_5day"} & score.keys()
    assert score["kscore"] == 50.25


@pytest.mark.one_engine
def test_more_than_five_users_and_unknown_methods_are_refused_in_json() -> None:
    key = key_of(person("developer"))

    many = asked("/1/klout.json", key, users="a,b,c,d,e,f")
    other = [asked(f"/1/{path}", key) for path in ("", "klout.yaml", "users/history.json", "%0a")]
    no_key = asked("/1/klout.xml", users="nora_maps")

    assert (many.status_code, many.json()["error"]) == (400, 400)
    assert [one.status_code for one in other] == [404] * 4
    assert no_key.json()["error"] == no_key.status_code == 403


def test_a_call_about_five_asks_the_database_four_times_and_counts_each(
    django_assert_num_queries: AssertQueries,
) -> None:
    people = [nora(), eve(), *(open_to_all(f"member{number}") for number in range(3))]
    reacts(people[0], people[1])
    key = key_of(people[0])
    users = "nora_maps,eve,a,b,c"
    for method in BODIES:
        asked(f"/1/{method}.json", key, users=users)  # what is written once a day
        limits.forget()

        with django_assert_num_queries(4, info=method):
            Client().get(f"/1/{method}.json", {"key": key, "users": users})

    assert sorted(ScoreAsked.objects.values_list("times", flat=True)) == [4, 4]


class Broken(io.BytesIO):
    """What is read of a connection that its client broke off."""

    def read(self, _size: int | None = -1, /) -> bytes:
        raise OSError("the connection was reset")


@pytest.mark.one_engine
def test_key_and_names_may_come_as_a_form_and_scripts_of_others_may_read() -> None:
    key = key_of(nora())
    browser = Client(enforce_csrf_checks=True)
    form = "application/x-www-form-urlencoded"
    latin = f"{form}; charset=ISO-8859-1"  # what Java's HttpClient says unless told otherwise

    told = browser.post("/1/klout.json", f"key={key}&users=nora_maps", content_type=latin)
    mixed = browser.post(f"/1/klout.json?key={key}", "users=Nora_Maps", content_type=form)
    other = browser.post("/1/klout.json", {"key": key})  # of several parts: not read
    large = browser.post("/1/klout.json", "users=" + "a" * 300_000, content_type=form)
    broken = browser.post("/1/klout.json", "users=a", content_type=form, **{"wsgi.input": Broken()})
    put = browser.put("/1/klout.json")

    assert told.json()["users"] == mixed.json()["users"] == [json.loads(NORA)]
    assert [one.status_code for one in (other, large, broken, put)] == [403, 400, 400, 405]
    assert put["Allow"] == "GET, HEAD, POST"
    assert {one["Access-Control-Allow-Origin"] for one in (told, other, large, put)} == {"*"}


@pytest.mark.one_engine
def test_the_feed_says_the_score_of_each_day_as_its_readers_know_it() -> None:
    me = nora()
    key = key_of(me)

    feed = asked(f"/feed/{key}/Nora_Maps.xml")
    again = Client().get(f"/feed/{key}/Nora_Maps.xml/", headers={"If-None-Match": feed["ETag"]})
    Profile.objects.update(history="members")
    today = ET.fromstring(asked(f"/feed/{key}/nora.xml").content)

    titles = [one.text for one in ET.fromstring(feed.content).findall("channel/item/title")]
    assert feed["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert titles == [
        "Nora_Maps's Klout Score for Nov 21 is: 50.25, up by 0.12",
        "Nora_Maps's Klout Score for Nov 20 is: 50.12, up by 0.12",
        "Nora_Maps's Klout Score for Nov 16 is: 50.00, up by 0.25",
        "Nora_Maps's Klout Score for Nov 14 is: 49.75, up by 0.75",
        "Nora_Maps's Klout Score for Oct 22 is: 49.00",
    ]
    assert lost(again, feed) == {}
    assert today.findtext("channel/item/title") == "nora's Klout Score for Nov 21 is: 50.25"
    assert ScoreAsked.objects.get(user=me).times == 3


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["nobody", "no.ra", "nora%00", "a" * 200, "eve"])
def test_the_feed_of_whoever_does_not_show_it_is_that_of_nobody(name: str) -> None:
    key = key_of(nora())
    eve(score="members")

    answer = asked(f"/feed/{key}/{name}.xml")
    without = asked(f"/feed/no-key/{name}.xml")

    assert (answer.status_code, answer.json()["error"]) == (404, 404)
    assert without["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_INACTIVE"
