"""What the pages of a score share: the number, its parts and what it is made of, ready to show."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import plain
from scoring import charts, words
from scoring.engine import Params, shown
from scoring.models import ScoreSnapshot

logger = logging.getLogger(__name__)
T = TypeVar("T")

PARAMS = Params()
WEIGHTS = dict(zip(words.PARTS, PARAMS.weights, strict=True))
TOP_POSTS = 5
SOURCES_SHOWN = 5  # the ring has five colours; what is smaller is one share
FEWEST_TO_RANK = 10  # people; below, a percentile would speak of somebody in particular


class Unreadable(ValueError):
    """What was stored about a score is not what this page knows. The rest of the page stands."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-score in points of the whole: 18.2 of 40."""

    name: str
    meaning: str
    points: str
    most: str
    filled: str  # percent of the bar


@dataclass(frozen=True, slots=True)
class Share:
    """What one source, kind or post gives, in points. `tone` is the number of its colour."""

    name: str
    url: str
    about: str
    points: str
    tone: int


@dataclass(frozen=True, slots=True)
class Sources:
    """The ring of sources with its legend."""

    ring: SafeString
    shares: list[Share]


@dataclass(frozen=True, slots=True)
class Card:
    """The number with its range and place, or what is missing for one."""

    score: str  # "" when there is not enough to count
    low: str
    high: str
    parts: list[Part]
    place: str  # "" when too few people are here to say
    read: str
    missing: str  # what is needed and what there is, "" when there is enough

    @property
    def turn(self) -> str:
        """The score as drawings read it."""
        return plain(self.score)


def card(snapshot: ScoreSnapshot) -> Card:
    """Return a snapshot as pages show it. Not enough is a state and never the number 1."""
    enough = snapshot.score is not None
    return Card(
        score=words.decimal(snapshot.score) if snapshot.score is not None else "",
        low=words.decimal(snapshot.low) if snapshot.low is not None else "",
        high=words.decimal(snapshot.high) if snapshot.high is not None else "",
        parts=parts(snapshot) if enough else [],
        place=_place(snapshot),
        read=_read(snapshot),
        missing="" if enough else _missing(snapshot),
    )


def _place(snapshot: ScoreSnapshot) -> str:
    if snapshot.percentile is None or (snapshot.population or 0) < FEWEST_TO_RANK:
        return ""
    return _("Higher than %(share)s\u00a0%% of the %(people)s people counted here.") % {
        "share": words.decimal(snapshot.percentile, 0),
        "people": words.whole(snapshot.population or 0),
    }


def _read(snapshot: ScoreSnapshot) -> str:
    """Return how complete the number is."""
    form = ngettext(
        "%(read)s of %(n)s source was read within 26 hours.",
        "%(read)s of %(n)s sources were read within 26 hours.",
        snapshot.sources,
    )
    return form % {"read": snapshot.sources_read, "n": snapshot.sources}


def _missing(snapshot: ScoreSnapshot) -> str:
    return _(
        "We need %(posts)s posts with a reaction and %(people)s people who reacted, within "
        "%(days)s days. You have %(own_posts)s and %(own_people)s."
    ) % {
        "posts": PARAMS.enough_posts,
        "people": PARAMS.enough_people,
        "days": PARAMS.window_days,
        "own_posts": words.whole(snapshot.posts),
        "own_people": words.whole(snapshot.people),
    }


def weighted(sub_scores: Sequence[float]) -> list[float]:
    """Return the points that the parts give to the score, in the order of words.PARTS.

    The points sum to the score.
    """
    return [weight * value for weight, value in zip(WEIGHTS.values(), sub_scores, strict=True)]


def in_tenths(points: Sequence[float], score: float | None) -> list[float]:
    """Return the points of the parts rounded so that they sum to the score as it is shown."""
    return shown(points, decimals=1, total=round(score or sum(points), 1))


def parts(snapshot: ScoreSnapshot) -> list[Part]:
    """Return the sub-scores; their shown points sum to the shown score."""
    points = weighted([getattr(snapshot, f"{part}_score") for part in WEIGHTS])
    figures = in_tenths(points, snapshot.score)
    return [
        Part(
            name=str(name),
            meaning=str(meaning),
            points=words.decimal(figure),
            most=f"{100 * WEIGHTS[part]:.0f}",
            filled=f"{value / WEIGHTS[part]:.1f}",
        )
        for (part, (name, meaning)), figure, value in zip(
            words.PARTS.items(), figures, points, strict=True
        )
    ]


def sources(made_of: Any) -> Sources:
    """Return what each source gives. Raises Unreadable when it is not stored as expected."""
    rows = _rows(made_of, "source")
    head, tail = rows[:SOURCES_SHOWN], rows[SOURCES_SHOWN:]
    if tail:
        head, tail = rows[: SOURCES_SHOWN - 1], rows[SOURCES_SHOWN - 1 :]
    values = [(words.source_name(row["network"], row["title"]), row["points"]) for row in head]
    if tail:
        more = ngettext("%(n)s more source", "%(n)s more sources", len(tail)) % {"n": len(tail)}
        values.append((more, sum(row["points"] for row in tail)))
    return Sources(
        ring=charts.donut([max(0.0, points) for _name, points in values]),
        shares=[
            Share(name=name, url="", about="", points=words.decimal(points), tone=at + 1)
            for at, (name, points) in enumerate(values)
        ],
    )


def kinds(made_of: Any) -> list[Share]:
    """Return what each kind of reaction gives. Raises Unreadable."""
    return [
        Share(
            name=words.kind_name(row["kind"]),
            url="",
            about="",
            points=words.decimal(row["points"]),
            tone=1,
        )
        for row in _rows(made_of, "kind")
    ]


def top_posts(made_of: Any) -> list[Share]:
    """Return the posts that give most. Raises Unreadable."""
    try:
        return [_post(row) for row in _rows(made_of, "post")[:TOP_POSTS]]
    except ValueError as error:
        raise Unreadable(f"made_of has no readable post: {error}") from error


def _post(row: dict[str, Any]) -> Share:
    return Share(
        name=row["title"] or words.untitled(),
        url=words.linkable(row["url"]),
        about=words.day_short(date.fromisoformat(row["day"])),
        points=words.decimal(row["points"]),
        tone=1,
    )


def made_of(snapshot: ScoreSnapshot) -> dict[str, Any]:
    """Return what a score is made of, for a page; nothing where there is no score.

    What cannot be read is None: its card says so, and the other cards stand.
    """
    if snapshot.score is None:
        return {}
    return {
        "sources": _or_none(sources, snapshot),
        "kinds": _or_none(kinds, snapshot),
        "posts": _or_none(top_posts, snapshot),
    }


def _or_none(make: Callable[[Any], T], snapshot: ScoreSnapshot) -> T | None:
    try:
        return make(snapshot.made_of)
    except Unreadable as error:
        logger.warning("snapshot %s: %s", snapshot.pk, error)
        return None


_COLUMNS: dict[str, tuple[str, ...]] = {
    "source": ("network", "title"),
    "kind": ("kind",),
    "post": ("day", "title", "url"),
}


def _rows(made_of: Any, table: str) -> list[dict[str, Any]]:
    """Return the rows of one table with all their columns. Raises Unreadable."""
    try:
        return [
            {"points": float(row["points"])} | {name: str(row[name]) for name in _COLUMNS[table]}
            for row in made_of[table]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"made_of has no readable {table}: {error}") from error
