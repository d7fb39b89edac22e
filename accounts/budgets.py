"""What this site may ask of a network in one day or hour, shared by all workers.

X bills every post and profile it returns; YouTube counts units for the whole site by the day; most
servers take so many calls of a site at a time. What a call may cost at most is held before it is
made and what it did cost is counted after it: each is one statement on the row of the period, so
that of two workers who want the last cent one gets it. A call whose worker dies stays held until
the period ends: it may have been counted there.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.connectors.base import Code, ConnectorError, Meter
from accounts.connectors.calls import Calls, counted
from accounts.models import WHOLE_DAY, NetworkSpend
from accounts.speech import Marked, marked, say

SOON = timedelta(minutes=2)  # after which calls under way are over and what they held is free
HOURLY = "hourly_calls"  # the option that says how many calls a server may get in an hour
BLOCK = 10  # calls held at once: a statement for each would cost more than the call
_LOOKS = 100  # at a row that others change while we look
_DAYS, _HOURS = marked("Today's").text, marked("This hour's").text
_GUEST = marked("This site asks each server only so many questions an hour, as a guest should.")


@dataclass(frozen=True, slots=True)
class Budget:
    """How one network counts. `usual` is what reading one account once takes, in units."""

    option: str  # of the network's set-up: what an operator allows a day
    units: int  # in one of what the option says
    called: str  # what the option counts
    usual: int
    zone: str  # where the network's day begins
    why: Marked  # a sentence for people


BUDGETS: Mapping[str, Budget] = {
    # Micro-dollars; a profile and eight posts of the last week.
    "x": Budget(
        option="daily_budget",
        units=1_000_000,
        called="dollars",
        usual=50_000,
        zone="UTC",
        why=marked(
            "X costs money for each post read, and this site spends a fixed sum on it a day."
        ),
    ),
    "youtube": Budget(
        option="daily_quota",
        units=1,
        called="quota units",
        usual=5,
        zone="America/Los_Angeles",
        why=marked("YouTube answers only so many questions of this site a day."),
    ),
}


@dataclass(frozen=True, slots=True)
class Today:
    """What one network's day looks like, in the network's own units."""

    network: str
    used: int
    held: int  # for calls under way
    limit: int
    resets_at: datetime

    @property
    def spent(self) -> Decimal:
        """What was used, in what the operator's setting counts: dollars, or quota units."""
        return Decimal(self.used) / BUDGETS[self.network].units

    @property
    def allowed(self) -> Decimal:
        """What the operator allows a day, in the same."""
        return Decimal(self.limit) / BUDGETS[self.network].units

    @property
    def called(self) -> str:
        """What `spent` and `allowed` count."""
        return BUDGETS[self.network].called

    @property
    def buys(self) -> int:
        """How many more accounts can be read today, by what one usually takes."""
        return max(0, self.limit - self.used - self.held) // BUDGETS[self.network].usual


def today(network: str, now: datetime) -> Today | None:
    """Return what is spent today and what that leaves; None for a network without a budget."""
    budget, limit = BUDGETS.get(network), limit_of(network)
    if budget is None or limit is None:
        return None
    day, resets_at = _day_of(budget, now)
    row = NetworkSpend.objects.filter(network=network, day=day, hour=WHOLE_DAY).first()
    used, held = (row.used, row.held) if row else (0, 0)
    return Today(network, used=used, held=held, limit=limit, resets_at=resets_at)


def limit_of(network: str) -> int | None:
    """Return what the network may cost a day, in its units; None where nothing is limited."""
    budget, config = BUDGETS.get(network), settings.NETWORKS.get(network)
    if budget is None or config is None:
        return None
    amount = dict(config.options).get(budget.option)
    return None if amount is None else int(Decimal(amount) * budget.units)


def why(network: str) -> str:
    """Return the sentence that says why a network is read so much at a time and no more, or ""."""
    if network in BUDGETS:
        return BUDGETS[network].why.text
    return _GUEST.text if hourly_limit(network) is not None else ""


def allowance(network: str) -> str:
    """Return whose what is used up is: "Today's", or "This hour's" where only hours are counted."""
    hours_only = network not in BUDGETS and hourly_limit(network) is not None
    return _HOURS if hours_only else _DAYS


def hourly_limit(network: str) -> int | None:
    """Return how many calls one server of the network may get in an hour; None for any number."""
    config = settings.NETWORKS.get(network)
    amount = dict(config.options).get(HOURLY, "") if config else ""
    return int(amount) if amount.strip("0") else None


def this_hour(now: datetime) -> dict[str, list[tuple[str, int]]]:
    """Return the calls that servers got in this hour, by network, those asked most first."""
    at = now.astimezone(UTC)
    rows = NetworkSpend.objects.filter(day=at.date(), hour=at.hour).order_by("-used", "issuer")
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(row.network, []).append((row.issuer, row.used))
    return found


@contextmanager
def counting(network: str, issuer: str, now: datetime) -> Iterator[Calls]:
    """Count the calls inside against the hour of their server, where it has a budget.

    A call that has no room there raises ConnectorError(QUOTA_EXHAUSTED) and is not made.
    """
    limit = hourly_limit(network)
    calls = Calls() if limit is None else HourlyCalls(network, issuer, limit, now)
    with counted(calls):
        yield calls


