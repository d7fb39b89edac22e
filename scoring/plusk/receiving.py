"""Who may receive +K, and in what: whoever lets the giver open their page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import handles
from accounts.models import Source, User
from accounts.searching import named
from scoring import topics

OF_A_PERSON = "profile"  # kind of a source that is one person's; several people may run a page


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may receive +K, as the giver knows them.

    shown: the topics that the giver sees of them, in their order. totals: the giver also sees how
    much +K counts there.
    """

    user: User
    name: str
    handle: str
    shown: tuple[str, ...]
    totals: bool


def find(text: str, *, viewer: User, now: datetime) -> Receiver | None:
    """Return who has a handle, as `/@text` finds them. Up to three queries.

    None where that page is not there for the viewer: unknown, private and blocked are one.
    """
    return _read(handles.find(text.removeprefix("@"), viewer=viewer, now=now))


def find_person(user_id: int, *, viewer: User) -> Receiver | None:
    """Return what `find` does for somebody by their id. Up to three queries."""
    return _read(handles.find_person(user_id, viewer=viewer))


def _read(found: handles.Found) -> Receiver | None:
    if found.profile is None:
        return None
    told = topics.shown_to_others(found.profile.user_id, found.visible)
    return receiver(found, found.profile.user, told)


def receiver(found: handles.Found, whom: User, told: Sequence[topics.Shown]) -> Receiver:
    """Return somebody as a giver knows them, of a page and its topics that were read already."""
    return Receiver(
        user=whom,
        name=named(whom, found.name),
        handle=found.name,
        shown=tuple(one.slug for one in told),
        totals=found.visible.plusk,
    )


def same_account(one_id: int, other_id: int) -> bool:
    """Tell whether both proved that the same account elsewhere is theirs: then they are one person.

    Several people may run one page, so only profiles count. Also what a proven file claims.
    """
    proven = Source.objects.filter(kind=OF_A_PERSON, grant__isnull=False)
    theirs = set(proven.filter(user_id=other_id).values_list("network", "issuer", "external_id"))
    mine = proven.filter(user_id=one_id).values_list("network", "issuer", "external_id")
    if theirs.intersection(mine):
        return True
    claims = Source.objects.filter(proven_at__isnull=False).exclude(claim="")
    claimed = claims.filter(user_id=other_id).values("claim")
    return claims.filter(user_id=one_id, claim__in=claimed).exists()
