"""What operators see and do: how each network fares, why reads fail, pausing one for everybody."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from accounts import breakers, budgets, connectors
from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.linking import name_of
from accounts.models import NetworkPause, Source, SyncRun, User

LOOK_BACK = timedelta(hours=24)
ERRORS_SHOWN = 10
SERVERS_SHOWN = 5


@dataclass(slots=True)
class Health:
    """How one network fares. `reads` and `failed` are of the last 24 hours."""

    network: str
    name: str
    on: bool
    people: int = 0
    sources: int = 0
    fine: int = 0
    need_person: int = 0
    trouble: int = 0  # anything else than fine or waiting for the person
    last_read: datetime | None = None
    reads: int = 0
    failed: int = 0
    pause: NetworkPause | None = None
    resting: list[str] = field(default_factory=list)  # servers that are left alone, in words
    asked: list[tuple[str, int]] = field(default_factory=list)  # calls of this hour, by server
    allowed: int | None = None  # calls a server may get in an hour
    errors: list[tuple[str, str, int, int]] = field(default_factory=list)


def health(*, now: datetime) -> list[Health]:
    """Return each network that is on or linked, those in trouble first. A few queries."""
    rows: dict[str, Health] = {}

    def of(network: str) -> Health:
        if network not in rows:
            rows[network] = Health(network, name_of(network), connectors.has(network))
        return rows[network]

    for network in connectors.names():
        of(network)
    read = Source.objects.counted().filter(grant__isnull=False)
    for found in read.values("network").annotate(
        people=Count("user", distinct=True),
        sources=Count("pk"),
        fine=Count("pk", filter=Q(code=Code.OK)),
        need=Count("pk", filter=Q(code__in=sorted(NEEDS_PERSON))),
        last=Max("read_at"),
    ):
        row = of(found["network"])
        row.people, row.sources, row.fine = found["people"], found["sources"], found["fine"]
        row.need_person, row.last_read = found["need"], found["last"]
        row.trouble = row.sources - row.fine - row.need_person
    _count_runs(rows, now)
    for network, resting in breakers.resting().items():
        of(network).resting = [breakers.in_words(row) for row in resting]
    asked = budgets.this_hour(now)
    for row in rows.values():
        row.allowed = budgets.hourly_limit(row.network)
        row.asked = asked.get(row.network, [])[:SERVERS_SHOWN]
    for pause in NetworkPause.objects.select_related("by"):
        of(pause.network).pause = pause
    return sorted(rows.values(), key=lambda row: (-row.trouble, -row.need_person, row.name))


def _count_runs(rows: dict[str, Health], now: datetime) -> None:
    """Add reads and errors of the last 24 hours: each error with its runs and its people."""
    recent = SyncRun.objects.filter(started_at__gt=now - LOOK_BACK)
    counted = recent.values("source__network", "code", "words").annotate(
        runs=Count("pk"), people=Count("source__user", distinct=True)
    )
    errors: dict[str, Counter[tuple[str, str, int]]] = {}
    for found in counted:
        row = rows.get(found["source__network"])
        if row is None:
            continue
        row.reads += found["runs"]
        if found["code"] == Code.OK:
            continue
        row.failed += found["runs"]
        key = found["code"], found["words"], found["people"]
        errors.setdefault(row.network, Counter())[key] += found["runs"]
    for network, found_errors in errors.items():
        rows[network].errors = [
            (code, words, people, runs)
            for (code, words, people), runs in found_errors.most_common(ERRORS_SHOWN)
        ]


def pause(*, network: str, why: str, by: User, now: datetime) -> None:
    """Pause a network for everybody; pausing again changes the reason only."""
    NetworkPause.objects.update_or_create(
        network=network,
        defaults={"why": " ".join(why.split())[:200]},
        create_defaults={"why": " ".join(why.split())[:200], "since": now, "by": by},
    )


def resume(*, network: str) -> None:
    """Read a network again. Each source is due by its own last read."""
    NetworkPause.objects.filter(network=network).delete()


def paused() -> dict[str, NetworkPause]:
    """Return the pauses by network."""
    return {pause.network: pause for pause in NetworkPause.objects.all()}
