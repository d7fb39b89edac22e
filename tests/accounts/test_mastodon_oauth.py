"""Signing in and linking with a Mastodon server: the whole flow, and what may go wrong in it."""

import base64
import hashlib
import itertools
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import revoking, sealing
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.mastodon import Mastodon
from accounts.connectors.setup import Config
from accounts.models import Grant, User
from accounts.providers.mastodon import registry
from tests.accounts.mastodon_server import MastodonServer, come_back, consent
from tests.accounts.servers import serve_mastodon as serve
from tests.fault_server import FAULTS, Asked, FaultServer, reply

connector = Mastodon(Config("mastodon"))

pytestmark = pytest.mark.django_db

START = "/accounts/mastodon/start/"


def begin(client: Client, host: str, **more: str) -> dict[str, str]:
    """Start towards a server; return the query of its consent page, and its address as `at`."""
    response = client.post(START, {"instance": host, **more})
    assert response.status_code == 302, response.context and response.context["trouble"]
    query = parse_qs(urlsplit(response["location"]).query)
    return {name: values[0] for name, values in query.items()} | {"at": response["location"]}


def sign_in(client: Client, server: MastodonServer, username: str, **more: str) -> Any:
    return come_back(client, consent(begin(client, server.host, **more)["at"], username))


def member() -> tuple[User, Client]:
    """Somebody who signed in a moment ago: whoever did not is asked again before linking."""
    user = User.objects.create_user("nora", "nora@example.org", "long enough for anybody")
    client = Client()
    sent = {"login": user.email, "password": "long enough for anybody"}
    assert client.post(reverse("account_login"), sent).status_code == 302
    return user, client


def nothing_kept() -> bool:
    return not (SocialAccount.objects.exists() or Grant.objects.exists())


# The way it should go


def test_somebody_new_signs_in_with_their_server(mastodon: MastodonServer) -> None:
    person = mastodon.person("nora")
    client = Client()

    response = sign_in(client, mastodon, person.username)

    account = SocialAccount.objects.get()
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(account.user_id)
    assert (account.provider, account.uid) == (f"mastodon:{mastodon.host}", person.id)
    assert account.user.email == ""
    assert str(account.get_provider_account()) == f"@{person.username}@{mastodon.host}"
    assert not SocialToken.objects.exists()


def test_signing_in_again_finds_the_same_person(mastodon: MastodonServer) -> None:
    person = mastodon.person("nora")

    sign_in(Client(), mastodon, person.username)
    sign_in(Client(), mastodon, person.username)

    assert User.objects.count() == 1
    assert SocialApp.objects.count() == 1


@pytest.mark.parametrize("process", ["connect", "login", ""])
def test_somebody_signed_in_links_and_stays_the_same_person(
    mastodon: MastodonServer, process: str
) -> None:
    user, client = member()
    person = mastodon.person("nora")

    sign_in(client, mastodon, person.username, process=process)

    assert SocialAccount.objects.get().user == user
    assert User.objects.count() == 1
    assert client.session["_auth_user_id"] == str(user.pk)


def test_what_was_granted_is_kept_sealed_and_works(mastodon: MastodonServer) -> None:
    _, client = member()
    person = mastodon.person("nora")
    mastodon.post(person, "Hello")

    sign_in(client, mastodon, person.username)

    grant = Grant.objects.get()
    access = grant.access()
    assert grant.server == mastodon.base
    assert grant.scopes == ["read"]
    assert access.token not in grant.sealed_token
    (target,) = connector.targets(access, now=grant.issued_at)
    assert target.posts_90d == 1


def test_two_accounts_on_one_server_and_one_number_on_two_servers_stay_apart(
    mastodon: MastodonServer,
) -> None:
    _, client = member()
    nora, other = mastodon.person("nora"), mastodon.person("other")
    twin = MastodonServer(mastodon.host.replace("127.0.0.1", "localhost"))

    sign_in(client, mastodon, nora.username)
    sign_in(client, mastodon, other.username)
    sign_in(client, twin, nora.username)

    kept = set(SocialAccount.objects.values_list("provider", "uid"))
    assert kept == {
        (f"mastodon:{mastodon.host}", nora.id),
        (f"mastodon:{mastodon.host}", other.id),
        (f"mastodon:{twin.host}", nora.id),
    }


