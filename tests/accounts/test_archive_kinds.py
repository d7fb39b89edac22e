"""A file is known by its content, whatever it is called."""

import io
from datetime import timedelta

import pytest

from accounts.connectors.archives import KINDS, ArchiveRefused
from accounts.connectors.archives.recognise import Table, kind_of, read
from tests.accounts.archive_files import (
    NOW,
    a_note,
    a_tar,
    a_tweet,
    a_zip,
    an_x_archive,
    if_accepted,
    instagram_export,
    instagram_post,
    linkedin_post,
    linkedin_workbook,
    mastodon_files,
    x_content,
)

AT = NOW - timedelta(days=5)
FILES = {
    "x_archive": an_x_archive(a_tweet()),
    "x_analytics": x_content({}),
    "linkedin_analytics": linkedin_workbook([linkedin_post(AT), None, 3]),
    "instagram_insights": instagram_export(instagram_post(AT)),
    "mastodon_outbox": a_zip(mastodon_files(a_note(1))),
    "csv": b"posted_at,likes\n2026-03-01 08:30,12\n",
}
TABLE = Table("Blog", "blog")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised_and_read(kind: str) -> None:
    file = io.BytesIO(FILES[kind])

    found = kind_of(file, table=TABLE)
    content = read(file, filename="anything.bin", table=TABLE, now=NOW)

    assert found == content.network == kind
    assert content.reading.posts


def test_a_tar_is_a_mastodon_archive() -> None:
    assert kind_of(io.BytesIO(a_tar(mastodon_files())), table=Table()) == "mastodon_outbox"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "This file is empty"),
        (FILES["csv"], "Give it a name"),
        (b"\x89PNG\r\n\x1a\n", "This is a picture (PNG)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "in the form of before 2007"),
        (b'{"orderedItems": []}', "one file out of an archive"),
        (b"PK", "cut off"),
        (a_zip({"cat.jpg": b"meow"}), "nothing that we can count"),
        (a_zip({"Shares.csv": "Date,ShareLink"}), "LinkedIn's copy of your data"),
        (
            a_zip({"logged_information/past_instagram_insights/posts.html": "<p>"}),
            "choose JSON",
        ),
        (
            a_zip({"your_instagram_activity/content/posts_1.json": "[]"}),
            "only professional accounts have",
        ),
        (
            a_zip({"your_facebook_activity/posts/your_posts_1.json": "[]"}),
            "Link your page instead",
        ),
    ],
)
def test_a_file_of_no_kind_is_refused_with_what_to_do(file: bytes, sentence: str) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        kind_of(io.BytesIO(file), table=Table())

    assert sentence in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [1, 2, 3])
def test_half_of_a_file_is_read_or_refused_and_nothing_else(kind: str, share: int) -> None:
    whole = FILES[kind]
    half = io.BytesIO(whole[: len(whole) * share // 4])

    content = if_accepted(lambda: read(half, filename="", table=TABLE, now=NOW))

    assert content is None or content.reading.posts
