"""Builders of archives, whole and hostile, for the tests beside this file."""

import csv
import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from accounts.connectors.archives import ArchiveContent, ArchiveRefused

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
X_COLUMNS = (
    "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,"
    "Replies,Reposts,Profile visits"
)
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


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


def x_id(at: datetime) -> str:
    """Return the id that X gives a post made at `at`."""
    return str((int(at.timestamp() * 1000) - 1_288_834_974_657) << 22)


def x_content(*rows: Mapping[str, str], columns: str = X_COLUMNS) -> bytes:
    """Return a Content table of X Analytics; a row gives what differs from a usual one."""
    names = columns.split(",")
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        at = NOW - timedelta(days=5)
        usual = {
            "Post id": x_id(at),
            "Date": f"{at:%a, %b} {at.day}, {at.year}",
            "Post text": "Rye, and why",
            "Post Link": f"https://x.com/nora_bakes/status/{row.get('Post id', x_id(at))}",
            **dict.fromkeys(("Impressions", "Likes", "Engagements", "Replies", "Reposts"), "0"),
        }
        writer.writerow([{**usual, **row}.get(name, "") for name in names])
    return target.getvalue().encode()


def linkedin_id(at: datetime) -> str:
    """Return the number that LinkedIn gives a post made at `at`."""
    return str(int(at.timestamp() * 1000) << 22)


def a_workbook(sheets: Mapping[str, str | list[list[Any]]], **parts: str | bytes) -> bytes:
    """Return an .xlsx with these sheets, each rows of cells (None: no cell) or the XML of a sheet.

    `parts` adds or replaces parts by their path below xl/, with "__" for "/".
    """
    texts: list[str] = []
    files: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>"}
    listed, links = "", ""
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        body = rows if isinstance(rows, str) else _sheet(rows, texts)
        files[f"xl/worksheets/sheet{number}.xml"] = body
        listed += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        links += f'<Relationship Id="rId{number}" Target="worksheets/sheet{number}.xml"/>'
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}/relationships"><sheets>{listed}</sheets>'
        "</workbook>"
    )
    files["xl/_rels/workbook.xml.rels"] = f"<Relationships>{links}</Relationships>"
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    files["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{shared}</sst>'
    return a_zip(files | {f"xl/{name.replace('__', '/')}": text for name, text in parts.items()})


def _sheet(rows: list[list[Any]], texts: list[str]) -> str:
    lines = ""
    for number, row in enumerate(rows, start=1):
        cells = ""
        for at, value in enumerate(row):
            place = f'r="{chr(ord("A") + at)}{number}"'
            if isinstance(value, str):
                texts.append(value)
                cells += f'<c {place} t="s"><v>{len(texts) - 1}</v></c>'
            elif value is not None:
                cells += f"<c {place}><v>{value}</v></c>"
        lines += f'<row r="{number}">{cells}</row>'
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def linkedin_post(at: datetime) -> str:
    """Return the address of a post of LinkedIn made at `at`."""
    return f"https://www.linkedin.com/feed/update/urn:li:activity:{linkedin_id(at)}"


def linkedin_workbook(*posts: list[Any], **more: str | bytes) -> bytes:
    """Return the workbook of a profile's analytics; each post is [address, date, engagements]."""
    names = ("Post URL", "Post publish date")
    top: list[list[Any]] = [
        ["Maximum of 50 posts available to include in this list"],
        [],
        [*names, "Engagements", None, *names, "Impressions"],
        *([*post, None, *post[:2], 90_000] for post in posts),
    ]
    days = [["Date", "Impressions", "Engagements"], ["11/19/2026", 120, 7]]
    totals = [["Overall Performance", "11/20/2025 - 11/19/2026"], ["Impressions", 12_345]]
    totals.append(["Members reached", "6,789"])
    return a_workbook({"DISCOVERY": totals, "ENGAGEMENT": days, "TOP POSTS": top}, **more)


def instagram_post(at: datetime | int, **labels: str | None) -> dict[str, Any]:
    """Return a post as past_instagram_insights/posts.json has it; None takes a label out."""
    seconds = at if isinstance(at, int) else int(at.timestamp())
    known: dict[str, str | None] = {"Likes": "41", "Comments": "6", "Shares": "--", "Saves": "3"}
    told = {
        label: {"href": "", "value": value, "timestamp": 0}
        for label, value in (known | labels).items()
        if value is not None
    }
    told["Creation Timestamp"] = {"href": "", "value": "", "timestamp": seconds}
    title = "Brötchen, früh".encode().decode("latin-1")
    media = {"uri": "media/posts/1.jpg", "creation_timestamp": seconds, "title": title}
    return {"media_map_data": {"Media Thumbnail": media}, "string_map_data": told}


def instagram_export(*posts: dict[str, Any], **files: str | bytes) -> bytes:
    """Return an export of Instagram with these posts; `files` are further ones."""
    name = "logged_information/past_instagram_insights/posts.json"
    return a_zip({name: json.dumps({"organic_insights_posts": list(posts)}), **files})


ACTOR_ID = "https://kartor.example/users/nora"


def an_actor(**changes: Any) -> str:
    """Return actor.json."""
    known = {"id": ACTOR_ID, "url": "https://kartor.example/@nora", "preferredUsername": "nora"}
    return json.dumps({"type": "Person", "name": "Nora", **known, **changes})


def a_note(number: int, at: datetime = NOW - timedelta(days=5), **changes: Any) -> dict[str, Any]:
    """Return an activity of outbox.json: a post with its totals; None takes a field out."""
    known = {
        "id": f"{ACTOR_ID}/statuses/{number}",
        "type": "Note",
        "url": f"https://kartor.example/@nora/{number}",
        "attributedTo": ACTOR_ID,
        "published": at.isoformat(),
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [f"{ACTOR_ID}/followers"],
        "content": "<p>Rye &amp; <b>wheat</b></p>",
        "contentMap": {"en": "<p>Rye</p>"},
        "likes": {"type": "Collection", "totalItems": 12},
        "shares": {"type": "Collection", "totalItems": 3},
    }
    note = {name: value for name, value in {**known, **changes}.items() if value is not None}
    return {"type": "Create", "actor": ACTOR_ID, "object": note}


def an_outbox(*items: dict[str, Any]) -> str:
    """Return outbox.json."""
    about = {"@context": ["https://www.w3.org/ns/activitystreams"], "id": "outbox.json"}
    kind = {"type": "OrderedCollection", "totalItems": len(items)}
    return json.dumps({**about, **kind, "orderedItems": list(items)})


def mastodon_files(*items: dict[str, Any], **changes: Any) -> dict[str, str]:
    """Return the files of a Mastodon archive."""
    return {"outbox.json": an_outbox(*items), "actor.json": an_actor(**changes), "likes.json": "{}"}


def a_tar(files: Mapping[str, bytes | str]) -> bytes:
    """Return a .tar.gz as any program writes it."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def if_accepted(read: Callable[[], ArchiveContent]) -> ArchiveContent | None:
    """Return what a reader gives, or None where it refuses with a sentence; nothing else passes."""
    try:
        return read()
    except ArchiveRefused as refused:
        if not str(refused).endswith("."):
            raise
        return None
