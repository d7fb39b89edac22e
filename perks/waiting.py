"""The waiting list: who comes next when a unit is free again, and what happens then.

join(user_id, campaign_id, now)    a place behind those who wait already
leave(user_id, campaign_id, now)
place_of(user_id, campaign_id)     from 1; None without a place
places_of(user_id, most)           all that somebody waits for
offer(campaign_id, now)            free units are held for the next, who are told by mail
close(campaign_id, now)            once nothing is given out any more, who waits is told so
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts import notices
from accounts.models import User
from accounts.prepared import NUMBER, Prepared
from perks import acts, claims, letters
from perks.models import OPEN, Campaign, Claim, Unit, WaitingPlace
from perks.refusals import No, Refused

OFFER = timedelta(hours=24)  # a unit is held for whoever is next, who may be asleep
WON = timedelta(hours=72)  # and for whoever was drawn
AFTER_A_DRAW = timedelta(days=14)  # what winners leave goes to the next as long as this
AT_ONCE = 50  # offers of one run
State = WaitingPlace.State


@transaction.atomic
def join(*, user_id: int, campaign_id: int, now: datetime) -> WaitingPlace:
    """Put a person at the end of the waiting list, once. Raises Refused."""
    user = claims.lock(user_id)
    campaign, has = _found(campaign_id, user_id)
    if has.waits:
        return WaitingPlace.objects.get(user=user, campaign=campaign, state=State.WAITING)
    claims.refuse_unless_open(campaign, now)
    if campaign.mode == Campaign.Mode.DRAW:
        raise Refused(No.BY_LOT)
    if not campaign.waiting_list:
        raise Refused(No.NO_LIST)
    if has.claims >= campaign.per_person:
        raise Refused(No.YOURS_ALREADY)
    claims.judge(user, campaign, now)
    new = WaitingPlace.objects.create(user=user, campaign=campaign, at=now)
    # What came back meanwhile is offered at once. What comes back at this very moment is seen by
    # the next sweep: asking each time would have all who come in a crowd wait for one job's row.
    if _FREE(campaign.pk):
        claims.settle_soon(campaign.pk, now)
    return new


def hold_or_wait(
    *, user_id: int, campaign_id: int, key: str, now: datetime
) -> Claim | WaitingPlace:
    """Hold a unit, or where all are taken stand on the waiting list. Raises Refused.

    A place is no more than that: nothing is claimed by it. Where nothing is left to be seen, who
    has nothing of it yet is listed at once, and takes no lock that a claim needs.
    """
    campaign, has = _found(campaign_id, user_id)
    if not campaign.waiting_list or not has.is_gone or has.claims:
        try:
            return claims.hold(user_id=user_id, campaign_id=campaign_id, key=key, now=now)
        except Refused as gone:
            if gone.no is not No.GONE or not campaign.waiting_list:
                raise
    return join(user_id=user_id, campaign_id=campaign_id, now=now)


class Has(NamedTuple):
    """What somebody has of a campaign, and whether nothing is left for who comes now."""

    claims: int
    waits: bool
    is_gone: bool


def _found(campaign_id: int, user_id: int) -> tuple[Campaign, Has]:
    """Return a campaign that people may know of, and what somebody has of it. One query.

    Raises Refused.
    """
    for one in _FOUND(campaign_id, user_id):
        return one, Has(one.has or 0, one.waits, not one.is_left)
    raise Refused(No.UNKNOWN)


def _for_one(campaign: Any, user: Any) -> QuerySet[Any]:
    mine = Claim.objects.filter(user=user, campaign=campaign, state__in=OPEN).order_by()
    place = WaitingPlace.objects.filter(user=user, campaign=campaign, state=State.WAITING)
    return Campaign.objects.filter(pk=campaign, published_at__isnull=False).annotate(
        has=Subquery(mine.values("campaign").annotate(number=Count("pk")).values("number")),
        waits=Exists(place),
        is_left=Exists(claims.left(campaign)),
    )


# A crowd asks these: whoever presses, and is too late.
_FOUND = Prepared(_for_one, NUMBER, NUMBER)
_FREE = Prepared(
    lambda campaign: Unit.objects.filter(campaign=campaign, state=Unit.State.FREE)[:1], NUMBER
)


@transaction.atomic
def leave(*, user_id: int, campaign_id: int, now: datetime) -> None:
    """Give a place up. Without one nothing happens."""
    claims.lock(user_id)
    WaitingPlace.objects.filter(
        user_id=user_id, campaign_id=campaign_id, state=State.WAITING
    ).update(state=State.LEFT, ended_at=now)


def place_of(*, user_id: int, campaign_id: int) -> int | None:
    """Return which place on the waiting list a person has, from 1; None without one. One query."""
    return next((one.before + 1 for one in _PLACE(user_id, campaign_id)), None)


def places_of(user_id: int, *, most: int) -> list[tuple[Campaign, int]]:
    """Return what somebody waits for, each with their place from 1, the oldest first. One query."""
    rows = _numbered(user_id).select_related("campaign")
    return [(one.campaign, one.before + 1) for one in rows.order_by("at")[:most]]


def _numbered(user_id: Any) -> QuerySet[Any]:
    """Return the places of a person, each with how many wait `before` them."""
    ahead = WaitingPlace.objects.filter(campaign=OuterRef("campaign"), state=State.WAITING)
    ahead = ahead.filter(
        Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), pk__lt=OuterRef("pk"))
    )
    number = ahead.order_by().values("campaign").annotate(number=Count("pk")).values("number")
    mine = WaitingPlace.objects.filter(user=user_id, state=State.WAITING)
    return mine.annotate(before=Coalesce(Subquery(number), 0))


_PLACE = Prepared(lambda user, campaign: _numbered(user).filter(campaign=campaign), NUMBER, NUMBER)


def offer(*, campaign_id: int, now: datetime) -> int:
    """Hold free units for whoever is next, one transaction each, AT_ONCE at a time.

    Whom a rule does not fit any more is passed by and told so. Returns how many places were seen
    to, those passed by included: with AT_ONCE of them there may be more.
    """
    seen_to = 0
    while seen_to < AT_ONCE and _offer_one(campaign_id, now):
        seen_to += 1
    if seen_to:
        _tell_next(campaign_id, now)
    return seen_to


def close(*, campaign_id: int, now: datetime) -> int:
    """End the places of who waits for what is over, and tell them: once each, AT_ONCE at a time.

    Returns how many that was.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not is_over(campaign, now):
        return 0
    waiting = WaitingPlace.objects.filter(campaign=campaign, state=State.WAITING)
    rows = list(waiting.select_related("campaign").order_by("rank", "pk")[:AT_ONCE])
    for place in rows:
        _close_one(place, now)
    return len(rows)


