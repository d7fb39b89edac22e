"""Who may receive +K, and in what: the one place that knows what others may know of a person."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Source, User
from scoring import topics
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import TopicListing

OF_A_PERSON = "profile"  # kind of a source that is one person's; several people may run a page


def _blocks_nobody(_user_id: int, _other_id: int) -> bool:
    return False


# Whether the first person blocked the second; set by whoever keeps blocks.
has_blocked: Callable[[int, int], bool] = _blocks_nobody


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may receive +K. shown: the topics that others see of them, strongest first."""

    user: User
    shown: tuple[str, ...]


def find(giver_id: int, receiver_id: int) -> Receiver | None:
    """Return the person if they are here, want to be named, and did not block the giver.

    None for everybody else, so that who is private and who is not here look alike. Three queries.
    """
    user = User.objects.filter(pk=receiver_id, is_active=True).first()
    if user is None or not TopicListing.objects.filter(user=user).exists():
        return None
    if has_blocked(receiver_id, giver_id):
        return None
    return Receiver(user, shown_by(receiver_id))


def shown_by(user_id: int) -> tuple[str, ...]:
    """Return the topics that others see of a person: nothing sensitive, though they added it.

    Nor what left the taxonomy since.
    """
    known = taxonomy().topics
    mine = (one.slug for one in topics.of_person(user_id))
    return tuple(slug for slug in mine if slug in known and not known[slug].sensitive)


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
