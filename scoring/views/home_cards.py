"""Cards of home: that of +K, and those which other apps add to CARDS when they are set up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.figures import whole
from accounts.models import User
from scoring import plusk
from scoring.engine.topics.taxonomy import taxonomy
from scoring.views import taxonomy as names
from scoring.views.one_thing import Todo
from scoring.views.plusk_rows import called, left_words


@dataclass(frozen=True, slots=True)
class Card:
    """A card for `template`, which knows it as `card`. offer: what there is to do about it."""

    template: str
    facts: Any
    offer: Todo | None = None


CARDS: dict[str, Callable[[User, datetime], Card]] = {}  # each asks one query at most


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest +K that counts. thank: where to thank for it, "" once that is done."""

    name: str
    handle: str
    topic: str
    topic_url: str
    because: str
    thank: str


@dataclass(frozen=True, slots=True)
class PlusKFacts:
    """What the card of +K tells. fresh: what was not seen yet, "" for nothing."""

    left: str
    fresh: str
    newest: Newest | None


def plusk_card(known: plusk.Glance, now: datetime) -> Card:
    """Return the card of +K: what is left today, and the newest with the way to thank."""
    form = ngettext("%(n)s new +K for you.", "%(n)s new +K for you.", known.unseen)
    facts = PlusKFacts(
        left=left_words(known.left, now),
        fresh=form % {"n": whole(known.unseen)} if known.unseen else "",
        newest=_newest(known.newest) if known.newest else None,
    )
    return Card("scoring/plusk/_card.html", facts)


def _newest(one: plusk.Newest) -> Newest:
    return Newest(
        name=called(one.by),
        handle=one.by.handle,
        topic=names.name_of(one.topic),
        topic_url=reverse("topic", args=[one.topic]) if taxonomy().get(one.topic) else "",
        because=one.because,
        thank="" if one.thanked else reverse("plusk_act", args=[one.id, "thank"]),
    )
