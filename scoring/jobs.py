"""Durable jobs: a row is the truth, a worker borrows it under a lease, a message is a doorbell.

A worker that takes a job raises the row's fence and may write only while that fence is its own, so
that a worker that was slow, stopped or believed dead changes nothing after somebody else took over.
Messages carry a job id and nothing else; losing or repeating one is harmless.

Locks: `enqueue` keeps the job's row locked until the caller commits, and `hold` until the handler
commits. Call `enqueue` last in a transaction that locks other rows.

Source: docs/decisions/0004; figures of full jitter in acceptance W11.
"""

import logging
import random
import time
import traceback
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.speaking import language_of, speaking
from accounts.speech import say
from scoring.models import Job

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # a handler that works longer reports, which extends it
TRIES = 8
BACKOFF_BASE = timedelta(seconds=2)
BACKOFF_CAP = timedelta(minutes=10)
RINGS_A_SWEEP = 100  # a worker that hears one bell goes on with whatever else is due
BELL_LASTS = 30  # seconds; an older message says nothing that the sweeper has not said again
BROKER_REST = 5.0  # seconds without a try after the broker was away, so that no request waits twice
OPEN = (Job.State.QUEUED, Job.State.RUNNING)
LOOKS = 10  # at rows that others make and end while we look, before an error is believed
DICE = random.Random()  # noqa: S311 - spreads retries, keeps no secret; tests seed it


class LostLease(Exception):
    """Somebody else holds the job now, or it is gone. Stop and change nothing."""


class Retry(Exception):
    """Raised by a handler: try again at `at`, for a reason fit to show. Not a failure of ours."""

    def __init__(self, at: datetime, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why


class GivenUp(Exception):
    """Raised by a handler: others kept us from it for too long, with a reason fit to show."""


@dataclass(frozen=True)
class Lease:
    """What a handler gets: whose job it is, and the fence that its writes must carry.

    `attempt` is the number of this try, from 1, without those that ended in a Retry; `postponed`
    counts these since the work was last asked for. Work without a cap on them may repeat for ever.
    """

    job_id: int
    fence: int
    kind: Job.Kind
    subject: str
    user_id: int | None
    payload: dict[str, Any] = field(hash=False)
    attempt: int
    postponed: int


Clock = Callable[[], datetime]
Handler = Callable[[Lease, Clock], None]


def enqueue(
    *,
    kind: Job.Kind,
    subject: str,
    now: datetime,
    user_id: int | None = None,
    due_at: datetime | None = None,
    period: str = "",
    payload: dict[str, Any] | None = None,
) -> Job:
    """Make sure that this work is done after the caller's transaction commits, and ring then.

    There is one open job per kind and subject. Work that somebody asked for (no `period`) pulls a
    queued job forward and makes a running one run once more. Planned work (with a `period`) leaves
    an open job as it is, and is made once a period, however many beats plan it. `payload` holds
    ids and sealed values only; a newer one replaces the older.
    """
    new = Job(
        kind=kind,
        subject=subject,
        user_id=user_id,
        due_at=due_at or now,
        period=period,
        payload=payload or {},
        created_at=now,
    )
    with transaction.atomic():
        job = _there_or_made(new)
        if job is not new and not period:
            _ask_once_more(job, due_at=new.due_at, payload=payload)
        if job.state == Job.State.QUEUED and job.due_at <= now:
            _ring_on_commit(job.pk)
    return job


def _there_or_made(new: Job) -> Job:
    """Return the job of this period, else the open job with its row locked, else `new`, inserted.

    The lock keeps workers from starting the job before the caller's changes are committed.
    """
    same = Job.objects.filter(kind=new.kind, subject=new.subject)
    for look in range(1, LOOKS + 1):
        if new.period and (job := same.filter(period=new.period).first()):
            return job
        if job := same.filter(state__in=OPEN).select_for_update().first():
            return job
        try:
            with transaction.atomic():
                new.save(force_insert=True)
                return new
        except IntegrityError:  # another process made one since we looked: look again
            if look == LOOKS:
                raise
    raise AssertionError("every look returns or raises")


def _ask_once_more(job: Job, *, due_at: datetime, payload: dict[str, Any] | None) -> None:
    if job.state == Job.State.RUNNING:
        job.again = True
    else:
        job.due_at = min(job.due_at, due_at)
        job.postponed = 0
    if payload is not None:
        job.payload = payload
    job.save(update_fields=["again", "due_at", "postponed", "payload"])


def take(*, now: datetime, kinds: Collection[str], job_id: int | None = None) -> Lease | None:
    """Borrow the job that is due longest (or `job_id`, when it is due) for LEASE.

    Returns None when nothing of these kinds is due or others are taking it at this moment.
    """
    with transaction.atomic():
        due = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=now, kind__in=kinds)
        if job_id is not None:
            due = due.filter(pk=job_id)
        job = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        if job is None:
            return None
        job.state = Job.State.RUNNING
        job.lease_until = now + LEASE
        job.fence += 1
        job.attempt += 1
        job.started_at = now
        job.progress = ""
        job.save(
            update_fields=["state", "lease_until", "fence", "attempt", "started_at", "progress"]
        )
    return Lease(
        job_id=job.pk,
        fence=job.fence,
        kind=Job.Kind(job.kind),
        subject=job.subject,
        user_id=job.user_id,
        payload=job.payload,
        attempt=job.attempt,
        postponed=job.postponed,
    )


