"""A table of posts gives its posts, or every place in it that must be mended."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveContent, ArchiveRefused, csv_posts, csv_rows
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import NOW

HEADER = "id,posted_at,text,url,likes,reposts,replies,quotes"
ROW = "a1,2026-03-01 08:30,Rye,https://blog.example/rye,12,3,0,"


def read(table: str | bytes) -> ArchiveContent:
    content = table.encode() if isinstance(table, str) else table
    return csv_posts.read(io.BytesIO(content), name="My bakery", slug="my-bakery", now=NOW)


def refused(table: str | bytes) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as caught:
        read(table)
    return caught.value


def test_a_table_gives_its_posts_with_their_counts() -> None:
    content = read(f"{HEADER}\n{ROW}\n")

    at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert (content.network, content.account_id, content.title) == ("csv", "my-bakery", "My bakery")
    assert content.reading.since == at
    assert content.reading.posts == (
        Post(
            external_id="a1",
            created_at=at,
            text="Rye",
            url="https://blog.example/rye",
            counts={Kind.LIKE: 12, Kind.REPOST: 3, Kind.REPLY: 0, Kind.QUOTE: None},
        ),
    )


def test_two_people_may_give_their_tables_the_same_name() -> None:
    content = read(f"{HEADER}\n{ROW}\n")

    assert content.external_id(7) == "7:my-bakery"
    assert content.external_id(8) != content.external_id(7)


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffposted_at,likes\n2026-03-01 08:30,5\n",
        "Posted_At ; LIKES\r\n2026-03-01 08:30 ; 5\r\n",
        'likes,"posted_at"\n5,"2026-03-01 08:30"',
        '"likes","posted_at"\n"5","2026-03-01 08:30"',
        "posted_at,likes\n\n2026-03-01T08:30:00Z,5\n,\n",
        "posted_at,likes\n2026-03-01T09:30:00.000+01:00,5\n",
        "posted_at,likes\n2026-03-01T09:30+0100,5\n",
        'posted_at;likes;text\n2026-03-01 08:30;5;"one; two\nlines ""quoted"""\n',
    ],
)
def test_the_ways_in_which_spreadsheets_write_a_table_are_all_read(table: str) -> None:
    (post,) = read(table).reading.posts

    assert post.created_at == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert post.counts == {Kind.LIKE: 5}


def test_a_row_without_an_id_is_the_same_post_when_only_its_counts_change() -> None:
    before = read("posted_at,text,likes\n2026-03-01 08:30,Rye,5\n").reading.posts[0]
    after = read("likes,posted_at,text\n9,2026-03-01T08:30Z,Rye\n").reading.posts[0]
    other = read("posted_at,text,likes\n2026-03-01 08:30,Spelt,5\n").reading.posts[0]

    assert before.external_id == after.external_id
    assert before.external_id != other.external_id


def test_every_wrong_cell_is_named_with_its_row_and_column() -> None:
    table = "\n".join(
        [
            HEADER,
            "1,2036-03-01 08:30,,,1,,,",
            "2,01/03/2026,,,-4,,,",
            "3,2026-02-30 08:30,,,1.5,,,",
            "4,,,ftp://a.example,1,1 204,,",
            "5,2026-03-01 08:30,,javascript:alert(1),9999999999999,,,",
            f"{'x' * 151},2003-12-31 08:30,,,{'9' * 9000},,,",
            "7,2026-03-01 08:30,,",
            "8,2026-03-01 08:30,,,1,,,",
            "8,2026-03-02 08:30,,,1,,,",
        ]
    )

    error = refused(table)

    assert [row.partition(":")[0] for row in error.rows] == [
        "Row 2, column posted_at",
        "Row 3, column posted_at",
        "Row 3, column likes",
        "Row 4, column posted_at",
        "Row 4, column likes",
        "Row 5, column posted_at",
        "Row 5, column url",
        "Row 5, column reposts",
        "Row 6, column url",
        "Row 6, column likes",
        "Row 7, column id",
        "Row 7, column posted_at",
        "Row 7, column likes",
        "Row 8",
        "Row 10, column id",
    ]
    assert "“2036-03-01 08:30” is yet to come" in error.rows[0]
    assert "“01/03/2026” is no time we can read" in error.rows[1]
    assert "“-4” is below 0" in error.rows[2]
    assert "“1.5” is not a whole number" in error.rows[4]
    assert "there is no time" in error.rows[5]
    assert "“1 204” is not a whole number" in error.rows[7]
    assert "is before 2004" in error.rows[11]
    assert "more than there can be" in error.rows[12]
    assert "4 cells, but there are 8 columns" in error.rows[13]
    assert "“8” is in row 9 already" in error.rows[14]
    assert str(error).startswith("15 places in this table cannot be used. Nothing was changed.")


def test_a_table_with_many_faults_names_the_first_twenty() -> None:
    error = refused("posted_at,likes\n" + "yesterday,many\n" * 500)

    assert len(error.rows) == csv_posts.MAX_ERRORS
    assert error.rows[-1].startswith("Row 11, column likes")
    assert str(error).startswith("The first 20 places")


