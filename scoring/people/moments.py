"""Moments: the posts of the last 90 days that moved most, in points of the ledger."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet, Sum

from accounts.blocking import apart
from accounts.handles import current_of
from accounts.models import User
from accounts.searching import named
from accounts.visibility import open_to
from scoring.engine import ALGORITHM
from scoring.models import Interaction, LedgerLine, LedgerPost, MomentRemoved, Post

WINDOW = timedelta(days=90)
MOST = 60  # moments of a person
MOST_NAMED = 200  # acts of people here on one page of moments
STEPS = (0.1, 0.3, 1.0, 3.0)  # points from which the meter shows two, three, four and five steps
# What a post did; how old its reactions are, and what became of its source, is not its doing.
DONE = (LedgerLine.Reason.REACTIONS, LedgerLine.Reason.CORRECTED)


@dataclass(frozen=True, slots=True)
class Moment:
    """A post, the points that reactions to it brought, and reactions by kind, most first.

    people: how many different people the network named; None where it was not asked for.
    """

    post: Post
    points: float
    kinds: tuple[tuple[str, int], ...]
    people: int | None = None

    @property
    def step(self) -> int:
        """How far the meter goes, 1 to 5."""
        return bisect_right(STEPS, self.points) + 1


@dataclass(frozen=True, slots=True)
class Responded:
    """Somebody here who acted on a post and lets the author know who they are."""

    name: str
    handle: str


@dataclass(slots=True)
class _Sum:
    points: float = 0.0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def of_person(user_id: int, *, now: datetime) -> list[Moment]:
    """Return somebody's own moments, the largest first. Three queries."""
    found = _moments(_posts(user_id, now))
    people = dict(
        Interaction.objects.filter(post__in=[one.post for one in found])
        .values_list("post")
        .annotate(Count("actor", distinct=True))
    )
    return [Moment(one.post, one.points, one.kinds, people.get(one.post.pk, 0)) for one in found]


def shown_to_others(user_id: int, *, now: datetime, most: int) -> list[Moment]:
    """Return the largest moments of which everybody may know. Two queries.

    Public posts alone. None of an archive: nobody can say whether what a file holds was for
    everybody, and still is.
    """
    rows = _posts(user_id, now).filter(visibility="public", source__grant__isnull=False)
    return _moments(rows)[:most]


def removed(user_id: int, *, now: datetime) -> list[Post]:
    """Return posts of the window that somebody removed, the newest first. One query."""
    rows = _recent(user_id, now).filter(_gone(user_id))
    return list(rows.order_by("-created_at", "-pk")[:MOST])


def remove(user_id: int, post_id: int, *, now: datetime) -> None:
    """Take a post out of its author's moments. Raises Post.DoesNotExist for none of theirs."""
    post = Post.objects.select_related("source").get(pk=post_id, source__user=user_id)
    MomentRemoved.objects.get_or_create(
        user_id=user_id,
        network=post.source.network,
        external_id=post.external_id,
        defaults={"at": now},
    )


def put_back(user_id: int, post_id: int) -> None:
    """Let a removed post be a moment again. Raises Post.DoesNotExist for no post of theirs."""
    post = Post.objects.select_related("source").get(pk=post_id, source__user=user_id)
    MomentRemoved.objects.filter(
        user_id=user_id, network=post.source.network, external_id=post.external_id
    ).delete()


def responded(posts: Iterable[int], *, author: User) -> dict[int, list[Responded]]:
    """Return post -> people here who acted on it and show the author page and linked accounts.

    One query, of at most MOST_NAMED acts. Nobody whom a block keeps apart from the author.
    """
    acts: QuerySet[Any] = Interaction.objects.filter(
        open_to(author, "networks", person="actor__member"),
        ~apart(author, "actor__member"),
        post__in=list(posts),
    )
    acts = acts.exclude(actor__member=author).select_related("actor__member")
    acts = acts.annotate(handle=current_of("actor__member")).filter(handle__isnull=False)
    found: dict[int, dict[str, Responded]] = defaultdict(dict)
    for act in acts.order_by("at", "pk")[:MOST_NAMED]:
        found[act.post_id][act.handle] = Responded(named(act.actor.member, act.handle), act.handle)
    return {post: list(people.values()) for post, people in found.items()}


def _recent(user_id: int, now: datetime) -> QuerySet[Post]:
    rows = Post.objects.filter(source__user=user_id, source__selected=True)
    return rows.filter(created_at__gt=now - WINDOW, created_at__lte=now).select_related("source")


def _gone(user_id: int) -> Exists:
    return Exists(
        MomentRemoved.objects.filter(
            user=user_id, network=OuterRef("source__network"), external_id=OuterRef("external_id")
        )
    )


def _posts(user_id: int, now: datetime) -> QuerySet[Any]:
    """Return posts that are not removed, with the most that reactions to them can have `moved`."""
    sums = LedgerPost.objects.filter(
        post=OuterRef("pk"), user=user_id, model=ALGORITHM, reason__in=DONE
    )
    # Grouped by nothing: one sum, without an ORDER BY that would be grouped by too.
    total = sums.order_by().annotate(all=Func(F("moved"), function="SUM")).values("all")
    rows = _recent(user_id, now).filter(~_gone(user_id)).annotate(moved=total)
    return rows.filter(moved__gt=0).order_by("-moved", "pk")


def _moments(rows: QuerySet[Any]) -> list[Moment]:
    """Return the moments among the posts that can have moved most, by what they did move."""
    posts = list(rows[:MOST])
    found: dict[int, _Sum] = defaultdict(_Sum)
    lines = LedgerLine.objects.filter(post__in=posts, model=ALGORITHM, reason__in=DONE)
    for post, kind, points, count in lines.values_list("post", "kind").annotate(
        Sum("points"), Sum("count")
    ):
        found[post].points += points
        found[post].kinds[kind] += count
    moments = [Moment(post, found[post.pk].points, _most(found[post.pk].kinds)) for post in posts]
    return sorted(
        (one for one in moments if one.points > 0), key=lambda one: (-one.points, one.post.pk)
    )


def _most(kinds: dict[str, int]) -> tuple[tuple[str, int], ...]:
    counted: Sequence[tuple[str, int]] = [each for each in kinds.items() if each[1] > 0]
    return tuple(sorted(counted, key=lambda each: (-each[1], each[0])))
