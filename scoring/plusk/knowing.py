"""How far people are known by what is stored about their own accounts: not by +K, not by fame."""

from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, Max, Min, Q

from accounts.models import Source
from scoring.engine import trust
from scoring.models import ScoreSnapshot

LOOKED_BACK = timedelta(days=90)


def established(user_ids: Collection[int], *, now: datetime) -> dict[int, float]:
    """Return how far each of these people is established, 0 to 1; none who is not at all.

    Two queries. An outage takes nothing: of the last 90 days the best one counts.
    """
    recent = ScoreSnapshot.objects.filter(
        user__in=user_ids, day__gt=now.date() - LOOKED_BACK, score__isnull=False
    )
    rows = recent.order_by().values_list("user").annotate(Min("day"), Max("people"))
    seen = {user: ((now.date() - first).days, people) for user, first, people in rows}
    linked = Source.objects.filter(
        Q(grant__isnull=False) | Q(proven_at__isnull=False), user__in=list(seen)
    )
    networks = dict(linked.order_by().values_list("user").annotate(Count("network", distinct=True)))
    facts = np.array([(*seen[user], networks.get(user, 0)) for user in seen], float).reshape(-1, 3)
    found = trust.established(days=facts[:, 0], people=facts[:, 1], networks=facts[:, 2])
    return dict(zip(seen, found.tolist(), strict=True))
