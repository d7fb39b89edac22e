"""Telling people of a campaign that fits them: once, from the day on which it is published; and of
what they claimed and did not use, before it is too late.

A campaign is published before it opens, so that whoever is told has time; people who come to fit it
later are told then.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts import notices
from accounts.models import Notice
from accounts.notices import News
from perks import letters, people
from perks.models import Campaign, Claim, Entry, Told, WaitingPlace

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
    with transaction.atomic():
        Told.objects.bulk_create(
            [Told(campaign=campaign, user_id=user_id, at=now) for user_id in new],
            ignore_conflicts=True,
        )
        values = {
            "perk": campaign.title,
            "campaign": campaign.slug,
            "opens_at": campaign.opens_at.isoformat(),
            "closes_at": campaign.closes_at.isoformat(),
        }
        key = f"campaign:{campaign.pk}"
        notices.tell_many((News(user_id, "perk_fits", key, values) for user_id in new), now=now)
    return len(new)


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