def meter(network: str, now: datetime) -> Meter:
    """Return what counts calls to `network` from `now` on: shared, or one without a limit."""
    limit = limit_of(network)
    return Meter() if limit is None else DailyMeter(network, limit, now)


@dataclass(frozen=True, slots=True)
class Period:
    """The row that is counted in, and what to say when it is used up."""

    network: str
    issuer: str
    day: date
    hour: int
    ends_at: datetime
    why: str
    called: str  # "Today's", "This hour's"


class SharedMeter(Meter):
    """Counts against the row of a period; any number of workers hold one at once."""

    def __init__(self, period: Period, limit: int, now: datetime) -> None:
        super().__init__(limit=limit)
        self.period, self._most, self._now = period, limit, now

    def reserve(self, each: int, *, most: int = 1, least: int = 1) -> int:
        """Hold units in the period's row; see Meter. Raises ConnectorError with when to return."""
        for _ in range(_LOOKS):
            used, held = self._row()
            many = min(most, (self._most - used - held) // each)
            if many < least:
                raise self._refusal(others_hold_it=used + least * each <= self._most)
            # True of the row as it is when it is written, whatever was read above.
            fits = self._rows().filter(held__lte=self._most - many * each - F("used"))
            if fits.update(held=F("held") + many * each):
                return many
        raise self._refusal(others_hold_it=True)

    def settle(self, reserved: int, spent: int) -> None:
        """Count `spent` as used and let go of what was held."""
        self._rows().update(held=F("held") - reserved, used=F("used") + spent)
        self.used += spent

    @property
    def _key(self) -> dict[str, str | date | int]:
        period = self.period
        return {
            "network": period.network,
            "issuer": period.issuer,
            "day": period.day,
            "hour": period.hour,
        }

    def _row(self) -> tuple[int, int]:
        """Return what is used and held in the period, in a row that is there afterwards."""
        for _ in range(2):
            found = self._rows().values_list("used", "held").first()
            if found is not None:
                return found
            NetworkSpend.objects.bulk_create([NetworkSpend(**self._key)], ignore_conflicts=True)
        return 0, 0

    def _rows(self) -> QuerySet[NetworkSpend]:
        return NetworkSpend.objects.filter(**self._key)

    def _refusal(self, *, others_hold_it: bool) -> ConnectorError:
        period = self.period
        if others_hold_it:
            held = (
                say("The rest of today's is held for reads under way. We read again soon.")
                if period.called == _DAYS
                else say("The rest of this hour's is held for reads under way. We read again soon.")
            )
            return ConnectorError(
                Code.QUOTA_EXHAUSTED,
                f"{say(period.why)} {held}",
                retry_at=min(self._now + SOON, period.ends_at),
            )
        at = f"{period.ends_at:%H:%M}"
        used_up = (
            say("Today's is used up. We read again at {at} UTC.", at=at)
            if period.called == _DAYS
            else say("This hour's is used up. We read again at {at} UTC.", at=at)
        )
        return ConnectorError(
            Code.QUOTA_EXHAUSTED,
            f"{say(period.why)} {used_up}",
            retry_at=period.ends_at,
        )


class DailyMeter(SharedMeter):
    """Counts units in a network's own day."""

    def __init__(self, network: str, limit: int, now: datetime) -> None:
        budget = BUDGETS[network]
        day, ends_at = _day_of(budget, now)
        period = Period(network, "", day, WHOLE_DAY, ends_at, budget.why.text, _DAYS)
        super().__init__(period, limit, now)


class HourlyMeter(SharedMeter):
    """Counts calls to one server in an hour of UTC."""

    def __init__(self, network: str, issuer: str, limit: int, now: datetime) -> None:
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        ends_at = hour + timedelta(hours=1)
        period = Period(network, issuer, hour.date(), hour.hour, ends_at, why(network), _HOURS)
        super().__init__(period, limit, now)


class HourlyCalls(Calls):
    """Lets calls to one server through as long as its hour has room, a few held at a time."""

    def __init__(self, network: str, issuer: str, limit: int, now: datetime) -> None:
        super().__init__()
        self._network, self._issuer, self._limit = network, issuer, limit
        self._now, self._began = now, time.monotonic()
        self._meter: HourlyMeter | None = None
        self._held = self._made = 0

    def ask(self) -> None:
        """Take one of the calls that are held, or hold some more. Raises ConnectorError."""
        now = self._now + timedelta(seconds=time.monotonic() - self._began)
        if self._meter is None or self._made == self._held or now >= self._meter.period.ends_at:
            self.end()
            meter = HourlyMeter(self._network, self._issuer, self._limit, now)
            self._held = meter.reserve(1, most=BLOCK)
            self._meter = meter
        self._made += 1

    def end(self) -> None:
        """Count what was made and let go of the rest."""
        if self._meter is not None:
            self._meter.settle(self._held, self._made)
        self._meter, self._held, self._made = None, 0, 0


def _day_of(budget: Budget, now: datetime) -> tuple[date, datetime]:
    """Return the network's day at `now`, and when its next one begins, in UTC."""
    zone = ZoneInfo(budget.zone)
    day = now.astimezone(zone).date()
    return day, datetime.combine(day + timedelta(days=1), day_time(), zone).astimezone(UTC)