def test_consent_is_asked_with_pkce_our_scopes_and_the_address_of_this_server(
    fault_server: FaultServer, settings: Any
) -> None:
    serve(fault_server)
    query = begin(Client(), fault_server.host, scope="write", auth_params="force_login=true")
    tampered = Client().post(
        f"{START}?scope=write&auth_params=force_login%3Dtrue", {"instance": fault_server.host}
    )

    (registration,) = fault_server.asked("/api/v1/apps")
    callback = f"{settings.SITE_URL}/accounts/mastodon/{fault_server.host}/callback/"
    assert query["code_challenge_method"] == "S256"
    assert set(query["scope"].split()) == set(registry.WANTED)
    assert query["redirect_uri"] == callback
    assert registration.form["redirect_uris"] == callback
    assert set(registration.form["scopes"].split()) == set(registry.WANTED)
    assert "write" not in tampered["location"]
    assert "force_login" not in tampered["location"]


def test_a_token_is_taken_back_at_the_server(mastodon: MastodonServer) -> None:
    _, client = member()
    person = mastodon.person("nora")
    sign_in(client, mastodon, person.username)
    grant = Grant.objects.get()
    access = grant.access()
    grant.delete()

    revoking.revoke(
        network="mastodon",
        server=access.server,
        account_id=access.account_id,
        sealed=sealing.seal(access.token, bound_to="revoke"),
    )

    with pytest.raises(ConnectorError) as caught:
        connector.targets(access, now=timezone.now())
    assert caught.value.code == Code.REVOKED


def test_a_token_of_a_server_we_hold_no_registration_with_cannot_be_taken_back() -> None:
    with pytest.raises(ConnectorError) as caught:
        revoking.revoke(
            network="mastodon",
            server="https://gone.example",
            account_id="1",
            sealed=sealing.seal("t", bound_to="revoke"),
        )

    assert caught.value.code == Code.APP_CONFIG


