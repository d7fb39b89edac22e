"""Jobs: one open row per piece of work, borrowed under a lease, written under a fence."""

import logging
import random
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils.translation import get_language
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from scoring import jobs
from scoring.jobs import Handler, Lease
from scoring.models import Job
from tests.scoring import builders

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COLLECT = Job.Kind.COLLECT


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def ask(subject: str = "7", *, now: datetime = NOON, **more: object) -> Job:
    return jobs.enqueue(kind=COLLECT, subject=subject, now=now, **more)  # type: ignore[arg-type]


def take(now: datetime = NOON) -> Lease:
    lease = jobs.take(now=now, kinds=[COLLECT])
    assert lease is not None
    return lease


def run(handler: Handler, now: datetime = NOON) -> bool:
    return jobs.run_next(clock=lambda: now, handlers={COLLECT: handler})


def nothing(lease: Lease, clock: Callable[[], datetime]) -> None:
    """A handler whose work is done at once."""


def failing(lease: Lease, clock: Callable[[], datetime]) -> None:
    raise ZeroDivisionError


def test_asking_twice_makes_one_job() -> None:
    first = ask()

    second = ask()

    assert second.pk == first.pk
    assert Job.objects.count() == 1


def test_asking_again_pulls_a_waiting_job_forward_but_never_back() -> None:
    ask(due_at=NOON + 10 * SECOND)

    ask(due_at=NOON + 3 * SECOND)
    ask(due_at=NOON + 60 * SECOND)

    assert Job.objects.get().due_at == NOON + 3 * SECOND


def test_asking_while_it_runs_makes_it_run_once_more() -> None:
    ask(payload={"since": 1})
    lease = take()
    ask(payload={"since": 2})

    jobs.finish(lease, now=NOON + SECOND)
    again = take(NOON + SECOND)
    jobs.finish(again, now=NOON + SECOND)

    assert again.job_id == lease.job_id
    assert (again.payload, again.attempt) == ({"since": 2}, 1)
    assert Job.objects.get().state == Job.State.DONE


def test_asking_after_it_is_done_makes_another_job() -> None:
    first = ask()
    assert run(nothing)

    second = ask()

    assert second.pk != first.pk
    assert second.state == Job.State.QUEUED


def test_planned_work_is_made_once_a_period_even_when_it_is_done() -> None:
    first = ask(period="2026-06-01")
    assert run(nothing)

    same_day = ask(period="2026-06-01")
    next_day = ask(period="2026-06-02")

    assert same_day.pk == first.pk
    assert same_day.state == Job.State.DONE
    assert next_day.state == Job.State.QUEUED


def test_planned_work_leaves_a_job_that_waits_for_the_network_as_it_is() -> None:
    waiting = ask(due_at=NOON + timedelta(hours=2))

    planned = ask(period="2026-06-01")

    assert planned.pk == waiting.pk
    assert Job.objects.get().due_at == NOON + timedelta(hours=2)


def test_a_job_that_is_not_due_is_not_taken() -> None:
    ask(due_at=NOON + SECOND)

    assert jobs.take(now=NOON, kinds=[COLLECT]) is None
    assert jobs.take(now=NOON + SECOND, kinds=[COLLECT]) is not None


def test_the_job_that_is_due_longest_comes_first() -> None:
    ask("late", due_at=NOON - SECOND)
    ask("early", due_at=NOON - 2 * SECOND)

    assert take().subject == "early"


def test_a_kind_that_this_worker_does_not_know_is_left_for_one_that_does() -> None:
    ask()

    assert jobs.take(now=NOON, kinds=[Job.Kind.SCORE]) is None
    assert Job.objects.get().state == Job.State.QUEUED


def test_a_taken_job_is_not_taken_again() -> None:
    job = ask()
    take()

    assert jobs.take(now=NOON, kinds=[COLLECT]) is None
    assert jobs.take(now=NOON, kinds=[COLLECT], job_id=job.pk) is None


def test_a_lease_that_ran_out_passes_to_the_next_worker_and_the_first_is_refused() -> None:
    ask()
    slow = take()

    assert jobs.sweep(now=NOON + jobs.LEASE) == 1
    quick = take(NOON + jobs.LEASE)

    with pytest.raises(jobs.LostLease), transaction.atomic():
        jobs.hold(slow)
    with pytest.raises(jobs.LostLease):
        jobs.report(slow, "still here", now=NOON + jobs.LEASE)
    with pytest.raises(jobs.LostLease):
        jobs.finish(slow, now=NOON + jobs.LEASE)
    with transaction.atomic():
        jobs.hold(quick)
    assert Job.objects.get().state == Job.State.RUNNING


