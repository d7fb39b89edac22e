"""Sample campaigns of the sandbox: six kinds, of brands that do not exist.

make(now, takers)   those that are missing or over; returns the ids of the new ones

Whoever comes new finds one to claim at once, one by lot, one that is nearly open, one that needs a
country, one that is gone with people waiting, and one that is still to open.
"""

import io
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from perks import campaigns, claims, codes, pictures, sample_pictures, stock
from perks.campaigns import Asked, Draft
from perks.eligibility import Rules
from perks.models import Campaign

OPEN_FOR = timedelta(days=28)
_MADE_UP = "This brand is made up, like everybody in the sandbox: what it gives buys nothing."
_EUROPE = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A campaign to be made. Its draft's times are set when it is; `gone`: all units are taken."""

    scene: str
    shows: str  # what the picture shows, for who does not see it
    draft: Draft
    opens_in: timedelta = field(default=-timedelta(hours=1))
    gone: bool = False


def make(*, now: datetime, takers: Sequence[int]) -> list[int]:
    """Make each sample campaign that is not there or is over. Returns the ids of the new ones.

    takers: ids of sample people, who claim the one that is gone. Each is one transaction.
    """
    there = Campaign.objects.filter(closes_at__gt=now, ended_at=None)
    known = set(there.values_list("brand", "title"))
    new = (one for one in _samples(now) if (one.draft.brand, one.draft.title) not in known)
    return [_make(one, now, takers) for one in new]


@transaction.atomic
def _make(sample: Sample, now: datetime, takers: Iterable[int]) -> int:
    opens = now + sample.opens_in
    draft = replace(sample.draft, opens_at=opens, closes_at=opens + OPEN_FOR)
    made = campaigns.create(draft=draft, actor_id=None, now=now)
    pictures.keep(
        campaign_id=made.pk,
        data=sample_pictures.draw(sample.scene),
        alt=sample.shows,
        actor_id=None,
        now=now,
    )
    if draft.delivery == Campaign.Delivery.CODES:
        lines = "\n".join(codes.made() for _code in range(draft.planned))
        stock.upload(campaign_id=made.pk, file=io.BytesIO(lines.encode()), actor_id=None, now=now)
    campaigns.publish(campaign_id=made.pk, actor_id=None, now=now)
    for user_id in list(takers)[: draft.planned] if sample.gone else ():
        key = secrets.token_hex(16)
        held = claims.hold(user_id=user_id, campaign_id=made.pk, key=key, now=now)
        claims.claim(user_id=user_id, ref=held.ref, now=now)
    return made.pk


def _draft(now: datetime, **fields: object) -> Draft:
    texts = {"description": _MADE_UP, "delivery": Campaign.Delivery.MADE}
    return Draft(**(texts | {"opens_at": now, "closes_at": now + OPEN_FOR} | fields))  # type: ignore[arg-type]


def _samples(now: datetime) -> list[Sample]:
    return [_at_once(now), _by_lot(now), _nearly(now), _by_parcel(now), _gone(now), _to_come(now)]


def _at_once(now: datetime) -> Sample:
    return Sample(
        "radio",
        "Rings like waves of sound above a small sun",
        _draft(
            now,
            title="A month of night radio",
            brand="Hearthside Radio",
            gets="A code for a month of talks and concerts after dark",
            planned=400,
            how_to_use="Type the code where the radio asks for one. " + _MADE_UP,
            contact="listeners@hearthside.example",
            disclosure="Hearthside Radio gave me a month for nothing.",
        ),
    )


def _by_lot(now: datetime) -> Sample:
    return Sample(
        "oven",
        "Three loaves before the glow of an oven",
        _draft(
            now,
            title="A night in the bakery",
            brand="Ovenlight",
            gets="A place at the table while the bread is made, and a loaf to take home",
            planned=12,
            mode=Campaign.Mode.DRAW,
            contact="night@ovenlight.example",
        ),
    )


def _nearly(now: datetime) -> Sample:
    return Sample(
        "notebook",
        "A dotted notebook with a pen on it",
        _draft(
            now,
            title="Dotted notebook",
            brand="Marginalia Paper",
            gets="A code for a notebook of 96 dotted pages",
            planned=60,
            delivery=Campaign.Delivery.CODES,
            rules=Rules(score_from=42, topic="maps-and-gis"),
            disclosure="Marginalia sent me this notebook for nothing.",
        ),
    )


def _by_parcel(now: datetime) -> Sample:
    return Sample(
        "map",
        "Coast lines one behind the other, with a mark where the harbour is",
        _draft(
            now,
            title="Harbour map on linen",
            brand="Paperwharf",
            gets="A map of a harbour of your choice, printed on linen",
            planned=40,
            delivery=Campaign.Delivery.PARCEL,
            rules=Rules(countries=tuple(_EUROPE.split())),
            learns=("address", "answers", "name"),
            questions=(
                Asked("How shall it come?", ("Rolled", "Folded"), required=True),
                Asked("Which harbour?"),
            ),
        ),
    )


def _gone(now: datetime) -> Sample:
    return Sample(
        "honey",
        "Honeycombs in three shades",
        _draft(
            now,
            title="First jar of heather honey",
            brand="Moorside Bees",
            gets="A code for the first jar of the year",
            planned=3,
        ),
        gone=True,
    )


def _to_come(now: datetime) -> Sample:
    return Sample(
        "wheel",
        "A bicycle wheel",
        _draft(
            now,
            title="Winter service for a bicycle",
            brand="Spokewright",
            gets="A code for a service before the first frost",
            planned=25,
        ),
        opens_in=timedelta(days=3),
    )
