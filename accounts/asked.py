"""Who asked for a person's score by a program: counted by day, told to that person alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Block, ScoreAsked, User
from accounts.visibility import Viewer, shown

KEPT = timedelta(days=90)
MOST_TOLD = 200  # lines


@dataclass(frozen=True, slots=True)
class Asked:
    """How often somebody asked on a day. `handle` is "" where they are not told by name."""

    day: date
    who: str
    handle: str
    times: int


def count(*, user_id: int, by_id: int, now: datetime) -> None:
    """Take note that a program of somebody asked for a score. One query, three the first time.

    By day and person: nobody learns at which hour it was, or for what.
    """
    same = ScoreAsked.objects.filter(user_id=user_id, by_id=by_id, day=now.date())
    if _add_one(user_id, by_id, now.date()):
        return
    try:
        with transaction.atomic():
            ScoreAsked.objects.create(user_id=user_id, by_id=by_id, day=now.date(), times=1)
    except IntegrityError:  # somebody's other program was faster, or one of the two has left
        same.update(times=F("times") + 1)


def _add_one(user_id: int, by_id: int, day: date) -> int:
    """Count one more where that was done today already; return how many rows that were.

    Each request of a program does this. Django takes four times as long to write the statement as
    the database takes to do it, so it is written here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ScoreAsked._meta.db_table} SET times = times + 1"  # noqa: S608 - our table
            " WHERE user_id = %s AND by_id = %s AND day = %s",
            [user_id, by_id, connection.ops.adapt_datefield_value(day)],
        )
        return int(cursor.rowcount)


def count_all(*, user_ids: Collection[int], by_id: int, now: datetime) -> None:
    """Take note, as `count` does, of several people at once. One query, more the first time."""
    rows = ScoreAsked.objects.filter(user__in=user_ids, by_id=by_id, day=now.date())
    if rows.update(times=F("times") + 1) < len(user_ids):
        for user_id in set(user_ids).difference(rows.values_list("user_id", flat=True)):
            count(user_id=user_id, by_id=by_id, now=now)


def of_person(user: User, *, now: datetime) -> list[Asked]:
    """Return who asked for the score of a person, the newest day first. Two queries.

    Others are named where their own page is open to the person; else it was "a program".
    """
    since = (now - KEPT).date()
    rows = ScoreAsked.objects.filter(user=user, day__gte=since).select_related("by__profile")
    rows = rows.prefetch_related("by__handles").order_by("-day", "-times", "pk")[:MOST_TOLD]
    blockers = set(Block.objects.filter(blocked=user).values_list("blocker_id", flat=True))
    return [_told(row, user, blocked=row.by_id in blockers) for row in rows]


def forget(*, now: datetime) -> int:
    """Forget what is older than it is kept. Returns how many rows went."""
    old = ScoreAsked.objects.filter(day__lt=(now - KEPT).date())
    return old.delete()[0]


def _told(row: ScoreAsked, user: User, *, blocked: bool) -> Asked:
    if row.by_id == user.pk:
        return Asked(row.day, _("A program of your own"), "", row.times)
    profile = getattr(row.by, "profile", None) if row.by else None
    open_ = shown(profile, Viewer(signed_in=True, blocked=blocked)).page
    names = [one.name for one in row.by.handles.all() if one.left_at is None] if row.by else []
    if not (open_ and names):
        return Asked(row.day, _("A program"), "", row.times)
    return Asked(row.day, _("A program of @%(handle)s") % {"handle": names[0]}, names[0], row.times)
