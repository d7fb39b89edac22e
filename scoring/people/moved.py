"""Who moved somebody, and whom they moved: reactions of 90 days, by the points they brought.

The ledger tells points by post and kind of reaction, and not by person. So whoever acted gets an
equal share of what their post and kind brought: together they never come to more than the lines.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accounts.blocking import apart
from accounts.handles import current_of
from accounts.models import Audience, Profile, User
from accounts.searching import named
from accounts.visibility import open_to, reach
from scoring.engine import ALGORITHM
from scoring.models import Interaction, LedgerLine

WINDOW = timedelta(days=90)
MOST = 50  # people of a list
_MOST_ACTS = 5_000  # groups of acts that are looked at

Key = tuple[int, int | None, str]  # source, post (None for follows), kind


@dataclass(frozen=True, slots=True)
class Mover:
    """Somebody here, how often they acted, and their share of the points that this brought."""

    name: str
    handle: str
    acts: int
    points: float


@dataclass(frozen=True, slots=True)
class Others:
    """Everybody else of a network: how many it named, and the points that have no name here."""

    network: str
    people: int
    points: float


@dataclass(frozen=True, slots=True)
class _Acts:
    """How often somebody did something to a post."""

    name: str
    handle: str
    network: str
    key: Key
    number: int


def who_moved(user: User, *, now: datetime) -> tuple[list[Mover], list[Others]]:
    """Return people here who acted on somebody's posts, and the rest by network. Four queries.

    By name only those who let the person see their page and their linked accounts.
    """
    acts = _acts(now).filter(source__user=user).exclude(actor__member=user)
    seen = open_to(user, "networks", person="actor__member") & ~apart(user, "actor__member")
    held = _grouped(acts.filter(seen), "actor__member")
    lines = _brought(now, Q(user=user))
    units = _units(lines, acts)
    by_network: dict[str, float] = defaultdict(float)
    for network, _key, points, _count in lines:
        by_network[network] += points
    for one in held:
        by_network[one.network] -= units.get(one.key, 0.0) * one.number
    others = acts.filter(~seen | Q(actor__member=None))
    people = dict(others.values_list("source__network").annotate(Count("actor", distinct=True)))
    rest = [Others(one, people.get(one, 0), by_network[one]) for one in {*people, *by_network}]
    return _movers(held, units), sorted(rest, key=lambda one: (-one.points, one.network))


def whom_moved(user: User, *, now: datetime) -> list[Mover] | None:
    """Return people here on whose posts somebody acted, by the points it brought these.

    Only people who show the person their score, how it went, and their linked accounts; None while
    the person shows no member their own linked accounts. Up to four queries.
    """
    profile = Profile.objects.select_related("user").filter(user=user).first()
    if reach(profile, "networks") == Audience.NOBODY:
        return None
    seen = open_to(user, "score", "history", "networks", person="source__user")
    acts = _acts(now).filter(seen, ~apart(user, "source__user"), source__selected=True)
    held = _grouped(acts.filter(actor__member=user).exclude(source__user=user), "source__user")
    if not held:
        return []
    sources = {one.key[0] for one in held}
    lines = _brought(now, Q(source__in=sources))
    return _movers(held, _units(lines, acts.filter(source__in=sources)))


def _acts(now: datetime) -> QuerySet[Interaction]:
    return Interaction.objects.filter(at__gt=now - WINDOW, at__lte=now).order_by()


def _grouped(acts: QuerySet[Any], person: str) -> list[_Acts]:
    """Return what people did, who have a handle. person: the way from an act to them."""
    rows = acts.annotate(handle=current_of(person)).filter(handle__isnull=False)
    rows = rows.values(
        "handle", f"{person}__display_name", "source__network", "source", "post", "kind"
    )
    return [
        _Acts(
            name=named(User(display_name=row[f"{person}__display_name"]), row["handle"]),
            handle=row["handle"],
            network=row["source__network"],
            key=(row["source"], row["post"], row["kind"]),
            number=row["number"],
        )
        for row in rows.annotate(number=Count("pk")).order_by("handle")[:_MOST_ACTS]
    ]


def _brought(now: datetime, whose: Q) -> list[tuple[str, Key, float, int]]:
    """Return network, key, points and reactions of what reactions brought. One query."""
    lines = LedgerLine.objects.filter(
        whose,
        model=ALGORITHM,
        day__gt=(now - WINDOW).date(),
        reason=LedgerLine.Reason.REACTIONS,
        source__isnull=False,
    )
    rows = lines.values_list("source_network", "source", "post", "kind").order_by()
    return [
        (network, (source, post, kind), points, count)
        for network, source, post, kind, points, count in rows.annotate(Sum("points"), Sum("count"))
    ]


def _units(
    lines: Iterable[tuple[str, Key, float, int]], acts: QuerySet[Interaction]
) -> dict[Key, float]:
    """Return what one act of a key brought: its points over all who acted, named or not."""
    rows = acts.values_list("source", "post", "kind").annotate(number=Count("pk"))
    known = {(source, post, kind): number for source, post, kind, number in rows}
    return {
        key: points / max(count, known[key])
        for _network, key, points, count in lines
        if key in known
    }


def _movers(held: Iterable[_Acts], units: dict[Key, float]) -> list[Mover]:
    names: dict[str, str] = {}
    acts: dict[str, int] = defaultdict(int)
    points: dict[str, float] = defaultdict(float)
    for one in held:
        names[one.handle] = one.name
        acts[one.handle] += one.number
        points[one.handle] += units.get(one.key, 0.0) * one.number
    found = [Mover(names[one], one, acts[one], points[one]) for one in names]
    return sorted(found, key=lambda one: (-one.points, -one.acts, one.handle))[:MOST]
