"""Workers killed fifty times while they work: nothing lost, nothing doubled.

On SQLite the site runs as `make run` runs it, with its own Valkey on a unix socket; on PostgreSQL
with a Redis-protocol server on TCP, as a large site has it.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection

from kloutsite import doorbell
from scoring import jobs
from scoring.models import Job
from tests.processes import Site, free_port, serving, wait_until
from tests.scoring import killed_work

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

JOBS = 300
KILLS = 50
ALL_DONE_WITHIN = 120  # seconds after the last kill


@contextlib.contextmanager
def redis_on_tcp(folder: Path) -> Iterator[str]:
    """Run redis-server, or the Valkey of the wheel, on a port of loopback; yield its address."""
    server = shutil.which("redis-server") or str(doorbell.server_path())
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    process = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    try:
        with contextlib.closing(redis.Redis(port=port)) as client:
            wait_until(lambda: answers(client), seconds=10, what=f"{server} answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture
def table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(killed_work.TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE killed_work")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings that name a broker on TCP, or none, so that `serve` starts its own."""
    if connection.vendor == "sqlite":
        yield {}
    else:
        with redis_on_tcp(tmp_path) as url:
            yield {"BROKER_URL": url}


def kill(site: Site, dice: random.Random, *, whole: bool) -> None:
    """SIGKILL the worker with all its children, or one of the children."""

    def pool() -> list[psutil.Process]:
        worker = site.part("celery", "worker")
        return worker.children() if worker else []

    wait_until(lambda: len(pool()) == 2, seconds=30, what="the worker has its two children")
    time.sleep(dice.uniform(0.2, 1.2))  # some in the middle of a job, some just before or after
    worker = site.part("celery", "worker")
    assert worker is not None
    victims = [worker, *worker.children()] if whole else [dice.choice(worker.children())]
    for victim in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    psutil.wait_procs(victims, timeout=10)


def test_fifty_kills_lose_no_job_and_double_none(table: None, broker: dict[str, str]) -> None:
    for number in range(JOBS):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(number), now=datetime.now(UTC))
    dice = random.Random(50)
    wholes = [True] * (KILLS // 2) + [False] * (KILLS - KILLS // 2)
    dice.shuffle(wholes)

    with serving(KILLED_WORK_STEP="0.3", **broker) as site:
        for whole in wholes:
            kill(site, dice, whole=whole)
        open_jobs = Job.objects.exclude(state=Job.State.DONE)
        left = open_jobs.count()
        last_kill = time.monotonic()
        wait_until(
            lambda: not open_jobs.exists(), seconds=ALL_DONE_WITHIN, what="every job is done"
        )
        took = time.monotonic() - last_kill

    with connection.cursor() as cursor:
        cursor.execute("SELECT subject FROM killed_work")
        worked = Counter(subject for (subject,) in cursor.fetchall())
    restarts = sum(Job.objects.values_list("attempt", flat=True)) - JOBS
    print(
        f"{JOBS} jobs, {KILLS} kills: {left} open at the last kill, {took:.0f} s, {restarts} redone"
    )
    assert left > 0, "the kills came when all was done and showed nothing"
    assert restarts > 0, "no kill fell into a job"
    assert worked == {str(number): 1 for number in range(JOBS)}


def test_jobs_whose_bell_was_never_rung_are_done_within_a_minute(
    table: None, broker: dict[str, str]
) -> None:
    with serving(**broker) as site:
        for number in range(100):  # this process knows no broker: it commits and rings nobody
            jobs.enqueue(kind=Job.Kind.SCORE, subject=str(number), now=datetime.now(UTC))

        open_jobs = Job.objects.exclude(state=Job.State.DONE)
        wait_until(lambda: not open_jobs.exists(), seconds=60, what="every job is done")
        assert site.process.is_running()


def test_a_broker_that_forgets_everything_costs_seconds(table: None, tmp_path: Path) -> None:
    with redis_on_tcp(tmp_path) as url, serving(BROKER_URL=url) as site:
        for number in range(60):
            jobs.enqueue(kind=Job.Kind.SCORE, subject=str(number), now=datetime.now(UTC))
        wait_until(
            lambda: Job.objects.filter(state=Job.State.DONE).exists(), seconds=30, what="it began"
        )
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            client.flushall()

        open_jobs = Job.objects.exclude(state=Job.State.DONE)
        wait_until(lambda: not open_jobs.exists(), seconds=60, what="every job is done")
        assert site.get("/healthz")[0] == 200


def test_control_celery_as_it_comes_loses_tasks_when_its_worker_is_killed(tmp_path: Path) -> None:
    with redis_on_tcp(tmp_path) as url, contextlib.closing(redis.Redis.from_url(url)) as client:
        sent = 40
        with plain_worker(url) as worker:
            subprocess.run(
                [sys.executable, "-c", SEND, str(sent)],
                cwd=settings.BASE_DIR,
                env={**os.environ, "BROKER_URL": url},
                stdin=subprocess.DEVNULL,
                check=True,
                timeout=60,
            )
            wait_until(lambda: client.scard("counted") >= 4, seconds=60, what="it began")
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(timeout=10)
        with plain_worker(url):
            wait_until(lambda: client.llen("celery") == 0, seconds=60, what="all was handed out")
            time.sleep(10)

            assert client.scard("counted") < sent


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
        worker.wait(timeout=10)
