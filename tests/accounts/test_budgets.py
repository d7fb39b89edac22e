"""What a network may cost a day: counted by many workers at once, and never more than allowed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import budgets
from accounts.connectors.base import Code, ConnectorError, Meter
from accounts.connectors.setup import Config
from accounts.models import NetworkSpend
from kloutsite import env, networks

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 22, tzinfo=UTC)
WORKERS = 8


@pytest.fixture
def allow(settings: Any) -> Callable[..., None]:
    """Set what a network may cost a day, as an operator writes it."""

    def set_to(network: str = "x", option: str = "daily_budget", *, amount: str) -> None:
        config = Config(network, options=((option, amount),))
        settings.NETWORKS = {**settings.NETWORKS, network: config}

    return set_to


def used_up(meter: Meter, each: int = 1, **more: int) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        meter.reserve(each, **more)
    assert refused.value.code == Code.QUOTA_EXHAUSTED
    return refused.value


# One worker


@pytest.mark.django_db
def test_a_budget_of_a_hundred_pays_for_a_hundred_and_not_for_one_more(
    allow: Callable[..., None],
) -> None:
    allow("youtube", "daily_quota", amount="100")
    meter = budgets.meter("youtube", NOON)

    for _ in range(100):
        meter.spend(1)

    used_up(meter)
    assert NetworkSpend.objects.get().used == 100


@pytest.mark.django_db
def test_what_is_held_and_not_spent_can_be_spent_by_others(allow: Callable[..., None]) -> None:
    allow(amount="1.00")
    first, second = budgets.meter("x", NOON), budgets.meter("x", NOON)

    held = first.reserve(5_000, most=180)
    soon = used_up(second, 5_000, most=100, least=30)
    first.settle(held * 5_000, 8 * 5_000)
    many = second.reserve(5_000, most=100, least=30)

    assert (held, many) == (180, 100)
    assert soon.retry_at == NOON + budgets.SOON
    assert "held for reads under way" in str(soon)


@pytest.mark.django_db
def test_as_many_are_paid_for_as_there_is_left_for(allow: Callable[..., None]) -> None:
    allow(amount="0.10")
    meter = budgets.meter("x", NOON)

    assert meter.reserve(5_000, most=100, least=5) == 20


@pytest.mark.django_db
def test_a_budget_that_is_used_up_says_when_it_begins_anew(allow: Callable[..., None]) -> None:
    allow(amount="0")

    refused = used_up(budgets.meter("x", NOON))

    assert refused.retry_at == TOMORROW
    assert str(refused) == (
        "X costs money for each post read, and this site spends a fixed sum on it a day. "
        "Today's is used up. We read again at 00:00 UTC."
    )


@pytest.mark.django_db
def test_each_network_has_its_own_day(allow: Callable[..., None]) -> None:
    allow(amount="1")
    allow("youtube", "daily_quota", amount="1")
    before, after = NOON.replace(hour=7, minute=59), NOON.replace(hour=8)

    budgets.meter("youtube", before).spend(1)
    refused = used_up(budgets.meter("youtube", before))
    budgets.meter("youtube", after).spend(1)

    assert refused.retry_at == after  # midnight in Los Angeles
    assert NetworkSpend.objects.filter(network="youtube").count() == 2
    assert not NetworkSpend.objects.filter(network="x").exists()


@pytest.mark.django_db
def test_a_new_day_begins_with_nothing_spent(allow: Callable[..., None]) -> None:
    allow(amount="0.01")
    budgets.meter("x", NOON).spend(10_000)

    budgets.meter("x", TOMORROW).spend(10_000)

    used_up(budgets.meter("x", TOMORROW))


@pytest.mark.django_db
def test_an_operator_sees_what_is_spent_and_what_it_still_buys(allow: Callable[..., None]) -> None:
    allow(amount="5.00")
    meter = budgets.meter("x", NOON)
    meter.spend(1_250_000)
    meter.reserve(500_000)

    today = budgets.today("x", NOON)

    assert today is not None
    assert (today.spent, today.allowed) == (Decimal("1.25"), Decimal(5))
    assert (today.held, today.buys, today.resets_at) == (500_000, 65, TOMORROW)


@pytest.mark.django_db
def test_a_network_that_costs_nothing_has_no_budget(allow: Callable[..., None]) -> None:
    assert budgets.today("mastodon", NOON) is None
    assert budgets.meter("mastodon", NOON).reserve(10**9, most=10**6) == 10**6
    assert not NetworkSpend.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_a_spending_below_nothing() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        NetworkSpend.objects.create(network="x", day=NOON.date(), used=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        NetworkSpend.objects.bulk_create([NetworkSpend(network="x", day=NOON.date())] * 2)


@pytest.mark.parametrize("amount", ["five", "-1", "1.5", "99", "1" * 12])
def test_a_number_of_calls_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, amount: str
) -> None:
    monkeypatch.setenv("MASTODON_HOURLY_CALLS", amount)

    with pytest.raises(env.BadSetting) as refused:
        networks.configured("http://127.0.0.1:8000", tmp_path)

    assert "MASTODON_HOURLY_CALLS" in str(refused.value)


@pytest.mark.parametrize(("amount", "limit"), [("", 3_600), ("0", None), ("100", 100)])
def test_an_operator_says_how_many_calls_a_server_gets_in_an_hour(
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
    amount: str,
    limit: int | None,
) -> None:
    monkeypatch.setenv("MASTODON_HOURLY_CALLS", amount)

    settings.NETWORKS = networks.configured("http://127.0.0.1:8000", tmp_path)

    assert budgets.hourly_limit("mastodon") == limit
    assert budgets.hourly_limit("github") is None


@pytest.mark.django_db
def test_calls_of_each_server_and_hour_are_counted_apart(allow: Callable[..., None]) -> None:
    allow("mastodon", "hourly_calls", amount="100")

    for issuer, at in (("a.example", NOON), ("b.example", NOON), ("a.example", TOMORROW)):
        with budgets.counting("mastodon", issuer, at) as calls:
            for _ in range(25):
                calls.ask()

    rows = NetworkSpend.objects.order_by("day", "issuer").values_list("issuer", "used", "held")
    assert list(rows) == [("a.example", 25, 0), ("b.example", 25, 0), ("a.example", 25, 0)]
    assert budgets.this_hour(NOON) == {"mastodon": [("a.example", 25), ("b.example", 25)]}


@pytest.mark.django_db
def test_an_hour_that_is_held_by_others_is_asked_for_again_soon(
    allow: Callable[..., None],
) -> None:
    allow("mastodon", "hourly_calls", amount="100")
    budgets.HourlyMeter("mastodon", "a.example", 100, NOON).reserve(1, most=100)

    with (
        pytest.raises(ConnectorError) as refused,
        budgets.counting("mastodon", "a.example", NOON) as calls,
    ):
        calls.ask()

    back = refused.value.retry_at
    assert back is not None
    assert timedelta() <= back - NOON - budgets.SOON < timedelta(minutes=30)
    assert "The rest of this hour's is held for reads under way." in str(refused.value)


@pytest.mark.parametrize("amount", ["five", "-1", "nan", "inf", "1e400"])
def test_an_amount_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, amount: str
) -> None:
    monkeypatch.setenv("X_CLIENT_ID", "a")
    monkeypatch.setenv("X_CLIENT_SECRET", "b")
    monkeypatch.setenv("X_DAILY_BUDGET", amount)

    with pytest.raises(env.BadSetting) as refused:
        networks.configured("http://127.0.0.1:8000", tmp_path)

    assert "X_DAILY_BUDGET" in str(refused.value)


class Sequences(TestCase):
    """Whatever is held, spent and let go, the sum stays within the limit."""

    @given(
        limit=st.integers(0, 200),
        steps=st.lists(
            st.tuples(st.integers(1, 30), st.integers(1, 8), st.integers(1, 4), st.booleans()),
            max_size=12,
        ),
    )
    def test_no_limit_is_ever_exceeded(
        self, limit: int, steps: list[tuple[int, int, int, bool]]
    ) -> None:
        NetworkSpend.objects.all().delete()
        meter = budgets.DailyMeter("youtube", limit, NOON)
        spent = 0

        for each, most, least, all_of_it in steps:
            try:
                many = meter.reserve(each, most=max(most, least), least=least)
            except ConnectorError:
                assert limit - spent < each * least
                continue
            cost = many * each if all_of_it else 0
            meter.settle(many * each, cost)
            spent += cost
            row = NetworkSpend.objects.get()
            assert (row.used, row.held) == (spent, 0)
            assert spent <= limit


# Many workers


def together(act: Callable[[], object], *, times: int) -> list[object]:
    """Run `act` in as many threads, let go at once, each with a connection of its own."""
    barrier = threading.Barrier(times)

    def one(_: int) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def calls(spend: Callable[[], None]) -> int:
    """Make calls until one is refused; return how many were made."""
    made = 0
    while made < 1_000:
        try:
            spend()
        except ConnectorError:
            return made
        made += 1
    return made


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_every_call_that_fits_and_none_more(
    allow: Callable[..., None],
) -> None:
    allow("youtube", "daily_quota", amount="100")

    made = together(lambda: calls(lambda: budgets.meter("youtube", NOON).spend(1)), times=WORKERS)

    assert sum(number for number in made if isinstance(number, int)) == 100
    assert NetworkSpend.objects.get().used == 100


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_never_make_the_call_beyond_an_hour(allow: Callable[..., None]) -> None:
    allow("mastodon", "hourly_calls", amount="100")

    def read() -> int:
        with budgets.counting("mastodon", "a.example", NOON) as asked:
            return calls(asked.ask)

    made = together(read, times=WORKERS)

    row = NetworkSpend.objects.get()
    assert sum(number for number in made if isinstance(number, int)) == 100
    assert (row.used, row.held) == (100, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_row_of_a_new_day_is_made_once(allow: Callable[..., None]) -> None:
    allow(amount="5")

    together(lambda: budgets.meter("x", NOON).spend(10_000), times=WORKERS)

    assert NetworkSpend.objects.get().used == WORKERS * 10_000


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_workers_that_look_and_then_write_spend_the_last_unit_twice() -> None:
    NetworkSpend.objects.create(network="youtube", day=NOON.date(), used=99)
    looked = threading.Barrier(2)

    def naive() -> bool:
        row = NetworkSpend.objects.get()
        fits = row.used + 1 <= 100
        looked.wait(timeout=60)
        if fits:
            NetworkSpend.objects.update(used=row.used + 1)
        return fits

    made = together(naive, times=2)

    assert made == [True, True]  # 101 calls, and the row says 100


@pytest.mark.django_db
def test_a_meter_may_outlive_the_day_it_began_in(allow: Callable[..., None]) -> None:
    allow(amount="1")
    meter = budgets.meter("x", TOMORROW - timedelta(seconds=1))

    held = meter.reserve(5_000, most=10)
    meter.settle(held * 5_000, 5_000)

    assert NetworkSpend.objects.get().day == NOON.date()


def test_the_meter_in_memory_counts_the_same_way() -> None:
    meter = Meter(limit=100)

    many = meter.reserve(30, most=9)
    meter.settle(many * 30, 30)
    meter.spend(70)

    assert (many, meter.used) == (3, 100)
    assert used_up(meter).retry_at is None
    assert replace(meter, limit=None).reserve(1, most=5) == 5
