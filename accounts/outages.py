"""Which servers fail for many people at once: then nobody need look at their own link."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from accounts import breakers
from accounts.connectors.base import Code
from accounts.models import Source

MANY = 3  # people
WITHIN = timedelta(hours=1)


def networks_down(sources: Iterable[Source], *, now: datetime) -> frozenset[tuple[str, str]]:
    """Return (network, issuer) that gave no answer to most of the people tried within the hour.

    At least MANY people, so that one slow read is never called an outage; and those of servers that
    are left alone. Only networks that gave one of `sources` no answer are looked at, in two queries
    or none.
    """
    waiting = [source for source in sources if source.code == Code.TRANSIENT]
    silent = {source.network for source in waiting}
    if not silent:
        return frozenset()
    resting = {(row.network, row.issuer) for rows in breakers.resting().values() for row in rows}
    alone = {
        (source.network, source.issuer)
        for source in waiting
        if (source.via or source.network, source.issuer) in resting
    }
    tried = Source.objects.counted().filter(
        network__in=silent, grant__isnull=False, paused_at=None, tried_at__gt=now - WITHIN
    )
    down = (
        tried.values("network", "issuer")
        .annotate(
            tried=Count("user", distinct=True),
            unanswered=Count("user", distinct=True, filter=Q(code=Code.TRANSIENT)),
        )
        .filter(unanswered__gte=MANY, tried__lt=2 * F("unanswered"))
    )
    return frozenset(down.values_list("network", "issuer")) | alone
