"""Reading where a server answers nobody, or takes so many calls an hour: many links at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount

from accounts import budgets
from accounts.connectors.base import Code
from accounts.models import Breaker, Grant, NetworkSpend, Source, SyncRun, User
from scoring import jobs, tasks, work
from scoring.models import Job
from tests.accounts.fakes.github import FakeGitHub
from tests.accounts.walks import switch_on
from tests.fault_server import Asked, reply

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
USER = "/api/user"
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that is moved to when the next job is due."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Crowd(FakeGitHub):
    """Many people at one network, each with a token that is their number."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.down = False
        self.times: list[datetime] = []  # when it was asked who somebody is: a read's first call
        self.order: list[int] = []
        self.clock = clock
        self.server.routes[USER] = self._who

    def _who(self, asked: Asked) -> bytes:
        self.times.append(self.clock.now)
        number = asked.headers["authorization"].removeprefix("Bearer ")
        if self.down:
            return reply({"message": "Server Error"}, status=503)
        self.order.append(int(number))
        return reply({"id": int(number), "login": f"p{number}", "type": "User"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crowd(settings: Any, clock: Clock) -> Iterator[Crowd]:
    with Crowd(clock) as fake:
        switch_on(settings, fake)
        yield fake


def link(count: int, crowd: Crowd, *, read: datetime = START - timedelta(days=1)) -> None:
    """Link so many people, of whom each was read a second before the next."""
    for number in range(1, count + 1):
        at = read + timedelta(seconds=number)
        user = User.objects.create(username=f"person{number}")
        account = SocialAccount.objects.create(user=user, provider="github", uid=str(number))
        grant = Grant(account=account, issued_at=at)
        grant.seal(token=str(number))
        grant.save()
        source = Source.objects.create(
            user=user,
            grant=grant,
            network="github",
            external_id=str(number),
            kind="profile",
            title=f"Person {number}",
            selected=True,
            read_at=at,
            tried_at=at,
        )
        crowd.server.routes[f"/api/users/p{number}/repos"] = lambda _asked: reply([])
        jobs.enqueue(kind=Job.Kind.COLLECT, subject=str(source.pk), now=START, due_at=START)


def work_until(end: datetime, clock: Clock) -> None:
    """Run reads as they come due."""
    handlers = {Job.Kind.COLLECT: work.collect}
    while clock.now < end:
        if not jobs.run_next(clock=clock, handlers=handlers):
            due = Job.objects.filter(kind=Job.Kind.COLLECT, state=Job.State.QUEUED)
            following = due.order_by("due_at").values_list("due_at", flat=True).first()
            clock.now = min(following or end, end)


@pytest.mark.parametrize("links", [16, pytest.param(400, marks=pytest.mark.slow)])
def test_an_outage_costs_a_call_each_half_minute_and_its_end_is_seen_within_one(
    crowd: Crowd, clock: Clock, links: int
) -> None:
    link(links, crowd)
    crowd.down = True

    work_until(START + 15 * MINUTE, clock)
    crowd.down = False
    healed = clock.now
    work_until(START + 60 * MINUTE, clock)

    while_open = [at for at in crowd.times if START < at <= healed]
    gaps = [later - at for at, later in pairwise(while_open)]
    first_again = next(at for at in crowd.times if at > healed)
    assert min(gaps) >= timedelta(seconds=30)
    assert 10 <= len(while_open) <= 30
    assert first_again - healed <= MINUTE
    assert set(Source.objects.values_list("code", flat=True)) == {Code.OK}
    assert not Breaker.objects.exists()
    assert SyncRun.objects.exclude(code=Code.OK).count() == len(while_open) + 5


def test_links_that_wait_for_a_silent_server_are_not_tried_and_lose_no_clock(
    crowd: Crowd, clock: Clock
) -> None:
    link(4, crowd)
    crowd.down = True

    work_until(START + 10 * MINUTE, clock)

    rows = Source.objects.all()
    assert {row.code for row in rows} == {Code.TRANSIENT}
    assert all(row.read_at < START for row in rows)
    assert Job.objects.filter(kind=Job.Kind.COLLECT, state=Job.State.QUEUED).count() == 4


@pytest.mark.parametrize("links", [60, pytest.param(250, marks=pytest.mark.slow)])
def test_an_hour_of_a_hundred_calls_lets_a_hundred_through_and_the_oldest_come_first(
    settings: Any, crowd: Crowd, clock: Clock, links: int
) -> None:
    config = replace(crowd.config(), options=(*crowd.config().options, ("hourly_calls", "100")))
    settings.NETWORKS = {**settings.NETWORKS, "github": config}
    link(links, crowd)
    hours, calls = [], 2 * links

    for hour in range(1, -(-calls // 100) + 1):
        before = len(crowd.server.requests)
        work_until(START + hour * 60 * MINUTE, clock)
        hours.append(len(crowd.server.requests) - before)

    assert hours[:-1] == [100] * (len(hours) - 1)
    assert sum(hours) == calls
    assert crowd.order == sorted(crowd.order)
    assert (
        len(crowd.order) == Source.objects.filter(code=Code.OK, read_at__gte=START).count() == links
    )
    assert NetworkSpend.objects.get(hour=9).used == 100


def test_a_link_that_waits_for_the_hour_says_so_with_the_time(
    settings: Any, crowd: Crowd, clock: Clock
) -> None:
    config = replace(crowd.config(), options=(*crowd.config().options, ("hourly_calls", "100")))
    settings.NETWORKS = {**settings.NETWORKS, "github": config}
    link(1, crowd)
    budgets.HourlyMeter("github", "", 100, START).spend(100)

    work_until(START + MINUTE, clock)

    row = Source.objects.get()
    assert crowd.server.requests == []
    assert (row.code, row.retry_at) == (Code.QUOTA_EXHAUSTED, START.replace(hour=10))
    assert row.words == (
        "This site asks each server only so many questions an hour, as a guest should. This hour's "
        "is used up. We read again at 10:00 UTC."
    )


def test_what_was_spent_in_old_hours_and_days_is_forgotten() -> None:
    for days, hour in ((500, -1), (300, -1), (3, 7), (1, 7)):
        day = (START - timedelta(days=days)).date()
        NetworkSpend.objects.create(network="github", day=day, hour=hour)

    tasks.forget(now=START)

    assert sorted(NetworkSpend.objects.values_list("hour", flat=True)) == [-1, 7]
