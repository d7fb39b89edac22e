"""The API where the database matters: pages of lists, sums, +K under a key, who asked."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import ScoreAsked
from scoring.models import GivenOnce, PlusK
from tests.scoring import api_scenes as scenes
from tests.scoring.api_scenes import BASE, KEY, give, problem, program, token_of, told
from tests.scoring.builders import TODAY, history, person
from tests.scoring.pages import at_noon

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db


def test_the_history_comes_in_pages_whose_order_new_days_do_not_change() -> None:
    nora = person()
    history(nora, [40.0 + day for day in range(7)])
    asking = program(token_of(nora))

    first = told(asking, "/me/history?limit=3")
    history(nora, [60.0], until=TODAY + timedelta(days=1))
    second = told(asking, f"/me/history?limit=3&cursor={first['next_cursor']}")
    last = told(asking, f"/me/history?limit=3&cursor={second['next_cursor']}")
    beyond = told(asking, "/me/history?cursor=2001-01-01")

    days = [day["score"] for page in (first, second, last) for day in page["days"]]
    assert days == [46.0, 45.0, 44.0, 43.0, 42.0, 41.0, 40.0]
    assert last["next_cursor"] is None
    assert beyond == {
        "days": [],
        "next_cursor": None,
        "note": "Nothing lies beyond this cursor.",
    }


def test_a_person_reads_whose_programs_asked_for_their_score() -> None:
    nora, ahmed = scenes.among_friends()
    mine, his = program(token_of(nora)), program(token_of(ahmed))

    for path in ("/people/nora", "/people/nora/score"):
        his.get(f"{BASE}{path}")
    mine.get(f"{BASE}/me/score")
    Client().get(f"{BASE}/people/nora/score")

    told_of = told(mine, "/me/access")["asked"]
    assert [(one["who"], one["times"]) for one in told_of] == [
        ("A program of @ahmed", 2),
        ("A program of your own", 1),
    ]
    assert not ScoreAsked.objects.filter(user=ahmed).exists()


def test_giving_twice_under_one_key_gives_once() -> None:
    nora, ahmed = scenes.known(), scenes.member("ahmed")
    asking, body = program(token_of(nora)), {"to": "ahmed", "topic": "jazz", "because": "Solo"}

    first, again = give(asking, body, **KEY), give(asking, body, **KEY)
    other = give(asking, body | {"topic": "django"}, **KEY)
    soon = give(asking, body, **{"idempotency-key": "another-key"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert json.loads(first.content) == json.loads(again.content)
    assert json.loads(first.content)["left_today"] == 9
    assert problem(other) == (409, "key-used")
    assert problem(soon) == (409, "refused")
    assert json.loads(soon.content)["reason"] == "too_soon"
    assert PlusK.objects.get().receiver.user == ahmed
    assert GivenOnce.objects.count() == 1


def test_a_rule_of_plusk_answers_in_its_own_words() -> None:
    nora = scenes.known()
    hidden = scenes.member("hidden", page="")
    asking = program(token_of(nora))

    own = give(asking, {"to": "nora", "topic": "django"}, **KEY)
    nobody = [
        give(asking, {"to": to, "topic": "jazz"}, **KEY)
        for to in ("hidden", "never_was", "a.b", "🎉")
    ]
    unknown = give(asking, {"to": "nora", "topic": "xyzzy"}, **KEY)

    assert problem(own) == (409, "refused")
    assert json.loads(own.content)["detail"] == "This is you. +K goes to somebody else."
    assert {problem(one) for one in nobody} == {(404, "not-found")}
    assert problem(unknown)[0] == 409
    assert not PlusK.objects.filter(receiver__user=hidden).exists()


def test_the_reasons_between_two_days_add_up_in_any_order() -> None:
    asking = program(token_of(scenes.known()))

    usual = told(asking, "/me/why")
    one = told(asking, "/me/why?from=2026-11-20&to=2026-11-21")
    turned = told(asking, "/me/why?from=2026-11-21&to=2026-11-20")
    wide = told(asking, "/me/why?from=0001-01-01&to=9999-12-31")

    assert (one["before"], one["after"], one["change"]) == (49.9, 50.4, 0.5)
    assert sum(line["shown"] for line in one["lines"]) == pytest.approx(0.5)
    assert one["lines"][0]["text"]
    assert turned == one
    assert (usual["from_day"], usual["to_day"]) == ("2026-11-14", "2026-11-21")
    assert (wide["from_day"], wide["to_day"]) == ("2026-11-13", "2026-11-21")
