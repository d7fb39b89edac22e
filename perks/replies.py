"""What people do around a claim: stars and words, a reminder, and that they saw or opened a perk.

rate(user_id, ref, stars, words, now)   again: in place of what they said before
withdraw(user_id, ref)                  what they said is gone
remind(user_id, campaign_id, on)        a mail before it opens, and a day before it closes
saw(user_id, campaign_ids, kind, now)   once a day and person, for what the campaign returned
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts import mailing, written
from perks import claims, letters
from perks.models import CampaignEvent, Feedback, Reminder
from perks.refusals import No, Refused, unseen

REMIND_BEFORE = timedelta(hours=24)  # it closes
REMIND_AHEAD = timedelta(hours=1)  # of its opening
LONGEST_WORDS = 1_000


@transaction.atomic
def rate(*, user_id: int, ref: UUID, stars: int, words: str, now: datetime) -> Feedback:
    """Keep what a person says of what they claimed. Raises Refused."""
    mine = claims.own(claims.lock(user_id), ref)
    words = written.lines(words, unseen)
    if not claims.handed_over(mine):
        raise Refused(No.WRONG_STATE)
    if not 1 <= stars <= 5 or len(words) > LONGEST_WORDS:
        raise Refused(No.NO_STARS)
    said, _new = Feedback.objects.update_or_create(
        claim=mine, defaults={"stars": stars, "words": words, "at": now}
    )
    return said


@transaction.atomic
def withdraw(*, user_id: int, ref: UUID) -> None:
    """Forget what a person said. Raises Refused for a claim that is not theirs."""
    mine = claims.own(claims.lock(user_id), ref)
    Feedback.objects.filter(claim=mine).delete()


@transaction.atomic
def remind(*, user_id: int, campaign_id: int, on: bool, now: datetime) -> bool:
    """Remember that a person wants a reminder, or does not. Returns whether they do.

    Raises Refused where it closes too soon for one, no mail reaches them, or nobody may know of it.
    """
    user = claims.lock(user_id)
    campaign = claims.find(campaign_id)
    if not on:
        Reminder.objects.filter(user_id=user_id, campaign=campaign).delete()
        return False
    at = campaign.closes_at - REMIND_BEFORE
    if campaign.ended_at is not None or at <= now:
        raise Refused(No.ENDS_SOON)
    if not mailing.reach_about_perks(user):
        raise Refused(No.NO_MAIL)
    ahead = max(campaign.opens_at - REMIND_AHEAD, now)
    reminder, new = Reminder.objects.get_or_create(
        user_id=user_id, campaign=campaign, defaults={"remind_at": at}
    )
    if new:
        letters.remind(reminder, opens_at=ahead if now < campaign.opens_at else None)
    return True


def saw(
    *, user_id: int, campaign_ids: Collection[int], kind: CampaignEvent.Kind, now: datetime
) -> None:
    """Note that a person saw these campaigns in a list, or opened one. One query."""
    CampaignEvent.objects.bulk_create(
        [
            CampaignEvent(user_id=user_id, campaign_id=campaign_id, kind=kind, day=now.date())
            for campaign_id in campaign_ids
        ],
        ignore_conflicts=True,
    )
