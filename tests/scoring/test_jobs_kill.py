"""Workers killed fifty times while they score three hundred people: nothing lost, nothing doubled.

On SQLite the site runs as `make run` runs it, with its own Valkey on a unix socket; on PostgreSQL
with a Redis-protocol server on TCP, as a large site does. Handlers and times are the product's own.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from scoring.models import Job, ScoreSnapshot
from tests.fault_server import FaultServer
from tests.processes import Site, redis_on_tcp, serving, wait_until
from tests.scoring.crowd import (
    JOBS_OF_ACCOUNT,
    JOBS_OF_ARCHIVE,
    assert_ledgers_sum,
    assert_read_once,
    scores,
    with_accounts,
    with_archives,
    work_out_scores_anew,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ARCHIVES, ACCOUNTS = 250, 50  # people
KILLS = 50
UNDER_KILLS = 0.75  # of the work; the rest makes sure that none comes after the last job
ALL_DONE_WITHIN = 120  # seconds after the last kill
OPEN = Job.objects.exclude(state=Job.State.DONE)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings that name a broker on TCP, or none, so that `serve` starts its own."""
    if connection.vendor == "sqlite":
        yield {}
    else:
        with redis_on_tcp(tmp_path) as url:
            yield {"BROKER_URL": url}


def kill_in_the_middle(site: Site, dice: random.Random, *, whole: bool, after: datetime) -> None:
    """SIGKILL the worker with all its children, or one child, while a job begun `after` runs.

    To be sure of that the children are stopped for the moment of looking.
    """
    under_way = Job.objects.filter(state=Job.State.RUNNING, started_at__gt=after)
    caught: list[psutil.Process] = []

    def caught_in_the_middle() -> bool:
        time.sleep(dice.uniform(0.0, 0.05))
        worker = site.part("celery", "worker")
        children = [child for child in worker.children() if lives(child)] if worker else []
        stop(children)
        if children and under_way.exists():
            caught.extend([*children, worker])
            return True
        for child in children:
            child.resume()
        return False

    wait_until(caught_in_the_middle, seconds=120, what="a job is under way")
    victims = caught if whole else [caught.pop(dice.randrange(len(caught) - 1))]
    for victim in victims:
        victim.kill()
    for spared in [] if whole else caught:
        spared.resume()
    wait_until(lambda: not any(map(lives, victims)), seconds=60, what="the killed are dead")


def stop(processes: Sequence[psutil.Process]) -> None:
    """Make all of them stand still, and return when they do."""
    for process in processes:
        process.suspend()
    still = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}
    wait_until(lambda: {one.status() for one in processes} <= still, seconds=60, what="they stop")


