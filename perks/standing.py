"""What somebody sees of campaigns: what is left, how the rules fit them, what they have of it.

listed(user, now)     campaigns that are open, to come, or over for less than a month
found(user, slug, now)  one campaign, also one that is over for longer; None where there is none
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from perks import claims, people
from perks.eligibility import Facts, Reason, reasons
from perks.models import OPEN, Campaign, Claim, Entry, Unit, WaitingPlace
from perks.stock import Counts
from perks.words import is_near

OVER_FOR = timedelta(days=30)  # a campaign that ended is listed as long
MOST = 120  # campaigns of a list
NONE = Counts(0, 0, 0, 0)


class Group(StrEnum):
    """Where a campaign stands in somebody's list."""

    YOURS = "yours"
    OPEN = "open"  # can be claimed, or taken part in, at this moment
    FULL = "full"  # open to them too, but all are taken: there is a waiting list
    NEARLY = "nearly"  # something is missing that can be come by
    SOON = "soon"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign and one person. `mine`: claims that keep a unit; `waiting`: how many wait.

    waits, entry: whether the person is on the waiting list, and their part in the draw.
    """

    campaign: Campaign
    state: Campaign.State
    counts: Counts
    reasons: tuple[Reason, ...]
    mine: tuple[Claim, ...]
    waiting: int
    waits: bool
    entry: Entry | None

    @property
    def fits(self) -> bool:
        """Whether every rule fits the person."""
        return all(reason.fits for reason in self.reasons)

    @property
    def by_lot(self) -> bool:
        """Whether lots decide who gets it."""
        return self.campaign.mode == Campaign.Mode.DRAW

    @property
    def is_free(self) -> bool:
        """Whether a unit is left that nobody waits for already."""
        return self.counts.free > 0 and not self.waiting

    @property
    def group(self) -> Group:
        """Return where it stands in the person's list."""
        if self.mine:
            return Group.YOURS
        if self.state in (Campaign.State.ENDED, Campaign.State.PAUSED):
            return Group.CLOSED
        if not self.fits:
            return Group.NEARLY if is_near(self.reasons) else Group.CLOSED
        if self.state is Campaign.State.SCHEDULED:
            return Group.SOON
        if self.by_lot or self.is_free:
            return Group.OPEN
        return Group.FULL if self.campaign.waiting_list or self.waits else Group.CLOSED


def listed(user: User, now: datetime) -> list[Standing]:
    """Return what the person's list of perks shows, what closes first in front. As many
    queries for many as for one."""
    since = now - OVER_FOR
    rows = _published().filter(closes_at__gt=since).exclude(ended_at__lte=since)
    campaigns = list(rows.order_by("closes_at", "pk")[:MOST])
    known = people.facts_by_brand(user.pk, brands={one.brand for one in campaigns}, now=now)
    return _standings(user, campaigns, known, now)


def found(user: User, slug: str, now: datetime) -> Standing | None:
    """Return how somebody and one campaign stand, None where there is no such campaign."""
    campaign = _published().filter(slug=slug).first()
    if campaign is None:
        return None
    facts = people.facts_of(
        [user.pk], brand=campaign.brand, now=now, leave_out=campaign.pk, rules=campaign.fits
    )
    return _standings(user, [campaign], {campaign.brand: facts[user.pk]}, now)[0]


def _published() -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(published_at__isnull=False)
    return rows.select_related("picture").defer("picture__data")


def _standings(
    user: User, campaigns: Sequence[Campaign], known: dict[str, Facts], now: datetime
) -> list[Standing]:
    counts = _counts(campaigns)
    waiting, waits = _waiting(user, campaigns)
    mine: dict[int, list[Claim]] = {}
    rows = Claim.objects.filter(user=user, campaign__in=campaigns, state__in=OPEN)
    for one in rows.select_related("campaign").order_by("pk"):
        if one.state != Claim.State.HELD or claims.running(one, now):
            mine.setdefault(one.campaign_id, []).append(one)
    entries = Entry.objects.filter(user=user, campaign__in=campaigns)
    entry = {one.campaign_id: one for one in entries}
    return [
        Standing(
            campaign=one,
            state=one.state_at(now),
            counts=counts.get(one.pk, NONE),
            reasons=reasons(one.fits, known[one.brand]),
            mine=tuple(mine.get(one.pk, ())),
            waiting=waiting[one.pk],
            waits=one.pk in waits,
            entry=entry.get(one.pk),
        )
        for one in campaigns
    ]


def _counts(campaigns: Sequence[Campaign]) -> dict[int, Counts]:
    rows = Unit.objects.filter(campaign__in=campaigns).order_by().values("campaign")
    counted = rows.annotate(
        total=Count("pk"),
        free=Count("pk", filter=Q(state=Unit.State.FREE)),
        held=Count("pk", filter=Q(state=Unit.State.HELD)),
        taken=Count("pk", filter=Q(state=Unit.State.TAKEN)),
    )
    return {
        row["campaign"]: Counts(row["total"], row["free"], row["held"], row["taken"])
        for row in counted
    }


def _waiting(user: User, campaigns: Sequence[Campaign]) -> tuple[Counter[int], set[int]]:
    """Return how many wait for each campaign, and for which the person does."""
    rows = WaitingPlace.objects.filter(campaign__in=campaigns, state=WaitingPlace.State.WAITING)
    counted = (
        rows.order_by()
        .values("campaign")
        .annotate(people=Count("pk"), own=Count("pk", filter=Q(user=user)))
    )
    found = list(counted)
    return (
        Counter({row["campaign"]: row["people"] for row in found}),
        {row["campaign"] for row in found if row["own"]},
    )
