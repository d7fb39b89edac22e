"""Instagram's insights give the posts of a professional account, or a sentence."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveContent, ArchiveRefused, instagram_insights
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import NOW, a_zip, if_accepted, instagram_export, instagram_post

AT = NOW - timedelta(days=5)
FILE = "instagram-nora.bakes-2026-11-19-AbCdEf.zip"
PATH = "logged_information/past_instagram_insights/posts.json"


def read(export: bytes, filename: str = FILE) -> ArchiveContent:
    return instagram_insights.read(io.BytesIO(export), filename=filename, now=NOW)


def refusal(export: bytes) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        read(export)
    return str(caught.value)


def test_an_export_gives_its_posts_and_what_is_not_told_is_not_zero() -> None:
    content = read(instagram_export(instagram_post(AT)))

    assert (content.network, content.account_id, content.title) == (
        "instagram_insights",
        "nora.bakes",
        "@nora.bakes",
    )
    assert content.claim is None
    assert content.reading.posts == (
        Post(
            external_id=f"at-{int(AT.timestamp())}",
            created_at=AT,
            text="Brötchen, früh",
            counts={Kind.LIKE: 41, Kind.REPLY: 6, Kind.REPOST: None},
        ),
    )


def garbled(text: str) -> str:
    """Return a text as Instagram writes it."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    ("likes", "comments", "value"),
    [
        ("Curtidas", "Comentários", "1.204"),
        ("„Gefällt mir“-Angaben", "Kommentare", "1204"),
        ("Mentions J’aime", "Commentaires", "1 204"),
        ("Mi piace", "Commenti", "1.204"),
        ("Me gusta", "Comentarios", "1,204"),
    ],
)
def test_labels_may_be_in_another_language(likes: str, comments: str, value: str) -> None:
    labels = {garbled(likes): value, garbled(comments): "7"}
    post = instagram_post(AT, Likes=None, Comments=None, Shares=None, **labels)

    (read_post,) = read(instagram_export(post)).reading.posts

    assert read_post.counts == {Kind.LIKE: 1204, Kind.REPLY: 7}


def test_labels_of_an_unknown_language_are_named_and_nothing_counts() -> None:
    labels = {garbled("Tykkäykset"): "5"}
    post = instagram_post(AT, Likes=None, Comments=None, Shares=None, Saves=None, **labels)

    sentence = refusal(instagram_export(post))

    assert "in a language that we do not know" in sentence
    assert "“Tykkäykset”" in sentence


def test_posts_of_the_same_second_are_one_post() -> None:
    reading = read(instagram_export(instagram_post(AT), instagram_post(AT))).reading

    assert len(reading.posts) == 1
    assert reading.left_out == {"repeated": 1}


@pytest.mark.parametrize(
    ("export", "sentence"),
    [
        (instagram_export(instagram_post(AT, Likes="-3")), "Post 1 of"),
        (instagram_export(instagram_post(AT, Likes="-3")), "“Likes”: “-3” is below 0."),
        (instagram_export(instagram_post(AT, Likes="9" * 5000)), "more than there can be"),
        (instagram_export(instagram_post(AT, Likes="1.2K")), "is not a whole number"),
        (instagram_export(instagram_post(NOW + timedelta(days=2))), "yet to come"),
        (instagram_export(instagram_post(0)), "does not say when"),
        (instagram_export(instagram_post(10**30)), "does not say when"),
        (instagram_export(), "holds no posts"),
        (a_zip({PATH: "{}"}), "does not hold a list"),
        (a_zip({PATH: "<html>"}), "does not hold a list"),
        (a_zip({PATH: '{"organic_insights_posts": [{"a": 1'}), "is cut off"),
        (a_zip({PATH: '{"organic_insights_posts": [' + "[" * 100_000}), "has no post as its item"),
        (a_zip({PATH: '{"organic_insights_posts": [{"a": ' + "9" * 5000 + "}]}"}), "is not JSON"),
        (a_zip({PATH: "[]", f"b/{PATH}": "[]"}), "2 times instead of once"),
        (a_zip({PATH: b'{"organic_insights_posts": [\xff\xfe'}), "not text in UTF-8"),
    ],
)
def test_an_export_that_cannot_count_is_refused_with_its_reason(
    export: bytes, sentence: str
) -> None:
    assert sentence in refusal(export)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(["media_map_data", "string_map_data"]), json_values, json_values)
def test_whatever_stands_in_a_post_it_is_read_or_refused(name: str, one: Any, two: Any) -> None:
    post = instagram_post(AT) | {name: {"Likes": one, "Creation Timestamp": two}}
    export = a_zip({PATH: json.dumps({"organic_insights_posts": [post, one]})})

    content = if_accepted(lambda: read(export))

    assert content is None or all(
        isinstance(each.created_at, datetime) for each in content.reading.posts
    )
