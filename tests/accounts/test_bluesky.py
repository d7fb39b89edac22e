"""Reading Bluesky as everybody sees it: own posts, who reacted and when, within a budget."""

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.connectors import bluesky_read
from accounts.connectors.base import Access, Code, ConnectorError, Kind, Post, Reading
from accounts.connectors.bluesky import Bluesky
from tests.accounts.fakes.bluesky import (
    DID,
    LIKES,
    OTHER,
    QUOTES,
    REPLIES,
    REPOSTS,
    FakeBluesky,
    Made,
    said,
)
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")

WINDOW = timedelta(days=90)
PROFILE = "/appview/xrpc/app.bsky.actor.getProfile"
PROFILES = "/appview/xrpc/app.bsky.actor.getProfiles"
FEED = "/appview/xrpc/app.bsky.feed.getAuthorFeed"


@pytest.fixture
def fake() -> Iterator[FakeBluesky]:
    """The network without a single post."""
    with FakeBluesky() as made:
        made.posts.clear()
        yield made


def connector(fake: FakeBluesky) -> Bluesky:
    found = fake.connector()
    assert isinstance(found, Bluesky)
    return found


def read(fake: FakeBluesky, *, days: int = 90, heard: list[str] | None = None) -> Reading:
    held = Access(token="", account_id=DID, server=fake.server.url())
    tell = (heard if heard is not None else []).append
    since = fake.now - timedelta(days=days)
    return connector(fake).read(held, DID, since=since, now=fake.now, progress=tell)


def only(fake: FakeBluesky, **days: int) -> Post:
    (post,) = read(fake, **days).posts
    return post


def ago(fake: FakeBluesky, **amount: float) -> datetime:
    return fake.now - timedelta(**amount)


def answering(post: Made) -> Made:
    """Return what a record holds that answers a post."""
    return {"reply": {"root": {"uri": post["uri"]}, "parent": {"uri": post["uri"]}}}


def refused(fake: FakeBluesky) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        read(fake)
    return caught.value


# Posts


def test_a_post_is_read_with_its_counts_words_and_address(fake: FakeBluesky) -> None:
    at = ago(fake, days=3)
    made = fake.add_post("Two\nlines", at=at, langs=["pt"])
    made |= {"likeCount": 5, "repostCount": 4, "replyCount": 3, "quoteCount": 2}

    post = only(fake)

    assert (post.text, post.language, post.kind) == ("Two lines", "pt", "original")
    assert (post.external_id, post.created_at) == (made["uri"], at)
    assert post.url == f"https://bsky.app/profile/{DID}/post/{made['uri'].rpartition('/')[2]}"
    assert post.counts == {Kind.LIKE: 5, Kind.REPOST: 4, Kind.REPLY: 3, Kind.QUOTE: 2}


def test_a_count_that_is_not_told_is_not_zero(fake: FakeBluesky) -> None:
    made = fake.add_post("Quiet", at=ago(fake, days=3))
    del made["quoteCount"]
    made["likeCount"] = -1

    counts = only(fake).counts

    assert (counts[Kind.LIKE], counts[Kind.QUOTE], counts[Kind.REPLY]) == (None, None, 0)


