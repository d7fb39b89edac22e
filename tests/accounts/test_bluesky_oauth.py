"""Signing in and linking with a Bluesky handle: the whole flow, and every attack on it."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import access, connectors, revoking, sealing
from accounts.connectors import atproto, atproto_oauth, dpop
from accounts.connectors.base import Access, Code, ConnectorError, Identity
from accounts.models import Grant, Source, User
from accounts.providers.bluesky import provider
from accounts.signals import grant_dropped
from kloutsite import env, networks
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.bluesky import DID, HANDLE, OTHER, FakeBluesky, back, refused
from tests.accounts.walks import said, switch_on
from tests.fault_server import Asked, reply

pytestmark = pytest.mark.django_db

START = "/accounts/bluesky/start/"
TOKEN, PAR, REVOKE = "/oauth/token", "/oauth/par", "/oauth/revoke"
SITE = "https://klout.example"


@pytest.fixture
def bluesky(settings: Any) -> Iterator[FakeBluesky]:
    """The network, switched on at this site."""
    with FakeBluesky() as fake:
        switch_on(settings, fake)
        yield fake


@pytest.fixture
def confidential(settings: Any, bluesky: FakeBluesky) -> FakeBluesky:
    """The network, known to a site at a public address, whose keys it has fetched."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["klout.example"]
    has_key(settings, bluesky, dpop.new_key())
    return bluesky


def has_key(settings: Any, fake: FakeBluesky, key: str) -> None:
    """Give the site a key, and let the network fetch what the site publishes then."""
    config = fake.config(site_url=SITE, key=key)
    settings.NETWORKS = {**settings.NETWORKS, "bluesky": config}
    browser = Client(headers={"host": "klout.example"})
    about = browser.get("/oauth/bluesky/client-metadata.json").json()
    fake.clients[about["client_id"]] = browser.get(urlsplit(about["jwks_uri"]).path).json()


def begin(client: Client, typed: str = HANDLE, **more: str) -> str:
    """Type a handle; return the address of its server's consent page."""
    answer = client.post(START, {"handle": typed, **more})
    assert answer.status_code == 302, answer.context and answer.context["trouble"]
    return str(answer.headers["Location"])


def link(client: Client, fake: FakeBluesky, typed: str = HANDLE) -> Any:
    return client.get(back(fake.consent(begin(client, typed))))


def member() -> tuple[User, Client]:
    user = person("nora")
    return user, signed_in(user)


def nothing_kept() -> bool:
    return not (SocialAccount.objects.exists() or Grant.objects.exists())


def trouble(answer: Any, status: int) -> str:
    """Return what the page that asks for a handle says went wrong."""
    assert answer.status_code == status
    return str(answer.context["trouble"])


# The way it should go


def test_somebody_new_signs_in_with_a_handle(bluesky: FakeBluesky) -> None:
    client = Client()

    answer = link(client, bluesky)

    account = SocialAccount.objects.get()
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(account.user_id)
    assert (account.provider, account.uid) == ("bluesky", DID)
    assert account.user.email == ""
    assert str(account.get_provider_account()) == f"@{HANDLE}"
    assert not SocialToken.objects.exists()


def test_signing_in_again_finds_the_same_person_under_another_handle(bluesky: FakeBluesky) -> None:
    link(Client(), bluesky)
    bluesky.documents[DID]["alsoKnownAs"] = ["at://nora.example"]
    bluesky.handles = {"nora.example": DID}

    link(Client(), bluesky, "nora.example")

    assert User.objects.count() == 1
    assert SocialAccount.objects.get().extra_data["username"] == "nora.example"


def test_somebody_signed_in_links_chooses_and_stays_the_same_person(bluesky: FakeBluesky) -> None:
    user, client = member()

    answer = link(client, bluesky)

    source = Source.objects.get()
    assert SocialAccount.objects.get().user == user
    assert answer.headers["Location"] == reverse("choose", args=[Grant.objects.get().pk])
    assert (source.network, source.issuer, source.external_id) == ("bluesky", "", DID)
    assert (source.title, source.followers, source.posts_90d) == (f"Nora Fields (@{HANDLE})", 41, 1)


