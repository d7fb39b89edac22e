"""Facebook: the whole flow through the site, the choice of pages, what is read, what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.connectors.base import Access, Cause, Code, ConnectorError, Kind, Reading, Target
from accounts.connectors.facebook import Facebook
from accounts.connectors.meta import proof
from accounts.models import Grant, Source, User
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.facebook import LONG, PAGE, SCOPES, FakeFacebook
from tests.accounts.fakes.meta import Made, bearer, refusal
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")

POSTS = "/v25.0/501/published_posts"


@pytest.fixture
def facebook(settings: Any) -> Iterator[FakeFacebook]:
    """The network, switched on at this site."""
    with FakeFacebook() as fake:
        switch_on(settings, fake)
        yield fake


def connector(fake: FakeFacebook) -> Facebook:
    found = fake.connector()
    assert isinstance(found, Facebook)
    return found


def read(fake: FakeFacebook, *, days: float = 90, **access: Any) -> Reading:
    """Return what a read of the page 501 holds."""
    since = fake.now - timedelta(days=days)
    allowed = replace(fake.access(), **access)
    return connector(fake).read(
        allowed, "501", since=since, now=fake.now, progress=lambda _said: None
    )


def refused(fake: FakeFacebook, **access: Any) -> ConnectorError:
    """Return the error that a read ends with."""
    with pytest.raises(ConnectorError) as caught:
        read(fake, **access)
    return caught.value


def listed(fake: FakeFacebook, **access: Any) -> dict[str, Target]:
    """Return what could count, by its id."""
    targets = connector(fake).targets(replace(fake.access(), **access), now=fake.now)
    return {target.external_id: target for target in targets}


def targets_or_refused(fake: FakeFacebook) -> list[Target]:
    """Return what could count; nothing where Facebook is not understood, which is said in words."""
    try:
        return list(connector(fake).targets(fake.access(), now=fake.now))
    except ConnectorError as error:
        words = str(error)
    assert words.endswith(".")
    return []


def causes(fake: FakeFacebook) -> list[Cause]:
    return list(connector(fake).missing(fake.access(), now=fake.now))


# Signing in and linking


@pytest.mark.django_db
def test_somebody_new_signs_in_and_is_asked_what_counts(facebook: FakeFacebook) -> None:
    client = Client()

    answer = walk(client, facebook)

    grant = Grant.objects.get()
    assert answer.headers["Location"] == reverse("choose", args=[grant.pk])
    assert (grant.account.provider, grant.account.uid) == ("facebook", "77")
    assert client.session["_auth_user_id"] == str(grant.account.user_id)
    assert grant.account.user.email == ""
    assert grant.access().token == LONG
    assert set(grant.scopes) == set(SCOPES)


@pytest.mark.django_db
def test_somebody_signed_in_links_and_stays_the_same_person(facebook: FakeFacebook) -> None:
    ada = person()

    walk(signed_in(ada), facebook)

    assert SocialAccount.objects.get().user == ada
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_new_name_at_facebook_is_the_same_person(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    facebook.me["name"] = "Nora Lindqvist"

    walk(Client(), facebook)

    assert SocialAccount.objects.get().uid == "77"
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_consent_is_asked_with_commas_and_the_version_that_is_set(facebook: FakeFacebook) -> None:
    query = begin(Client(), "facebook")

    assert query["at"].startswith(facebook.server.url("/web/v25.0/dialog/oauth?"))
    assert set(query["scope"].split(",")) == set(SCOPES)
    assert query["response_type"] == "code"
    assert "auth_type" not in query
    assert "code_challenge" not in query


@pytest.mark.django_db
def test_what_was_declined_is_asked_for_once_more(facebook: FakeFacebook) -> None:
    query = begin(Client(), "facebook", again="1")

    assert query["auth_type"] == "rerequest"


@pytest.mark.django_db
def test_the_key_of_an_hour_is_exchanged_at_once_and_no_key_stands_in_an_address(
    facebook: FakeFacebook,
) -> None:
    walk(Client(), facebook)

    first, second = facebook.server.asked("/v25.0/oauth/access_token")
    addresses = [str(asked.query) for asked in facebook.server.requests]
    assert first.form["code"] == facebook.code
    assert second.form["grant_type"] == "fb_exchange_token"
    assert not [address for address in addresses if "canary" in address]


@pytest.mark.django_db
def test_a_grant_ends_after_sixty_days_and_its_data_after_ninety(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)

    grant = Grant.objects.get()
    assert grant.expires_at is not None
    assert grant.data_ends_at is not None
    assert round((grant.expires_at - grant.issued_at) / timedelta(days=1)) == 60
    assert round((grant.data_ends_at - grant.issued_at) / timedelta(days=1)) == 90


@pytest.mark.django_db
def test_a_permission_that_was_not_ticked_is_not_taken_for_granted(facebook: FakeFacebook) -> None:
    facebook.allowed |= {"business_management": "declined", "instagram_basic": "expired"}

    walk(Client(), facebook)

    grant = Grant.objects.get()
    assert set(grant.asked_scopes) - set(grant.scopes) == {"business_management", "instagram_basic"}


@pytest.mark.django_db
def test_saying_no_is_said_and_nothing_is_kept(facebook: FakeFacebook) -> None:
    client = Client()
    state = begin(client, "facebook")["state"]

    answer = back(client, "facebook", state=state, error="access_denied")

    assert "You said no at Facebook. Nothing was stored." in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_refused_code_is_said_and_nothing_is_kept(facebook: FakeFacebook) -> None:
    client = Client()
    state = begin(client, "facebook")["state"]

    answer = back(client, "facebook", state=state, code="used-code")

    assert "was used or too old. Start again." in said(answer)
    assert not SocialAccount.objects.exists()


# What could count


def test_pages_are_listed_with_role_followers_and_posts(facebook: FakeFacebook) -> None:
    page = listed(facebook)["501"]

    assert (page.kind, page.title, page.role) == ("page", "Map Room Lisbon", "admin")
    assert (page.followers, page.posts_90d) == (6_120, 2)
    assert page.last_post_at is not None
    assert (facebook.now - page.last_post_at).days == 2
    assert page.token == PAGE
    assert page.selectable


def test_a_personal_profile_is_named_and_cannot_count(facebook: FakeFacebook) -> None:
    profile = listed(facebook)["77"]

    assert (profile.kind, profile.title, profile.selectable) == ("profile", "Nora Fields", False)
    assert "personal profile" in profile.reason


@pytest.mark.parametrize("tasks", [["MODERATE"], ["ADVERTISE", "MESSAGING"], []])
def test_a_role_that_is_too_small_is_shown_with_its_reason(
    facebook: FakeFacebook, tasks: list[str]
) -> None:
    facebook.page("502", "Kartor Co-op", key="canary-502", tasks=tasks)

    page = listed(facebook)["502"]

    assert not page.selectable
    assert "insights" in page.reason


def test_a_page_without_a_key_of_its_own_cannot_count(facebook: FakeFacebook) -> None:
    facebook.page("502", "Kartor Co-op")

    assert not listed(facebook)["502"].selectable


def test_a_page_whose_posts_are_refused_cannot_count_and_the_rest_can(
    facebook: FakeFacebook,
) -> None:
    facebook.page("502", "Kartor Co-op", key="canary-502")
    facebook.answer("/v25.0/502/published_posts", lambda: refusal(10, status=403))

    pages = listed(facebook)

    assert not pages["502"].selectable
    assert pages["501"].selectable


def test_a_page_that_does_not_answer_in_time_can_be_chosen_all_the_same(
    facebook: FakeFacebook,
) -> None:
    facebook.answer(POSTS, lambda: refusal(2, status=503))

    page = listed(facebook)["501"]

    assert page.selectable
    assert page.posts_90d is None


def test_pages_go_on_until_there_is_no_next_link(facebook: FakeFacebook) -> None:
    for number in range(230):
        facebook.page(f"9{number:03}", f"Page {number}", tasks=["MODERATE"])

    assert len(listed(facebook)) == 232


def test_a_list_in_circles_is_not_followed(facebook: FakeFacebook) -> None:
    circle = {"data": [{"id": "1"}], "paging": {"next": "https://x/y?after=again"}}
    facebook.answer("/v25.0/me/accounts", lambda: reply(circle))

    with pytest.raises(ConnectorError) as caught:
        listed(facebook)

    assert caught.value.code == Code.CONTRACT
    assert len(facebook.server.asked("/v25.0/me/accounts")) == 2


def test_pages_of_portfolios_are_listed_once_with_the_key_that_one_list_has(
    facebook: FakeFacebook,
) -> None:
    owned = {"id": "601", "name": "Owned", "access_token": "canary-601", "tasks": ["ANALYZE"]}
    client = {"id": "602", "name": "Client's", "tasks": ["MODERATE"]}
    known = {"id": "501", "name": "Map Room Lisbon", "access_token": PAGE, "tasks": ["ANALYZE"]}
    facebook.page("601", "Owned")
    facebook.business("31", "Kartor", owned_pages=[owned, known], client_pages=[client])

    pages = connector(facebook).targets(facebook.access(), now=facebook.now)

    assert [page.external_id for page in pages] == ["501", "601", "602", "77"]
    assert [page.selectable for page in pages] == [True, True, False, False]


def test_portfolios_are_not_asked_where_that_was_not_allowed(facebook: FakeFacebook) -> None:
    facebook.business("31", "Kartor", owned_pages=[{"id": "601", "name": "Owned"}])

    pages = listed(facebook, scopes=("pages_show_list", "pages_read_engagement"))

    assert "601" not in pages
    assert not facebook.server.asked("/v25.0/me/businesses")


def test_a_refusal_of_portfolios_leaves_the_own_list(facebook: FakeFacebook) -> None:
    facebook.answer("/v25.0/me/businesses", lambda: refusal(200, status=403))

    assert set(listed(facebook)) == {"501", "77"}


@pytest.mark.django_db
def test_a_page_that_was_chosen_is_kept_with_its_own_key(facebook: FakeFacebook) -> None:
    user = person()
    client = signed_in(user)
    walk(client, facebook)
    page = Source.objects.get(external_id="501")
    profile = Source.objects.get(external_id="77")

    refused = client.post(reverse("choose", args=[page.grant_id]), {"source": [profile.pk]})
    chosen = client.post(reverse("choose", args=[page.grant_id]), {"source": [page.pk]})

    page.refresh_from_db()
    assert refused.status_code == 400
    assert chosen.status_code == 302
    assert page.selected
    assert page.target_token() == PAGE
    assert PAGE not in page.sealed_token


# What is read


def test_posts_come_with_their_counts(facebook: FakeFacebook) -> None:
    reading = read(facebook)

    newest = reading.posts[0]
    assert (newest.external_id, newest.text) == ("501_1", "Open on Sunday")
    assert newest.url == "https://www.facebook.com/501/posts/1"
    assert newest.counts == {Kind.LIKE: 12, Kind.REPLY: 3, Kind.REPOST: 2}
    assert reading.posts[1].counts[Kind.REPOST] == 0  # Facebook leaves out a share count of none
    assert reading.followers == 6_120
    assert reading.interactions == ()
    assert reading.limited == ()


def test_a_page_is_read_with_its_own_key_and_the_proof_that_goes_with_it(
    facebook: FakeFacebook,
) -> None:
    read(facebook)

    assert {bearer(asked) for asked in facebook.server.requests} == {PAGE}
    proofs = {asked.query["appsecret_proof"] for asked in facebook.server.requests}
    assert proofs == {proof(PAGE, "canary-secret")}


def test_without_a_page_key_nothing_is_asked(facebook: FakeFacebook) -> None:
    error = refused(facebook, target_token="")

    assert error.code == Code.ROLE_LOST
    assert not facebook.server.requests


def test_the_version_that_is_set_stands_in_every_path(facebook: FakeFacebook) -> None:
    config = facebook.config()
    newer = replace(config, options=(("version", "v26.0"), ("scopes", "public_profile")))
    facebook.server.routes = {
        path.replace("/v25.0/", "/v26.0/"): route for path, route in facebook.server.routes.items()
    }

    found = Facebook(newer)
    found.exchange(facebook.code, redirect_uri="http://127.0.0.1/x", verifier="", now=facebook.now)
    found.targets(facebook.access(), now=facebook.now)
    found.read(
        facebook.access(), "501", since=facebook.now - timedelta(days=9), now=facebook.now,
        progress=lambda _said: None,
    )  # fmt: skip

    assert found.authorize_url.endswith("/v26.0/dialog/oauth")
    assert {asked.path.split("/")[1] for asked in facebook.server.requests} == {"v26.0"}


def test_only_the_time_that_is_asked_for_is_read(facebook: FakeFacebook) -> None:
    reading = read(facebook, days=30)

    assert [post.external_id for post in reading.posts] == ["501_1"]
    assert reading.since == facebook.now - timedelta(days=30)


def test_what_a_page_only_passed_on_is_not_its_own(facebook: FakeFacebook) -> None:
    facebook.post("501", "3", days=1, parent_id="999_1")
    facebook.post("501", "4", days=1, parent_id="501_1")

    reading = read(facebook)

    assert {post.external_id for post in reading.posts} == {"501_1", "501_2", "501_4"}
    assert reading.left_out == {"reposts_of_others": 1}


def test_hidden_and_odd_counts_are_unknown_and_not_zero(facebook: FakeFacebook) -> None:
    post = facebook.lists["501"][0]
    del post["reactions"]
    post["comments"] = {"summary": {"total_count": -4}}

    counts = read(facebook).posts[0].counts

    assert counts[Kind.LIKE] is None
    assert counts[Kind.REPLY] is None


def test_a_page_that_is_too_much_at_once_is_read_in_smaller_pieces(facebook: FakeFacebook) -> None:
    for number in range(60):
        facebook.post("501", f"x{number}", days=3, likes=1)
    facebook.heavy = 25

    reading = read(facebook)

    limits = [asked.query["limit"] for asked in facebook.server.asked(POSTS)]
    assert len(reading.posts) == 62
    assert limits == ["100", "50", "25", "25", "25"]


def test_a_count_that_facebook_retired_is_said_and_the_rest_is_read(
    facebook: FakeFacebook,
) -> None:
    facebook.retired = {"shares"}

    reading = read(facebook)

    assert reading.posts[0].counts == {Kind.LIKE: 12, Kind.REPLY: 3, Kind.REPOST: None}
    assert reading.limited == ("Shares cannot be read any more.",)


def test_more_posts_than_are_read_are_said_and_what_is_complete_begins_later(
    facebook: FakeFacebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.connectors.meta_reading.POST_PAGES", 1)
    for number in range(150):
        facebook.post("501", f"x{number}", days=3 + number / 10, likes=1)

    reading = read(facebook)

    assert reading.limited == ("Only the newest 100 posts were read.",)
    assert reading.since == min(post.created_at for post in reading.posts)


def test_the_newest_posts_come_with_the_counts_of_now(facebook: FakeFacebook) -> None:
    facebook.lists["501"][0]["reactions"]["summary"]["total_count"] = 13

    posts = connector(facebook).newest(facebook.access(), "501", now=facebook.now)

    assert posts[0].counts[Kind.LIKE] == 13


# Limits and refusals


def test_a_limit_says_when_to_come_back(facebook: FakeFacebook) -> None:
    used = '{"501":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":22}]}'
    limit = refusal(32, status=403).replace(
        b"\r\n\r\n", f"\r\nX-Business-Use-Case-Usage: {used}\r\n\r\n".encode(), 1
    )
    facebook.answer(POSTS, lambda: limit)

    error = refused(facebook)

    assert error.code == Code.RATE_LIMITED
    assert error.retry_at is not None
    assert timedelta(minutes=22) <= error.retry_at - facebook.now < timedelta(minutes=24)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"allowed": {"pages_read_engagement": "declined"}}, Code.SCOPE_MISSING),
        ({"allowed": {"pages_show_list": "expired"}}, Code.SCOPE_MISSING),
        ({"pages": []}, Code.ROLE_LOST),
        ({"tasks": ["MODERATE"]}, Code.ROLE_LOST),
        ({"pages": [], "ticked": ["502"]}, Code.SOURCE_NOT_GRANTED),
        ({"pages": [], "ticked": ["501"]}, Code.ROLE_LOST),
        ({}, Code.APP_NOT_APPROVED),
    ],
)
def test_a_refusal_is_traced_to_its_true_cause(
    facebook: FakeFacebook, change: Made, code: Code
) -> None:
    facebook.answer(POSTS, lambda: refusal(200, "(#200) Requires permission", status=403))
    facebook.allowed |= change.get("allowed", {})
    facebook.pages = change.get("pages", facebook.pages)
    if "tasks" in change:
        facebook.pages[0]["tasks"] = change["tasks"]
    if "ticked" in change:
        scope = {"scope": "pages_read_engagement", "target_ids": change["ticked"]}
        facebook.debugged["granular_scopes"] = [scope]

    error = refused(facebook)

    assert error.code == code
    assert str(error).endswith(".")


def test_a_page_that_is_gone_is_told_from_one_that_was_not_ticked(facebook: FakeFacebook) -> None:
    facebook.answer("/v25.0/501", lambda: refusal(100, "Unsupported get request.", sub=33))
    facebook.pages = []

    gone = refused(facebook)
    facebook.debugged["granular_scopes"] = [{"scope": "pages_show_list", "target_ids": ["502"]}]
    not_ticked = refused(facebook)

    assert gone.code == Code.GONE
    assert not_ticked.code == Code.SOURCE_NOT_GRANTED


def test_a_page_key_that_died_with_that_of_its_person_is_told_as_such(
    facebook: FakeFacebook,
) -> None:
    facebook.alive = set()

    error = refused(facebook)

    assert error.code == Code.REVOKED
    assert bearer(facebook.server.requests[-1]) == LONG


def test_no_key_is_quoted_in_an_error(facebook: FakeFacebook) -> None:
    key = "EAAB" + "x" * 60
    message = f"Malformed access token {PAGE} {key} canary-secret"
    facebook.answer(POSTS, lambda: refusal(190, message))

    error = refused(facebook)

    assert error.raw == "190/0 Malformed access token … … …"


# What Facebook says of an access, and of what is missing


def test_facebook_says_what_was_granted_and_which_pages_were_ticked(
    facebook: FakeFacebook,
) -> None:
    facebook.debugged["granular_scopes"] = [
        {"scope": "pages_show_list", "target_ids": ["501", "502"]},
        {"scope": "pages_read_engagement", "target_ids": ["501"]},
        {"scope": "instagram_basic"},
    ]

    inspected = connector(facebook).inspect(facebook.access(), now=facebook.now)

    assert inspected.active
    assert inspected.scopes == SCOPES
    assert inspected.targets == {"501"}
    assert inspected.expires_at is not None
    assert inspected.expires_at.timestamp() == 1_900_000_000


def test_no_ids_mean_that_all_pages_were_ticked_and_no_end_that_there_is_none(
    facebook: FakeFacebook,
) -> None:
    facebook.debugged["expires_at"] = 0

    inspected = connector(facebook).inspect(facebook.access(), now=facebook.now)

    assert inspected.targets is None
    assert inspected.expires_at is None


def test_a_dead_key_is_no_error(facebook: FakeFacebook) -> None:
    facebook.alive = set()

    inspected = connector(facebook).inspect(facebook.access(), now=facebook.now)

    assert (inspected.active, inspected.words) == (False, "Session has expired")


def test_everything_allowed_rules_out_two_causes_and_leaves_the_role_open(
    facebook: FakeFacebook,
) -> None:
    assert [cause.holds for cause in causes(facebook)] == [False, False, None]


def test_a_page_that_was_not_ticked_is_named_as_the_cause(facebook: FakeFacebook) -> None:
    facebook.debugged["granular_scopes"] = [{"scope": "pages_show_list", "target_ids": ["501"]}]

    cause = causes(facebook)[0]

    assert cause.holds
    assert "1 page is ticked" in cause.why
    assert cause.ask == ("pages_show_list", "pages_read_engagement")


def test_a_permission_that_was_declined_is_the_one_to_ask_for_again(
    facebook: FakeFacebook,
) -> None:
    facebook.allowed["pages_read_engagement"] = "declined"
    facebook.allowed["business_management"] = "declined"

    ticked, portfolio, _role = causes(facebook)

    assert (ticked.holds, ticked.ask) == (True, ("pages_read_engagement",))
    assert (portfolio.holds, portfolio.ask) == (True, ("business_management",))


def test_portfolios_that_are_allowed_are_counted(facebook: FakeFacebook) -> None:
    facebook.business("31", "Kartor")

    cause = causes(facebook)[1]

    assert cause.holds is False
    assert "your portfolio" in cause.why


def test_a_cause_that_cannot_be_asked_is_left_open(facebook: FakeFacebook) -> None:
    facebook.answer("/v25.0/me/businesses", lambda: refusal(2, status=503))

    assert causes(facebook)[1].holds is None


def test_a_role_that_is_too_small_is_named(facebook: FakeFacebook) -> None:
    facebook.page("502", "Kartor Co-op", tasks=["MODERATE"])

    cause = causes(facebook)[2]

    assert cause.holds
    assert "Kartor Co-op" in cause.why


@pytest.mark.django_db
def test_the_page_of_choosing_shows_what_facebook_says_is_missing(facebook: FakeFacebook) -> None:
    client = signed_in(person())
    walk(client, facebook)
    facebook.debugged["granular_scopes"] = [{"scope": "pages_show_list", "target_ids": ["501"]}]

    answer = client.post(reverse("choose_missing", args=[Grant.objects.get().pk]))

    assert "1 page is ticked" in answer.content.decode()


def test_ending_an_access_takes_this_site_off_the_persons_list(facebook: FakeFacebook) -> None:
    connector(facebook).revoke(facebook.access())

    assert facebook.removed == [LONG]


def test_facebooks_clock_is_that_of_its_answers(facebook: FakeFacebook) -> None:
    date = "Sat, 21 Nov 2026 12:10:00 GMT"
    facebook.answer("/", lambda: reply({}, status=400, Date=date))

    told = connector(facebook).server_time(facebook.access(), now=facebook.now)

    assert told is not None
    assert told.isoformat() == "2026-11-21T12:10:00+00:00"


# Answers that mean nothing


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_odd_answers_end_in_a_sound_reading_or_in_words(draw: st.DataObject) -> None:
    with FakeFacebook() as fake:
        page = {"id": "501", "followers_count": 5, "fan_count": 6}
        posts: Made = {"data": fake.lists["501"], "paging": {"next": fake.server.url("/x?after=2")}}
        held, listed_posts = odd(draw, page), odd(draw, posts)
        fake.answer("/v25.0/501", lambda: reply(held))
        fake.answer(POSTS, lambda: reply(listed_posts))

        assert read_or_refused(lambda: read(fake), now=fake.now)


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_odd_lists_end_in_targets_or_in_words(draw: st.DataObject) -> None:
    with FakeFacebook() as fake:
        fake.instagram(fake.pages[0], "17841", "nora.maps")
        rows = odd(draw, {"data": fake.pages})
        fake.answer("/v25.0/me/accounts", lambda: reply(rows))

        targets = targets_or_refused(fake)

    assert all(isinstance(target.followers, int | None) for target in targets)
    assert not [target for target in targets if target.selectable and not target.token]


def test_an_address_of_the_dialog_holds_no_secret(facebook: FakeFacebook) -> None:
    query = parse_qs(urlsplit(connector(facebook).authorize_url).query)

    assert query == {}
    assert "canary" not in repr(Access(token="canary", account_id="1"))
