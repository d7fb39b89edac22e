"""Badges: what each counts, its levels, which of them are reached and how far the next one is.

Pure: facts in, levels out. No clock, no rows, no words (scoring.badges.names has the sentences).
A level is reached once and for good: nothing here takes one away.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

RULE = "2026"  # a new name whenever levels or what counts change; awards keep the one they had
PINNED_AT_MOST = 3
NEXT_SHOWN = 3
NEWCOMER_FOR = timedelta(days=30)  # after somebody joined
EARLY = 100  # people
_WIDELY = (100, 500, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Badge:
    """One badge. `levels` ascend.

    of_posts: earned by what people do at networks, so that what is old may earn it at once.
    distant: says how far the next level is; the others cannot be worked towards.
    """

    slug: str
    levels: tuple[int, ...]
    of_posts: bool = False
    distant: bool = True
    rule: str = RULE


TABLE = (
    Badge("people", _WIDELY, of_posts=True),
    Badge("likes", _WIDELY, of_posts=True),
    Badge("comments", _WIDELY, of_posts=True),
    Badge("reposts", _WIDELY, of_posts=True),
    Badge("reposters", _WIDELY, of_posts=True),
    Badge("lists", _WIDELY, of_posts=True),
    Badge("one-post", (25, 100, 1_000), of_posts=True),
    Badge("topics", (1, 3, 5, 10), of_posts=True),
    Badge("plusk-received", (10, 50, 100, 500)),
    Badge("plusk-given", (10, 50, 100, 500)),
    Badge("newcomers", (1, 5, 25)),
    Badge("networks", (2, 3, 5)),
    Badge("history", (30, 90, 365, 1_000)),
    Badge("early", (1,), distant=False),
)
BADGES: Mapping[str, Badge] = {badge.slug: badge for badge in TABLE}

_OF_EVENTS = ("people", "likes", "comments", "reposts", "reposters", "one-post")
# The sums behind a badge, by kind of what people did.
_SUMS = {"like": "likes", "reply": "comments", "repost": "reposts", "quote": "reposts"}
_PASSING_ON = frozenset({"repost", "quote"})
_ONCE = frozenset({"like", "repost"})  # one account does it once about a post: a count is people


class Reached(NamedTuple):
    """When a level was reached. exact: rows tell the day itself, not only the day it was counted.

    old: by what had happened before its account was chosen here.
    """

    on: date
    exact: bool
    old: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """How much there is of what a badge counts, and when levels were passed, where that is known.

    `count` is None where no linked network tells: that is not 0.
    """

    count: int | None
    reached: Mapping[int, Reached] = field(default_factory=dict)


class Due(NamedTuple):
    """A level to be awarded. `reached` is None where only the day of counting is known."""

    badge: Badge
    level: int
    reached: Reached | None


@dataclass(frozen=True, slots=True)
class Next:
    """The next level of a badge: how many there are, and how many more it takes.

    Both are None where no linked network tells.
    """

    badge: Badge
    level: int
    count: int | None
    missing: int | None


class Event(NamedTuple):
    """Something that people did about posts, in the order in which it became known.

    at: of a known act, or when a count was read. actor: 0 where only a count (`more`) is told.
    old: happened before the account was chosen here. network: where `actor` is told from others.
    """

    at: datetime
    network: str
    post: int  # 0: about the account itself
    kind: str
    actor: int
    more: int = 1
    old: bool = False


def due(facts: Mapping[str, Fact], held: Collection[tuple[str, int]]) -> list[Due]:
    """Return the levels that are reached and not held yet, in the order of the table.

    A level that was once passed counts, though there are fewer now.
    """
    return [
        Due(badge, level, fact.reached.get(level))
        for badge in TABLE
        if (fact := facts.get(badge.slug)) is not None
        for level in badge.levels
        if (badge.slug, level) not in held
        and (level in fact.reached or (fact.count is not None and fact.count >= level))
    ]


def next_of(badge: Badge, count: int | None, held: Collection[int]) -> Next | None:
    """Return the first level above all that are held; None after the last."""
    highest = max(held, default=0)
    for level in badge.levels:
        if level > highest:
            missing = None if count is None else max(0, level - count)
            return Next(badge, level, count, missing)
    return None


def nearest(found: Iterable[Next]) -> list[Next]:
    """Return the NEXT_SHOWN levels of which most is done already, the nearest first."""
    known = [one for one in found if one.badge.distant and one.count]
    order = {badge.slug: place for place, badge in enumerate(TABLE)}
    known.sort(key=lambda one: (-(one.count or 0) / one.level, order[one.badge.slug]))
    return known[:NEXT_SHOWN]


def of_times(badge: Badge, times: Sequence[date]) -> Fact:
    """Return the fact of something that happened on these days, one of which may come twice."""
    days = sorted(times)
    passed = {n: Reached(days[n - 1], exact=True) for n in badge.levels if n <= len(days)}
    return Fact(len(days), passed)


def of_days(badge: Badge, first: date | None, last: date | None) -> Fact:
    """Return the fact of days in a row from the first to the last, both included."""
    if first is None or last is None:
        return Fact(0)
    days = (last - first).days + 1
    passed = {
        n: Reached(first + timedelta(days=n - 1), exact=True) for n in badge.levels if n <= days
    }
    return Fact(days, passed)


def of_posts(events: Iterable[Event]) -> dict[str, Fact]:
    """Return the facts of the badges of posts, from everything that people did about them.

    The order in which events are given changes nothing.
    """
    course = _Course()
    for event in sorted(events):
        course.take(event)
    return course.facts()


class _Line:
    """The course of one count, and the levels that it has passed."""

    def __init__(self, badge: Badge) -> None:
        self.count: int | None = None
        self.reached: dict[int, Reached] = {}
        self._ahead = list(reversed(badge.levels))

    def stands_at(self, count: int, event: Event) -> None:
        """Take the count as it is after an event."""
        self.count = count
        while self._ahead and count >= self._ahead[-1]:
            exact = event.actor != 0
            self.reached[self._ahead.pop()] = Reached(event.at.date(), exact, event.old)


class _People:
    """At least how many different people there are, network by network.

    Who is named counts once. Of those who are only counted there are as many as one post had: the
    same people may be behind the counts of another.
    """

    def __init__(self) -> None:
        self._named: dict[str, set[int]] = defaultdict(set)
        self._most: dict[str, int] = defaultdict(int)
        self.number = 0

    def take(self, network: str, actor: int, on_one_post: int) -> None:
        before = max(len(self._named[network]), self._most[network])
        if actor:
            self._named[network].add(actor)
        self._most[network] = max(self._most[network], on_one_post)
        self.number += max(len(self._named[network]), self._most[network]) - before


class _Course:
    """What has happened so far."""

    def __init__(self) -> None:
        self._lines = {slug: _Line(BADGES[slug]) for slug in _OF_EVENTS}
        self._named: dict[tuple[int, str], int] = defaultdict(int)
        self._told: dict[tuple[int, str], int] = defaultdict(int)
        self._sums: dict[str, int] = defaultdict(int)
        self._about: dict[int, set[int]] = defaultdict(set)
        self._people, self._hands, self._moved = _People(), _People(), 0

    def take(self, event: Event) -> None:
        """Let one more thing have happened."""
        key = (event.post, event.kind)
        before = self._number(key)
        if event.actor:
            self._named[key] += 1
        else:
            self._told[key] += event.more
        number = self._number(key)
        once = number if event.post and event.kind in _ONCE else 0
        self._people.take(event.network, event.actor, once)
        self._lines["people"].stands_at(self._people.number, event)
        if event.kind in _PASSING_ON:
            self._hands.take(event.network, event.actor, once)
            self._lines["reposters"].stands_at(self._hands.number, event)
        if (name := _SUMS.get(event.kind)) is not None and event.post:
            self._sums[name] += number - before
            self._lines[name].stands_at(self._sums[name], event)
        if event.post:
            self._move(event, once)

    def _number(self, key: tuple[int, str]) -> int:
        """Return how often something was done about a post: a count holds those who are named."""
        return max(self._named[key], self._told[key], 0)

    def _move(self, event: Event, once: int) -> None:
        if event.actor:
            self._about[event.post].add(event.actor)
        self._moved = max(self._moved, len(self._about[event.post]), once)
        self._lines["one-post"].stands_at(self._moved, event)

    def facts(self) -> dict[str, Fact]:
        """Return what it has come to."""
        return {slug: Fact(line.count, line.reached) for slug, line in self._lines.items()}