def test_what_was_granted_is_kept_sealed_and_works(bluesky: FakeBluesky) -> None:
    _, client = member()

    link(client, bluesky)

    grant = Grant.objects.get()
    held = grant.access()
    assert grant.server == bluesky.server.url()
    assert grant.scopes == ["atproto"]
    assert grant.expires_at is not None
    assert timedelta(minutes=50) < grant.expires_at - grant.issued_at <= timedelta(hours=1)
    assert held.key not in grant.sealed_key
    assert connectors.get("bluesky").identity(held, now=timezone.now()).uid == DID


def test_the_consent_page_gets_nothing_but_a_name_and_a_reference(bluesky: FakeBluesky) -> None:
    address = begin(Client(), scope="transition:generic", auth_params="prompt=none")

    (pushed,) = [asked for asked in bluesky.server.asked(PAR) if asked.form["state"]][-1:]
    assert parse_qs(urlsplit(address).query).keys() == {"client_id", "request_uri"}
    assert pushed.form["scope"] == "atproto"
    assert pushed.form["code_challenge_method"] == "S256"
    assert pushed.form["login_hint"] == HANDLE
    assert pushed.form["redirect_uri"] == "http://127.0.0.1:8000/accounts/bluesky/callback/"
    assert "prompt" not in pushed.form


def test_a_server_that_wants_a_new_nonce_each_time_gets_it(bluesky: FakeBluesky) -> None:
    bluesky.turns_nonces = True

    link(Client(), bluesky)

    assert Grant.objects.get().access().token == bluesky.sessions[-1].access


def test_the_newest_nonce_of_a_server_is_used_at_once(bluesky: FakeBluesky) -> None:
    link(Client(), bluesky)
    before = len(bluesky.server.asked(PAR))

    begin(Client())

    assert len(bluesky.server.asked(PAR)) - before == 1


