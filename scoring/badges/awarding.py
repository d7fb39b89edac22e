"""The step of a rescore that awards badges, and the nightly count of who holds them."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count

from accounts import notices
from accounts.models import User
from scoring.badges import facts
from scoring.engine.badges import Due, due
from scoring.models import BadgeAward, BadgeHere, BadgeStanding

_DAYLESS = frozenset({"topics", "lists"})


@transaction.atomic
def award(user_id: int, *, now: datetime) -> list[BadgeAward]:
    """Write the levels that a person has reached and does not hold yet, and how far they are.

    Returns the new awards. Call it after pipeline.score_day and topics.rescore, in the same
    transaction. What is held stays, whatever the rows say now. Doing it again changes nothing.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    found = facts.of_person(user)
    mine = BadgeAward.objects.filter(user=user)
    before = BadgeStanding.objects.filter(user=user).first()
    told = before.counts if before is not None else {}
    new = [
        _award(user_id, one, now, first=told.get(one.badge.slug) is None)
        for one in due(found, set(mine.values_list("badge", "level")))
    ]
    BadgeAward.objects.bulk_create(new)
    _tell(new, now)
    BadgeStanding.objects.update_or_create(
        user=user,
        defaults={"as_of": now, "counts": {slug: fact.count for slug, fact in found.items()}},
    )
    return new


def _award(user_id: int, one: Due, now: datetime, *, first: bool) -> BadgeAward:
    """Return a new row. first: its badge was not counted before.

    Topics and lists tell no day before that: what there is then is old.
    """
    reached = one.reached
    return BadgeAward(
        user_id=user_id,
        badge=one.badge.slug,
        level=one.level,
        earned_on=reached.on if reached else now.astimezone(UTC).date(),
        exact=reached.exact if reached else False,
        old=bool(reached and reached.old) or (first and one.badge.slug in _DAYLESS),
        rule=one.badge.rule,
        counted_at=now,
    )


def _tell(new: list[BadgeAward], now: datetime) -> None:
    """Tell a person the highest new level of each badge; what old posts earned is no news."""
    highest = {one.badge: one for one in new if not one.old}  # levels ascend
    for one in highest.values():
        notices.tell(
            person_id=one.user_id,
            kind="badge_earned",
            key=f"{one.badge}:{one.level}",
            values={
                "badge": f"{one.badge}:{one.level}",
                "earned_on": one.earned_on.isoformat(),
            },
            now=now,
        )


def count_holders(*, hold: Callable[[], None] = lambda: None) -> None:
    """Count who holds each level, of everybody here. `hold` is called first in the transaction."""
    with transaction.atomic():
        hold()
        population = User.objects.filter(is_active=True).count()
        held = BadgeAward.objects.filter(user__is_active=True).order_by().values("badge", "level")
        rows = [
            BadgeHere(population=population, **row) for row in held.annotate(people=Count("pk"))
        ]
        BadgeHere.objects.all().delete()
        BadgeHere.objects.bulk_create(rows)
