"""Signing in and linking by the made-up network, redirect by redirect, and its other pages."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts.connectors.base import Code
from accounts.models import Grant, SandboxFault, SandboxToken, Source, User
from accounts.sandbox import consent, people, switches, world
from accounts.sandbox.faults import Fault
from scoring.models import Job, ScoreSnapshot

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLBACK = "https://klout.example/accounts/sandbox/login/callback/"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-in-all"


def begin(client: Client, address: str = "/try/") -> str:
    """Start signing in; return the address of the consent page."""
    response = client.post(address)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("sandbox_authorize"))
    return response["Location"]


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the first form that answers the consent page."""
    pattern = r'<form[^>]*method="post"\s+action="/sandbox/authorize/".*?</form>'
    form = re.findall(pattern, page, re.DOTALL)[0]
    found = re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', form)
    fields = {name: html.unescape(value) for name, value in found}
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def answer(client: Client, address: str, **sent: object) -> str:
    """Answer the consent page; return the address that the network sends the browser to."""
    fields: dict[str, object] = dict(hidden(client.get(address).content.decode()))
    response = client.post(reverse("sandbox_authorize"), fields | sent)
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def sign_in(client: Client, **sent: object) -> User:
    """Go the whole way as somebody who allows everything."""
    back = answer(client, begin(client), **{"answer": "allow", **sent})
    response = client.get(back)
    assert response.status_code == 302
    return User.objects.get(socialaccount__uid=str(sent.get("person", "nora")))


def ask(**changed: str) -> dict[str, str]:
    """Return a request for consent as a client would send it."""
    return {
        "client_id": consent.CLIENT_ID,
        "redirect_uri": "http://testserver/accounts/sandbox/login/callback/",
        "response_type": "code",
        "scope": "profile posts reactions",
        "state": "s1",
        "code_challenge": consent.challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    } | changed


def code(*, now: datetime = NOW, places: tuple[str, ...] = ("maproom-lisbon",)) -> str:
    """Return a code that Nora's consent gave."""
    asked = consent.parse(ask(redirect_uri=CALLBACK), callback=CALLBACK)
    return consent.issue_code(asked, person="nora", places=places, now=now)


def exchange(given: str, **changed: object) -> dict[str, object]:
    kwargs: dict[str, object] = {
        "client_id": consent.CLIENT_ID,
        "redirect_uri": CALLBACK,
        "verifier": VERIFIER,
        "now": NOW + timedelta(seconds=5),
    }
    return consent.exchange(given, **(kwargs | changed))  # type: ignore[arg-type]


def test_a_newcomer_reaches_the_choice_of_pages_with_two_presses(client: Client) -> None:
    consent_page = begin(client)

    back = answer(client, consent_page, answer="allow")
    response = client.get(back)

    grant = Grant.objects.get()
    assert response["Location"] == reverse("choose", args=[grant.pk])
    assert sorted(grant.scopes) == ["posts", "profile", "reactions"]
    assert Source.objects.filter(grant=grant).count() == 4
    assert not Source.objects.filter(selected=True).exists()


def test_who_signs_up_is_marked_as_made_up_and_gets_name_and_time_zone(client: Client) -> None:
    user = sign_in(client)

    assert user.is_sample
    assert user.display_name == "Nora Lindqvist"
    assert user.time_zone == "Europe/Lisbon"
    assert user.username == "nora.lindqvist"
    assert not user.has_usable_password()
    assert client.get(reverse("sandbox_faults")).status_code == 200


def test_the_token_is_kept_hashed_there_and_sealed_here(client: Client) -> None:
    sign_in(client)

    grant, row = Grant.objects.get(), SandboxToken.objects.get()
    token = grant.access().token
    assert token not in (grant.sealed_token, row.digest)
    assert len(row.digest) == 64


def test_only_ticked_places_are_shown_to_the_site(client: Client) -> None:
    sign_in(client, answer="some", place=["slow-atlas"])

    assert [source.external_id for source in Source.objects.all()] == ["slow-atlas"]


