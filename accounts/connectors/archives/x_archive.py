"""The archive that X makes of an account: a zip with data/account.js and data/tweets.js.

Large archives go on in tweets-part1.js and so on; older ones say tweet.js. Each is JSON behind the
start of a script ("window.YTD.tweets.part0 = "). Counts are those of the day X made the archive:
likes and reposts, written as text; replies, quotes and who acted are not in it.
"""

import html
import re
from datetime import UTC, datetime
from typing import Any

from accounts.connectors.archives import (
    CLOCK_SLACK,
    EARLIEST,
    EXCERPT,
    MAX_COUNT,
    ArchiveContent,
    ArchiveRefused,
    Claim,
    Readable,
    found,
)
from accounts.connectors.archives.json_list import items
from accounts.connectors.archives.newest import NewestPosts
from accounts.connectors.archives.zipguard import GuardedZip
from accounts.connectors.base import Kind, Post
from accounts.speech import marked, say

_TWEETS = re.compile(r"(?P<folder>(?:.*/)?)(?P<stem>tweets?)(?:-part(?P<part>\d{1,4}))?\.js")
_ACCOUNT = "account.js"
_ID = re.compile(r"[1-9][0-9]{0,18}")  # 63 bits, like X's own
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,30}")
_WHEN = re.compile(
    r"(?P<weekday>[A-Z][a-z]{2}) (?P<month>[A-Z][a-z]{2}) (?P<day>\d\d) "
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) \+0000 (?P<year>\d{4})",
    re.ASCII,
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ANSWERED = ("in_reply_to_status_id_str", "in_reply_to_status_id")
_WHERE_TO_ASK = marked(
    "On X, open Settings, Your account, Download an archive of your data; X mails you when the "
    "zip is ready. It holds data/tweets.js and data/account.js. Please upload that zip."
)
_AGAIN = marked(
    "Nothing was changed. Please download the archive from X again and upload it as it came."
)


def read(file: Readable, *, now: datetime) -> ArchiveContent:
    """Return the account of an X archive and its own posts, with likes and reposts.

    At most newest.KEEP posts are returned, the newest. Left out and counted: reposts of others.
    `kind` is "reply" where a post answers another. Counts that are not in the archive are None.

    Raises ArchiveRefused when the file is no X archive, is damaged or built to do harm, or says
    something that cannot be: then none of it counts.
    """
    archive = GuardedZip(file, wanted=is_wanted)
    folder, names = _tweet_files(archive)
    account_id, handle = _account(archive, folder)
    posts = NewestPosts()
    for name in names:
        stream = archive.open(archive.entries[name])
        for number, item in enumerate(items(stream, name), start=1):
            _take(
                item,
                say("Post {number} of {name}", number=number, name=name),
                posts,
                handle=handle,
                now=now,
            )
    if not posts:
        raise ArchiveRefused(
            say(
                "This archive of @{handle} holds no posts of its own, so there is "
                "nothing to count. Nothing was changed.",
                handle=handle,
            )
        )
    return ArchiveContent(
        network="x_archive",
        account_id=account_id,
        handle=handle,
        title=f"@{handle}",
        url=f"https://x.com/{handle}",
        reading=posts.reading(),
        claim=Claim("x", account_id),
    )


def is_wanted(name: str) -> bool:
    """Tell whether an entry of this name is read."""
    return bool(_TWEETS.fullmatch(name)) or name.rpartition("/")[2] == _ACCOUNT


def _tweet_files(archive: GuardedZip) -> tuple[str, list[str]]:
    """Return the folder of the posts ("data/" or such) and the files there, in their order."""
    parts: dict[tuple[str, str], dict[int, str]] = {}
    for name in archive.entries:
        if match := _TWEETS.fullmatch(name):
            number = int(match["part"] or 0)
            parts.setdefault((match["folder"], match["stem"]), {})[number] = name
    if not parts:
        raise ArchiveRefused(
            say(
                "This zip is not an archive of X: data/tweets.js is not in it. {where_to_ask}",
                where_to_ask=_WHERE_TO_ASK,
            )
        )
    if len(parts) > 1:
        raise ArchiveRefused(
            say(
                "This zip holds the posts of more than one archive. Nothing was read. "
                "Please upload one archive at a time, as X made it."
            )
        )
    (folder, stem), numbered = parts.popitem()
    for number in range(max(numbered) + 1):
        if number not in numbered:
            missing = f"{stem}-part{number}.js" if number else f"{stem}.js"
            raise ArchiveRefused(
                say(
                    "This archive is not whole: {missing} is missing. {again}",
                    missing=missing,
                    again=_AGAIN,
                )
            )
    return folder, [numbered[number] for number in sorted(numbered)]


