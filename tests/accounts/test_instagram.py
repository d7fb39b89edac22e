"""Instagram on both roads: its own sign-in, and the Facebook page that an account belongs to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import access, choosing, connectors, linking, unlinking
from accounts.connectors.base import Code, ConnectorError, Kind, Reading, Target
from accounts.models import Grant, Source
from tests import meeting
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.facebook import LONG as FACEBOOK_KEY
from tests.accounts.fakes.facebook import PAGE, FakeFacebook
from tests.accounts.fakes.instagram import LONG, LONGER, FakeInstagram, flat
from tests.accounts.fakes.meta import Made, bearer, refusal
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")


@pytest.fixture
def instagram(settings: Any) -> Iterator[FakeInstagram]:
    """The network with its own sign-in, switched on at this site."""
    with FakeInstagram() as fake:
        switch_on(settings, fake)
        yield fake


@pytest.fixture
def facebook(settings: Any) -> Iterator[FakeFacebook]:
    """Facebook with a page to which the same account belongs."""
    with FakeFacebook() as fake:
        item: Made = {
            "id": "m1", "caption": "Post m1", "permalink": "https://www.instagram.com/p/m1/",
            "timestamp": fake.written(days=2), "like_count": 30, "comments_count": 4, "shares": 5,
        }  # fmt: skip
        fake.instagram(fake.pages[0], "17841", "nora.maps", item)
        switch_on(settings, fake)
        yield fake


def read(fake: FakeInstagram, *, days: float = 90, **changes: Any) -> Reading:
    """Return what a read of the account holds."""
    since = fake.now - timedelta(days=days)
    allowed = replace(fake.access(), **changes)
    return fake.connector().read(
        allowed, "17841", since=since, now=fake.now, progress=lambda _said: None
    )


def read_source(source: Source) -> Reading:
    """Read a source as work does."""
    now = timezone.now()
    assert source.grant is not None
    connector = connectors.get(source.network, via=source.via)
    return access.ask(
        source.grant,
        lambda good: connector.read(
            good, source.external_id, since=now - timedelta(days=90), now=now,
            progress=lambda _said: None,
        ),
        now=now,
        source=source,
    )  # fmt: skip


# Its own sign-in


@pytest.mark.django_db
def test_somebody_new_signs_in_as_the_account_that_everybody_sees(
    instagram: FakeInstagram,
) -> None:
    walk(Client(), instagram)

    grant = Grant.objects.get()
    source = Source.objects.get()
    assert (grant.account.provider, grant.account.uid) == ("instagram", "17841")
    assert grant.account.extra_data["app_uid"] == "990"
    assert grant.access().token == LONG
    assert (source.title, source.followers, source.posts_90d) == ("@nora.maps", 410, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("as_text", [True, False])
def test_both_forms_of_the_answer_to_a_code_are_read(
    instagram: FakeInstagram, wrapped: bool, as_text: bool
) -> None:
    instagram.wrapped = wrapped
    instagram.permissions = "instagram_business_basic" if as_text else ["instagram_business_basic"]

    walk(Client(), instagram)

    assert Grant.objects.get().scopes == ["instagram_business_basic"]


@pytest.mark.django_db
def test_the_end_that_browsers_send_along_is_no_part_of_the_code(
    instagram: FakeInstagram,
) -> None:
    client = Client()
    state = begin(client, "instagram")["state"]

    back(client, "instagram", state=state, code=f"{instagram.code}#_")

    assert Grant.objects.get().access().token == LONG


@pytest.mark.django_db
def test_a_personal_account_is_told_what_to_do_and_nothing_is_kept(
    instagram: FakeInstagram,
) -> None:
    instagram.me["account_type"] = "PERSONAL"

    answer = walk(Client(), instagram)

    assert "Switch it to a professional one in Instagram" in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_saying_no_is_said_and_nothing_is_kept(instagram: FakeInstagram) -> None:
    client = Client()
    state = begin(client, "instagram")["state"]

    answer = back(client, "instagram", state=state, error="access_denied", error_reason="user")

    assert "You said no at Instagram. Nothing was stored." in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_site_that_is_not_approved_says_whose_fault_it_is(instagram: FakeInstagram) -> None:
    instagram.answer("/token/oauth/access_token", lambda: flat("Insufficient Developer Role"))

    answer = walk(Client(), instagram)

    assert "has not approved this site" in said(answer)


@pytest.mark.django_db
def test_a_key_is_prolonged_thirty_days_before_its_end(instagram: FakeInstagram) -> None:
    walk(Client(), instagram)
    grant, source = Grant.objects.get(), Source.objects.get()
    assert grant.expires_at is not None
    early = grant.expires_at - timedelta(days=31)
    late = grant.expires_at - timedelta(days=29)

    before = access.ask(grant, lambda good: good.token, now=early, source=source)
    after = access.ask(grant, lambda good: good.token, now=late, source=source)

    grant.refresh_from_db()
    assert (before, after) == (LONG, LONGER)
    assert grant.access().refresh == LONGER
    assert grant.consent_ends_at == grant.expires_at
    assert round((grant.expires_at - late) / timedelta(days=1)) == 60


def test_posts_come_with_their_counts(instagram: FakeInstagram) -> None:
    reading = read(instagram)

    assert reading.posts[0].counts == {Kind.LIKE: 30, Kind.REPLY: 4, Kind.REPOST: 5}
    assert reading.posts[0].url == "https://www.instagram.com/p/m1/"
    assert reading.posts[1].counts == {Kind.LIKE: 9, Kind.REPLY: 0, Kind.REPOST: 0}
    assert reading.followers == 410
    assert reading.limited == ()


def test_likes_that_are_hidden_are_unknown_and_not_zero(instagram: FakeInstagram) -> None:
    instagram.item("m3", days=1, likes=None, comments=2)

    assert read(instagram).posts[0].counts[Kind.LIKE] is None


def test_only_the_time_that_is_asked_for_is_read(instagram: FakeInstagram) -> None:
    assert [post.external_id for post in read(instagram, days=9).posts] == ["m1"]


@pytest.mark.parametrize(
    "answer",
    [
        refusal(100, "Media posted before business account conversion", sub=2108006),
        refusal(10, "(#10) Not enough viewers for the media to show insights"),
        reply({"data": []}),
    ],
)
def test_a_post_that_has_no_numbers_leaves_them_unknown_and_the_rest_stands(
    instagram: FakeInstagram, answer: bytes
) -> None:
    instagram.answer("/v25.0/m1/insights", lambda: answer)

    reading = read(instagram)

    assert reading.posts[0].counts == {Kind.LIKE: 30, Kind.REPLY: 4, Kind.REPOST: None}
    assert reading.posts[1].counts[Kind.REPOST] == 0
    assert reading.limited == ()


def test_a_metric_that_was_retired_is_asked_no_more_and_said(instagram: FakeInstagram) -> None:
    instagram.retired = {"shares"}

    reading = read(instagram)

    asked = [one.path for one in instagram.server.requests if one.path.endswith("/insights")]
    assert reading.limited == ("No longer told of posts: shares.",)
    assert reading.posts[0].counts[Kind.LIKE] == 30
    assert set(asked) == {"/v25.0/m1/insights"}


def test_without_the_permission_numbers_are_not_asked_for(instagram: FakeInstagram) -> None:
    reading = read(instagram, scopes=("instagram_business_basic",))

    assert reading.limited == ("Not read: shares. Connect again and allow insights.",)
    assert not [one for one in instagram.server.requests if one.path.endswith("/insights")]


@pytest.mark.parametrize("header", ["X-App-Usage", "X-Business-Use-Case-Usage"])
def test_what_can_wait_is_left_while_much_is_asked(instagram: FakeInstagram, header: str) -> None:
    use = '{"call_count":12,"total_time":81,"total_cputime":3}'
    told = use if header == "X-App-Usage" else f'{{"17841":[{use}]}}'
    instagram.usage = {header.replace("-", "_"): told}

    reading = read(instagram)

    assert reading.posts[0].counts == {Kind.LIKE: 30, Kind.REPLY: 4, Kind.REPOST: None}
    assert reading.limited == ("Read for 0 of 2 posts: shares. The others have their turn later.",)


def test_numbers_are_read_for_the_newest_posts_as_far_as_the_budget_goes(
    instagram: FakeInstagram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.connectors.meta_reading.NUMBER_CALLS", 1)

    reading = read(instagram)

    assert [post.counts[Kind.REPOST] for post in reading.posts] == [5, None]
    assert reading.limited == ("Read for 1 of 2 posts: shares. The others have their turn later.",)


def test_a_limit_among_the_numbers_keeps_what_was_read(instagram: FakeInstagram) -> None:
    instagram.answer("/v25.0/m2/insights", lambda: refusal(80002))

    reading = read(instagram)

    assert reading.posts[0].counts[Kind.REPOST] == 5
    assert len(reading.limited) == 1


def test_there_is_no_call_to_end_an_access_and_that_is_said(instagram: FakeInstagram) -> None:
    with pytest.raises(ConnectorError) as caught:
        instagram.connector().revoke(instagram.access())

    assert "You can end it in its settings." in str(caught.value)
    assert not instagram.server.requests


def test_no_key_stands_in_an_address(instagram: FakeInstagram) -> None:
    connector = instagram.connector()
    connector.refresh(instagram.access(), now=instagram.now)
    read(instagram)

    assert not [one for one in instagram.server.requests if LONG in str(one.query)]


# Through a Facebook page


@pytest.mark.django_db
def test_an_account_of_a_page_is_offered_and_read_with_the_pages_key(
    facebook: FakeFacebook,
) -> None:
    user = person()
    client = signed_in(user)
    walk(client, facebook)
    source = Source.objects.get(network="instagram")
    facebook.server.requests.clear()

    client.post(reverse("choose", args=[source.grant_id]), {"source": [source.pk]})
    reading = read_source(Source.objects.get(pk=source.pk))

    source.refresh_from_db()
    asked = [one for one in facebook.server.requests if "17841" in one.path]
    assert source.selected
    assert source.reason == "Found through your page Map Room Lisbon."
    assert (source.title, source.external_id, source.via) == ("@nora.maps", "17841", "facebook")
    assert source.target_token() == PAGE
    assert source.state_at(timezone.now()) == Source.State.READING
    assert reading.posts[0].counts == {Kind.LIKE: 30, Kind.REPLY: 4, Kind.REPOST: 5}
    assert {bearer(one) for one in asked} == {PAGE}


@pytest.mark.django_db
def test_an_account_that_left_its_page_is_said_to_have_none(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    source = Source.objects.get(network="instagram")
    del facebook.pages[0]["instagram_business_account"]
    gone = refusal(100, "Unsupported get request.", sub=33)
    facebook.answer("/v25.0/17841", lambda: gone)

    with pytest.raises(ConnectorError) as caught:
        read_source(source)

    assert caught.value.code == Code.SOURCE_NOT_GRANTED
    assert "No page that Facebook lists for you has this Instagram account." in str(caught.value)


@pytest.mark.django_db
def test_an_account_of_a_page_needs_no_keys_of_instagram_but_those_of_facebook(
    facebook: FakeFacebook, settings: Any
) -> None:
    walk(Client(), facebook)
    source = Source.objects.get(network="instagram")
    Source.objects.filter(pk=source.pk).update(selected=True)

    on = Source.objects.get(pk=source.pk).state_at(timezone.now())
    settings.NETWORKS = {}
    off = Source.objects.get(pk=source.pk).state_at(timezone.now())

    assert (on, off) == (Source.State.READING, Source.State.OUR_FAULT)
    with pytest.raises(ConnectorError) as caught:
        read_source(source)
    assert caught.value.code == Code.APP_CONFIG


@pytest.mark.django_db
def test_without_the_permission_no_account_of_a_page_is_offered(facebook: FakeFacebook) -> None:
    facebook.allowed["instagram_basic"] = "declined"

    walk(Client(), facebook)

    assert not Source.objects.filter(network="instagram").exists()


@pytest.mark.django_db
def test_a_permission_that_was_taken_back_later_is_named(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    source = Source.objects.get(network="instagram")
    facebook.allowed["instagram_basic"] = "declined"
    facebook.answer("/v25.0/17841", lambda: refusal(10, status=403))

    with pytest.raises(ConnectorError) as caught:
        read_source(source)

    assert caught.value.code == Code.SCOPE_MISSING
    assert "instagram_basic" in str(caught.value)


@pytest.mark.django_db
def test_a_role_on_the_page_that_is_lost_is_named(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    source = Source.objects.get(network="instagram")
    facebook.pages = []
    facebook.answer("/v25.0/17841", lambda: refusal(10, status=403))

    with pytest.raises(ConnectorError) as caught:
        read_source(source)

    assert caught.value.code == Code.ROLE_LOST


@pytest.mark.django_db
def test_the_pages_key_is_good_where_that_of_its_person_has_ended(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    source = Source.objects.get(network="instagram")
    grant = Grant.objects.get()
    after_sixty, after_ninety = (timezone.now() + timedelta(days=days) for days in (61, 91))

    key = access.ask(grant, lambda good: good.target_token, now=after_sixty, source=source)
    with pytest.raises(ConnectorError) as caught:
        access.ask(grant, lambda good: good.target_token, now=after_ninety, source=source)
    with pytest.raises(ConnectorError):
        access.ask(grant, lambda good: good.token, now=after_sixty)

    assert key == PAGE
    assert caught.value.code == Code.EXPIRED
    assert source.access_ends_at == grant.data_ends_at


@pytest.mark.django_db
def test_a_key_of_one_page_does_not_open_for_another_source(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    account = Source.objects.get(network="instagram")
    page = Source.objects.get(network="facebook", kind="page")
    Source.objects.filter(pk=account.pk).update(sealed_token=page.sealed_token)

    with pytest.raises(ConnectorError) as caught:
        read_source(Source.objects.get(pk=account.pk))

    assert caught.value.code == Code.EXPIRED


@pytest.mark.django_db
def test_the_keys_of_one_road_are_not_sent_down_the_other(
    facebook: FakeFacebook, instagram: FakeInstagram
) -> None:
    through_page = replace(instagram.access(), via="facebook", target_token=PAGE)

    with pytest.raises(ConnectorError) as caught:
        instagram.connector().identity(through_page, now=instagram.now)

    assert caught.value.code == Code.APP_CONFIG
    assert not instagram.server.requests
    assert not facebook.server.requests


@pytest.mark.django_db
def test_unlinking_an_account_of_a_page_keeps_the_page(facebook: FakeFacebook) -> None:
    walk(Client(), facebook)
    Source.objects.exclude(kind="profile", network="facebook").update(selected=True)
    account = Source.objects.get(network="instagram")

    unlinking.unlink(source=account)

    assert not Source.objects.filter(network="instagram").exists()
    assert Source.objects.get(kind="page").selected
    assert Grant.objects.get().access().token == FACEBOOK_KEY


# Both roads at once


@pytest.mark.django_db
def test_an_account_that_is_found_on_both_roads_is_one_source_and_its_own_sign_in_wins(
    facebook: FakeFacebook, instagram: FakeInstagram
) -> None:
    client = signed_in(person())
    walk(client, facebook)
    found = Source.objects.get(network="instagram")
    client.post(reverse("choose", args=[found.grant_id]), {"source": [found.pk]})

    walk(client, instagram)

    source = Source.objects.get(network="instagram")
    assert source.pk == found.pk
    assert source.selected
    assert (source.via, source.sealed_token) == ("", "")
    assert read_source(source).posts[0].counts[Kind.LIKE] == 30


@pytest.mark.django_db
def test_a_page_does_not_take_an_account_from_its_own_sign_in(
    facebook: FakeFacebook, instagram: FakeInstagram
) -> None:
    client = signed_in(person())
    walk(client, instagram)

    walk(client, facebook)

    assert Source.objects.get(network="instagram").via == ""


@pytest.mark.django_db
def test_an_account_that_counts_for_somebody_is_not_taken_by_another_on_the_other_road(
    facebook: FakeFacebook, instagram: FakeInstagram
) -> None:
    ada, otto = person(), person("otto")
    walk(signed_in(ada), instagram)
    Source.objects.filter(user=ada).update(selected=True)
    walk(signed_in(otto), facebook)
    theirs = Source.objects.get(user=otto, network="instagram")
    assert theirs.grant is not None

    with pytest.raises(linking.LinkingError) as refused:
        choosing.save_choice(
            user=otto, grant=theirs.grant, source_ids=[theirs.pk], now=timezone.now()
        )

    assert "Linked by another profile here already" in str(refused.value)


# Answers that mean nothing


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_odd_answers_end_in_a_sound_reading_or_in_words(draw: st.DataObject) -> None:
    with FakeInstagram() as fake:
        me, media = odd(draw, fake.me), odd(draw, {"data": fake.media})
        numbers = odd(draw, {"data": [{"name": "shares", "values": [{"value": 3}]}]})
        fake.answer("/v25.0/me", lambda: reply(me))
        fake.answer("/v25.0/me/media", lambda: reply(media))
        fake.answer("/v25.0/m1/insights", lambda: reply(numbers))

        assert read_or_refused(lambda: read(fake), now=fake.now)


def test_the_account_itself_is_the_only_target(instagram: FakeInstagram) -> None:
    targets = instagram.connector().targets(instagram.access(), now=instagram.now)

    assert [type(target) for target in targets] == [Target]
    assert targets[0].selectable


def both_listed_by_nobody(
    facebook: FakeFacebook, instagram: FakeInstagram
) -> tuple[meeting.Act, meeting.Act]:
    """Return the two acts that list the account on each road, of a person who linked both."""
    client = signed_in(person())
    walk(client, facebook)
    walk(client, instagram)
    Source.objects.filter(network="instagram").delete()
    grants = [Grant.objects.get(account__provider=each) for each in ("facebook", "instagram")]
    now = timezone.now()
    first, second = (partial(choosing.list_targets, grant=each, now=now) for each in grants)
    return first, second


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", [1, -1])
def test_an_account_that_both_roads_find_at_the_same_moment_is_one_source(
    facebook: FakeFacebook, instagram: FakeInstagram, order: int
) -> None:
    first, second = both_listed_by_nobody(facebook, instagram)[::order]

    failed = meeting.meeting(first, second)

    assert failed == []
    assert Source.objects.get(network="instagram").via == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_two_lists_that_look_and_then_write_make_the_source_twice() -> None:
    user = person()

    def look_and_write() -> None:
        if not Source.objects.filter(user=user, external_id="17841").exists():
            Source.objects.create(user=user, network="instagram", external_id="17841", kind="page")

    (failed,) = meeting.meeting(look_and_write, look_and_write)

    assert isinstance(failed, IntegrityError)
