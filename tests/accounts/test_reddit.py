"""Reddit: off until asked for, numbers that are blurred, a thousand things and no more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.connectors import reddit as connector_module
from accounts.connectors.base import Code, ConnectorError, Kind, Post, Reading
from accounts.models import Grant, Source
from tests.accounts.fakes.reddit import FakeReddit
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.recordings import recorded
from tests.accounts.walks import begin, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")

ME = "/oauth/api/v1/me"
POSTS = "/oauth/user/nora/submitted"
COMMENTS = "/oauth/user/nora/comments"


@pytest.fixture
def reddit(settings: Any) -> Iterator[FakeReddit]:
    """The network, switched on at this site."""
    with FakeReddit() as fake:
        switch_on(settings, fake)
        yield fake


def read(fake: FakeReddit, *, days: int = 90) -> Reading:
    """Return what a read of the fake holds."""
    since = fake.now - timedelta(days=days)
    connector, good = fake.connector(), fake.access()
    return connector.read(good, "4nora", since=since, now=fake.now, progress=lambda _said: None)


def posts(reading: Reading) -> dict[str, Post]:
    return {post.text: post for post in reading.posts}


# Signing in and linking


@pytest.mark.django_db
def test_the_id_is_who_was_linked_and_not_the_name(reddit: FakeReddit) -> None:
    walk(Client(), reddit)

    grant, source = Grant.objects.get(), Source.objects.get()
    assert (grant.account.provider, grant.account.uid) == ("reddit", "4nora")
    assert grant.refresh_ends_at is None
    assert (source.title, source.followers, source.posts_90d) == ("@nora", 33, 2)
    assert source.url == "https://www.reddit.com/user/nora"


@pytest.mark.django_db
def test_consent_is_asked_for_reading_that_lasts(reddit: FakeReddit) -> None:
    query = begin(Client(), "reddit")

    assert query["at"].startswith(reddit.server.url("/api/v1/authorize?"))
    assert set(query["scope"].split()) == {"identity", "history", "read"}
    assert query["duration"] == "permanent"
    assert "code_challenge" not in query


def test_the_site_says_who_it_is_in_every_call(reddit: FakeReddit) -> None:
    read(reddit)
    reddit.connector().refresh(reddit.access(), now=reddit.now)

    agents = {asked.headers["user-agent"] for asked in reddit.server.requests}
    assert agents == {"web:kloutsite:1.0 (by /u/nora_runs_this; +https://klout.example.org)"}


def test_a_key_is_renewed_and_then_taken_back_with_all_that_came_of_it(
    reddit: FakeReddit,
) -> None:
    connector = reddit.connector()
    tokens = connector.refresh(reddit.access(), now=reddit.now)

    connector.revoke(reddit.access())

    assert (tokens.token, tokens.lasts) == ("renewed-token", timedelta(days=1))
    assert not reddit.alive
    assert not connector.inspect(reddit.access(), now=reddit.now).active


# What is read


def test_posts_and_comments_come_with_their_numbers(reddit: FakeReddit) -> None:
    reading = read(reddit)

    assert posts(reading).keys() == {"Post 0", "Post 1", "Comment 0"}
    assert posts(reading)["Post 0"].counts == {Kind.LIKE: 10, Kind.REPLY: 4, Kind.REPOST: 1}
    assert posts(reading)["Comment 0"].counts == {Kind.LIKE: 10}
    assert posts(reading)["Comment 0"].kind == "reply"
    assert posts(reading)["Post 0"].url == "https://www.reddit.com/r/fields/comments/p0/post/"
    assert reading.followers == 33


def test_own_votes_and_own_comments_are_taken_out(reddit: FakeReddit) -> None:
    reddit.post(days=1, score=1)
    reddit.post(days=1, score=5, likes=None)
    reddit.comment(days=1, link_id="t3_p2")

    reading = read(reddit)

    assert posts(reading)["Post 2"].counts[Kind.LIKE] == 0
    assert posts(reading)["Post 2"].counts[Kind.REPLY] == 3
    assert posts(reading)["Post 3"].counts[Kind.LIKE] == 5
    assert reading.left_out == {"own_reactions": 1}


@pytest.mark.parametrize(
    ("more", "likes"),
    [
        ({"score": -12}, 0),
        ({"hide_score": True}, None),
        ({"score": None}, None),
        ({"score": "11"}, None),
    ],
)
def test_a_score_below_zero_is_none_and_a_hidden_one_is_not_known(
    reddit: FakeReddit, more: dict[str, Any], likes: int | None
) -> None:
    reddit.post(days=1, **more)

    assert posts(read(reddit))["Post 2"].counts[Kind.LIKE] == likes


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"removed_by_category": "moderator"}, "removed"),
        ({"subreddit_type": "private"}, "not_public"),
        ({"created_utc": None}, "undated"),
        ({"created_utc": 4_000_000_000.0}, "in_future"),
    ],
)
def test_what_not_everybody_sees_is_left_out_and_counted(
    reddit: FakeReddit, more: dict[str, Any], why: str
) -> None:
    reddit.post(days=1, **more)

    reading = read(reddit)

    assert "Post 2" not in posts(reading)
    assert reading.left_out == {why: 1}


def test_every_page_is_read_to_the_one_that_is_too_old_as_a_whole(reddit: FakeReddit) -> None:
    for number in range(500):
        reddit.post(days=10 + number)

    reading = read(reddit, days=60)

    assert len([post for post in reading.posts if post.kind == "original"]) == 2 + 50
    assert len(reddit.server.asked(POSTS)) == 2
    assert reading.limited == ()


def test_an_old_post_that_is_pinned_on_top_ends_nothing(reddit: FakeReddit) -> None:
    pinned = reddit.post(days=900)
    reddit.posts.sort(key=lambda each: each is not pinned)
    for number in range(150):
        reddit.post(days=10 + number / 10)

    assert len(read(reddit).posts) == 1 + 2 + 150


def test_many_comments_take_no_post_away(
    reddit: FakeReddit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector_module, "PAGES", 2)
    for number in range(300):
        reddit.comment(days=3 + number / 100)
    reddit.post(days=40)

    reading = read(reddit)

    own = [post for post in reading.posts if post.kind == "original"]
    oldest_comment = min(post.created_at for post in reading.posts if post.kind == "reply")
    assert len(own) == 3
    assert reading.since == oldest_comment
    assert reading.limited == ("Only your newest 200 comments were read.",)


def test_a_last_page_without_anything_to_count_does_not_make_the_rest_incomplete(
    reddit: FakeReddit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector_module, "PAGES", 2)
    reddit.posts.clear()
    for number in range(100):
        reddit.post(days=2 + number / 100)
    for number in range(100):
        reddit.post(days=10 + number / 100, removed_by_category="moderator")

    reading = read(reddit)

    assert reading.since == min(
        post.created_at for post in reading.posts if post.kind == "original"
    )


def test_the_ceiling_of_a_thousand_is_said(
    reddit: FakeReddit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector_module, "PAGES", 2)
    for number in range(198):
        reddit.post(days=10 + number / 10)

    reading = read(reddit)

    assert reading.limited == ("Only your newest 200 posts were read.",)
    assert reading.since == min(post.created_at for post in reading.posts)


def test_a_list_that_leads_in_circles_ends(reddit: FakeReddit) -> None:
    circle = {"kind": "Listing", "data": {"after": "t3_p1", "children": []}}
    reddit.answer(POSTS, lambda: reply(circle))

    with pytest.raises(ConnectorError, match="again and again"):
        read(reddit)

    assert len(reddit.server.asked(POSTS)) == 2


def test_the_wait_reddit_asks_for_is_kept(reddit: FakeReddit) -> None:
    reddit.answer(ME, lambda: reply({}, status=429, X_Ratelimit_Reset="62"))

    with pytest.raises(ConnectorError) as refused:
        read(reddit)

    assert refused.value.retry_at is not None
    assert timedelta(seconds=62) <= refused.value.retry_at - reddit.now < timedelta(seconds=180)


def test_the_newest_are_shown_with_the_counts_of_now(reddit: FakeReddit) -> None:
    newest = reddit.connector().newest(reddit.access(), "4nora", now=reddit.now)

    assert [post.text for post in newest] == ["Post 0", "Post 1"]


@given(draw=st.data())
@examples(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_reddit_answers_is_a_sound_reading_or_an_error_in_words(
    reddit: FakeReddit, draw: st.DataObject
) -> None:
    def listed(kind: str, things: list[dict[str, Any]]) -> dict[str, Any]:
        children = [{"kind": kind, "data": thing} for thing in things]
        return {"kind": "Listing", "data": {"after": None, "children": children}}

    answers = {
        ME: reddit.account,
        POSTS: listed("t3", reddit.posts),
        COMMENTS: listed("t1", reddit.comments),
    }
    path = draw.draw(st.sampled_from(sorted(answers)))
    changed = odd(draw, answers[path])
    before = reddit.server.routes[path]
    reddit.answer(path, lambda: reply(changed))

    came = read_or_refused(lambda: read(reddit), now=reddit.now)

    reddit.server.routes[path] = before
    assert came in {"read", Code.CONTRACT, Code.SOURCE_NOT_GRANTED, Code.GONE}


# Recorded answers


def test_recorded_lists_are_read(reddit: FakeReddit) -> None:
    me = recorded("reddit_test_me.json") | {"name": "nora"}
    submitted, comments = (
        recorded("reddit_test_submissions__new.json"),
        recorded("reddit_test_comments__new.json"),
    )
    for listing in (submitted, comments):
        listing["data"]["after"] = None
    reddit.answer(ME, lambda: reply(me))
    reddit.answer(POSTS, lambda: reply(submitted))
    reddit.answer(COMMENTS, lambda: reply(comments))
    long_ago = datetime(2006, 1, 1, tzinfo=UTC)

    reading = reddit.connector().read(
        reddit.access(), me["id"], since=long_ago, now=reddit.now, progress=lambda _said: None
    )

    first = submitted["data"]["children"][0]["data"]
    shown = posts(reading)[first["title"]]
    kinds = [post.kind for post in reading.posts]
    assert kinds.count("original") == len(submitted["data"]["children"])
    assert kinds.count("reply") == len(comments["data"]["children"])
    assert shown.counts[Kind.LIKE] == first["score"]
    assert shown.created_at == datetime.fromtimestamp(first["created_utc"], tz=UTC)
