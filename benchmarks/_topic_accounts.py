"""Whole accounts: what is told of pages and people, of entities by their name, and of strays."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from benchmarks import _topic_data as data
from scoring.engine import DAY_US, Evidence, Params
from scoring.engine.topics import strength
from scoring.engine.topics.assign import Assigned, assign
from scoring.engine.topics.naming import key
from scoring.engine.topics.taxonomy import taxonomy

SHOWN = 5
PAIRS = 10_000
_GATE = strength.Gate()
_PARAMS = Params()
_LIKE, _REPLY, _REPOST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Told:
    """A post as it counts: when, what it is about, and likes, replies and reposts by strangers."""

    at: int  # microseconds
    topics: tuple[Assigned, ...]
    counts: tuple[int, int, int]


@cache
def above(slug: str) -> frozenset[str]:
    """Return what stands above a topic and may be told, as the product has it."""
    tree = taxonomy()
    return frozenset(one for one in tree.ancestors(slug) if not tree.topics[one].sensitive)


def author_of(posts: Sequence[Told], now: int) -> strength.Author:
    """Return the strengths of the topics of an account at `now`, from counts alone."""
    ids = np.repeat(np.arange(1, len(posts) + 1), 3)
    one, none = np.ones(len(ids), np.int64), np.empty(0, np.int64)
    evidence = Evidence(
        author=none, source=none, post=none, kind=none, actor=none, at=none,
        credibility=np.empty(0), influence=np.empty(0),
        t_author=one * 0, t_source=one, t_post=ids,
        t_kind=np.tile([_LIKE, _REPLY, _REPOST], len(posts)),
        t_at=np.repeat([post.at for post in posts], 3),
        t_count=np.array([count for post in posts for count in post.counts], np.float64),
        source_id=np.ones(1, np.int64), source_clock=np.array([now]), source_weight=np.ones(1),
    )  # fmt: skip
    said = [
        (at, topic.slug, topic.share) for at, post in enumerate(posts, 1) for topic in post.topics
    ]
    return strength.Author(
        strength.weigh(evidence, _PARAMS, now),
        strength.rolled_up(said, above),
        {at: post.at for at, post in enumerate(posts, 1)},
    )


def told(author: strength.Author, here: Mapping[str, float]) -> list[str]:
    """Return the topics told of an account, the strongest first."""
    strengths = author.strengths()
    passing = author.passing(strengths, _GATE, here, above)
    return sorted(passing, key=lambda slug: (-strengths[slug].value, slug))


def microseconds(day: str) -> int:
    """Return noon of a day ("2016-03-01") in microseconds."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * DAY_US + DAY_US // 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Topics that are right for somebody, in both trees."""

    klout: frozenset[str]
    ours: frozenset[str]

    def is_exact(self, slug: str) -> bool:
        """Return whether this topic of ours is one of them."""
        return slug in self.ours or _klout(slug) in self.klout

    def is_related(self, slug: str) -> bool:
        """Return whether it is one of them, or above or below one, in either tree."""
        tree, theirs = taxonomy(), _klout(slug)
        return (
            self.is_exact(slug)
            or bool(tree.ancestors(slug) & self.ours)
            or any(slug in tree.ancestors(one) for one in self.ours)
            or bool(data.above().get(theirs, frozenset()) & self.klout)
            or any(theirs in data.above().get(one, frozenset()) for one in self.klout)
        )


def wanted(klout: Collection[str]) -> Wanted:
    """Return topics of the ontology with ours of the same name."""
    return Wanted(frozenset(klout), frozenset(filter(None, map(data.ours, klout))))


@cache
def _klout(slug: str) -> str:
    """Return the topic of the ontology that has the name of ours, "" when none has."""
    topic = taxonomy().topics[slug]
    for name in (slug.replace("-", " "), key(topic.name), *map(key, topic.aliases)):
        if name in _klout_by_name():
            return _klout_by_name()[name]
    return ""


