"""How campaigns stand for whoever runs them: what is left, what waits, what to do next.

standings(campaign_ids)              counts of many campaigns, in five queries
next_step(campaign, standing, now)   the next thing to do, in a sentence
warnings(campaign, standing, now)    what an operator should look at before people do
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import whole
from accounts.models import Case
from perks import people
from perks.models import Campaign, CampaignAct, Claim, Unit, WaitingPlace
from perks.stock import Counts

_NONE = Counts(0, 0, 0, 0)
_CHANGES = ("create", "edit", "picture")  # acts after which a draft is another one
State = Campaign.State


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers of a campaign: its units, parcels to send, problems to answer, people who wait.

    looked: an operator looked at it as somebody, as it is now.
    """

    units: Counts = _NONE
    parcels: int = 0
    problems: int = 0
    waiting: int = 0
    looked: bool = False


def standings(campaign_ids: Collection[int]) -> dict[int, Standing]:
    """Return how campaigns stand, however many, in five queries."""
    units: dict[int, dict[str, int]] = {}
    rows = Unit.objects.filter(campaign__in=campaign_ids).order_by()
    for campaign_id, state, number in rows.values_list("campaign", "state").annotate(
        number=Count("pk")
    ):
        units.setdefault(campaign_id, {})[state] = number
    claims = Claim.objects.filter(campaign__in=campaign_ids)
    parcels = _by_campaign(parcels_to_send(claims))
    problems = _by_campaign(open_problems(claims))
    waiting = _by_campaign(
        WaitingPlace.objects.filter(campaign__in=campaign_ids, state=WaitingPlace.State.WAITING)
    )
    looked = _looked_at(campaign_ids)
    return {
        pk: Standing(
            units=_counts(units.get(pk, {})),
            parcels=parcels.get(pk, 0),
            problems=problems.get(pk, 0),
            waiting=waiting.get(pk, 0),
            looked=pk in looked,
        )
        for pk in campaign_ids
    }


def parcels_to_send(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return the claims whose parcel is with us: to be packed, packed, or come back."""
    here = (Claim.Shipment.WAITING, Claim.Shipment.PACKED, Claim.Shipment.CAME_BACK)
    return claims.filter(shipment__in=here)


def open_problems(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return the claims with a case that waits for an answer of ours."""
    waits = Case.objects.with_turn().filter(closed_at=None).exclude(answered=True)
    return claims.filter(case__in=waits.values("pk"))


def _looked_at(campaign_ids: Collection[int]) -> set[int]:
    """Return the campaigns that were looked at as somebody since they were last changed."""
    acts = CampaignAct.objects.filter(campaign__in=campaign_ids, act__in=["preview", *_CHANGES])
    newest = dict(acts.order_by("at", "pk").values_list("campaign", "act"))
    return {pk for pk, act in newest.items() if act == "preview"}


def _by_campaign(rows: QuerySet[Claim] | QuerySet[WaitingPlace]) -> dict[int, int]:
    return dict(rows.order_by().values_list("campaign").annotate(number=Count("pk")))


def _counts(by: dict[str, int]) -> Counts:
    return Counts(sum(by.values()), by.get("free", 0), by.get("held", 0), by.get("taken", 0))


def next_step(campaign: Campaign, standing: Standing, now: datetime) -> str:
    """Return the next thing that an operator should do, "" where there is nothing."""
    state = campaign.state_at(now)
    if state is State.DRAFT:
        missing = codes_missing(campaign, standing)
        if missing:
            return ngettext("Upload %(number)s code.", "Upload %(number)s codes.", missing) % {
                "number": whole(missing)
            }
        if campaign.closes_at <= now:
            return _("Its window is over: give it another one.")
        if standing.looked:
            return _("Publish it.")
        return _("Look at it as somebody, then publish it.")
    if standing.problems:
        return ngettext(
            "Answer %(number)s problem.", "Answer %(number)s problems.", standing.problems
        ) % {"number": standing.problems}
    if standing.parcels:
        return ngettext("Send %(number)s parcel.", "Send %(number)s parcels.", standing.parcels) % {
            "number": standing.parcels
        }
    if state is State.PAUSED:
        return _("It is paused: let it go on, or end it.")
    if state is State.LIVE and not standing.units.free:
        return _("All are held or taken: add more, or leave it so.")
    if state is State.ENDED:
        return _("Look at what it returned.")
    return ""


def codes_missing(campaign: Campaign, standing: Standing) -> int:
    """Return how many codes of the brand are missing of what is promised."""
    if campaign.delivery != Campaign.Delivery.CODES:
        return 0
    return max(0, campaign.planned - standing.units.total)


def warnings(campaign: Campaign, standing: Standing, now: datetime) -> list[str]:
    """Return what to look at before people do. Two queries."""
    found = []
    if campaign.state_at(now) is not State.ENDED and not people.reach(
        campaign.fits, brand=campaign.brand, now=now
    ):
        found.append(_("Its rules fit nobody here today."))
    if codes_missing(campaign, standing):
        found.append(
            _("%(planned)s are promised, and there are codes for %(there)s.")
            % {"planned": whole(campaign.planned), "there": whole(standing.units.total)}
        )
    found += [
        _("“%(title)s” of the same brand runs in the same days.") % {"title": title}
        for title in _beside(campaign)
    ]
    if not hasattr(campaign, "picture"):
        found.append(_("It has no picture yet."))
    return found


def _beside(campaign: Campaign) -> list[str]:
    """Return the titles of the brand's other campaigns whose windows overlap."""
    others = Campaign.objects.filter(
        brand__iexact=campaign.brand,
        ended_at=None,
        opens_at__lt=campaign.closes_at,
        closes_at__gt=campaign.opens_at,
    )
    return list(others.exclude(pk=campaign.pk).order_by("pk").values_list("title", flat=True)[:5])
