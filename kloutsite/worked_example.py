"""The worked example of the public pages: a made-up person, counted by the engine that counts all.

Only the acts are made up; every number on the pages comes out of the engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from accounts.figures import plain
from scoring import engine, words
from scoring.engine import KINDS, Evidence, Params
from scoring.explain import Line, fold

NAME = "Iris Okafor"
SOURCE = "The Paper Compass"
FIRST, LAST = date(2026, 11, 14), date(2026, 11, 21)  # counted at noon UTC

_SOURCE_ID = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Post(NamedTuple):
    """A post and what was done about it by known people and by people only counted."""

    title: str
    day: date
    known: dict[str, int]
    counted: dict[str, int]


_POSTS = (
    _Post("Why our harbour map has no north arrow", date(2026, 8, 19), {"like": 9}, {"like": 420}),
    _Post("Three ways to fold a city", date(2026, 9, 6), {"reply": 8}, {"like": 310, "repost": 31}),
    _Post("A day with tram planners", date(2026, 9, 29), {"like": 6, "repost": 2}, {"like": 95}),
    _Post("Reading a map by ear", date(2026, 10, 15), {"reply": 16}, {"like": 290, "repost": 44}),
    _Post("Sketches from the ferry", date(2026, 11, 2), {"like": 5}, {"like": 140, "repost": 18}),
    _Post(
        "Recap of the Turin talk",
        date(2026, 11, 16),
        {"like": 18, "repost": 14},
        {"like": 260, "repost": 96},
    ),
    _Post("Who draws the footpaths?", date(2026, 11, 18), {"reply": 11}, {"like": 22, "reply": 8}),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three parts of the score on the last day."""

    name: str
    meaning: str
    total: str  # the sum R, A or N
    score: str  # the sub-score, 1 to 100
    share: int  # its weight in percent
    points: str  # what it brings to the score


@dataclass(frozen=True, slots=True)
class Example:
    """What the pages show of the worked example; numbers are ready to print."""

    name: str
    source: str
    first: date
    last: date
    before: str
    after: str
    low: str
    high: str
    people: int
    posts: int
    change: str
    direction: str
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]

    @property
    def turn(self) -> str:
        """The score after, as drawings read it."""
        return plain(self.after)