def test_reposts_pins_and_posts_of_others_are_not_theirs(fake: FakeBluesky) -> None:
    own = fake.add_post("Mine", at=ago(fake, days=3))
    fake.add_post("Not mine", at=ago(fake, days=2), by=OTHER)
    pinned = copy.deepcopy({"post": own, "reason": {"$type": "app.bsky.feed.defs#reasonPin"}})
    fake.posts.insert(0, pinned)
    repost = {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": fake.now.isoformat()}
    other = fake.add_post("Theirs", at=ago(fake, days=400), by=OTHER)
    fake.posts = [{"post": other, "reason": repost}, *fake.posts[:-1]]

    assert [post.text for post in read(fake).posts] == ["Mine"]


def test_an_answer_to_oneself_is_an_original_and_one_to_others_is_not(fake: FakeBluesky) -> None:
    first = fake.add_post("First", at=ago(fake, days=3))
    fake.add_post("Second", at=ago(fake, days=2), **answering(first))
    theirs = {"uri": f"at://{OTHER}/app.bsky.feed.post/3k1"}
    fake.add_post("To them", at=ago(fake, days=1), **answering(theirs))

    kinds = {post.text: post.kind for post in read(fake).posts}

    assert kinds == {"First": "original", "Second": "original", "To them": "reply"}


def test_what_the_person_did_to_their_own_posts_is_taken_out(fake: FakeBluesky) -> None:
    first = fake.add_post("First", at=ago(fake, days=3))
    fake.add_post("Second", at=ago(fake, days=2), **answering(first))
    embed = {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": first["uri"]}}}
    fake.add_post("Look", at=ago(fake, days=1), **embed)
    fake.react(first, LIKES, {"did": DID})
    fake.react(first, LIKES, fake.somebody("fan"))
    first |= {"replyCount": 1, "quoteCount": 1, "repostCount": 1}
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": fake.now.isoformat()}
    fake.posts.insert(0, {"post": first, "reason": reason})

    reading = read(fake)

    counts = {post.text: post.counts for post in reading.posts}["First"]
    assert counts == {Kind.LIKE: 1, Kind.REPOST: 0, Kind.REPLY: 0, Kind.QUOTE: 0}
    assert reading.left_out == {"own_reactions": 4}
    assert [one.kind for one in reading.interactions] == [Kind.LIKE]


def test_the_earlier_of_two_times_counts(fake: FakeBluesky) -> None:
    old = fake.add_post("Old, brought along", at=ago(fake, days=2))
    old["record"]["createdAt"] = ago(fake, days=400).isoformat()
    ahead = fake.add_post("From the future", at=ago(fake, days=2))
    ahead["record"]["createdAt"] = (fake.now + timedelta(days=400)).isoformat()

    reading = read(fake)

    assert [(post.text, post.created_at) for post in reading.posts] == [
        ("From the future", ago(fake, days=2))
    ]


def test_posts_without_a_time_or_in_the_future_are_left_out_and_counted(fake: FakeBluesky) -> None:
    undated = fake.add_post("When", at=ago(fake, days=2))
    undated["indexedAt"], undated["record"]["createdAt"] = None, "yesterday"
    fake.add_post("Soon", at=fake.now + timedelta(days=2))

    reading = read(fake)

    assert (reading.posts, reading.left_out) == ((), {"undated": 1, "in_future": 1})


def test_reading_ends_with_the_window_and_not_with_an_empty_page(fake: FakeBluesky) -> None:
    for days in range(1, 8):
        fake.add_post(f"{days}", at=ago(fake, days=days))
    for item in fake.posts[2:4]:
        item["post"]["author"] = {"did": OTHER}
    fake.page = 2

    reading = read(fake, days=5)

    assert [post.text for post in reading.posts] == ["1", "2", "5"]
    assert len(fake.server.asked(FEED)) == 3


def test_a_repost_older_than_wanted_ends_the_reading_too(fake: FakeBluesky) -> None:
    reason = {"$type": "app.bsky.feed.defs#reasonRepost",
              "indexedAt": ago(fake, days=100).isoformat()}  # fmt: skip
    fake.posts = [{"post": {"uri": "at://x/y/1", "author": {"did": OTHER}}, "reason": reason}] * 4
    fake.page = 2

    read(fake)

    assert len(fake.server.asked(FEED)) == 1


def test_more_posts_than_are_read_are_said_and_the_rest_is_complete(
    fake: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_read, "POST_PAGES", 2)
    for days in range(1, 8):
        fake.add_post(f"{days}", at=ago(fake, days=days))
    fake.page = 2

    reading = read(fake)

    assert reading.limited == ("Only your newest 4 posts were read.",)
    assert reading.since == ago(fake, days=4)


def test_a_list_that_leads_in_circles_is_not_believed(fake: FakeBluesky) -> None:
    fake.answer(FEED, lambda: reply({"feed": [], "cursor": "again"}))

    assert refused(fake).code == Code.CONTRACT
    assert len(fake.server.asked(FEED)) == 2


# People


def test_who_reacted_is_known_with_when_and_how_many_follow_them(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fan = fake.somebody("fan", followers=812)
    for path in (LIKES, REPOSTS, QUOTES, REPLIES):
        fake.react(post, path, fan, at=ago(fake, hours=5))

    reading = read(fake)

    known = {one.kind: one for one in reading.interactions}
    assert known.keys() == {Kind.LIKE, Kind.REPOST, Kind.QUOTE, Kind.REPLY}
    assert {one.actor_id for one in known.values()} == {fan["did"]}
    assert {one.actor_followers for one in known.values()} == {812}
    assert {one.post_id for one in known.values()} == {post["uri"]}
    assert known[Kind.LIKE].at == known[Kind.REPLY].at == ago(fake, hours=5)
    assert known[Kind.REPOST].at == ago(fake, days=3)  # the network does not say when
    assert len(fake.server.asked(PROFILES)) == 1


def test_lists_are_read_to_their_end(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    for number in range(7):
        fake.react(post, LIKES, fake.somebody("fan" + "abcdefg"[number]))
    fake.page = 2

    assert len(read(fake).interactions) == 7


def test_a_like_from_before_the_post_or_from_the_future_is_put_within(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, LIKES, fake.somebody("early"), at=ago(fake, days=30))
    fake.react(post, LIKES, fake.somebody("late"), at=fake.now + timedelta(days=30))

    times = [one.at for one in read(fake).interactions]

    assert times == [ago(fake, days=3), fake.now]


def test_people_who_ask_not_to_be_shown_count_as_a_number_only(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, LIKES, fake.somebody("shy", labels=("!no-unauthenticated",)))
    fake.react(post, LIKES, fake.somebody("fan"))

    reading = read(fake)

    assert reading.posts[0].counts[Kind.LIKE] == 2
    assert len(reading.interactions) == 1
    assert reading.left_out == {"asked_not_to_be_shown": 1}


def test_answers_that_were_deleted_or_blocked_have_nobody(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, REPLIES, fake.somebody("fan"))
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x/y/z", "notFound": True}
    fake.lists[REPLIES, post["uri"]].append(gone)

    assert len(read(fake).interactions) == 1


def test_a_post_that_goes_while_it_is_read_takes_nothing_along(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, LIKES, fake.somebody("fan"))
    fake.answer(LIKES, lambda: said("InvalidRequest", "Post not found"))

    reading = read(fake)

    assert (len(reading.posts), reading.interactions, reading.limited) == (1, (), ())


def test_a_budget_is_spent_on_this_week_first_and_counts_stay_whole(
    fake: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_read, "PEOPLE_CALLS", 1)
    old = fake.add_post("Old and loud", at=ago(fake, days=30))
    new = fake.add_post("New", at=ago(fake, days=1))
    for name in ("a", "b", "c"):
        fake.react(old, LIKES, fake.somebody(f"fan{name}"))
    fake.react(new, LIKES, fake.somebody("fand"))

    reading = read(fake)

    assert [one.post_id for one in reading.interactions] == [new["uri"]]
    assert sorted(post.counts[Kind.LIKE] or 0 for post in reading.posts) == [1, 3]
    (sentence,) = reading.limited
    assert sentence.startswith("Who reacted was read for 1 of 2 lists; the rest counts by its")


@pytest.mark.parametrize("path", [LIKES, PROFILES])
def test_a_limit_in_the_middle_keeps_what_was_read(fake: FakeBluesky, path: str) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, LIKES, fake.somebody("fan"))
    fake.answer(path, lambda: said("RateLimitExceeded", "Wait", 429))

    reading = read(fake)

    assert reading.posts[0].counts[Kind.LIKE] == 1
    assert [one.actor_followers for one in reading.interactions] in ([], [None])


def test_it_says_that_it_lives_after_every_call(fake: FakeBluesky) -> None:
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fake.react(post, LIKES, fake.somebody("fan"))
    heard: list[str] = []

    read(fake, heard=heard)

    assert heard == [
        "Reading your posts, page 1",
        "Reading who reacted, list 1 of 1",
        "Reading who reacted, list 1 of 1",
        "Reading how many follow them, 0 of 1",
    ]


# The account


def test_an_account_that_moved_is_read_and_asked_for_a_new_proof(fake: FakeBluesky) -> None:
    fake.answer(
        "/.well-known/oauth-protected-resource",
        lambda: reply({"authorization_servers": ["https://elsewhere.example"]}),
    )

    (sentence,) = read(fake).limited

    assert "moved to another server" in sentence


@pytest.mark.parametrize("fault", ["/503", "/no-answer", "/malformed"])
def test_a_directory_that_does_not_answer_stops_no_reading(fake: FakeBluesky, fault: str) -> None:
    fake.server.faults[f"/plc/{DID}"] = fault

    assert read(fake).limited == ()


def test_another_account_than_the_linked_one_is_not_read(fake: FakeBluesky) -> None:
    held = Access(token="", account_id=OTHER)

    with pytest.raises(ConnectorError) as caught:
        connector(fake).newest(held, DID, now=fake.now)

    assert caught.value.code == Code.SOURCE_NOT_GRANTED
    assert not fake.server.requests


def test_an_account_that_asks_not_to_be_shown_can_be_seen_but_not_chosen(
    fake: FakeBluesky,
) -> None:
    fake.profiles[DID]["labels"] = [{"src": DID, "val": "!no-unauthenticated"}]

    (target,) = connector(fake).targets(fake.access(), now=fake.now)

    assert (target.selectable, target.posts_90d) == (False, None)
    assert "logged-out visibility" in target.reason


def test_a_label_that_was_taken_back_hides_nothing(fake: FakeBluesky) -> None:
    fake.profiles[DID]["labels"] = [{"src": DID, "val": "!no-unauthenticated", "neg": True}, "x"]

    assert read(fake).followers == 41


def test_the_newest_posts_are_twenty_with_the_counts_of_now(fake: FakeBluesky) -> None:
    for hours in range(1, 31):
        fake.add_post(f"{hours}", at=ago(fake, hours=hours))

    newest = connector(fake).newest(fake.access(), DID, now=fake.now)

    assert [post.text for post in newest] == [f"{hours}" for hours in range(1, 21)]


@pytest.mark.parametrize(("count", "told"), [(3, 3), (230, None)])
def test_posts_of_90_days_are_told_only_when_all_were_seen(
    fake: FakeBluesky, count: int, told: int | None
) -> None:
    for number in range(count):
        fake.add_post("x", at=ago(fake, hours=number + 1))

    (target,) = connector(fake).targets(fake.access(), now=fake.now)

    assert (target.posts_90d, target.last_post_at) == (told, ago(fake, hours=1))


# Odd answers

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.just("9" * 400), st.just(-1), st.just("\x00"), st.just([{}]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in parsed JSON."""
    inside = value.items() if isinstance(value, dict) else []
    for key, each in [*inside, *(enumerate(value) if isinstance(value, list) else [])]:
        yield (*path, key)
        yield from places(each, (*path, key))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_odd_answers_become_a_sound_reading_or_words(
    fake: FakeBluesky, data: st.DataObject
) -> None:
    fake.posts.clear()
    fake.lists.clear()
    post = fake.add_post("Hello", at=ago(fake, days=3))
    fan = fake.somebody("fan")
    for path in (LIKES, REPOSTS, QUOTES, REPLIES):
        fake.react(post, path, fan)
    parts: list[Any] = [fake.posts, *fake.lists.values(), fake.profiles[DID]]
    part = data.draw(st.sampled_from(parts))
    *way, last = data.draw(st.sampled_from(list(places(part))))
    kept = fake.profiles[DID].copy()
    inner = part
    for step in way:
        inner = inner[step]
    inner[last] = data.draw(JUNK)

    reading, words = None, "None."
    try:
        reading = read(fake)
    except ConnectorError as error:
        words = str(error)
    finally:
        fake.profiles[DID] = kept

    assert words.endswith(".")
    if reading is not None:
        assert all(post.created_at <= fake.now for post in reading.posts)
        assert all(one.at <= fake.now and one.actor_id != DID for one in reading.interactions)
        counts = [count for post in reading.posts for count in post.counts.values()]
        assert all(count is None or count >= 0 for count in counts)
