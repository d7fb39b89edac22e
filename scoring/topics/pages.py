"""What the page of a topic shows: people who show it to the viewer, and one's own place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts.blocking import apart
from accounts.handles import current_of, viewer_of
from accounts.models import User
from accounts.searching import named
from accounts.visibility import open_to, shown
from scoring.engine.plusk import lift
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import (
    PlusKTotal,
    Post,
    TopicChoice,
    TopicHere,
    TopicScore,
)
from scoring.pipeline import RANKED_FROM

MOST_PEOPLE = 50
MOST_NEW = 10
MOST_THANKED = 10
MOST_POSTS, MOST_OF_ONE = 10, 2  # posts, and of them by one person
MOST_RELATED = 12
NEW_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who shows the topic. `place` among those named; None where they are few.

    plusk: what +K for them in the topic comes to; None where they do not show that.
    """

    user_id: int
    name: str
    handle: str
    score: TopicScore
    place: int | None
    plusk: float | None


@dataclass(frozen=True, slots=True)
class Moving:
    """A public post of somebody named, and what it adds to their strength."""

    post: Post
    by: Named
    term: float


@dataclass(frozen=True, slots=True)
class Page:
    """What is known here of a topic.

    people: the strongest first where they are ranked (ten or more), else by name. thanked: those of
    them with most +K, where they are ranked. newcomers: those whose topic came within 30 days.
    population: everybody here whose topic it is as of the last
    night, named or not; None below ten. mine: the viewer's own row, seen by nobody else.
    related: slugs of the taxonomy around it, those that people here have first.
    """

    slug: str
    people: list[Named]
    ranked: bool
    thanked: list[Named]
    newcomers: list[Named]
    posts: list[Moving]
    related: list[str]
    population: int | None
    mine: TopicScore | None
    choice: TopicChoice | None


def page_of(slug: str, *, viewer: User | None, now: datetime) -> Page:
    """Return the page of a topic as somebody sees it; None is who is not signed in.

    Raises KeyError for what the taxonomy does not know. Nobody is named on the page of a sensitive
    topic. Up to seven queries.
    """
    here = _here(slug, viewer)
    if taxonomy().topics[slug].sensitive:
        here = here.none()
    rows = list(here[:MOST_PEOPLE])
    ranked = len(rows) >= RANKED_FROM
    people = _placed(rows, viewer, ranked=ranked)
    new = here.filter(passed_on__gte=now.date() - NEW_FOR).order_by("-passed_on", "pk")
    thanked = here.filter(open_to(viewer, "plusk"), plusk__gt=0).order_by("-plusk", "pk")
    related = _related(slug)
    known = dict(
        TopicHere.objects.filter(topic__in=[slug, *related]).values_list("topic", "people")
    )
    population = known.get(slug, 0)
    return Page(
        slug=slug,
        people=people,
        ranked=ranked,
        thanked=[_one(row, viewer) for row in thanked[:MOST_THANKED]] if ranked else [],
        newcomers=[_one(row, viewer) for row in new[:MOST_NEW]],
        posts=_moving(people, now),
        related=sorted(related, key=lambda one: -known.get(one, 0))[:MOST_RELATED],
        population=population if population >= RANKED_FROM else None,
        mine=TopicScore.objects.filter(user=viewer, topic=slug).first() if viewer else None,
        choice=TopicChoice.objects.filter(user=viewer, topic=slug).first() if viewer else None,
    )


def _here(slug: str, viewer: User | None) -> QuerySet[Any]:
    """Return those who are told this topic and show it to the viewer, the strongest first.

    `handle`: of their page. `plusk`: what +K for them in it comes to. `standing`: the strength
    that it lifts a little.
    """
    hidden = TopicChoice.objects.filter(
        user=OuterRef("user"), topic=OuterRef("topic"), state=TopicChoice.State.HIDDEN
    )
    rows: QuerySet[Any] = TopicScore.objects.filter(
        ~Exists(hidden),
        ~apart(viewer),
        open_to(viewer, "topics"),
        topic=slug,
        passes=True,
    )
    rows = rows.annotate(handle=current_of("user")).filter(handle__isnull=False)
    total = PlusKTotal.objects.filter(receiver__user=OuterRef("user"), topic=OuterRef("topic"))
    rows = rows.annotate(plusk=Coalesce(Subquery(total.values("weighed")[:1]), 0.0))
    rows = rows.annotate(
        standing=ExpressionWrapper(
            F("strength") * (1.0 + lift(F("plusk"))), output_field=FloatField()
        )
    )
    return rows.select_related("user__profile").order_by("-standing", "pk")


def _placed(rows: list[TopicScore], viewer: User | None, *, ranked: bool) -> list[Named]:
    """Return people with their places, who stand equal sharing one, or by name without."""
    if not ranked:
        found = [_one(row, viewer) for row in rows]
        return sorted(found, key=lambda one: (one.name.casefold(), one.user_id))
    standing = [vars(row)["standing"] for row in rows]
    return [_one(row, viewer, standing.index(vars(row)["standing"]) + 1) for row in rows]


def _one(row: Any, viewer: User | None, place: int | None = None) -> Named:
    seen = shown(row.user.profile, viewer_of(viewer, row.user, blocked=False))
    return Named(
        user_id=row.user_id,
        name=named(row.user, row.handle),
        handle=row.handle,
        score=row,
        place=place,
        plusk=row.plusk if seen.plusk else None,
    )


def _moving(people: list[Named], now: datetime) -> list[Moving]:
    """Return recent public posts of these people that brought most.

    None of an archive: nobody can say whether what a file holds was for everybody, and still is.
    """
    terms = {int(post): (one, float(term)) for one in people for post, term in one.score.terms}
    recent = Post.objects.filter(
        pk__in=terms,
        visibility="public",
        created_at__gte=now - NEW_FOR,
        source__selected=True,
        source__grant__isnull=False,
    )
    found: list[Moving] = []
    of: dict[int, int] = {}
    for post in sorted(recent, key=lambda one: (-terms[one.pk][1], one.pk)):
        by, term = terms[post.pk]
        of[by.user_id] = of.get(by.user_id, 0) + 1
        if of[by.user_id] <= MOST_OF_ONE and len(found) < MOST_POSTS:
            found.append(Moving(post, by, term))
    return found


def _related(slug: str) -> list[str]:
    """Return what stands right above, below and beside a topic, nothing sensitive."""
    known = taxonomy()
    parents = known.topics[slug].parents
    near = [*parents, *known.children(slug)]
    near += [one for parent in parents for one in known.children(parent)]
    return [one for one in dict.fromkeys(near) if one != slug and not known.topics[one].sensitive]
