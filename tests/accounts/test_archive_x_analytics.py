"""A Content table of X Analytics gives its posts; its Overview gives totals that do not count."""

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveContent, ArchiveRefused, x_analytics
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import NOW, if_accepted, x_content, x_id

AT = NOW - timedelta(days=5)


def read(table: bytes) -> ArchiveContent:
    return x_analytics.read(io.BytesIO(table), now=NOW)


def refused(table: bytes) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as caught:
        read(table)
    return caught.value


def test_a_content_table_gives_its_posts_at_the_time_of_their_ids() -> None:
    content = read(x_content({"Likes": "1,204", "Replies": "6", "Reposts": "9"}))

    assert (content.network, content.account_id, content.handle) == (
        "x_analytics",
        "nora_bakes",
        "nora_bakes",
    )
    assert content.claim is None
    assert content.reading.posts == (
        Post(
            external_id=x_id(AT),
            created_at=AT,
            text="Rye, and why",
            url=f"https://x.com/nora_bakes/status/{x_id(AT)}",
            counts={Kind.LIKE: 1204, Kind.REPOST: 9, Kind.REPLY: 6},
        ),
    )


def test_columns_may_be_missing_added_or_in_another_order() -> None:
    columns = "Reposts,Something new,Post Link,Post id"

    content = read(x_content({"Reposts": "9"}, columns=columns))

    (post,) = content.reading.posts
    assert post.counts == {Kind.LIKE: None, Kind.REPOST: 9, Kind.REPLY: None}


def test_a_table_of_the_years_before_is_read_too() -> None:
    table = (
        '"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements",'
        '"engagement rate","retweets","replies","favorites"\n'
        f'"{x_id(AT)}","https://twitter.com/nora/status/{x_id(AT)}","@tom yes",'
        f'"{AT:%Y-%m-%d %H:%M} +0000","100.0","3","0.03","2","1","5"\n'
    )

    content = read(table.encode())

    (post,) = content.reading.posts
    assert (post.kind, post.created_at) == ("reply", AT)
    assert post.counts == {Kind.LIKE: 5, Kind.REPOST: 2, Kind.REPLY: 1}


def test_reposts_of_others_are_left_out() -> None:
    other = {"Post id": x_id(AT - timedelta(days=1)), "Post text": "RT @a: b", "Date": ""}

    reading = read(x_content({}, other)).reading

    assert len(reading.posts) == 1
    assert reading.left_out == {"reposts_of_others": 1}


def test_an_overview_has_no_posts_and_its_totals_are_only_shown() -> None:
    table = (
        b"Date,Impressions,Likes,Engagements,New follows,Replies,Reposts,Create Post\n"
        b'"Thu, Nov 19, 2026",1200,7,9,1,2,3,1\n"Wed, Nov 18, 2026",800,5,6,0,1,0,0\n'
    )

    error = refused(table)

    assert "2 days with a total each, and no posts" in str(error)
    assert "Nothing was changed" in str(error)
    assert error.rows == (
        "Impressions: 2,000",
        "Likes: 12",
        "Reposts: 3",
        "Replies: 3",
        "New follows: 1",
    )


LATER = x_id(NOW + timedelta(days=40))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"Likes": "-4"}, "Row 2, column likes: “-4” is below 0."),
        ({"Likes": "−1,204"}, "is below 0"),
        ({"Likes": "1.1K"}, "Row 2, column likes: “1.1K” is not a whole number."),
        ({"Likes": "9" * 5000}, "is more than there can be"),
        ({"Likes": "=1+1"}, "“=1+1” is not a whole number"),
        ({"Post id": "abc"}, "Row 2, column id: “abc” is no id of X."),
        ({"Post id": "0"}, "is no id of X"),
        ({"Post id": LATER, "Date": ""}, "is no time of a post"),
        ({"Post id": LATER}, "is yet to come"),
        ({"Post id": "9" * 19, "Date": ""}, "is no time of a post"),
        ({"Date": "Fri, Nov 20, 2065"}, "Row 2, column date: “Fri, Nov 20, 2065” is yet to come."),
        ({"Date": "Mon, Jan 5, 2026"}, "is another day than that of the post's id"),
        ({"Date": "20.11.2026"}, "is no date that X writes"),
        ({"Date": "Fri, Feb 31, 2026"}, "is no date that X writes"),
        ({"Post Link": "https://x.com/nora/status/12345"}, "leads to another post"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_counts(
    row: dict[str, str], sentence: str
) -> None:
    if LATER in row.values() and "Date" not in row:
        row = row | {"Date": f"{NOW + timedelta(days=40):%a, %b %d, %Y}"}

    error = refused(x_content(row))

    assert "One place in this table cannot be used. Nothing was changed." in str(error)
    assert sentence in error.rows[0]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (x_content(), "a header but no posts"),
        (x_content({}, columns="Post id,Post Link,Engagements"), "neither likes nor replies"),
        (x_content({}) + b"1,2\n", "One place"),
        (
            x_content({}, {"Post Link": f"https://x.com/tom/status/{x_id(AT)}"}),
            "posts of more than one account: @nora_bakes, @tom",
        ),
        (x_content({}) + b'"', "Row 3 cannot be read"),
        (b"Post id,Likes\n" + b"x,y\n" * 30, "The first 20 places to mend are below"),
    ],
)
def test_a_table_that_cannot_count_is_refused_with_its_reason(table: bytes, sentence: str) -> None:
    assert sentence in str(refused(table))


def test_an_id_from_before_snowflakes_takes_the_day_of_the_table() -> None:
    row = {"Post id": "12345", "Date": "Fri, Jun 5, 2009"}

    (post,) = read(x_content(row)).reading.posts

    assert f"{post.created_at:%Y-%m-%d}" == "2009-06-05"


@given(st.text(max_size=200), st.integers(0, 400))
def test_whatever_is_written_into_a_table_it_is_read_or_refused(text: str, at: int) -> None:
    table = x_content({"Likes": "3"}).decode()
    broken = (table[:at] + text + table[at:]).encode("utf-8", "replace")

    content = if_accepted(lambda: read(broken))

    assert content is None or all(
        post.created_at <= NOW + timedelta(minutes=1) for post in content.reading.posts
    )
