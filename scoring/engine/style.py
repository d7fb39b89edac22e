"""The sixteen styles: how somebody takes part, from what stands in their own posts.

Two axes lead across (sharing to creating, casual to consistent) and two lead down (participating to
listening, broad to focused). Each is a number from 0 to 1 with its middle at 0.5; the mean of the
two of a direction is the place on the grid. Pure: no clock, no rows, no words.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

WINDOW_DAYS = 84  # whole weeks
POSTS_NEEDED = 20
WEEKS_NEEDED = 4  # that the posts are spread over, the first to the last
TOPICAL_NEEDED = 8  # posts whose topic is known
MANY_TOPICS = 30.0  # evenly used: as broad as it gets

# Where each axis has its middle: half of the people and pages that we measured lie on each side
# (docs/badges.md).
MIDDLES = {"creating": 0.75, "consistent": 0.4, "listening": 0.2, "focused": 0.5}
# Of a mean of two even numbers from 0 to 1, one in four lies between each two of these.
CUTS = (0.35, 0.5, 0.65)

# An address in a text: what networks keep of a link that they shorten has a slash as well.
_ADDRESS = re.compile(r"https?://|\bwww\.|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12}/", re.I)

GRID = (
    ("curator", "broadcaster", "taste-maker", "celebrity"),
    ("syndicator", "feeder", "thought-leader", "pundit"),
    ("dabbler", "conversationalist", "socializer", "networker"),
    ("observer", "explorer", "activist", "specialist"),
)


class Missing(StrEnum):
    """What there is too little of to say anything."""

    POSTS = "posts"
    WEEKS = "weeks"
    TOPICS = "topics"


@dataclass(frozen=True, slots=True)
class Said:
    """One post. age: days since it was written, as of when its account was last read.

    topics: slug -> its part of the post; empty where it is not known what the post is about.
    """

    age: float
    answers: bool  # it answers somebody else
    links: bool  # it leads elsewhere
    topics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted: everything that a place on the grid is made of."""

    posts: int
    own: int  # of them, those that answer nobody
    links: int  # of `own`, those that lead elsewhere
    topical: int  # posts whose topic is known
    topics: float  # as many topics, evenly used, would be as broad
    days: int  # with a post
    weeks: int  # from the first post to the last read, started ones included

    @property
    def creating(self) -> float:
        """Part of the own posts that lead nowhere else, 0..1."""
        return 1 - self.links / self.own if self.own else 0.0

    @property
    def consistent(self) -> float:
        """Part of the days that have a post, 0..1."""
        return self.days / WINDOW_DAYS

    @property
    def listening(self) -> float:
        """Part of the posts that answer somebody, 0..1."""
        return 1 - self.own / self.posts if self.posts else 0.0

    @property
    def focused(self) -> float:
        """1 for a single topic, 0 for MANY_TOPICS."""
        return 1 - min(1.0, math.log(max(1.0, self.topics)) / math.log(MANY_TOPICS))

    def leaning(self, axis: str) -> float:
        """Return how far the numbers lean to this end of its axis: 0..1, the middle at 0.5."""
        value, middle = getattr(self, axis), MIDDLES[axis]
        if value < middle:
            return float(value / middle / 2)
        return float(0.5 + (value - middle) / (1 - middle) / 2)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What there is too little of; empty when a style can be told."""
        short = {
            Missing.POSTS: self.posts < POSTS_NEEDED,
            Missing.WEEKS: self.weeks < WEEKS_NEEDED,
            Missing.TOPICS: self.topical < TOPICAL_NEEDED,
        }
        return tuple(what for what, is_short in short.items() if is_short)


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the grid: `across` and `down` from 0 to 4, and the kind of its field."""

    across: float
    down: float
    kind: str


def leads_elsewhere(text: str) -> bool:
    """Tell whether a post holds an address."""
    return _ADDRESS.search(text) is not None


def counted(posts: Collection[Said]) -> Numbers:
    """Return the numbers of the posts of the window; older ones are left out."""
    young = [post for post in posts if 0 <= post.age < WINDOW_DAYS]
    own = [post for post in young if not post.answers]
    return Numbers(
        posts=len(young),
        own=len(own),
        links=sum(post.links for post in own),
        topical=sum(bool(post.topics) for post in young),
        topics=_breadth([post.topics for post in young]),
        days=len({int(post.age) for post in young}),
        weeks=max((int(post.age // 7) + 1 for post in young), default=0),
    )


def place_of(numbers: Numbers) -> Place | None:
    """Return where somebody stands, or None while there is too little to say."""
    if numbers.missing:
        return None
    across = _along((numbers.leaning("creating") + numbers.leaning("consistent")) / 2)
    down = _along((numbers.leaning("listening") + numbers.leaning("focused")) / 2)
    return Place(across, down, GRID[min(3, int(down))][min(3, int(across))])


def _breadth(topics: Sequence[Mapping[str, float]]) -> float:
    """Return how many topics, evenly used, would be as broad: 1 divided by the sum of squares.

    Source: Hill 1973, diversity of order 2.
    """
    parts: dict[str, float] = {}
    for post in topics:
        for slug in sorted(post):
            parts[slug] = parts.get(slug, 0.0) + post[slug]
    whole = math.fsum(parts.values())
    if not whole:
        return 0.0
    return 1 / math.fsum((part / whole) ** 2 for part in parts.values())


def _along(mean: float) -> float:
    """Return a mean from 0 to 1 as a place from 0 to 4: each cut is an edge between fields."""
    ends = (0.0, *CUTS, 1.0)
    field = sum(mean >= cut for cut in CUTS)
    return field + (mean - ends[field]) / (ends[field + 1] - ends[field])
