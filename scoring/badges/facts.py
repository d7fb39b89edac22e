"""What a person's stored rows say about each badge. Nine queries, however many rows there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Max, Min, Q

from accounts import connectors
from accounts.models import Source, User
from scoring import plusk
from scoring.engine.badges import (
    BADGES,
    EARLY,
    NEWCOMER_FOR,
    Event,
    Fact,
    of_days,
    of_posts,
    of_times,
)
from scoring.engine.plusk import Act
from scoring.models import (
    Interaction,
    PlusK,
    PlusKAct,
    ScoreSnapshot,
    Tally,
    TopicChoice,
    TopicScore,
)
from scoring.plusk.ledger import counted


@dataclass(frozen=True, slots=True)
class _Speaking:
    """A source that speaks for its person, and since when."""

    network: str
    chosen_at: datetime | None
    listed: int | None

    def older(self, at: datetime) -> bool:
        """Tell whether something had happened before the person chose this."""
        return self.chosen_at is not None and at < self.chosen_at


def of_person(user: User) -> dict[str, Fact]:
    """Return badge -> how much there is of what it counts, and when its levels were passed."""
    sources = _sources(user.pk)
    scored = {pk: one for pk, one in sources.items() if connectors.is_scored(one.network)}
    return {
        **of_posts([*_acts(user.pk, scored), *_counts(scored)]),
        "lists": _lists(scored),
        "topics": _topics(user.pk),
        **_plusk(user.pk),
        "networks": _networks(sources),
        "history": _history(user.pk),
        "early": _early(user),
    }


def _sources(user_id: int) -> dict[int, _Speaking]:
    """Return what counts for a person and is proven to be theirs: a file alone proves nothing."""
    proven = Q(grant__isnull=False) | Q(proven_at__isnull=False)
    rows = Source.objects.counted().filter(proven, user_id=user_id)
    return {
        pk: _Speaking(network, chosen_at, listed)
        for pk, network, chosen_at, listed in rows.values_list(
            "pk", "network", "selected_at", "listed"
        )
    }


def _acts(user_id: int, sources: Mapping[int, _Speaking]) -> Iterator[Event]:
    """Yield what people who are known did; what somebody does about themselves is nothing."""
    rows = Interaction.objects.filter(source__in=list(sources))
    rows = rows.exclude(actor__member=user_id).order_by()
    columns = rows.values_list("source_id", "post_id", "kind", "actor_id", "at")
    for source, post, kind, actor, at in columns.iterator(chunk_size=5_000):
        speaking = sources[source]
        yield Event(at, speaking.network, post or 0, kind, actor, old=speaking.older(at))


def _counts(sources: Mapping[int, _Speaking]) -> Iterator[Event]:
    """Yield what networks counted, at the time when it was read. Also where it was 0."""
    rows = Tally.objects.filter(post__source__in=list(sources)).order_by()
    columns = rows.values_list("post__source_id", "post_id", "kind", "delta", "at", "seen_at")
    for source, post, kind, delta, at, seen_at in columns.iterator(chunk_size=5_000):
        speaking = sources[source]
        yield Event(seen_at, speaking.network, post, kind, 0, delta, speaking.older(at))


def _lists(sources: Mapping[int, _Speaking]) -> Fact:
    """Return the fact of lists of others that accounts stand on; nothing says since when."""
    told = [one.listed for one in sources.values() if one.listed is not None]
    return Fact(sum(told) if told else None)


def _topics(user_id: int) -> Fact:
    """Return the fact of topics that are told now, since when each; hidden ones are left out."""
    hidden = TopicChoice.objects.filter(user_id=user_id, state=TopicChoice.State.HIDDEN)
    told = TopicScore.objects.filter(user_id=user_id, passes=True)
    told = told.exclude(topic__in=hidden.values("topic"))
    since = told.values_list("passed_on", flat=True)
    return of_times(BADGES["topics"], [day for day in since if day is not None])


def _plusk(user_id: int) -> dict[str, Fact]:
    """Return the facts of +K: received as the totals have it, given, and got from newcomers."""
    rows = counted().filter(receiver__user=user_id)
    got: list[tuple[datetime, UUID, datetime | None]] = list(  # no date of givers who left
        rows.values_list("at", "giver_id", "giver__user__date_joined")
    )
    received = of_times(BADGES["plusk-received"], [_day(at) for at, *_ in got])
    total = int(sum(plusk.totals_of(user_id).values()) + 1e-9)
    if total != received.count:  # weighed by the totals; the days are then those of counting
        received = Fact(total)
    newcomers: dict[UUID, date] = {}
    for at, giver, joined in sorted(got, key=lambda row: row[0]):
        if joined is not None and at < joined + NEWCOMER_FOR:
            newcomers.setdefault(giver, _day(at))
    undone = PlusKAct.objects.filter(kind=Act.UNDO).values("plusk")
    given = PlusK.objects.filter(giver__user=user_id).exclude(pk__in=undone)
    return {
        "plusk-received": received,
        "plusk-given": of_times(
            BADGES["plusk-given"], [_day(at) for at in given.values_list("at", flat=True)]
        ),
        "newcomers": of_times(BADGES["newcomers"], list(newcomers.values())),
    }


def _networks(sources: Mapping[int, _Speaking]) -> Fact:
    """Return the fact of linked networks, by the day on which the first of each was chosen."""
    first: dict[str, date] = {}
    for one in sources.values():
        if one.chosen_at is not None:
            day = _day(one.chosen_at)
            first[one.network] = min(day, first.get(one.network, day))
    networks = {one.network for one in sources.values()}
    if len(first) < len(networks):
        return Fact(len(networks))
    return of_times(BADGES["networks"], list(first.values()))


def _history(user_id: int) -> Fact:
    """Return the fact of the days from the first score that somebody saw to the newest day."""
    days = ScoreSnapshot.objects.filter(user_id=user_id, reconstructed=False).aggregate(
        first=Min("day", filter=Q(score__isnull=False)), last=Max("day")
    )
    return of_days(BADGES["history"], days["first"], days["last"])


def _early(user: User) -> Fact:
    """Return 1 for the first people here, of those who are here still."""
    if User.objects.filter(pk__lt=user.pk).count() >= EARLY:
        return Fact(0)
    return of_times(BADGES["early"], [_day(user.date_joined)])


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
