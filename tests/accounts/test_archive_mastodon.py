"""A Mastodon archive, zip or .tar.gz, gives its public posts, or a sentence."""

import gzip
import io
import json
import tarfile
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.archives import (
    ArchiveContent,
    ArchiveRefused,
    Claim,
    recognise,
)
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import (
    ACTOR_ID,
    NOW,
    a_note,
    a_tar,
    a_zip,
    an_actor,
    an_outbox,
    if_accepted,
    mastodon_files,
)

AT = NOW - timedelta(days=5)


def read(archive: bytes) -> ArchiveContent:
    file, table = io.BytesIO(archive), recognise.Table()
    return recognise.read(file, filename="archive", table=table, now=NOW)


def refusal(archive: bytes) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        read(archive)
    return str(caught.value)


@pytest.mark.parametrize("packed", [a_zip, a_tar])
def test_an_archive_gives_the_account_and_its_posts_with_their_totals(packed: Any) -> None:
    content = read(packed(mastodon_files(a_note(1))))

    assert (content.network, content.account_id) == ("mastodon_outbox", ACTOR_ID)
    assert (content.title, content.url) == ("@nora@kartor.example", "https://kartor.example/@nora")
    assert content.claim == Claim("mastodon:kartor.example", "https://kartor.example/@nora")
    assert content.reading.posts == (
        Post(
            external_id=f"{ACTOR_ID}/statuses/1",
            created_at=AT,
            text="Rye & wheat",
            url="https://kartor.example/@nora/1",
            language="en",
            counts={Kind.LIKE: 12, Kind.REPOST: 3},
        ),
    )


def test_what_is_not_public_or_not_own_is_left_out_and_counted() -> None:
    items = [
        a_note(1),
        a_note(2, to=[f"{ACTOR_ID}/followers"], cc=[]),
        a_note(3, to=[f"{ACTOR_ID}/followers"], cc=["as:Public"], inReplyTo="https://b.example/1"),
        {"type": "Announce", "actor": ACTOR_ID, "object": "https://b.example/2"},
        {"type": "Create", "object": "https://b.example/3"},
    ]

    reading = read(a_zip(mastodon_files(*items))).reading

    assert {(post.external_id[-1], post.visibility, post.kind) for post in reading.posts} == {
        ("1", "public", "original"),
        ("3", "unlisted", "reply"),
    }
    assert reading.left_out == {"not_public": 1, "reposts_of_others": 1, "not_a_post": 1}


def test_totals_that_a_server_did_not_write_are_not_zero() -> None:
    older = a_note(2, AT - timedelta(days=1), likes=None, shares=f"{ACTOR_ID}/statuses/2/shares")

    first, second = read(a_zip(mastodon_files(a_note(1), older))).reading.posts

    assert first.counts == {Kind.LIKE: None, Kind.REPOST: None}
    assert second.counts == {Kind.LIKE: 12, Kind.REPOST: 3}


def test_an_archive_of_an_older_server_holds_no_counts_and_says_where_to_get_them() -> None:
    sentence = refusal(a_tar(mastodon_files(a_note(1, likes=None, shares=None))))

    assert "holds 1 posts and no counts: kartor.example wrote none" in sentence
    assert "Link the account instead" in sentence


@pytest.mark.parametrize(
    ("archive", "sentence"),
    [
        (mastodon_files(a_note(1, likes={"totalItems": -1})), "says -1 likes, which cannot be"),
        (mastodon_files(a_note(1, shares={"totalItems": "3"})), "says “3” shares, which cannot"),
        (mastodon_files(a_note(1, likes={"totalItems": 10**20})), "which cannot be"),
        (mastodon_files(a_note(1, NOW + timedelta(days=2))), "yet to come"),
        (mastodon_files(a_note(1, published="soon")), "has the date “soon”, which is no date"),
        (mastodon_files(a_note(1, published="1999-01-01T00:00:00Z")), "which is no date"),
        (mastodon_files(a_note(1, id="x")), "has no id that could be one"),
        (
            mastodon_files(a_note(1, attributedTo="https://b.example/users/tom")),
            "Item 1 of outbox.json is by “https://b.example/users/tom”",
        ),
        (mastodon_files(), "no public posts of its own"),
        (mastodon_files(a_note(1), id="javascript:alert(1)"), "names no account"),
        (mastodon_files(a_note(1), preferredUsername=""), "names no account"),
        (mastodon_files(a_note(1), preferredUsername="a b"), "names no account"),
        ({"outbox.json": an_outbox(a_note(1))}, "does not say whose it is"),
        ({"actor.json": an_actor()}, "does not hold outbox.json once"),
        ({"outbox.json": "[]", "actor.json": "[]"}, "actor.json in this archive cannot be read"),
        ({"outbox.json": "[]", "actor.json": "[" * 100_000}, "actor.json in this archive cannot"),
        ({"outbox.json": "[]", "actor.json": " " * 300_000}, "far too large"),
        ({"outbox.json": "{}", "actor.json": an_actor()}, "does not hold a list"),
        (
            mastodon_files(a_note(1, content={"a": 1}), a_note(1)) | {"actor.json": "9" * 5000},
            "act",
        ),
    ],
)
@pytest.mark.parametrize("packed", [a_zip, a_tar])
def test_an_archive_that_cannot_count_is_refused_with_its_reason(
    packed: Any, archive: dict[str, str], sentence: str
) -> None:
    assert sentence in refusal(packed(archive))


