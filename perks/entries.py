"""Draws: who takes part, the draw itself, and telling everybody how it went.

    enter(user_id, campaign_id, now)   take part, once, under a random name
    withdraw(user_id, campaign_id, now)
    draw(campaign_id, now)             after the closing time: the order by lot, and the seed
    tell(campaign_id, now)             a mail to everybody who was not drawn, or if it is called off

Winners are offered a unit through the waiting list, which is put in the order of the lots: what
they do not claim in time goes to the next lot.
"""

from datetime import datetime

from django.db import transaction

from accounts import sealing
from perks import acts, claims, letters, lots
from perks.models import Campaign, Entry, WaitingPlace
from perks.refusals import No, Refused

AT_ONCE = 200  # mails of one run


@transaction.atomic
def enter(*, user_id: int, campaign_id: int, now: datetime) -> Entry:
    """Let a person take part in a draw. Doing it again changes nothing. Raises Refused."""
    user = claims.lock(user_id)
    campaign = claims.find(campaign_id)
    if campaign.mode != Campaign.Mode.DRAW:
        raise Refused(No.NOT_BY_LOT)
    if entry := Entry.objects.filter(user=user, campaign=campaign).first():
        return entry
    claims.refuse_unless_open(campaign, now)
    claims.judge(user, campaign, now)
    claims.refuse_unless_open(_undrawn(campaign.pk), now)
    return Entry.objects.create(user=user, campaign=campaign, name=lots.new_name(), at=now)


@transaction.atomic
def withdraw(*, user_id: int, campaign_id: int, now: datetime) -> None:
    """Take a person out of a draw that was not drawn yet. Raises Refused after it."""
    claims.lock(user_id)
    campaign = _undrawn(claims.find(campaign_id).pk)
    if campaign.closes_at <= now:
        raise Refused(No.ENDED)
    Entry.objects.filter(user_id=user_id, campaign=campaign).delete()


def _undrawn(campaign_id: int) -> Campaign:
    """Return a campaign whose draw waits until this transaction ends. Raises Refused after it.

    Without, who enters while lots are drawn would get none.
    """
    campaign = acts.lock(campaign_id)
    if campaign.drawn_at is not None:
        raise Refused(No.ENDED)
    return campaign


@transaction.atomic
def draw(*, campaign_id: int, now: datetime) -> bool:
    """Draw a campaign that has closed, once. Returns whether it was drawn now."""
    campaign = acts.lock(campaign_id)
    undrawn = campaign.mode == Campaign.Mode.DRAW and campaign.drawn_at is None
    stopped = campaign.published_at is None or campaign.ended_at or campaign.paused_at
    if not undrawn or stopped or now < campaign.closes_at:
        return False
    seed = seed_of(campaign)
    entries = {entry.name: entry for entry in campaign.entries.all()}
    order = lots.order(seed, entries)
    for place, name in enumerate(order, start=1):
        entries[name].place = place
    Entry.objects.bulk_update(entries.values(), ["place"], batch_size=500)
    listed = order if campaign.waiting_list else order[: campaign.units.count()]
    WaitingPlace.objects.bulk_create(
        [
            WaitingPlace(
                campaign=campaign,
                user_id=user_id,
                rank=place,
                at=now,
            )
            for place, name in enumerate(listed, start=1)
            if (user_id := entries[name].user_id) is not None
        ],
        batch_size=500,
    )
    campaign.seed, campaign.drawn_at = seed, now
    campaign.save(update_fields=["seed", "drawn_at"])
    return True


def tell(*, campaign_id: int, now: datetime) -> int:
    """Have those told who were not drawn, or all when an operator ended it before the draw.

    AT_ONCE at a time. Returns how many that was.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    untold = Entry.objects.filter(campaign=campaign, told_at=None)
    if campaign.drawn_at is not None:
        untold, say = untold.filter(place__gt=campaign.units.count()), letters.not_drawn
    elif campaign.ended_at is not None:
        say = letters.draw_off
    else:
        return 0
    rows = list(untold.select_related("campaign").order_by("place", "pk")[:AT_ONCE])
    for row in rows:
        with transaction.atomic():
            if untold.filter(pk=row.pk).update(told_at=now):
                say(row, at=now)
    return len(rows)


def seed_of(campaign: Campaign) -> str:
    """Return the seed that was sealed when the campaign was published. Raises CannotOpen."""
    return sealing.unseal(campaign.sealed_seed, bound_to=f"perk:{campaign.pk}:seed")


def seal_seed(campaign: Campaign, seed: str) -> None:
    """Keep a seed sealed, and what commits to it. Does not save."""
    campaign.sealed_seed = sealing.seal(seed, bound_to=f"perk:{campaign.pk}:seed")
    campaign.commitment = lots.commitment(seed)