def test_a_nonce_that_another_thread_threw_away_is_used_all_the_same(
    bluesky: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Emptied(dict[str, str]):
        """What many threads share, emptied by another one after each write."""

        def __setitem__(self, place: str, nonce: str) -> None:
            """Keep nothing."""

    bluesky.turns_nonces = True
    monkeypatch.setattr(provider.connector().client, "_nonces", Emptied())

    link(Client(), bluesky)

    assert Grant.objects.get().access().token == bluesky.sessions[-1].access


@pytest.mark.parametrize("typed", [HANDLE, f"@{HANDLE}", " Nora.Test ", DID, f"at://{HANDLE}",
                                   f"https://bsky.app/profile/{HANDLE}"])  # fmt: skip
def test_an_account_is_found_in_what_people_type(bluesky: FakeBluesky, typed: str) -> None:
    link(Client(), bluesky, typed)

    assert SocialAccount.objects.get().uid == DID


def test_linking_again_ends_the_session_before(bluesky: FakeBluesky) -> None:
    _, client = member()
    link(client, bluesky)
    dropped: list[dict[str, Any]] = []

    def listen(**sent: Any) -> None:
        dropped.append(sent)

    grant_dropped.connect(listen)
    try:
        link(client, bluesky, DID)
    finally:
        grant_dropped.disconnect(listen)

    (asked,) = dropped
    names = ("network", "server", "account_id", "sealed", "sealed_key")
    revoking.revoke(**{name: asked[name] for name in names})
    first, second = bluesky.sessions
    assert (first.alive, second.alive) == (False, True)
    assert "canary" not in str(asked)


# A site at a public address


def test_a_public_site_signs_in_with_a_key_of_its_own(confidential: FakeBluesky) -> None:
    browser = Client(headers={"host": "klout.example"})

    link(browser, confidential)

    pushed = confidential.server.asked(PAR)[-1].form
    assert pushed["client_id"] == f"{SITE}/oauth/bluesky/client-metadata.json"
    assert pushed["client_assertion"]
    assert SocialAccount.objects.get().uid == DID


def test_what_servers_fetch_is_public_plain_and_holds_no_secret(
    confidential: FakeBluesky,
) -> None:
    browser = Client(headers={"host": "klout.example"})

    about = browser.get("/oauth/bluesky/client-metadata.json")
    keys = browser.get("/oauth/bluesky/jwks.json")

    assert (about.status_code, about["Content-Type"]) == (200, "application/json")
    assert about.json() == {
        "client_id": f"{SITE}/oauth/bluesky/client-metadata.json",
        "client_name": "Kloutsite",
        "client_uri": SITE,
        "application_type": "web",
        "redirect_uris": [f"{SITE}/accounts/bluesky/callback/"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "atproto",
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": f"{SITE}/oauth/bluesky/jwks.json",
    }
    (key,) = keys.json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_new_key_in_front_leaves_sessions_of_the_old_one_alive(
    confidential: FakeBluesky, settings: Any
) -> None:
    link(Client(headers={"host": "klout.example"}), confidential)
    old = settings.NETWORKS["bluesky"].client_secret
    has_key(settings, confidential, f'{{"keys": [{dpop.new_key()}, {old}]}}')
    grant = Grant.objects.get()

    renewed = connectors.get("bluesky").refresh(grant.access(), now=timezone.now())

    assert renewed.token == confidential.sessions[-1].access
    assert len(confidential.clients[f"{SITE}/oauth/bluesky/client-metadata.json"]["keys"]) == 2


def test_a_key_that_was_thrown_away_ends_its_sessions_in_words(
    confidential: FakeBluesky, settings: Any
) -> None:
    link(Client(headers={"host": "klout.example"}), confidential)
    has_key(settings, confidential, dpop.new_key())

    with pytest.raises(ConnectorError) as caught:
        connectors.get("bluesky").refresh(Grant.objects.get().access(), now=timezone.now())

    assert caught.value.code == Code.REVOKED


def test_a_site_without_https_says_what_its_operator_must_do(
    bluesky: FakeBluesky, settings: Any
) -> None:
    config = bluesky.config(site_url="http://localhost:8000")
    settings.NETWORKS = {**settings.NETWORKS, "bluesky": config}

    answer = Client().post(START, {"handle": HANDLE})

    assert "SITE_URL" in trouble(answer, 400)


def test_the_addresses_the_network_knows_are_those_of_the_site() -> None:
    assert reverse("bluesky_client_metadata") == atproto_oauth.METADATA_PATH
    assert reverse("bluesky_jwks") == atproto_oauth.JWKS_PATH
    assert reverse("bluesky_callback") == atproto_oauth.CALLBACK_PATH


def test_a_key_is_kept_where_none_is_set_and_refused_where_it_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = networks.configured(SITE, tmp_path)["bluesky"].client_secret
    again = networks.configured(SITE, tmp_path)["bluesky"].client_secret
    monkeypatch.setenv("BLUESKY_KEY", "a word")

    assert first == again
    assert dpop.keys_in(first) == (first,)
    assert (tmp_path / "bluesky_key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(env.BadSetting, match="new_signing_key") as caught:
        networks.configured(SITE, tmp_path)
    assert "a word" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": []}', '{"keys": [1]}', '{"kty": "oct", "k": "AAAA"}',
             json.dumps(dpop.public(dpop.new_key()))]
)  # fmt: skip
def test_only_private_keys_of_the_right_curve_sign(text: str) -> None:
    with pytest.raises(dpop.BadKey):
        dpop.keys_in(text)


def test_a_network_that_is_off_is_not_there(settings: Any) -> None:
    settings.NETWORKS = {}

    paths = [START, *map(reverse, ("bluesky_callback", "bluesky_jwks", "bluesky_client_metadata"))]

    assert [Client().get(path).status_code for path in paths] == [404] * 4


# What people type, and pages


@pytest.mark.parametrize(
    "typed", ["", "nora", "@", "nora@mastodon.social", "127.0.0.1", "http://nora.test", "a b.test",
              "did:plc:short", "did:web:127.0.0.1", "did:web:example.com%3A22", "x" * 10_000,
              "nora..test", "nora.test/../etc", "\x00.test"]
)  # fmt: skip
def test_what_is_no_handle_is_said_and_nobody_is_asked(bluesky: FakeBluesky, typed: str) -> None:
    answer = Client().post(START, {"handle": typed})

    assert "yourname.bsky.social" in trouble(answer, 400)
    assert not bluesky.server.requests


def test_a_handle_nobody_has_is_said(bluesky: FakeBluesky) -> None:
    answer = Client().post(START, {"handle": "nobody.test"})

    assert "no account with the handle nobody.test" in trouble(answer, 400)


def test_a_handle_that_could_not_be_looked_up_is_not_said_to_be_nobodys(
    bluesky: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_name_service(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name_service)

    answer = Client().post(START, {"handle": "nora.bsky.social"})

    said = trouble(answer, 400)
    assert "nora.bsky.social could not be looked up, which says nothing about the account" in said
    assert "no account" not in said
    hint = answer.content.decode().partition('id="handle-hint"')[2].partition("</p>")[0]
    assert "nora.bsky.social" not in hint


def test_looking_at_the_start_page_changes_nothing(bluesky: FakeBluesky) -> None:
    answer = Client().get(START, {"handle": HANDLE, "next": "/links/"})

    html = answer.content.decode()
    assert f'value="{HANDLE}"' in html
    assert 'value="/links/"' in html
    assert not bluesky.server.requests


def test_many_starts_in_a_short_time_are_slowed_down(bluesky: FakeBluesky) -> None:
    client = Client()

    codes = [client.post(START, {"handle": "nora"}).status_code for _ in range(31)]

    assert codes == [400] * 30 + [429]


def test_the_card_and_the_sign_in_page_ask_for_the_handle(bluesky: FakeBluesky) -> None:
    _, client = member()

    card = client.get(reverse("start")).content.decode()
    page = Client().get(reverse("account_login")).content.decode()

    assert all(f'action="{START}"' in html and 'name="handle"' in html for html in (card, page))


def test_a_link_is_connected_again_by_the_name_that_never_changes(bluesky: FakeBluesky) -> None:
    _, client = member()
    link(client, bluesky)
    source = Source.objects.get()
    source.selected, source.code = True, Code.REVOKED
    source.save()

    html = client.get(reverse("link", args=[source.pk])).content.decode()

    assert f'name="handle" value="{DID}"' in html


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"/plc/{DID}", reply({}, status=404)),
        (f"/plc/{DID}", reply({"id": OTHER})),
        (f"/plc/{DID}", reply({"id": DID, "service": []})),
        (f"/plc/{DID}", reply({}, status=503)),
        ("/.well-known/oauth-protected-resource", reply({"authorization_servers": []})),
        ("/.well-known/oauth-protected-resource", reply({"authorization_servers": [1]})),
        ("/.well-known/oauth-authorization-server", reply({"issuer": "https://evil.example"})),
        ("/.well-known/oauth-authorization-server", reply({}, status=429)),
        (PAR, refused("invalid_client_metadata", "Unable to obtain client metadata")),
        (PAR, refused("use_dpop_nonce", "Again and again", DPoP_Nonce="x")),
        (PAR, reply({"request_uri": 7}, status=201)),
        (PAR, reply([], status=201)),
    ],
)
def test_a_server_that_cannot_sign_in_is_said_and_nothing_is_kept(
    bluesky: FakeBluesky, path: str, answer: bytes
) -> None:
    bluesky.answer(path, lambda: answer)

    words = trouble(Client().post(START, {"handle": HANDLE}), 400)

    assert words.endswith(".")
    assert nothing_kept()


