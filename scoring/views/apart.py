"""Cards of what is read and shown, and stays out of the score because its network asks for that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from accounts import connectors, linking
from accounts.figures import moment
from accounts.models import Source
from scoring import words
from scoring.models import Post, Tally

SHOWN = 5  # posts of each card


@dataclass(frozen=True, slots=True)
class Shown:
    """One post with the numbers its network gave, each under the name of what people did."""

    title: str
    url: str
    day: date
    counts: str  # "12 likes, 3 replies", or "" where it gave none


@dataclass(frozen=True, slots=True)
class Apart:
    """One source with its own numbers, and why they stand apart."""

    source: Source
    network: str
    why: str
    as_of: str  # "" while it was not read
    posts: list[Shown]


def cards(sources: Iterable[Source], now: datetime) -> list[Apart]:
    """Return a card for each chosen source whose network stays out of the score."""
    shown = connectors.unscored()
    return [
        Apart(
            source=source,
            network=linking.name_of(source.network),
            why=connectors.policy_of(source.network),
            as_of=moment(source.read_at, now),
            posts=_newest(source),
        )
        for source in sources
        if source.selected and source.network in shown
    ]


def _newest(source: Source) -> list[Shown]:
    """Return the newest posts with the network's own counts; none is added to another."""
    posts = list(Post.objects.filter(source=source).order_by("-created_at", "-pk")[:SHOWN])
    told = Tally.objects.filter(post__in=posts).values_list("post_id", "kind")
    counts: dict[int, list[str]] = {post.pk: [] for post in posts}
    for post_id, kind, total in told.annotate(total=Sum("delta")).order_by("kind"):
        counts[post_id].append(words.did(kind, total))
    return [
        Shown(
            title=post.excerpt or post.external_id,
            url=post.url,
            day=post.created_at.date(),
            counts=", ".join(counts[post.pk]),
        )
        for post in posts
    ]