def test_ticking_nothing_and_allowing_only_that_asks_again(client: Client) -> None:
    fields = hidden(client.get(begin(client)).content.decode())

    response = client.post(reverse("sandbox_authorize"), fields | {"answer": "some"})

    assert response.status_code == 422
    assert "Nothing is ticked" in response.content.decode()


def test_nothing_is_ticked_beforehand(client: Client) -> None:
    page = client.get(begin(client)).content.decode()

    boxes = re.findall(r"<input[^>]*checkbox[^>]*>", page)
    assert len(boxes) == 4
    assert not [box for box in boxes if "checked" in box]


@pytest.mark.parametrize("chosen", ["jun", "lucja-zawadzka"])
def test_somebody_else_can_be_chosen_on_the_consent_page(client: Client, chosen: str) -> None:
    address = begin(client)

    page = client.get(f"{address}&other={chosen}").content.decode()

    assert hidden(page)["person"] == chosen
    assert people.people()[chosen].name in page


def test_a_no_stores_nothing_and_says_so(client: Client) -> None:
    back = answer(client, begin(client), answer="no")

    response = client.get(back, follow=True)

    assert "error=access_denied" in back
    assert "You said no at Sandbox. Nothing was stored." in response.content.decode()
    assert not User.objects.exists()
    assert not SandboxToken.objects.exists()


def test_the_same_answer_twice_changes_nothing(client: Client) -> None:
    back = answer(client, begin(client), answer="allow")
    client.get(back)

    response = client.get(back)

    assert response.status_code == 302
    assert Grant.objects.count() == 1
    assert SandboxToken.objects.count() == 1


def test_an_answer_in_another_browser_signs_nobody_in(client: Client) -> None:
    back = answer(client, begin(client), answer="allow")

    response = Client().get(back, follow=True)

    assert "this browser did not ask" in response.content.decode()
    assert not User.objects.exists()


def test_somebody_who_is_signed_in_links_and_is_not_signed_out(client: Client) -> None:
    user = User.objects.create_user("real", "real@example.org", "long enough to be one")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post(
        reverse("account_login"), {"login": user.email, "password": "long enough to be one"}
    )

    address = begin(client, f"{reverse('sandbox_login')}?process=login")
    client.get(answer(client, address, answer="allow", person="jun"))

    account = SocialAccount.objects.get()
    user.refresh_from_db()
    assert account.user == user
    assert not user.is_sample
    assert user.time_zone == "UTC"
    assert User.objects.count() == 1


def test_connecting_again_mends_a_revoked_access(client: Client) -> None:
    user = sign_in(client)
    SandboxFault.objects.create(
        person="nora", target="", fault=Fault.REVOKED, since=Grant.objects.get().issued_at
    )
    Source.objects.filter(external_id="maproom-lisbon").update(selected=True, code=Code.REVOKED)

    client.get(answer(client, begin(client), answer="allow"))

    assert user.sources.get(external_id="maproom-lisbon").code == Code.OK
    assert 'value="revoked" selected' not in client.get("/sandbox/faults/").content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://evil.example/callback/"},
        {"redirect_uri": "http://testserver/accounts/sandbox/login/callback/?next=//evil.example"},
        {"redirect_uri": ""},
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_is_ever_redirected_to(
    client: Client, method: str, changed: dict[str, str]
) -> None:
    sent = ask(**changed) | {"answer": "allow", "person": "nora"}

    response = getattr(client, method)(reverse("sandbox_authorize"), sent)

    assert response.status_code == 400
    assert "Location" not in response


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_that_is_not_safe_is_sent_back_with_its_error(
    client: Client, method: str, changed: dict[str, str], error: str
) -> None:
    sent = ask(**changed) | {"answer": "allow", "person": "nora"}

    response = getattr(client, method)(reverse("sandbox_authorize"), sent)

    said = parse_qs(urlsplit(response["Location"]).query)
    assert said["error"] == [error]
    assert said["state"] == ["s1"]
    assert "code" not in said


