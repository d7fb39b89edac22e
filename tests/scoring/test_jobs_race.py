"""Many workers and many beats at once, on PostgreSQL, each with a control that must go wrong.

SQLite lets one writer in at a time and so hides every race here.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction
from django.db.models.signals import pre_save

from accounts.models import Grant, Source, User
from scoring import jobs, tasks
from scoring.jobs import Lease
from scoring.models import Job

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORKERS = 4


def together(act: Callable[[], object], *, times: int) -> list[object]:
    """Run `act` in as many threads, let go at once, each with a connection of its own."""
    barrier = threading.Barrier(times)

    def one(_: int) -> object:
        try:
            barrier.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


class Tally:
    """A handler that counts how often each subject was worked on."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, lease: Lease, clock: Callable[[], datetime]) -> None:
        with transaction.atomic():
            jobs.hold(lease)
        with self._lock:
            self.runs[lease.subject] += 1


def ask_for(count: int) -> None:
    for number in range(count):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(number), now=NOON)


def work_until_nothing_is_due(handler: jobs.Handler) -> int:
    ran = 0
    while jobs.run_next(clock=lambda: NOON, handlers={Job.Kind.SCORE: handler}):
        ran += 1
    return ran


def test_four_workers_run_each_of_200_jobs_once() -> None:
    ask_for(200)
    tally = Tally()

    together(lambda: work_until_nothing_is_due(tally), times=WORKERS)

    assert tally.runs == {str(number): 1 for number in range(200)}
    assert Job.objects.filter(state=Job.State.DONE).count() == 200


def test_control_without_the_lock_jobs_are_taken_twice() -> None:
    ask_for(1)
    looked = threading.Barrier(WORKERS)

    def take_without_lock() -> bool:
        job = Job.objects.filter(state=Job.State.QUEUED).first()
        looked.wait(timeout=60)
        return bool(job and Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING))

    taken = together(take_without_lock, times=WORKERS)

    assert taken.count(True) > 1


def test_a_worker_that_is_taking_a_job_does_not_make_the_others_wait() -> None:
    ask_for(2)

    with transaction.atomic():
        mine = jobs.take(now=NOON, kinds=[Job.Kind.SCORE])
        (other,) = together(lambda: jobs.take(now=NOON, kinds=[Job.Kind.SCORE]), times=1)

    assert mine is not None
    assert isinstance(other, Lease)
    assert other.job_id != mine.job_id


def test_the_same_message_ten_times_at_four_workers_runs_the_job_once() -> None:
    job = jobs.enqueue(kind=Job.Kind.SCORE, subject="7", now=NOON)
    tally = Tally()

    def hear_it_ten_times() -> int:
        return sum(
            jobs.run_next(clock=lambda: NOON, handlers={Job.Kind.SCORE: tally}, job_id=job.pk)
            for _ in range(10)
        )

    ran = together(hear_it_ten_times, times=WORKERS)

    assert sum(int(str(count)) for count in ran) == 1
    assert tally.runs == {"7": 1}


def test_asking_while_a_worker_ends_the_job_loses_no_ask() -> None:
    """Ask and end meet 60 times; whoever is first, a run that began after the ask must follow."""
    tally = Tally()
    for _ in range(60):
        jobs.enqueue(kind=Job.Kind.SCORE, subject="7", now=NOON)
        lease = jobs.take(now=NOON, kinds=[Job.Kind.SCORE])
        assert lease is not None
        acts = [
            partial(jobs.enqueue, kind=Job.Kind.SCORE, subject="7", now=NOON),
            partial(jobs.finish, lease, now=NOON),
        ]

        together(lambda acts=acts: acts.pop()(), times=2)
        work_until_nothing_is_due(tally)

    assert tally.runs == {"7": 60}


def test_three_beats_at_once_make_one_job_for_each_of_200_periods() -> None:
    step = threading.Barrier(3)

    def beat() -> None:
        for number in range(200):
            step.wait(timeout=60)  # so that they meet at each
            plan(str(number))

    together(beat, times=3)

    assert Job.objects.count() == 200


def plan(subject: str) -> None:
    jobs.enqueue(kind=Job.Kind.SCORE, subject=subject, now=NOON, period="day")


@contextmanager
def constraints_dropped() -> Iterator[None]:
    kept = list(Job._meta.constraints)
    with connection.schema_editor() as schema:
        for constraint in kept:
            schema.remove_constraint(Job, constraint)
    try:
        yield
    finally:
        Job.objects.all().delete()
        with connection.schema_editor() as schema:
            for constraint in kept:
                schema.add_constraint(Job, constraint)


def test_control_without_the_constraints_three_beats_make_three_jobs() -> None:
    looked = threading.Barrier(3)

    def wait_for_the_others(**_: object) -> None:
        looked.wait(timeout=60)

    with constraints_dropped():
        pre_save.connect(wait_for_the_others, sender=Job)
        try:
            together(lambda: plan("7"), times=3)
        finally:
            pre_save.disconnect(wait_for_the_others, sender=Job)
        made = Job.objects.count()

    assert made == 3


def test_three_beats_that_plan_the_day_at_once_read_every_source_once() -> None:
    person = User.objects.create(username="ada")
    sources = {str(source_of(person, number).pk) for number in range(10)}

    together(lambda: tasks.plan_reads(now=NOON), times=3)

    subjects = list(Job.objects.values_list("subject", flat=True))
    assert (set(subjects), len(subjects)) == (sources, 10)


def source_of(person: User, number: int) -> Source:
    account = SocialAccount.objects.create(user=person, provider="sandbox", uid=str(number))
    source: Source = Source.objects.create(
        user=person,
        grant=Grant.objects.create(account=account, issued_at=NOON),
        network="sandbox",
        external_id=str(number),
        kind="page",
        title=f"Page {number}",
        selected=True,
        tried_at=NOON - timedelta(days=2),
    )
    return source
