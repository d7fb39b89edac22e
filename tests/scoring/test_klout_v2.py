"""Version 2 of the interface of Klout: shapes to the byte, who is found, and how it refuses."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts import blocking, tokens
from accounts.models import ApiToken, Audience, Profile, ScoreAsked, User
from scoring import limits
from scoring.engine.topics.klout_files import topic_id
from scoring.models import ScoreSnapshot
from tests.scoring.builders import NOW, TODAY, person, snapshot
from tests.scoring.klout_scenes import (
    ALL,
    EVE_ID,
    NORA_AT_X,
    NORA_ID,
    asked,
    at_x,
    eve,
    key_of,
    known_for,
    nora,
    open_to_all,
    parted,
    reacts,
)
from tests.scoring.pages import at_noon, lost
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
USER = f"/v2/user.json/{NORA_ID}"
JSON = "application/json; charset=utf-8"
DELTAS = '{"dayChange":0.125,"weekChange":0.5,"monthChange":1.25}'
IDENTITY = f'{{"id":"{NORA_ID}","network":"ks"}}'
NOBODY = (
    '{"error":404,"description":"Nobody here shows this to everyone. Check the id or the name."}'
)


BODIES = (
    (f"/v2/identity.json/tw/{NORA_AT_X}", IDENTITY),
    ("/v2/identity.json/twitter?screenName=Nora_Maps", IDENTITY),
    ("/v2/identity.json/twitter/?screenName=@nora_maps", IDENTITY),
    ("/v2/identity.json/ks/nora", IDENTITY),
    (f"/v2/identity.json/klout/{NORA_ID}/tw", f'{{"id":"{NORA_AT_X}","network":"tw"}}'),
    (f"{USER}/score", f'{{"score":50.25,"scoreDelta":{DELTAS},"bucket":"50-59"}}'),
    (
        USER,
        (
            f'{{"kloutId":"{NORA_ID}","nick":"nora","score":{{"score":50.25,"bucket":"50-59"}}'
            f',"scoreDeltas":{DELTAS}}}'
        ),
    ),
    (
        f"/v2/tw-user.json/{NORA_AT_X}/score",
        f'{{"score":50.25,"scoreDelta":{DELTAS},"bucket":"50-59"}}',
    ),
)


def test_a_body_is_what_clients_read_to_the_byte() -> None:
    key = key_of(nora())
    for path, body in BODIES:
        where, _, query = path.partition("?")
        for slash in ("", "/"):
            limits.forget()

            response = Client().get(f"{where.removesuffix('/')}{slash}?key={key}&{query}")

            assert response.content.decode() == body, path
            assert (response.status_code, response["Content-Type"]) == (200, JSON)


def test_topics_are_told_with_every_key_in_its_place() -> None:
    user = nora()
    for slug in ("css", "cycling", "jazz", "depression", "web-development"):
        known_for(user, slug, 1.0)

    body = asked(f"{USER}/topics", key_of(user)).content.decode()

    known = json.loads(body)
    assert body.startswith(
        f'[{{"id":"{topic_id("django")}","displayName":"Django","name":"Django","slug":"django",'
        '"imageUrl":"http://testserver/static/klout/topic.svg","displayType":"visible",'
        '"topicType":"entity"},{'
    )
    assert len(known) == 5
    assert "depression" not in {one["slug"] for one in known}
    assert all(one["id"].isdigit() for one in known)


def test_influence_names_those_who_reacted_and_those_reacted_to() -> None:
    me, other = nora(), eve()
    reacts(other, me, times=2)
    reacts(me, other)

    body = asked(f"{USER}/influence", key_of(me)).content.decode()

    entity = (
        f'{{"entity":{{"id":"{EVE_ID}","payload":{{"kloutId":"{EVE_ID}","nick":"eve",'
        '"score":{"score":35.61,"bucket":"30-39"},'
        '"scoreDeltas":{"dayChange":0.0,"weekChange":0.0,"monthChange":0.0}}}}'
    )
    assert body == (
        f'{{"myInfluencers":[{entity}],"myInfluencees":[{entity}],'
        '"myInfluencersCount":1,"myInfluenceesCount":1}'
    )


@pytest.mark.one_engine
def test_influence_tells_of_five_and_counts_all_the_most_first() -> None:
    me = nora()
    for number in range(7):
        other = open_to_all(f"member{number}")
        snapshot(other, 20.0 + number)
        reacts(other, me, times=1 + number % 4)

    known = asked(f"{USER}/influence", key_of(me)).json()

    nicks = [one["entity"]["payload"]["nick"] for one in known["myInfluencees"]]
    assert nicks == ["member3", "member2", "member6", "member1", "member5"]
    assert (known["myInfluenceesCount"], known["myInfluencersCount"]) == (7, 0)


def test_influence_names_and_counts_nobody_who_does_not_show_it() -> None:
    me, other = nora(), eve()
    reacts(other, me)
    reacts(me, other)
    key = key_of(me)
    for part in ("page", "score", "networks"):
        Profile.objects.filter(user=other).update(**(ALL | {part: Audience.MEMBERS}))

        known = asked(f"{USER}/influence", key).json()

        assert known == {
            "myInfluencers": [], "myInfluencees": [],
            "myInfluencersCount": 0, "myInfluenceesCount": 0,
        }, part  # fmt: skip


def test_influence_leaves_out_who_is_blocked_and_what_was_not_public() -> None:
    me, other, third = nora(), eve(), open_to_all("third")
    snapshot(third, 30.0)
    reacts(other, me)
    reacts(third, me, visibility="followers")
    blocking.block(by=other, whom=me, now=NOW)

    known = asked(f"{USER}/influence", key_of(me)).json()

    assert known["myInfluenceesCount"] == 0


def test_a_change_is_left_out_where_it_is_not_shown_how_it_went() -> None:
    key = key_of(nora(history=Audience.MEMBERS))

    assert asked(f"{USER}/score", key).content == b'{"score":50.25,"bucket":"50-59"}'
    assert list(asked(USER, key).json()) == ["kloutId", "nick", "score"]


def test_changes_are_differences_of_numbers_counted_the_same_way() -> None:
    user = open_to_all("nora", klout_id=NORA_ID)
    snapshot(user, 90.0, day=TODAY - timedelta(days=8), model="older")
    snapshot(user, 40.0, day=TODAY - timedelta(days=3))
    snapshot(user, None, day=TODAY - timedelta(days=1))
    snapshot(user, 41.5)

    changes = asked(f"{USER}/score", key_of(user)).json()["scoreDelta"]

    assert changes == {"dayChange": 1.5, "weekChange": 1.5, "monthChange": 1.5}


@pytest.mark.one_engine
def test_buckets_are_tens() -> None:
    user = open_to_all("nora", klout_id=NORA_ID)
    shot = snapshot(user)
    key = key_of(user)
    for score, bucket in ((1.0, "1-9"), (10.0, "10-19"), (89.99, "80-89"), (100.0, "90-100")):
        ScoreSnapshot.objects.filter(pk=shot.pk).update(score=score)

        assert asked(f"{USER}/score", key).json()["bucket"] == bucket


CLOSED = [
    (f"/v2/identity.json/tw/{NORA_AT_X}", "networks"),
    ("/v2/identity.json/twitter?screenName=nora_maps", "networks"),
    ("/v2/identity.json/ks/nora", "score"),
    (f"/v2/identity.json/klout/{NORA_ID}/tw", "networks"),
    (USER, "score"),
    (f"{USER}/score", "score"),
    (f"{USER}/topics", "topics"),
    (f"{USER}/influence", "score"),
    (f"{USER}/influence", "networks"),
    (f"/v2/tw-user.json/{NORA_AT_X}", "networks"),
    (f"/v2/tw-user.json/{NORA_AT_X}/topics", "networks"),
]


def test_what_is_not_open_to_everyone_is_answered_as_unknown() -> None:
    user = nora()
    key = key_of(user)
    for path, part in [*CLOSED, *((path, "page") for path, _ in CLOSED)]:
        where, parameters = parted(path)
        Profile.objects.filter(user=user).update(**ALL)
        open_ = asked(where, key, **parameters)
        Profile.objects.filter(user=user).update(**{part: Audience.MEMBERS})

        closed = asked(where, key, **parameters)

        assert open_.status_code == 200, path
        assert (closed.status_code, closed.content.decode()) == (404, NOBODY), (path, part)
        assert closed["Content-Type"] == JSON


UNKNOWN = (
    "/v2/identity.json/tw/1",
    "/v2/identity.json/gp/112975106809988327760",
    "/v2/identity.json/ig/1",
    "/v2/identity.json/fb/1",
    "/v2/identity.json/twitter",
    f"/v2/identity.json/klout/{NORA_ID}/gp",
    "/v2/user.json/1",
    "/v2/user.json/nora/score",
    "/v2/user.json/%00",
    f"/v2/user.json/{'9' * 400}/topics",
)


def test_whoever_is_unknown_is_answered_alike() -> None:
    key = key_of(nora())
    for path in UNKNOWN:
        response = asked(path, key)

        assert (response.status_code, response.content.decode()) == (404, NOBODY), path


def test_a_file_or_an_account_that_does_not_count_proves_nobody() -> None:
    user = open_to_all("nora", klout_id=NORA_ID)
    at_x(user, "later", "77")
    user.sources.update(selected=False)
    at_x(user, "file", "78")
    user.sources.filter(external_id="78").update(grant=None, claim="x 78", proven_at=NOW)
    key = key_of(user)

    for account in ("77", "78"):
        assert asked(f"/v2/identity.json/tw/{account}", key).status_code == 404


def test_somebody_without_a_number_is_answered_as_unknown() -> None:
    user = nora()
    ScoreSnapshot.objects.filter(user=user, day=TODAY).update(score=None)

    assert asked(f"{USER}/score", key_of(user)).content.decode() == NOBODY


def _ended(user: User) -> str:
    key = key_of(user)
    ApiToken.objects.update(ends_at=NOW)
    return key


def _revoked(user: User) -> str:
    key = key_of(user)
    tokens.revoke(user, now=NOW)
    return key


def _left(user: User) -> str:
    key = key_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return key


KEYS: dict[str, Any] = {
    "none": lambda _user: "",
    "unknown": lambda _user: "ks_" + "x" * 43,
    "of another shape": lambda _user: "e\0'--",
    "ended": _ended,
    "revoked": _revoked,
    "of somebody who left": _left,
    "for something else": lambda user: key_of(user, "score:read"),
}


@pytest.mark.one_engine
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_that_is_not_good_for_this_is_refused_in_json(kind: str) -> None:
    nora()
    key = KEYS[kind](person("developer"))

    response = asked(f"{USER}/score", key)

    assert (response.status_code, response["Content-Type"]) == (403, JSON)
    assert response["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_INACTIVE"
    assert list(response.json()) == ["error", "description"]
    assert response.json()["error"] == 403


def test_a_key_for_programs_of_klout_is_made_for_nothing_else() -> None:
    with pytest.raises(tokens.TokenError, match="for them alone"):
        key_of(person("developer"), tokens.KLOUT, "score:read")


def test_a_missing_key_is_refused_in_klouts_own_words() -> None:
    assert asked("/v2/user.json/1/score").content == (
        b'{"error":403,"description":"Invalid or unprovided API key. All calls must have a key."}'
    )


@pytest.mark.one_engine
def test_ten_calls_a_second_pass_and_the_next_is_told_when_to_come_back() -> None:
    user = nora()
    key, other = key_of(user), key_of(user)
    limits.forget()

    statuses = [Client().get(USER, {"key": key}).status_code for _ in range(10)]
    refused = Client().get(USER, {"key": key})

    assert statuses == [200] * 10
    assert refused.status_code == 403
    assert refused["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_OVER_QPS"
    assert refused["Retry-After"] == "1"
    assert "10 calls a second" in refused.json()["description"]
    assert Client().get(USER, {"key": other}).status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert Client().get(USER, {"key": key}).status_code == 200


@pytest.mark.one_engine
def test_a_day_has_twenty_thousand_calls_and_ends_at_midnight() -> None:
    key = key_of(nora())
    row = ApiToken.objects.get()
    limits.forget()
    for _ in range(20_000):
        limits.take(limits.Limit("klout-day", 20_000, 86_400), str(row.pk), now=NOW.timestamp())

    refused = Client().get(USER, {"key": key})

    assert refused["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_OVER_RATE"
    assert refused["Retry-After"] == str(12 * 60 * 60)
    assert "20,000 calls a day" in refused.json()["description"]


@pytest.mark.one_engine
def test_jsonp_calls_the_named_function_and_errors_reach_it_too() -> None:
    key = key_of(nora())

    good = asked(f"{USER}/score/", key, callback="jQuery17205_1330", _="1330")
    bad = asked("/v2/user.json/1/score", key, callback="my.app.show")

    assert good.content.decode() == (
        f'jQuery17205_1330({{"score":50.25,"scoreDelta":{DELTAS},"bucket":"50-59"}});'
    )
    assert good["Content-Type"] == bad["Content-Type"] == "application/javascript; charset=utf-8"
    assert (bad.status_code, bad.content.decode()) == (200, f"my.app.show({NOBODY});")


CODE = ("alert(1)//", "a;b", "a b", "<script>", "a[0]", "1a", "a..b", ".a", "a\n", "é", "a" * 999)


@pytest.mark.one_engine
def test_a_callback_with_code_in_it_is_refused_in_its_own_words() -> None:
    key = key_of(nora())
    for callback in CODE:
        response = asked(f"{USER}/score", key, callback=callback)

        assert (response.status_code, response["Content-Type"]) == (400, JSON), callback
        assert response.json() == {
            "error": 400,
            "description": "The callback must be the name of a function: letters, digits, _ and $, "
            "with dots between. Code is not called.",
        }


@pytest.mark.one_engine
def test_a_method_that_is_not_there_is_said_in_json() -> None:
    key = key_of(nora())
    for path in ("/v2", "/v2/", "/v2/user.xml/1", "/v2/tw-user.json/batch/score", "/v2/oauth/"):
        response = asked(path, key)

        assert (response.status_code, response["Content-Type"]) == (404, JSON), path
        assert response.json()["error"] == 404
        assert response["X-Mashery-Error-Code"] == "ERR_596_SERVICE_NOT_FOUND"


@pytest.mark.one_engine
def test_other_methods_than_get_are_refused_in_json() -> None:
    response = Client(enforce_csrf_checks=True).post(USER)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response["Content-Type"] == JSON


@pytest.mark.one_engine
def test_more_parameters_than_are_read_are_refused_in_json() -> None:
    response = Client().get(USER + "?" + "&".join(f"p{number}=1" for number in range(300)))

    assert (response.status_code, response["Content-Type"]) == (400, JSON)


@pytest.mark.one_engine
def test_a_fault_of_ours_is_owned_in_json_and_has_a_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_of(nora())
    monkeypatch.setattr("scoring.klout.v2.published", lambda _people: 1 / 0)

    response = asked(USER, key)

    body = response.json()
    assert (response.status_code, response["Content-Type"], body["error"]) == (500, JSON, 500)
    assert body["description"].split()[-1].removesuffix(".") in caplog.text
    assert key not in caplog.text


@pytest.mark.one_engine
def test_an_answer_is_asked_about_again_sets_no_cookie_and_an_error_is_not_kept() -> None:
    key = key_of(nora())

    first = asked(USER, key)
    again = Client().get(USER, {"key": key}, headers={"if-none-match": first["ETag"]})
    wrong = asked("/v2/user.json/1", key)

    assert lost(again, first) == {}
    assert first["Cache-Control"] == "public, no-cache"
    assert wrong["Cache-Control"] == "no-store"
    assert [one.cookies.output() for one in (first, again, wrong)] == ["", "", ""]


def test_a_person_reads_that_their_score_was_asked_for_by_a_program() -> None:
    user, developer = nora(), person("developer")
    key = key_of(developer)

    for path in (USER, f"{USER}/score", f"{USER}/topics", "/v2/identity.json/ks/nora"):
        asked(path, key)

    row = ScoreAsked.objects.get()
    assert (row.user, row.by, row.times) == (user, developer, 2)


COST = {
    "/v2/identity.json/twitter?screenName=nora_maps": 2,
    f"/v2/identity.json/klout/{NORA_ID}/tw": 3,
    USER: 4,
    f"{USER}/score": 4,
    f"{USER}/topics": 4,
    f"{USER}/influence": 4,
    f"/v2/tw-user.json/{NORA_AT_X}/influence": 4,
    "/v2/user.json/1/influence": 2,
}


def test_an_answer_asks_the_database_a_few_times(
    django_assert_num_queries: AssertQueries,
) -> None:
    me, other = nora(), eve()
    reacts(other, me)
    reacts(me, other)
    key = key_of(me)
    asked(USER, key)  # what is written once a day
    for path, cost in COST.items():
        where, parameters = parted(path)
        limits.forget()

        with django_assert_num_queries(cost, info=path):
            Client().get(where, {"key": key, **parameters})


KINDS = {"application/json", "application/javascript", "text/xml"}
PIECES = st.sampled_from(
    ["identity.json", "user.json", "tw-user.json", "tw", "klout", NORA_ID, "score", "influence", ""]
)
PATHS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=5)


@pytest.fixture
def key() -> str:
    """Return a key that may ask about nora."""
    return key_of(nora())


@given(
    version=st.sampled_from(["v2", "1"]),
    pieces=PATHS,
    callback=st.one_of(st.just(""), st.text(max_size=20)),
    users=st.text(max_size=20),
)
@example(version="1", pieces=["klout.json"], callback="", users="a\0b")
@example(version="v2", pieces=["identity.json", "twitter"], callback="a", users="\0")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_is_answered_in_json_or_xml_and_never_by_a_page(
    key: str, version: str, pieces: list[str], callback: str, users: str
) -> None:
    path = "/".join(quote(piece, safe="") for piece in (version, *pieces))
    query = {"callback": callback, "users": users, "screenName": users}

    response = asked(f"/{path}", key, **query)

    assert response.status_code in {200, 400, 404}
    assert response["Content-Type"].partition(";")[0] in KINDS
