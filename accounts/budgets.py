"""What this site may ask of a network in one day, shared by all workers without overspending.

X bills every post and profile it returns; YouTube counts units for the whole site. What a call may
cost at most is held before it is made and what it did cost is counted after it: each is one
statement on the row of the day, so that of two workers who want the last cent one gets it. A call
whose worker dies stays held until the day ends: it may have been billed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.connectors.base import Code, ConnectorError, Meter
from accounts.models import NetworkSpend

SOON = timedelta(minutes=2)  # after which calls under way are over and what they held is free
_LOOKS = 100  # at a row that others change while we look


@dataclass(frozen=True, slots=True)
class Budget:
    """How one network counts. `usual` is what reading one account once takes, in units."""

    option: str  # of the network's set-up: what an operator allows a day
    units: int  # in one of what the option says
    called: str  # what the option counts
    usual: int
    zone: str  # where the network's day begins
    why: str  # a sentence for people


BUDGETS: Mapping[str, Budget] = {
    # Micro-dollars; a profile and eight posts of the last week.
    "x": Budget(
        option="daily_budget",
        units=1_000_000,
        called="dollars",
        usual=50_000,
        zone="UTC",
        why="X costs money for each post read, and this site spends a fixed sum on it a day.",
    ),
    "youtube": Budget(
        option="daily_quota",
        units=1,
        called="quota units",
        usual=5,
        zone="America/Los_Angeles",
        why="YouTube answers only so many questions of this site a day.",
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
    row = NetworkSpend.objects.filter(network=network, day=day).first()
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
    """Return the sentence that says why a network is read so much a day and no more, or ""."""
    return BUDGETS[network].why if network in BUDGETS else ""


def meter(network: str, now: datetime) -> Meter:
    """Return what counts calls to `network` from `now` on: shared, or one without a limit."""
    limit = limit_of(network)
    return Meter() if limit is None else DailyMeter(network, limit, now)


class DailyMeter(Meter):
    """Counts against the row of a network's day; any number of workers hold one at once."""

    def __init__(self, network: str, limit: int, now: datetime) -> None:
        super().__init__(limit=limit)
        self._network, self._now, self._most = network, now, limit
        self._day, self._resets_at = _day_of(BUDGETS[network], now)

    def reserve(self, each: int, *, most: int = 1, least: int = 1) -> int:
        """Hold units in the day's row; see Meter. Raises ConnectorError with the time to return."""
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

    def _row(self) -> tuple[int, int]:
        """Return what is used and held today, in a row that is there afterwards."""
        for _ in range(2):
            found = self._rows().values_list("used", "held").first()
            if found is not None:
                return found
            NetworkSpend.objects.bulk_create(
                [NetworkSpend(network=self._network, day=self._day)], ignore_conflicts=True
            )
        return 0, 0

    def _rows(self) -> QuerySet[NetworkSpend]:
        return NetworkSpend.objects.filter(network=self._network, day=self._day)

    def _refusal(self, *, others_hold_it: bool) -> ConnectorError:
        words = BUDGETS[self._network].why
        if others_hold_it:
            return ConnectorError(
                Code.QUOTA_EXHAUSTED,
                f"{words} The rest of today's is held for reads under way. We read again soon.",
                retry_at=self._now + SOON,
            )
        return ConnectorError(
            Code.QUOTA_EXHAUSTED,
            f"{words} Today's is used up. We read again at {self._resets_at:%H:%M} UTC.",
            retry_at=self._resets_at,
        )


def _day_of(budget: Budget, now: datetime) -> tuple[date, datetime]:
    """Return the network's day at `now`, and when its next one begins, in UTC."""
    zone = ZoneInfo(budget.zone)
    day = now.astimezone(zone).date()
    return day, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