def worked_example() -> Example:
    """Return the example in words of the active language."""
    counted = _counted()
    change = round(round(counted.after, 1) - round(counted.before, 1), 1)
    return Example(
        name=NAME,
        source=SOURCE,
        first=FIRST,
        last=LAST,
        before=words.decimal(counted.before),
        after=words.decimal(counted.after),
        low=words.decimal(counted.low),
        high=words.decimal(counted.high),
        people=counted.people,
        posts=counted.posts,
        change=words.signed(change),
        direction=words.direction(change),
        parts=_parts(counted),
        lines=tuple(fold([_in_words(line) for line in counted.lines], [], change=change)),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    before: float
    after: float
    low: float
    high: float
    people: int
    posts: int
    total: dict[str, float]
    part: dict[str, float]
    lines: tuple[engine.Line, ...]


@cache
def _counted() -> _Counted:
    """Run the engine once: its result never changes while the process lives."""
    params = Params()
    first_us, last_us = _noon(FIRST), _noon(LAST)
    before, after = _evidence(first_us), _evidence(last_us)
    scores = engine.evaluate(after, params, last_us)
    low, high = engine.interval(after, params, last_us)
    return _Counted(
        before=float(engine.evaluate(before, params, first_us).score[0]),
        after=float(scores.score[0]),
        low=float(low[0]),
        high=float(high[0]),
        people=int(scores.people[0]),
        posts=int(scores.posts[0]),
        total={part: float(getattr(scores, part)[0]) for part in words.PARTS},
        part={part: float(getattr(scores, f"{part}_score")[0]) for part in words.PARTS},
        lines=tuple(engine.explain(before, first_us, after, last_us, params)),
    )


class _Row(NamedTuple):
    """Something that was done: `actor` 0 stands for `many` people who were only counted."""

    post: int
    kind: int
    actor: int
    at: int
    many: int


def _rows() -> Iterator[_Row]:
    """Yield what was done about all posts; each post's first reaction came an hour after it."""
    actor = 0
    for number, post in enumerate(_POSTS, start=1):
        posted = _noon(post.day) - 4 * 3_600_000_000
        for kind, times in post.known.items():
            for place in range(times):
                actor += 1
                # The pace of reactions halves each time: most come on the first day.
                at = posted + int(3_600_000_000 * (1 + place**1.5))
                yield _Row(number, KINDS.index(kind), actor, at, 1)
        for kind, times in post.counted.items():
            yield _Row(number, KINDS.index(kind), 0, posted, times)


def _evidence(until_us: int) -> Evidence:
    """Return what had been done by `until_us`."""
    rows = [row for row in _rows() if row.at <= until_us]
    acts = [row for row in rows if row.actor]
    counts = [row for row in rows if not row.actor]
    # Audiences from 12 to a few thousand, the same for the same person whenever it is counted.
    followers = np.array([12.0 * 1.6 ** (row.actor % 13) for row in acts])
    return Evidence(
        author=np.zeros(len(acts), np.int64),
        source=np.full(len(acts), _SOURCE_ID, np.int64),
        post=_column(acts, "post"),
        kind=_column(acts, "kind"),
        actor=_column(acts, "actor"),
        at=_column(acts, "at"),
        credibility=engine.credibility_of(followers),
        influence=engine.influence_of(followers),
        t_author=np.zeros(len(counts), np.int64),
        t_source=np.full(len(counts), _SOURCE_ID, np.int64),
        t_post=_column(counts, "post"),
        t_kind=_column(counts, "kind"),
        t_at=_column(counts, "at"),
        t_count=_column(counts, "many").astype(np.float64),
        source_id=np.array([_SOURCE_ID]),
        source_clock=np.array([until_us]),
        source_weight=np.ones(1),
    )


def _column(rows: list[_Row], name: str) -> engine.arrays.Ints:
    return np.array([getattr(row, name) for row in rows], np.int64)


def _noon(day: date) -> int:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return int((noon - _EPOCH) / timedelta(microseconds=1))


def _parts(counted: _Counted) -> tuple[Part, ...]:
    """Return the three parts; their shown points add up to the shown score."""
    weights = Params().weights
    points = [weight * counted.part[key] for key, weight in zip(words.PARTS, weights, strict=True)]
    return tuple(
        Part(
            name=str(name),
            meaning=str(meaning),
            total=words.decimal(counted.total[key]),
            score=words.decimal(counted.part[key]),
            share=round(100 * weight),
            points=words.decimal(figure),
        )
        for (key, (name, meaning)), weight, figure in zip(
            words.PARTS.items(), weights, engine.shown(points), strict=True
        )
    )


def _in_words(line: engine.Line) -> Line:
    """Return an engine's line as the pages of members show theirs."""
    days = [_day(at) for at in (line.from_us, line.to_us)]
    facts = words.Facts(
        reason=line.reason,
        kind=line.kind,
        count=line.count,
        people=line.people,
        points=line.points,
        source=SOURCE,
        from_day=days[0],
        to_day=days[1],
    )
    # Ageing goes on all week; everything else has the days on which it was done.
    first, last = (FIRST, LAST) if line.reason == "faded" else (days[0] or FIRST, days[1] or LAST)
    return Line(
        reason=line.reason,
        first=first,
        last=last,
        points=line.points,
        lines=1,
        facts=facts,
        title=_POSTS[line.post - 1].title if line.post else "",
        part=max(words.PARTS, key=lambda part: abs(getattr(line, f"points_{part}"))),
    )


def _day(at_us: int | None) -> date | None:
    return None if at_us is None else (_EPOCH + timedelta(microseconds=at_us)).date()
