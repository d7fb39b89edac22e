"""Telling people of a campaign that fits them: once, from the day on which it is published; and of
what they claimed and did not use, before it is too late.

A campaign is published before it opens, so that whoever is told has time; people who come to fit it
later are told then, and who has their first score is told of what is open already.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import notices
from accounts.models import Notice, User
from accounts.notices import News
from perks import letters, people
from perks.eligibility import fits
from perks.models import Campaign, Claim, Entry, Told, WaitingPlace

PERSON = "person:"  # begins the subject of a job that tells one person
AT_ONCE = 200  # people of one run
ENDS_SOON = timedelta(days=3)


def tell(*, campaign_id: int, now: datetime) -> int:
    """Tell people whom a campaign fits and who were not told yet, AT_ONCE at a time.

    Returns how many that was. Who has it already, waits or takes part needs no telling.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if campaign.state_at(now) not in (Campaign.State.SCHEDULED, Campaign.State.LIVE):
        return 0
    told = Told.objects.filter(campaign=campaign, user=OuterRef("pk"))
    knows = [
        ~Exists(model._default_manager.filter(campaign=campaign, user=OuterRef("pk")))
        for model in (Claim, WaitingPlace, Entry)
    ]
    fitting = people.reached(campaign.fits, brand=campaign.brand, now=now)
    ids = fitting.filter(~Exists(told), *knows).order_by("pk").values_list("pk", flat=True)
    new = list(ids[:AT_ONCE])
    _tell([(campaign, user_id) for user_id in new], now)
    return len(new)


def tell_of_open(*, user_id: int, now: datetime) -> int:
    """Tell a person of what is there already and fits them, once each. Returns how many that was.

    As many queries for many campaigns as for one.
    """
    mine = {"campaign": OuterRef("pk"), "user": user_id}
    known = [
        ~Exists(model._default_manager.filter(**mine))
        for model in (Told, Claim, WaitingPlace, Entry)
    ]
    unknown = list(running(now).filter(*known).order_by("pk"))
    if not unknown or not User.objects.filter(pk=user_id, is_active=True).exists():
        return 0
    facts = people.facts_by_brand(user_id, brands={one.brand for one in unknown}, now=now)
    new = [(one, user_id) for one in unknown if fits(one.fits, facts[one.brand])]
    _tell(new, now)
    return len(new)


def running(now: datetime) -> QuerySet[Campaign]:
    """Return the campaigns that people are told of: they are open, or will be."""
    is_there = Campaign.objects.filter(published_at__isnull=False, closes_at__gt=now)
    return is_there.filter(ended_at=None, paused_at=None)


@transaction.atomic
def _tell(new: Sequence[tuple[Campaign, int]], now: datetime) -> None:
    """Tell people, by their ids, of a campaign each, once: rows of campaigns in their order."""
    Told.objects.bulk_create(
        [Told(campaign=campaign, user_id=user_id, at=now) for campaign, user_id in new],
        ignore_conflicts=True,
    )
    notices.tell_many((_news(campaign, user_id) for campaign, user_id in new), now=now)


def _news(campaign: Campaign, user_id: int) -> News:
    values = {
        "perk": campaign.title,
        "campaign": campaign.slug,
        "opens_at": campaign.opens_at.isoformat(),
        "closes_at": campaign.closes_at.isoformat(),
    }
    return News(user_id, "perk_fits", f"campaign:{campaign.pk}", values)


def tell_ends(*, campaign_id: int, now: datetime) -> int:
    """Tell people who did not use what they claimed that it ends, AT_ONCE at a time, once each.

    Returns how many that was.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    until = campaign.usable_until
    if until is None or not now < until <= now + ENDS_SOON:
        return 0
    told = Notice.objects.filter(
        user=OuterRef("user"),
        kind="perk_ends_soon",
        key=Concat(Value("claim:"), Cast(OuterRef("pk"), CharField())),
    )
    unused = Claim.objects.filter(campaign=campaign, state=Claim.State.CLAIMED)
    unused = unused.filter(~Exists(told), user__is_active=True).select_related("campaign")
    new = list(unused.order_by("pk")[:AT_ONCE])
    for one in new:
        with transaction.atomic():
            letters.ends_soon(one, at=now)
    return len(new)