def lives(process: psutil.Process) -> bool:
    """Whether it can still act; one that its parent has not buried yet cannot."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def let_leases_of_the_dead_run_out(now: datetime) -> None:
    """Skip the minute that nobody works on what a killed worker held."""
    held = Job.objects.filter(state=Job.State.RUNNING, started_at__lt=now)
    held.update(lease_until=now)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.stop()


def test_fifty_kills_lose_no_work_and_double_none(
    broker: dict[str, str], server: FaultServer
) -> None:
    wait_until(there_is_room_before_midnight, seconds=900, what="a new day has begun (UTC)")
    readers = with_accounts(ACCOUNTS, server)
    people = readers + with_archives(ARCHIVES)
    all_jobs = ARCHIVES * JOBS_OF_ARCHIVE + ACCOUNTS * JOBS_OF_ACCOUNT
    dice = random.Random(50)
    wholes = [True] * (KILLS // 2 - 1) + [False] * (KILLS // 2)
    dice.shuffle(wholes)
    wholes.append(True)

    with serving(ALLOW_INSECURE_HOSTS="true", **broker) as site:
        killed_at = timezone.now()
        for number, whole in enumerate(wholes):
            enough = UNDER_KILLS * all_jobs * number / KILLS
            wait_until(lambda enough=enough: done() >= enough, seconds=120, what="work goes on")
            kill_in_the_middle(site, dice, whole=whole, after=killed_at)
            killed_at = timezone.now()
            if whole:
                let_leases_of_the_dead_run_out(killed_at)
        left = OPEN.count()
        wait_until(lambda: not OPEN.exists(), seconds=ALL_DONE_WITHIN, what="every job is done")

    repeated = Job.objects.aggregate(n=Sum(F("fence") - 1))["n"]
    took = (timezone.now() - killed_at).total_seconds()
    print(
        f"{KILLS} kills, {left} jobs open at the last and done in {took:.0f} s, {repeated} redone"
    )
    assert left > 0
    assert repeated >= KILLS // 2
    scored = ScoreSnapshot.objects.filter(score__isnull=False, reconstructed=False)
    assert sorted(scored.values_list("user", flat=True)) == [person.pk for person in people]
    assert_read_once(readers)
    for person in people:
        assert_ledgers_sum(person)
    given = scores()
    work_out_scores_anew()
    anew = scores()
    assert given.total() > len(people)
    assert sorted((given - anew) + (anew - given))[:6] == []  # a few of them say enough


def there_is_room_before_midnight() -> bool:
    """A day that ends while people are scored would be one more snapshot for some of them."""
    now = timezone.now()
    return now.date() == (now + timedelta(minutes=12)).date()


def done() -> int:
    return Job.objects.filter(state=Job.State.DONE).count()


def test_jobs_whose_bell_was_never_rung_are_found_and_done(broker: dict[str, str]) -> None:
    with serving(**broker):
        people = with_archives(50)  # this process knows no broker: it commits and rings nobody

        all_jobs = JOBS_OF_ARCHIVE * len(people)
        wait_until(lambda: done() == all_jobs, seconds=120, what="every job is done")


def test_a_broker_that_forgets_everything_costs_seconds(tmp_path: Path) -> None:
    with redis_on_tcp(tmp_path) as url, serving(BROKER_URL=url) as site:
        people = with_archives(50)
        wait_until(lambda: done() > 0, seconds=60, what="it began")
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            client.flushall()

        all_jobs = JOBS_OF_ARCHIVE * len(people)
        wait_until(lambda: done() == all_jobs, seconds=120, what="every job is done")
        wait_until(lambda: site.get("/healthz")[0] == 200, seconds=60, what="pages are there")


def test_control_celery_as_it_comes_loses_tasks_when_its_worker_is_killed(tmp_path: Path) -> None:
    with redis_on_tcp(tmp_path) as url, contextlib.closing(redis.Redis.from_url(url)) as client:
        with plain_worker(url) as worker:
            subprocess.run(
                [sys.executable, "-c", SEND, "40"],
                cwd=settings.BASE_DIR,
                env={**os.environ, "BROKER_URL": url},
                stdin=subprocess.DEVNULL,
                check=True,
                timeout=120,
            )
            wait_until(lambda: client.scard("ended") >= 4, seconds=120, what="it works")
            wait_until(lambda: stopped_in_a_task(worker, client), seconds=120, what="a task runs")
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(timeout=60)
        lost = client.sdiff("begun", "ended")
        held = client.hlen("unacked")  # by the dead, and given back after an hour
        with plain_worker(url):
            wait_until(
                lambda: not client.llen("celery") and client.hlen("unacked") == held,
                seconds=120,
                what="the next worker takes what was left",
            )
            wait_until(
                lambda: client.sdiff("begun", "ended") == lost, seconds=120, what="and does it"
            )

    assert lost


def stopped_in_a_task(worker: subprocess.Popen[bytes], client: redis.Redis) -> bool:
    """Stop all processes of the worker; let them go on when none is in the middle of a task."""
    parent = psutil.Process(worker.pid)
    everybody = [parent, *parent.children()]
    stop(everybody)
    if client.sdiff("begun", "ended"):
        return True
    for process in everybody:
        process.resume()
    return False


SEND = (
    "import sys; from tests.scoring.plain_celery import count; "
    "[count.delay(n) for n in range(int(sys.argv[1]))]"
)


@contextlib.contextmanager
def plain_worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tests.scoring.plain_celery", "worker", "-c", "2"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "BROKER_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(timeout=60)
