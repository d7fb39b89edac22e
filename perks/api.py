"""What the API tells the person of a token of perks; kloutsite.api adds it to the other addresses.

No code is ever told. It is worth money to whoever reads it, it is shown once its person asks for it
(which ends that the perk can be given back), and a token lies around where no person looks.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from ninja import Router

from accounts.models import GivenFacts
from perks import api_schemas as schemas
from perks import standing, tries, waiting
from perks.models import Campaign, Claim, Entry, Feedback, Reminder
from perks.standing import Standing
from perks.views import rows
from perks.views.mine import SHOWN
from perks.views.own import of_person
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Problem

router = Router(tags=["Perks"])


@router.get("/me/perks", response=schemas.Perks, summary="Perks", **asks("perks:read"))
def perks(request: ApiRequest) -> schemas.Perks:
    """Perks that are open, to come, or over for less than a month, with each rule: needed and you.

    What closes first comes first. A program that asks is not counted as somebody who saw them.
    """
    found = standing.listed(request.auth.person, request.auth.now)
    return schemas.Perks(perks=[schemas.Perk(**_perk(one)) for one in found])


@router.get(
    "/me/perks/{perk}", response=schemas.PerkDetail, summary="One perk", **asks("perks:read")
)
def perk(request: ApiRequest, perk: str) -> schemas.PerkDetail:
    """What one gets, what the brand gets to know, and how you stand."""
    user, now = request.auth.person, request.auth.now
    found = standing.found(user, perk.replace("\x00", ""), now)
    if found is None:
        raise Problem("not-found")
    campaign = found.campaign
    place = waiting.place_of(user_id=user.pk, campaign_id=campaign.pk) if found.waits else None
    return schemas.PerkDetail(
        **_perk(found),
        description=campaign.description,
        disclosure=rows.disclosure(campaign),
        learns=campaign.learns,
        per_person=campaign.per_person,
        usable_until=campaign.usable_until,
        waiting_place=place,
        reminds=Reminder.objects.filter(campaign=campaign, user=user).exists(),
        draw=_draw(campaign, found.entry) if found.by_lot else None,
    )


@router.get("/me/claims", response=schemas.Claims, summary="Your perks", **asks("perks:read"))
def claims(request: ApiRequest) -> schemas.Claims:
    """What you have or had, what you wait for, and draws in which you take part."""
    user = request.auth.person
    mine = Claim.objects.filter(user=user).select_related("campaign").order_by("-held_at", "-pk")
    undrawn = Entry.objects.filter(user=user, campaign__drawn_at=None, campaign__ended_at=None)
    undrawn = undrawn.select_related("campaign")
    return schemas.Claims(
        claims=[schemas.Claim(**_claim(request, one)) for one in mine[:SHOWN]],
        waits=[
            schemas.Waits(perk=campaign.slug, title=campaign.title, place=place)
            for campaign, place in waiting.places_of(user.pk, most=SHOWN)
        ],
        draws=[
            schemas.TakesPart(
                perk=one.campaign.slug,
                title=one.campaign.title,
                name=one.name,
                closes_at=one.campaign.closes_at,
            )
            for one in undrawn.order_by("campaign__closes_at", "pk")[:SHOWN]
        ],
    )


@router.get(
    "/me/claims/{claim}",
    response=schemas.ClaimDetail,
    summary="One of your perks",
    **asks("perks:read"),
)
def claim(request: ApiRequest, claim: UUID) -> schemas.ClaimDetail:
    """How it stands and how it is used. Its code, if it has one, stands on its page alone."""
    try:
        mine = of_person(request.auth.person, claim, request.auth.now)
    except tries.TooMany as error:
        headers = {"Retry-After": str(error.retry_after)}
        raise Problem("too-many", str(error), headers=headers) from error
    if mine is None:
        raise Problem("not-found")
    campaign = mine.campaign
    has = mine.state in (Claim.State.CLAIMED, Claim.State.REDEEMED)
    said = Feedback.objects.filter(claim=mine).first()
    named = mine.posts.select_related("post").order_by("pk") if has else ()
    return schemas.ClaimDetail(
        **_claim(request, mine),
        how_to_use=campaign.how_to_use if has else "",
        contact=campaign.contact,
        disclosure=rows.disclosure(campaign),
        usable_until=campaign.usable_until,
        shipment=mine.shipment,
        shipped_at=mine.shipped_at,
        tracking=mine.tracking,
        case_id=mine.case_id,
        stars=said.stars if said else None,
        words=said.words if said else "",
        posts=[one.post.url for one in named],
    )


@router.get(
    "/me/given",
    response=schemas.GivenOfYou,
    summary="What you said of yourself for perks",
    **asks("perks:read"),
)
def given_of_you(request: ApiRequest) -> schemas.GivenOfYou:
    """Country and year of birth, where you said them."""
    kept = GivenFacts.objects.filter(user=request.auth.person).first()
    return schemas.GivenOfYou(
        country=kept.country if kept else "", birth_year=kept.birth_year if kept else None
    )


def _perk(found: Standing) -> dict[str, Any]:
    campaign, counts = found.campaign, found.counts
    picture = rows.picture_url(campaign)
    return {
        "perk": campaign.slug,
        "title": campaign.title,
        "brand": campaign.brand,
        "gets": campaign.gets,
        "picture": settings.SITE_URL + picture if picture else "",
        "state": found.state.value,
        "group": found.group.value,
        "opens_at": campaign.opens_at,
        "closes_at": campaign.closes_at,
        "by_lot": found.by_lot,
        "total": counts.total,
        "left": None if found.by_lot else counts.free,
        "waiting": found.waiting,
        "fits": found.fits,
        "rules": [_rule(one) for one in rows.rules(found.reasons, campaign.slug)],
        "claims": [one.ref for one in found.mine],
        "waits": found.waits,
        "takes_part": found.entry is not None,
    }


def _rule(one: rows.Rule) -> schemas.Rule:
    return schemas.Rule(fits=one.fits, needed=one.needed, you=one.you, missing=one.missing)


def _draw(campaign: Campaign, entry: Entry | None) -> schemas.Draw:
    return schemas.Draw(
        commitment=campaign.commitment,
        seed=campaign.seed,
        drawn_at=campaign.drawn_at,
        name=entry.name if entry else "",
        lot=entry.place if entry else None,
    )


def _claim(request: ApiRequest, one: Claim) -> dict[str, Any]:
    return {
        "claim": one.ref,
        "perk": one.campaign.slug,
        "title": one.campaign.title,
        "state": one.state,
        "says": rows.claim_state(one, request.auth.now),
        "held_at": one.held_at,
        "held_until": one.held_until if one.state == Claim.State.HELD else None,
        "claimed_at": one.claimed_at,
        "redeemed_at": one.redeemed_at,
        "ended_at": one.ended_at,
        "code_shown_at": one.shown_at,
    }
