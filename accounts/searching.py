"""Finding people by handle or name: among those who want to be found, and nobody else."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from accounts.models import Audience, Block, Handle, User
from accounts.visibility import MEMBER, shown

MOST_FOUND = 20
SHORTEST = 2  # letters that are asked for
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wants to be found."""

    name: str
    handle: str


def named(user: User, handle: str) -> str:
    """Return the name to tell others: the one that the person chose, else the handle.

    Never the user name: it may be the front of an e-mail address.
    """
    return user.display_name.strip() or f"@{handle}"


def search(asked: str, *, viewer: User) -> list[Person]:
    """Return people whose handle begins with `asked` or whose name holds it, handles first.

    Only those who opted in, whose page a member may open, and who do not block the viewer, who is
    left out too. One query; none for fewer than two letters or more than eighty.
    """
    asked = asked.strip().removeprefix("@")
    if not SHORTEST <= len(asked) <= LONGEST or "\0" in asked:
        return []
    # SQLite knows upper and lower case of a to z alone.
    spellings = {asked, asked.lower(), asked.upper(), asked.title()}
    by_name = Q()
    for each in spellings:
        by_name |= Q(user__display_name__icontains=each)
    rows = Handle.objects.filter(
        Q(name__startswith=asked.lower()) | by_name,
        ~Exists(Block.objects.filter(blocker=OuterRef("user"), blocked=viewer)),
        left_at=None,
        user__is_active=True,
        user__profile__findable=True,
        user__profile__page__in=[Audience.MEMBERS, Audience.EVERYONE],
    ).exclude(user=viewer)
    found = rows.select_related("user__profile").order_by("name")[:MOST_FOUND]
    return sorted(
        (
            Person(named(row.user, row.name), row.name)
            for row in found
            if row.user is not None and shown(row.user.profile, MEMBER).findable
        ),
        key=lambda one: (not one.handle.startswith(asked.lower()), one.handle),
    )