@transaction.atomic
def _close_one(place: WaitingPlace, now: datetime) -> None:
    """End a place, unless it ended meanwhile or an operator had the campaign go on."""
    try:
        claims.lock(place.user_id)
    except User.DoesNotExist:
        return  # they left the site meanwhile, and their place went along
    if not is_over(acts.lock(place.campaign_id), now):
        return
    waiting = WaitingPlace.objects.filter(pk=place.pk, state=State.WAITING)
    if waiting.update(state=State.OVER, ended_at=now):
        letters.list_over(place, at=now)


def is_over(campaign: Campaign, now: datetime) -> bool:
    """Tell whether nothing of a campaign goes to who waits any more. A pause is no end."""
    if campaign.ended_at is not None:
        return True
    if campaign.mode == Campaign.Mode.DRAW:
        return campaign.drawn_at is not None and campaign.drawn_at + AFTER_A_DRAW <= now
    return campaign.closes_at <= now


def due(*, now: datetime) -> set[int]:
    """Return the campaigns that are over while people wait for them. One query."""
    over = (
        Q(campaign__ended_at__isnull=False)
        | Q(campaign__mode=Campaign.Mode.FIRST, campaign__closes_at__lte=now)
        | Q(campaign__drawn_at__lte=now - AFTER_A_DRAW)
    )
    waiting = WaitingPlace.objects.filter(over, state=State.WAITING).order_by()
    return set(waiting.values_list("campaign_id", flat=True).distinct())


