"""Telling people of a campaign that fits them: once, from the day on which it is published.

A campaign is published before it opens, so that whoever is told has time; people who come to fit it
later are told then.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import notices
from accounts.notices import News
from perks import people
from perks.models import Campaign, Claim, Told

AT_ONCE = 200  # people of one run


def tell(*, campaign_id: int, now: datetime) -> int:
    """Tell people whom a campaign fits and who were not told yet, AT_ONCE at a time.

    Returns how many that was. Who has it already, or takes part, needs no telling.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if campaign.state_at(now) not in (Campaign.State.SCHEDULED, Campaign.State.LIVE):
        return 0
    told = Told.objects.filter(campaign=campaign, user=OuterRef("pk"))
    has = Claim.objects.filter(campaign=campaign, user=OuterRef("pk"))
    fitting = people.reached(campaign.fits, brand=campaign.brand, now=now)
    ids = fitting.filter(~Exists(told), ~Exists(has)).order_by("pk").values_list("pk", flat=True)
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
        }
        key = f"campaign:{campaign.pk}"
        notices.tell_many((News(user_id, "perk_fits", key, values) for user_id in new), now=now)
    return len(new)
