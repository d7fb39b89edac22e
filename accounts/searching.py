"""Finding people by handle or name: among those who want to be found, and nobody else."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.blocking import apart
from accounts.models import Handle, User
from accounts.visibility import open_to

MOST_FOUND = 20
SHORTEST = 2  # letters that are asked for
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wants to be found."""

    name: str
    handle: str


def named(user: User, handle: str) -> str:
    """Return the name to tell others: the one that the person chose, else the handle, else "".

    Never the user name: it may be the front of an email address.
    """
    return user.display_name.strip() or (f"@{handle}" if handle else "")


def search(asked: str, *, viewer: User) -> list[Person]:
    """Return people whose handle begins with `asked` or whose name holds it, handles first.

    Only those who opted in and whose page a member may open; nobody whom a block keeps apart from
    the viewer, who is left out too. One query; none for fewer than two letters or more than eighty.
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
        ~apart(viewer),
        open_to(viewer),
        left_at=None,
        user__profile__findable=True,
    ).exclude(user=viewer)
    found = rows.select_related("user").order_by("name")[:MOST_FOUND]
    return sorted(
        (Person(named(row.user, row.name), row.name) for row in found if row.user is not None),
        key=lambda one: (not one.handle.startswith(asked.lower()), one.handle),
    )
