"""Seals codes, addresses and seeds with the first key of TOKEN_KEYS; see accounts.rotating."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from accounts import rotating, sealing
from perks import entries
from perks.models import Campaign, Claim, Unit


def rotate() -> Iterator[str]:
    """Seal each anew; yield "" for each done and a sentence for each that cannot be opened."""
    yield from _each(_stale(Unit.objects.all(), "sealed_code"), "sealed_code", _unit)
    yield from _each(_stale(Claim.objects.all(), "sealed_address"), "sealed_address", _claim)
    yield from _each(_stale(Campaign.objects.all(), "sealed_seed"), "sealed_seed", _campaign)


def left() -> int:
    """Return how many values still need an older key."""
    return (
        _stale(Unit.objects.all(), "sealed_code").count()
        + _stale(Claim.objects.all(), "sealed_address").count()
        + _stale(Campaign.objects.all(), "sealed_seed").count()
    )


def _stale(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    prefix = sealing.current_prefix()
    return rows.exclude(**{name: ""}).exclude(**{f"{name}__startswith": prefix})


def _unit(unit: Unit) -> None:
    unit.seal(unit.code())


def _claim(claim: Claim) -> None:
    claim.seal_address(claim.address())


def _campaign(campaign: Campaign) -> None:
    entries.seal_seed(campaign, entries.seed_of(campaign))


def _each(rows: QuerySet[Any], name: str, seal: Callable[[Any], None]) -> Iterator[str]:
    """Seal row by row; whoever changes one meanwhile wins."""
    for row in rotating.in_turn(rows):
        before = getattr(row, name)
        try:
            seal(row)
        except sealing.CannotOpen as error:
            yield f"What is sealed of {row} cannot be opened: {error}"
            continue
        same = type(row)._default_manager.filter(pk=row.pk, **{name: before})
        if same.update(**{name: getattr(row, name)}):
            yield ""
