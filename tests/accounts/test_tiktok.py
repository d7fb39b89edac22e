"""TikTok: permissions that may be unticked, numbers without names, keys that rotate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import access, choosing, linking
from accounts.connectors import tiktok as connector_module
from accounts.connectors.base import Code, ConnectorError, Kind, Post, Reading
from accounts.models import Grant, Source
from tests.accounts.fakes.tiktok import SCOPES, FakeTikTok
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import begin, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")

VIDEOS = "/v2/video/list/"
USER = "/v2/user/info/"


@pytest.fixture
def tiktok(settings: Any) -> Iterator[FakeTikTok]:
    """The network, switched on at this site."""
    with FakeTikTok() as fake:
        switch_on(settings, fake)
        yield fake


def read(fake: FakeTikTok, *, days: int = 90) -> Reading:
    """Return what a read of the fake holds."""
    since = fake.now - timedelta(days=days)
    connector, good = fake.connector(), fake.access()
    return connector.read(good, "open-7", since=since, now=fake.now, progress=lambda _said: None)


def titles(reading: Reading) -> set[str]:
    return {post.text for post in reading.posts}


# Signing in and linking


@pytest.mark.django_db
def test_somebody_new_signs_in_and_what_was_ticked_is_kept(tiktok: FakeTikTok) -> None:
    walk(Client(), tiktok)

    grant, source = Grant.objects.get(), Source.objects.get()
    assert (grant.account.provider, grant.account.uid) == ("tiktok", "open-7")
    assert grant.scopes == sorted(SCOPES)
    assert grant.refresh_ends_at is not None
    assert grant.expires_at is not None
    assert grant.refresh_ends_at - grant.expires_at == timedelta(days=364)
    assert (source.title, source.followers, source.posts_90d) == ("Nora Fields (@nora)", 1_200, 2)


@pytest.mark.django_db
def test_consent_is_asked_by_client_key_with_commas_and_without_a_challenge(
    tiktok: FakeTikTok,
) -> None:
    query = begin(Client(), "tiktok")

    assert query["at"].startswith(tiktok.server.url("/v2/auth/authorize/?"))
    assert query["client_key"] == "ours"
    assert set(query["scope"].split(",")) == set(SCOPES)
    assert not {"client_id", "code_challenge"} & query.keys()


@pytest.mark.django_db
def test_asking_again_shows_the_permissions_again(tiktok: FakeTikTok) -> None:
    assert begin(Client(), "tiktok", again="1")["disable_auto_auth"] == "1"
    assert "disable_auto_auth" not in begin(Client(), "tiktok")


@pytest.mark.django_db
def test_without_the_permission_for_videos_it_is_listed_and_cannot_count(
    tiktok: FakeTikTok,
) -> None:
    tiktok.ticked = SCOPES[:3]

    walk(Client(), tiktok)

    source = Source.objects.get()
    assert not source.selectable
    assert source.reason == (
        "The permission to list your videos was not ticked. Connect again and tick it."
    )
    with pytest.raises(linking.LinkingError, match="was not ticked"):
        choosing.choose(
            user=source.user, grant=source.grant, source_ids={source.pk}, now=tiktok.now
        )


@pytest.mark.django_db
def test_a_renewed_key_and_what_it_is_renewed_with_next_are_kept(tiktok: FakeTikTok) -> None:
    walk(Client(), tiktok)
    grant = Grant.objects.get()
    later = grant.issued_at + timedelta(days=1)

    access.ask(grant, lambda good: good.token, now=later)
    access.ask(grant, lambda good: good.token, now=later + timedelta(days=1))

    held = Grant.objects.get().access()
    assert (held.token, held.refresh) == ("token-2", "refresh-2")


# What the doctor asks


def test_what_was_not_ticked_is_named_with_what_to_ask_for_again(tiktok: FakeTikTok) -> None:
    tiktok.ticked = ("user.info.basic", "video.list")

    (cause,) = tiktok.connector().missing(tiktok.access(), now=tiktok.now)

    assert cause.holds is True
    assert cause.ask == ("user.info.profile", "user.info.stats")


def test_with_everything_ticked_nothing_is_missing(tiktok: FakeTikTok) -> None:
    (cause,) = tiktok.connector().missing(tiktok.access(), now=tiktok.now)

    assert cause.holds is False


def test_a_key_is_taken_back_at_tiktok(tiktok: FakeTikTok) -> None:
    connector, good = tiktok.connector(), tiktok.access()
    before = connector.inspect(good, now=tiktok.now)

    connector.revoke(good)

    after = connector.inspect(good, now=tiktok.now)
    assert (before.active, after.active) == (True, False)
    with pytest.raises(ConnectorError) as refused:
        connector.revoke(replace(good, token="another"))
    assert refused.value.code == Code.REVOKED


# What is read


def test_videos_are_posts_with_their_counts(tiktok: FakeTikTok) -> None:
    reading = read(tiktok)

    assert titles(reading) == {"Video 0", "Video 1"}
    assert reading.posts[0].counts == {Kind.LIKE: 10, Kind.REPLY: 2, Kind.REPOST: 1}
    assert reading.followers == 1_200
    assert reading.interactions == ()


def test_a_video_without_a_title_shows_its_description(tiktok: FakeTikTok) -> None:
    tiktok.video(days=1, title="", video_description="A field in the rain")

    assert "A field in the rain" in titles(read(tiktok))


def test_counts_tiktok_does_not_give_are_not_known(tiktok: FakeTikTok) -> None:
    tiktok.videos = []
    tiktok.video(days=1, like_count=None, comment_count="many", share_count=0)

    (post,) = read(tiktok).posts

    assert post.counts == {Kind.LIKE: None, Kind.REPLY: None, Kind.REPOST: 0}


def test_followers_are_not_known_when_that_permission_was_not_ticked(tiktok: FakeTikTok) -> None:
    tiktok.ticked = ("user.info.basic", "video.list")

    reading = read(tiktok)

    assert reading.followers is None
    assert len(reading.posts) == 2


def test_every_page_is_read_to_the_one_that_is_too_old_as_a_whole(tiktok: FakeTikTok) -> None:
    for number in range(100):
        tiktok.video(days=10 + number)

    reading = read(tiktok, days=60)

    asked = tiktok.server.asked(VIDEOS)
    assert len(reading.posts) == 2 + 50
    assert len(asked) == 4
    assert reading.limited == ()


def test_an_old_video_that_is_pinned_on_top_ends_nothing(tiktok: FakeTikTok) -> None:
    pinned = tiktok.video(days=800) | {"title": "Pinned"}
    page = {"videos": [pinned, *tiktok.videos[:2]], "cursor": 1, "has_more": False}
    tiktok.answer(VIDEOS, lambda: reply({"data": page, "error": {"code": "ok"}}))

    assert titles(read(tiktok)) == {"Video 0", "Video 1"}


def test_an_account_without_videos_is_read_as_empty(tiktok: FakeTikTok) -> None:
    nothing = {"cursor": 0, "has_more": False}
    tiktok.answer(VIDEOS, lambda: reply({"data": nothing, "error": {"code": "ok"}}))

    assert read(tiktok).posts == ()


def test_a_cursor_that_stands_still_ends_the_read(tiktok: FakeTikTok) -> None:
    still = {"videos": tiktok.videos, "cursor": 5, "has_more": True}
    tiktok.answer(VIDEOS, lambda: reply({"data": still, "error": {"code": "ok"}}))

    with pytest.raises(ConnectorError, match="again and again") as refused:
        read(tiktok)

    assert refused.value.code == Code.CONTRACT
    assert len(tiktok.server.asked(VIDEOS)) == 2


def test_a_read_cut_short_says_so_and_from_when_it_is_whole(
    tiktok: FakeTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector_module, "PAGES", 2)
    for number in range(80):
        tiktok.video(days=10 + number / 10)

    reading = read(tiktok)

    assert reading.limited == ("Only your newest 40 videos were read.",)
    assert reading.since == min(post.created_at for post in reading.posts)


def test_without_the_permission_for_videos_a_read_says_so_and_asks_nothing(
    tiktok: FakeTikTok,
) -> None:
    tiktok.ticked = SCOPES[:3]

    with pytest.raises(ConnectorError) as refused:
        read(tiktok)

    assert refused.value.code == Code.SCOPE_MISSING
    assert not tiktok.server.requests


def test_the_newest_are_shown_with_the_counts_of_now(tiktok: FakeTikTok) -> None:
    newest: tuple[Post, ...] = tiktok.connector().newest(tiktok.access(), "open-7", now=tiktok.now)

    assert [post.text for post in newest] == ["Video 0", "Video 1"]


@given(draw=st.data())
@examples(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_tiktok_answers_is_a_sound_reading_or_an_error_in_words(
    tiktok: FakeTikTok, draw: st.DataObject
) -> None:
    answers = {
        USER: {"data": {"user": tiktok.account}, "error": {"code": "ok"}},
        VIDEOS: {
            "data": {"videos": tiktok.videos, "cursor": 1, "has_more": False},
            "error": {"code": "ok"},
        },
    }
    path = draw.draw(st.sampled_from(sorted(answers)))
    changed = odd(draw, answers[path])
    before = tiktok.server.routes[path]
    tiktok.answer(path, lambda: reply(changed))

    came = read_or_refused(lambda: read(tiktok), now=tiktok.now)

    tiktok.server.routes[path] = before
    assert came in {"read", Code.CONTRACT, Code.SOURCE_NOT_GRANTED}
