"""Whom a program written for Klout may ask about: what accounts.visibility lets strangers see."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower

from accounts.connectors.setup import SETUPS
from accounts.handles import current_of
from accounts.models import Profile, Source
from accounts.visibility import STRANGER, Visible, shown
from scoring.models import ScoreSnapshot

# Klout's word for a network -> ours. Google+ ("gp") is gone: nobody is found by it.
NETWORKS = {"tw": "x", "ig": "instagram", "fb": "facebook"}
_ID = re.compile(r"[0-9]{1,24}")
_NAME = re.compile(r"[A-Za-z0-9_]{1,30}")
_HANDLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,29}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of whom a stranger may see something.

    nick: the handle, or "". twitter_id and twitter_name: the account at X that counts, or "", also
    where linked accounts are not open. newest: the last day that was worked out.
    """

    user_id: int
    klout_id: str
    nick: str
    visible: Visible
    twitter_id: str
    twitter_name: str
    newest: date | None


def by_klout_id(klout_id: str) -> QuerySet[Profile]:
    """Return the profile of this id."""
    return _one(klout_id=klout_id) if _ID.fullmatch(klout_id) else Profile.objects.none()


def by_handle(handle: str) -> QuerySet[Profile]:
    """Return the profile of who has this handle now."""
    if not _HANDLE.fullmatch(handle):
        return Profile.objects.none()
    return _one(user__handles__name=handle.lower(), user__handles__left_at=None)


def called(name: str, *, only_at_x: bool = False) -> Iterator[list[Person]]:
    """Yield, way by way, who shows a score under a name: a handle here, else a name at X."""
    ways: list[tuple[QuerySet[Profile], bool]] = [(by_twitter_names([name]), True)]
    if not only_at_x:
        ways.insert(0, (by_handle(name), False))
    for profiles, at_x in ways:
        yield [
            one
            for one in found(profiles)
            if one.nick and one.visible.score and (one.visible.networks or not at_x)
        ]


def by_account(network: str, external_id: str) -> QuerySet[Profile]:
    """Return the profile of whom a linked account speaks for. network: Klout's word for it."""
    if network not in NETWORKS or not _ID.fullmatch(external_id):
        return Profile.objects.none()
    return _linked(network=NETWORKS[network], external_id=external_id)


def by_twitter_names(names: Collection[str]) -> QuerySet[Profile]:
    """Return the profiles of whom these names at X speak for, whatever their case."""
    urls = [_x_address(name).lower() for name in names if _NAME.fullmatch(name)]
    if not urls:
        return Profile.objects.none()
    return _linked(network="x", address__in=urls)


def account_of(person: Person, network: str) -> str:
    """Return the account at a network that counts for a person, or "". One query at most."""
    if network not in NETWORKS:
        return ""
    mine = _counted().filter(user=person.user_id, network=NETWORKS[network]).order_by("pk")
    return str(mine.values_list("external_id", flat=True).first() or "")


def found(profiles: QuerySet[Profile]) -> list[Person]:
    """Return those of whom a stranger may see anything. One query."""
    days = ScoreSnapshot.objects.filter(user=OuterRef("user")).order_by("-day")
    at_x = _counted().filter(user=OuterRef("user"), network="x").order_by("pk")
    rows: Any = profiles.select_related("user").annotate(
        handle=current_of("user"),
        newest=Subquery(days.values("day")[:1]),
        x_id=Subquery(at_x.values("external_id")[:1]),
        x_url=Subquery(at_x.values("url")[:1]),
    )
    return [
        Person(
            user_id=row.user_id,
            klout_id=row.klout_id,
            nick=row.handle or "",
            visible=visible,
            twitter_id=row.x_id or "",
            twitter_name=unquote((row.x_url or "").rpartition("/")[2]),
            newest=row.newest,
        )
        for row in rows
        if (visible := shown(row, STRANGER)).page
    ]


def _one(**how: Any) -> QuerySet[Profile]:
    return Profile.objects.filter(**how)


def _linked(**which: Any) -> QuerySet[Profile]:
    """Return the profiles of those for whom linked accounts count; a file alone proves nobody."""
    accounts = _counted().annotate(address=Lower("url")).filter(**which)
    return Profile.objects.filter(user__in=accounts.values("user"))


def _counted() -> QuerySet[Any]:
    rows: QuerySet[Any] = Source.objects.counted().filter(grant__isnull=False)
    return rows


def _x_address(name: str) -> str:
    """Return the address that accounts.connectors.x gives an account of this name."""
    known = settings.NETWORKS.get("x")
    return f"{known.url('web') if known else SETUPS['x'].addresses['web']}/{name}"
