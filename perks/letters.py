"""Mails about perks: what became yours, what is held for you, how a draw went, what ends soon.

No mail holds a code, an address or a score: each names the page where its person sees them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts import mailing, notices
from accounts.figures import day_clock, whole
from accounts.letter_texts import Written
from accounts.models import User
from accounts.signals import letter_due
from accounts.zones import zone_of
from perks.models import Campaign, Claim, Entry, Reminder, WaitingPlace

Said = tuple[User, str, dict[str, Any]]  # person, subject, what the templates say


class What(StrEnum):
    """What a mail about a perk says."""

    CLAIMED = "claimed"
    OFFERED = "offered"
    PASSED = "passed"
    NOT_DRAWN = "not_drawn"
    DRAW_OFF = "draw_off"
    LIST_OVER = "list_over"
    OPENS = "opens"
    REMINDER = "reminder"
    ENDS_SOON = "ends_soon"


def claimed(claim: Claim, *, at: datetime) -> None:
    """Have the person of a claim written to that it is theirs."""
    assert claim.user_id is not None
    _have_written(f"perk:claimed:{claim.pk}", claim.user_id, What.CLAIMED, claim.pk, at)


def offered(claim: Claim, *, at: datetime) -> None:
    """Tell somebody, and have them written to, that a unit is held for them."""
    assert claim.user_id is not None
    assert claim.held_until is not None
    drawn_at = claim.campaign.drawn_at
    told: dict[str, str | int] = {"until_at": claim.held_until.isoformat()}
    if drawn_at is not None:
        told = {"drawn_on": f"{drawn_at:%Y-%m-%d}"}
    notices.tell(
        person_id=claim.user_id,
        kind="perk_held" if drawn_at is None else "perk_drawn",
        key=f"claim:{claim.pk}",
        values=_named(claim.campaign) | told,
        now=at,
    )
    _have_written(f"perk:offered:{claim.pk}", claim.user_id, What.OFFERED, claim.pk, at)


def passed(place: WaitingPlace, *, at: datetime) -> None:
    """Have somebody told that their turn came and a rule did not fit them any more."""
    _have_written(f"perk:passed:{place.pk}", place.user_id, What.PASSED, place.pk, at)


def list_over(place: WaitingPlace, *, at: datetime) -> None:
    """Tell somebody, and have them written to, that nothing came free before the list ended."""
    notices.tell(
        person_id=place.user_id,
        kind="perk_list_over",
        key=f"place:{place.pk}",
        values=_named(place.campaign),
        now=at,
    )
    key = f"perk:list_over:{place.pk}"
    _have_written(key, place.user_id, What.LIST_OVER, place.pk, at)


def not_drawn(entry: Entry, *, at: datetime) -> None:
    """Tell somebody, and have them written to, how a draw went that they were not drawn in."""
    campaign = entry.campaign
    if entry.user_id is None or campaign.drawn_at is None:
        return
    told: dict[str, str | int] = {
        "places": campaign.units.count(),
        "people": campaign.entries.count(),
        "drawn_on": f"{campaign.drawn_at:%Y-%m-%d}",
    }
    notices.tell(
        person_id=entry.user_id,
        kind="perk_not_drawn",
        key=f"entry:{entry.pk}",
        values=_named(campaign) | told,
        now=at,
    )
    key = f"perk:not_drawn:{entry.pk}"
    _have_written(key, entry.user_id, What.NOT_DRAWN, entry.pk, at)


def draw_off(entry: Entry, *, at: datetime) -> None:
    """Tell somebody, and have them written to, that a draw they take part in does not happen."""
    if entry.user_id is None:
        return
    notices.tell(
        person_id=entry.user_id,
        kind="perk_draw_off",
        key=f"entry:{entry.pk}",
        values=_named(entry.campaign),
        now=at,
    )
    _have_written(f"perk:draw_off:{entry.pk}", entry.user_id, What.DRAW_OFF, entry.pk, at)


def ends_soon(claim: Claim, *, at: datetime) -> None:
    """Tell somebody once, and have them written to, that what they claimed must be used soon."""
    until = claim.campaign.usable_until
    if claim.user_id is None or until is None:
        return
    told = notices.tell(
        person_id=claim.user_id,
        kind="perk_ends_soon",
        key=f"claim:{claim.pk}",
        values=_named(claim.campaign) | {"until_at": until.isoformat()},
        now=at,
    )
    if told:
        key = f"perk:ends_soon:{claim.pk}"
        _have_written(key, claim.user_id, What.ENDS_SOON, claim.pk, at)


def remind(reminder: Reminder, *, opens_at: datetime | None) -> None:
    """Have somebody reminded when the time comes, if they still want it then.

    opens_at: when they are reminded that it opens, None where it is open already.
    """
    row, user_id = reminder.pk, reminder.user_id
    if opens_at is not None:
        _have_written(f"perk:opens:{row}", user_id, What.OPENS, row, opens_at)
    _have_written(f"perk:reminder:{row}", user_id, What.REMINDER, row, reminder.remind_at)


def _named(campaign: Campaign) -> dict[str, str | int]:
    """Return what every notice of a perk names."""
    return {"perk": campaign.title, "campaign": campaign.slug}


def _have_written(key: str, user_id: int, what: What, row: int, at: datetime) -> None:
    payload = {"kind": "perk", "person": user_id, "what": what.value, "row": row}
    letter_due.send(Claim, key=key, user_id=user_id, payload=payload, at=at)


def write(payload: dict[str, Any], now: datetime) -> Written | None:
    """Return a mail, or None when what it says is not true or its person wants no such mails.

    Registered with accounts.letter_texts as the writer of the kind "perk".
    """
    said = _WRITERS[What(payload["what"])](payload["row"], now)
    if said is None or not mailing.wants_perks(said[0]):
        return None
    user, subject, context = said
    return Written(user, subject, "perk", context, stops="perks")


def _claimed(row: int, _now: datetime) -> Said | None:
    claim = _claim(row, Claim.State.CLAIMED)
    if claim is None or claim.user is None:
        return None
    lines = [_("%(gets)s is yours.") % {"gets": claim.campaign.gets}]
    if claim.campaign.delivery == Campaign.Delivery.PARCEL:
        lines.append(_("It comes as a parcel. Its page says how far it is."))
    else:
        lines.append(_("Its code is on its page, for you alone."))
    lines.append(_("No post is owed. If you write of it, say that it was a gift."))
    subject = _("Yours: %(title)s") % {"title": claim.campaign.title}
    return claim.user, subject, _context(claim, lines)


def _offered(row: int, now: datetime) -> Said | None:
    claim = _claim(row, Claim.State.HELD)
    if claim is None or claim.user is None or claim.held_until is None or claim.held_until <= now:
        return None
    until = local(claim.held_until, claim.user)
    drawn = claim.campaign.mode == Campaign.Mode.DRAW
    if drawn:
        first = _("You were drawn: %(gets)s") % {"gets": claim.campaign.gets}
    else:
        first = _("Your turn on the waiting list came: %(gets)s") % {"gets": claim.campaign.gets}
    lines = [
        first,
        _("One is held for you until %(until)s. Claim it by then, or it goes to the next.")
        % {"until": until},
    ]
    subject = _("Held for you: %(title)s") % {"title": claim.campaign.title}
    return claim.user, subject, _context(claim, lines)


def _passed(row: int, _now: datetime) -> Said | None:
    place = WaitingPlace.objects.select_related("campaign", "user").filter(pk=row).first()
    if place is None:
        return None
    lines = [
        _("Your turn came, and a rule of this perk does not fit you any more. It went on."),
        _("The page of the perk says which rule, and what is missing."),
    ]
    subject = _("Your turn came: %(title)s") % {"title": place.campaign.title}
    return place.user, subject, _page(place.campaign, lines)


def _list_over(row: int, _now: datetime) -> Said | None:
    place = WaitingPlace.objects.select_related("campaign", "user").filter(pk=row).first()
    if place is None or place.state != WaitingPlace.State.OVER:
        return None
    lines = [
        _("It has ended, and none came free for you: its waiting list is over."),
        _("There is nothing for you to do. What else is open stands on the page of perks."),
    ]
    subject = _("The waiting list is over: %(title)s") % {"title": place.campaign.title}
    return place.user, subject, _page(place.campaign, lines)


def _not_drawn(row: int, _now: datetime) -> Said | None:
    entry = Entry.objects.select_related("campaign", "user").filter(pk=row).first()
    if entry is None or entry.user is None or entry.campaign.drawn_at is None:
        return None
    campaign = entry.campaign
    places = campaign.units.count()
    lines = [
        ngettext(
            "Not chosen this time: %(places)s place, %(people)s people. Drawn by lot on %(day)s.",
            "Not chosen this time: %(places)s places, %(people)s people. Drawn by lot on %(day)s.",
            places,
        )
        % {
            "places": whole(places),
            "people": whole(campaign.entries.count()),
            "day": local(entry.campaign.drawn_at, entry.user),
        }
    ]
    if campaign.waiting_list:
        lines.append(
            _("Your lot is number %(place)s. What winners leave goes to the next lots.")
            % {"place": whole(entry.place or 0)}
        )
    subject = _("Not chosen this time: %(title)s") % {"title": campaign.title}
    return entry.user, subject, _page(campaign, lines)


def _draw_off(row: int, _now: datetime) -> Said | None:
    entry = Entry.objects.select_related("campaign", "user").filter(pk=row).first()
    if entry is None or entry.user is None:
        return None
    lines = [_("It was ended before the draw, so nobody got one by lot.")]
    subject = _("Not drawn: %(title)s") % {"title": entry.campaign.title}
    return entry.user, subject, _page(entry.campaign, lines)


def _opens(row: int, now: datetime) -> Said | None:
    wanted = _wanted(row, now)
    if wanted is None:
        return None
    campaign, closes = wanted.campaign, local(wanted.campaign.closes_at, wanted.user)
    if now < campaign.opens_at:
        line = _("You asked to be reminded: it opens on %(opens)s, and closes on %(closes)s.")
        subject = _("Opens soon: %(title)s")
    else:
        line = _("You asked to be reminded: it is open until %(closes)s.")
        subject = _("Open now: %(title)s")
    lines = [line % {"opens": local(campaign.opens_at, wanted.user), "closes": closes}]
    return wanted.user, subject % {"title": campaign.title}, _page(campaign, lines)


def _reminder(row: int, now: datetime) -> Said | None:
    wanted = _wanted(row, now)
    if wanted is None or now < wanted.campaign.opens_at:
        return None  # what is open for less than a day is told of when it opens
    closes = local(wanted.campaign.closes_at, wanted.user)
    lines = [_("You asked to be reminded: it is open until %(closes)s.") % {"closes": closes}]
    subject = _("Ends soon: %(title)s") % {"title": wanted.campaign.title}
    return wanted.user, subject, _page(wanted.campaign, lines)


def _wanted(row: int, now: datetime) -> Reminder | None:
    """Return a reminder that is still wanted, of a campaign that is neither over nor paused.

    What would have been said during a pause is not said later: a campaign that goes on may not do
    so as it was told.
    """
    wanted = Reminder.objects.select_related("campaign", "user").filter(pk=row).first()
    if wanted is None:
        return None
    stands_still = wanted.campaign.state_at(now) in (Campaign.State.ENDED, Campaign.State.PAUSED)
    return None if stands_still else wanted


def _ends_soon(row: int, now: datetime) -> Said | None:
    claim = _claim(row, Claim.State.CLAIMED)
    if claim is None or claim.user is None or claim.campaign.usable_until is None:
        return None
    if claim.campaign.usable_until <= now:
        return None
    until = local(claim.campaign.usable_until, claim.user)
    lines = [_("What you claimed can be used until %(until)s.") % {"until": until}]
    subject = _("Can be used until %(until)s: %(title)s") % {
        "until": until,
        "title": claim.campaign.title,
    }
    return claim.user, subject, _context(claim, lines)


_WRITERS = {
    What.CLAIMED: _claimed,
    What.OFFERED: _offered,
    What.PASSED: _passed,
    What.NOT_DRAWN: _not_drawn,
    What.DRAW_OFF: _draw_off,
    What.LIST_OVER: _list_over,
    What.OPENS: _opens,
    What.REMINDER: _reminder,
    What.ENDS_SOON: _ends_soon,
}


def _claim(row: int, state: Claim.State) -> Claim | None:
    claims = Claim.objects.select_related("campaign", "user")
    return claims.filter(pk=row, state=state).first()


def _context(claim: Claim, lines: list[str]) -> dict[str, Any]:
    """Return what the templates say of a claim, with the address of its page."""
    address = f"{settings.SITE_URL}/perks/mine/{claim.ref}/"
    return {"title": claim.campaign.title, "lines": lines, "address": address}


def _page(campaign: Campaign, lines: list[str]) -> dict[str, Any]:
    address = f"{settings.SITE_URL}/perks/{campaign.slug}/"
    return {"title": campaign.title, "lines": lines, "address": address}


def local(at: datetime, user: User) -> str:
    """Return a time as it is where the person lives, with its date and zone."""
    zone: ZoneInfo = zone_of(user.time_zone)
    here = at.astimezone(zone)
    said = pgettext("a time in a zone", "%(when)s %(zone)s")
    return said % {"when": day_clock(here), "zone": here.tzname()}
