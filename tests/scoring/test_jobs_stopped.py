"""Processes that die or stand still in the middle of a job, with time moved by hand."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from scoring import jobs
from scoring.models import Job
from tests.processes import environment
from tests.scoring import killed_work

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = (
    "import sys, django; django.setup(); from tests.scoring import killed_work; "
    "killed_work.main(*sys.argv[1:])"
)
COMMAND = [sys.executable, "-c", START]


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(killed_work.TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE killed_work")


def run(*words: str) -> None:
    subprocess.run(
        [*COMMAND, *words],
        cwd=settings.BASE_DIR,
        env=environment(NOW=NOON.isoformat()),
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )


def rows() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, fence FROM killed_work ORDER BY subject")
        return [(str(subject), int(fence)) for subject, fence in cursor.fetchall()]


@pytest.mark.parametrize("count", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_a_process_killed_between_commit_and_bell_loses_no_job(count: int) -> None:
    run("ask", str(count))

    assert Job.objects.count() == count
    while jobs.run_next(clock=lambda: NOON, handlers=killed_work.HANDLERS):
        pass
    assert [fence for _, fence in rows()] == [1] * count
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}


@pytest.mark.parametrize("how", ["leaves", "is killed"])
def test_a_job_that_ends_its_worker_is_given_up_after_eight_tries_and_the_queue_goes_on(
    how: str,
) -> None:
    jobs.enqueue(kind=Job.Kind.SCORE, subject="poison", now=NOON)
    later = NOON + timedelta(days=1)
    jobs.enqueue(kind=Job.Kind.SCORE, subject="sound", now=NOON, due_at=later)

    run("end", how)
    assert jobs.run_next(clock=lambda: later, handlers=killed_work.HANDLERS)

    poison = Job.objects.get(subject="poison")
    assert (poison.state, poison.attempt) == (Job.State.DEAD, jobs.TRIES)
    assert poison.error.startswith("We stopped after 8 tries: our worker stopped in the middle.")
    assert rows() == [("sound", 1)]


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_a_worker_that_stood_still_past_its_lease_writes_nothing(count: int) -> None:
    for number in range(count):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=f"{number:02}", now=NOON)
    late = NOON + jobs.LEASE
    answers = []
    with subprocess.Popen(
        [*COMMAND, "stop", str(count)],
        cwd=settings.BASE_DIR,
        env=environment(NOW=NOON.isoformat()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as slow:
        assert slow.stdin is not None
        assert slow.stdout is not None
        for _ in range(count):
            job = Job.objects.get(subject=slow.stdout.readline().removeprefix("holding ").strip())
            slow.send_signal(signal.SIGSTOP)

            assert jobs.sweep(now=late) == 1
            quick = jobs.take(now=late, kinds=[Job.Kind.SCORE], job_id=job.pk)
            assert quick is not None
            killed_work.write(quick)
            jobs.finish(quick, now=late)
            slow.stdin.write("go on\n")
            slow.stdin.flush()
            slow.send_signal(signal.SIGCONT)

            answers.append(slow.stdout.readline().strip())

    assert answers == ["refused"] * count
    assert rows() == [(f"{number:02}", 2) for number in range(count)]
