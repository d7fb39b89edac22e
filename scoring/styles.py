"""The style of a person, from their own posts: a step of each rescore, read by pages."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Source, User
from scoring import evidence
from scoring.engine import style
from scoring.engine.style import Numbers, Said
from scoring.models import Post, PostTopic, Style

_DAY = timedelta(days=1)
_WINDOW = style.WINDOW_DAYS * _DAY


@transaction.atomic
def rescore(user_id: int, *, now: datetime) -> None:
    """Write where a person stands on the grid of styles, or that there is too little to say.

    Call it after topics.rescore, in the same transaction. Four queries, however many posts.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    numbers = style.counted(_said(user_id, now))
    place = style.place_of(numbers)
    Style.objects.update_or_create(
        user_id=user_id,
        defaults={
            "as_of": now,
            "kind": place.kind if place else "",
            "across": place.across if place else None,
            "down": place.down if place else None,
            "numbers": asdict(numbers),
        },
    )


def numbers_of(row: Style) -> Numbers:
    """Return what a row was made of."""
    return Numbers(**row.numbers)


def _said(user_id: int, now: datetime) -> list[Said]:
    """Return the posts of the window of each source, which ends when it was last read.

    So nobody's style moves while a network cannot be read.
    """
    sources = Source.objects.counted().scored().filter(user_id=user_id)
    clocks = {one.pk: clock[0] for one in sources if (clock := evidence.clock_of(one, now))}
    if not clocks:
        return []
    since = min(clocks.values()) - _WINDOW
    written = Post.objects.filter(source__in=list(clocks), created_at__gt=since)
    about: dict[int, dict[str, float]] = defaultdict(dict)
    topics = PostTopic.objects.filter(post__in=written.values("pk"))
    for post, slug, share in topics.values_list("post_id", "topic", "share"):
        about[post][slug] = share
    rows = written.values_list("pk", "source_id", "created_at", "kind", "excerpt")
    return [
        Said(
            age=(clocks[source] - at) / _DAY,
            answers=kind == "reply",
            links=style.leads_elsewhere(excerpt),
            topics=about.get(pk, {}),
        )
        for pk, source, at, kind, excerpt in rows.iterator(chunk_size=5_000)
    ]
