"""Perks in short for home: those somebody was told of as fitting them, which are open now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce

from accounts.models import User
from perks.models import OPEN, Campaign, Claim, Entry, Unit, WaitingPlace
from perks.stock import Counts


@dataclass(frozen=True, slots=True)
class Glance:
    """How many are open, and the one that closes first."""

    number: int
    first: Campaign
    counts: Counts


def glance(user: User, now: datetime) -> Glance | None:
    """Return the perks that are open to a person, None for none. One query.

    Those they were told of, since what rules need would cost ten queries: each perk's own page
    looks at its rules anew. Left out is what they claimed or take part in already, and what is all
    taken or waited for.
    """
    rows = Campaign.objects.filter(
        told__user=user,
        published_at__isnull=False,
        ended_at=None,
        paused_at=None,
        opens_at__lte=now,
        closes_at__gt=now,
    )
    there = {"campaign": OuterRef("pk")}
    units = Unit.objects.filter(**there)
    free = units.filter(state=Unit.State.FREE)
    waited = WaitingPlace.objects.filter(**there, state=WaitingPlace.State.WAITING)
    rows = rows.filter(
        Q(mode=Campaign.Mode.DRAW) | (Exists(free) & ~Exists(waited)),
        ~Exists(Claim.objects.filter(**there, user=user, state__in=OPEN)),
        ~Exists(Entry.objects.filter(**there, user=user)),
    )
    rows = rows.annotate(number=Window(Count("pk")), all=_number(units), free=_number(free))
    rows = rows.select_related("picture").defer("picture__data", "description", "how_to_use")
    first = rows.order_by("closes_at", "pk").first()
    if first is None:
        return None
    return Glance(first.number, first, Counts(first.all, first.free, 0, 0))


def _number(rows: QuerySet[Unit]) -> Coalesce:
    counted = rows.order_by().values("campaign").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
