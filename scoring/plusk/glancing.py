"""What home tells of +K: how many are left, what is new, what waits, and the newest one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import User
from scoring.engine.plusk import Act
from scoring.models import PlusK, PlusKAct
from scoring.plusk.giving import Left, left_of, number_of
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
        unseen=number_of(got.filter(pk__gt=OuterRef("plusk_member__seen")), "receiver"),
        waiting=number_of(got.filter(~_ANSWERED, offered=True), "receiver"),
        used=number_of(today.filter(~_UNDONE), "giver"),
        tried=number_of(today, "giver"),
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
