"""What Meta posts by itself: people who removed this site, and people it is to forget."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as site
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.base import Code
from accounts.connectors.signed_request import Forged, opened
from accounts.models import Grant, Source, User
from scoring.models import Job
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.facebook import FakeFacebook
from tests.accounts.fakes.instagram import FakeInstagram
from tests.accounts.fakes.threads import FakeThreads
from tests.accounts.walks import switch_on, walk

SECRET = "canary-secret"


@pytest.fixture
def facebook(settings: Any) -> Iterator[FakeFacebook]:
    """Facebook, switched on at this site."""
    with FakeFacebook() as fake:
        switch_on(settings, fake)
        yield fake


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def signed(
    user_id: Any = "77",
    *,
    at: datetime | None = None,
    secret: str = SECRET,
    algorithm: str = "HMAC-SHA256",
    digest: Any = hashlib.sha256,
    **more: Any,
) -> str:
    """Return a request as Meta signs it, or with something about it that is not right."""
    issued_at = int((at or timezone.now()).timestamp())
    said = {"user_id": user_id, "algorithm": algorithm, "issued_at": issued_at} | more
    payload = encoded(json.dumps(said).encode())
    return f"{encoded(hmac.new(secret.encode(), payload.encode(), digest).digest())}.{payload}"


def post(name: str, request: str, *, network: str = "facebook") -> HttpResponse:
    """Post as Meta's servers do: without cookies, and with the checks of forms switched on."""
    client = Client(enforce_csrf_checks=True)
    sent = {"signed_request": request}
    answer: HttpResponse = client.post(reverse(name, args=[network]), sent)
    return answer


def linked(fake: FakeFacebook) -> tuple[User, Source]:
    """Return somebody whose page counts, and the page."""
    user = person()
    client = signed_in(user)
    walk(client, fake)
    page = Source.objects.get(external_id="501")
    client.post(reverse("choose", args=[page.grant_id]), {"source": [page.pk]})
    return user, Source.objects.get(pk=page.pk)


FORGED = {
    "no request at all": "",
    "no signature": "." + signed().partition(".")[2],
    "another secret": signed(secret="guessed"),
    "another algorithm in use": signed(digest=hashlib.sha1),
    "another algorithm by name": signed(algorithm="none"),
    "no algorithm": signed(algorithm=""),
    "two points": signed() + ".x",
    "a payload of another": f"{signed().partition('.')[0]}.{signed('78').partition('.')[2]}",
    "no person": signed(None),
    "a person of many parts": signed({"id": "77"}),
    "no time": signed(issued_at=None),
    "a time of no clock": signed(issued_at=2**60),
    "a day and more ago": signed(at=timezone.now() - timedelta(hours=25)),
    "a time to come": signed(at=timezone.now() + timedelta(hours=1)),
    "spaces": signed() + " ",
}


@pytest.mark.django_db
@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["meta_deletion", "meta_deauthorise"])
@pytest.mark.parametrize("request_", FORGED.values(), ids=FORGED.keys())
def test_what_meta_did_not_sign_is_refused_and_changes_nothing(
    facebook: FakeFacebook, name: str, request_: str
) -> None:
    _, page = linked(facebook)

    answer = post(name, request_)

    page.refresh_from_db()
    assert answer.status_code == 400
    assert page.code == Code.OK
    assert SocialAccount.objects.get().uid == "77"


@given(text=st.text(max_size=200))
def test_no_text_at_all_is_taken_for_a_signed_request(text: str) -> None:
    with pytest.raises(Forged):
        opened(text, secret=SECRET, now=timezone.now())


def test_a_site_without_a_secret_takes_no_request_for_signed() -> None:
    with pytest.raises(Forged):
        opened(signed(secret=""), secret="", now=timezone.now())


@pytest.mark.django_db
def test_deletion_removes_all_that_the_account_brought(facebook: FakeFacebook) -> None:
    user, _ = linked(facebook)

    answer = post("meta_deletion", signed())

    assert answer.status_code == 200
    assert not SocialAccount.objects.exists()
    assert not Grant.objects.exists()
    assert not Source.objects.exists()
    assert User.objects.get() == user
    assert Job.objects.filter(kind=Job.Kind.SCORE).exists()


