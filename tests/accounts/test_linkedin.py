"""LinkedIn: the whole flow through the site, pages with their roles, and what it says of a key."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import access, connectors
from accounts.connectors import linkedin_pages
from accounts.connectors.base import Cause, Code, ConnectorError, Kind, Post, Reading
from accounts.models import Grant, Source
from tests.accounts.fakes.linkedin import (
    ACLS,
    INTROSPECT,
    ME,
    OTHER,
    PAGE,
    PAGE_SCOPES,
    POSTS,
    REVOKE,
    SOCIAL,
    STATISTICS,
    TOKEN,
    FakeLinkedIn,
    Update,
    refusal,
)
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import Asked, reply

pytestmark = pytest.mark.usefixtures("insecure")


@pytest.fixture
def linkedin(settings: Any) -> Iterator[FakeLinkedIn]:
    """The network, switched on at this site with its pages."""
    with FakeLinkedIn() as fake:
        switch_on(settings, fake)
        yield fake


@pytest.fixture
def plain(settings: Any) -> Iterator[FakeLinkedIn]:
    """The network at a site that only signs people in with it."""
    with FakeLinkedIn() as fake:
        fake.pages_on, fake.scopes = False, ("openid", "profile")
        switch_on(settings, fake)
        yield fake


def read(fake: FakeLinkedIn, *, days: float = 90, target: str = PAGE) -> Reading:
    """Return what a read of the fake holds."""
    return fake.connector().read(
        fake.access(),
        target,
        since=fake.ago(days),
        now=fake.now,
        progress=lambda _said: None,
    )


def posts(reading: Reading) -> dict[str, Post]:
    return {post.external_id: post for post in reading.posts}


def causes(fake: FakeLinkedIn) -> dict[str, Cause]:
    """Return the reasons for a missing page by what they begin with."""
    found = fake.connector().missing(fake.access(), now=fake.now)
    return {" ".join(cause.title.split()[:3]): cause for cause in found}


# Signing in and linking


@pytest.mark.django_db
def test_somebody_new_signs_in_and_no_address_is_taken(plain: FakeLinkedIn) -> None:
    client = Client()

    query = begin(client, "linkedin")
    back(client, "linkedin", state=query["state"], code=plain.code)

    account = SocialAccount.objects.get()
    assert (account.provider, account.uid) == ("linkedin", ME)
    assert account.extra_data["title"] == "Nora Lindqvist"
    assert account.user.email == ""
    assert set(query["scope"].split()) == {"openid", "profile"}
    assert "code_challenge" not in query
    assert "code_verifier" not in plain.server.asked(TOKEN)[0].form


@pytest.mark.django_db
def test_a_personal_profile_is_listed_with_the_way_that_is_open(plain: FakeLinkedIn) -> None:
    walk(Client(), plain)

    source = Source.objects.get()
    assert (source.kind, source.selectable) == ("profile", False)
    assert "upload that file here" in source.reason
    assert not plain.server.asked(ACLS)


@pytest.mark.django_db
def test_scopes_with_commas_and_sixty_days_without_renewal_are_kept(
    linkedin: FakeLinkedIn,
) -> None:
    walk(Client(), linkedin)

    grant = Grant.objects.get()
    assert grant.scopes == sorted(PAGE_SCOPES)
    assert not grant.access().refresh
    assert grant.expires_at is not None
    assert timedelta(days=59) < grant.expires_at - grant.issued_at < timedelta(days=60)
    assert grant.consent_ends_at == grant.expires_at


@pytest.mark.django_db
def test_a_page_that_is_run_can_be_chosen(linkedin: FakeLinkedIn) -> None:
    linkedin.roles.append((OTHER, "CONTENT_ADMINISTRATOR"))

    answer = walk(Client(), linkedin)

    listed = {source.external_id: source for source in Source.objects.all()}
    page, other = listed[PAGE], listed[OTHER]
    assert answer.headers["Location"] == reverse("choose", args=[Grant.objects.get().pk])
    assert (page.title, page.role, page.followers) == ("Map Room Lisbon", "super admin", 219_145)
    assert (page.posts_90d, page.selectable, page.kind) == (3, True, "organisation")
    assert (other.title, other.selectable) == ("Page 77", False)
    assert other.reason.startswith("You are content administrator there.")
    assert listed[ME].selectable is False


@pytest.mark.django_db
@pytest.mark.parametrize("error", ["user_cancelled_login", "user_cancelled_authorize"])
def test_saying_no_there_is_said_and_nothing_is_kept(linkedin: FakeLinkedIn, error: str) -> None:
    client = Client()
    state = begin(client, "linkedin")["state"]

    answer = back(client, "linkedin", state=state, error=error)

    assert said(answer) == "You said no at LinkedIn. Nothing was stored."
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_product_that_was_not_approved_is_called_ours_to_mend(linkedin: FakeLinkedIn) -> None:
    client = Client()
    state = begin(client, "linkedin")["state"]

    answer = back(client, "linkedin", state=state, error="unauthorized_scope_error")

    assert "LinkedIn has not approved this site for what it asks. That is ours" in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_code_that_is_not_taken_is_said(linkedin: FakeLinkedIn) -> None:
    client = Client()
    state = begin(client, "linkedin")["state"]

    answer = back(client, "linkedin", state=state, code="old")

    assert "LinkedIn does not take this key any more." in said(answer)
    assert not Grant.objects.exists()


# "LinkedIn lists this site, and yet nothing is read"


@pytest.mark.parametrize("status", ["revoked", "expired"])
def test_linkedin_itself_says_that_an_access_is_dead(linkedin: FakeLinkedIn, status: str) -> None:
    linkedin.status = status

    told = linkedin.connector().inspect(linkedin.access(), now=linkedin.now)

    assert (told.active, told.words) == (False, status)
    assert told.scopes == PAGE_SCOPES


def test_linkedin_says_until_when_an_access_lives_and_what_it_may(linkedin: FakeLinkedIn) -> None:
    told = linkedin.connector().inspect(linkedin.access(), now=linkedin.now)

    assert told.active
    assert told.expires_at == linkedin.now + timedelta(days=57)
    assert told.since == linkedin.ago(3)
    assert linkedin.server.asked(INTROSPECT)[0].form["client_secret"] == "li-secret"


def test_a_key_that_linkedin_never_gave_is_not_active(linkedin: FakeLinkedIn) -> None:
    told = linkedin.connector().inspect(replace(linkedin.access(), token="x"), now=linkedin.now)

    assert (told.active, told.scopes) == (False, None)


def test_our_own_wrong_key_is_not_taken_for_a_dead_access(linkedin: FakeLinkedIn) -> None:
    connector = connectors.connector_for(replace(linkedin.config(), client_secret="old"))

    with pytest.raises(ConnectorError) as refused:
        connector.inspect(linkedin.access(), now=linkedin.now)

    assert refused.value.code == Code.APP_CONFIG


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        (PAGE_SCOPES, Code.ROLE_LOST),
        (("r_basicprofile", "rw_organization_admin"), Code.SCOPE_MISSING),
    ],
)
def test_the_same_refusal_is_told_apart_by_asking_which_permissions_there_are(
    linkedin: FakeLinkedIn, scopes: tuple[str, ...], code: Code
) -> None:
    good = linkedin.access()
    linkedin.scopes = scopes
    linkedin.answer(POSTS, lambda: refusal(403, "Not enough permissions", code="ACCESS_DENIED"))

    with pytest.raises(ConnectorError) as refused:
        linkedin.connector().newest(good, PAGE, now=linkedin.now)

    assert refused.value.code == code


def test_without_introspection_the_permissions_that_were_kept_decide(
    linkedin: FakeLinkedIn,
) -> None:
    linkedin.answer(INTROSPECT, lambda: reply({}, status=503))
    linkedin.answer(POSTS, lambda: refusal(403, "Not enough permissions"))

    with pytest.raises(ConnectorError) as refused:
        read(linkedin)

    assert refused.value.code == Code.ROLE_LOST


# Renewing and ending


@pytest.mark.django_db
def test_sixty_days_later_the_person_is_asked_to_connect_again(linkedin: FakeLinkedIn) -> None:
    walk(Client(), linkedin)
    grant = Grant.objects.get()
    later = grant.issued_at + timedelta(days=61)

    with pytest.raises(ConnectorError) as refused:
        access.ask(grant, lambda good: linkedin.connector().identity(good, now=later), now=later)

    assert refused.value.code == Code.EXPIRED
    assert len(linkedin.server.asked(TOKEN)) == 1


@pytest.mark.django_db
def test_a_site_that_may_renew_does_so_in_the_last_week(linkedin: FakeLinkedIn) -> None:
    linkedin.renews = True
    walk(Client(), linkedin)
    grant = Grant.objects.get()
    later = grant.issued_at + timedelta(days=55)

    access.ask(grant, lambda good: linkedin.connector().identity(good, now=later), now=later)

    renewed = Grant.objects.get()
    assert renewed.access().token == linkedin.token
    assert renewed.expires_at is not None
    assert renewed.expires_at > later + timedelta(days=59)
    assert renewed.refresh_ends_at is not None


def test_ending_an_access_is_asked_of_linkedin(linkedin: FakeLinkedIn) -> None:
    linkedin.connector().revoke(linkedin.access())

    assert linkedin.server.asked(REVOKE)[0].form["token"] == "li-token-0"


# What is read of a page


def test_reactions_comments_and_reposts_come_with_each_post(linkedin: FakeLinkedIn) -> None:
    linkedin.updates = [
        Update(1, linkedin.ago(1), kind="ugcPost", reactions=9, comments=4, shares=3),
        Update(2, linkedin.ago(2), reactions=5, comments=0, shares=0),
    ]

    reading = read(linkedin)

    found = posts(reading)
    assert found["urn:li:ugcPost:1"].counts == {Kind.LIKE: 9, Kind.REPLY: 4, Kind.REPOST: 3}
    assert found["urn:li:share:2"].counts == {Kind.LIKE: 5, Kind.REPLY: 0, Kind.REPOST: 0}
    assert found["urn:li:share:2"].created_at == linkedin.ago(2)
    assert found["urn:li:share:2"].url == linkedin.server.url("/feed/update/urn%3Ali%3Ashare%3A2/")
    assert (reading.followers, reading.interactions) == (219_145, ())


def test_questions_are_versioned_and_name_things_as_linkedin_wants(
    linkedin: FakeLinkedIn,
) -> None:
    read(linkedin)

    assert all(
        asked.headers["linkedin-version"] == "202608"
        for asked in linkedin.server.requests
        if asked.path.startswith("/rest/")
    )
    (asked,) = linkedin.server.asked(STATISTICS)
    assert asked.query["organizationalEntity"] == PAGE
    assert asked.query["shares"] == f"List({','.join(one.urn for one in linkedin.updates)})"
    assert "ugcPosts" not in asked.query


def test_numbers_are_asked_for_in_batches(linkedin: FakeLinkedIn) -> None:
    linkedin.updates = [Update(number, linkedin.ago(number / 4)) for number in range(1, 121)]

    reading = read(linkedin)

    assert len(reading.posts) == 120
    assert len(linkedin.server.asked(POSTS)) == 3
    assert len(linkedin.server.asked(SOCIAL)) == len(linkedin.server.asked(STATISTICS)) == 3


def test_a_list_cut_short_is_complete_from_its_oldest_change_on(
    linkedin: FakeLinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_pages = linkedin_pages.POSTS * 2
    monkeypatch.setattr(linkedin_pages.post_pages, "__kwdefaults__", {"size": 50, "most": 2})
    linkedin.updates = [Update(number, linkedin.ago(number / 4)) for number in range(1, 201)]
    old = replace(linkedin.updates[180], changed=linkedin.ago(0.1))  # written to today
    linkedin.updates[180] = old

    reading = read(linkedin)

    oldest_read = linkedin.updates[read_pages - 2].at
    assert reading.since == oldest_read.replace(microsecond=oldest_read.microsecond // 1000 * 1000)
    assert {post.external_id for post in reading.posts} == {
        one.urn for one in linkedin.updates[: read_pages - 1]
    }
    assert reading.limited == (f"Only {read_pages} posts of the page were read.",)


def test_posts_that_may_stand_behind_the_first_page_are_not_counted_as_none(
    linkedin: FakeLinkedIn,
) -> None:
    linkedin.updates = [
        Update(number, linkedin.ago(200), changed=linkedin.ago(number / 10))
        for number in range(1, 51)
    ]
    linkedin.updates.append(Update(51, linkedin.ago(20)))

    (page, _profile) = linkedin.connector().targets(linkedin.access(), now=linkedin.now)

    assert page.posts_90d is None


def test_zeros_shown_to_another_role_are_not_known(linkedin: FakeLinkedIn) -> None:
    linkedin.roles = [(PAGE, "CONTENT_ADMINISTRATOR")]

    reading = read(linkedin)

    assert {post.counts[Kind.REPOST] for post in reading.posts} == {None}
    assert {post.counts[Kind.LIKE] for post in reading.posts} == {5}
    assert reading.limited == (
        "Reposts: LinkedIn shows them to super admins; you are content administrator.",
    )


def test_numbers_linkedin_leaves_out_are_not_known(linkedin: FakeLinkedIn) -> None:
    linkedin.answer(SOCIAL, lambda: reply({"results": {}}))
    linkedin.answer(STATISTICS, lambda: reply({"elements": []}))

    reading = read(linkedin)

    assert {count for post in reading.posts for count in post.counts.values()} == {None}


def test_what_reactions_lack_is_taken_from_the_statistics(linkedin: FakeLinkedIn) -> None:
    linkedin.answer(SOCIAL, lambda: reply({"results": {}}))

    reading = read(linkedin)

    assert {post.counts[Kind.LIKE] for post in reading.posts} == {5}


def test_drafts_silent_reposts_and_posts_of_others_are_left_out(linkedin: FakeLinkedIn) -> None:
    made = linkedin.ago(1)
    linkedin.updates = [
        Update(1, made),
        Update(2, made, state="DRAFT"),
        Update(3, made, visibility="LOGGED_IN"),
        Update(4, made, reshare=True, text=""),
        Update(5, made, reshare=True, text="Well said"),
        Update(6, made, author=OTHER),
        Update(7, linkedin.now + timedelta(hours=1)),
    ]

    reading = read(linkedin)

    assert posts(reading).keys() == {"urn:li:share:1", "urn:li:share:5"}
    assert reading.left_out == {"not_public": 2, "reposts_of_others": 2, "future": 1}


def test_an_old_post_that_was_changed_today_does_not_end_the_list(linkedin: FakeLinkedIn) -> None:
    linkedin.updates = [
        Update(number, linkedin.ago(400), changed=linkedin.ago(0.1)) for number in range(60)
    ]
    linkedin.updates.append(Update(99, linkedin.ago(50)))

    reading = read(linkedin)

    assert posts(reading).keys() == {"urn:li:share:99"}


def test_the_list_is_left_where_no_young_post_can_follow(linkedin: FakeLinkedIn) -> None:
    linkedin.updates = [Update(number, linkedin.ago(number)) for number in range(1, 400)]

    read(linkedin)

    assert len(linkedin.server.asked(POSTS)) == 3


def test_marks_for_mentions_and_hashtags_are_taken_out_of_the_words(
    linkedin: FakeLinkedIn,
) -> None:
    words = r"Thanks @[Ada \(CTO\)](urn:li:person:1) \#1 {hashtag|\#|maps}"
    linkedin.updates = [Update(1, linkedin.ago(1), text=words)]

    (post,) = read(linkedin).posts

    assert post.text == "Thanks Ada (CTO) #1 #maps"


def test_a_page_that_is_no_longer_run_says_so(linkedin: FakeLinkedIn) -> None:
    linkedin.roles = []

    with pytest.raises(ConnectorError) as refused:
        read(linkedin)

    assert refused.value.code == Code.ROLE_LOST


def test_of_several_roles_the_administrators_counts(linkedin: FakeLinkedIn) -> None:
    linkedin.roles = [(PAGE, "ADMINISTRATOR"), (PAGE, "DIRECT_SPONSORED_CONTENT_POSTER")]

    page, _profile = linkedin.connector().targets(linkedin.access(), now=linkedin.now)

    assert page.selectable


@pytest.mark.parametrize("named", ["organizationTarget", "organizationalTarget"])
def test_older_names_of_the_organisation_are_understood(linkedin: FakeLinkedIn, named: str) -> None:
    role = {"role": "ADMINISTRATOR", named: PAGE, "state": "APPROVED"}
    linkedin.answer(ACLS, lambda: reply({"elements": [role], "paging": {"total": 1}}))

    page, _profile = linkedin.connector().targets(linkedin.access(), now=linkedin.now)

    assert page.external_id == PAGE


def test_a_personal_profile_is_not_read(linkedin: FakeLinkedIn) -> None:
    with pytest.raises(ConnectorError) as refused:
        read(linkedin, target=ME)

    assert refused.value.code == Code.WRONG_ACCOUNT_TYPE
    assert linkedin.server.requests == []


def test_a_page_at_a_site_that_switched_pages_off_is_ours_to_mend(plain: FakeLinkedIn) -> None:
    with pytest.raises(ConnectorError) as refused:
        read(plain)

    assert refused.value.code == Code.APP_CONFIG


def test_the_newest_posts_can_be_compared_with_those_we_hold(linkedin: FakeLinkedIn) -> None:
    linkedin.updates = [Update(number, linkedin.ago(number)) for number in range(1, 30)]

    newest = linkedin.connector().newest(linkedin.access(), PAGE, now=linkedin.now)

    assert len(newest) == 20
    assert newest[0].counts[Kind.LIKE] == 5


def test_a_limit_of_a_day_ends_with_the_day(linkedin: FakeLinkedIn) -> None:
    words = "Resource level throttle MEMBER DAY limit for calls to this resource is reached."
    linkedin.answer(POSTS, lambda: refusal(429, words))

    with pytest.raises(ConnectorError) as refused:
        read(linkedin)

    again = refused.value.retry_at
    assert again is not None
    assert (again - timedelta(seconds=1)).date() >= linkedin.now.date()
    assert (again.hour, again.minute, again.tzinfo) == (0, 0, UTC)


# Why a page is missing


def test_a_site_without_pages_says_that_it_has_none(plain: FakeLinkedIn) -> None:
    (cause,) = causes(plain).values()

    assert cause.holds
    assert cause.title == "This site reads no pages of LinkedIn"


def test_a_missing_permission_is_found_and_asked_for_again(linkedin: FakeLinkedIn) -> None:
    linkedin.scopes = ("r_basicprofile", "r_organization_social")

    found = causes(linkedin)

    assert found["A permission was"].holds
    assert found["A permission was"].ask == ("rw_organization_admin",)
    assert found["You do not"].holds is None


def test_a_role_that_shows_no_numbers_is_found(linkedin: FakeLinkedIn) -> None:
    linkedin.roles = [(OTHER, "CONTENT_ADMINISTRATOR")]

    found = causes(linkedin)

    assert found["A permission was"].holds is False
    assert found["You do not"].holds
    assert "The role it names for you: content administrator." in found["You do not"].why
    assert found["The page belongs"].holds is None


# Whatever LinkedIn answers


@given(data=st.data())
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_linkedin_answers_is_read_soundly_or_refused(
    linkedin: FakeLinkedIn, data: st.DataObject
) -> None:
    with FakeLinkedIn() as fake:
        read(fake)
        asked: Asked = data.draw(st.sampled_from(fake.server.requests))
        sound = fake.server.routes[asked.path](asked)
        made = odd(data, json.loads(sound.partition(b"\r\n\r\n")[2]))
        fake.answer(asked.path, lambda: reply(made))

        outcome = read_or_refused(lambda: read(fake), now=fake.now)

    assert outcome in {"read", *(code.value for code in Code)}


def test_a_time_no_calendar_has_is_left_out(linkedin: FakeLinkedIn) -> None:
    strange = {"id": "urn:li:share:8", "author": PAGE, "createdAt": 2**53}
    strange |= {"lifecycleState": "PUBLISHED", "visibility": "PUBLIC"}
    linkedin.answer(POSTS, lambda: reply({"elements": [strange], "paging": {}}))

    reading = read(linkedin)

    assert reading.posts == ()
    assert reading.left_out == {"undated": 1}


def test_the_clock_of_linkedin_is_that_of_its_answers(linkedin: FakeLinkedIn) -> None:
    linkedin.answer("/", lambda: reply({}, Date="Sat, 21 Nov 2026 09:00:00 GMT"))

    clock = linkedin.connector().server_time(linkedin.access(), now=linkedin.now)

    assert clock == datetime(2026, 11, 21, 9, tzinfo=UTC)
