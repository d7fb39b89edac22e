"""The API: what each address tells, to whom, and what it says when something is in the way."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone

from accounts import blocking, handles, tokens
from accounts.models import ApiToken, Profile, User
from kloutsite.api import openapi
from scoring import topics
from scoring.api.problems import KINDS
from scoring.badges import names
from scoring.models import Style
from tests.scoring import api_scenes as scenes
from tests.scoring import badge_scenes, people_scenes
from tests.scoring.api_scenes import ALL, BASE, KEY, problem, program, token_of, told
from tests.scoring.builders import NOW, TODAY, history, person
from tests.scoring.pages import at_noon, lost
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
OWN = {  # address -> scope
    "/me": "profile:read",
    "/me/access": "profile:read",
    "/me/score": "score:read",
    "/me/history": "score:read",
    "/me/why": "score:read",
    "/me/milestones": "score:read",
    "/me/moments": "score:read",
    "/me/badges": "profile:read",
    "/me/style": "profile:read",
    "/me/topics": "topics:read",
    "/me/topics/{topic}": "topics:read",
    "/me/links": "links:read",
    "/me/links/{link}": "links:read",
    "/me/cases": "cases:read",
    "/me/cases/{case}": "cases:read",
    "/me/tokens": "profile:read",
    "/me/blocks": "profile:read",
    "/me/notices": "notices:read",
    "/me/notices/kinds": "notices:read",
    "/me/mails": "notices:read",
    "/me/perks": "perks:read",
    "/me/perks/{perk}": "perks:read",
    "/me/claims": "perks:read",
    "/me/claims/{claim}": "perks:read",
    "/me/given": "perks:read",
    "/me/moved": "people:read",
    "/me/pulse": "people:read",
    "/me/when": "score:read",
    "/me/plusk/received": "plusk:read",
    "/me/plusk/given": "plusk:read",
    "/people?q=ahm": "people:read",
    "/people/{handle}": "people:read",
}
WRITES = {  # address -> method, scope
    "/plusk": ("POST", "plusk:give"),
    "/me/notices/read": ("POST", "notices:write"),
    "/me/notices/kinds/{kind}": ("PUT", "notices:write"),
}


def test_the_score_comes_with_range_parts_and_time() -> None:
    nora = scenes.known()

    score = told(program(token_of(nora)), "/me/score")

    assert (score["score"], score["low"], score["high"]) == (50.4, 47.4, 52.4)
    assert score["parts"] == {
        "true_reach": 50.4,
        "amplification": 50.4,
        "network_impact": 50.4,
    }
    assert score["day"] == "2026-11-21"
    assert score["as_of"] == "2026-11-21T12:00:00Z"
    assert isinstance(score["people"], int)


def test_a_day_without_enough_to_count_is_null_and_no_number() -> None:
    asking = program(token_of(scenes.known()))

    days = {day["day"]: day for day in told(asking, "/me/history")["days"]}

    assert days["2026-11-12"]["score"] is None
    assert problem(program(token_of(person("ada"))).get(f"{BASE}/me/score")) == (404, "no-score")
    assert problem(program(token_of(person("eve"))).get(f"{BASE}/me/why")) == (404, "no-score")


def test_topics_come_with_what_led_there() -> None:
    asking = program(token_of(scenes.known()))

    mine = {one["topic"]: one for one in told(asking, "/me/topics")["topics"]}
    grounds = told(asking, "/me/topics/django")
    nothing = told(asking, "/me/topics/jazz")

    whole = sum(post["strength"] for post in grounds["posts"]) + grounds["rest_strength"]
    assert whole == pytest.approx(mine["django"]["strength"])
    assert grounds["posts"][0]["because"]
    assert (nothing["strength"], nothing["posts"]) == (None, [])
    unknown = asking.get(f"{BASE}/me/topics/xyzzy")
    assert problem(unknown) == (404, "not-found")
    assert "There is no topic of this name" in json.loads(unknown.content)["detail"]


def test_links_plusk_milestones_and_profile_can_be_had() -> None:
    nora, ahmed = scenes.among_friends()
    asking = program(token_of(nora))

    links = told(asking, "/me/links")["links"]
    got, gave = told(asking, "/me/plusk/received"), told(asking, "/me/plusk/given")
    beyond = told(asking, f"/me/plusk/given?cursor={gave['plusk'][0]['id']}")

    assert [(one["title"], one["state"], one["counts"]) for one in links] == [
        ("Map Room Lisbon", "healthy", True)
    ]
    assert [(one["person"], one["topic"], one["because"]) for one in got["plusk"]] == [
        ("Ahmed", "django", "Talk")
    ]
    assert [one["topic"] for one in gave["plusk"]] == ["jazz"]
    assert (beyond["plusk"], beyond["note"]) == ([], "Nothing lies beyond this cursor.")
    assert told(asking, "/me/milestones")["milestones"][-1]["code"] == "first"
    assert told(asking, "/me")["page"] == "everyone"
    assert told(program(token_of(person("ada"))), "/me")["page"] == "nobody"
    assert ahmed.pk


def test_badges_come_with_their_rules_and_what_is_missing_for_the_next() -> None:
    nora = badge_scenes.decorated()

    mine = told(program(token_of(nora)), "/me/badges")

    first, last = mine["badges"][0], mine["badges"][-1]
    assert (first["badge"], first["pinned"], first["hidden"]) == ("newcomers", True, False)
    assert (last["badge"], last["pinned"], last["hidden"]) == ("early", False, True)
    likes = next(one for one in mine["badges"] if one["badge"] == "likes")
    assert (likes["level"], likes["lower_levels"], likes["took"]) == (
        1_000,
        [500, 100],
        "The posts got 1,000 likes.",
    )
    assert likes["counted"] == names.counted("likes")
    ahead = {one["badge"]: one for one in mine["next"]}
    assert (ahead["people"]["count"], ahead["people"]["missing"]) == (312, 188)
    assert sum(one["near"] for one in mine["next"]) == 3
    assert "early" not in ahead


def test_a_style_comes_with_its_numbers_and_too_little_is_no_style() -> None:
    nora, ada = badge_scenes.decorated(), person("ada")
    badge_scenes.styled(ada, replace(badge_scenes.NUMBERS, posts=3))

    known, short, none = (
        told(program(token_of(user)), "/me/style") for user in (nora, ada, person("eve"))
    )

    row = Style.objects.get(user=nora)
    assert (known["kind"], known["across"], known["down"]) == (row.kind, row.across, row.down)
    assert (known["numbers"]["posts"], known["missing"]) == (64, [])
    assert (short["kind"], short["across"], len(short["missing"])) == ("", None, 1)
    assert (none["kind"], none["numbers"], none["as_of"]) == ("", None, None)


def test_moments_come_largest_first_and_private_ones_to_their_person_alone() -> None:
    nora, source = people_scenes.author()
    handles.take(nora, "nora", now=NOW)
    people_scenes.posts_that_moved(source, [0.2, 0.6])
    people_scenes.moved(people_scenes.post_by(source, "Secret", visibility="private"), 2.0)
    Profile.objects.update(moments="members")

    mine = told(program(token_of(nora)), "/me/moments")["moments"]
    theirs = told(program(token_of(person("eve"))), "/people/nora")["moments"]

    assert [(one["text"], one["points"], one["public"]) for one in mine] == [
        ("Secret", 2.0, False),
        ("Post 2", 0.6, True),
        ("Post 1", 0.2, True),
    ]
    assert mine[0]["reactions"] == {"like": 3}
    assert [one["text"] for one in theirs] == ["Post 2", "Post 1"]


def test_people_show_badges_and_style_as_on_their_page() -> None:
    nora = badge_scenes.decorated()
    handles.take(nora, "nora", now=NOW)
    Profile.objects.create(user=nora, page="members", badges="members", style="members")

    shown = told(program(token_of(person("eve"))), "/people/nora")

    assert shown["badges"][0]["badge"] == "newcomers"
    assert "early" not in {one["badge"] for one in shown["badges"]}
    assert set(shown["badges"][0]) == {"badge", "name", "level", "took", "earned_on", "exact"}
    assert shown["style"]["kind"] == Style.objects.get(user=nora).kind
    assert "numbers" not in shown["style"]


def test_each_scope_opens_what_it_is_for_and_nothing_else() -> None:
    nora, _ahmed = scenes.among_friends()
    by_scope = {scope: program(token_of(nora, scope)) for scope in tokens.SCOPES}
    named = scenes.named(nora)
    asked = [(path.format(**named), "GET", needed) for path, needed in OWN.items()]
    asked += [(path.format(**named), *each) for path, each in WRITES.items()]

    for path, method, needed in asked:
        for scope, asking in by_scope.items():
            response = asking.generic(method, f"{BASE}{path}", "{}", "application/json")

            if scope == needed:
                assert response.status_code == (200 if method == "GET" else 422), path
                continue
            assert problem(response) == (403, "missing-scope"), path
            assert "private" in response["Cache-Control"], path
            assert json.loads(response.content)["scope"] == needed
            assert f'scope="{needed}"' in response["WWW-Authenticate"]


def test_a_token_shows_its_own_person_alone() -> None:
    nora, ahmed = scenes.among_friends()
    asking, named = program(token_of(ahmed)), scenes.named(nora)

    for path in OWN.keys() - {"/me/pulse"}:  # which names who shows it
        if path.startswith("/me"):
            body = asking.get(f"{BASE}{path}".format(**named)).content.decode()

            for word in ("50.4", "Map Room Lisbon", "Maps of harbours", "queryset", "Held for"):
                assert word not in body, path


def test_the_matrix_names_every_address_of_the_document() -> None:
    stated = {path.partition("?")[0] for path in OWN} | WRITES.keys()

    document = {path.removeprefix(BASE) for path in openapi()["paths"]}

    assert document - stated == {"/people/{handle}/score"}
    assert stated <= document


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "no-token"),
        ("", "malformed-token"),
        ("Bearer", "malformed-token"),
        ("Bearer ks_short", "malformed-token"),
        ("Basic bm9yYTpub3Jh", "malformed-token"),
        ("Bearer " + "ä" * 46, "malformed-token"),
        ("Bearer ks_" + "x" * 43, "unknown-token"),
    ],
)
def test_what_is_no_token_of_ours_is_told_why(header: str | None, kind: str) -> None:
    client = Client(headers={} if header is None else {"authorization": header})

    response = client.get(f"{BASE}/me/score")

    assert problem(response) == (401, kind)
    assert response["WWW-Authenticate"] == "Bearer"


def test_tokens_that_ended_are_told_how() -> None:
    nora = scenes.known()
    expired, revoked, closed = (token_of(nora) for _ in range(3))
    ApiToken.objects.filter(pk=scenes.row_of(expired).pk).update(ends_at=NOW)
    tokens.revoke(nora, scenes.row_of(revoked).pk, now=NOW)
    answers = [program(each).get(f"{BASE}/me/score") for each in (expired, revoked)]
    User.objects.filter(pk=nora.pk).update(is_active=False)

    answers.append(program(closed).get(f"{BASE}/me/score"))

    kinds = [problem(one) for one in answers]
    assert kinds == [(401, "expired-token"), (401, "revoked-token"), (401, "unknown-token")]
    assert "2026-11-21T12:00:00Z" in json.loads(answers[0].content)["detail"]


@pytest.mark.parametrize("name", ["token", "access_token", "API_KEY", "anything"])
def test_a_token_in_an_address_is_refused_and_its_person_warned(name: str) -> None:
    secret = token_of(scenes.known())

    response = program(secret).get(f"{BASE}/me/score", {name: secret})

    assert problem(response) == (400, "token-in-address")
    assert secret not in response.content.decode()


ODD = ("hidden", "gone", "a.b", "a b", "nöra", "🎉", "%", "%00", "..", "x" * 500, "nora'--", "NO")


def test_private_and_unknown_people_are_answered_alike() -> None:
    scenes.member("hidden", page="", score="everyone")
    gone = scenes.member("gone", **ALL)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    asking = program(token_of(person("eve")))

    for path in ("", "/score"):
        unknown = asking.get(f"{BASE}/people/never_was{path}")
        for handle in ODD:
            response = asking.get(f"{BASE}/people/{quote(handle, safe='')}{path}")

            assert problem(response) == (404, "not-found"), handle
            assert response.content == unknown.content


def test_whoever_is_blocked_finds_nobody() -> None:
    nora, eve = scenes.known(**ALL), person("eve")
    blocking.block(by=nora, whom=eve, now=NOW)

    response = program(token_of(eve)).get(f"{BASE}/people/nora")

    assert problem(response) == (404, "not-found")


def test_people_show_what_they_opened_and_a_closed_part_is_null() -> None:
    nora = scenes.known(page="members", score="members", topics="everyone")
    topics.add(nora.pk, "depression", now=NOW)
    asking = program(token_of(person("eve")))

    whole = told(asking, "/people/nora")
    Profile.objects.update(score="", topics="")
    closed = told(asking, "/people/NORA")

    assert whole["score"]["score"] == 50.4
    assert "django" in {one["topic"] for one in whole["topics"]}
    assert "depression" not in str(whole)
    kept = ("badges", "style", "moments", "accounts", "milestones")
    assert [whole[part] for part in kept] == [None] * 5
    assert (closed["handle"], closed["score"], closed["topics"]) == ("nora", None, None)


def test_a_score_that_is_open_to_everyone_needs_no_token() -> None:
    scenes.known(**ALL)

    public = told(Client(), "/people/nora/score")
    Profile.objects.update(score="members")
    members = Client().get(f"{BASE}/people/nora/score")
    wrong = program("ks_" + "x" * 43).get(f"{BASE}/people/nora/score")

    assert (public["handle"], public["score"]) == ("nora", 50.4)
    assert problem(members) == (404, "not-found")
    assert problem(wrong) == (401, "unknown-token")


@pytest.mark.parametrize(
    ("body", "content_type", "headers", "said"),
    [
        ("{", "application/json", KEY, (400, "not-json")),
        ("\xff", "application/json", KEY, (400, "not-json")),
        ("", "application/json", KEY, (415, "no-such-format")),
        ("[]", "application/json", KEY, (422, "invalid")),
        ('{"to": 1, "topic": "jazz"}', "application/json", KEY, (422, "invalid")),
        ('{"to": "a", "topic": "jazz", "points": 5}', "application/json", KEY, (422, "invalid")),
        ('{"to": "a", "topic": "jazz"}', "application/json", {}, (422, "invalid")),
        ("to=a", "application/x-www-form-urlencoded", KEY, (415, "no-such-format")),
        ("x", MULTIPART_CONTENT, KEY, (415, "no-such-format")),
        ("[" * 100_000, "application/json", KEY, (400, "not-json")),
        (" " * 300_000 + "{}", "application/json", KEY, (413, "too-large")),
    ],
)
def test_bodies_that_cannot_be_taken_are_told_why(
    body: str, content_type: str, headers: dict[str, str], said: tuple[int, str]
) -> None:
    asking = program(token_of(scenes.known()))

    response = asking.generic(
        "POST",
        f"{BASE}/plusk",
        body.encode("latin-1"),
        content_type=content_type,
        headers=headers,
    )

    assert problem(response) == said


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "headers", "faults"),
    [
        ("[]", KEY, {"body": "Input should be an object"}),
        ('{"to": 1}', KEY, {"body.to": "Input should be a valid string", "body.topic": "Field"}),
        ('{"to": "a", "topic": "b"}', {}, {"header.Idempotency-Key": "Field required"}),
    ],
)
def test_what_is_wrong_in_a_request_is_named_as_programs_name_it(
    body: str, headers: dict[str, str], faults: dict[str, str]
) -> None:
    asking = program(token_of(scenes.known()))

    response = asking.post(f"{BASE}/plusk", body, content_type="application/json", headers=headers)

    told = {one["where"]: one["what"] for one in json.loads(response.content)["errors"]}
    assert told.keys() == faults.keys()
    assert all(told[where].startswith(what) for where, what in faults.items())


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1e3",
        "cursor=yesterday",
        "cursor=2026-02-30",
        "limt=3",
    ],
)
def test_a_parameter_that_cannot_be_taken_is_named(query: str) -> None:
    response = program(token_of(person())).get(f"{BASE}/me/history?{query}")

    faults = json.loads(response.content)["errors"]
    assert problem(response) == (422, "invalid")
    assert [one["where"] for one in faults] == [f"query.{query.partition('=')[0]}"]


def test_what_an_address_does_not_take_is_told_what_it_takes() -> None:
    asking = program(token_of(person()))

    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        response = asking.generic(
            method, f"{BASE}/me/score", b"{}", content_type="application/json"
        )

        assert problem(response) == (405, "not-allowed"), method
        assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["", "/", "/me/score/", "/nothing", "/me/score.json", "/people/a/b"]
)
def test_addresses_that_are_none_are_problems_too(path: str) -> None:
    response = program(token_of(person())).get(f"{BASE}{path}/" if not path else f"{BASE}{path}")

    assert problem(response) == (404, "not-found")
    assert "/api/v1/openapi.json" in json.loads(response.content)["detail"]


def test_head_is_answered_as_get_without_a_body() -> None:
    asking = program(token_of(scenes.known()))

    response = asking.head(f"{BASE}/me/score")

    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == asking.get(f"{BASE}/me/score")["ETag"]


def test_what_has_not_changed_is_not_sent_twice() -> None:
    nora = scenes.known(**ALL)
    asking = program(token_of(nora))

    first = asking.get(f"{BASE}/me/score")
    again = asking.get(f"{BASE}/me/score", headers={"if-none-match": first["ETag"]})
    public = Client().get(f"{BASE}/people/nora/score")
    Profile.objects.update(score="")
    closed = Client().get(f"{BASE}/people/nora/score", headers={"if-none-match": public["ETag"]})

    assert lost(again, first).keys() == {"RateLimit"}  # one that is not sent again counts too
    assert (first["Cache-Control"], public["Cache-Control"]) == (
        "no-cache, private",
        "no-cache, public",
    )
    assert closed.status_code == 404
    assert not asking.cookies


def test_so_many_a_minute_pass_for_a_token_and_for_an_address(settings: Any) -> None:
    settings.API_PER_MINUTE = 3
    nora = scenes.known(**ALL)
    one, other = program(token_of(nora)), program(token_of(nora))

    by_token = [one.get(f"{BASE}/me/score") for _ in range(4)]
    by_address = [Client().get(f"{BASE}/people/nora/score") for _ in range(2)]
    by_address += [Client().get(f"{BASE}/me") for _ in range(2)]

    assert [each.status_code for each in by_token] == [200, 200, 200, 429]
    assert [each.status_code for each in by_address] == [200, 200, 401, 429]
    assert other.get(f"{BASE}/me/score").status_code == 200
    assert problem(by_token[3]) == (429, "too-many")
    assert by_token[0]["RateLimit"] == '"token";r=2;t=60'
    assert by_token[3]["RateLimit-Policy"] == '"token";q=3;w=60'
    assert by_token[3]["Retry-After"] == "60"
    assert by_address[0]["RateLimit"] == '"address";r=2;t=60'


def test_a_fault_of_ours_is_owned_and_has_a_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nora = scenes.known()
    monkeypatch.setattr(handles, "current", lambda _user: 1 / 0)

    response = program(token_of(nora)).get(f"{BASE}/me")

    number = json.loads(response.content)["detail"].split("number ")[1][:8]
    assert problem(response) == (500, "our-fault")
    assert number in caplog.text


def test_a_token_says_on_which_day_it_was_last_used() -> None:
    secret = token_of(scenes.known())

    program(secret).get(f"{BASE}/me/score")

    assert scenes.row_of(secret).last_used_on == timezone.now().date()


QUERIES = {
    "/me/score": 3,  # token, count, snapshot
    "/me/history": 3,
    "/me/why": 7,
    "/me/milestones": 3,
    "/me/moments": 4,  # token, posts, sums, people
    "/me/badges": 5,
    "/me/style": 2,
    "/me": 3,
    "/me/access": 4,
    "/me/topics": 4,
    "/me/topics/{topic}": 9,
    "/me/links": 3,
    "/me/links/{link}": 5,  # of them one for the newest check
    "/me/cases": 2,
    "/me/cases/{case}": 3,
    "/me/tokens": 2,
    "/me/blocks": 2,
    "/me/notices": 3,
    "/me/notices/kinds": 2,
    "/me/mails": 4,
    "/me/perks": 13,
    "/me/perks/{perk}": 9,
    "/me/claims": 4,
    "/me/claims/{claim}": 3,
    "/me/given": 2,
    "/me/moved": 7,
    "/me/pulse": 5,
    "/me/when": 2,
    "/me/plusk/received": 3,
    "/me/plusk/given": 3,
    "/people?q=ahm": 2,
    "/people/{handle}": 13,  # of them one each for badges and style, two for moments
    "/people/{handle}/score": 4,
}


def test_each_address_asks_the_same_few_questions(django_assert_num_queries: AssertQueries) -> None:
    nora, _ahmed = scenes.among_friends()
    asking, named = program(token_of(nora)), scenes.named(nora, handle="nora")
    asking.get(f"{BASE}/me/score")  # the first of a day takes note of that
    history(nora, [40.0 + day / 10 for day in range(60)], until=TODAY - timedelta(days=20))

    for path, number in QUERIES.items():
        with django_assert_num_queries(number, info=path):
            response = asking.get(f"{BASE}{path}".format(**named))

        assert response.status_code == 200


def test_the_document_describes_every_address_and_the_page_shows_it() -> None:
    document = json.loads(Client().get(f"{BASE}/openapi.json").content)
    page = Client().get("/api/").content.decode()

    assert document == openapi()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        assert path in page
        for one in methods.values():
            assert f'id="{one["operationId"]}"' in page
            scopes = [scope for way in one["security"] for each in way.values() for scope in each]
            assert set(scopes) <= set(tokens.SCOPES)
    assert all(f'id="{code}"' in page for code in KINDS)
    assert "import json, os, urllib.request" in page
    assert '<option value="/api/v1/me/score">' in page
    assert "<script>" not in page
