"""What is known of people for the rules of a campaign, and how many of them fit, in SQL.

`facts_of` and `reached` say the same of everybody: a test holds each rule's two forms together.
Only what was published is read: the newest snapshot, and places as of the last night.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from accounts.models import GivenFacts, Source, User
from accounts.prepared import NUMBER, Prepared
from perks import codes
from perks.eligibility import Facts, Rules, Unclaimed
from perks.models import Claim
from scoring.engine import ALGORITHM
from scoring.models import ScoreSnapshot, TopicChoice, TopicScore

_HAD = ("claimed", "redeemed")  # states of a claim that count as claimed before


def facts_of(
    user_ids: Collection[int],
    *,
    brand: str,
    now: datetime,
    leave_out: int | None = None,
    rules: Rules | None = None,
) -> dict[int, Facts]:
    """Return what is known of these people, for a campaign of `brand`. At most six queries.

    leave_out: a campaign whose own claims do not count as claimed before. rules: where they are
    given, what none of them asks for is not asked for here either, but the score always is.
    """

    def asked(*names: str) -> Collection[int]:
        """Return of whom a rule of these names wants to know something: of all or of nobody."""
        return user_ids if rules is None or any(getattr(rules, one) for one in names) else ()

    accounts = _accounts(user_ids)
    given = GivenFacts.objects.in_bulk(asked("countries", "age_from", "age_to"))
    topics, networks = _topics(asked("topic")), _networks(asked("networks"))
    claimed = _claimed(asked("unclaimed"), leave_out)
    found = {}
    for pk, joined, snapshot_id, score in _PEOPLE(*user_ids):
        facts = given.get(pk)
        found[pk] = Facts(
            today=now.date(),
            joined=joined.date(),
            score=score,
            snapshot_id=snapshot_id,
            topics=topics.get(pk, {}),
            country=facts.country if facts else "",
            birth_year=facts.birth_year if facts else None,
            accounts=len(accounts.get(pk, ())),
            networks=frozenset(networks.get(pk, ())),
            claimed_brand=(pk, brand) in claimed,
            claimed_any=any(user_id == pk for user_id, _brand in claimed),
        )
    return found


def facts_by_brand(user_id: int, *, brands: Collection[str], now: datetime) -> dict[str, Facts]:
    """Return what is known of one person, for a campaign of each of the brands. Seven queries."""
    known = facts_of([user_id], brand="", now=now)[user_id]
    had = Claim.objects.filter(user=user_id, state__in=_HAD)
    claimed = set(had.values_list("campaign__brand", flat=True))
    return {brand: replace(known, claimed_brand=brand in claimed) for brand in brands}


def _newest() -> QuerySet[ScoreSnapshot]:
    return ScoreSnapshot.objects.filter(user=OuterRef("pk"), model=ALGORITHM).order_by("-day")


def _people(*user_ids: Any) -> Any:
    """Return of each when they came, and id and score of their newest snapshot."""
    newest = {name: Subquery(_newest().values(name)[:1]) for name in ("pk", "score")}
    return User.objects.filter(pk__in=user_ids).values_list(
        "pk", "date_joined", newest["pk"], newest["score"]
    )


# Whoever presses "Claim" is judged by these, one person at a time.
_PEOPLE = Prepared(_people, NUMBER)


def _claimed(user_ids: Collection[int], leave_out: int | None) -> set[tuple[int, str]]:
    """Return who claimed something of which brand."""
    if not user_ids:
        return set()
    had = Claim.objects.filter(user__in=user_ids, state__in=_HAD).exclude(campaign=leave_out)
    return set(had.values_list("user_id", "campaign__brand"))


def _topics(user_ids: Collection[int]) -> dict[int, dict[str, int | None]]:
    found: dict[int, dict[str, int | None]] = {}
    if not user_ids:
        return found
    for user_id, topic, place in (
        _told().filter(user__in=user_ids).values_list("user_id", "topic", "place")
    ):
        found.setdefault(user_id, {})[topic] = place
    return found


def _told() -> QuerySet[TopicScore]:
    """Return the topics that people are told to be known for, without those they hide."""
    hidden = TopicChoice.objects.filter(
        user=OuterRef("user"), topic=OuterRef("topic"), state=TopicChoice.State.HIDDEN
    )
    return TopicScore.objects.filter(~Exists(hidden), passes=True)


def _networks(user_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    if not user_ids:
        return found
    for user_id, network in _linked().filter(user__in=user_ids).values_list("user_id", "network"):
        found.setdefault(user_id, set()).add(network)
    return found


def accounts_of(user_id: int) -> set[str]:
    """Return the digests of accounts elsewhere that a person proved to be theirs."""
    return {codes.account_digest(name) for name in _accounts([user_id]).get(user_id, ())}


def _accounts(user_ids: Collection[int]) -> dict[int, set[str]]:
    """Return "network id" of each account that is linked, or that a proven file is of."""
    found: dict[int, set[str]] = {}
    for user_id, name in _NAMES(*user_ids):
        found.setdefault(user_id, set()).add(name)
    return found


def _names(*user_ids: Any) -> Any:
    linked = SocialAccount.objects.filter(user__pk__in=user_ids)
    names = linked.values_list("user_id", Concat("provider", Value(" "), "uid"))
    return names.union(_proven().filter(user__pk__in=user_ids).values_list("user_id", "claim"))


_NAMES = Prepared(_names, NUMBER)


def _proven() -> Any:
    """Return files whose person proved whose they are."""
    return Source.objects.filter(proven_at__isnull=False).exclude(claim="")


def _linked() -> Any:
    """Return sources that count and are read through a link: a file proves no account."""
    return Source.objects.counted().filter(grant__isnull=False)


def reached(rules: Rules, *, brand: str, now: datetime) -> QuerySet[User]:
    """Return the people whom a campaign of `brand` with these rules reaches today."""
    accounts = SocialAccount.objects.filter(user=OuterRef("pk"))
    proven = _proven().filter(user=OuterRef("pk"))
    people = User.objects.filter(Exists(accounts) | Exists(proven), is_active=True)
    people = _by_score(people, rules)
    if rules.topic:
        told = _told().filter(user=OuterRef("pk"), topic=rules.topic)
        if rules.place:
            told = told.filter(place__lte=rules.place)
        people = people.filter(Exists(told))
    if rules.countries:
        people = people.filter(given__country__in=rules.countries)
    if rules.age_from:
        people = people.filter(given__birth_year__lte=now.year - 1 - rules.age_from)
    if rules.age_to:
        people = people.filter(given__birth_year__gte=now.year - rules.age_to)
    for network in rules.networks:
        people = people.filter(Exists(_linked().filter(user=OuterRef("pk"), network=network)))
    people = _by_time_here(people, rules, now)
    had = Claim.objects.filter(user=OuterRef("pk"), state__in=_HAD)
    if rules.unclaimed is Unclaimed.ANY:
        people = people.filter(~Exists(had))
    if rules.unclaimed is Unclaimed.BRAND:
        people = people.filter(~Exists(had.filter(campaign__brand=brand)))
    return people


def reach(rules: Rules, *, brand: str, now: datetime) -> int:
    """Return how many people a campaign of `brand` with these rules reaches today. One query."""
    return reached(rules, brand=brand, now=now).count()


def _by_score(people: QuerySet[User], rules: Rules) -> QuerySet[User]:
    if rules.score_from is None and rules.score_to is None:
        return people
    score = Q(_score__isnull=False)
    if rules.score_from is not None:
        score &= Q(_score__gte=rules.score_from)
    if rules.score_to is not None:
        score &= Q(_score__lte=rules.score_to)
    return people.alias(_score=Subquery(_newest().values("score")[:1])).filter(score)


def _by_time_here(people: QuerySet[User], rules: Rules, now: datetime) -> QuerySet[User]:
    """Count days as Facts.days_here does: from date to date, in UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if rules.new_here:
        people = people.filter(date_joined__gte=midnight - timedelta(days=rules.new_here))
    if rules.here_for:
        people = people.filter(date_joined__lt=midnight - timedelta(days=rules.here_for - 1))
    return people
