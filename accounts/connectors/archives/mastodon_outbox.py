"""The archive that a Mastodon server makes of an account: a zip, or a .tar.gz on older servers.

outbox.json is an OrderedCollection of activities: Create with one's own post, Announce for posts of
others passed on. Newer servers write how many favourited and boosted (likes and shares with
totalItems); older ones do not, and that is None. actor.json says whose archive it is.

Source: ActivityPub (W3C, 2018), 3 and 7; ActivityStreams 2.0, 5.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from urllib.parse import urlsplit

from accounts.connectors.archives import (
    CLOCK_SLACK,
    EARLIEST,
    MAX_COUNT,
    NOTHING_CHANGED,
    ArchiveContent,
    ArchiveRefused,
    Claim,
    Readable,
    found,
    tarstream,
)
from accounts.connectors.archives.json_list import Bytes, items, within_object
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.archives.zipguard import GuardedZip
from accounts.connectors.base import ConnectorError, Kind, Post
from accounts.connectors.shapes import Record, link, moment, optional_record, plain, text
from accounts.speech import say

_OUTBOX, _ACTOR = "outbox.json", "actor.json"
_SHAPE = within_object("your server", "orderedItems")
_LARGEST_ACTOR = 256 * 1024
_HTML = 5_000  # characters of a post that are looked at for its excerpt
_POSTS = frozenset({"Note", "Article", "Question", "Page"})
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_NAME = re.compile(r"[^\s@/]{1,100}")


@dataclass(frozen=True, slots=True)
class _Actor:
    """Whose archive it is. `id` and `url` are addresses on the server `host`."""

    id: str
    url: str
    host: str
    handle: str


def is_wanted(name: str) -> bool:
    """Tell whether an entry of this name is read."""
    return name in {_OUTBOX, _ACTOR}


def read(file: Readable, *, packed: str, now: datetime) -> ArchiveContent:
    """Return the account of an archive (`packed`: "zip" or "tar") and its public posts.

    Left out and counted: posts of others, and those that are not public. Counts are likes and
    reposts where the server wrote them, else None.

    Raises ArchiveRefused when it is no such archive, is damaged or built to do harm, says something
    that cannot be, or holds no count at all.
    """
    parts = _from_tar if packed == "tar" else _from_zip
    whose = [_actor(stream) for name, stream in parts(file, _ACTOR)]
    if len(whose) != 1:
        raise ArchiveRefused(
            say(
                "This archive does not say whose it is: {actor} is not in it once. {again}",
                actor=_ACTOR,
                again=_SHAPE.again,
            )
        )
    posts = NewestPosts()
    outboxes = 0
    for name, stream in parts(file, _OUTBOX):
        outboxes += 1
        for number, item in enumerate(items(stream, name, _SHAPE), start=1):
            _take(
                item, say("Item {number} of {name}", number=number, name=name), posts, whose[0], now
            )
    if outboxes != 1:
        raise ArchiveRefused(
            say(
                "This archive does not hold {outbox} once. {again}",
                outbox=_OUTBOX,
                again=_SHAPE.again,
            )
        )
    return _content(whose[0], posts)


def _from_zip(file: Readable, wanted: str) -> Iterator[tuple[str, Bytes]]:
    archive = GuardedZip(file, wanted=lambda name: name == wanted)
    for name, entry in archive.entries.items():
        yield name, archive.open(entry)


def _from_tar(file: Readable, wanted: str) -> Iterator[tuple[str, Bytes]]:
    for member in tarstream.members(file, wanted=lambda name: name == wanted):
        yield member.name, member


def _actor(stream: Bytes) -> _Actor:
    data = bytearray()
    while piece := stream.read():
        data += piece
        if len(data) > _LARGEST_ACTOR:
            raise ArchiveRefused(
                say(
                    "{actor} in this archive is far too large. {again}",
                    actor=_ACTOR,
                    again=_SHAPE.again,
                )
            )
    said: object = None
    with suppress(ValueError, RecursionError):  # not JSON, not UTF-8, or a number of 5,000 digits
        said = loads(data.decode("utf-8-sig"))
    if not isinstance(said, dict):
        raise ArchiveRefused(
            say("{actor} in this archive cannot be read. {again}", actor=_ACTOR, again=_SHAPE.again)
        )
    own_id, url = link(said, "id"), link(said, "url")
    host = urlsplit(own_id).netloc.lower()
    name = text(said, "preferredUsername", 101)
    if not own_id.startswith("https://") or not _NAME.fullmatch(name):
        raise ArchiveRefused(
            say(
                "{actor} in this archive names no account. {again}",
                actor=_ACTOR,
                again=_SHAPE.again,
            )
        )
    if urlsplit(url).netloc.lower() != host:
        url = own_id  # a page elsewhere says nothing about who is meant there
    return _Actor(own_id, url, host, f"{name}@{host}")


def _take(item: Record, where: str, posts: NewestPosts, actor: _Actor, now: datetime) -> None:
    """Add one item of the outbox to `posts`, or count why it is left out."""
    if item.get("type") == "Announce":
        posts.left_out["reposts_of_others"] += 1
        return
    about = item.get("object")
    if (
        item.get("type") != "Create"
        or not isinstance(about, dict)
        or str(about.get("type")) not in _POSTS
    ):
        posts.left_out["not_a_post"] += 1
        return
    author = about.get("attributedTo", item.get("actor"))
    if author != actor.id:
        raise ArchiveRefused(
            say(
                "{where} is by {found} and not by @{handle}. {again}",
                where=where,
                found=found(author),
                handle=actor.handle,
                again=_SHAPE.again,
            )
        )
    visibility = _visibility(about, item)
    if not visibility:
        posts.left_out["not_public"] += 1
        return
    posts.add(_post(about, where, visibility, now))


def _visibility(about: Record, item: Record) -> str:
    """Return "public", "unlisted", or "" for what only some may see."""
    for field, name in (("to", "public"), ("cc", "unlisted")):
        named = about.get(field, item.get(field))
        everyone = [named] if isinstance(named, str) else named
        if isinstance(everyone, list) and any(
            isinstance(one, str) and one in _PUBLIC for one in everyone
        ):
            return name
    return ""


def _post(about: Record, where: str, visibility: str, now: datetime) -> Post:
    post_id = link(about, "id")
    if not post_id or len(post_id) > 191:
        raise ArchiveRefused(
            say("{where} has no id that could be one. {again}", where=where, again=_SHAPE.again)
        )
    at = moment(about, "published")
    if at is None or at < EARLIEST:
        said = found(about.get("published"))
        raise ArchiveRefused(
            say(
                "{where} has the date {said}, which is no date. {again}",
                where=where,
                said=said,
                again=_SHAPE.again,
            )
        )
    if at > now + CLOCK_SLACK:
        raise ArchiveRefused(
            say(
                "{where} is dated {at}, yet to come. {again}",
                where=where,
                at=f"{at:%Y-%m-%d}",
                again=_SHAPE.again,
            )
        )
    return Post(
        external_id=post_id,
        created_at=at.astimezone(UTC),
        text=plain(text(about, "content", _HTML)),
        url=link(about, "url"),
        kind="reply" if about.get("inReplyTo") else "original",
        language=_language(about),
        visibility=visibility,
        counts={
            Kind.LIKE: _total(about, "likes", where),
            Kind.REPOST: _total(about, "shares", where),
        },
    )


def _total(about: Record, name: str, where: str) -> int | None:
    """Return the totalItems of a collection; None where the server wrote none."""
    held = about.get(name)
    total: object = held.get("totalItems") if isinstance(held, Mapping) else None
    if total is None:
        return None
    if isinstance(total, bool) or not isinstance(total, int) or not 0 <= total <= MAX_COUNT:
        raise ArchiveRefused(
            say(
                "{where} says {found} {name}, which cannot be. {again}",
                where=where,
                found=found(total),
                name=name,
                again=_SHAPE.again,
            )
        )
    return total


def _language(about: Record) -> str:
    """Return the one language that the texts of a post are filed under, or ""."""
    try:
        named = [*optional_record(about, "contentMap")]
    except ConnectorError:
        return ""
    known = [name for name in named if re.fullmatch(r"[A-Za-z-]{2,12}", name)]
    return known[0] if len(known) == 1 else ""


def _content(actor: _Actor, posts: NewestPosts) -> ArchiveContent:
    if not posts:
        raise ArchiveRefused(
            say(
                "This archive of @{handle} holds no public posts of its own, so there is "
                "nothing to count. {nothing_changed}",
                handle=actor.handle,
                nothing_changed=NOTHING_CHANGED,
            )
        )
    reading = posts.reading()
    if all(count is None for post in reading.posts for count in post.counts.values()):
        raise ArchiveRefused(
            say(
                "This archive of @{handle} holds {n} posts and no counts: {host} wrote "
                "none. {nothing_changed} Link the account instead, and its counts are "
                "read from there.",
                handle=actor.handle,
                n=len(reading.posts),
                host=actor.host,
                nothing_changed=NOTHING_CHANGED,
            )
        )
    return ArchiveContent(
        network="mastodon_outbox",
        account_id=actor.id,
        handle=actor.handle,
        title=f"@{actor.handle}",
        url=actor.url,
        reading=reading,
        claim=Claim(f"mastodon:{actor.host}", actor.url),
    )
