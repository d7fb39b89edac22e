"""What home tells of +K: how many are left, what is new, what waits, and the newest one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from scoring.engine.plusk import Act
from scoring.models import PlusK, PlusKAct
from scoring.plusk.giving import Left, left_of
from scoring.plusk.reading import Newest, newest

_ACTS = PlusKAct.objects.filter(plusk=OuterRef("pk"))
_UNDONE = Exists(_ACTS.filter(kind=Act.UNDO))
_ANSWERED = Exists(_ACTS.filter(kind__in=[Act.ACCEPT, Act.HIDE, Act.REPORT]))


@dataclass(frozen=True, slots=True)
class Glance:
    """+K of a person in short. unseen: received and not shown yet. waiting: for their answer.

    reachable: somebody else may open their page, without which nobody can give them any.
    """

    left: Left
    unseen: int
    waiting: int
    reachable: bool
    newest: Newest | None


def glance(user: User, *, now: datetime) -> Glance:
    """Return +K of a person in short. Two queries."""
    got = PlusK.objects.filter(~_UNDONE, receiver=OuterRef("plusk_member"))
    today = PlusK.objects.filter(giver=OuterRef("plusk_member"), day=OuterRef("plusk_member__day"))
    rows = User.objects.filter(pk=user.pk).annotate(
        unseen=_number(got.filter(pk__gt=OuterRef("plusk_member__seen")), "receiver"),
        waiting=_number(got.filter(~_ANSWERED, offered=True), "receiver"),
        used=_number(today.filter(~_UNDONE), "giver"),
        tried=_number(today, "giver"),
    )
    row = rows.values(
        "unseen", "waiting", "used", "tried",
        "plusk_member__day", "plusk_member__zone", "profile__page",
    ).get()  # fmt: skip
    return Glance(
        left=left_of(
            user,
            day=row["plusk_member__day"],
            zone=row["plusk_member__zone"] or "",
            used=row["used"],
            tried=row["tried"],
            now=now,
        ),
        unseen=row["unseen"],
        waiting=row["waiting"],
        reachable=bool(row["profile__page"]),
        newest=newest(user),
    )


def _number(rows: QuerySet[PlusK], by: str) -> Any:
    """Return how many rows there are, all of one `by`, as part of another query."""
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
