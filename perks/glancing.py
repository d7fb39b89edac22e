"""Perks in short for home: what is held for somebody, and what they were told of and is open."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce

from accounts.models import User
from perks.models import OPEN, Campaign, Claim, Entry, Told, Unit, WaitingPlace
from perks.stock import Counts


@dataclass(frozen=True, slots=True)
class Glance:
    """How many are open, and what comes first: what is held until soonest, else what closes first.

    held_until: until when the first is held for the person, None where it is only open.
    """

    number: int
    first: Campaign
    counts: Counts
    held_until: datetime | None


def glance(user: User, now: datetime) -> Glance | None:
    """Return what is held for a person and the perks that are open to them, None for none.

    One query. Open are those they were told of, since what rules need would cost ten queries: each
    perk's own page looks at its rules anew. Left out is what they claimed or take part in already,
    and what is all taken or waited for.
    """
    there = {"campaign": OuterRef("pk")}
    units = Unit.objects.filter(**there)
    free = units.filter(state=Unit.State.FREE)
    waited = WaitingPlace.objects.filter(**there, state=WaitingPlace.State.WAITING)
    mine = Claim.objects.filter(**there, user=user)
    held = mine.filter(state=Claim.State.HELD, held_until__gt=now).order_by("held_until")
    is_open = Q(
        Q(mode=Campaign.Mode.DRAW) | (Exists(free) & ~Exists(waited)),
        Exists(Told.objects.filter(**there, user=user)),
        ~Exists(mine.filter(state__in=OPEN)),
        ~Exists(Entry.objects.filter(**there, user=user)),
        opens_at__lte=now,
        closes_at__gt=now,
    )
    rows = Campaign.objects.filter(published_at__isnull=False, ended_at=None, paused_at=None)
    rows = rows.annotate(held_until=Subquery(held.values("held_until")[:1]))
    rows = rows.filter(is_open | Q(held_until__isnull=False))
    rows = rows.annotate(
        number=Window(Count("pk", filter=Q(held_until=None))),
        all=_number(units),
        free=_number(free),
    )
    rows = rows.select_related("picture").defer("picture__data", "description", "how_to_use")
    first = rows.order_by(F("held_until").asc(nulls_last=True), "closes_at", "pk").first()
    if first is None:
        return None
    return Glance(first.number, first, Counts(first.all, first.free, 0, 0), first.held_until)


def _number(rows: QuerySet[Unit]) -> Coalesce:
    counted = rows.order_by().values("campaign").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