def test_a_worker_is_refused_as_soon_as_its_job_was_put_back() -> None:
    ask()
    slow = take()
    jobs.sweep(now=NOON + jobs.LEASE)

    with pytest.raises(jobs.LostLease), transaction.atomic():
        jobs.hold(slow)


def test_a_report_is_shown_and_extends_the_lease() -> None:
    ask()
    lease = take()

    jobs.report(lease, "Read 200 posts.", now=NOON + 50 * SECOND)

    assert jobs.sweep(now=NOON + jobs.LEASE) == 0
    assert Job.objects.get().progress == "Read 200 posts."
    assert jobs.sweep(now=NOON + 50 * SECOND + jobs.LEASE) == 1


def test_a_long_report_is_cut_to_what_fits() -> None:
    ask()

    jobs.report(take(), "x" * 500, now=NOON)

    assert Job.objects.get().progress == "x" * 200


@pytest.mark.django_db(transaction=True)
def test_holding_outside_a_transaction_is_refused() -> None:
    ask()
    lease = take()

    with pytest.raises(transaction.TransactionManagementError):
        jobs.hold(lease)


def test_a_job_whose_person_is_gone_is_lost_without_a_word() -> None:
    person = User.objects.create(username="ada")
    ask(user_id=person.pk)
    lease = take()
    person.delete()

    with pytest.raises(jobs.LostLease):
        jobs.finish(lease, now=NOON)


def test_a_handler_that_fails_is_tried_again_later_and_the_person_sees_a_number() -> None:
    ask()

    assert run(failing)

    job = Job.objects.get()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 1)
    assert NOON <= job.due_at <= NOON + 2 * SECOND
    assert "report " in job.error


def test_a_handler_out_of_memory_lets_go_of_what_it_held_before_that_is_written_down() -> None:
    ask()
    held: list[weakref.ref[Clock]] = []
    gone_when_told: list[bool] = []

    def hungry(lease: Lease, clock: Callable[[], datetime]) -> None:
        hoard = Clock()
        held.append(weakref.ref(hoard))
        raise MemoryError

    def listen(record: logging.LogRecord) -> bool:
        gone_when_told.append(held[0]() is None)
        return True

    jobs.logger.addFilter(listen)
    try:
        assert run(hungry)
    finally:
        jobs.logger.removeFilter(listen)

    job = Job.objects.get()
    assert gone_when_told == [True]
    assert (job.state, job.attempt) == (Job.State.QUEUED, 1)
    assert "it needed more memory than a job may have (report " in job.error


def test_a_handler_that_always_fails_is_given_up_after_eight_tries_and_the_queue_goes_on() -> None:
    ask("poison")
    ask("sound", due_at=NOON + timedelta(hours=2))
    clock, ran = Clock(), []

    def handle(lease: Lease, clock: Callable[[], datetime]) -> None:
        ran.append(lease.subject)
        if lease.subject == "poison":
            raise ZeroDivisionError

    for _ in range(100):
        clock.now += timedelta(minutes=11)
        jobs.run_next(clock=clock, handlers={COLLECT: handle})

    poison = Job.objects.get(subject="poison")
    assert ran.count("poison") == jobs.TRIES == 8
    assert poison.state == Job.State.DEAD
    assert poison.error.startswith("We stopped after 8 tries")
    assert "Try again" in poison.error
    assert Job.objects.get(subject="sound").state == Job.State.DONE


def test_a_dead_job_does_not_stand_in_the_way_of_asking_again() -> None:
    dead = ask()
    Job.objects.update(state=Job.State.DEAD)

    fresh = ask()

    assert fresh.pk != dead.pk
    assert run(nothing)


def test_a_worker_that_goes_silent_eight_times_kills_the_job_for_good() -> None:
    ask()
    now = NOON
    for _ in range(jobs.TRIES):
        take(now)
        now += jobs.LEASE
        jobs.sweep(now=now)

    job = Job.objects.get()
    assert job.state == Job.State.DEAD
    assert "worker stopped" in job.error


def test_asking_during_the_last_try_begins_anew_instead_of_being_lost() -> None:
    ask()
    Job.objects.update(attempt=jobs.TRIES - 1)
    lease = take()
    ask()

    jobs.fail(lease, now=NOON, cause="it fell over")

    job = Job.objects.get()
    assert (job.state, job.attempt, job.again) == (Job.State.QUEUED, 0, False)


def test_a_retry_keeps_the_given_time_shows_why_and_counts_as_no_try() -> None:
    ask()
    until = NOON + timedelta(minutes=37)

    def rate_limited(lease: Lease, clock: Callable[[], datetime]) -> None:
        raise jobs.Retry(until, "The network asked us to wait until 12:37.")

    assert run(rate_limited)

    job = Job.objects.get()
    assert (job.state, job.due_at, job.attempt) == (Job.State.QUEUED, until, 0)
    assert job.error == "The network asked us to wait until 12:37."
    assert not run(nothing, until - SECOND)
    assert run(nothing, until)