def test_the_consent_page_refuses_an_answer_from_another_site() -> None:
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(
        reverse("sandbox_authorize"), ask() | {"answer": "allow", "person": "nora"}
    )

    assert response.status_code == 403


def test_a_person_who_does_not_exist_cannot_allow_anything(client: Client) -> None:
    response = client.post(
        reverse("sandbox_authorize"), ask() | {"answer": "allow", "person": "nobody"}
    )

    assert response.status_code == 422


def test_a_code_gives_one_token() -> None:
    given = code()

    token = exchange(given)

    assert token["scope"] == "profile posts reactions"
    assert SandboxToken.objects.get().targets == ["maproom-lisbon"]
    with pytest.raises(consent.Refused, match="used before"):
        exchange(given)
    assert SandboxToken.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"client_id": "somebody"}, "another app"),
        ({"redirect_uri": CALLBACK + "?x=1"}, "another app or address"),
        ({"verifier": ""}, "did not begin"),
        ({"verifier": VERIFIER[::-1]}, "did not begin"),
        ({"now": NOW + timedelta(seconds=61)}, "older than a minute"),
        ({"now": NOW - timedelta(seconds=1)}, "older than a minute"),
    ],
)
def test_a_code_is_bound_to_client_address_browser_and_minute(
    changed: dict[str, object], why: str
) -> None:
    with pytest.raises(consent.Refused, match=why):
        exchange(code(), **changed)

    assert not SandboxToken.objects.exists()


def test_a_code_that_was_changed_is_refused() -> None:
    given = code()

    with pytest.raises(consent.Refused, match="not given out here"):
        exchange(given[:-1] + ("A" if given[-1] != "A" else "B"))


def test_a_challenge_that_is_no_plain_text_fits_no_verifier() -> None:
    asked = consent.parse(ask(redirect_uri=CALLBACK, code_challenge="å" * 43), callback=CALLBACK)
    given = consent.issue_code(asked, person="nora", places=["nora"], now=NOW)

    with pytest.raises(consent.Refused, match="did not begin"):
        exchange(given)


def test_places_of_somebody_else_are_never_granted() -> None:
    exchange(code(places=("maproom-lisbon", "priya")))

    assert SandboxToken.objects.get().targets == ["maproom-lisbon"]


def test_faults_are_switched_for_ones_own_links_only(client: Client) -> None:
    sign_in(client)
    other = Client()
    sign_in(other, person="jun")

    client.post(
        reverse("sandbox_faults"), {"nora.maproom-lisbon": "role_lost", "jun.": "gone", "nora.": ""}
    )

    row = SandboxFault.objects.get()
    assert (row.person, row.target, row.fault) == ("nora", "maproom-lisbon", "role_lost")


def test_a_fault_is_switched_off_again_and_stays_since_its_first_moment(client: Client) -> None:
    sign_in(client)
    client.post(reverse("sandbox_faults"), {"nora.": "slow"})
    since = SandboxFault.objects.get().since

    client.post(reverse("sandbox_faults"), {"nora.": "slow"})
    unchanged = SandboxFault.objects.get().since
    client.post(reverse("sandbox_faults"), {"nora.": ""})

    assert unchanged == since
    assert not SandboxFault.objects.exists()


@pytest.mark.parametrize("sent", [{"nora.": "role_lost"}, {"nora.maproom-lisbon": "fire"}])
def test_a_fault_that_makes_no_sense_is_refused(client: Client, sent: dict[str, str]) -> None:
    sign_in(client)

    response = client.post(reverse("sandbox_faults"), sent)

    assert response.status_code == 400
    assert not SandboxFault.objects.exists()


def test_the_faults_page_says_how_long_a_refusal_is_not_believed(client: Client) -> None:
    sign_in(client)

    page = " ".join(client.get(reverse("sandbox_faults")).content.decode().split())

    assert "the link stays Healthy and says that it was refused" in page
    assert "30 minutes or more after the first" in page
    assert "waits 60 seconds between two presses" in page