@pytest.mark.django_db
def test_deletion_answers_with_a_code_and_a_page_that_names_nobody(
    facebook: FakeFacebook, client: Client
) -> None:
    linked(facebook)

    said = json.loads(post("meta_deletion", signed()).content)
    page = client.get(said["url"].removeprefix(site.SITE_URL))

    html = page.content.decode()
    assert set(said) == {"url", "confirmation_code"}
    assert said["confirmation_code"].isalnum()
    assert said["url"].endswith(f"/{said['confirmation_code']}/")
    assert page.status_code == 200
    assert "Deleted, as Facebook asked" in html
    assert "Nora" not in html
    assert "Map Room" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["x{0}", "{0}0", "t{1}", "f", "facebook", "{1}"])
def test_a_code_that_is_not_ours_leads_nowhere(
    facebook: FakeFacebook, client: Client, change: str
) -> None:
    code = json.loads(post("meta_deletion", signed()).content)["confirmation_code"]

    answer = client.get(
        reverse("meta_deletion_status", args=[change.format(code, code.removeprefix("f"))])
    )

    assert answer.status_code == 404


@pytest.mark.django_db
def test_the_only_way_to_sign_in_stays_as_a_number_without_a_name(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)

    post("meta_deletion", signed())

    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("77", {})
    assert not Grant.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.django_db
def test_somebody_unknown_is_forgotten_already(facebook: FakeFacebook) -> None:
    linked(facebook)

    answer = post("meta_deletion", signed("78"))

    assert answer.status_code == 200
    assert SocialAccount.objects.get().uid == "77"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["meta_deletion", "meta_deauthorise"])
def test_a_request_that_comes_twice_does_no_harm(facebook: FakeFacebook, name: str) -> None:
    linked(facebook)
    request = signed()

    answers = [post(name, request).status_code for _ in range(2)]

    assert answers == [200, 200]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["meta_deletion", "meta_deauthorise"])
def test_a_request_from_before_the_person_connected_again_changes_nothing(
    facebook: FakeFacebook, name: str
) -> None:
    _, page = linked(facebook)

    answer = post(name, signed(at=timezone.now() - timedelta(hours=2)))

    page.refresh_from_db()
    assert answer.status_code == 200
    assert page.code == Code.OK


@pytest.mark.django_db
def test_a_site_that_was_removed_there_needs_its_person_here_at_once(
    facebook: FakeFacebook,
) -> None:
    _, page = linked(facebook)

    answer = post("meta_deauthorise", signed())

    page.refresh_from_db()
    assert answer.status_code == 200
    assert page.state_at(timezone.now()) == Source.State.NEEDS_YOU
    assert page.code == Code.REVOKED
    assert page.words == "Facebook says that you removed this site there."
    assert page.selected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fake", "user_id"),
    [
        (FakeInstagram, "990"),  # the id towards this site alone
        (FakeInstagram, "17841"),  # the id that everybody sees
        (FakeInstagram, 990),
        (FakeThreads, "24007"),
        (FakeThreads, 24007),
    ],
)
def test_each_network_is_heard_in_its_own_name(
    settings: Any, fake: type[FakeInstagram] | type[FakeThreads], user_id: Any
) -> None:
    with fake() as network:
        switch_on(settings, network)
        walk(signed_in(person()), network)

        answer = post("meta_deletion", signed(user_id), network=network.network)

    assert answer.status_code == 200
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_one_networks_request_does_not_reach_an_account_of_another(
    facebook: FakeFacebook, settings: Any
) -> None:
    linked(facebook)
    with FakeThreads() as threads:
        switch_on(settings, threads)

        answer = post("meta_deletion", signed(), network="threads")

    assert answer.status_code == 200
    assert SocialAccount.objects.get().provider == "facebook"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["meta_deletion", "meta_deauthorise"])
def test_only_posts_to_networks_that_are_on_are_heard(facebook: FakeFacebook, name: str) -> None:
    looked = Client().get(reverse(name, args=["facebook"]))
    off = post(name, signed(), network="threads")
    other = post(name, signed(), network="mastodon")

    assert [looked.status_code, off.status_code, other.status_code] == [405, 404, 404]