@pytest.mark.parametrize(
    "lacks", ["require_pushed_authorization_requests", "scopes_supported",
              "dpop_signing_alg_values_supported", "code_challenge_methods_supported",
              "authorization_response_iss_parameter_supported", "token_endpoint",
              "pushed_authorization_request_endpoint", "authorization_endpoint"]
)  # fmt: skip
def test_a_server_that_leaves_out_a_safeguard_is_not_used(bluesky: FakeBluesky, lacks: str) -> None:
    about = {name: value for name, value in bluesky.about().items() if name != lacks}
    bluesky.answer("/.well-known/oauth-authorization-server", lambda: reply(about))

    answer = Client().post(START, {"handle": HANDLE})

    assert trouble(answer, 400)
    assert not bluesky.server.asked(PAR)


# Saying no, and coming back twice


def test_saying_no_is_taken_for_an_answer(bluesky: FakeBluesky) -> None:
    _, client = member()

    answer = client.get(back(bluesky.consent(begin(client), answer="access_denied")))

    assert answer.headers["Location"] == reverse("links")
    assert said(answer) == "You said no at Bluesky. Nothing was stored."
    assert nothing_kept()


def test_a_server_that_stops_before_the_end_is_said(bluesky: FakeBluesky) -> None:
    client = Client()

    answer = client.get(back(bluesky.consent(begin(client), answer="server_error")))

    assert "stopped before the end" in trouble(answer, 401)


