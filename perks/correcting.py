"""Correcting what somebody gave with a claim, for as long as nothing was sent.

correct(user_id, ref, address, answers)   in place of what they gave before
may_be_corrected(claim)
taken_at(claim)                           when the list for the brand was last taken with it
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from perks import asking, claims
from perks.models import Answer, Campaign, CampaignAct, Claim
from perks.refusals import No, Refused

_WITH_US = (Claim.Shipment.NONE, Claim.Shipment.WAITING, Claim.Shipment.CAME_BACK)


def may_be_corrected(one: Claim) -> bool:
    """Tell whether what was given with a claim may still change: no parcel is packed or sent."""
    return one.state == Claim.State.CLAIMED and one.shipment in _WITH_US


@transaction.atomic
def correct(*, user_id: int, ref: UUID, address: str, answers: Mapping[int, str]) -> Claim:
    """Keep an address and answers in place of those of before. Raises Refused."""
    mine = claims.own(claims.lock(user_id), ref)
    if mine.state != Claim.State.CLAIMED:
        raise Refused(No.WRONG_STATE)
    if not may_be_corrected(mine):
        raise Refused(No.ON_ITS_WAY)
    address = asking.address(mine.campaign, address)
    said = asking.answers(mine.campaign, answers)
    if address:
        mine.seal_address(address)
        mine.save(update_fields=["sealed_address"])
    mine.answers.all().delete()
    Answer.objects.bulk_create(
        [Answer(claim=mine, question=question, text=text) for question, text in said.items()]
    )
    return mine


def taken_at(one: Claim) -> datetime | None:
    """Return when the list of claims was last taken with what was given in it, None for never.

    Addresses and answers are in it only where the brand gets to know them.
    """
    given = (Campaign.Learns.ADDRESS, Campaign.Learns.ANSWERS)
    if one.claimed_at is None:
        return None
    lists = CampaignAct.objects.filter(
        campaign=one.campaign_id, act="export", at__gte=one.claimed_at
    )
    rows = lists.order_by("-at").values_list("at", "details")
    told = (at for at, details in rows if {*given} & {*details.get("learns", ())})
    return next(told, None)
