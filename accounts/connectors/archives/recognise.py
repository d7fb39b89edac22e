"""Tell by its content what kind of file this is, and read it as that."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.connectors.archives import (
    NOTHING_CHANGED,
    ArchiveContent,
    ArchiveRefused,
    Readable,
    csv_posts,
    instagram_insights,
    linkedin_analytics,
    mastodon_outbox,
    x_analytics,
    x_archive,
)
from accounts.connectors.archives.csv_rows import Lines
from accounts.connectors.archives.zipguard import GuardedZip
from accounts.speech import Marked, marked, say

# The names in a zip that say what it is, in the order in which they are looked for.
_BY_NAME: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("linkedin_analytics", lambda name: name == "xl/workbook.xml"),
    ("x_archive", x_archive.is_wanted),
    ("instagram_insights", instagram_insights.is_wanted),
    ("mastodon_outbox", mastodon_outbox.is_wanted),
)
# Names in zips that are near to what we read -> what to do.
_NEARLY: tuple[tuple[re.Pattern[str], Marked], ...] = (
    (
        re.compile(r"(?:.*/)?past_instagram_insights/.*\.html"),
        marked("This is an export of Instagram as web pages. Ask for it again and choose JSON."),
    ),
    (
        re.compile(r"(?:.*/)?your_instagram_activity/.*"),
        (
            marked(
                "This export of Instagram has no insights, which only professional accounts have: "
                "logged_information/past_instagram_insights/posts.json is not in it."
            )
        ),
    ),
    (
        re.compile(r"(?:.*/)?(?:Shares|Connections|Reactions)\.csv"),
        (
            marked(
                "This is LinkedIn's copy of your data: it holds what you did, and not "
                "what others did about it. On LinkedIn, open Analytics, Posts, then "
                "Export, and upload that .xlsx."
            )
        ),
    ),
    (
        re.compile(r"(?:.*/)?your_facebook_activity/.*"),
        (
            marked(
                "This is Facebook's copy of your data: it holds what you did, and not "
                "what others did about it. Link your page instead."
            )
        ),
    ),
)
# How files begin that hold no posts -> what they are.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture, a sound or a video"),
    (b"ftyp", "a video"),
    (b"%PDF", "a PDF"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
_ZIPS = marked(
    "The zips we know are an archive of X (data/tweets.js), an export of Instagram with insights "
    "(past_instagram_insights/posts.json), an archive of a Mastodon account (outbox.json), and a "
    "workbook of LinkedIn's analytics (.xlsx)."
)
_OLD_WORKBOOK = marked(
    "This is a workbook in the form of before 2007, or one with a password. Nothing was "
    "changed. LinkedIn makes .xlsx files; please upload one as it came."
)
_ONE_FILE = marked(
    "This is one file out of an archive. Nothing was changed. Please upload the whole zip or "
    ".tar.gz as it came: another file in it says whose it is."
)


@dataclass(frozen=True, slots=True)
class Table:
    """What a person calls a table of their own: its name, and the short form it is known by."""

    name: str = ""
    slug: str = ""


def kind_of(file: Readable, *, table: Table) -> str:
    """Return what kind of file this is, a key of KINDS, from its beginning and its list of files.

    Raises ArchiveRefused for any other, and for a table of one's own that has no name in `table`.
    """
    file.seek(0)
    start = file.read(8)
    if start[:2] == b"PK":
        return _kind_of_zip(file)
    if start[:2] == b"\x1f\x8b":
        return "mastodon_outbox"
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ArchiveRefused(_OLD_WORKBOOK)
    for beginning, name in _OTHERS:
        if start.startswith(beginning) or start[4:] == beginning:
            raise ArchiveRefused(
                say(
                    "This is {name}, and not a file that we can count posts of. "
                    "{nothing_changed} Choose an archive as it came from the network "
                    "(.zip, .tar.gz, .xlsx or .csv), or a table of your own as CSV.",
                    name=name,
                    nothing_changed=NOTHING_CHANGED,
                )
            )
    header = Lines(file).header()
    if header.lstrip()[:1] in {"{", "["}:
        raise ArchiveRefused(_ONE_FILE)
    if x_analytics.is_one(header):
        return "x_analytics"
    if not table.slug:
        raise ArchiveRefused(
            say(
                "This looks like a CSV table of your own. {nothing_changed} Give it a "
                "name, so that you know it on your links.",
                nothing_changed=NOTHING_CHANGED,
            )
        )
    return "csv"


def _kind_of_zip(file: Readable) -> str:
    names = GuardedZip(file, wanted=lambda _name: True).entries
    for kind, is_wanted in _BY_NAME:
        if any(map(is_wanted, names)):
            return kind
    for pattern, sentence in _NEARLY:
        if any(map(pattern.fullmatch, names)):
            raise ArchiveRefused(f"{sentence} {NOTHING_CHANGED}")
    raise ArchiveRefused(
        say(
            "This zip is nothing that we can count. {nothing_changed} {zips}",
            nothing_changed=NOTHING_CHANGED,
            zips=_ZIPS,
        )
    )


def read(file: Readable, *, filename: str, table: Table, now: datetime) -> ArchiveContent:
    """Return what a file of any kind says.

    Raises ArchiveRefused, see `kind_of` and the module of each kind.
    """
    kind = kind_of(file, table=table)
    if kind == "x_archive":
        return x_archive.read(file, now=now)
    if kind == "x_analytics":
        return x_analytics.read(file, now=now)
    if kind == "linkedin_analytics":
        return linkedin_analytics.read(file, filename=filename, now=now)
    if kind == "instagram_insights":
        return instagram_insights.read(file, filename=filename, now=now)
    if kind == "mastodon_outbox":
        file.seek(0)
        packed = "tar" if file.read(2) == b"\x1f\x8b" else "zip"
        return mastodon_outbox.read(file, packed=packed, now=now)
    return csv_posts.read(file, name=table.name, slug=table.slug, now=now)
