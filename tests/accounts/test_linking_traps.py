"""Every trap that was found in allauth and in OAuth clients, walked into and not caught in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.linking import Granted
from accounts.models import Grant, SandboxFault, SandboxToken, Source, User
from accounts.sandbox import network
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import (
    LONG_AGO,
    begin,
    consent,
    grant,
    link_sandbox,
    person,
    signed_in,
    source,
)
from tests.accounts.fakes.x import FakeX
from tests.accounts.walks import switch_on, walk

pytestmark = pytest.mark.django_db

STATES = "socialaccount_states"


def said(response: HttpResponse) -> str:
    """Return the sentences that the next page will show."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def nothing_was_linked() -> bool:
    return not (SocialAccount.objects.exists() or Grant.objects.exists())


def user_of(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def change_state(client: Client, **values: Any) -> None:
    """Change what the session remembers of the flow that was begun."""
    session = client.session
    for state, _at, _provider in session[STATES].values():
        state.update(values)
    session.save()


# Trap 1: signing in by a network while signed in makes a second person


def test_a_flow_that_forgot_to_say_connect_neither_signs_out_nor_makes_a_second_person() -> None:
    ada = person()
    client = signed_in(ada)
    back = consent(client, begin(client, process="connect"))
    change_state(client, process="login")

    response = client.get(back)

    assert response.headers["Location"] == reverse("links")
    assert "You are signed in already" in said(response)
    assert user_of(client) == str(ada.pk)
    assert User.objects.count() == 1
    assert nothing_was_linked()


def test_the_button_links_even_when_it_forgets_to_say_so() -> None:
    ada = person()
    client = signed_in(ada)

    link_sandbox(client, process="login")

    assert SocialAccount.objects.get().user == ada
    assert User.objects.count() == 1


# Trap 2: linking an account of somebody else overwrites their token


def test_claiming_an_account_of_somebody_else_changes_nothing_and_shows_both_ways() -> None:
    ada, bo = person(), person("bo")
    link_sandbox(signed_in(ada), process="connect")
    before = Grant.objects.get().sealed_token
    client = signed_in(bo)

    response = link_sandbox(client, process="connect")

    assert "linked to another profile here" in said(response)
    assert "unlink it" in said(response)
    assert response.headers["Location"] == reverse("links")
    assert Grant.objects.get().sealed_token == before
    assert SocialAccount.objects.get().user == ada
    assert user_of(client) == str(bo.pk)


def test_what_a_network_gave_for_a_login_that_was_stopped_is_ended_and_nothing_else() -> None:
    link_sandbox(signed_in(person()), process="connect")

    link_sandbox(signed_in(person("bo")), process="connect")
    run_revocations()

    kept = Grant.objects.get().access().token
    alive = SandboxToken.objects.get(revoked_at=None)
    assert alive.digest == network.digest(kept)
    assert SandboxToken.objects.count() == 2


def test_a_stopped_login_never_ends_an_access_that_shares_its_end(settings: Any) -> None:
    with FakeX() as fake:
        switch_on(settings, fake)
        walk(signed_in(person()), fake)
        asked = len(fake.server.requests)

        answer = walk(signed_in(person("bo")), fake)
        while_stopped = len(fake.server.requests)
        run_revocations()

        assert "linked to another profile here" in said(answer)
        assert while_stopped > asked
        assert len(fake.server.requests) == while_stopped


def run_revocations() -> None:
    """Do all that waits to be ended at a network."""
    assert Job.objects.filter(kind=Job.Kind.REVOKE).exists()
    while jobs.run_next(clock=timezone.now, handlers={Job.Kind.REVOKE: work.revoke}):
        pass
    assert not Job.objects.filter(kind=Job.Kind.REVOKE, state=Job.State.QUEUED).exists()


# Trap 3: which signal fires depends on the way


def test_every_way_in_keeps_one_grant_and_the_newest_token() -> None:
    link_sandbox(Client())
    first = Grant.objects.get()
    first_token = first.access().token

    link_sandbox(Client())

    again = Grant.objects.get()
    assert again.pk == first.pk
    assert again.access().token != first_token
    assert User.objects.count() == 1


def test_signing_in_by_the_network_heals_a_broken_link() -> None:
    link_sandbox(Client())
    page = Source.objects.get(external_id="maproom-lisbon")
    Source.objects.filter(pk=page.pk).update(selected=True, code="revoked", failures=4)

    response = link_sandbox(Client())

    page.refresh_from_db()
    assert (page.code, page.failures) == ("ok", 0)
    assert response.headers["Location"] == reverse("home")
    assert Job.objects.filter(kind=Job.Kind.COLLECT, subject=str(page.pk)).exists()


# Trap 4: rows are gone before anybody can revoke


def test_unlinking_has_the_network_forget_the_access_by_a_durable_job() -> None:
    client = signed_in(person())
    link_sandbox(client, process="connect")
    token = Grant.objects.get().access().token
    page = Source.objects.get(external_id="maproom-lisbon")
    Source.objects.filter(pk=page.pk).update(selected=True)

    response = client.post(reverse("link_unlink", args=[page.pk]))

    assert response.headers["Location"] == reverse("links")
    job = Job.objects.get(kind=Job.Kind.REVOKE)
    assert (job.payload["network"], job.payload["account_id"]) == ("sandbox", "nora")
    assert token not in str(job.payload)
    assert nothing_was_linked()
    assert not Source.objects.exists()


def test_removing_an_account_on_allauths_page_goes_the_same_way() -> None:
    ada = person()
    row = source(ada, selected=False)
    client = signed_in(ada)

    response = client.post(reverse("socialaccount_connections"), {"account": row.grant.account_id})

    assert response.status_code == 302
    assert nothing_was_linked()
    assert Job.objects.filter(kind=Job.Kind.REVOKE).exists()


def test_an_account_of_which_something_counts_is_unlinked_where_the_effect_is_said() -> None:
    ada = person()
    row = source(ada)
    client = signed_in(ada)

    page = client.get(reverse("socialaccount_connections")).content.decode()
    refused = client.post(reverse("socialaccount_connections"), {"account": row.grant.account_id})

    assert reverse("link_unlink", args=[row.pk]) in page
    assert f'value="{row.grant.account_id}"' not in page
    assert "Unlink it first" in refused.content.decode()
    assert Source.objects.get().selected


def test_removing_an_account_asks_for_the_password_when_the_sign_in_is_old() -> None:
    ada = person()
    row = source(ada, selected=False)
    client = signed_in(ada, at=1)

    asked = client.post(reverse("socialaccount_connections"), {"account": row.grant.account_id})
    before = SocialAccount.objects.count()
    client.post(asked.headers["Location"], {"password": "correct horse battery"})

    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert (before, SocialAccount.objects.count()) == (1, 0)


# Trap 5: the last way in


@pytest.mark.parametrize("password", ["correct horse battery", None])
def test_the_last_way_in_is_not_removed_and_the_page_says_what_to_do(password: str | None) -> None:
    nora = person("nora", password=password)
    EmailAddress.objects.filter(user=nora).delete()  # a password alone lets nobody in
    row = source(nora)

    response = signed_in(nora).post(
        reverse("socialaccount_connections"), {"account": row.grant.account_id}
    )

    assert "only way to sign in here" in response.content.decode()
    assert Source.objects.get().selected
    assert SocialAccount.objects.exists()


def test_unlinking_what_counts_of_the_last_way_in_keeps_the_way_in() -> None:
    row = source(person("nora", password=None))

    signed_in(row.user).post(reverse("link_unlink", args=[row.pk]))

    assert SocialAccount.objects.get().user == row.user
    assert not Grant.objects.exists()
    assert Job.objects.filter(kind=Job.Kind.REVOKE).exists()


def test_signing_in_again_after_that_lets_nothing_count_by_itself() -> None:
    row = source(person("nora", password=None))
    signed_in(row.user).post(reverse("link_unlink", args=[row.pk]))

    response = link_sandbox(Client())

    grant_again = Grant.objects.get()
    assert response.headers["Location"] == reverse("choose", args=[grant_again.pk])
    assert grant_again.sources.exists()
    assert not Source.objects.counted().exists()
    assert not Job.objects.filter(kind=Job.Kind.COLLECT).exists()


# Trap 6: a network's word about an email address


def arrive(email: str, *, who: str = "mallory") -> HttpResponse:
    """Come back from a network that says: this is `who`, and that address is theirs, verified."""
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request._messages = SessionStorage(request)
    with request_context(request):
        provider = get_adapter().get_provider(request, "sandbox")
        login = SocialLogin(
            provider=provider,
            account=SocialAccount(provider="sandbox", uid=who),
            email_addresses=[EmailAddress(email=email, verified=True, primary=True)],
        )
        login.user = User(email=email)
        login.user.set_unusable_password()
        get_adapter().populate_user(request, login, {"username": who, "email": email})
        login.state = {"process": "login", "started_by": None}
        response: HttpResponse = complete_social_login(request, login)
    return response


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@example.org", "new@example.org"])
def test_an_address_that_a_network_claims_opens_no_account_and_is_not_kept(email: str) -> None:
    ada = person()
    password = ada.password

    arrive(email)

    newcomer = SocialAccount.objects.get().user
    assert newcomer != ada
    assert newcomer.email == ""
    assert not EmailAddress.objects.filter(user=newcomer).exists()
    ada.refresh_from_db()
    assert ada.password == password


# Trap 8: thousands of servers on the sign-in page


def test_the_sign_in_page_lists_mastodon_once_however_many_servers_are_known(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    page = Client().get(reverse("account_login")).content.decode()
    SocialApp.objects.bulk_create(
        SocialApp(
            provider="mastodon",
            provider_id=f"mastodon:m{number}.example",
            name=f"m{number}.example",
            settings={"hidden": True},
        )
        for number in range(50)
    )

    with django_assert_num_queries(0):
        crowded = Client().get(reverse("account_login")).content.decode()

    assert page.count('name="instance"') == crowded.count('name="instance"') == 1
    assert "m7.example" not in crowded


# Trap 9: tokens in the session


def test_a_token_on_its_way_into_the_session_loses_its_secrets() -> None:
    token = SocialToken(token="canary-a", token_secret="canary-b")

    kept = get_adapter().serialize_instance(token)

    assert "canary" not in str(kept)


@pytest.mark.parametrize("process", ["login", "connect"])
def test_no_token_is_in_the_session_after_linking(process: str) -> None:
    client = signed_in(person()) if process == "connect" else Client()

    link_sandbox(client, process=process)

    token = Grant.objects.get().access().token
    assert token not in str(dict(client.session))


def test_adding_a_way_in_asks_for_the_password_before_it_starts_and_then_goes_on() -> None:
    client = signed_in(person(), at=1)

    asked = client.post(reverse("sandbox_login"), {"process": "connect"})
    again = client.post(asked.headers["Location"], {"password": "correct horse battery"})

    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert again.headers["Location"].startswith(reverse("sandbox_authorize"))
    client.get(consent(client, again.headers["Location"]))
    assert Grant.objects.exists()


def test_unlinking_asks_for_the_password_when_the_sign_in_is_old() -> None:
    ada = person()
    row = source(ada)
    client = signed_in(ada, at=1)

    asked = client.post(reverse("link_unlink", args=[row.pk]))
    before = Source.objects.count()
    client.post(asked.headers["Location"], {"password": "correct horse battery"})

    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert (before, Source.objects.count()) == (1, 0)


# Trap 13: scopes


def test_the_scopes_that_were_granted_are_kept_whatever_the_visitor_asked_for() -> None:
    client = signed_in(person())
    started = client.post(reverse("sandbox_login") + "?process=connect&scope=everything,admin")

    client.get(consent(client, started.headers["Location"]))

    assert Grant.objects.get().scopes == ["posts", "profile", "reactions"]
    assert SandboxToken.objects.get().scopes == ["profile", "posts", "reactions"]


# Trap 14: answers of a shape nobody expects


@pytest.mark.parametrize("fault", ["malformed", "server_error", "gone", "rate_limited"])
def test_a_network_that_answers_nonsense_gets_a_sentence_and_nothing_is_kept(fault: str) -> None:
    client = signed_in(person())
    back = consent(client, begin(client, process="connect"))
    SandboxFault.objects.create(person="nora", fault=fault, since=LONG_AGO)

    response = client.get(back)

    assert response.headers["Location"] == reverse("links")
    assert said(response).startswith("Sandbox could not be linked: ")
    assert said(response).endswith("Nothing was stored.")
    assert nothing_was_linked()


# Trap 15 and O11: saying no


@pytest.mark.parametrize(
    "word", ["access_denied", "user_cancelled_login", "user_cancelled_authorize"]
)
@pytest.mark.parametrize("inside", [True, False])
def test_saying_no_is_one_sentence_where_one_can_go_on(word: str, inside: bool) -> None:
    client = signed_in(person()) if inside else Client()
    state = begin(client).partition("state=")[2].partition("&")[0]

    response = client.get(reverse("sandbox_callback"), {"error": word, "state": state})

    assert said(response) == "You said no at Sandbox. Nothing was stored."
    assert response.headers["Location"] == reverse("links" if inside else "account_login")
    assert nothing_was_linked()


# O1: states that are none, old, used, of another browser, of another network


def _none(client: Client, back: str) -> HttpResponse:
    return client.get(back.replace("state=", "nothing="))


def _old(client: Client, back: str) -> HttpResponse:
    session = client.session
    session[STATES] = {
        key: (state, at - 601, provider) for key, (state, at, provider) in session[STATES].items()
    }
    session.save()
    return client.get(back)


def _used(client: Client, back: str) -> HttpResponse:
    client.get(back)
    SocialAccount.objects.all().delete()
    return client.get(back)


def _of_another_browser(client: Client, back: str) -> HttpResponse:
    return signed_in(person("bo")).get(back)


def _of_another_network(client: Client, back: str) -> HttpResponse:
    session = client.session
    session[STATES] = {
        key: (state, at, "mastodon:m.example") for key, (state, at, _own) in session[STATES].items()
    }
    session.save()
    return client.get(back)


@pytest.mark.parametrize(
    "come_back", [_none, _old, _used, _of_another_browser, _of_another_network]
)
def test_a_callback_that_this_browser_did_not_ask_for_links_nothing(
    come_back: Callable[[Client, str], HttpResponse],
) -> None:
    client = signed_in(person())
    back = consent(client, begin(client, process="connect"))

    response = come_back(client, back)

    assert response.headers["Location"] == reverse("links")
    assert "Start again here" in said(response)
    assert nothing_was_linked()


# O2: a visit changes nothing


def test_opening_an_address_neither_links_nor_unlinks() -> None:
    ada = person()
    row = source(ada)
    client = signed_in(ada)

    shown = [
        client.get(reverse("sandbox_login") + "?process=connect"),
        client.get(reverse("link_unlink", args=[row.pk])),
    ]
    led = [
        client.get(reverse(name, args=[row.pk]))
        for name in ("link_read", "link_pause", "link_resume")
    ]

    assert [response.status_code for response in shown] == [200, 200]
    assert [response["Location"] for response in led] == [reverse("link", args=[row.pk])] * 3
    assert Source.objects.get().selected
    assert not Job.objects.exists()


# O3: a flow that somebody else began


def test_a_flow_begun_by_an_attacker_links_nothing_to_the_victim() -> None:
    attacker, victim = signed_in(person("mallory")), signed_in(person())
    started = begin(attacker, process="connect")

    back = consent(victim, started, who="nora")
    responses = [victim.get(back), Client().get(back)]

    assert ["Start again" in said(response) for response in responses] == [True, True]
    assert nothing_was_linked()
    assert User.objects.count() == 2


def test_a_flow_begun_signed_out_does_not_link_to_whoever_is_signed_in_by_then() -> None:
    client = Client()
    back = consent(client, begin(client))
    ada = person()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(back)

    assert "not signed in as the person who asked" in said(response)
    assert nothing_was_linked()
    assert User.objects.count() == 1


def test_a_flow_begun_by_one_person_does_not_link_to_the_next_in_the_same_browser() -> None:
    ada, bo = person(), person("bo")
    client = signed_in(ada)
    back = consent(client, begin(client, process="connect"))
    states = client.session[STATES]
    client.force_login(bo, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[STATES] = states  # even if the session had survived
    session.save()

    response = client.get(back)

    assert "not signed in as the person who asked" in said(response)
    assert nothing_was_linked()


def test_a_flow_that_outlives_the_sign_in_links_nothing() -> None:
    client = signed_in(person())
    back = consent(client, begin(client, process="connect"))
    states = client.session[STATES]
    client.logout()
    session = client.session
    session[STATES] = states
    session.save()

    response = client.get(back)

    assert response.headers["Location"] == reverse("account_login")
    assert nothing_was_linked()


# O10: addresses to go on to

HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "http:evil.example",
    "https:///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "%2F%2Fevil.example",
    " //evil.example",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_nobody_is_led_away_after_linking(address: str) -> None:
    client = signed_in(person())
    started = client.post(reverse("sandbox_login"), {"process": "connect", "next": address})

    response = client.get(consent(client, started.headers["Location"]))

    there = urlsplit(urljoin("http://testserver/", response.headers["Location"]))
    assert (there.scheme, there.netloc) == ("http", "testserver")


# Who comes in, and where they land


def test_a_newcomer_is_named_as_on_the_network_with_a_user_name_of_their_own() -> None:
    User.objects.create_user("nora.lindqvist")

    link_sandbox(Client())

    newcomer = SocialAccount.objects.get().user
    assert newcomer.display_name == "Nora Lindqvist"
    assert newcomer.username.startswith("nora.lindqvist")
    assert newcomer.username != "nora.lindqvist"
    assert not newcomer.has_usable_password()


def test_after_the_first_link_one_chooses_and_after_connecting_again_one_sees_the_links() -> None:
    client = signed_in(person())

    first = link_sandbox(client, process="connect")
    kept = Grant.objects.get()
    Source.objects.filter(external_id="nora").update(selected=True)
    again = link_sandbox(client, process="connect")

    assert first.headers["Location"] == reverse("choose", args=[kept.pk])
    assert again.headers["Location"] == reverse("links")


def test_signing_in_goes_on_with_an_unfinished_choice() -> None:
    newcomer = link_sandbox(Client())
    returning = link_sandbox(Client())

    chooses = reverse("choose", args=[Grant.objects.get().pk])
    assert newcomer.headers["Location"] == returning.headers["Location"] == chooses


def test_signing_up_by_mail_leads_to_the_networks() -> None:
    client = Client()

    response = client.post(
        reverse("account_signup"),
        {"email": "new@example.org", "password1": "correct horse battery"},
    )

    assert response.headers["Location"] == reverse("start")


def test_a_list_that_fails_keeps_the_grant_and_can_be_asked_for_again() -> None:
    client = signed_in(person())
    back = consent(client, begin(client, process="connect"))
    SandboxFault.objects.create(person="nora", fault="empty", since=LONG_AGO)

    response = client.get(back)
    SandboxFault.objects.all().delete()
    again = reverse("choose_again", args=[Grant.objects.get().pk])
    client.post(again)

    assert "did not give us the list" in said(response)
    assert Source.objects.filter(external_id="maproom-lisbon").exists()


def test_a_grant_of_a_network_that_only_signs_people_in_is_not_kept() -> None:
    request = RequestFactory().get("/")
    login = SocialLogin(account=SocialAccount(provider="openid", uid="1", user=person()))
    login.account.save()
    login.granted = Granted("token")

    from accounts import receivers

    receivers.keep_grant_of_new_link(request=request, sociallogin=login)

    assert not Grant.objects.exists()


def test_nothing_goes_around_the_guarded_client() -> None:
    with pytest.raises(RuntimeError, match=r"accounts\.connectors\.http"):
        get_adapter().get_requests_session()


def test_a_grant_cannot_be_opened_from_the_pages_of_somebody_else() -> None:
    kept = grant(person())
    client = signed_in(person("bo"))

    pages = [
        client.get(reverse("choose", args=[kept.pk])),
        client.post(reverse("choose", args=[kept.pk]), {"source": "1"}),
        client.post(reverse("choose_again", args=[kept.pk])),
    ]

    assert [response.status_code for response in pages] == [404, 404, 404]
