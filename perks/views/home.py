"""The card of perks on home."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import moment, whole
from accounts.models import User
from perks import glancing
from perks.glancing import Glance
from perks.models import Campaign
from perks.views import rows
from scoring.views.home_cards import Card
from scoring.views.one_thing import Todo

TEMPLATE = "perks/_card.html"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card tells: how many are open, and of the first how many are left until when.

    Open are those their person was told of. Of what is held for them: until when.
    """

    number: str
    title: str
    picture: str
    left: str
    window: str
    url: str
    label: str


def card(user: User, now: datetime) -> Card:
    """Return the card of perks, with the first as something to do. One query.

    What is held for the person comes first, since it runs out.
    """
    found = glancing.glance(user, now)
    if found is None:
        return Card(TEMPLATE, None)
    return _held(found, found.held_until, now) if found.held_until else _open(found, now)


def _held(found: Glance, until: datetime, now: datetime) -> Card:
    at, url = moment(until, now), reverse("perk_claim", args=[found.first.slug])
    facts = Facts(
        number=_number(found.number),
        title=found.first.title,
        picture=rows.picture_url(found.first),
        left="",
        window=_("Held for you until %(at)s.") % {"at": at},
        url=url,
        label=_("Go on with the claim"),
    )
    text = _("“%(perk)s” is held for you until %(at)s.") % {"perk": facts.title, "at": at}
    return Card(TEMPLATE, facts, Todo(text, facts.label, url, runs_out=True))


def _open(found: Glance, now: datetime) -> Card:
    first, url = found.first, reverse("perk", args=[found.first.slug])
    by_lot = first.mode == Campaign.Mode.DRAW
    facts = Facts(
        number=_number(found.number),
        title=first.title,
        picture=rows.picture_url(first),
        left=rows.drawn_of(found.counts) if by_lot else rows.left_of(found.counts),
        window=rows.window(first, Campaign.State.LIVE, now),
        url=url,
        label=_("See this perk"),
    )
    text = _("A perk is open that we told you of: %(perk)s.") % {"perk": first.title}
    return Card(TEMPLATE, facts, Todo(text, facts.label, url))


def _number(number: int) -> str:
    """Return how many are open, "" where none is."""
    if not number:
        return ""
    form = ngettext(
        "%(n)s is open that we told you of", "%(n)s are open that we told you of", number
    )
    return form % {"n": whole(number)}