def test_a_callback_is_good_once(bluesky: FakeBluesky) -> None:
    client = Client()
    query = bluesky.consent(begin(client))
    client.get(back(query))
    asked = len(bluesky.server.asked(TOKEN))

    answer = client.get(back(query))

    assert "finished already" in trouble(answer, 401)
    assert len(bluesky.server.asked(TOKEN)) == asked


def test_a_callback_in_another_browser_finds_nothing(bluesky: FakeBluesky) -> None:
    query = bluesky.consent(begin(Client()))

    answer = Client().get(back(query))

    assert "another browser" in trouble(answer, 401)
    assert nothing_kept()


def test_a_code_that_was_shown_before_is_refused(bluesky: FakeBluesky) -> None:
    first, second = Client(), Client()
    spent = bluesky.consent(begin(first))
    first.get(back(spent))
    fresh = bluesky.consent(begin(second))

    answer = second.get(back({**fresh, "code": spent["code"]}))

    assert trouble(answer, 401)
    assert SocialAccount.objects.count() == 1


# Attacks


@pytest.mark.parametrize("iss", [None, "", "https://evil.example", "http://127.0.0.1:1"])
def test_an_answer_of_another_issuer_leads_nowhere(bluesky: FakeBluesky, iss: str | None) -> None:
    client = Client()
    query = bluesky.consent(begin(client))
    query = {name: value for name, value in query.items() if name != "iss"}

    answer = client.get(back(query if iss is None else {**query, "iss": iss}))

    assert "did not come from the server" in trouble(answer, 401)
    assert not bluesky.server.asked(TOKEN)
    assert nothing_kept()


def test_a_code_of_one_server_never_goes_to_another(bluesky: FakeBluesky) -> None:
    with FakeBluesky() as hostile:
        bluesky.documents[OTHER] = hostile.document(OTHER, "otto.test")
        client = Client()
        honest = bluesky.consent(begin(client))
        begun = hostile.consent(begin(client, "otto.test"), did=OTHER)

        mixed = [{"code": honest["code"], "state": begun["state"]},
                 {**begun, "code": honest["code"], "iss": honest["iss"]},
                 {**honest, "iss": begun["iss"]}]  # fmt: skip
        codes = [client.get(back(query)).status_code for query in mixed]

        stolen = [asked.form.get("code") for asked in hostile.server.asked(TOKEN)]
    assert codes == [401, 401, 401]
    assert honest["code"] not in stolen
    assert nothing_kept()


def test_an_account_other_than_the_one_typed_is_not_linked(bluesky: FakeBluesky) -> None:
    client = Client()

    answer = client.get(back(bluesky.consent(begin(client), did=OTHER)))

    assert "another account than the one you typed" in trouble(answer, 401)
    assert nothing_kept()


def test_a_server_cannot_speak_for_accounts_of_another_one(bluesky: FakeBluesky) -> None:
    client = Client()
    query = bluesky.consent(begin(client))
    with FakeBluesky() as real:
        bluesky.documents[DID] = real.document(DID, HANDLE)

        answer = client.get(back(query))

    assert "not the one your account is on" in trouble(answer, 401)
    assert nothing_kept()


def test_a_handle_that_does_not_point_back_is_nobody(bluesky: FakeBluesky) -> None:
    bluesky.handles["famous.test"] = DID

    answer = Client().post(START, {"handle": "famous.test"})

    assert "does not call itself so" in trouble(answer, 400)
    assert not bluesky.server.asked(PAR)


