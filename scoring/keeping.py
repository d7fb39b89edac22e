"""What is kept for so long only: what networks show is read again by then, or deleted here."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import asked, connectors, tokens, unlinking
from accounts.models import Source
from scoring import jobs, pipeline
from scoring.models import GivenOnce, Job, Post
from scoring.work import LATER_READ

KEEP_GIVEN = timedelta(days=7)  # a program that lost an answer has asked again by then


def forget_unread(*, now: datetime) -> int:
    """Delete what was not read again in the time its network allows. Returns how many posts went.

    What the newest read no longer reaches is not read again by any later one, so it goes at once.
    """
    total = 0
    for network, longest in connectors.KEPT_AT_MOST.items():
        sources = Source.objects.filter(network=network, grant__isnull=False)
        for pk, user_id in list(sources.order_by("pk").values_list("pk", "user_id")):
            total += _forget(pk, user_id, now - longest, now)
    return total


def forget_programs(*, now: datetime) -> int:
    """Delete tokens that ended long ago, who asked before that, and keys of +K that was given.

    Returns how many rows went.
    """
    keys = GivenOnce.objects.filter(at__lt=now - KEEP_GIVEN)
    return asked.forget(now=now) + tokens.forget(now=now) + keys.delete()[0]


@transaction.atomic
def _forget(source_id: int, user_id: int, before: datetime, now: datetime) -> int:
    """Delete what one source showed and did not show again since `before`."""
    unlinking.hold_links(user_id)
    source = Source.objects.select_related("grant").filter(pk=source_id).first()
    if source is None or source.grant is None:
        return 0  # unlinked since we looked
    seen = source.read_at or source.grant.issued_at
    gone = Post.objects.filter(source=source)
    if seen >= before:
        gone = gone.filter(created_at__lt=seen - LATER_READ)
    ids = set(gone.values_list("pk", flat=True))
    if ids:
        pipeline.forget_words(source=source, posts=ids)
        gone.delete()
    if seen < before:
        source.followers = source.listed = source.posts_90d = source.last_post_at = None
        source.read_at = source.deep_read_at = source.complete_since = None
        source.save()
    if ids and connectors.is_scored(source.network):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=now)
    return len(ids)
