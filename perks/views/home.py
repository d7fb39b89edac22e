"""The card of perks on home."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import whole
from accounts.models import User
from perks import glancing
from perks.models import Campaign
from perks.views import rows
from scoring.views.home_cards import Card
from scoring.views.one_thing import Todo

TEMPLATE = "perks/_card.html"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card tells: how many are open that they were told of, and of the first how many are
    left until when.
    """

    number: str
    title: str
    picture: str
    left: str
    window: str
    url: str


def card(user: User, now: datetime) -> Card:
    """Return the card of perks, with the first as something to do. One query."""
    found = glancing.glance(user, now)
    if found is None:
        return Card(TEMPLATE, None)
    first = found.first
    form = ngettext(
        "%(n)s is open that we told you of", "%(n)s are open that we told you of", found.number
    )
    url = reverse("perk", args=[first.slug])
    by_lot = first.mode == Campaign.Mode.DRAW
    facts = Facts(
        number=form % {"n": whole(found.number)},
        title=first.title,
        picture=rows.picture_url(first),
        left=rows.drawn_of(found.counts) if by_lot else rows.left_of(found.counts),
        window=rows.window(first, Campaign.State.LIVE, now),
        url=url,
    )
    text = _("A perk is open that we told you of: %(perk)s.") % {"perk": first.title}
    return Card(TEMPLATE, facts, Todo(text, _("See this perk"), url))
