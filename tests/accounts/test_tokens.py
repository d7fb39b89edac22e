"""Tokens for programs: made by hand, shown once, hashed, ended; and who asked for a score."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import asked, blocking, handles, tokens
from accounts.models import ApiToken, Audience, Notice, Profile, ScoreAsked, User
from accounts.notice_kinds import sentence
from scoring.models import Job
from tests.scoring.builders import NOW, person
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
PAGE = "/settings/tokens/"
MAKE = f"{PAGE}make/"
FORM = {"name": "Desk display", "scope": ["score:read"], "days": "30"}


def test_nothing_is_ticked_beforehand_and_each_scope_says_what_it_is_for() -> None:
    page = text_of(browser_of(person()), PAGE)

    assert " checked" not in page
    assert " selected" not in page
    assert all(str(words) in page for words in tokens.SCOPES.values())


def test_a_token_is_shown_once_and_kept_as_a_hash() -> None:
    browser = browser_of(person())

    answered = browser.post(MAKE, FORM)
    waiting = Session.objects.get(pk=browser.session.session_key).get_decoded()
    made = text_of(browser, answered["Location"])
    again = text_of(browser, PAGE)

    found = re.search(r"ks_[A-Za-z0-9_-]{43}", made)
    assert found is not None
    secret = found[0]
    row = ApiToken.objects.get()
    assert secret not in again
    assert f"{secret[:10]}…" in again
    assert tokens.find(secret) == row
    assert secret not in str(waiting)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_apitoken")
        assert secret not in str(cursor.fetchall())


def test_loading_the_page_of_a_new_token_again_makes_no_other() -> None:
    browser = browser_of(person())

    answered = browser.post(MAKE, FORM)
    pages = [browser.get(answered["Location"]) for _load in range(2)]

    assert (answered.status_code, answered["Location"]) == (302, PAGE)
    assert ["is made" in page.content.decode() for page in pages] == [True, False]
    assert ApiToken.objects.count() == 1


def test_pressing_twice_makes_one_token_and_says_so() -> None:
    browser = browser_of(person())
    form = FORM | {"form": browser.get(PAGE).context["form"]}

    first, second = (browser.post(MAKE, form) for _press in range(2))
    page = text_of(browser, PAGE)
    browser.post(MAKE, FORM | {"form": browser.get(PAGE).context["form"]})

    assert first["Location"] == second["Location"] == PAGE
    assert "is made" in page
    assert "This page has made its token." in page
    assert ApiToken.objects.count() == 2


def test_a_token_that_cannot_be_read_back_is_not_shown(settings: Any) -> None:
    browser = browser_of(person())

    browser.post(MAKE, FORM)
    settings.TOKEN_KEYS = ["other:another key"]
    page = text_of(browser, PAGE)

    assert "is made" not in page
    assert ApiToken.objects.get().begins in page


def test_its_person_is_told_by_mail_too_that_a_token_was_made() -> None:
    nora = person()

    row, secret = tokens.make(nora, name="Desk", scopes=["score:read"], days=7, now=NOW)

    told = Notice.objects.get()
    said = sentence(told.kind, told.values, who="")
    assert (told.kind, told.key) == ("token_made", str(row.pk))
    assert said.startswith("The token “Desk” was made")
    assert "28 November 2026" in said
    assert secret[:10] not in said
    assert Job.objects.get(kind=Job.Kind.LETTER).payload["of"] == "token_made"


def test_a_token_for_addresses_is_not_told_to_stay_out_of_them() -> None:
    browser = browser_of(person())

    forms = FORM, FORM | {"scope": [tokens.KLOUT]}
    usual, klout = (browser.post(MAKE, form, follow=True).content.decode() for form in forms)

    assert "put it in no address" in usual
    assert "put it in no address" not in klout
    assert "which put it into addresses" in klout


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 61}, "Give it a name"),
        ({"scope": []}, "Tick what the program may do"),
        ({"scope": ["score:read", "everything"]}, "Tick what the program may do"),
        ({"days": ""}, "Choose until when"),
        ({"days": "36500"}, "Choose until when"),
        ({"days": "²"}, "Choose until when"),
    ],
)
def test_what_cannot_be_made_is_told_why_and_keeps_what_was_typed(
    changed: dict[str, object], why: str
) -> None:
    response = browser_of(person()).post(MAKE, FORM | changed)

    page = response.content.decode()
    assert response.status_code == 400
    assert why in page
    assert not ApiToken.objects.exists()
    assert (" checked" in page) == bool((FORM | changed)["scope"])


def test_whoever_has_many_must_revoke_one_first() -> None:
    nora = person()
    for number in range(tokens.MOST):
        tokens.make(nora, name=f"{number}", scopes=["score:read"], days=7, now=NOW)

    refused = browser_of(nora).post(MAKE, FORM)

    assert refused.status_code == 400
    assert "Revoke one" in refused.content.decode()
    assert ApiToken.objects.count() == tokens.MOST


def test_tokens_are_revoked_by_their_person_alone_one_or_all() -> None:
    nora, ahmed = person(), person("ahmed")
    one, two, three = (
        tokens.make(nora, name=name, scopes=["score:read"], days=7, now=NOW)[0] for name in "abc"
    )

    browser_of(ahmed).post(reverse("token_revoke", args=[one.pk]))
    browser_of(ahmed).post(reverse("tokens_revoke_all"))
    untouched = tokens.living(nora, now=NOW).count()
    browser_of(nora).post(reverse("token_revoke", args=[one.pk]))
    left = set(tokens.living(nora, now=NOW))
    browser_of(nora).post(reverse("tokens_revoke_all"))

    assert (untouched, left) == (3, {two, three})
    assert not tokens.living(nora, now=NOW)


def test_making_one_asks_who_it_is_when_the_sign_in_is_old(client: Client) -> None:
    nora = User.objects.create_user("nora", "nora@example.org", "correct horse battery")
    with time_machine.travel(NOW - timedelta(hours=2), tick=False):
        client.post(
            reverse("account_login"),
            {"login": "nora@example.org", "password": "correct horse battery"},
        )

    asked_again = client.post(MAKE, FORM)

    assert asked_again["Location"].startswith(reverse("account_reauthenticate"))
    assert not tokens.living(nora, now=NOW)


def test_ended_tokens_are_told_apart_for_a_while_and_then_forgotten() -> None:
    row, _secret = tokens.make(person(), name="a", scopes=["score:read"], days=7, now=NOW)

    tokens.forget(now=NOW + timedelta(days=96))
    kept = ApiToken.objects.filter(pk=row.pk).exists()
    tokens.forget(now=NOW + timedelta(days=98))

    assert (kept, ApiToken.objects.exists()) == (True, False)


def test_others_are_named_where_their_page_is_open_and_nobody_else_is() -> None:
    nora = person()
    people = {name: person(name) for name in ("open", "closed", "blocker", "gone")}
    for name, user in people.items():
        handles.take(user, f"a_{name}", now=NOW)
        page = Audience.NOBODY if name == "closed" else Audience.MEMBERS
        Profile.objects.create(user=user, page=page)
        asked.count(user_id=nora.pk, by_id=user.pk, now=NOW)
    asked.count(user_id=nora.pk, by_id=nora.pk, now=NOW)
    asked.count(user_id=nora.pk, by_id=nora.pk, now=NOW)
    blocking.block(by=people["blocker"], whom=nora, now=NOW)
    people["gone"].delete()

    told = [(one.who, one.times) for one in asked.of_person(nora, now=NOW)]

    assert told[0] == ("A program of your own", 2)
    assert sorted(told[1:]) == [("A program", 1)] * 3 + [("A program of @a_open", 1)]
    assert "A program of @a_open" in text_of(browser_of(nora), PAGE)


def test_who_asked_is_kept_for_ninety_days() -> None:
    nora = person()
    for ago in (90, 91):
        at = NOW - timedelta(days=ago)
        asked.count(user_id=nora.pk, by_id=nora.pk, now=at)

    told = asked.of_person(nora, now=NOW)
    asked.forget(now=NOW)

    assert [one.day for one in told] == [(NOW - timedelta(days=90)).date()]
    assert ScoreAsked.objects.count() == 1
