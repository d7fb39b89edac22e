"""A zip from a stranger is read in bounded time and memory, or refused in words."""

import io
import stat
import struct
import tempfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveRefused, x_archive
from accounts.connectors.archives.zipguard import GuardedZip, Limits
from tests.accounts.archive_files import (
    NOW,
    Member,
    a_tweet,
    a_zip,
    an_account,
    an_x_archive,
    with_directory64,
    written_by_hand,
)

TWEETS = b"data/tweets.js"
MB = 1024**2


@dataclass
class Cost:
    seconds: float = 0.0
    bytes: int = 0


@contextmanager
def watched() -> Iterator[Cost]:
    """Measure the work (seconds of this thread's CPU) and the most memory that the block takes."""
    cost = Cost()
    tracemalloc.start()
    started = time.thread_time()
    try:
        yield cost
    finally:
        cost.seconds = time.thread_time() - started
        _, cost.bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def read_all(archive: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    guarded = GuardedZip(io.BytesIO(archive), wanted=lambda name: True, limits=limits)
    content = {}
    for name, entry in guarded.entries.items():
        stream = guarded.open(entry)
        content[name] = b"".join(iter(stream.read, b""))
    return content


def a_ratio_of_1028() -> bytes:
    return an_x_archive(tweets=b"[" + b" " * 60 * MB)


def many_small_bombs() -> bytes:
    packed = deflated(b" " * MB)
    members = [Member(b"%d" % i, b" " * MB, packed, 8, crc=0) for i in range(300)]
    return written_by_hand(*members)


def overlapping_entries() -> bytes:
    inner = Member(TWEETS, b"[" + b"9" * 1000, at=30 + len(b"outer"))
    outer = Member(b"outer", inner.local())
    directory = outer.central(0) + inner.central(0)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(outer.local()), 0)
    return outer.local() + directory + end


def one_body_under_many_names() -> bytes:
    body = Member(b"a", b"[" * 48_000)
    others = [Member(b"%d" % i, b"", packed_size=48_000, size=48_000, at=0) for i in range(2000)]
    return written_by_hand(body, *others)


def a_zip_in_the_zip() -> bytes:
    return an_x_archive(tweets=an_x_archive(a_tweet()))


def a_million_entries() -> bytes:
    record = Member(b"a").central(0)
    return with_directory64(Member(b"a").local(), record * 10**6, 10**6)


def more_entries_than_stated() -> bytes:
    members = [Member(b"%d" % i) for i in range(2000)]
    return written_by_hand(*members, entries=3)


def fewer_entries_than_stated() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]"), entries=60_000)


def less_stated_than_unfolded() -> bytes:
    data = b"[" + b" " * 2 * MB
    return written_by_hand(
        Member(b"data/account.js", an_account().encode()),
        Member(TWEETS, data, deflated(data), 8, size=1000),
    )


def more_stated_than_unfolded() -> bytes:
    data = b"[]"
    return written_by_hand(
        Member(b"data/account.js", an_account().encode()),
        Member(TWEETS, data, deflated(data), 8, size=1000),
    )


def a_size_behind_a_missing_field() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]", size=2**32 - 1))


def a_size_of_exabytes() -> bytes:
    field = struct.pack("<2H2Q", 1, 16, 2**63, 2)
    return written_by_hand(
        Member(TWEETS, b"[]", size=2**32 - 1, packed_size=2**32 - 1, extra=field)
    )


def a_place_beyond_the_end() -> bytes:
    field = struct.pack("<2HQ", 1, 8, 2**64 - 1)
    return written_by_hand(Member(TWEETS, b"[]", at=2**32 - 1, extra=field))


def a_zip_that_holds_itself() -> bytes:
    return written_by_hand(Member(b"self.zip", b"", packed_size=180, size=180, local_size=180))


def gigabytes_of_pictures() -> bytes:
    picture = b"x" * 6000  # 6 KB that say they unfold to 1 MB
    return written_by_hand(*[Member(b"%d" % i, picture, size=MB, method=8) for i in range(4200)])


