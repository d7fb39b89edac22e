"""Parcels: from waiting to be packed to arrived; the address is erased when it has served.

ship(claim_id, to, actor_id, now, tracking)   one step on, by an operator
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import notices, written
from perks.acts import note, refuse
from perks.models import Claim

Shipment = Claim.Shipment
STEPS: dict[str, tuple[str, ...]] = {
    Shipment.WAITING: (Shipment.PACKED, Shipment.SENT),
    Shipment.PACKED: (Shipment.WAITING, Shipment.SENT),
    Shipment.SENT: (Shipment.ARRIVED, Shipment.CAME_BACK),
    Shipment.CAME_BACK: (Shipment.PACKED, Shipment.SENT),
    Shipment.ARRIVED: (),
}


@transaction.atomic
def ship(
    *, claim_id: int, to: str, actor_id: int | None, now: datetime, tracking: str = ""
) -> Claim:
    """Move a parcel on; its person is told when it is sent. Raises CampaignError.

    tracking: a number or address to follow it by. Where it went is erased when it arrived.
    """
    claims = Claim.objects.select_related("campaign").select_for_update(of=("self",))
    one = claims.get(pk=claim_id)
    if one.shipment == to:
        return one
    if to not in STEPS.get(one.shipment, ()):
        refuse(_("A parcel cannot go from there to that. Load the page again."))
    if written.hides(tracking):
        refuse(str(written.REFUSAL))
    one.shipment, one.shipped_at = Shipment(to), now
    one.tracking = written.line(tracking)[:200] or one.tracking
    if to == Shipment.ARRIVED:
        one.sealed_address = ""
    one.save(update_fields=["shipment", "shipped_at", "tracking", "sealed_address"])
    note(one.campaign, actor_id, "ship", now, claim=one.pk, to=to)
    if to == Shipment.SENT and one.user_id is not None:
        notices.tell(
            person_id=one.user_id,
            kind="perk_shipped",
            key=f"claim:{one.pk}:{now:%Y-%m-%d}",
            values={
                "perk": one.campaign.title,
                "campaign": one.campaign.slug,
                "shipped_on": f"{now:%Y-%m-%d}",
            },
            now=now,
        )
    return one
