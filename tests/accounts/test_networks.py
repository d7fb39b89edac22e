"""What the frame promises for every network at one address: start, consent, coming back."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import connectors
from accounts.models import Grant, User
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes import FAKES, each, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import FAULTS, reply

pytestmark = pytest.mark.django_db

NETWORKS = [network for network in FAKES if network in connectors.SIGN_IN]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(params=each(NETWORKS))
def fake(request: pytest.FixtureRequest, settings: Any) -> Iterator[Fake]:
    """Each network in turn, switched on at this site."""
    with fake_of(request.param)() as made:
        switch_on(settings, made)
        yield made


def nothing_kept() -> bool:
    return not (SocialAccount.objects.exists() or Grant.objects.exists() or User.objects.exists())


# A network that is off


@pytest.mark.parametrize("network", each(connectors.SIGN_IN))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_network_that_is_off_has_no_start(network: str, method: str) -> None:
    answer = getattr(Client(), method)(reverse(f"{network}_login"))

    assert answer.status_code == 404


@pytest.mark.parametrize("network", each(connectors.SIGN_IN))
def test_a_network_that_is_off_cannot_be_come_back_from(network: str) -> None:
    answer = back(Client(), network, state="s", code="c")

    assert answer.status_code == 404
    assert nothing_kept()


def test_a_network_is_on_the_pages_exactly_while_it_is_on(fake: Fake, settings: Any) -> None:
    ada, start = signed_in(person()), reverse(f"{fake.network}_login")
    read_here = reverse("what_we_read", args=[fake.network])

    on = [shown(Client(), "account_login"), shown(ada, "start"), shown(Client(), "landing")]
    sentences = Client().get(read_here)
    settings.NETWORKS = {}
    off = [shown(Client(), "account_login"), shown(ada, "start"), shown(Client(), "landing")]
    turned_away = Client().get(read_here)

    assert [start in on[0], start in on[1], read_here in on[2]] == [True] * 3
    assert escape(fake.connector().reads[0]) in sentences.content.decode()
    assert not any(start in page or read_here in page for page in off)
    assert turned_away.status_code == 302


def shown(client: Client, page: str) -> str:
    """Return the page of that name as the browser gets it."""
    return str(client.get(reverse(page)).content.decode())


# The way there


def test_looking_at_the_start_asks_and_leads_nowhere(fake: Fake) -> None:
    answer = Client().get(reverse(f"{fake.network}_login"))

    assert answer.status_code == 200
    assert not fake.server.requests


def test_consent_is_asked_with_state_our_scopes_and_the_address_of_this_site(
    fake: Fake, settings: Any
) -> None:
    settings.SITE_URL = "https://klout.example.org"
    connector = connectors.sign_in(fake.network)

    query = begin(Client(headers={"host": "127.0.0.1"}), fake.network)

    callback = reverse(f"{fake.network}_callback")
    assert query["at"].startswith(connector.authorize_url + "?")
    assert query["redirect_uri"] == f"https://klout.example.org{callback}"
    assert query["response_type"] == "code"
    assert query[connector.client_id_name] == fake.config().client_id
    assert len(query["state"]) >= 16
    asked = query.get("scope", "").split(connector.separator)
    assert {scope for scope in asked if scope} == set(connector.scopes)
    for name, value in connector.authorize_params.items():
        assert query[name] == value


def test_the_challenge_is_hashed_and_its_verifier_goes_with_the_code(fake: Fake) -> None:
    if not connectors.sign_in(fake.network).pkce:
        pytest.skip("this network takes no challenge")
    client = Client()

    query = begin(client, fake.network)
    back(client, fake.network, state=query["state"], code=fake.code)

    verifiers = [each.form.get("code_verifier") for each in fake.server.requests]
    (verifier,) = [each for each in verifiers if each]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert query["code_challenge_method"] == "S256"
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize("where", ["address", "form"])
def test_what_a_visitor_adds_is_not_asked_for(fake: Fake, where: str) -> None:
    added = {"scope": "evil-scope", "auth_params": "evil=1&redirect_uri=https://evil.example/"}
    address = reverse(f"{fake.network}_login")

    plain = begin(Client(), fake.network)
    if where == "form":
        at = Client().post(address, added).headers["Location"]
    else:
        at = Client().post(address, query_params=added).headers["Location"]

    assert "evil" not in at
    assert at.partition("?")[0] == plain["at"].partition("?")[0]


@pytest.mark.parametrize("process", ["connect", "login", "redirect", ""])
def test_whoever_is_signed_in_links_and_stays_the_same_person(fake: Fake, process: str) -> None:
    ada = person()
    client = signed_in(ada)

    state = begin(client, fake.network, process=process)["state"]
    back(client, fake.network, state=state, code=fake.code)

    assert SocialAccount.objects.get().user == ada
    assert User.objects.get() == ada
    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize("process", ["connect", "login", "redirect", ""])
def test_whoever_is_not_signed_in_signs_in(fake: Fake, process: str) -> None:
    client = Client()

    state = begin(client, fake.network, process=process)["state"]
    back(client, fake.network, state=state, code=fake.code)

    account = SocialAccount.objects.get()
    assert client.session["_auth_user_id"] == str(account.user_id)
    assert account.user.email == ""


# The way back


def test_what_was_granted_is_kept_sealed_and_nowhere_else(fake: Fake) -> None:
    client = Client()

    walk(client, fake)

    grant = Grant.objects.get()
    token = grant.access().token
    assert token
    assert token not in grant.sealed_token
    assert not SocialToken.objects.exists()
    assert token not in str(SocialAccount.objects.get().extra_data)
    assert token not in str(dict(client.session))
    assert token not in repr(grant.access())


def test_linking_again_keeps_one_account_and_one_grant(fake: Fake) -> None:
    walk(Client(), fake)

    walk(Client(), fake)

    assert User.objects.count() == Grant.objects.count() == SocialAccount.objects.count() == 1


def test_saying_no_is_answered_in_one_sentence_and_nothing_is_kept(fake: Fake) -> None:
    client = Client()
    state = begin(client, fake.network)["state"]

    answer = back(client, fake.network, state=state, error="access_denied")

    name = fake.connector().name
    assert answer.status_code == 302
    assert said(answer) == f"You said no at {name}. Nothing was stored."
    assert not fake.server.requests
    assert nothing_kept()


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable", "<script>"])
def test_another_error_is_answered_in_words_of_ours(fake: Fake, error: str) -> None:
    client = Client()
    state = begin(client, fake.network)["state"]

    answer = back(client, fake.network, state=state, error=error, error_description="<b>bad</b>")

    assert "did not finish the link" in said(answer)
    assert "<" not in said(answer)
    assert nothing_kept()


def test_an_answer_counts_once_in_the_browser_that_asked(fake: Fake) -> None:
    client = Client()
    state = begin(client, fake.network)["state"]

    foreign = back(Client(), fake.network, state=state, code=fake.code)
    made_up = back(client, fake.network, state="made-up", code=fake.code)
    stateless = back(client, fake.network, code=fake.code)
    none_yet = nothing_kept() and not fake.server.requests
    first = back(client, fake.network, state=state, code=fake.code)
    asked = len(fake.server.requests)
    again = back(client, fake.network, state=state, code=fake.code)

    assert none_yet
    assert first.status_code == 302
    for refused in (foreign, made_up, stateless, again):
        assert refused.status_code == 302
        assert "Start again here" in said(refused)
    assert len(fake.server.requests) == asked
    assert Grant.objects.count() == 1


def test_an_answer_after_ten_minutes_is_refused(fake: Fake, time_machine: Any) -> None:
    client = Client()
    time_machine.move_to(NOON)
    state = begin(client, fake.network)["state"]
    time_machine.move_to(NOON.replace(minute=10, second=1))

    answer = back(client, fake.network, state=state, code=fake.code)

    assert "more than 10 minutes ago" in said(answer)
    assert nothing_kept()
    assert not fake.server.requests


def test_an_answer_to_somebody_who_signed_in_meanwhile_links_nothing(fake: Fake) -> None:
    client = Client()
    state = begin(client, fake.network)["state"]
    ada = person()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")

    answer = back(client, fake.network, state=state, code=fake.code)

    assert answer.status_code == 302
    assert not SocialAccount.objects.exists()
    assert client.session.get("_auth_user_id") == str(ada.pk)


def test_an_account_of_somebody_else_is_not_taken_and_theirs_stays_as_it_was(fake: Fake) -> None:
    walk(signed_in(person("ada")), fake)
    before = Grant.objects.get()
    otto = signed_in(person("otto"))

    answer = walk(otto, fake)

    after = Grant.objects.get()
    assert "is linked to another profile here" in said(answer)
    assert after.account.user.username == "ada"
    assert (after.sealed_token, after.issued_at) == (before.sealed_token, before.issued_at)


def test_who_starts_over_and_over_is_asked_to_wait_and_no_network_is_asked(
    settings: Any,
) -> None:
    with fake_of("x")() as fake:
        switch_on(settings, fake)
        client = Client()
        for _ in range(30):
            begin(client, "x")

        answer = client.post(reverse("x_login"))
        shown = client.get(reverse("x_login"))

        assert answer.headers["Location"] == reverse("account_login")
        assert "That was a lot of tries in a short time." in said(answer)
        assert shown.status_code == 200
        assert fake.server.requests == []


def test_a_callback_without_a_code_is_answered_in_words(fake: Fake) -> None:
    client = Client()
    state = begin(client, fake.network)["state"]

    answer = back(client, fake.network, state=state)

    assert answer.status_code == 302
    assert said(answer)
    assert nothing_kept()


@pytest.mark.parametrize(
    "fault", ["/500", "/502", "/malformed", "/web-page", "/no-answer", "/429-seconds", "/nan",
              "/not-utf-8", "/empty", "/301", "/deep", "/truncated", "/bad-gzip"],
)  # fmt: skip
def test_a_failed_exchange_is_answered_in_words_and_nothing_is_kept(fake: Fake, fault: str) -> None:
    assert fault in FAULTS
    fake.server.faults[fake.stages["link"][0]] = fault

    answer = walk(Client(), fake)

    words = said(answer)
    assert answer.status_code == 302
    assert "could not be linked: " in words
    assert words.endswith(" Nothing was stored.")
    assert nothing_kept()


@pytest.mark.parametrize(
    "body",
    [{}, [], "text", None, {"access_token": ""}, {"access_token": 7},
     {"access_token": "two words"}, {"access_token": "x" * 9_000}],
)  # fmt: skip
def test_a_yes_without_a_usable_key_is_no_link(fake: Fake, body: Any) -> None:
    fake.answer(fake.stages["link"][0], lambda: reply(body))

    answer = walk(Client(), fake)

    assert "could not be linked: " in said(answer)
    assert nothing_kept()


def test_a_key_never_travels_in_an_address(fake: Fake) -> None:
    walk(Client(), fake)

    token = Grant.objects.get().access().token
    sent = [f"{each.path} {each.query}" for each in fake.server.requests]
    assert not [address for address in sent if token in address]
