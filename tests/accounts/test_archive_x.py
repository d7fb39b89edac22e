"""An archive of X gives its account and its own posts, or a sentence."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveContent, ArchiveRefused, x_archive
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import NOW, a_script, a_tweet, a_zip, an_account, an_x_archive


def read(archive: bytes) -> ArchiveContent:
    return x_archive.read(io.BytesIO(archive), now=NOW)


def refusal(archive: bytes) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        read(archive)
    return str(refused.value)


def test_an_archive_gives_the_account_and_its_posts_with_their_counts() -> None:
    archive = an_x_archive(a_tweet())

    content = read(archive)

    assert (content.network, content.account_id, content.handle) == (
        "x_archive",
        "4242",
        "nora_bakes",
    )
    assert (content.title, content.url) == ("@nora_bakes", "https://x.com/nora_bakes")
    assert content.reading.since == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
    assert content.reading.posts == (
        Post(
            external_id="1050118621198921728",
            created_at=datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC),
            text="Rye & wheat, side by side",
            url="https://x.com/nora_bakes/status/1050118621198921728",
            language="en",
            counts={Kind.LIKE: 12, Kind.REPOST: 3},
        ),
    )


def test_posts_come_oldest_first_and_the_reading_begins_with_the_earliest() -> None:
    late = a_tweet(id_str="2", created_at="Sun Mar 01 08:00:00 +0000 2026")
    early = a_tweet(id_str="1", created_at="Mon Mar 03 08:00:00 +0000 2025")

    reading = read(an_x_archive(late, early)).reading

    assert [post.external_id for post in reading.posts] == ["1", "2"]
    assert reading.since == datetime(2025, 3, 3, 8, tzinfo=UTC)


def test_reposts_of_others_are_left_out_and_counted() -> None:
    repost = a_tweet(id_str="9", full_text="RT @someone: have you seen")

    reading = read(an_x_archive(a_tweet(), repost)).reading

    assert [post.external_id for post in reading.posts] == ["1050118621198921728"]
    assert reading.left_out == {"reposts_of_others": 1}


def test_a_post_that_stands_twice_counts_once() -> None:
    reading = read(an_x_archive(a_tweet(), a_tweet())).reading

    assert len(reading.posts) == 1
    assert reading.left_out == {"repeated": 1}


def test_a_reply_is_marked() -> None:
    reply = a_tweet(in_reply_to_status_id_str="7")

    assert read(an_x_archive(reply)).reading.posts[0].kind == "reply"


def test_a_count_that_is_not_there_is_not_known_and_not_zero() -> None:
    tweet = a_tweet(favorite_count=None, retweet_count="0")

    assert read(an_x_archive(tweet)).reading.posts[0].counts == {Kind.LIKE: None, Kind.REPOST: 0}


def test_a_language_that_x_could_not_tell_is_left_empty() -> None:
    assert read(an_x_archive(a_tweet(lang="und"))).reading.posts[0].language == ""


def test_all_parts_of_a_large_archive_are_read() -> None:
    archive = an_x_archive(
        a_tweet(id_str="1"),
        **{
            "tweets-part1": a_script("tweets", [a_tweet(id_str="2")]),
            "tweets-part2": a_script("tweets", [a_tweet(id_str="3")]),
            "deleted-tweets": a_script("deleted_tweets", [a_tweet(id_str="4")]),
            "tweet-headers": a_script("tweet_headers", [a_tweet(id_str="5")]),
        },
    )

    assert {post.external_id for post in read(archive).reading.posts} == {"1", "2", "3"}


def test_an_archive_that_lacks_a_part_is_refused() -> None:
    archive = an_x_archive(a_tweet(), **{"tweets-part2": a_script("tweets", [])})

    assert "tweets-part1.js is missing" in refusal(archive)


@pytest.mark.parametrize("folder", ["", "data/", "x-2026-11-19/data/"])
def test_an_older_or_packed_again_archive_is_read_where_its_files_are(folder: str) -> None:
    bare = a_tweet()["tweet"]
    files = {
        f"{folder}tweet.js": a_script("tweet", [bare]),
        f"{folder}account.js": an_account(),
        "__MACOSX/data/._tweets.js": b"\0\5\26\7",
    }

    assert len(read(a_zip(files)).reading.posts) == 1


def test_plain_json_without_the_script_is_read() -> None:
    archive = an_x_archive(tweets="\ufeff " + json.dumps([a_tweet()]))

    assert len(read(archive).reading.posts) == 1


def test_two_archives_in_one_zip_are_refused() -> None:
    script = a_script("tweets", [a_tweet()])

    assert "more than one archive" in refusal(
        a_zip({"a/data/tweets.js": script, "b/data/tweets.js": script})
    )


def test_a_zip_of_something_else_says_what_an_archive_of_x_looks_like() -> None:
    message = refusal(a_zip({"photos/cat.jpg": b"meow"}))

    assert "data/tweets.js is not in it" in message
    assert "Download an archive of your data" in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "not a zip"),
        (b"window.YTD.tweets.part0 = []", "not a zip"),
        (an_x_archive(a_tweet())[:300], "cut off"),
        (an_x_archive(), "no posts of its own"),
        (an_x_archive(a_tweet(full_text="RT @a: b")), "no posts of its own"),
        (a_zip({"data/tweets.js": "[]"}), "data/account.js is not in the zip"),
        (an_x_archive(a_tweet(), account="[]"), "names no account id"),
        (an_x_archive(a_tweet(), account=an_account(accountId="-1")), "names no account id"),
        (an_x_archive(a_tweet(), account=an_account(accountId=42)), "names no account id"),
        (an_x_archive(a_tweet(), account=an_account(username="a/../b")), "names no account."),
        (an_x_archive(tweets=""), "does not hold a list"),
        (an_x_archive(tweets="<html>Sign in</html>"), "does not hold a list"),
        (an_x_archive(tweets="alert([1])"), "does not hold a list"),
        (an_x_archive(tweets=a_script("tweets", [a_tweet()])[:-9]), "cut off or is not JSON"),
        (an_x_archive(tweets="[]]"), "goes on after its end"),
        (an_x_archive(tweets="[{'tweet': 1}]"), "not JSON"),
        (an_x_archive(tweets='[{"a": 1' + "0" * 5000 + "}]"), "not JSON"),
        (an_x_archive(tweets=b'[{"tweet": {"full_text": "\xff"}}]'), "not text in UTF-8"),
        (an_x_archive(tweets='[{"tweet": {"x": NaN}}]'), "not JSON"),
        (an_x_archive(tweets="[null]"), "no post as its item 1"),
        (an_x_archive(tweets="[{}{}]"), "Post 1 of data/tweets.js has the id"),
        (an_x_archive(tweets=a_script("tweets", [a_tweet()])[:-1] + "{}]"), "not JSON"),
        (an_x_archive(tweets=a_script("tweets", [a_tweet()])[:-1] + ",]"), "not JSON"),
        (an_x_archive(tweets=a_script("tweets", [a_tweet()])[:-1]), "is cut off"),
        (an_x_archive(tweets='[{"tweet": []}]'), "Post 1 of data/tweets.js is not a post"),
        (an_x_archive(tweets="[" * 200_000), "no post as its item 1"),
        (an_x_archive(tweets='[{"tweet":' + "[" * 200_000), "not JSON"),
    ],
)
def test_a_file_that_is_no_sound_archive_is_refused_with_its_reason(
    content: bytes, expected: str
) -> None:
    assert expected in refusal(content)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"created_at": "Wed Oct 10 20:19:24 +0000 2096"}, "yet to come"),
        ({"created_at": "Fri Nov 20 12:02:00 +0000 2026"}, "yet to come"),
        ({"created_at": "Thu Oct 10 20:19:24 +0000 2018"}, "no date"),
        ({"created_at": "Wed Oct 32 20:19:24 +0000 2018"}, "no date"),
        ({"created_at": "Wed Okt 10 20:19:24 +0000 2018"}, "no date"),
        ({"created_at": "Wed Oct 10 20:19:24 +0200 2018"}, "no date"),
        ({"created_at": "2018-10-10T20:19:24Z"}, "no date"),
        ({"created_at": "Sat Jan 01 00:00:00 +0000 2000"}, "no date"),
        ({"created_at": 1539202764}, "no date"),
        ({"created_at": None}, "no date"),
        ({"favorite_count": "-4"}, "“-4” likes"),
        ({"favorite_count": "NaN"}, "“NaN” likes"),
        ({"favorite_count": "1e3"}, "“1e3” likes"),
        ({"favorite_count": "٣"}, "“٣” likes"),
        ({"favorite_count": 12.5}, "likes, which cannot be"),
        ({"favorite_count": True}, "likes, which cannot be"),
        ({"favorite_count": {"a": 1}}, "likes, which cannot be"),
        ({"retweet_count": "1000000000001"}, "“1000000000001” reposts"),
        ({"retweet_count": 10**400}, "reposts, which cannot be"),
        ({"retweet_count": -1}, "says -1 reposts"),
        ({"id_str": "0"}, "the id “0”"),
        ({"id_str": "12\u0000"}, "the id “12�”"),
        ({"id_str": "9" * 5000}, "the id “" + "9" * 40 + "…”"),
        ({"id_str": 7}, "the id 7"),
        ({"id_str": None}, "the id"),
        ({"full_text": ["a"]}, "a text that is not text"),
    ],
)
def test_a_post_that_cannot_be_is_named_and_nothing_counts(
    change: dict[str, Any], expected: str
) -> None:
    message = refusal(an_x_archive(a_tweet(id_str="5"), a_tweet(**change)))

    assert message.startswith("Post 2 of data/tweets.js")
    assert expected in message
    assert "Nothing was changed" in message


def test_the_refusal_names_the_id_of_the_post() -> None:
    assert "(id 77)" in refusal(an_x_archive(a_tweet(id_str="77", favorite_count="x")))


def test_one_item_without_end_is_refused_before_it_fills_memory() -> None:
    endless = '[{"tweet": {"entities": [' + ",".join(str(n) for n in range(600_000))

    assert "an item without end" in refusal(an_x_archive(tweets=endless))


def test_a_text_keeps_its_first_280_characters_and_nothing_a_database_refuses() -> None:
    tweet = a_tweet(full_text="a\0\ud800" + "&lt;3 " * 200)

    text = read(an_x_archive(tweet)).reading.posts[0].text

    assert text.startswith("a<3 <3")
    assert len(text) <= 280


def test_only_the_newest_posts_are_held_and_the_older_ones_counted() -> None:
    posts = NewestPosts(keep=2)

    for day in (3, 1, 4, 2):
        posts.add(Post(external_id=str(day), created_at=datetime(2026, 1, day, tzinfo=UTC)))

    reading = posts.reading()
    assert [post.external_id for post in reading.posts] == ["3", "4"]
    assert reading.since == datetime(2026, 1, 3, tzinfo=UTC)
    assert reading.left_out == {"older": 2}


TWEETS = st.lists(
    st.builds(
        a_tweet,
        id_str=st.integers(1, 10**18).map(str),
        favorite_count=st.none() | st.integers(0, 10**12) | st.integers(0, 10**12).map(str),
        full_text=st.text(st.characters(codec="utf-8"), max_size=60).filter(
            lambda text: not text.startswith("RT @")
        ),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda item: item["tweet"]["id_str"],
)


@given(TWEETS)
def test_every_like_of_every_post_comes_out(tweets: list[dict[str, Any]]) -> None:
    stated = {
        item["tweet"]["id_str"]: None
        if item["tweet"].get("favorite_count") is None
        else int(item["tweet"]["favorite_count"])
        for item in tweets
    }

    posts = read(an_x_archive(*tweets)).reading.posts

    assert {post.external_id: post.counts[Kind.LIKE] for post in posts} == stated


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["tweet", "id_str", "created_at", "full_text", "favorite_count", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON | TWEETS.flatmap(lambda tweets: st.tuples(st.just(tweets[0]), JSON)))
def test_any_json_is_read_or_refused_and_nothing_else(value: Any) -> None:
    archive = an_x_archive(tweets="window.YTD.tweets.part0 = " + json.dumps(value))

    try:
        content = read(archive)
    except ArchiveRefused:
        content = None

    assert content is None or content.reading.posts