def test_a_page_elsewhere_is_no_name_of_the_account() -> None:
    content = read(a_zip(mastodon_files(a_note(1), url="https://bank.example/@nora")))

    assert content.claim == Claim("mastodon:kartor.example", ACTOR_ID)
    assert content.url == ACTOR_ID


# Hostile .tar.gz


def tar_of(*members: tarfile.TarInfo, data: bytes = b"") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, "/etc/passwd"
    return made


def raw_header(name: bytes, size: bytes) -> bytes:
    block = bytearray(512)
    block[: len(name)], block[124 : 124 + len(size)], block[156:157] = name, size, b"0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


HUGE = b"\x80" + (2**60).to_bytes(11, "big")
HOSTILE = {
    "a name that leads out": (tar_of(member("../../outbox.json")), "points outside"),
    "an absolute name": (tar_of(member("/etc/outbox.json")), "points outside"),
    "a symbolic link": (tar_of(member("outbox.json", tarfile.SYMTYPE)), "a link or a device"),
    "a hard link": (tar_of(member("outbox.json", tarfile.LNKTYPE)), "a link or a device"),
    "a device": (tar_of(member("outbox.json", tarfile.CHRTYPE)), "a link or a device"),
    "a bomb": (
        gzip.compress(raw_header(b"big", b"77777777777") + bytes(64 * 1024**2)),
        "200 times",
    ),
    "a size beyond all": (gzip.compress(raw_header(b"actor.json", HUGE)), "larger than we read"),
    "a size beyond all, skipped": (gzip.compress(raw_header(b"x", HUGE)), "ends too early"),
    "a size below zero": (gzip.compress(raw_header(b"x", b"-7")), "damaged, or no tar"),
    "no tar": (gzip.compress(b"hello" * 1000), "damaged, or no tar"),
    "no gzip": (b"\x1f\x8b" + b"junk" * 100, "cannot be unfolded"),
    "half of one": (a_tar(mastodon_files(a_note(1)))[:-200], "ends too early"),
    "nothing in it": (gzip.compress(b""), "does not say whose it is"),
    "a name that is not text": (gzip.compress(raw_header(b"\xff\xfe", b"0")), "is not text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_tar_built_to_do_harm_is_refused_in_little_memory(name: str) -> None:
    archive, sentence = HOSTILE[name]
    tracemalloc.start()

    said = refusal(archive)

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence in said
    assert most < 10 * 1024**2


def test_long_names_and_pictures_beside_are_passed_over() -> None:
    files: dict[str, str | bytes] = {f"media/{'a' * 200}.jpg": b"\xff" * 300_000}

    content = read(a_tar(files | mastodon_files(a_note(1))))

    assert len(content.reading.posts) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = [*a_note(1)["object"], "inReplyTo"]


@given(st.sampled_from(FIELDS), json_values, json_values)
def test_whatever_stands_in_a_post_it_is_read_or_refused(name: str, value: Any, other: Any) -> None:
    note = a_note(1)
    note["object"][name] = value
    archive = a_zip({"outbox.json": an_outbox(note), "actor.json": an_actor(summary=other)})

    content = if_accepted(lambda: read(archive))

    assert content is None or json.dumps(content.reading.posts[0].text)


@given(st.binary(max_size=40), st.integers(0, 600))
def test_whatever_is_changed_in_a_tar_it_is_read_or_refused(piece: bytes, at: int) -> None:
    archive = a_tar(mastodon_files(a_note(1)))
    broken = archive[:at] + piece + archive[at + len(piece) :]

    content = if_accepted(lambda: read(b"\x1f\x8b" + broken[2:]))

    assert content is None or content.reading.posts
