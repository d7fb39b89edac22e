"""Signing in with a server of the operator's: what its signed answer must be, and that is all."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts import connectors
from accounts.models import Grant, Source, User
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.oidc import FakeLogin, public
from tests.accounts.walks import back, begin, said
from tests.fault_server import FAULTS, reply

pytestmark = pytest.mark.django_db

DESCRIPTION = "/realms/ours/.well-known/openid-configuration"


@pytest.fixture
def login(settings: Any) -> Iterator[FakeLogin]:
    """The server, set up at this site as "Town Hall"."""
    fake = FakeLogin()
    settings.ALLOW_INSECURE_HOSTS = True
    settings.NETWORKS = {**settings.NETWORKS, "oidc": fake.config()}
    yield fake
    fake.stop()


def walk(client: Client, fake: FakeLogin) -> Any:
    """Walk from the button to the answer of our callback, saying yes."""
    query = begin(client, "oidc")
    fake.nonce = query["nonce"]
    return back(client, "oidc", state=query["state"], code=fake.code)


def refused(answer: Any) -> str:
    """Check that nobody was signed in and nothing kept; return what was said."""
    assert answer.status_code == 302
    assert not SocialAccount.objects.exists()
    assert not User.objects.exists()
    return said(answer)


# The way it should go


def test_somebody_new_signs_in_and_nothing_else_comes_of_it(login: FakeLogin) -> None:
    client = Client()

    walk(client, login)

    account = SocialAccount.objects.get()
    assert client.session["_auth_user_id"] == str(account.user_id)
    assert (account.user.username, account.user.display_name) == ("nora", "Nora Fields")
    assert account.user.email == ""
    assert not Grant.objects.exists()
    assert not Source.objects.exists()


def test_signing_in_again_finds_the_same_person_whatever_they_are_called(
    login: FakeLogin,
) -> None:
    walk(Client(), login)
    login.about |= {"preferred_username": "someone-else", "name": "Another Name"}

    walk(Client(), login)

    assert User.objects.count() == SocialAccount.objects.count() == 1


def test_somebody_signed_in_gets_a_second_way_in(login: FakeLogin) -> None:
    ada = person()

    answer = walk(signed_in(ada), login)

    assert SocialAccount.objects.get().user == ada
    assert answer.headers["Location"] == reverse("links")


def test_consent_is_asked_with_state_challenge_and_nonce(login: FakeLogin) -> None:
    query = begin(Client(), "oidc", scope="email", auth_params="prompt=none")

    assert query["at"].startswith(login.server.url("/authorize?"))
    assert set(query["scope"].split()) == {"openid", "profile"}
    assert query["code_challenge_method"] == "S256"
    assert query["nonce"] == query["code_challenge"]
    assert query["client_id"] == "ours"
    assert "prompt" not in query


def test_it_stands_among_the_ways_in_by_its_name_and_not_among_what_can_be_linked(
    login: FakeLogin,
) -> None:
    sign_in = Client().get(reverse("account_login")).content.decode()
    landing = Client().get(reverse("landing")).content.decode()
    start = signed_in(person()).get(reverse("start")).content.decode()

    assert "Town Hall" in sign_in
    assert reverse("oidc_login") in sign_in
    assert "Town Hall" not in landing
    assert reverse("oidc_login") not in start
    assert not connectors.has("oidc")
    assert "oidc" not in connectors.names()


def test_a_server_without_names_signs_in_by_its_id(login: FakeLogin) -> None:
    del login.described["userinfo_endpoint"]

    walk(Client(), login)

    assert SocialAccount.objects.get().uid.startswith("nora-7@")


def test_a_server_that_takes_the_secret_in_the_form_only_gets_it_there(login: FakeLogin) -> None:
    login.described["token_endpoint_auth_methods_supported"] = ["client_secret_post"]

    walk(Client(), login)

    (asked,) = login.server.asked("/token")
    assert "authorization" not in asked.headers
    assert asked.form["client_secret"] == "canary-secret"
    assert SocialAccount.objects.exists()


def test_the_same_id_at_another_server_is_somebody_else(login: FakeLogin, settings: Any) -> None:
    walk(Client(), login)
    other = FakeLogin()
    settings.NETWORKS = {**settings.NETWORKS, "oidc": other.config()}

    walk(Client(), other)
    other.stop()

    assert SocialAccount.objects.count() == User.objects.count() == 2


def test_a_new_key_of_the_server_is_found(login: FakeLogin) -> None:
    login.keys = [public("first"), public("second")]
    login.signed_by, login.header = "second", {"kid": "second"}

    walk(Client(), login)

    assert SocialAccount.objects.exists()


def test_several_audiences_are_fine_when_it_is_said_that_we_are_meant(login: FakeLogin) -> None:
    login.claims = {"aud": ["ours", "others"], "azp": "ours"}

    walk(Client(), login)

    assert SocialAccount.objects.exists()


# Answers that are not believed

FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another site": {"aud": "theirs"},
    "several sites, none meant": {"aud": ["ours", "theirs"]},
    "several sites, another meant": {"aud": ["ours", "theirs"], "azp": "theirs"},
    "one site, another meant": {"azp": "theirs"},
    "another question": {"nonce": "another"},
    "a nonce that is no text": {"nonce": 7},
    "an end long ago": {"exp": 1_000_000_000},
    "an end that is no time": {"exp": "tomorrow"},
    "an end that is yes": {"exp": True},
    "made in the future": {"iat": 4_000_000_000},
    "nobody": {"sub": ""},
    "somebody unspeakable": {"sub": "a\x00b"},
    "somebody too long": {"sub": "n" * 200},
    "somebody by number": {"sub": 7},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_claim_that_is_not_right_signs_nobody_in(login: FakeLogin, what: str) -> None:
    login.claims = FORGED[what]
    client = Client()
    query = begin(client, "oidc")
    login.nonce = query["nonce"]

    answer = back(client, "oidc", state=query["state"], code=login.code)

    assert "Town Hall could not be linked: " in refused(answer)


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "sub", "nonce"])
def test_a_claim_that_is_missing_signs_nobody_in(login: FakeLogin, claim: str) -> None:
    login.without = (claim,)

    assert "was not signed for this sign-in" in refused(walk(Client(), login))


def test_the_answer_to_another_browsers_question_signs_nobody_in(login: FakeLogin) -> None:
    victim, attacker = Client(), Client()
    theirs = begin(attacker, "oidc")
    query = begin(victim, "oidc")
    login.nonce = theirs["nonce"]

    answer = back(victim, "oidc", state=query["state"], code=login.code)

    assert "was not signed for this sign-in" in refused(answer)


@pytest.mark.parametrize(
    ("signed_by", "algorithm", "header"),
    [
        ("stranger", "ES256", {"kid": "first"}),
        ("stranger", "ES256", {"kid": "stranger"}),
        ("canary-secret-canary-secret-canary", "HS256", {"kid": "first"}),
        ("", "none", {"kid": "first"}),
    ],
)
def test_an_answer_that_the_server_did_not_sign_signs_nobody_in(
    login: FakeLogin, signed_by: str, algorithm: str, header: dict[str, Any]
) -> None:
    login.signed_by, login.algorithm, login.header = signed_by, algorithm, header

    assert "was not signed for this sign-in" in refused(walk(Client(), login))


def test_a_key_that_is_a_shared_secret_is_no_key(login: FakeLogin) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).rstrip(b"=").decode()
    login.keys = [{"kty": "oct", "kid": "first", "k": secret, "alg": "HS256"}]
    login.signed_by, login.algorithm = "s" * 32, "HS256"

    assert "was not signed for this sign-in" in refused(walk(Client(), login))


@pytest.mark.parametrize(
    "keys",
    [[], [public("second")], [public("first", use="enc")], [{"kid": "first"}],
     [public("first"), public("first")], [public("first", crv="P-999")], "none", None],
)  # fmt: skip
def test_without_exactly_the_servers_key_nobody_is_signed_in(login: FakeLogin, keys: Any) -> None:
    login.keys = keys

    assert "could not be linked: " in refused(walk(Client(), login))


@pytest.mark.parametrize("token", ["", "a.b.c", "not a token", None, 7, "e30.e30."])
def test_what_is_no_signed_answer_signs_nobody_in(login: FakeLogin, token: Any) -> None:
    answer = {"access_token": "canary-token", "id_token": token}
    login.server.routes["/token"] = lambda _asked: reply(answer)

    assert "could not be linked: " in refused(walk(Client(), login))


def test_a_name_about_somebody_else_signs_nobody_in(login: FakeLogin) -> None:
    login.about["sub"] = "otto-8"

    assert "spoke of somebody else" in refused(walk(Client(), login))


def test_a_used_code_is_said(login: FakeLogin) -> None:
    login.code = "another-code"
    client = Client()
    state = begin(client, "oidc")["state"]

    answer = back(client, "oidc", state=state, code="used-code")

    assert "was used already" in refused(answer)


# A server that cannot be used


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "ftp://a.example/"},
        {"jwks_uri": 7},
        {"userinfo_endpoint": "//a.example"},
    ],
)
def test_a_server_that_describes_itself_wrongly_is_said_before_anybody_is_sent_there(
    login: FakeLogin, change: dict[str, Any]
) -> None:
    login.described |= change

    answer = Client().post(reverse("oidc_login"))

    assert answer.headers["Location"] == reverse("account_login")
    assert "Town Hall could not be linked: The sign-in server" in refused(answer)


@pytest.mark.parametrize("fault", ["/500", "/web-page", "/malformed", "/no-answer", "/301"])
@pytest.mark.parametrize("path", [DESCRIPTION, "/token", "/keys"])
def test_a_server_in_trouble_is_said_in_words(login: FakeLogin, path: str, fault: str) -> None:
    assert fault in FAULTS
    client = Client()
    query = begin(client, "oidc")
    login.nonce = query["nonce"]
    login.server.faults[path] = fault

    answer = back(client, "oidc", state=query["state"], code=login.code)

    assert refused(answer).endswith(" Nothing was stored.")


def test_an_address_that_describes_nothing_is_said(login: FakeLogin) -> None:
    del login.server.routes[DESCRIPTION]

    answer = Client().post(reverse("oidc_login"))

    assert "does not say how to sign in (error 404)" in refused(answer)


def test_inside_addresses_that_a_server_names_are_not_opened(
    login: FakeLogin, settings: Any
) -> None:
    login.described["jwks_uri"] = "https://169.254.169.254/latest/meta-data"

    assert "cannot be opened from here" in refused(walk(Client(), login))


# Set up


def test_the_operator_reads_what_to_register(login: FakeLogin) -> None:
    boss = person("boss")
    User.objects.filter(pk=boss.pk).update(is_staff=True, is_superuser=True)

    page = signed_in(boss).get(reverse("ops_networks")).content.decode()

    assert f"<code>http://127.0.0.1:8000{reverse('oidc_callback')}</code>" in page
    assert "nothing of it counts" in page
    assert "YOUTUBE_IN_SCORE=on says that yours is one" in page
    assert "Off until REDDIT=on, even with keys" in page


def test_the_secret_is_never_sent_in_an_address(login: FakeLogin) -> None:
    walk(Client(), login)

    sent = json.dumps([each.query for each in login.server.requests])
    assert "canary" not in sent
    assert "canary-secret" not in repr(login.config())
