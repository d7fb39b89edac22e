"""Once a night: how much everybody here speaks of each topic, and who stands where in it.

Each topic is ranked in a transaction of its own, and the rows of one topic are all that it locks,
so that no rescore waits long and none waits in a ring.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum

from scoring.engine.plusk import HALF_LIFT, MOST_LIFT
from scoring.models import TopicChoice, TopicHere, TopicScore
from scoring.pipeline import RANKED_FROM


def rank(
    *,
    now: datetime,
    hold: Callable[[], None] = lambda: None,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Rank people topic by topic and say how many topics that were. Doing it again is harmless.

    Places stand only where RANKED_FROM people or more take part; what is hidden takes no part.
    `hold` is called first in each transaction, `progress` before it.
    """
    here = _here(now)
    for row in here:
        progress()
        with transaction.atomic():
            hold()
            _place(row)
    with transaction.atomic():
        hold()
        TopicHere.objects.all().delete()
        TopicHere.objects.bulk_create(here, batch_size=500)
    return len(here)


def _here(now: datetime) -> list[TopicHere]:
    """Return what everybody's topics come to. Of few people a mean says nothing, so it is 0."""
    everybody = TopicScore.objects.aggregate(number=Count("user", distinct=True))["number"]
    told = Count("pk", filter=Q(passes=True) & ~Exists(_HIDDEN))
    sums = (
        TopicScore.objects.order_by("topic").values("topic").annotate(total=Sum("share"), told=told)
    )
    return [
        TopicHere(
            topic=row["topic"],
            share=row["total"] / everybody if everybody >= RANKED_FROM else 0.0,
            people=row["told"],
            as_of=now,
        )
        for row in sums
    ]


def _place(row: TopicHere) -> None:
    """Write the places of one topic, +K included. Who stands equal shares a place."""
    out = TopicScore.objects.filter(topic=row.topic, place__isnull=False)
    if row.people >= RANKED_FROM:
        out = out.filter(Q(passes=False) | Exists(_HIDDEN))
    out.update(place=None, population=None)
    if row.people >= RANKED_FROM:
        with connection.cursor() as cursor:
            cursor.execute(_PLACES, (MOST_LIFT, HALF_LIFT, row.topic, TopicChoice.State.HIDDEN))


_HIDDEN = TopicChoice.objects.filter(
    user=OuterRef("user"), topic=OuterRef("topic"), state=TopicChoice.State.HIDDEN
)
# Both engines rank faster than rows travel.
_PLACES = """
UPDATE scoring_topicscore SET place = ranked.place, population = ranked.population
FROM (
    SELECT score.id, RANK() OVER (
            ORDER BY score.strength * (1 + %s * COALESCE(plusk.weighed, 0)
                / (COALESCE(plusk.weighed, 0) + %s)) DESC
        ) AS place,
        COUNT(*) OVER () AS population
    FROM scoring_topicscore score
    LEFT JOIN scoring_pluskmember member ON member.user_id = score.user_id
    LEFT JOIN scoring_plusktotal plusk
        ON plusk.receiver_id = member.id AND plusk.topic = score.topic
    WHERE score.topic = %s AND score.passes AND NOT EXISTS (
        SELECT 1 FROM scoring_topicchoice choice
        WHERE choice.user_id = score.user_id AND choice.topic = score.topic AND choice.state = %s
    )
) ranked
WHERE scoring_topicscore.id = ranked.id
    AND (scoring_topicscore.place IS NULL OR scoring_topicscore.place <> ranked.place
        OR scoring_topicscore.population <> ranked.population)
"""
