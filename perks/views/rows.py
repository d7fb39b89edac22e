"""Campaigns and claims in the words of pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import moment, whole
from perks import words
from perks.eligibility import Kind, Reason, within_reach
from perks.models import Campaign, CampaignPicture, Claim
from perks.standing import Group, Standing
from perks.stock import Counts

JUST_NOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it needs, what the person has, what is missing, and where that is mended.

    unknown: it may fit, and the person did not say what it asks.
    """

    fits: bool
    unknown: bool
    needed: str
    you: str
    missing: str
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A campaign in the list. `says`: why it stands where it does, and what is missing.

    tries: where somebody sees what would reach the score that is missing, "" where none is.
    """

    campaign: Campaign
    picture: str
    left: str
    window: str
    says: str
    url: str
    tries: str


def tile(standing: Standing, now: datetime) -> Tile:
    """Return a campaign as the list shows it."""
    campaign = standing.campaign
    return Tile(
        campaign=campaign,
        picture=picture_url(campaign),
        left=left(standing),
        window=window(campaign, standing.state, now),
        says=_says(standing, now),
        url=_tile_url(standing),
        tries=_tries(standing),
    )


def _tries(standing: Standing) -> str:
    """Return what would reach the score, of a perk that is listed as nearly open for one."""
    if standing.group is not Group.NEARLY:
        return ""
    missing = (one for one in standing.reasons if one.kind is Kind.SCORE_FROM and not one.fits)
    return next(map(_would_reach, missing), "")


def _would_reach(reason: Reason) -> str:
    return f"{reverse('score_try')}?to={reason.needed:g}"


def _tile_url(standing: Standing) -> str:
    if standing.mine:
        return reverse("perk_mine", args=[standing.mine[-1].ref])
    return reverse("perk", args=[standing.campaign.slug])


def _says(standing: Standing, now: datetime) -> str:
    """Return in a sentence what of a campaign matters to the person at the moment."""
    if standing.mine:
        return claim_state(standing.mine[-1], now)
    if standing.state is Campaign.State.PAUSED:
        return _("Paused for the moment.")
    if standing.state is Campaign.State.ENDED:
        return _("This has ended.")
    if standing.waits:
        return _("You are on the waiting list.")
    if standing.entry is not None:
        return _("You take part in the draw.")
    if not standing.fits:
        return words.nearly(standing.reasons)
    if standing.state is Campaign.State.SCHEDULED:
        return _("It fits you.")
    if standing.by_lot:
        return _("By lot: it does not matter who comes first.")
    if standing.is_free:
        return ""
    if standing.campaign.waiting_list:
        return _("It fits you. All of them are taken; what comes back goes to the waiting list.")
    return _("All of them are taken.")


def picture_url(campaign: Campaign) -> str:
    """Return where the picture of a campaign is, "" without one."""
    try:
        digest = campaign.picture.digest
    except CampaignPicture.DoesNotExist:
        return ""
    return reverse("perk_picture", args=[campaign.slug, digest])


def left(standing: Standing) -> str:
    """Return how many are left of how many, or how many are drawn."""
    counts = standing.counts
    return drawn_of(counts) if standing.by_lot else left_of(counts)


def drawn_of(counts: Counts) -> str:
    """Return how many are drawn."""
    return ngettext("%(number)s is drawn", "%(number)s are drawn", counts.total) % {
        "number": whole(counts.total)
    }


def left_of(counts: Counts) -> str:
    """Return how many are left of how many."""
    return _("%(free)s of %(total)s left") % {
        "free": whole(counts.free),
        "total": whole(counts.total),
    }


def window(campaign: Campaign, state: Campaign.State, now: datetime) -> str:
    """Return when a campaign opens, closes or closed, in the person's own time."""
    if state is Campaign.State.SCHEDULED:
        return _("Opens at %(at)s, closes at %(until)s") % {
            "at": moment(campaign.opens_at, now),
            "until": moment(campaign.closes_at, now),
        }
    if state is Campaign.State.ENDED:
        over = min(campaign.ended_at or campaign.closes_at, campaign.closes_at)
        return _("Closed at %(at)s") % {"at": moment(over, now)}
    return _("Closes at %(at)s") % {"at": moment(campaign.closes_at, now)}