@transaction.atomic
def _tell_next(campaign_id: int, now: datetime) -> None:
    """Tell whoever moved up to the first place that they are next, once. Lots tell themselves."""
    waiting = WaitingPlace.objects.filter(campaign_id=campaign_id, state=State.WAITING)
    first = waiting.select_related("campaign").order_by("rank", "pk").first()
    if first is not None and first.campaign.mode == Campaign.Mode.FIRST:
        notices.tell(
            person_id=first.user_id,
            kind="perk_waiting",
            key=f"place:{first.pk}",
            values={"perk": first.campaign.title, "campaign": first.campaign.slug},
            now=now,
        )


@transaction.atomic
def _offer_one(campaign_id: int, now: datetime) -> bool:
    """See to the next, who is offered a unit or passed by. False: none waits, or nothing is free.

    The person is locked before the place, as by everybody.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not _may_offer(campaign, now):
        return False
    waiting = WaitingPlace.objects.filter(campaign=campaign, state=State.WAITING)
    next_one = waiting.order_by("rank", "pk").first()
    if next_one is None:
        return False
    try:
        user = claims.lock(next_one.user_id)
    except User.DoesNotExist:
        return True  # they left the site meanwhile, and their place went along
    place = waiting.select_for_update().filter(pk=next_one.pk).first()
    if place is None:
        return True  # they left, or another worker was faster
    unit = claims.take_unit(campaign)
    if unit is None:
        return False
    try:
        with transaction.atomic():
            claim = _held_for(user, campaign, unit, now)
    except Refused:
        _end(place, State.PASSED, now)
        letters.passed(place, at=now)
        return True
    _end(place, State.OFFERED, now)
    letters.offered(claim, at=now)
    return True


def _held_for(user: User, campaign: Campaign, unit: Unit, now: datetime) -> Claim:
    """Hold a unit for whoever is next. Raises Refused when a rule does not fit them any more."""
    facts, found = claims.judge(user, campaign, now)
    drawn = campaign.mode == Campaign.Mode.DRAW
    until = now + (WON if drawn else OFFER)
    key = uuid.uuid4().hex
    return claims.keep(
        user, campaign, unit, facts, found, key=key, now=now, until=until, offered=True
    )


def _end(place: WaitingPlace, state: WaitingPlace.State, now: datetime) -> None:
    place.state, place.ended_at = state, now
    place.save(update_fields=["state", "ended_at"])


def owing(*, now: datetime) -> QuerySet[Campaign]:
    """Return the campaigns that give units out where somebody waits while one is free."""
    listed = WaitingPlace.objects.filter(campaign=OuterRef("pk"), state=State.WAITING)
    free = Unit.objects.filter(campaign=OuterRef("pk"), state=Unit.State.FREE)
    live = Q(mode=Campaign.Mode.FIRST, opens_at__lte=now, closes_at__gt=now)
    drawn = Q(mode=Campaign.Mode.DRAW, drawn_at__gt=now - AFTER_A_DRAW)
    going_on = Campaign.objects.filter(live | drawn, published_at__isnull=False, ended_at=None)
    return going_on.filter(Exists(listed), Exists(free), paused_at=None)


def _may_offer(campaign: Campaign, now: datetime) -> bool:
    """Tell whether units are given out: while it is live, and after a draw to whoever is next."""
    if campaign.mode == Campaign.Mode.DRAW:
        if campaign.drawn_at is None or campaign.ended_at or campaign.paused_at:
            return False
        return now < campaign.drawn_at + AFTER_A_DRAW
    return campaign.state_at(now) is Campaign.State.LIVE
