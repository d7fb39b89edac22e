"""Badges as pages tell them: what somebody holds, what is near, and how many hold the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.prepared import NUMBER, Prepared
from scoring.engine.badges import BADGES, TABLE, Badge, Next, nearest, next_of
from scoring.models import BadgeAward, BadgeChoice, BadgeHere, BadgeStanding
from scoring.pipeline import RANKED_FROM


@dataclass(frozen=True, slots=True)
class Held:
    """The highest level of a badge that somebody has, and the lower ones, the highest first."""

    badge: Badge
    award: BadgeAward
    lower: tuple[BadgeAward, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Mine:
    """All that a person's own page of badges tells. as_of: None while nothing was counted."""

    as_of: datetime | None
    shown: list[Held] = field(default_factory=list)
    hidden: list[Held] = field(default_factory=list)
    old: int = 0  # badges of which a level was earned by old posts
    old_declined: bool = False
    ahead: Mapping[str, Next] = field(default_factory=dict)
    counts: Mapping[str, int | None] = field(default_factory=dict)  # None: no network tells

    @property
    def near(self) -> list[Next]:
        """The levels that are nearest."""
        return nearest(self.ahead.values())


def of_person(user_id: int) -> Mine:
    """Return what a person holds and what is ahead. Three queries."""
    awards = list(BadgeAward.objects.filter(user_id=user_id).order_by("-level"))
    choices = {one.badge: one for one in BadgeChoice.objects.filter(user_id=user_id)}
    standing = BadgeStanding.objects.filter(user_id=user_id).first()
    declined = standing is not None and standing.old_declined
    counts = standing.counts if standing else {}
    levels: dict[str, set[int]] = defaultdict(set)
    for one in awards:
        levels[one.badge].add(one.level)
    ahead = {
        badge.slug: found
        for badge in TABLE
        if (found := next_of(badge, counts.get(badge.slug), levels[badge.slug])) is not None
    }
    pins = {slug: choice.pinned_at for slug, choice in choices.items()}
    kept = _held([one for one in awards if not (declined and one.old)], pins)
    hidden = {slug for slug, choice in choices.items() if choice.hidden}
    return Mine(
        as_of=standing.as_of if standing else None,
        shown=[one for one in kept if one.badge.slug not in hidden],
        hidden=[one for one in kept if one.badge.slug in hidden],
        old=len({one.badge for one in awards if one.old}),
        old_declined=declined,
        ahead=ahead,
        counts=counts,
    )


def shown(user_id: int) -> list[Held]:
    """Return the badges that others may know of, the pinned ones first. One query.

    Not those that are hidden, nor those of old posts that the person does without. Whether others
    may see badges at all is told by accounts.visibility.
    """
    by_level = _AWARDS(user_id)
    return _held(by_level, {one.badge: one.pinned_at for one in by_level})


def _awards(user_id: Any) -> QuerySet[Any]:
    choices = BadgeChoice.objects.filter(user_id=user_id, badge=OuterRef("badge"))
    rows = BadgeAward.objects.filter(~Exists(choices.filter(hidden=True)), user_id=user_id)
    rows = rows.exclude(old=True, user__badge_standing__old_declined=True)
    awards = rows.annotate(pinned_at=Subquery(choices.values("pinned_at")[:1]))
    return awards.order_by("-level")


_AWARDS = Prepared(_awards, NUMBER)


def shares() -> dict[tuple[str, int], float]:
    """Return (badge, level) -> percent of the people here who hold it; empty among few people."""
    return _shares(BadgeHere.objects.all())


def shares_of(badge: str) -> dict[tuple[str, int], float]:
    """Return the same of one badge."""
    return _shares(BadgeHere.objects.filter(badge=badge))


def _shares(rows: QuerySet[BadgeHere]) -> dict[tuple[str, int], float]:
    enough = rows.filter(population__gte=RANKED_FROM)
    return {(one.badge, one.level): 100 * one.people / one.population for one in enough}


def _held(awards: Iterable[BadgeAward], pins: Mapping[str, datetime | None]) -> list[Held]:
    """Return badges with their levels, of which the highest come first: pinned, then the newest."""
    levels: dict[str, list[BadgeAward]] = defaultdict(list)
    for one in awards:
        if one.badge in BADGES:
            levels[one.badge].append(one)
    found = [
        Held(BADGES[slug], best, tuple(lower), pinned=pins.get(slug) is not None)
        for slug, (best, *lower) in levels.items()
    ]
    found.sort(key=lambda one: (one.award.earned_on, one.badge.slug), reverse=True)
    late = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: pins.get(one.badge.slug) or late)
