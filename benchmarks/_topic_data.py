"""The public data sets that topics are learned from and judged by, read from a folder beside ours.

KLOUTSITE_DATA_SETS names the folder; without it ../shared/data. Every split is fixed by a hash of
an identifier, so that what is learned from is never what is reported.
"""

import csv
import gzip
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from scoring.engine.topics.naming import key
from scoring.engine.topics.taxonomy import taxonomy

PARTS = 10  # of the titles; the last is reported, the one before it calibrates
REPORTED, CALIBRATING = PARTS - 1, PARTS - 2
OTHER = ""  # what no topic of the titles is about

# Topics of the ontology that ours has under a name which is none of theirs.
_SAME = {
    "android": "android",
    "windows-phones": "windows-phone",
    "colleges-and-universities": "universities",
}


@dataclass(frozen=True, slots=True)
class Title:
    """A short text with the one topic it was filed under."""

    text: str
    klout: str  # slug of the ontology
    month: str  # "2013-04"
    part: int  # 0..PARTS - 1


@dataclass(frozen=True, slots=True)
class PagePost:
    """A post of a public page and what people did about it."""

    text: str
    day: str
    reactions: int
    comments: int
    shares: int


@dataclass(frozen=True, slots=True)
class Page:
    """A public page, the topics people gave it by hand, and its posts."""

    name: str
    primary: str
    topics: frozenset[str]  # slugs of the ontology, the primary one among them
    posts: tuple[PagePost, ...]

    @property
    def is_reported(self) -> bool:
        """Whether nothing is learned from this page."""
        return part_of(self.name, 2) == 0


def folder() -> Path:
    """Return the folder of data sets. Raises SystemExit when it is not there."""
    found = Path(os.environ.get("KLOUTSITE_DATA_SETS", Path(__file__).parents[2] / "shared/data"))
    if not found.is_dir():
        raise SystemExit(f"There is no folder {found}. Set KLOUTSITE_DATA_SETS to the data sets.")
    return found


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, plain or packed."""
    path = folder() / name
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def part_of(name: str, parts: int) -> int:
    """Return the part 0..parts - 1 a name falls into, always the same."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()) % parts


def titles() -> list[Title]:
    """Return all titles of reddit_topics."""
    return [
        Title(
            row["title"],
            row["topic_slug"],
            datetime.fromtimestamp(int(float(row["created_utc"])), UTC).strftime("%Y-%m"),
            part_of(row["id"], PARTS),
        )
        for row in rows("reddit_topics/posts.csv.gz")
    ]


def pages() -> list[Page]:
    """Return all pages of fb_pages_2016 with their posts."""
    posts: dict[str, list[PagePost]] = defaultdict(list)
    for row in rows("fb_pages_2016/posts.csv.gz"):
        text = " ".join(part for part in (row["text"], row["link_title"]) if part)
        counts = (int(row[name] or 0) for name in ("reactions", "comments", "shares"))
        posts[row["page"]].append(PagePost(text, row["published"][:10], *counts))
    return [
        Page(
            row["page"],
            row["primary_topic_slug"],
            frozenset((row["primary_topic_slug"], *row["acceptable_slugs"].split("|"))),
            tuple(posts[row["page"]]),
        )
        for row in rows("fb_pages_2016/page_topics.csv")
    ]


@cache
def ontology() -> dict[str, str]:
    """Return the English name of each topic of the ontology by slug."""
    return {
        row["topicSlug"]: row["topicDisplayName"]
        for row in rows("klout_opendata/topic_ontology_20180601.csv.gz")
    }


@cache
def above() -> dict[str, frozenset[str]]:
    """Return everything above each topic of the ontology, its root left out, by slug."""
    parents: dict[str, set[str]] = defaultdict(set)
    for row in rows("klout_opendata/topic_edges_20180601.csv.gz"):
        if row["parentTopicSlug"] not in ("", "root", row["childTopicSlug"]):
            parents[row["childTopicSlug"]].add(row["parentTopicSlug"])
    found = {}
    for slug in ontology():
        seen: set[str] = set()
        waiting = list(parents[slug])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += parents[one]
        found[slug] = frozenset(seen - {slug})
    return found


@cache
def _ours_by_name() -> dict[str, str]:
    """Return our slug by every name and alias; a name goes before an alias, a slug before both."""
    found: dict[str, str] = {}
    topics = taxonomy().topics.values()
    for topic in topics:
        found.setdefault(key(topic.slug.replace("-", " ")), topic.slug)
    for topic in topics:
        found.setdefault(key(topic.name), topic.slug)
    for topic in topics:
        for alias in topic.aliases:
            found.setdefault(key(alias), topic.slug)
    return found


def ours(klout: str) -> str | None:
    """Return our slug for a topic of the ontology, found by its name; None when we have none."""
    if klout in _SAME:
        return _SAME[klout]
    name = key(ontology().get(klout, klout))
    plain = key(klout.replace("-super", "").replace("-", " "))
    for one in (name, plain, name.replace("&", "and")):
        for form in (one, one.removesuffix("s"), one + "s", f"the {one}"):
            if form in _ours_by_name():
                return _ours_by_name()[form]
    return None