def waits(lease: Lease, clock: Callable[[], datetime]) -> None:
    """A handler whose network never answers."""
    raise jobs.Retry(clock() + SECOND, "It does not answer.")


def gives_up(lease: Lease, clock: Callable[[], datetime]) -> None:
    raise jobs.GivenUp("It did not answer 6 times.")


def test_retries_are_counted_apart_from_our_own_failures() -> None:
    ask()
    assert run(failing)
    assert run(waits, NOON + 10 * SECOND)
    assert run(waits, NOON + 20 * SECOND)

    lease = take(NOON + 30 * SECOND)

    assert (lease.attempt, lease.postponed) == (2, 2)


def test_retries_are_counted_from_zero_when_the_waiting_job_is_asked_for_anew() -> None:
    ask()
    assert run(waits)

    ask(now=NOON + SECOND)

    assert take(NOON + SECOND).postponed == 0


def test_retries_are_counted_from_zero_when_the_job_is_asked_for_while_it_waits_for_others() -> (
    None
):
    ask()
    assert run(waits)

    def asked_for_meanwhile(lease: Lease, clock: Callable[[], datetime]) -> None:
        ask(now=clock())
        waits(lease, clock)

    assert run(asked_for_meanwhile, NOON + SECOND)

    assert take(NOON + 2 * SECOND).postponed == 0


def test_a_planned_job_goes_on_counting_retries_of_the_one_that_waits() -> None:
    ask()
    assert run(waits)

    ask(now=NOON + SECOND, period="2026-06-01")

    assert take(NOON + SECOND).postponed == 1


def test_work_that_is_given_up_ends_with_its_reason() -> None:
    ask()

    assert run(gives_up)

    job = Job.objects.get()
    assert (job.state, job.error) == (Job.State.DEAD, "It did not answer 6 times.")
    assert job.ended_at == NOON


def test_work_that_is_given_up_but_was_asked_for_meanwhile_begins_anew() -> None:
    ask()

    def asked_for_meanwhile(lease: Lease, clock: Callable[[], datetime]) -> None:
        ask(now=clock())
        gives_up(lease, clock)

    assert run(asked_for_meanwhile)

    lease = take()
    assert (lease.attempt, lease.postponed) == (1, 0)


def test_a_retry_in_the_past_does_not_keep_a_worker_spinning() -> None:
    ask()

    def hasty(lease: Lease, clock: Callable[[], datetime]) -> None:
        raise jobs.Retry(NOON - timedelta(days=1), "now")

    assert run(hasty)

    assert Job.objects.get().due_at > NOON


def test_a_job_that_ends_well_forgets_the_error_of_an_earlier_try() -> None:
    ask()
    run(failing)

    run(nothing, NOON + timedelta(minutes=1))

    job = Job.objects.get()
    assert (job.state, job.error, job.lease_until) == (Job.State.DONE, "", None)
    assert job.ended_at == NOON + timedelta(minutes=1)


def test_a_handler_that_lost_its_lease_changes_nothing() -> None:
    ask()

    def overtaken(lease: Lease, clock: Callable[[], datetime]) -> None:
        jobs.sweep(now=NOON + jobs.LEASE)
        with transaction.atomic():
            jobs.hold(lease)

    assert run(overtaken)

    job = Job.objects.get()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 1)


@given(attempt=st.integers(1, 60), seed=st.integers())
def test_a_delay_lies_between_nothing_and_the_cap(attempt: int, seed: int) -> None:
    delay = jobs.backoff(attempt, dice=random.Random(seed))

    assert (
        timedelta()
        <= delay
        <= min(jobs.BACKOFF_CAP, jobs.BACKOFF_BASE * 2 ** (min(attempt, 20) - 1))
    )


def test_ten_thousand_failures_at_once_do_not_come_back_at_once() -> None:
    dice = random.Random(11)
    seconds = [int(jobs.backoff(8, dice=dice).total_seconds()) for _ in range(10_000)]
    mean = len(seconds) / jobs.BACKOFF_BASE.total_seconds() / 2**7

    assert max(seconds.count(second) for second in set(seconds)) <= 2 * mean


@pytest.mark.parametrize(("chosen", "spoken"), [("de", "de"), ("", "en-gb")])
def test_a_job_speaks_the_language_of_its_person(chosen: str, spoken: str) -> None:
    nora = builders.person()
    User.objects.filter(pk=nora.pk).update(language=chosen)
    builders.job(nora, COLLECT)
    heard = []

    jobs.run_next(
        clock=lambda: builders.NOW,
        handlers={COLLECT: lambda _lease, _clock: heard.append(get_language())},
    )

    assert heard == [spoken]
    assert get_language() == "en-gb"
