"""What a campaign does by itself: holds run out, a draw is drawn, who waits gets what is free.

Every step may be repeated and may run at once with itself: nothing is done twice.
"""

from datetime import datetime, timedelta

from perks import claims, entries, telling, waiting
from perks.models import Campaign, Claim

KEEP_ADDRESS = timedelta(days=60)  # of a parcel that nobody said arrived


def settle(*, campaign_id: int, now: datetime) -> bool:
    """See to one campaign. Returns whether there is more to do at once."""
    claims.expire(campaign_id=campaign_id, now=now)
    entries.draw(campaign_id=campaign_id, now=now)
    seen_to = waiting.offer(campaign_id=campaign_id, now=now)
    closed = waiting.close(campaign_id=campaign_id, now=now)
    told = entries.tell(campaign_id=campaign_id, now=now)
    news = telling.tell(campaign_id=campaign_id, now=now)
    ends = telling.tell_ends(campaign_id=campaign_id, now=now)
    return (
        max(seen_to, closed) >= waiting.AT_ONCE
        or told >= entries.AT_ONCE
        or max(news, ends) >= telling.AT_ONCE
    )


def due(*, now: datetime) -> list[int]:
    """Return the campaigns that have something to see to, in five queries."""
    held = Claim.objects.filter(state=Claim.State.HELD, campaign__paused_at=None)
    ran_out = held.filter(held_until__lte=now).values_list("campaign_id", flat=True).distinct()
    ended = Claim.objects.filter(state=Claim.State.HELD, campaign__ended_at__isnull=False)
    to_draw = Campaign.objects.filter(
        mode=Campaign.Mode.DRAW,
        published_at__isnull=False,
        closes_at__lte=now,
        drawn_at=None,
        ended_at=None,
        paused_at=None,
    )
    found = {*ran_out, *ended.values_list("campaign_id", flat=True).distinct()}
    found.update(to_draw.values_list("pk", flat=True))
    found.update(waiting.owing(now=now).values_list("pk", flat=True))
    return sorted(found | waiting.due(now=now))


def forget_addresses(*, now: datetime) -> int:
    """Erase where parcels went that were sent so long ago. Returns how many."""
    sent = Claim.objects.filter(
        shipment__in=[Claim.Shipment.SENT, Claim.Shipment.ARRIVED],
        shipped_at__lte=now - KEEP_ADDRESS,
    ).exclude(sealed_address="")
    return sent.update(sealed_address="")
