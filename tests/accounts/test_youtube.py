"""YouTube: channels as accounts, counted calls, hidden numbers, standing apart from the score."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import connectors
from accounts.connectors import youtube as connector_module
from accounts.connectors.base import Code, ConnectorError, Kind, Meter, Post, Reading
from accounts.models import Grant, Source
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.youtube import READONLY, FakeYouTube, error
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.recordings import recorded
from tests.accounts.walks import begin, said, switch_on, walk
from tests.fault_server import Asked, reply

pytestmark = pytest.mark.usefixtures("insecure")

CHANNELS = "/youtube/v3/channels"
UPLOADS = "/youtube/v3/playlistItems"
VIDEOS = "/youtube/v3/videos"


@pytest.fixture
def youtube(settings: Any) -> Iterator[FakeYouTube]:
    """The network, switched on at this site and out of the score."""
    with FakeYouTube() as fake:
        switch_on(settings, fake)
        yield fake


def read(fake: FakeYouTube, *, days: int = 90, meter: Meter | None = None) -> Reading:
    """Return what a read of the fake holds."""
    since = fake.now - timedelta(days=days)
    good = replace(fake.access(), meter=meter or Meter())
    connector = fake.connector()
    return connector.read(good, "UC7", since=since, now=fake.now, progress=lambda _said: None)


def posts(reading: Reading) -> dict[str, Post]:
    return {post.text: post for post in reading.posts}


# Signing in and linking


@pytest.mark.django_db
def test_the_channel_is_who_was_linked(youtube: FakeYouTube) -> None:
    walk(Client(), youtube)

    grant, source = Grant.objects.get(), Source.objects.get()
    assert (grant.account.provider, grant.account.uid) == ("youtube", "UC7")
    assert grant.account.extra_data["url"] == "https://www.youtube.com/channel/UC7"
    assert (source.kind, source.title) == ("channel", "Nora's Fields (@norasfields)")
    assert (source.followers, source.posts_90d) == (1_070, 2)
    assert "not in your score" in source.reason


@pytest.mark.django_db
def test_two_channels_of_one_google_account_are_two_links(youtube: FakeYouTube) -> None:
    client = signed_in(person())
    walk(client, youtube)
    youtube.channel |= {"id": "UC8", "snippet": {"title": "Second"}}

    walk(client, youtube)

    assert set(SocialAccount.objects.values_list("uid", flat=True)) == {"UC7", "UC8"}
    assert Grant.objects.count() == 2


@pytest.mark.django_db
def test_consent_asks_for_reading_alone_that_lasts_and_for_which_channel(
    youtube: FakeYouTube,
) -> None:
    query = begin(Client(), "youtube")

    assert query["at"].startswith(youtube.server.url("/o/oauth2/v2/auth?"))
    assert query["scope"] == READONLY
    assert query["access_type"] == "offline"
    assert set(query["prompt"].split()) == {"consent", "select_account"}
    assert query["code_challenge_method"] == "S256"


@pytest.mark.django_db
def test_an_unticked_permission_is_said_and_nothing_is_kept(youtube: FakeYouTube) -> None:
    youtube.scope = "openid"

    answer = walk(Client(), youtube)

    assert "was not ticked at Google. Link it again and tick it." in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_an_account_without_a_channel_is_told_so(youtube: FakeYouTube) -> None:
    youtube.answer(CHANNELS, lambda: reply({"pageInfo": {"totalResults": 0}}))

    answer = walk(Client(), youtube)

    assert "has no YouTube channel yet" in said(answer)
    assert not SocialAccount.objects.exists()


# Keys


def test_a_renewed_key_is_renewed_with_the_same_again(youtube: FakeYouTube) -> None:
    tokens = youtube.connector().refresh(youtube.access(), now=youtube.now)

    assert (tokens.token, tokens.refresh) == ("renewed-token", "")
    assert tokens.lasts == timedelta(seconds=3_599)


def test_ending_an_access_may_be_repeated(youtube: FakeYouTube) -> None:
    for _ in range(2):
        youtube.connector().revoke(youtube.access())

    assert not youtube.alive


def test_a_dead_key_is_known_as_dead(youtube: FakeYouTube) -> None:
    before = youtube.connector().inspect(youtube.access(), now=youtube.now)
    youtube.alive.clear()

    after = youtube.connector().inspect(youtube.access(), now=youtube.now)

    assert (before.active, after.active) == (True, False)


def test_why_another_channel_is_missing_is_known(youtube: FakeYouTube) -> None:
    (cause,) = youtube.connector().missing(youtube.access(), now=youtube.now)

    assert cause.what_to_do == (
        "Link YouTube once more and choose the other channel there. Both stay linked."
    )


# What is read


def test_videos_are_posts_with_likes_and_comments(youtube: FakeYouTube) -> None:
    reading = read(youtube)

    video = posts(reading)["Video 0"]
    assert video.counts == {Kind.LIKE: 12, Kind.REPLY: 3}
    assert video.url == "https://www.youtube.com/watch?v=vid_0"
    assert video.language == "en"
    assert reading.followers == 1_070
    assert reading.pages == 3


def test_numbers_that_are_switched_off_are_not_known(youtube: FakeYouTube) -> None:
    youtube.video(days=1, likeCount=None, commentCount=None)
    youtube.channel["statistics"]["hiddenSubscriberCount"] = True

    reading = read(youtube)

    assert posts(reading)["Video 2"].counts == {Kind.LIKE: None, Kind.REPLY: None}
    assert reading.followers is None


@pytest.mark.parametrize("privacy", ["private", "unlisted"])
def test_what_is_not_public_is_left_out_and_counted(youtube: FakeYouTube, privacy: str) -> None:
    youtube.video(days=1, privacy=privacy)

    reading = read(youtube)

    assert posts(reading).keys() == {"Video 0", "Video 1"}
    assert reading.left_out == {"not_public": 1}


def test_a_video_that_is_not_shown_any_more_is_left_out(youtube: FakeYouTube) -> None:
    youtube.answer(VIDEOS, lambda: reply({"items": youtube.videos[:1]}))

    reading = read(youtube)

    assert posts(reading).keys() == {"Video 0"}
    assert reading.left_out == {"not_shown": 1}


def test_looking_ends_with_the_second_page_in_a_row_that_is_too_old(youtube: FakeYouTube) -> None:
    youtube.videos = []
    ages = [*[10] * 50, *[200] * 50, *[20] * 50, *[200] * 200]
    for age in ages:
        youtube.video(days=age)

    reading = read(youtube)

    assert len(reading.posts) == 100
    assert len(youtube.server.asked(UPLOADS)) == 5
    assert [len(each.query["id"].split(",")) for each in youtube.server.asked(VIDEOS)] == [50, 50]
    assert reading.limited == ()


def test_a_channel_that_never_uploaded_is_read_as_empty(youtube: FakeYouTube) -> None:
    youtube.answer(UPLOADS, lambda: error("playlistNotFound", 404, domain="youtube.playlistItem"))

    assert read(youtube).posts == ()


def test_a_list_that_ends_with_an_error_is_no_short_list(youtube: FakeYouTube) -> None:
    for _ in range(60):
        youtube.video(days=1)
    first = youtube.server.routes[UPLOADS]

    def route(asked: Asked) -> bytes:
        return error("playlistNotFound", 404) if "pageToken" in asked.query else first(asked)

    youtube.server.routes[UPLOADS] = route

    with pytest.raises(ConnectorError) as refused:
        read(youtube)

    assert refused.value.code == Code.GONE


def test_a_page_that_comes_again_ends_the_read(youtube: FakeYouTube) -> None:
    youtube.answer(UPLOADS, lambda: reply({"items": [], "nextPageToken": "same"}))

    with pytest.raises(ConnectorError, match="again and again"):
        read(youtube)

    assert len(youtube.server.asked(UPLOADS)) == 2


def test_a_read_cut_short_says_so_and_from_when_it_is_whole(
    youtube: FakeYouTube, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector_module, "PAGES", 1)
    for _ in range(60):
        youtube.video(days=3)

    reading = read(youtube)

    assert reading.limited == ("Only your newest 50 videos were read.",)
    assert reading.since == min(post.created_at for post in reading.posts)


def test_the_newest_are_shown_with_the_counts_of_now(youtube: FakeYouTube) -> None:
    newest = youtube.connector().newest(youtube.access(), "UC7", now=youtube.now)

    assert [post.text for post in newest] == ["Video 0", "Video 1"]


# Quota


def test_every_call_is_taken_off_the_quota(youtube: FakeYouTube) -> None:
    meter = Meter(limit=10)

    reading = read(youtube, meter=meter)

    assert meter.used == reading.pages == 3


def test_without_quota_nothing_is_asked(youtube: FakeYouTube) -> None:
    with pytest.raises(ConnectorError) as refused:
        read(youtube, meter=Meter(limit=0))

    assert refused.value.code == Code.QUOTA_EXHAUSTED
    assert not youtube.server.requests


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 22, 8, tzinfo=UTC)),
        (datetime(2026, 11, 21, 7, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 2, 7, tzinfo=UTC)),
    ],
)
def test_a_spent_quota_is_back_at_midnight_where_youtube_is(
    youtube: FakeYouTube, now: datetime, midnight: datetime
) -> None:
    youtube.answer(CHANNELS, lambda: error("quotaExceeded", 403))

    with pytest.raises(ConnectorError) as refused:
        youtube.connector().identity(youtube.access(), now=now)

    assert refused.value.retry_at == midnight


# Standing apart


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("in_score", "words"),
    [("off", "are not in your score."), ("on", "your channel counts in your score.")],
)
def test_what_youtubes_rules_mean_is_on_screen_before_and_after_linking(
    youtube: FakeYouTube, settings: Any, in_score: str, words: str
) -> None:
    settings.NETWORKS = {**settings.NETWORKS, "youtube": youtube.config(in_score=in_score)}
    client = signed_in(person())

    before = client.get(reverse("start")).content.decode()
    walk(client, youtube)
    source = Source.objects.get()
    choice = client.get(reverse("choose", args=[source.grant_id])).content.decode()
    Source.objects.update(selected=True, selected_at=youtube.now)
    link = client.get(reverse("link", args=[source.pk])).content.decode()
    links = client.get(reverse("links")).content.decode()

    assert connectors.is_scored("youtube") is (in_score == "on")
    for page in (before, choice, link, links):
        assert escape("YouTube's rules") in page
        assert words in page


# Whatever it answers


@given(draw=st.data())
@examples(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_youtube_answers_is_a_sound_reading_or_an_error_in_words(
    youtube: FakeYouTube, draw: st.DataObject
) -> None:
    uploads = [
        {"contentDetails": {"videoId": "vid_0", "videoPublishedAt": youtube.ago(2)}},
        {"contentDetails": {"videoId": "vid_1", "videoPublishedAt": youtube.ago(9)}},
    ]
    answers = {
        CHANNELS: {"items": [youtube.channel]},
        UPLOADS: {"items": uploads},
        VIDEOS: {"items": youtube.videos},
    }
    path = draw.draw(st.sampled_from(sorted(answers)))
    changed = odd(draw, answers[path])
    before = youtube.server.routes[path]
    youtube.answer(path, lambda: reply(changed))

    came = read_or_refused(lambda: read(youtube), now=youtube.now)

    youtube.server.routes[path] = before
    assert came in {"read", Code.CONTRACT, Code.SOURCE_NOT_GRANTED, Code.NO_SOURCE}


# Recorded answers


def test_a_recorded_channel_with_its_videos_is_read(youtube: FakeYouTube) -> None:
    channel = recorded("youtube_channels.json")
    own = channel["items"][0]
    video = recorded("youtube_video.json")
    listed = [item["snippet"] for item in recorded("youtube_playlist_items.json")["items"]]
    ids = [each["resourceId"]["videoId"] for each in listed]
    # Recorded with the part "snippet": the part we ask for says the same two things.
    details = [
        {"videoId": each["resourceId"]["videoId"], "videoPublishedAt": each["publishedAt"]}
        for each in listed
    ]
    youtube.answer(CHANNELS, lambda: reply(channel))
    youtube.answer(UPLOADS, lambda: reply({"items": [{"contentDetails": d} for d in details]}))
    public = {"status": {"privacyStatus": "public"}}
    shown = [{**public, **video["items"][0], "id": each} for each in ids]
    youtube.answer(VIDEOS, lambda: reply({**video, "items": shown}))
    long_ago = datetime(2005, 1, 1, tzinfo=UTC)

    reading = youtube.connector().read(
        youtube.access(), own["id"], since=long_ago, now=youtube.now, progress=lambda _said: None
    )

    assert reading.followers == int(own["statistics"]["subscriberCount"])
    assert len(reading.posts) == len(ids) > 0
    assert {post.text for post in reading.posts} == {shown[0]["snippet"]["title"]}
    assert reading.posts[0].created_at == datetime.fromisoformat(details[0]["videoPublishedAt"])


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("youtube_error.json", 400, Code.APP_CONFIG),
        ("youtube_error_permission.json", 403, Code.SCOPE_MISSING),
    ],
)
def test_a_recorded_refusal_is_read_as_what_it_means(
    youtube: FakeYouTube, name: str, status: int, code: Code
) -> None:
    body = recorded(name)
    youtube.answer(CHANNELS, lambda: reply(body, status=status))

    with pytest.raises(ConnectorError) as refused:
        read(youtube)

    assert refused.value.code == code
