"""What new posts are about: every post is looked at once, and again when its text or we change."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from accounts.models import Source
from scoring import pipeline
from scoring.engine.topics.assign import Assigned, algorithm, assign
from scoring.models import Post, PostTopic

BATCH = 500  # posts looked at in one go, and written in one transaction
# What is older brings nothing any more, except for a late reaction to a very old post.
LOOKED_BACK = 2 * timedelta(days=pipeline.PARAMS.window_days)
_WORDS = 80  # letters of what says so that are kept


class _Text(NamedTuple):
    pk: int
    excerpt: str
    language: str


def assign_new(user_id: int, *, now: datetime, progress: Callable[[], None] = lambda: None) -> int:
    """Find the topics of the person's posts that nobody looked at, and say how many there were.

    Each batch is a transaction of its own; `progress` is called before each. Stopped at any point
    and begun again, or begun twice at once, it writes the same.
    """
    looked_at = last = 0
    while texts := _unseen(user_id, last, now):
        progress()
        found = assign([one.excerpt for one in texts], [one.language for one in texts])
        _keep(user_id, texts, found)
        looked_at += len(texts)
        last = texts[-1].pk
    return looked_at


def _unseen(user_id: int, after: int, now: datetime) -> list[_Text]:
    """Return the next batch of posts beyond primary key `after` that are still to be looked at."""
    counted = Source.objects.counted().scored().filter(user_id=user_id)
    posts = Post.objects.filter(
        source__in=list(counted.values_list("pk", flat=True)),
        created_at__gte=now - LOOKED_BACK,
        pk__gt=after,
    ).exclude(topics_by=algorithm())
    rows = posts.order_by("pk").values_list("pk", "excerpt", "language")
    return [_Text(*row) for row in rows[:BATCH]]


@transaction.atomic
def _keep(user_id: int, texts: Sequence[_Text], found: Sequence[Sequence[Assigned]]) -> None:
    """Write the topics of those posts that still say what was looked at.

    The sources are locked first, as by everybody who writes or deletes posts.
    """
    list(Source.objects.filter(user_id=user_id).locked().values_list("pk", flat=True))
    there = Post.objects.filter(pk__in=[one.pk for one in texts])
    there = there.exclude(topics_by=algorithm())
    same = {_Text(*row) for row in there.values_list("pk", "excerpt", "language")}
    kept = [(one.pk, topics) for one, topics in zip(texts, found, strict=True) if one in same]
    ids = [pk for pk, _ in kept]
    PostTopic.objects.filter(post__in=ids).delete()
    PostTopic.objects.bulk_create(
        PostTopic(
            post_id=pk, topic=one.slug, share=min(1.0, one.share), because=one.because[:_WORDS]
        )
        for pk, topics in kept
        for one in topics
    )
    Post.objects.filter(pk__in=ids).update(topics_by=algorithm())