def test_two_rows_without_id_that_are_the_same_post_are_told() -> None:
    error = refused("posted_at,likes\n2026-03-01 08:30,5\n2026-03-01 08:30,6\n")

    assert error.rows == ("Row 3: the same post as row 2. If they are two, give each an id.",)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (b"", "empty"),
        (b"\n", "posted_at is missing"),
        (b"\xef\xbb\xbf", "posted_at is missing"),
        (b"likes,reposts\n1,2\n", "posted_at is missing"),
        (b"posted_at,text\n", "likes, reposts, replies and quotes are all missing"),
        (b"posted_at,likes,retweets\n", "not known here: “retweets”"),
        (b"posted_at,likes,Likes\n", "there more than once: likes"),
        (b'posted_at,"likes\n', "posted_at is missing"),
        (b'"posted_at,likes\n', "cannot be read as names of columns"),
        (b"posted_at\tlikes\n", "posted_at is missing"),
        (b"posted_at,likes\n", "a header but no posts"),
        (b"posted_at,likes\n,\n\n", "a header but no posts"),
        (b"posted_at,likes\n2026-03-01 08:30,\xff\n", "Line 2 is not UTF-8"),
        ("posted_at,likes\n".encode("utf-16"), "Line 1 is not UTF-8"),
        (b"posted_at,likes\n2026-03-01 08:30,1\0\n", "Line 2 holds a NUL byte"),
        (b'posted_at,likes\n2026-03-01 08:30,"1\n', "Row 2 cannot be read"),
        (b'posted_at,likes\n2026-03-01 08:30,"1"2\n', "Row 2 cannot be read"),
        (b'posted_at,likes\n2026-03-01 08:30,"' + b"1" * 140_000 + b'"\n', "Row 2 cannot be read"),
        (b"posted_at,likes\n" + b"1" * 300_000, "far too long"),
        (b"posted_at,likes\n" + b'"a\n' * 400_000, "cannot be read"),
        (b"PK\3\4 and so on", "a zip, or a workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "posted_at is missing"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_reason(
    table: bytes, expected: str
) -> None:
    error = refused(table)

    assert expected in str(error)


def test_a_row_of_many_quoted_lines_does_not_fill_memory() -> None:
    line = b'"' + b"a" * 1000 + b'","\n'

    error = refused(b"posted_at,likes\n" + b'2026-03-01 08:30,"' + line * 2000)

    assert "far too long" in str(error) or "cannot be read" in str(error)


def test_a_table_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_ROWS", 3)
    rows = [f"{number},2026-03-01 08:30,1" for number in range(4)]

    whole = read("\n".join(["id,posted_at,likes", *rows[:3]]))
    error = refused("\n".join(["id,posted_at,likes", *rows]))

    assert len(whole.reading.posts) == 3
    assert "more than 3 rows" in str(error)


COUNT = st.none() | st.integers(0, 10**12)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40).map(str.strip)
POST = st.fixed_dictionaries(
    {
        "posted_at": st.integers(1, 8000).map(lambda hours: NOW - timedelta(hours=hours)),
        "zone": st.none() | st.integers(-14 * 60, 14 * 60),
        "text": TEXT,
        "likes": COUNT,
        "reposts": COUNT,
        "replies": COUNT,
        "quotes": COUNT,
    }
)


def written(posts: list[dict[str, Any]], columns: list[str], delimiter: str) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow(columns)
    for number, post in enumerate(posts):
        at = post["posted_at"]
        if post["zone"] is not None:
            at = at.astimezone(timezone(timedelta(minutes=post["zone"])))
        cells = {**post, "id": number, "posted_at": at.isoformat()}
        writer.writerow(["" if cells[c] is None else cells[c] for c in columns])
    return target.getvalue()


@given(
    posts=st.lists(POST, min_size=1, max_size=6),
    columns=st.permutations(["id", "posted_at", "text", "likes", "reposts", "replies", "quotes"]),
    delimiter=st.sampled_from(",;"),
)
def test_what_is_written_into_a_table_comes_out_unchanged(
    posts: list[dict[str, Any]], columns: list[str], delimiter: str
) -> None:
    table = written(posts, columns, delimiter)

    found = {post.external_id: post for post in read(table).reading.posts}

    assert len(found) == len(posts)
    for number, post in enumerate(posts):
        assert found[str(number)].created_at == post["posted_at"]
        assert found[str(number)].text == post["text"]
        assert found[str(number)].counts == {
            kind: post[column] for column, kind in csv_posts.COUNTS.items()
        }


@settings(max_examples=300)
@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda tail: b"posted_at,likes,text\n" + tail)
    | st.text('2026-03-01T :,;"\n\r', max_size=120).map(
        lambda tail: f"posted_at,likes,text\n{tail}".encode()
    )
)
def test_any_bytes_are_read_or_refused_and_nothing_else(table: bytes) -> None:
    try:
        content = read(table)
    except ArchiveRefused:
        content = None

    assert content is None or content.reading.posts
