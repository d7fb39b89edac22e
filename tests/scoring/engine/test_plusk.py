"""The rules of +K by themselves: the day, the ten, the seven days, and what counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.plusk import (
    AGAIN_AFTER,
    LONGEST,
    PER_DAY,
    TRIES_PER_DAY,
    UNDO_FOR,
    Act,
    Day,
    Reason,
    Situation,
    day_at,
    ends_at,
    may_undo,
    refusal,
    state,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati",
         "Pacific/Midway", "Australia/Lord_Howe", "Asia/Beirut"]  # fmt: skip
FINE = Situation(
    now=NOW,
    own=False,
    same_account=False,
    blocked=False,
    reachable=True,
    known=True,
    sensitive=False,
    shown=True,
    letters=0,
    used=0,
    tried=0,
    last_at=None,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"own": True, "reachable": False}, Reason.SELF),
        ({"blocked": True, "reachable": False}, Reason.BLOCKED),
        ({"reachable": False, "known": False}, Reason.PRIVATE),
        ({"reachable": False, "same_account": True}, Reason.PRIVATE),
        ({"same_account": True}, Reason.SAME_ACCOUNT),
        ({"known": False}, Reason.NO_TOPIC),
        ({"sensitive": True, "shown": False}, Reason.SENSITIVE),
        ({"shown": False}, None),
        ({"letters": LONGEST}, None),
        ({"letters": LONGEST + 1}, Reason.TOO_LONG),
        ({"last_at": NOW - AGAIN_AFTER}, None),
        ({"last_at": NOW - AGAIN_AFTER + timedelta(seconds=1)}, Reason.TOO_SOON),
        ({"last_at": NOW + timedelta(hours=1)}, Reason.TOO_SOON),
        ({"used": PER_DAY - 1}, None),
        ({"used": PER_DAY}, Reason.NONE_LEFT),
        ({"tried": TRIES_PER_DAY}, Reason.TOO_OFTEN_UNDONE),
    ],
)
def test_each_rule_has_its_own_reason(change: dict[str, object], reason: Reason | None) -> None:
    assert refusal(replace(FINE, **change)) is reason  # type: ignore[arg-type]


def test_a_day_ends_at_the_givers_own_midnight() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead

    before = day_at(datetime(2026, 11, 21, 18, 14, 59, tzinfo=UTC), kathmandu)
    after = day_at(datetime(2026, 11, 21, 18, 15, tzinfo=UTC), kathmandu, before)

    assert (before.date, after.date) == (date(2026, 11, 21), date(2026, 11, 22))
    assert ends_at(before) == datetime(2026, 11, 21, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Beirut", date(2026, 3, 29), 23),  # midnight itself is skipped
    ],
)
def test_a_day_of_a_clock_change_is_as_long_as_it_is(zone: str, day: date, hours: float) -> None:
    here = ZoneInfo(zone)
    begins, ends = ends_at(Day(day - timedelta(days=1), here)), ends_at(Day(day, here))

    assert ends - begins == timedelta(hours=hours)
    assert day_at(begins, here).date == day
    assert day_at(ends - timedelta(microseconds=1), here).date == day
    assert day_at(ends, here).date == day + timedelta(days=1)


def test_a_clock_that_is_set_back_over_midnight_brings_no_second_ten() -> None:
    zone = ZoneInfo("Europe/Berlin")
    tomorrow = day_at(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), zone)

    back = day_at(datetime(2026, 11, 21, 22, 30, tzinfo=UTC), zone, tomorrow)

    assert back == tomorrow == Day(date(2026, 11, 22), zone)


def test_a_clock_that_was_wrong_by_years_binds_nobody() -> None:
    zone = ZoneInfo("UTC")

    assert day_at(NOW, zone, Day(date(2031, 1, 1), zone)).date == NOW.date()


def test_another_zone_counts_from_the_next_midnight_of_the_old_one() -> None:
    berlin, kiritimati = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")
    first = day_at(NOW, berlin)

    same = day_at(NOW + timedelta(hours=10), kiritimati, first)
    next_one = day_at(NOW + timedelta(hours=11), kiritimati, first)

    assert same == first
    assert next_one == Day(date(2026, 11, 22), kiritimati)


@given(
    steps=st.lists(
        st.tuples(st.timedeltas(timedelta(hours=-1), timedelta(hours=30)), st.sampled_from(ZONES)),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_zone_is_said_and_whatever_the_clock_does_days_only_go_on(
    steps: list[tuple[timedelta, str]],
) -> None:
    last, now, days = None, NOW, set()
    for step, zone in steps:
        now += step
        day = day_at(now, ZoneInfo(zone), last)
        assert last is None or day.date >= last.date
        days.add(day.date)
        last = day

    latest = max([NOW, *_times(steps)])
    assert len(days) <= (latest - NOW).days + 3


def _times(steps: list[tuple[timedelta, str]]) -> list[datetime]:
    times, now = [], NOW
    for step, _zone in steps:
        now += step
        times.append(now)
    return times


def test_ten_minutes_are_ten_minutes() -> None:
    assert may_undo(NOW, NOW + UNDO_FOR - timedelta(microseconds=1))
    assert not may_undo(NOW, NOW + UNDO_FOR)


@pytest.mark.parametrize(
    ("offered", "acts", "counts"),
    [
        (False, [], True),
        (True, [], False),
        (True, [Act.ACCEPT], True),
        (True, [Act.THANK], False),
        (False, [Act.UNDO], False),
        (True, [Act.ACCEPT, Act.UNDO], False),
        (False, [Act.HIDE], False),
        (False, [Act.HIDE, Act.ACCEPT], True),
        (False, [Act.REPORT], False),
        (False, [Act.VOID], False),
        (False, [Act.VOID, Act.RESTORE], True),
        (False, [Act.HIDE, Act.VOID, Act.RESTORE], False),
        (False, [Act.VOID, Act.ACCEPT], False),
    ],
)
def test_what_counts_follows_from_the_acts(offered: bool, acts: list[Act], counts: bool) -> None:
    assert state(offered, acts).counts is counts