def rules(found: tuple[Reason, ...], slug: str) -> list[Rule]:
    """Return every rule as needed, you, and what is missing."""
    return [
        Rule(
            fits=reason.fits,
            unknown=reason.unknown,
            needed=words.needed(reason),
            you=words.you(reason),
            missing=words.missing(reason),
            **_mended(reason, slug),
        )
        for reason in found
    ]


def _mended(reason: Reason, slug: str) -> dict[str, str]:
    """Return where something can be done about a rule that does not fit."""
    url, label = "", ""
    if not reason.fits and within_reach(reason):
        if reason.kind in (Kind.ACCOUNT, Kind.NETWORKS):
            url, label = reverse("start"), _("Link an account")
        elif reason.kind is Kind.SCORE_FROM:
            url, label = _would_reach(reason), _("What would raise it")
        elif reason.kind is Kind.TOPIC:
            url, label = reverse("topic", args=[reason.topic]), _("What counts there")
        elif reason.kind in (Kind.COUNTRY, Kind.AGE_FROM, Kind.AGE_TO):
            url, label = f"{reverse('given_facts')}?perk={slug}", _("Say it")
    return {"url": url, "label": label}


def learns(campaign: Campaign) -> str:
    """Return what the brand gets to know of who claims."""
    labels = [str(label) for value, label in Campaign.Learns.choices if value in campaign.learns]
    if not labels:
        return _("%(brand)s gets to know nothing of you.") % {"brand": campaign.brand}
    return _("%(brand)s gets to know: %(what)s. Never your score.") % {
        "brand": campaign.brand,
        "what": ", ".join(labels),
    }


def disclosure(campaign: Campaign) -> str:
    """Return the sentence for whoever writes of it: that of the brand, or one of ours."""
    return campaign.disclosure or _("%(brand)s gave me this for nothing.") % {
        "brand": campaign.brand
    }


def zone() -> str:
    """Return the time zone in which the page says its times."""
    return timezone.get_current_timezone_name().replace("_", " ")


def lost(last: datetime | None, place: int | None, now: datetime) -> str:
    """Return what is said to who pressed for one that was gone: when it went, and their place."""
    return f"{_went(last, now)} {waiting_place(place)}".strip()


def _went(last: datetime | None, now: datetime) -> str:
    if last is None or now - last >= JUST_NOW:
        return _("All of them are taken.")
    seconds = max(0, int((now - last).total_seconds()))  # of two at once either may have come first
    if seconds < 60:
        return ngettext(
            "The last one went %(n)s second ago.", "The last one went %(n)s seconds ago.", seconds
        ) % {"n": seconds}
    minutes = seconds // 60
    return ngettext(
        "The last one went %(n)s minute ago.", "The last one went %(n)s minutes ago.", minutes
    ) % {"n": minutes}


def waiting_place(place: int | None) -> str:
    """Return somebody's place on a waiting list, "" without one."""
    if place is None:
        return ""
    if place == 1:
        return _("You are first on the waiting list.")
    return _("You are number %(place)s on the waiting list.") % {"place": whole(place)}


def claim_state(one: Claim, now: datetime) -> str:
    """Return what became of a claim, in a sentence."""
    if one.state == Claim.State.HELD:
        if one.campaign.paused_at is not None:
            return _("It stays held for you while this is paused.")
        return _("Held for you until %(at)s.") % {"at": moment(one.held_until, now)}
    if one.state == Claim.State.CLAIMED:
        return _("Yours since %(at)s.") % {"at": moment(one.claimed_at, now)}
    if one.state == Claim.State.REDEEMED:
        return _("Used at %(at)s, as you said.") % {"at": moment(one.redeemed_at, now)}
    if one.state == Claim.State.RETURNED:
        return _("You gave it back at %(at)s.") % {"at": moment(one.ended_at, now)}
    return _("It was held for you and not claimed, and went to the next at %(at)s.") % {
        "at": moment(one.ended_at, now)
    }
