"""Who moved whom, among people here who both show it: from the reactions that were counted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value

from accounts.models import Block, Profile
from accounts.visibility import open_to
from scoring.klout import people
from scoring.klout.people import Person
from scoring.klout.scores import Published, published
from scoring.models import Interaction

SHOWN = 5
WINDOW = timedelta(days=90)
_BY_ME, _OF_ME = "by", "of"  # who moved me, whom I moved


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody and their number."""

    person: Person
    published: Published


@dataclass(frozen=True, slots=True)
class Influence:
    """Who moved a person and whom they moved: the first SHOWN, and how many in all."""

    of: Known
    influencers: list[Known]
    influencees: list[Known]
    influencers_count: int
    influencees_count: int


def read(profiles: QuerySet[Profile], *, now: datetime) -> list[Influence]:
    """Return the influence of those of `profiles` who show score and linked accounts to everyone.

    So must whoever is named or counted with them. Reactions to public posts of the last 90 days
    count, between people of whom neither blocks the other. Three queries.
    """
    moved = _moved(profiles, now)
    asked = {me for me, _way in moved}
    named = {other for rows in moved.values() for other in rows[:SHOWN]}
    everybody = people.found(Profile.objects.filter(user__in=asked | named))
    numbers = published(everybody)
    known = {
        one.user_id: Known(one, numbers[one.user_id])
        for one in everybody
        if one.user_id in numbers and one.visible.networks
    }
    return [
        Influence(
            of=known[me],
            influencers=_first(moved[me, _BY_ME], known),
            influencees=_first(moved[me, _OF_ME], known),
            influencers_count=len(moved[me, _BY_ME]),
            influencees_count=len(moved[me, _OF_ME]),
        )
        for me in known
        if me in asked
    ]


def _first(others: Sequence[int], known: dict[int, Known]) -> list[Known]:
    return [known[other] for other in others[:SHOWN] if other in known]


def _moved(profiles: QuerySet[Profile], now: datetime) -> dict[tuple[int, str], list[int]]:
    """Return, by person and direction, the others, those with the most reactions first.

    Each of `profiles` is a key, with nobody beside it where nobody moved them. One query.
    """
    mine = profiles.values("user")
    acts: Any = Interaction.objects.filter(
        at__gte=now - WINDOW,
        at__lte=now,
        post__visibility="public",
        source__selected=True,
        source__grant__isnull=False,
        actor__member__isnull=False,
    ).exclude(actor__member=F("source__user"))
    apart = Block.objects.filter(
        Q(blocker=OuterRef("source__user"), blocked=OuterRef("actor__member"))
        | Q(blocker=OuterRef("actor__member"), blocked=OuterRef("source__user"))
    )
    acts = acts.filter(~Exists(apart))
    by_me = _grouped(acts.filter(actor__member__in=mine), "actor__member", "source__user", _BY_ME)
    of_me = _grouped(acts.filter(source__user__in=mine), "source__user", "actor__member", _OF_ME)
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    themselves = profiles.annotate(other=Value(0), way=Value(""), number=Value(0))
    asked = themselves.order_by().values_list("user", "other", "way", "number")
    for me, other, way, _number in asked.union(by_me, of_me, all=True).order_by("-number", "other"):
        found[me, way] += [other] if other else []
    return found


def _grouped(acts: Any, me: str, other: str, way: str) -> Any:
    acts = acts.filter(open_to(None, "score", "networks", person=other))
    rows = acts.order_by().values(me=F(me), other=F(other), way=Value(way))
    return rows.annotate(number=Count("pk")).values_list("me", "other", "way", "number")
