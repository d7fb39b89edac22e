"""What Instagram counted of a professional account's posts, in the export that it makes (as JSON).

past_instagram_insights/posts.json holds a label and a value for each count. Labels are in the
language of the account, and texts are UTF-8 that was taken for Latin-1 and written again as UTF-8.
"--" is "not told". There is no id in it, so a post is known by the second it was made in; and
nothing says whose account it is but the name of the zip, so it proves nothing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.connectors.archives import (
    CLOCK_SLACK,
    EARLIEST,
    EXCERPT,
    ArchiveContent,
    ArchiveRefused,
    Readable,
    found,
    whole,
)
from accounts.connectors.archives.json_list import items, within_object
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.archives.zipguard import GuardedZip
from accounts.connectors.base import Kind, Post
from accounts.speech import marked, say

_FILE = re.compile(r"(?:.*/)?past_instagram_insights/posts\.json")
_ZIP = re.compile(r"instagram-([A-Za-z0-9._]{1,30})-\d{4}-\d\d-\d\d", re.ASCII)
_SHAPE = within_object("Instagram", "organic_insights_posts")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,\u00a0\u202f ][0-9]{3})+", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NOT_TOLD = frozenset({"", "--", "-"})
# Labels, in lower case, in the languages we know; a file in another one is refused by name.
_LABELS: Mapping[Kind, frozenset[str]] = {
    Kind.LIKE: frozenset(
        {"likes", "curtidas", "gostos", "me gusta", "mi piace", "j’aime", "j'aime"}
        | {"mentions j’aime", "mentions j'aime", "„gefällt mir“-angaben", "vind-ik-leuks"}
    ),
    Kind.REPLY: frozenset(
        {"comments", "comentários", "comentarios", "commenti", "commentaires", "kommentare"}
        | {"opmerkingen", "reacties"}
    ),
    Kind.REPOST: frozenset(
        {"shares", "compartilhamentos", "partilhas", "compartidos", "condivisioni", "partages"}
        | {"geteilte inhalte", "keer gedeeld"}
    ),
}
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels}
_NOT_ONE = marked(
    "This zip holds past_instagram_insights/posts.json {n} times instead of once. "
    "Nothing was changed."
)
_LABELS_UNKNOWN = marked(
    "This export names its counts in a language that we do not know: {listed}. Nothing was "
    "changed. Set Instagram to English, then ask for the export again."
)
_NO_POSTS = marked("This export of Instagram holds no posts. Nothing was changed.")


def is_wanted(name: str) -> bool:
    """Tell whether an entry of this name is read."""
    return bool(_FILE.fullmatch(name))


def read(file: Readable, *, filename: str, now: datetime) -> ArchiveContent:
    """Return the posts with likes, comments (replies) and shares (reposts); "--" becomes None.

    Raises ArchiveRefused when the file is damaged, says something that cannot be, or names its
    counts in a language that is not known here.
    """
    archive = GuardedZip(file, wanted=is_wanted)
    names = list(archive.entries)
    if len(names) != 1:
        raise ArchiveRefused(say(_NOT_ONE, n=len(names)))
    posts, unknown = NewestPosts(), set[str]()
    stream = archive.open(archive.entries[names[0]])
    for number, item in enumerate(items(stream, names[0], _SHAPE), start=1):
        where = say("Post {number} of {name}", number=number, name=names[0])
        posts.add(_post(item, where, unknown, now))
    reading = posts.reading() if posts else None
    if reading is None:
        raise ArchiveRefused(_NO_POSTS)
    if not any(post.counts for post in reading.posts):
        listed = ", ".join(found(label) for label in sorted(unknown)[:8])
        raise ArchiveRefused(say(_LABELS_UNKNOWN, listed=listed))
    handle = match[1] if (match := _ZIP.match(filename)) else ""
    return ArchiveContent(
        network="instagram_insights",
        account_id=handle.lower() or "my-instagram",
        handle=handle,
        title=f"@{handle}" if handle else "Instagram",
        url=f"https://www.instagram.com/{handle}/" if handle else "",
        reading=reading,
    )


def _post(item: Mapping[str, Any], where: str, unknown: set[str], now: datetime) -> Post:
    counts: dict[Kind, int | None] = {}
    made: object = None
    for label, cell in _records(item, "string_map_data"):
        made = made or cell.get("timestamp")
        kind = _KIND_OF.get(label.strip().lower())
        if kind is None:
            unknown.add(label)
        elif kind not in counts:
            counts[kind] = _count(cell.get("value"), label, where)
    text = ""
    for _label, media in _records(item, "media_map_data"):
        made = media.get("creation_timestamp") or made
        text = text or _repaired(media.get("title"))
    at = _when(made, where, now)
    return Post(
        external_id=f"at-{int(at.timestamp())}",
        created_at=at,
        text=text[:EXCERPT],
        counts=counts,
    )


def _records(item: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give (label, record) of what stands under `name`; other shapes are passed over."""
    held = item.get(name)
    for label, record in held.items() if isinstance(held, dict) else ():
        if isinstance(record, dict):
            yield _repaired(label), record


def _count(value: object, label: str, where: str) -> int | None:
    cell = value.strip() if isinstance(value, str) else found(value)
    if value is None or cell in _NOT_TOLD:
        return None
    try:
        return whole(re.sub(r"\D", "", cell) if _GROUPED.fullmatch(cell) else cell)
    except ValueError as error:
        raise ArchiveRefused(f"{where}, {found(label)}: {error} {_SHAPE.again}") from error


def _when(seconds: object, where: str, now: datetime) -> datetime:
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 2**33:
        at = datetime.fromtimestamp(seconds, UTC)
        if at > now + CLOCK_SLACK:
            raise ArchiveRefused(
                say(
                    "{where} is dated {at}, yet to come. {again}",
                    where=where,
                    at=f"{at:%Y-%m-%d}",
                    again=_SHAPE.again,
                )
            )
        if at >= EARLIEST:
            return at
    raise ArchiveRefused(
        say("{where} does not say when it was made. {again}", where=where, again=_SHAPE.again)
    )


def _repaired(value: object) -> str:
    """Return a text as people wrote it, without what no database stores."""
    if not isinstance(value, str):
        return ""
    text = value[: EXCERPT * 4]
    try:
        text = text.encode("latin-1").decode()
    except UnicodeDecodeError as error:
        # Cut in the middle of a letter by the line above, or not garbled at all.
        whole_letters = error.start >= len(text) - 3 and error.reason == "unexpected end of data"
        text = text[: error.start].encode("latin-1").decode() if whole_letters else text
    except UnicodeEncodeError:
        pass  # sound already
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
