"""What the page of a topic shows: people who want to be named there, and one's own place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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

from accounts.models import User
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
MOST_POSTS, MOST_OF_ONE = 10, 2  # posts, and of them by one person
MOST_RELATED = 12
NEW_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who wants to be named. `place` among those named; None where they are few.

    plusk: how much +K counts for them in the topic.
    """

    user: User
    score: TopicScore
    place: int | None
    plusk: int


@dataclass(frozen=True, slots=True)
class Moving:
    """A public post of somebody named, and what it adds to their strength."""

    post: Post
    user: User
    term: float


@dataclass(frozen=True, slots=True)
class Page:
    """What is known here of a topic.

    people: the strongest first where they are ranked (ten or more), else by name. newcomers: those
    whose topic came within 30 days. population: everybody here whose topic it is as of the last
    night, named or not; None below ten. mine: the viewer's own row, seen by nobody else.
    related: slugs of the taxonomy around it, those that people here have first.
    """

    slug: str
    people: list[Named]
    ranked: bool
    newcomers: list[Named]
    posts: list[Moving]
    related: list[str]
    population: int | None
    mine: TopicScore | None
    choice: TopicChoice | None


def page_of(slug: str, *, viewer_id: int, now: datetime) -> Page:
    """Return the page of a topic that the taxonomy knows. Raises KeyError when it does not.

    Nobody is named on the page of a sensitive topic. Six queries.
    """
    named = _named(slug)
    if taxonomy().topics[slug].sensitive:
        named = named.none()
    rows = list(named[:MOST_PEOPLE])
    ranked = len(rows) >= RANKED_FROM
    new = named.filter(passed_on__gte=now.date() - NEW_FOR).order_by("-passed_on", "pk")
    related = _related(slug)
    here = dict(TopicHere.objects.filter(topic__in=[slug, *related]).values_list("topic", "people"))
    population = here.get(slug, 0)
    return Page(
        slug=slug,
        people=_placed(rows, ranked=ranked),
        ranked=ranked,
        newcomers=[_one(row, None) for row in new[:MOST_NEW]],
        posts=_moving(rows, now),
        related=sorted(related, key=lambda one: -here.get(one, 0))[:MOST_RELATED],
        population=population if population >= RANKED_FROM else None,
        mine=TopicScore.objects.filter(user_id=viewer_id, topic=slug).first(),
        choice=TopicChoice.objects.filter(user_id=viewer_id, topic=slug).first(),
    )


def _named(slug: str) -> QuerySet[TopicScore]:
    """Return those who are told this topic and want to be named, the strongest first.

    `plusk`: how much +K counts for them in it. `standing`: the strength that it lifts a little.
    """
    hidden = TopicChoice.objects.filter(
        user=OuterRef("user"), topic=OuterRef("topic"), state=TopicChoice.State.HIDDEN
    )
    rows = TopicScore.objects.filter(
        ~Exists(hidden),
        topic=slug,
        passes=True,
        user__is_active=True,
        user__topic_listing__isnull=False,
    )
    counted = PlusKTotal.objects.filter(receiver__user=OuterRef("user"), topic=OuterRef("topic"))
    rows = rows.annotate(plusk=Coalesce(Subquery(counted.values("counted")[:1]), 0))
    rows = rows.annotate(
        standing=ExpressionWrapper(
            F("strength") * (1.0 + lift(F("plusk"))), output_field=FloatField()
        )
    )
    return rows.select_related("user").order_by("-standing", "pk")


def _placed(rows: list[TopicScore], *, ranked: bool) -> list[Named]:
    """Return people with their places, who stand equal sharing one, or by name without."""
    if not ranked:
        found = [_one(row, None) for row in rows]
        return sorted(found, key=lambda one: (one.user.called.casefold(), one.user.pk))
    standing = [vars(row)["standing"] for row in rows]
    return [_one(row, standing.index(vars(row)["standing"]) + 1) for row in rows]


def _one(row: TopicScore, place: int | None) -> Named:
    return Named(row.user, row, place, vars(row)["plusk"])


def _moving(rows: list[TopicScore], now: datetime) -> list[Moving]:
    """Return recent public posts of these people that brought most.

    None of an archive: nobody can say whether what a file holds was for everybody, and still is.
    """
    terms = {int(post): (row, float(term)) for row in rows for post, term in row.terms}
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
        row, term = terms[post.pk]
        of[row.user_id] = of.get(row.user_id, 0) + 1
        if of[row.user_id] <= MOST_OF_ONE and len(found) < MOST_POSTS:
            found.append(Moving(post, row.user, term))
    return found


def _related(slug: str) -> list[str]:
    """Return what stands right above, below and beside a topic, nothing sensitive."""
    known = taxonomy()
    parents = known.topics[slug].parents
    near = [*parents, *known.children(slug)]
    near += [one for parent in parents for one in known.children(parent)]
    return [one for one in dict.fromkeys(near) if one != slug and not known.topics[one].sensitive]
