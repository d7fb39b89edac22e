"""Units of a campaign: how many there are, more of them, fewer of them, and codes of a brand.

counts(campaign_id)                        total, free, held, taken
add(campaign_id, number, actor_id, now)    more parcels, or codes that we make
cut(campaign_id, number, actor_id, now)    fewer: free ones only, never what is held or taken
upload(campaign_id, file, ...)             codes of the brand: all of the file, or none of it
made_codes(campaign_id, actor_id, now)     codes we made, for the brand's till
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import whole
from perks import claims, codes
from perks.acts import lock, note, refuse
from perks.codes import CodesRefused, Trouble
from perks.models import Campaign, Unit

MOST_UNITS = 100_000  # of one campaign
AT_ONCE = 1_000  # rows of one statement


class Counts(NamedTuple):
    """How many units there are, and what they are at the moment."""

    total: int
    free: int
    held: int
    taken: int


def counts(campaign_id: int) -> Counts:
    """Return how many units a campaign has, in one query."""
    rows = Unit.objects.filter(campaign_id=campaign_id).order_by().values_list("state")
    by = dict(rows.annotate(number=Count("pk")))
    return Counts(sum(by.values()), by.get("free", 0), by.get("held", 0), by.get("taken", 0))


@transaction.atomic
def add(*, campaign_id: int, number: int, actor_id: int | None, now: datetime) -> Counts:
    """Add units that need no code of the brand. Raises CampaignError."""
    campaign = lock(campaign_id)
    if campaign.delivery == Campaign.Delivery.CODES:
        refuse(_("More of these come with more codes: upload them."))
    if not 1 <= number <= MOST_UNITS - campaign.planned:
        refuse(_("From 1 to %(most)s.") % {"most": whole(MOST_UNITS - campaign.planned)})
    campaign.planned += number
    campaign.save(update_fields=["planned"])
    if campaign.published_at is not None:
        fill(campaign)
    return _changed(campaign, actor_id, "stock up", number, now)


@transaction.atomic
def cut(*, campaign_id: int, number: int, actor_id: int | None, now: datetime) -> Counts:
    """Take free units away, the last ones first. Raises CampaignError when so many are not free."""
    campaign = lock(campaign_id)
    free = Unit.objects.filter(campaign=campaign, state=Unit.State.FREE)
    spare = free.select_for_update().order_by("-number").values_list("pk", flat=True)
    keys = list(spare[: max(number, 0)])
    if not keys or len(keys) < number:
        left = len(keys)
        refuse(
            ngettext(
                "%(left)s unit is free. What is held or taken stays with its person.",
                "%(left)s units are free. What is held or taken stays with its person.",
                left,
            )
            % {"left": left}
        )
    for start in range(0, len(keys), AT_ONCE):
        Unit.objects.filter(pk__in=keys[start : start + AT_ONCE]).delete()
    campaign.planned = Unit.objects.filter(campaign=campaign).count()
    campaign.save(update_fields=["planned"])
    return _changed(campaign, actor_id, "stock down", number, now)


@transaction.atomic
def upload(
    *, campaign_id: int, file: BinaryIO, actor_id: int | None, now: datetime, length: int = 0
) -> Counts:
    """Add the codes of a file, all of them or none.

    length: of each code, where the brand says it. Raises CodesRefused with the rows, also when
    there would be fewer codes than promised; CampaignError where no codes belong.
    """
    campaign = lock(campaign_id)
    if campaign.delivery != Campaign.Delivery.CODES:
        refuse(_("This campaign takes no codes of the brand."))
    rows = codes.read(file, length=length)
    there = Unit.objects.filter(campaign=campaign).count()
    if there + len(rows) < campaign.planned:
        short = _("%(planned)s are promised; with this file there are codes for %(there)s.")
        raise CodesRefused(
            Trouble(short % {"planned": campaign.planned, "there": there + len(rows)})
        )
    digests = {row: codes.digest(code, brand=campaign.brand) for row, code in rows.items()}
    _refuse_known(digests)
    try:
        with transaction.atomic():
            _make(campaign, [(rows[row], digests[row]) for row in rows])
    except IntegrityError as error:  # uploaded by somebody else at this moment
        _refuse_known(digests)
        raise CodesRefused(Trouble(_("Somebody uploads the same codes at this moment."))) from error
    campaign.planned = there + len(rows)
    campaign.save(update_fields=["planned"])
    return _changed(campaign, actor_id, "upload", len(rows), now)


def _refuse_known(digests: dict[int, str]) -> None:
    """Raise CodesRefused with the rows whose codes are here already, in whatever campaign."""
    keys, known = list(digests.values()), set[str]()
    for start in range(0, len(keys), AT_ONCE):
        same = Unit.objects.filter(digest__in=keys[start : start + AT_ONCE])
        known.update(same.values_list("digest", flat=True))
    rows = [row for row, digest in digests.items() if digest in known]
    if rows:
        text = ngettext(
            "%(number)s code was uploaded before.",
            "%(number)s codes were uploaded before.",
            len(rows),
        )
        raise CodesRefused(Trouble(text % {"number": len(rows)}, tuple(rows[: codes.ROWS_NAMED])))


def fill(campaign: Campaign) -> None:
    """Make the units that a locked campaign lacks of what is planned, with codes where we make
    them.
    """
    missing = campaign.planned - Unit.objects.filter(campaign=campaign).count()
    if campaign.delivery == Campaign.Delivery.MADE:
        new = [codes.made() for _unit in range(missing)]
        _make(campaign, [(code, codes.digest(code, brand=campaign.brand)) for code in new])
    else:
        _make(campaign, [("", "")] * missing)


def made_codes(
    *, campaign_id: int, actor_id: int | None, now: datetime
) -> Iterator[tuple[int, str]]:
    """Yield (number, code) of the codes that we made, which the brand's till must know.

    That it was asked for is written down. Raises CampaignError for codes of the brand.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if campaign.delivery != Campaign.Delivery.MADE:
        refuse(_("We made no codes for this campaign."))
    note(campaign, actor_id, "codes", now)
    units = Unit.objects.filter(campaign=campaign).order_by("number")
    return ((unit.number, unit.code()) for unit in units.iterator(AT_ONCE))


def _make(campaign: Campaign, pairs: list[tuple[str, str]]) -> None:
    """Add free units with these codes and digests."""
    last = Unit.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    units = [
        Unit(campaign=campaign, number=number, digest=digest)
        for number, (_code, digest) in enumerate(pairs, start=last + 1)
    ]
    for unit, (code, _digest) in zip(units, pairs, strict=True):
        unit.seal(code)
    Unit.objects.bulk_create(units, batch_size=AT_ONCE)


def _changed(
    campaign: Campaign, actor_id: int | None, act: str, number: int, now: datetime
) -> Counts:
    note(campaign, actor_id, act, now, number=number)
    found = counts(campaign.pk)
    claims.settle_soon(campaign.pk, now)
    return found