def _account(archive: GuardedZip, folder: str) -> tuple[str, str]:
    """Return (account id, handle) from account.js beside the posts."""
    name = folder + _ACCOUNT
    if name not in archive.entries:
        raise ArchiveRefused(
            say(
                "This archive does not say whose it is: {name} is not in the zip. {where_to_ask}",
                name=name,
                where_to_ask=_WHERE_TO_ASK,
            )
        )
    first = next(items(archive.open(archive.entries[name]), name), {})
    account = first.get("account")
    if not isinstance(account, dict):
        account = {}
    account_id, handle = account.get("accountId"), account.get("username")
    if not isinstance(account_id, str) or not _ID.fullmatch(account_id):
        raise ArchiveRefused(
            say("{name} in this zip names no account id. {again}", name=name, again=_AGAIN)
        )
    if not isinstance(handle, str) or not _HANDLE.fullmatch(handle):
        raise ArchiveRefused(
            say("{name} in this zip names no account. {again}", name=name, again=_AGAIN)
        )
    return account_id, handle


def _take(
    item: dict[str, Any], where: str, posts: NewestPosts, *, handle: str, now: datetime
) -> None:
    """Add one item of tweets.js to `posts`, or count why it is left out."""
    tweet = item.get("tweet", item)
    if not isinstance(tweet, dict):
        raise ArchiveRefused(say("{where} is not a post. {again}", where=where, again=_AGAIN))
    post_id = tweet.get("id_str", tweet.get("id"))
    if not isinstance(post_id, str) or not _ID.fullmatch(post_id):
        raise ArchiveRefused(
            say(
                "{where} has the id {found}, which is none of X. {again}",
                where=where,
                found=found(post_id),
                again=_AGAIN,
            )
        )
    where = f"{where} (id {post_id})"
    text = tweet.get("full_text", tweet.get("text", ""))
    if not isinstance(text, str):
        raise ArchiveRefused(
            say("{where} has a text that is not text. {again}", where=where, again=_AGAIN)
        )
    if text.startswith("RT @"):
        posts.left_out["reposts_of_others"] += 1
        return
    posts.add(
        Post(
            external_id=post_id,
            created_at=_when(tweet.get("created_at"), where, now),
            text=_plain(text),
            url=f"https://x.com/{handle}/status/{post_id}",
            kind="reply" if any(tweet.get(field) for field in _ANSWERED) else "original",
            language=_language(tweet.get("lang")),
            counts={
                Kind.LIKE: _count(tweet.get("favorite_count"), "likes", where),
                Kind.REPOST: _count(tweet.get("retweet_count"), "reposts", where),
            },
        )
    )


def _when(value: object, where: str, now: datetime) -> datetime:
    """Return a time such as "Wed Oct 10 20:19:24 +0000 2018". Independent of the locale."""
    match = _WHEN.fullmatch(value) if isinstance(value, str) else None
    at = _moment(match) if match else None
    if at is None or not match or at < EARLIEST:
        raise ArchiveRefused(
            say(
                "{where} has the date {found}, which is no date. {again}",
                where=where,
                found=found(value),
                again=_AGAIN,
            )
        )
    if at > now + CLOCK_SLACK:
        raise ArchiveRefused(
            say(
                "{where} has the date {found}, which is yet to come. {again}",
                where=where,
                found=found(value),
                again=_AGAIN,
            )
        )
    return at


def _moment(match: re.Match[str]) -> datetime | None:
    """Return the time, or None where the calendar has no such day or it is another weekday."""
    if match["month"] not in _MONTHS:
        return None
    month = _MONTHS.index(match["month"]) + 1
    day, hour, minute, second = (int(match[p]) for p in ("day", "hour", "minute", "second"))
    try:
        at = datetime(int(match["year"]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return at if _WEEKDAYS[at.weekday()] == match["weekday"] else None


def _count(value: object, what: str, where: str) -> int | None:
    """Return a count that is written as text or as a number; None where there is none."""
    if value is None:
        return None
    digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,13}", value)
    number = int(str(value)) if digits else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_COUNT:
        raise ArchiveRefused(
            say(
                "{where} says {found} {what}, which cannot be. {again}",
                where=where,
                found=found(value),
                what=what,
                again=_AGAIN,
            )
        )
    return number


def _plain(text: str) -> str:
    """Return the start of a text as people wrote it: X writes & < > as HTML would."""
    cut = html.unescape(text[: EXCERPT * 5])[:EXCERPT]
    return re.sub(r"[\x00\ud800-\udfff]", "", cut)


def _language(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z-]{2,12}", value):
        return ""
    return "" if value == "und" else value
