"""Builders of archives, whole and hostile, for the tests beside this file."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_zip(files: Mapping[str, bytes | str], *, packed: bool = True) -> bytes:
    """Return a zip as any program writes it."""
    target = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def a_tweet(**changes: Any) -> dict[str, Any]:
    """Return an item of tweets.js as X writes it; a change to None takes the field out."""
    tweet = {
        "id_str": "1050118621198921728",
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "full_text": "Rye &amp; wheat, side by side",
        "favorite_count": "12",
        "retweet_count": "3",
        "lang": "en",
        "entities": {
            "hashtags": [],
            "user_mentions": [{"screen_name": "b", "indices": ["0", "2"]}],
        },
        **changes,
    }
    return {"tweet": {field: value for field, value in tweet.items() if value is not None}}


def a_script(name: str, items: Any) -> str:
    """Return items behind the start of a script, as all files of X's archive are."""
    return f"window.YTD.{name}.part0 = {json.dumps(items, indent=2)}"


def an_account(**changes: Any) -> str:
    """Return account.js."""
    account = {"email": "n@mail.example", "username": "nora_bakes", "accountId": "4242", **changes}
    return a_script("account", [{"account": account}])


def an_x_archive(*tweets: dict[str, Any], **files: str | bytes) -> bytes:
    """Return an archive of X with these posts. `files` adds or replaces files of data/."""
    content = {"account": an_account(), "tweets": a_script("tweets", list(tweets)), **files}
    return a_zip({f"data/{name}.js": text for name, text in content.items()})


@dataclass
class Member:
    """One entry of a zip written by hand, so that every number in it can lie."""

    name: bytes
    data: bytes = b"x"
    packed: bytes | None = None  # what stands in the file; `data` itself when None
    method: int = 0
    flags: int = 0
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    mode: int = 0
    extra: bytes = b""
    local_name: bytes | None = None
    local_size: int | None = None
    at: int | None = None  # where the directory says that it is; None for the truth

    def numbers(self) -> tuple[int, int, int]:
        """Return (crc, packed size, size) as stated."""
        packed = len(self.data if self.packed is None else self.packed)
        return (
            zlib.crc32(self.data) if self.crc is None else self.crc,
            packed if self.packed_size is None else self.packed_size,
            len(self.data) if self.size is None else self.size,
        )

    def local(self) -> bytes:
        """Return the header in front of the data, and the data."""
        crc, packed_size, size = self.numbers()
        size = size if self.local_size is None else self.local_size
        name = self.name if self.local_name is None else self.local_name
        sizes = (crc, packed_size, size, len(name), len(self.extra))
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, self.flags, self.method, 0, 0, *sizes)
        return head + name + self.extra + (self.data if self.packed is None else self.packed)

    def central(self, at: int) -> bytes:
        """Return the record of the directory."""
        numbers = (*self.numbers(), len(self.name), len(self.extra))
        head = struct.pack(
            "<4s6H3L5H2L",
            *(b"PK\1\2", 20, 20, self.flags, self.method, 0, 0, *numbers),
            *(0, 0, 0, self.mode << 16, at if self.at is None else self.at),
        )
        return head + self.name + self.extra


def written_by_hand(*members: Member, entries: int | None = None, size: int | None = None) -> bytes:
    """Return a zip of `members`, whose end states `entries` and the directory's `size`."""
    body, directory = bytearray(), bytearray()
    for member in members:
        directory += member.central(len(body))
        body += member.local()
    count = len(members) if entries is None else entries
    length = len(directory) if size is None else size
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, length, len(body), 0)
    return bytes(body + directory + end)


def with_directory64(body: bytes, directory: bytes, entries: int) -> bytes:
    """Return a zip whose end is written in the 64-bit way."""
    start, size = len(body), len(directory)
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, start
    ) + struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return body + directory + end64 + end
