"""Threads: the whole flow through the site, numbers within a budget, what its answers may be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import access
from accounts.connectors.base import Code, ConnectorError, Kind, Reading
from accounts.models import Grant, Source
from tests.accounts.fakes.meta import refusal
from tests.accounts.fakes.threads import LONG, LONGER, FakeThreads
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")


@pytest.fixture
def threads(settings: Any) -> Iterator[FakeThreads]:
    """The network, switched on at this site."""
    with FakeThreads() as fake:
        switch_on(settings, fake)
        yield fake


def read(fake: FakeThreads, *, days: float = 90, **changes: Any) -> Reading:
    """Return what a read of the account holds."""
    since = fake.now - timedelta(days=days)
    allowed = replace(fake.access(), **changes)
    return fake.connector().read(
        allowed, "24007", since=since, now=fake.now, progress=lambda _said: None
    )


# Signing in


@pytest.mark.django_db
def test_somebody_new_signs_in_with_a_code_that_ends_oddly(threads: FakeThreads) -> None:
    client = Client()
    query = begin(client, "threads")

    back(client, "threads", state=query["state"], code=f"{threads.code}#_")

    grant, source = Grant.objects.get(), Source.objects.get()
    assert set(query["scope"].split(",")) == {"threads_basic", "threads_manage_insights"}
    assert (grant.account.provider, grant.account.uid) == ("threads", "24007")
    assert grant.access().token == LONG
    assert (source.title, source.followers, source.posts_90d) == ("@nora", 88, 2)


@pytest.mark.django_db
def test_a_new_handle_is_the_same_person(threads: FakeThreads) -> None:
    walk(Client(), threads)
    threads.me["username"] = "nora.fields"

    walk(Client(), threads)

    assert SocialAccount.objects.get().extra_data["username"] == "nora.fields"


@pytest.mark.django_db
def test_saying_no_is_said_and_nothing_is_kept(threads: FakeThreads) -> None:
    client = Client()
    state = begin(client, "threads")["state"]

    answer = back(client, "threads", state=state, error="access_denied")

    assert "You said no at Threads. Nothing was stored." in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_an_invitation_that_was_not_accepted_is_said_to_be_ours(threads: FakeThreads) -> None:
    threads.answer("/v1.0/me", lambda: refusal(10, "The user has not accepted the tester invite"))

    assert "has not approved this site" in said(walk(Client(), threads))


@pytest.mark.django_db
def test_a_key_is_prolonged_thirty_days_before_its_end(threads: FakeThreads) -> None:
    walk(Client(), threads)
    grant = Grant.objects.get()
    assert grant.expires_at is not None
    late = grant.expires_at - timedelta(days=29)

    key = access.ask(grant, lambda good: good.token, now=late)

    assert key == LONGER
    assert len(threads.server.asked("/refresh_access_token")) == 1


@pytest.mark.django_db
def test_a_key_that_ended_cannot_be_prolonged(threads: FakeThreads) -> None:
    walk(Client(), threads)
    grant = Grant.objects.get()
    assert grant.expires_at is not None
    threads.answer("/refresh_access_token", lambda: refusal(190, sub=463))

    with pytest.raises(ConnectorError) as caught:
        access.ask(grant, lambda good: good, now=grant.expires_at + timedelta(days=1))

    assert caught.value.code == Code.EXPIRED


# Reading


def test_posts_come_with_the_numbers_that_are_kept_elsewhere(threads: FakeThreads) -> None:
    reading = read(threads)

    assert reading.posts[0].counts == {Kind.LIKE: 7, Kind.REPLY: 2, Kind.REPOST: 1, Kind.QUOTE: 1}
    assert reading.posts[0].url == "https://www.threads.com/@nora/post/t1"
    assert reading.posts[1].counts[Kind.QUOTE] == 0
    assert reading.followers == 88
    assert reading.limited == ()


def test_posts_of_others_that_were_passed_on_are_left_out(threads: FakeThreads) -> None:
    threads.post("t3", days=1, media_type="REPOST_FACADE")

    reading = read(threads)

    assert {post.external_id for post in reading.posts} == {"t1", "t2"}
    assert reading.left_out == {"reposts_of_others": 1}
    assert not threads.server.asked("/v1.0/t3/insights")


def test_one_metric_that_was_retired_does_not_void_the_others(threads: FakeThreads) -> None:
    threads.retired = {"quotes"}

    reading = read(threads)

    assert reading.posts[0].counts == {
        Kind.LIKE: 7, Kind.REPLY: 2, Kind.REPOST: 1, Kind.QUOTE: None,
    }  # fmt: skip
    assert reading.posts[1].counts[Kind.LIKE] == 3
    assert reading.limited == ("No longer told of posts: quotes.",)
    assert len(threads.server.asked("/v1.0/t2/insights")) == 1


def test_numbers_beyond_the_budget_stay_unknown_and_that_is_said(
    threads: FakeThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.connectors.meta_reading.NUMBER_CALLS", 1)

    reading = read(threads)

    assert [post.counts[Kind.LIKE] for post in reading.posts] == [7, None]
    names = "likes, replies, reposts and quotes"
    assert reading.limited == (
        f"Read for 1 of 2 posts: {names}. The others have their turn later.",
    )


def test_where_posts_are_too_many_each_has_its_turn_and_the_newest_always(
    threads: FakeThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.connectors.meta_reading.NUMBER_CALLS", 4)
    for number in range(3, 11):
        threads.post(f"t{number}", days=number, likes=number)
    told = []

    for day in range(4):
        now = threads.now + timedelta(days=day)
        reading = threads.connector().read(
            threads.access(), "24007", since=threads.now - timedelta(days=80), now=now,
            progress=lambda _said: None,
        )  # fmt: skip
        told.append({each.external_id for each in reading.posts if each.counts[Kind.LIKE]})

    newest = {post.external_id for post in reading.posts[:2]}
    assert all(len(each) == 4 and newest <= each for each in told)
    assert set().union(*told) == {post.external_id for post in reading.posts}


def test_without_the_permission_numbers_are_unknown_and_that_is_said(threads: FakeThreads) -> None:
    reading = read(threads, scopes=("threads_basic",))

    assert set(reading.posts[0].counts.values()) == {None}
    assert reading.followers is None
    names = "likes, replies, reposts, quotes and followers"
    assert reading.limited == (f"Not read: {names}. Connect again and allow insights.",)


def test_a_permission_that_was_taken_back_leaves_the_posts(threads: FakeThreads) -> None:
    threads.answer("/v1.0/me/threads_insights", lambda: refusal(10))
    threads.answer("/v1.0/t1/insights", lambda: refusal(10))

    reading = read(threads)

    assert len(reading.posts) == 2
    assert reading.limited == (
        "Not read: followers. Connect again and allow insights.",
        "Not read: likes, replies, reposts and quotes. Connect again and allow insights.",
    )


def test_a_post_that_was_deleted_meanwhile_does_not_end_the_read(threads: FakeThreads) -> None:
    threads.answer("/v1.0/t1/insights", lambda: refusal(100, "Unsupported get request.", sub=33))

    reading = read(threads)

    assert reading.posts[0].counts[Kind.LIKE] is None
    assert reading.posts[1].counts[Kind.LIKE] == 3


def test_the_newest_posts_come_with_the_numbers_of_now(threads: FakeThreads) -> None:
    posts = threads.connector().newest(threads.access(), "24007", now=threads.now)

    assert posts[0].counts[Kind.REPLY] == 2


def test_there_is_no_call_to_end_an_access_and_that_is_said(threads: FakeThreads) -> None:
    with pytest.raises(ConnectorError) as caught:
        threads.connector().revoke(threads.access())

    assert "You can end it in its settings." in str(caught.value)


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_odd_answers_end_in_a_sound_reading_or_in_words(draw: st.DataObject) -> None:
    with FakeThreads() as fake:
        me, posts = odd(draw, fake.me), odd(draw, {"data": fake.posts})
        numbers = odd(draw, {"data": [{"name": "likes", "values": [{"value": 3}]}]})
        fake.answer("/v1.0/me", lambda: reply(me))
        fake.answer("/v1.0/me/threads", lambda: reply(posts))
        fake.answer("/v1.0/t1/insights", lambda: reply(numbers))

        assert read_or_refused(lambda: read(fake), now=fake.now)