def test_a_handle_that_points_elsewhere_is_not_shown_as_theirs(bluesky: FakeBluesky) -> None:
    bluesky.handles[HANDLE] = OTHER

    link(Client(), bluesky, DID)

    assert SocialAccount.objects.get().extra_data["username"] == ""


def test_tokens_are_worth_nothing_without_their_key(bluesky: FakeBluesky) -> None:
    link(Client(), bluesky)
    held = Grant.objects.get().access()
    stolen = Access(token=held.token, refresh=held.refresh, account_id=DID, server=held.server,
                    key=connectors.get("bluesky").client.new_session_key())  # type: ignore[attr-defined]  # fmt: skip

    with pytest.raises(ConnectorError) as asked:
        connectors.get("bluesky").identity(stolen, now=timezone.now())
    with pytest.raises(ConnectorError) as renewed:
        connectors.get("bluesky").refresh(stolen, now=timezone.now())

    assert (asked.value.code, renewed.value.code) == (Code.CONTRACT, Code.REVOKED)


def test_a_bearer_token_is_not_taken(bluesky: FakeBluesky) -> None:
    bluesky.says = {"token_type": "Bearer"}

    answer = link(Client(), bluesky)

    assert "anybody could use" in trouble(answer, 401)


def test_the_browser_holds_no_key_and_no_page_or_log_shows_a_secret(
    bluesky: FakeBluesky, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = Client()
    query = bluesky.consent(begin(client))
    (state,) = [kept for kept, *_ in client.session["socialaccount_states"].values()]
    quoted = refused("invalid_grant", f"no such code {query['code']}")
    bluesky.answer(TOKEN, lambda: quoted)

    page = client.get(back(query)).content.decode()

    assert '"d"' not in json.dumps(state)
    assert state["sealed_key"].startswith("v1.")
    assert query["code"] not in page + caplog.text
    assert "canary" not in page + caplog.text


# Renewal


def linked(bluesky: FakeBluesky) -> Grant:
    """Return the grant of a link whose token ended eight days ago, which is when it is renewed."""
    link(Client(), bluesky)
    grant = Grant.objects.get()
    Grant.objects.update(expires_at=timezone.now() - timedelta(days=8))
    return grant


def identity(held: Access) -> Identity:
    return connectors.get("bluesky").identity(held, now=timezone.now())


def test_an_old_token_is_renewed_and_both_halves_are_kept(bluesky: FakeBluesky) -> None:
    grant = linked(bluesky)

    who = access.ask(grant, identity, now=timezone.now())

    held = Grant.objects.get().access()
    assert who.uid == DID
    assert (held.token, held.refresh) == (bluesky.sessions[0].access, bluesky.sessions[0].refresh)
    assert bluesky.sessions[0].alive


def test_a_refresh_token_shown_twice_ends_the_session(bluesky: FakeBluesky) -> None:
    held = bluesky.access()
    connectors.get("bluesky").refresh(held, now=timezone.now())

    with pytest.raises(ConnectorError) as caught:
        connectors.get("bluesky").refresh(held, now=timezone.now())

    assert caught.value.code == Code.REVOKED
    assert not bluesky.sessions[0].alive


def at_once(act: Any, count: int) -> list[Any]:
    """Return what `count` threads get that begin together."""
    gate = threading.Barrier(count)

    def run(_number: int) -> Any:
        try:
            gate.wait(60)
            return act()
        except ConnectorError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_renew_once_and_the_session_lives(bluesky: FakeBluesky) -> None:
    grant = linked(bluesky)
    before = len(bluesky.server.asked(TOKEN))

    answers = at_once(lambda: access.ask(grant, identity, now=timezone.now()).uid, 20)

    asked = bluesky.server.asked(TOKEN)[before:]
    assert answers == [DID] * 20
    assert len(asked) == 1
    assert bluesky.sessions[0].alive


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lease_workers_end_the_session(
    bluesky: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = linked(bluesky)
    gate, met = threading.Barrier(2), threading.Event()
    renew = bluesky.server.routes[TOKEN]

    def together(asked: Asked) -> bytes:
        if not met.is_set():
            gate.wait(60)  # both have read the same refresh token
            met.set()
        return renew(asked)

    bluesky.server.routes[TOKEN] = together
    monkeypatch.setattr(access, "_claim", lambda _grant, _now: True)

    at_once(lambda: access.ask(grant, identity, now=timezone.now()).uid, 2)

    assert not bluesky.sessions[0].alive


def test_a_dead_session_stops_no_reading_but_every_proof(bluesky: FakeBluesky) -> None:
    grant = linked(bluesky)
    bluesky.sessions[0].alive = False
    connector = connectors.get("bluesky")

    reading = access.ask(
        grant,
        lambda held: connector.read(
            held,
            DID,
            since=timezone.now() - timedelta(days=90),
            now=timezone.now(),
            progress=lambda _said: None,
        ),
        now=timezone.now(),
    )
    with pytest.raises(ConnectorError) as caught:
        access.ask(
            grant, lambda held: connector.targets(held, now=timezone.now()), now=timezone.now()
        )

    assert len(reading.posts) == 1
    assert reading.limited == ()
    assert caught.value.code == Code.REVOKED


@pytest.mark.parametrize(("days", "asks_person"), [(179, False), (181, True)])
def test_an_account_that_nothing_proves_for_half_a_year_is_to_be_connected_again(
    bluesky: FakeBluesky, days: int, asks_person: bool
) -> None:
    grant, now = linked(bluesky), timezone.now()
    bluesky.sessions[0].alive = False
    Grant.objects.update(issued_at=now - timedelta(days=400), expires_at=now - timedelta(days=days))

    def newest() -> object:
        connector = connectors.get("bluesky")
        return access.ask(grant, lambda held: connector.newest(held, DID, now=now), now=now)

    if not asks_person:
        assert newest()
        return
    with pytest.raises(ConnectorError) as caught:
        newest()
    assert caught.value.code == Code.EXPIRED
    assert str(caught.value) == (
        "Bluesky has not confirmed for 180 days that this account is yours. Connect it again."
    )


def test_a_key_that_cannot_be_opened_stops_no_reading(bluesky: FakeBluesky) -> None:
    grant = linked(bluesky)
    Grant.objects.update(sealed_token="v1.lost.AAAA")

    newest = access.ask(
        grant,
        lambda held: connectors.get("bluesky").newest(held, DID, now=timezone.now()),
        now=timezone.now(),
    )

    assert len(newest) == 1


def test_an_unlinked_account_is_not_read(bluesky: FakeBluesky) -> None:
    grant = linked(bluesky)
    Grant.objects.all().delete()

    with pytest.raises(ConnectorError) as caught:
        access.ask(grant, identity, now=timezone.now())

    assert caught.value.code == Code.EXPIRED


# Taking back


def test_unlinking_ends_the_session_at_its_server(bluesky: FakeBluesky) -> None:
    link(Client(), bluesky)
    held = Grant.objects.get().access()
    Grant.objects.all().delete()

    revoking.revoke(
        network="bluesky",
        server=held.server,
        account_id=DID,
        sealed=sealing.seal(held.token, bound_to="revoke"),
        sealed_key=sealing.seal(held.key, bound_to="revoke"),
    )

    assert not bluesky.sessions[0].alive
    assert connectors.get("bluesky").inspect(held, now=timezone.now()).active is False


def test_a_server_that_takes_nothing_back_is_not_asked(bluesky: FakeBluesky) -> None:
    about = bluesky.about() | {"revocation_endpoint": None}
    bluesky.answer("/.well-known/oauth-authorization-server", lambda: reply(about))

    connectors.get("bluesky").revoke(bluesky.access())

    assert not bluesky.server.asked(REVOKE)


# Identities


def test_both_kinds_of_identity_are_looked_up_where_they_belong() -> None:
    names = ["did:plc:" + "a" * 24, "did:web:nora.example"]

    assert [atproto.name_in(name) for name in names] == names


def test_a_document_that_names_no_handle_still_is_an_account(bluesky: FakeBluesky) -> None:
    bluesky.documents[DID]["alsoKnownAs"] = ["https://nora.example", "at://NOT A HANDLE"]

    account = atproto.document(bluesky.config(), DID, now=timezone.now())

    assert (account.handle, account.pds) == ("", bluesky.server.url())