def a_locked_entry() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]", flags=1))


def a_directory_that_names_other_files() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]", local_name=b"data/direct.js"))


def a_header_with_another_size() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]", local_size=1))


def a_wrong_checksum() -> bytes:
    return written_by_hand(
        Member(b"data/account.js", an_account().encode()), Member(TWEETS, b"[]", crc=7)
    )


def a_cut_off_end() -> bytes:
    return an_x_archive(a_tweet())[:-40]


def a_tail_behind_the_end() -> bytes:
    return an_x_archive(a_tweet()) + b"more"


def something_before_the_start() -> bytes:
    return b"PK, said the zip" + an_x_archive(a_tweet())


def a_strange_packing() -> bytes:
    return written_by_hand(Member(TWEETS, b"[]", method=12))


def broken_packing() -> bytes:
    return written_by_hand(
        Member(b"data/account.js", b"[]" * 50, b"\xff" * 20, 8), Member(TWEETS, b"[]")
    )


HOSTILE: list[tuple[Callable[[], bytes], str]] = [
    (a_ratio_of_1028, "200 times"),
    (many_small_bombs, "200 times"),
    (overlapping_entries, "on top of each other"),
    (one_body_under_many_names, "does not match the files"),
    (a_zip_in_the_zip, "not text in UTF-8"),
    (a_million_entries, "1,000,000 files"),
    (more_entries_than_stated, "longer than it says"),
    (fewer_entries_than_stated, "shorter than it says"),
    (less_stated_than_unfolded, "larger than it says"),
    (more_stated_than_unfolded, "smaller than it says"),
    (a_size_behind_a_missing_field, "how large a file is"),
    (a_size_of_exabytes, "larger than 4 GB"),
    (a_place_beyond_the_end, "runs past its end"),
    (a_zip_that_holds_itself, "runs past its end"),
    (gigabytes_of_pictures, "larger than 4 GB"),
    (a_locked_entry, "password"),
    (a_directory_that_names_other_files, "does not match the files"),
    (a_header_with_another_size, "contradicts itself"),
    (a_wrong_checksum, "checksum"),
    (a_cut_off_end, "cut off"),
    (a_tail_behind_the_end, "added after its end"),
    (something_before_the_start, "not where it says"),
    (a_strange_packing, "packed in a way"),
    (broken_packing, "cannot be unfolded"),
]


@pytest.mark.parametrize(
    ("build", "reason"), HOSTILE, ids=lambda part: getattr(part, "__name__", "")
)
def test_a_hostile_zip_is_refused_fast_in_little_memory_and_leaves_no_file(
    build: Callable[[], bytes], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = io.BytesIO(build())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with watched() as cost, pytest.raises(ArchiveRefused, match=reason) as refused:
        x_archive.read(archive, now=NOW)

    assert cost.seconds < 2
    assert cost.bytes < 50 * MB
    assert not list(tmp_path.iterdir())
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "name",
    [
        b"../tweets.js",
        b"data/../../tweets.js",
        b"..\\tweets.js",
        b"/etc/passwd",
        b"\\\\server\\share",
        b"C:tweets.js",
        b"c:\\tweets.js",
        b"data/tweets.js\0.png",
        b"data/\r\ntweets.js",
        b"",
        b"a/" * 2500,
    ],
)
def test_a_name_that_no_archive_needs_is_refused(name: bytes) -> None:
    archive = written_by_hand(Member(name))

    with pytest.raises(ArchiveRefused, match="a name in it"):
        read_all(archive)


def test_a_name_that_is_not_the_utf8_it_says_is_refused() -> None:
    archive = written_by_hand(Member(b"\xff\xfe", flags=0x800))

    with pytest.raises(ArchiveRefused, match="not text"):
        read_all(archive)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO])
def test_a_link_or_a_device_is_refused(kind: int) -> None:
    archive = written_by_hand(Member(b"data/tweets.js", b"/etc/passwd", mode=kind | 0o777))

    with pytest.raises(ArchiveRefused, match="link or a device"):
        read_all(archive)