@cache
def _klout_by_name() -> dict[str, str]:
    found = {key(name): slug for slug, name in data.ontology().items()}
    return {slug.replace("-", " "): slug for slug in data.ontology()} | found


def pages() -> None:
    """Print how right the topics of whole public pages are."""
    accounts: dict[str, list[Told]] = {}
    every = data.pages()
    for page in every:
        found = assign([post.text for post in page.posts], [""] * len(page.posts))
        accounts[page.name] = [
            Told(microseconds(post.day), topics, (post.reactions, post.comments, post.shares))
            for post, topics in zip(page.posts, found, strict=True)
        ]
    now = max(post.at for posts in accounts.values() for post in posts) + DAY_US
    authors = {name: author_of(posts, now) for name, posts in accounts.items()}
    here = _mean_parts(authors.values())
    tops = {name: told(author, here)[:SHOWN] for name, author in authors.items()}
    print(f"Whole accounts: {len(every)} public pages, 90 days, the strongest {SHOWN} topics told")
    print(f"{'':<38} {'pages':>6} {'told':>5} {'related':>8} {'exact':>6} {'all related':>12}")
    _page_line("pages nothing was learned from", [one for one in every if one.is_reported], tops)
    _page_line("the other half", [one for one in every if not one.is_reported], tops)
    _page_line("all", every, tops)
    print("\nPages with a topic that is not related (page's own topic: what was told, ! = wrong)")
    for page in every:
        want = wanted(page.topics)
        words = [slug if want.is_related(slug) else f"{slug}!" for slug in tops[page.name]]
        if page.is_reported and any(word.endswith("!") for word in words):
            print(f"  {page.primary}: {', '.join(words)}")