def test_the_faults_page_is_for_people_who_are_signed_in(client: Client) -> None:
    response = client.get(reverse("sandbox_faults"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_every_page_of_the_sandbox_says_that_it_is_made_up(client: Client) -> None:
    newest = world.newest("maproom-lisbon", now=datetime.now(UTC), most=1)[0]
    addresses = [
        reverse("sandbox"),
        reverse("try"),
        begin(client),
        reverse("sandbox_place", args=["maproom-lisbon"]),
        reverse("sandbox_post", args=[newest.id]),
    ]

    for address in addresses:
        response = client.get(address)

        assert response.status_code == 200, address
        assert "nobody here is a real person" in response.content.decode()


def test_posts_for_friends_and_places_that_are_not_there_are_not_shown(client: Client) -> None:
    now = datetime.now(UTC)
    posts = world.posts("nora", since=now - timedelta(days=90), now=now)
    private = next(post for post in posts if not post.public)

    assert client.get(reverse("sandbox_post", args=[private.id])).status_code == 404
    assert client.get(reverse("sandbox_post", args=["nora~1~0"])).status_code == 404
    assert client.get(reverse("sandbox_place", args=["nobody"])).status_code == 404


def test_demo_people_are_linked_read_and_scored_once() -> None:
    call_command("demo", people=2, verbosity=0)
    before = list(ScoreSnapshot.objects.order_by("pk").values_list("pk", flat=True))

    call_command("demo", people=2, verbosity=0)

    members = User.objects.all()
    assert len(members) == 2
    assert all(user.is_sample and not user.has_usable_password() for user in members)
    assert Source.objects.filter(selected=True, code=Code.OK, read_at__isnull=False).count() == 2
    assert before
    assert before == list(ScoreSnapshot.objects.order_by("pk").values_list("pk", flat=True))
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
    featured = {person.id for person in people.featured()}
    assert not SocialAccount.objects.filter(uid__in=featured).exists()


def test_demo_people_can_have_a_password_when_the_operator_says_so() -> None:
    call_command("demo", people=1, password="a long enough one", verbosity=0)

    user = User.objects.get()
    assert user.check_password("a long enough one")
    assert user.emailaddress_set.get().email.endswith("@sandbox.invalid")


def test_demo_refuses_a_password_that_anybody_would_guess() -> None:
    with pytest.raises(CommandError):
        call_command("demo", people=1, password="password", verbosity=0)

    assert not User.objects.exists()


def test_demo_never_touches_somebody_who_linked_a_made_up_person() -> None:
    call_command("demo", people=1, verbosity=0)
    taken = SocialAccount.objects.get()
    User.objects.all().delete()
    real = User.objects.create_user("real", display_name="Really me")
    SocialAccount.objects.create(user=real, provider="sandbox", uid=taken.uid)

    call_command("demo", people=1, verbosity=0)

    real.refresh_from_db()
    assert User.objects.get() == real
    assert real.display_name == "Really me"
    assert not real.sources.exists()


@pytest.mark.one_engine
@pytest.mark.parametrize("fault", list(Fault))
def test_no_fault_keeps_somebody_from_signing_in_and_switching_it_off(
    client: Client, fault: Fault
) -> None:
    user = sign_in(client)
    SandboxFault.objects.create(person="nora", fault=fault, since=datetime.now(UTC))
    client.post(reverse("account_logout"))

    sign_in(client)

    assert client.get(reverse("sandbox_faults")).status_code == 200
    client.post(reverse("sandbox_faults"), {"nora.": ""})
    assert [switch.fault for switch in switches.of(user) if switch.fault] == []


def test_what_somebody_broke_of_a_sample_person_goes_with_their_account(client: Client) -> None:
    user = sign_in(client)
    now = datetime.now(UTC)
    SandboxFault.objects.create(person="nora", fault=Fault.SERVER_ERROR, since=now)
    kept = SandboxFault.objects.create(person="somebody-else", fault=Fault.GONE, since=now)

    user.delete()

    assert list(SandboxFault.objects.all()) == [kept]