def hold(lease: Lease) -> None:
    """Lock the job's row until the surrounding transaction ends. Call it before the first write.

    Raises LostLease when the fence moved on, and TransactionManagementError outside a transaction,
    where the lock would end before the writes begin.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("hold() needs transaction.atomic() around it.")
    _held(lease)


def _held(lease: Lease) -> Job:
    job = (
        Job.objects.select_for_update()
        .filter(pk=lease.job_id, fence=lease.fence, state=Job.State.RUNNING)
        .first()
    )
    if job is None:
        raise LostLease(f"job {lease.job_id}, fence {lease.fence}")
    return job


def report(lease: Lease, sentence: str, *, now: datetime) -> None:
    """Show the person what is being done (up to 200 characters) and extend the lease.

    Call it outside transactions, where others see it at once. Raises LostLease.
    """
    held = Job.objects.filter(pk=lease.job_id, fence=lease.fence, state=Job.State.RUNNING)
    if not held.update(progress=sentence[:200], lease_until=now + LEASE):
        raise LostLease(f"job {lease.job_id}, fence {lease.fence}")


def finish(lease: Lease, *, now: datetime) -> None:
    """Mark the job done, or queue it once more when it was asked for again. Raises LostLease."""
    with transaction.atomic():
        job = _held(lease)
        job.error = ""
        if job.again:
            _queue_afresh(job, due_at=now)
            _ring_on_commit(job.pk)
        else:
            _end(job, Job.State.DONE, now=now)
        job.save()


def postpone(lease: Lease, *, at: datetime, why: str, now: datetime) -> None:
    """Queue the job for `at` and show `why`. Not a failure of ours. Raises LostLease."""
    with transaction.atomic():
        job = _held(lease)
        job.attempt -= 1
        job.postponed = 0 if job.again else job.postponed + 1
        job.error = why[:300]
        # Never at once: a time that has passed would keep a worker spinning on this job.
        _queue(job, due_at=max(at, now + timedelta(seconds=1)))
        job.save()


def give_up(lease: Lease, *, why: str, now: datetime) -> None:
    """End the job as dead and show `why`, or queue it when asked for again. Raises LostLease."""
    with transaction.atomic():
        job = _held(lease)
        job.error = why[:300]
        if job.again:
            _queue_afresh(job, due_at=now)
            _ring_on_commit(job.pk)
        else:
            _end(job, Job.State.DEAD, now=now)
        job.save()


def fail(lease: Lease, *, now: datetime, cause: str) -> None:
    """Queue the job with a growing random delay, or give up after TRIES. Raises LostLease.

    `cause` is shown to the person, in the middle of a sentence.
    """
    with transaction.atomic():
        job = _held(lease)
        _put_back(job, now=now, cause=cause)
        job.save()


def run_next(
    *, clock: Clock, handlers: Mapping[Job.Kind, Handler], job_id: int | None = None
) -> bool:
    """Take one due job, run its handler, and write down how it ended.

    Returns False when nothing was due. An error of a handler is logged and never raised.
    """
    lease = take(now=clock(), kinds=list(handlers), job_id=job_id)
    if lease is None:
        return False
    try:
        with speaking(language_of(lease.user_id)):
            _handle(lease, clock, handlers)
    except LostLease:
        logger.info("job %s: fence %s is old, nothing changed", lease.job_id, lease.fence)
    return True


def _handle(lease: Lease, clock: Clock, handlers: Mapping[Job.Kind, Handler]) -> None:
    """Run a job's handler and write down how it ended. Raises LostLease."""
    try:
        handlers[lease.kind](lease, clock)
    except LostLease:
        raise
    except Retry as retry:
        postpone(lease, at=retry.at, why=retry.why, now=clock())
    except GivenUp as given_up:
        give_up(lease, why=str(given_up), now=clock())
    except Exception as error:
        # What the handler held goes first, or there is no memory left to say what happened.
        traceback.clear_frames(error.__traceback__)
        number = uuid.uuid4().hex[:8]
        logger.exception("report %s: job %s (%s) failed", number, lease.job_id, lease.kind)
        cause = (
            say("it needed more memory than a job may have (report {number})", number=number)
            if isinstance(error, MemoryError)
            else say("something went wrong on our side (report {number})", number=number)
        )
        fail(lease, now=clock(), cause=cause)
    else:
        finish(lease, now=clock())