# What people type


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("kartor.social", "kartor.social"),
        ("  Kartor.Social. ", "kartor.social"),
        ("https://kartor.social", "kartor.social"),
        ("https://kartor.social/@nora", "kartor.social"),
        ("http://kartor.social/about", "kartor.social"),
        ("@nora@kartor.social", "kartor.social"),
        ("nora@kartor.social", "kartor.social"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_server_is_found_in_what_people_type(typed: str, host: str) -> None:
    assert registry.host_in(typed) == host


@pytest.mark.parametrize(
    "typed",
    ["", "nora", "@nora", "127.0.0.1", "127.0.0.1:22", "localhost", "[::1]", "kartor.social:8443",
     "10.0.0.1", "2130706433", "a b.social", "kartor..social", "javascript:alert(1)",
     f"{'a.' * 100}social", "printer.local", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_server_is_said_and_nothing_happens(typed: str) -> None:
    response = Client().post(START, {"instance": typed})

    assert response.status_code == 400
    assert "mastodon.social" in response.context["trouble"]
    assert not SocialApp.objects.exists()


def test_looking_at_the_start_page_changes_nothing() -> None:
    response = Client().get(START, {"instance": "kartor.social", "next": "/links/"})

    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="kartor.social"' in html
    assert 'value="/links/"' in html
    assert 'name="process"' not in html
    assert not SocialApp.objects.exists()


def test_a_foreign_next_page_is_not_carried_along() -> None:
    response = Client().get(START, {"next": "https://evil.example/"})

    assert "evil" not in response.content.decode()


def test_many_starts_in_a_short_time_are_slowed_down() -> None:
    client = Client()

    codes = [client.post(START, {"instance": "nonsense"}).status_code for _ in range(31)]

    assert codes == [400] * 30 + [429]


# Servers that cannot be used


Change = Callable[[FaultServer], None]


def answering(path: str, body: Any, status: int = 200, **headers: str) -> Change:
    """Return a change that makes a path answer so."""

    def change(server: FaultServer) -> None:
        server.routes[path] = lambda asked: reply(body, status=status, **headers)

    return change


def missing(*paths: str) -> Change:
    return lambda server: [server.routes.pop(path) for path in paths] and None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing("/api/v2/instance"), "does not answer like a Mastodon server"),
        (answering("/api/v2/instance", {"title": "A blog"}), "does not answer like"),
        (answering("/api/v2/instance", [1]), "does not answer like"),
        (answering("/api/v2/instance", {}, 503), "try again later"),
        (answering("/api/v2/instance", {}, 429), "Try again in a few minutes"),
        (
            answering("/api/v2/instance", {}, 301, Location="https://www.kartor.social/"),
            "type www.kartor.social",
        ),
        (
            answering("/.well-known/oauth-authorization-server", {"issuer": "https://a.example"}),
            "says that it is a.example",
        ),
        (answering("/.well-known/oauth-authorization-server", {}), "does not say which server"),
        (answering("/api/v1/apps", {"error": "Not today"}, 422), "Not today"),
        (answering("/api/v1/apps", {"client_id": "ours"}), "does not answer like"),
        (
            answering("/api/v1/apps", {"client_id": "a\x00", "client_secret": "b"}),
            "does not answer like",
        ),
        (answering("/api/v1/apps", "text"), "does not answer like"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_and_nothing_happens(
    fault_server: FaultServer, change: Change, words: str
) -> None:
    serve(fault_server)
    change(fault_server)

    response = Client().post(START, {"instance": fault_server.host})

    assert response.status_code == 400
    assert words in response.context["trouble"]
    assert response.context["instance"] == fault_server.host
    assert not SocialApp.objects.exists()


def test_a_dead_server_is_said_and_nothing_happens(fault_server: FaultServer) -> None:
    fault_server.stop()

    response = Client().post(START, {"instance": fault_server.host})

    assert response.status_code == 400
    assert "Check the spelling" in response.context["trouble"]


@pytest.mark.parametrize("typed", ["mastodon.social", "@nora@mastodon.social"])
def test_a_server_that_cannot_be_looked_up_is_not_the_example_of_a_good_one(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_name_service(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name_service)

    response = Client().post(START, {"instance": typed})

    assert "could not be looked up from here" in response.context["trouble"]
    hint = response.content.decode().partition('id="instance-hint"')[2].partition("</p>")[0]
    assert "mastodon.social" not in hint
    assert "fosstodon.org" in hint


def test_older_servers_and_relatives_are_asked_for_what_they_know(
    fault_server: FaultServer,
) -> None:
    serve(fault_server)
    answering("/api/v2/instance", {}, 404)(fault_server)
    answering("/.well-known/oauth-authorization-server", {}, 404)(fault_server)
    asked = []
    for version in ("4.2.1", "2.7.2 (compatible; Pixelfed 0.12.4)"):
        answering("/api/v1/instance", {"version": version})(fault_server)
        SocialApp.objects.all().delete()
        asked.append(set(begin(Client(), fault_server.host)["scope"].split()))

    assert asked == [set(registry.WANTED), {"read"}]


def test_a_server_is_registered_once_and_again_when_it_forgot_us(
    fault_server: FaultServer,
) -> None:
    serve(fault_server)
    begin(Client(), fault_server.host)
    begin(Client(), fault_server.host)
    before = len(fault_server.asked("/api/v1/apps"))
    answering("/oauth/token", {"error": "invalid_client"}, 401)(fault_server)
    answering("/api/v1/apps", {"client_id": "new", "client_secret": "s"})(fault_server)

    query = begin(Client(), fault_server.host)

    assert before == 1
    assert query["client_id"] == "new"
    assert SocialApp.objects.count() == 1


def test_a_site_that_moved_registers_its_new_address(
    fault_server: FaultServer, settings: Any
) -> None:
    serve(fault_server)
    begin(Client(), fault_server.host)
    settings.SITE_URL = "https://klout.example.org"

    query = begin(Client(), fault_server.host)

    assert query["redirect_uri"].startswith("https://klout.example.org/accounts/mastodon/")
    assert len(fault_server.asked("/api/v1/apps")) == 2
    assert SocialApp.objects.count() == 1


# The way back


def back(client: Client, host: str, **query: str) -> Any:
    return client.get(reverse("mastodon_callback", kwargs={"host": host}), query)


def test_the_verifier_of_the_challenge_goes_with_the_code(fault_server: FaultServer) -> None:
    serve(fault_server)
    client = Client()
    query = begin(client, fault_server.host)

    back(client, fault_server.host, state=query["state"], code="c1")

    form = fault_server.asked("/oauth/token")[-1].form
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == query["code_challenge"]
    assert (form["code"], form["redirect_uri"]) == ("c1", query["redirect_uri"])
    assert SocialAccount.objects.get().user.email == ""


def test_saying_no_there_leads_to_the_page_that_says_so(fault_server: FaultServer) -> None:
    serve(fault_server)
    client = Client()
    query = begin(client, fault_server.host)

    response = back(client, fault_server.host, state=query["state"], error="access_denied")

    (said,) = [str(message) for message in get_messages(response.wsgi_request)]
    assert response.status_code == 302
    assert said.startswith("You said no")
    assert nothing_kept()


def test_an_answer_counts_once_in_the_browser_that_asked(fault_server: FaultServer) -> None:
    serve(fault_server)
    _, client = member()
    query = begin(client, fault_server.host)

    elsewhere = back(Client(), fault_server.host, state=query["state"], code="c1")
    unasked = back(client, fault_server.host, state="made-up", code="c1")
    stateless = back(client, fault_server.host, code="c1")
    none_yet = nothing_kept()
    first = back(client, fault_server.host, state=query["state"], code="c1")
    second = back(client, fault_server.host, state=query["state"], code="c1")

    assert none_yet
    assert first.status_code == 302
    for refused in (elsewhere, unasked, stateless, second):
        assert refused.status_code == 401
        assert "Start again here" in refused.context["trouble"]
    assert len(fault_server.asked("/oauth/token")) == 1


def test_an_answer_after_ten_minutes_is_refused(
    fault_server: FaultServer, time_machine: Any
) -> None:
    serve(fault_server)
    client = Client()
    time_machine.move_to(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    query = begin(client, fault_server.host)
    time_machine.move_to(datetime(2026, 11, 21, 12, 10, 1, tzinfo=UTC))

    response = back(client, fault_server.host, state=query["state"], code="c1")

    assert response.status_code == 401
    assert nothing_kept()


def test_a_code_never_reaches_another_server(fault_server: FaultServer) -> None:
    honest, hostile = fault_server, FaultServer()
    serve(honest)
    serve(hostile)
    client = Client()
    query = begin(client, honest.host)
    begin(client, hostile.host)

    response = back(client, hostile.host, state=query["state"], code="honest-code")
    hostile.stop()

    assert response.status_code == 401
    assert all("code" not in asked.form for asked in hostile.asked("/oauth/token"))
    assert nothing_kept()


@pytest.mark.parametrize("iss", ["https://evil.example", "", "http://127.0.0.1"])
def test_an_answer_in_another_servers_name_is_refused(fault_server: FaultServer, iss: str) -> None:
    serve(fault_server)
    client = Client()
    query = begin(client, fault_server.host)

    response = back(client, fault_server.host, state=query["state"], code="c1", iss=iss)

    assert response.status_code == 400
    assert fault_server.asked("/oauth/token") == []
    assert nothing_kept()


def test_a_server_that_promises_its_name_must_give_it(fault_server: FaultServer) -> None:
    serve(fault_server)
    answering(
        "/.well-known/oauth-authorization-server",
        {
            "issuer": fault_server.url(),
            "scopes_supported": ["read"],
            "authorization_response_iss_parameter_supported": True,
        },
    )(fault_server)
    client = Client()
    query = begin(client, fault_server.host)

    silent = back(client, fault_server.host, state=query["state"], code="c1")
    named = back(
        client, fault_server.host, state=query["state"], code="c1", iss=f"{fault_server.url()}/"
    )

    assert silent.status_code == 400
    assert named.status_code == 302


def test_an_answer_from_a_server_never_used_is_refused() -> None:
    response = back(Client(), "never.example", state="s", code="c")

    assert response.status_code == 400
    assert "did not come from never.example" in response.context["trouble"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/oauth/token", {"error": "invalid_grant"}, 400, "invalid_grant"),
        ("/oauth/token", {"error": "x", "error_description": "Too late"}, 400, "Too late"),
        ("/oauth/token", {"scope": "read"}, 200, "gave no key"),
        ("/oauth/token", {"access_token": 7}, 200, "gave no key"),
        ("/oauth/token", ["access_token"], 200, "a form we do not know"),
        ("/oauth/token", {}, 503, "trouble of its own"),
        ("/oauth/token", {}, 302, "sends visitors on"),
        ("/oauth/token", {"access_token": "a\r\nb"}, 200, "not one that can be sent"),
        ("/api/v1/accounts/verify_credentials", {"username": "nora"}, 200, "do not know"),
        ("/api/v1/accounts/verify_credentials", {"id": "a\x00b"}, 200, "do not know"),
        ("/api/v1/accounts/verify_credentials", {"error": "revoked"}, 401, "no longer accepts"),
        ("/api/v1/accounts/verify_credentials", [], 200, "do not know"),
    ],
)
def test_a_server_that_fails_at_the_end_is_said_and_nothing_is_kept(
    fault_server: FaultServer, path: str, body: Any, status: int, words: str
) -> None:
    serve(fault_server)
    _, client = member()
    query = begin(client, fault_server.host)
    answering(path, body, status)(fault_server)

    response = back(client, fault_server.host, state=query["state"], code="c1")

    assert response.status_code == 401
    assert words in response.context["trouble"]
    assert "Start again here" in response.context["trouble"]
    assert response.context["instance"] == fault_server.host
    assert nothing_kept()


@pytest.mark.one_engine
@pytest.mark.parametrize("path", ["/oauth/token", "/api/v1/accounts/verify_credentials"])
def test_no_fault_on_the_way_back_is_uncaught(fault_server: FaultServer, path: str) -> None:
    serve(fault_server)
    slow = {"/slow-headers", "/slow-body", "/silence", "/tiny-chunks", "/endless-headers"}
    codes = set()

    for fault in sorted(set(FAULTS) - slow - {"/ok", "/gzip", "/deflate"}):
        fault_server.faults = {}
        client = Client()
        query = begin(client, fault_server.host)
        fault_server.faults = {path: fault}
        codes.add(back(client, fault_server.host, state=query["state"], code="c1").status_code)
        cache.clear()  # this many starts are slowed down otherwise

    assert codes == {401}
    assert nothing_kept()


JUNK = [None, [], {}, [1], [{}], 1.5, True, "", "\x00", "\ud800", 2**70, "x" * 5000, "<b>&\r\n"]
FIELDS = {
    "/api/v2/instance": {"version": "4.4.0"},
    "/.well-known/oauth-authorization-server": {
        "issuer": "",
        "scopes_supported": ["read"],
        "authorization_response_iss_parameter_supported": False,
    },
    "/api/v1/apps": {"client_id": "ours", "client_secret": "s"},
    "/oauth/token": {"access_token": "t", "scope": "read", "expires_in": 60, "refresh_token": "r"},
    "/api/v1/accounts/verify_credentials": {
        "id": "1", "username": "nora", "display_name": "Nora", "url": "https://kartor.social/@nora",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "field"), [(p, f) for p, fields in FIELDS.items() for f in fields]
)
def test_any_field_of_any_answer_may_be_anything(
    fault_server: FaultServer, path: str, field: str
) -> None:
    codes = set()

    for junk in JUNK:
        serve(fault_server)
        sound = FIELDS[path] | ({"issuer": fault_server.url()} if "issuer" in FIELDS[path] else {})
        answering(path, {**sound, field: junk})(fault_server)
        SocialApp.objects.all().delete()
        cache.clear()  # this many starts are slowed down otherwise
        client = Client()
        started = client.post(START, {"instance": fault_server.host})
        codes.add(started.status_code)
        if started.status_code == 302:
            state = parse_qs(urlsplit(started["location"]).query)["state"][0]
            codes.add(back(client, fault_server.host, state=state, code="c1").status_code)

    assert codes <= {302, 400, 401}
    assert all(account.uid.isalnum() for account in SocialAccount.objects.all())


def test_a_registration_forgotten_while_the_person_was_there_is_renewed(
    fault_server: FaultServer,
) -> None:
    serve(fault_server)
    client = Client()
    query = begin(client, fault_server.host)
    answering("/oauth/token", {"error": "invalid_client"}, 401)(fault_server)
    answering("/api/v1/apps", {"client_id": "new", "client_secret": "s"})(fault_server)

    response = back(client, fault_server.host, state=query["state"], code="c1")

    assert response.status_code == 401
    assert "Start again here" in response.context["trouble"]
    assert SocialApp.objects.get().client_id == "new"


def test_keys_and_codes_are_in_no_page_and_no_log(
    fault_server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    serve(fault_server)
    _, client = member()
    query = begin(client, fault_server.host)
    answering("/api/v1/accounts/verify_credentials", {}, 503)(fault_server)

    page = back(client, fault_server.host, state=query["state"], code="canary-code")

    seen = page.content.decode() + caplog.text
    assert not [word for word in ("canary-code", "canary-token", "canary-secret") if word in seen]


def test_expiry_and_refresh_are_kept_where_a_relative_gives_them(
    fault_server: FaultServer,
) -> None:
    serve(fault_server, expires_in=600, refresh_token="canary-refresh")
    _, client = member()
    query = begin(client, fault_server.host)

    back(client, fault_server.host, state=query["state"], code="c1")

    grant = Grant.objects.get()
    assert grant.expires_at is not None
    assert 590 < (grant.expires_at - grant.issued_at).total_seconds() <= 600
    assert grant.sealed_refresh
    assert grant.scopes == ["read"]


# Two people, one new server, one moment


def together(act: Callable[[], None], count: int = 8) -> None:
    """Run `act` in threads that start at once."""
    gate = threading.Barrier(count)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            gate.wait(10)
            act()
        except BaseException as error:  # noqa: BLE001 (shown below)
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_a_server_met_by_many_at_once_is_kept_once(fault_server: FaultServer) -> None:
    serve(fault_server)

    together(lambda: registry.ready(fault_server.host, now=timezone.now()) and None)

    assert SocialApp.objects.filter(provider="mastodon").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known_before", [False, True])
def test_nobody_is_sent_to_consent_under_a_name_that_is_then_replaced(
    fault_server: FaultServer, known_before: bool
) -> None:
    serve(fault_server)
    if known_before:
        registry.ready(fault_server.host, now=timezone.now())
        answering("/oauth/token", {"error": "invalid_client"}, 401)(fault_server)
    gate, numbers = threading.Barrier(4), itertools.count()

    def register(asked: Asked) -> bytes:
        gate.wait(10)  # all have found that there is no registration
        return reply({"client_id": f"client-{next(numbers)}", "client_secret": "s"})

    fault_server.routes["/api/v1/apps"] = register
    used: list[str] = []

    together(
        lambda: used.append(registry.ready(fault_server.host, now=timezone.now()).client_id),
        count=4,
    )

    assert set(used) == {SocialApp.objects.get().client_id}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_a_server_would_be_kept_twice() -> None:
    gate = threading.Barrier(8)

    def naive() -> None:
        with transaction.atomic():
            absent = registry.known("m.example") is None
            gate.wait(10)
            if absent:
                SocialApp.objects.create(
                    provider="mastodon", provider_id=registry.provider_id_of("m.example")
                )

    together(naive)

    assert SocialApp.objects.count() > 1