@pytest.mark.parametrize(
    "twin", ["data/tweets.js", "DATA/Tweets.js", "data\\tweets.js", "data/ｔweets.js"]
)
def test_two_entries_under_one_name_are_refused(twin: str) -> None:
    archive = written_by_hand(Member(b"data/tweets.js"), Member(twin.encode(), flags=0x800))

    with pytest.raises(ArchiveRefused, match="same name"):
        read_all(archive)


def test_an_entry_nobody_wants_is_never_opened() -> None:
    archive = written_by_hand(Member(b"wanted", b"here"), Member(b"other.zip", b"\xff", method=8))

    guarded = GuardedZip(io.BytesIO(archive), wanted=lambda name: name == "wanted")

    assert list(guarded.entries) == ["wanted"]
    assert guarded.open(guarded.entries["wanted"]).read(2) == b"he"


def test_all_entries_together_inflate_to_no_more_than_the_limit() -> None:
    archive = a_zip({"a": b"a" * 600, "b": b"b" * 600})

    with pytest.raises(ArchiveRefused, match="more than we read"):
        read_all(archive, Limits(read=1000))


def test_a_directory_too_long_for_memory_is_refused() -> None:
    archive = a_zip({f"{number}": b"" for number in range(50)})

    with pytest.raises(ArchiveRefused, match="far too long"):
        read_all(archive, Limits(directory=1000))


class _Pipe(io.RawIOBase):
    """A target that cannot seek: sizes are then written behind the data."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += bytes(data)
        return len(data)


def test_a_zip_whose_sizes_follow_the_data_is_read() -> None:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"first" * 1000)
        archive.writestr("b", b"second" * 1000)

    content = read_all(pipe.written)

    assert content == {"a": b"first" * 1000, "b": b"second" * 1000}


def test_a_zip_with_64_bit_sizes_is_read() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a", "w", force_zip64=True) as entry,
    ):
        entry.write(b"large")

    content = read_all(target.getvalue())

    assert content == {"a": b"large"}


def test_a_zip_with_a_64_bit_directory_is_read() -> None:
    member = Member(b"a", b"many")

    content = read_all(with_directory64(member.local(), member.central(0), 1))

    assert content == {"a": b"many"}


def test_folders_and_a_comment_do_no_harm() -> None:
    target = io.BytesIO(a_zip({"data/": b"", "data/a": b"here"}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = b"made on a Monday"

    content = read_all(target.getvalue())

    assert content == {"data/": b"", "data/a": b"here"}


@given(
    files=st.dictionaries(
        st.text("abcdef/", min_size=1, max_size=8).filter(lambda name: name[0] != "/"),
        st.binary(max_size=300) | st.binary(max_size=20).map(lambda part: part * 9000),
        max_size=5,
    ),
    packed=st.booleans(),
)
def test_what_a_zip_program_packs_comes_out_unchanged(
    files: dict[str, bytes], packed: bool
) -> None:
    archive = a_zip(files, packed=packed)

    content = read_all(archive, Limits(ratio=2000))

    assert content == files


SOUND = an_x_archive(
    a_tweet(), a_tweet(id_str="77", in_reply_to_status_id_str="5"), readme=b"hello"
)


@settings(max_examples=400)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    cut=st.integers(0, len(SOUND)) | st.none(),
)
def test_a_zip_with_changed_bytes_is_read_or_refused_and_nothing_else(
    changes: list[tuple[int, int]], cut: int | None
) -> None:
    damaged = bytearray(SOUND)
    for at, value in changes:
        damaged[at] = value

    try:
        content = x_archive.read(io.BytesIO(bytes(damaged[:cut])), now=NOW)
    except ArchiveRefused:
        content = None

    assert content is None or content.reading.posts


@settings(max_examples=200)
@given(st.binary(max_size=400).map(lambda tail: b"PK\3\4" + tail))
def test_random_bytes_are_refused_and_nothing_else(content: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        x_archive.read(io.BytesIO(content), now=NOW)