def sweep(*, now: datetime) -> int:
    """Put back jobs whose lease ran out, and ring for jobs that are due.

    Returns how many rows were put back (or given up after TRIES). Any number may sweep at once.
    """
    with transaction.atomic():
        lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lte=now)
        jobs = list(lost.select_for_update(skip_locked=True).order_by("lease_until", "pk")[:500])
        for job in jobs:
            logger.warning("job %s: the worker went silent in try %s", job.pk, job.attempt)
            _put_back(job, now=now, cause=say("our worker stopped in the middle"), at_once=True)
            job.save()
    due = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=now).order_by("due_at", "pk")
    for pk in due.values_list("pk", flat=True)[:RINGS_A_SWEEP]:
        _ring(pk)
    return len(jobs)


def backoff(attempt: int, *, dice: random.Random = DICE) -> timedelta:
    """Return a random delay from 0 to BASE * 2^(attempt - 1), at most CAP ("full jitter").

    Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    grown = BACKOFF_BASE.total_seconds() * 2.0 ** (attempt - 1)
    return timedelta(seconds=min(BACKOFF_CAP.total_seconds(), grown) * dice.random())


def _put_back(job: Job, *, now: datetime, cause: str, at_once: bool = False) -> None:
    """Queue a job that did not end well, or give it up. Does not save."""
    delay = timedelta() if at_once else backoff(job.attempt)
    if job.again:  # asked for since it began: that is new work with tries of its own
        _queue_afresh(job, due_at=now + delay)
    elif job.attempt < TRIES:
        _queue(job, due_at=now + delay)
    else:
        _end(job, Job.State.DEAD, now=now)
    job.error = (
        say(
            "We stopped after {tries} tries: {cause}. Try again, and if it stops once "
            "more, tell whoever runs this site.",
            tries=TRIES,
            cause=cause,
        )
        if job.state == Job.State.DEAD
        else say("This try did not finish: {cause}. We try again by ourselves.", cause=cause)
    )


def _queue(job: Job, *, due_at: datetime) -> None:
    job.state = Job.State.QUEUED
    job.due_at = due_at
    job.lease_until = None
    job.again = False
    job.progress = ""


def _queue_afresh(job: Job, *, due_at: datetime) -> None:
    _queue(job, due_at=due_at)
    job.attempt = job.postponed = 0


def _end(job: Job, state: Job.State, *, now: datetime) -> None:
    job.state = state
    job.lease_until = None
    job.ended_at = now


_quiet_until = 0.0  # monotonic seconds
_logged_at = float("-inf")


def _ring_on_commit(job_id: int) -> None:
    transaction.on_commit(lambda: _ring(job_id))


def _ring(job_id: int) -> None:
    """Send the message, or log that the broker is away. The sweeper rings again either way."""
    global _quiet_until, _logged_at
    if settings.BROKER_URL.startswith("memory://") or time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(
            "scoring.tasks.run_job", kwargs={"job_id": job_id}, retry=False, expires=BELL_LASTS
        )
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the row is safe
        _quiet_until = time.monotonic() + BROKER_REST
        if time.monotonic() - _logged_at > 60:
            _logged_at = time.monotonic()
            logger.warning("The broker is away (%s). Jobs wait for the sweeper.", error)
