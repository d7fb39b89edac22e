"""Pulse: who moves here, among people who show their score to the reader."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.blocking import apart
from accounts.handles import current_of, viewer_of
from accounts.models import User
from accounts.searching import named
from accounts.visibility import open_to, shown
from scoring.engine import ALGORITHM
from scoring.engine.plusk import Act
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import PlusK, PlusKAct, ScoreSnapshot, TopicChoice, TopicScore
from scoring.pipeline import RANKED_FROM
from scoring.plusk.ledger import counted

A_PAGE = 25
MOST = 500  # people of a list


class Among(StrEnum):
    """Whom the list is of."""

    FRIENDS = "friends"  # oneself, and those to whom one gave +K or who gave it
    RISERS = "risers"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class One:
    """Somebody with the score of the day, and what it moved in a week where they show that."""

    user_id: int
    name: str
    handle: str
    score: float
    risen: float | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """A page of a list.

    population: people here with a score that day. shown: those of them in the list, MOST at most.
    ranked: there are enough of these for places.
    """

    day: date
    people: list[One]
    population: int
    shown: int
    ranked: bool
    page: int
    pages: int


def pulse(
    viewer: User | None, *, now: datetime, among: Among, topic: str = "", page: int = 1
) -> Pulse:
    """Return a page of people as of the last whole day (UTC). Three queries, for friends four.

    viewer: None is somebody who is not signed in, and so has no friends here. topic: slug of one
    that they show; "" for any. A page beyond the end is the last one.
    """
    day = now.date() - timedelta(days=1)
    rows = _rows(viewer, day, among, topic)
    listed = list(rows.values_list("pk", flat=True)[:MOST])
    number = len(listed)
    pages = max(1, -(-number // A_PAGE))
    page = min(max(1, page), pages)
    first = (page - 1) * A_PAGE
    ranked = number >= RANKED_FROM
    people = [
        _one(row, viewer, first + at if ranked else None)
        for at, row in enumerate(rows.filter(pk__in=listed[first : first + A_PAGE]), start=1)
    ]
    return Pulse(
        day=day,
        people=people,
        population=_scores(day).count(),
        shown=number,
        ranked=ranked,
        page=page,
        pages=pages,
    )


def _scores(day: date) -> QuerySet[Any]:
    return ScoreSnapshot.objects.filter(day=day, model=ALGORITHM, score__isnull=False)


def _rows(viewer: User | None, day: date, among: Among, topic: str) -> QuerySet[Any]:
    """Return scores of a day that their people show to the viewer, in the order of the list.

    Nobody is named by a sensitive topic, as on its page.
    """
    items = ("score", "history") if among is Among.RISERS else ("score",)
    seen = open_to(viewer, *items) & ~apart(viewer)
    rows: QuerySet[Any] = _scores(day)
    own = Q()
    if among is Among.FRIENDS:
        if viewer is None:
            return rows.none()
        own = Q(user=viewer)  # everybody stands in their own list, whatever they show to others
        rows = rows.filter(user__in=[viewer.pk, *_friends(viewer)])
    rows = rows.filter(own | seen)
    if topic:
        if taxonomy().topics[topic].sensitive:
            return rows.none()
        rows = rows.filter(_of(topic), own | open_to(viewer, "topics"))
    rows = rows.annotate(handle=current_of("user")).select_related("user__profile")
    if among is not Among.FRIENDS:
        rows = rows.filter(handle__isnull=False)
    if among is Among.RISERS:
        return rows.filter(risen__gt=0).order_by("-risen", "pk")
    return rows.order_by("-score", "pk")


def _friends(viewer: User) -> list[int]:
    """Return ids of those to whom somebody gave +K, and of those who gave it to them. One query.

    Not by what was taken back, nor by what the viewer hid or has not accepted: nobody becomes a
    friend of theirs by giving alone.
    """
    undone = PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.UNDO)
    gave = PlusK.objects.filter(~Exists(undone), giver__user=viewer, receiver__user__isnull=False)
    got = counted().filter(receiver__user=viewer, giver__user__isnull=False)
    both = gave.values_list("receiver__user").union(got.values_list("giver__user"))
    return [user_id for (user_id,) in both]


def _of(topic: str) -> Q:
    """Return the rows of people who are told a topic and did not hide it."""
    told = TopicScore.objects.filter(user=OuterRef("user"), topic=topic, passes=True)
    hidden = TopicChoice.objects.filter(
        user=OuterRef("user"), topic=topic, state=TopicChoice.State.HIDDEN
    )
    return Q(Exists(told)) & ~Q(Exists(hidden))


def _one(row: Any, viewer: User | None, place: int | None) -> One:
    own = viewer is not None and row.user_id == viewer.pk
    profile = getattr(row.user, "profile", None)
    seen = shown(profile, viewer_of(viewer, row.user, blocked=False))
    return One(
        user_id=row.user_id,
        name=named(row.user, row.handle or ""),
        handle=row.handle or "",
        score=row.score,
        risen=row.risen if own or seen.history else None,
        place=place,
    )