def _mean_parts(authors: Collection[strength.Author]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for author in authors:
        for slug, one in author.strengths().items():
            total[slug] += one.share
    return {slug: part / len(authors) for slug, part in total.items()}


def _page_line(name: str, pages: Sequence[data.Page], tops: Mapping[str, list[str]]) -> None:
    said = [(wanted(page.topics), tops[page.name]) for page in pages if tops[page.name]]
    related = [np.mean([want.is_related(slug) for slug in top]) for want, top in said]
    exact = [np.mean([want.is_exact(slug) for slug in top]) for want, top in said]
    print(
        f"{name:<38} {len(pages):>6} {len(said) / len(pages):>5.2f} {np.mean(related):>8.2f}"
        f" {np.mean(exact):>6.2f} {np.mean([one == 1 for one in related]):>12.2f}"
    )


SITES = {
    "ai": "artificial-intelligence",
    "beer": "beer",
    "bicycles.meta": "cycling",
    "conlang.meta": "languages",
    "french.meta": "languages",
    "history.meta": "history",
}


def people() -> None:
    """Print what is told of people who write on Stack Exchange, against their site and tags."""
    print("People of Stack Exchange with 5 posts or more: topics told of each, beside their site's")
    print(
        f"{'site':<16} {'people':>7} {'told':>5} {'site related':>13} {'tags exact':>11} most told"
    )
    for site, topic in SITES.items():
        mine: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in data.rows(f"stackexchange/{site}/posts.csv.gz"):
            if row["author_id"]:
                mine[row["author_id"]].append(row)
        some = [posts for posts in mine.values() if len(posts) >= 5]
        _site_line(site, topic, some)


def _site_line(site: str, topic: str, some: Sequence[Sequence[Mapping[str, str]]]) -> None:
    right, tagged, told_of, most = [], [], 0, defaultdict(int)
    want = Wanted(frozenset(), frozenset({topic}))
    for posts in some:
        texts = [f"{row['title']} {row['text']}"[:280].strip() for row in posts]
        accounts = [
            Told(microseconds(row["created"][:10]), topics, (max(int(row["score"]), 0) + 1, 0, 0))
            for row, topics in zip(posts, assign(texts, [""] * len(texts)), strict=True)
        ]
        author = author_of(_within(accounts), max(post.at for post in accounts) + DAY_US)
        top = told(author, {})[:SHOWN]
        tags = Wanted(frozenset(), frozenset(filter(None, map(data.ours, _tags(posts)))))
        told_of += bool(top)
        right += [want.is_related(slug) for slug in top]
        tagged += [tags.is_exact(slug) for slug in top]
        for slug in top:
            most[slug] += 1
    named = ", ".join(
        f"{slug} {n}" for slug, n in sorted(most.items(), key=lambda one: -one[1])[:4]
    )
    shares = [f"{np.mean(ones):.2f}" if ones else "-" for ones in (right, tagged)]
    print(f"{site:<16} {len(some):>7} {told_of:>5} {shares[0]:>13} {shares[1]:>11} {named}")


def _within(posts: Sequence[Told]) -> list[Told]:
    """Return the posts of the last 90 days before the newest."""
    newest = max(post.at for post in posts)
    return [
        post for post in posts if newest - post.at < timedelta(days=90) / timedelta(microseconds=1)
    ]


def _tags(posts: Sequence[Mapping[str, str]]) -> set[str]:
    return {tag for row in posts for tag in row["tags"].split("|") if tag}


def entities() -> None:
    """Print how names of entities, each a text by itself, agree with labels people gave."""
    labels: dict[tuple[str, str], bool] = {}
    for row in data.rows("klout_opendata/entity_to_topic_labels_public.csv.gz"):
        labels[row["entityDisplayName"], row["topicDisplayName"]] = row["label"] == "1"
    names = sorted({name for name, _ in labels if not name.startswith("_display")})
    topics = dict(zip(names, assign(names, ["en"] * len(names), sensitive=True), strict=True))
    slugs = {name: slug for slug, name in data.ontology().items()}
    judged = []
    for (name, topic), is_right in labels.items():
        want = wanted([slugs[topic]]) if topic in slugs else Wanted(frozenset(), frozenset())
        if want.ours and any(want.is_related(one.slug) for one in topics.get(name, ())):
            judged.append(is_right)
    some = [topics[name] for name in names if topics[name]]
    print(f"Entities: {len(names):,} names; {len(some):,} get a topic by their name alone")
    base = np.mean(list(labels.values()))
    print(f"  {len(judged):,} labels speak of what is given: {np.mean(judged):.2f} of them yes "
          f"(of all labels {base:.2f})")  # fmt: skip


def strays() -> None:
    """Print how often one viral post from elsewhere makes a topic of a steady account."""
    chance = np.random.default_rng(1)
    steady: list[tuple[list[Told], str]] = []
    posts: list[tuple[tuple[Assigned, ...], int]] = []
    for page in data.pages():
        some = page.posts[:: max(1, len(page.posts) // 40)]
        found = assign([post.text for post in some], [""] * len(some))
        accounts = [
            Told(microseconds(post.day), topics, (post.reactions, post.comments, post.shares))
            for post, topics in zip(some, found, strict=True)
        ]
        steady.append((accounts, page.name))
        posts += [(topics, len(steady) - 1) for topics in found if topics]
    now = max(post.at for accounts, _ in steady for post in accounts) + DAY_US
    bases = [set(told(author_of(accounts, now), {})) for accounts, _ in steady]
    made = tried = 0
    while tried < PAIRS:
        at, which = int(chance.integers(len(steady))), int(chance.integers(len(posts)))
        topics, owner = posts[which]
        have = {slug for post in steady[at][0] for one in post.topics for slug in _wide(one.slug)}
        strange = {slug for one in topics for slug in _wide(one.slug)} - have
        if owner == at or not strange:
            continue
        tried += 1
        stray = Told(now - DAY_US, topics, (10_000_000, 1_000_000, 1_000_000))
        after = set(told(author_of([*steady[at][0], stray], now), {}))
        made += bool(after & strange - bases[at])
    print(f"Stray posts: {tried:,} pairs of a steady account and a viral post from elsewhere "
          f"(12,000,000 reactions):\n  {made} topics that only the stray is about")  # fmt: skip


def _wide(slug: str) -> Collection[str]:
    return {slug, *above(slug)}
