"""What Celery calls: thin, keyword-only, safe to repeat. `**_` lets a newer caller send more."""

import time
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import budgets, mailing, unchosen, uploads
from accounts.models import Letter, NetworkSpend, Notice, Source, SyncRun, User
from scoring import jobs, keeping, plusk, work
from scoring.models import BadgeAward, Job, PlusK, ScoreSnapshot, TopicScore

GO_ON = 20  # seconds a task goes on with other due jobs before it makes room
READ_EVERY = timedelta(hours=23)  # with SPREAD and a late beat still within accounts.models.FRESH
SPREAD = timedelta(hours=1)
PLAN_BATCH = 5_000
KEEP_DONE = timedelta(days=7)
KEEP_DEAD = timedelta(days=30)
KEEP_RUNS = timedelta(days=30)
KEEP_NOTICES = timedelta(days=183)
KEEP_LETTERS = KEEP_NOTICES + timedelta(days=31)  # what keeps a mail from going twice stays longer
KEEP_DAYS_SPENT = timedelta(days=400)
KEEP_HOURS_SPENT = timedelta(days=2)
DELETE_BATCH = 5_000  # rows a transaction: SQLite has one writer at a time


@shared_task(name="scoring.tasks.run_job")
def run_job(*, job_id: int, **_: object) -> None:
    """Run this job if it is still due, then whatever else is due, for GO_ON seconds."""
    handlers = import_string(settings.JOB_HANDLERS)
    until = time.monotonic() + GO_ON
    jobs.run_next(clock=timezone.now, handlers=handlers, job_id=job_id)
    while time.monotonic() < until and jobs.run_next(clock=timezone.now, handlers=handlers):
        pass


@shared_task(name="scoring.tasks.sweep", soft_time_limit=60, time_limit=90)
def sweep(**_: object) -> None:
    """Put back what dead workers held and ring for what is due."""
    jobs.sweep(now=timezone.now())


@shared_task(name="scoring.tasks.plan_day")
def plan_day(**_: object) -> None:
    """Plan what is due today that nobody has planned yet, and tell of links without a choice."""
    now = timezone.now()
    plan_reads(now=now)
    plan_scores(now=now)
    plan_weights(now=now)
    plan_places(now=now)
    unchosen.tell(now=now)


@shared_task(name="scoring.tasks.plan_mails")
def plan_mails(**_: object) -> None:
    """Have the morning mails written that are due by now, everywhere on Earth."""
    while mailing.plan(now=timezone.now()) == mailing.PLAN_BATCH:
        pass


@shared_task(name="scoring.tasks.prune")
def prune(**_: object) -> None:
    """Forget old jobs, reads, notices and notes of letters."""
    forget(now=timezone.now())


def plan_reads(*, now: datetime) -> int:
    """Queue a COLLECT for sources whose last try is a day ago, a first read at once.

    Returns how many were looked at. Many beats plan each source once a day (UTC).
    """
    day = f"{now:%Y-%m-%d}"
    due = _unplanned(Source.objects.due(now, every=READ_EVERY), kind=Job.Kind.COLLECT, period=day)
    sources = due.order_by(F("tried_at").asc(nulls_first=True), "pk")
    rows = list(sources.values_list("pk", "user_id", "network", "read_at")[:PLAN_BATCH])
    for pk, user_id, network, read_at in rows:
        jobs.enqueue(
            kind=Job.Kind.COLLECT,
            subject=str(pk),
            user_id=user_id,
            now=now,
            due_at=now + _delay(pk, network, read_at, now),
            period=day,
        )
    return len(rows)


def plan_scores(*, now: datetime) -> int:
    """Queue a SCORE for people whose sources count and who have no snapshot of today (UTC).

    Returns how many were looked at.
    """
    day = f"{now:%Y-%m-%d}"
    scored = ScoreSnapshot.objects.filter(user=OuterRef("pk"), day=now.date())
    counted = Source.objects.counted().scored()
    counted = counted.filter(user=OuterRef("pk"), read_at__isnull=False)
    people = User.objects.filter(Exists(counted), ~Exists(scored), is_active=True)
    unplanned = _unplanned(people, kind=Job.Kind.SCORE, period=day).order_by("pk")
    keys = list(unplanned.values_list("pk", flat=True)[:PLAN_BATCH])
    for pk in keys:
        jobs.enqueue(
            kind=Job.Kind.SCORE,
            subject=str(pk),
            user_id=pk,
            now=now,
            due_at=now + _own_delay(f"user {pk}"),
            period=day,
        )
    return len(keys)


def plan_weights(*, now: datetime) -> None:
    """Queue one WEIGH a day (UTC) of everybody, before their places; none while nobody gave +K."""
    if not PlusK.objects.exists():
        return
    midnight = datetime.combine(now.astimezone(UTC), datetime.min.time(), UTC)
    jobs.enqueue(
        kind=Job.Kind.WEIGH,
        subject=plusk.EVERYBODY,
        now=now,
        due_at=max(now, midnight + SPREAD),
        period=f"{now:%Y-%m-%d}",
    )


def plan_places(*, now: datetime) -> None:
    """Queue one PLACES a day (UTC), after the night's scores; none while nobody was counted."""
    if not (TopicScore.objects.exists() or BadgeAward.objects.exists()):
        return
    midnight = datetime.combine(now.astimezone(UTC), datetime.min.time(), UTC)
    jobs.enqueue(
        kind=Job.Kind.PLACES,
        subject="everybody",
        now=now,
        due_at=max(now, midnight + 2 * SPREAD),
        period=f"{now:%Y-%m-%d}",
    )


def _unplanned(rows: QuerySet[Any], *, kind: Job.Kind, period: str) -> QuerySet[Any]:
    """Leave out rows that have a job of this kind in this period, or an open one."""
    job = Job.objects.filter(
        Q(period=period) | Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]),
        kind=kind,
        subject=Cast(OuterRef("pk"), CharField()),
    )
    return rows.filter(~Exists(job))


def _delay(pk: int, network: str, read_at: datetime | None, now: datetime) -> timedelta:
    """Return how long a source waits: not at all at first, its turn where a day's budget ends."""
    if read_at is None:
        return timedelta()
    if budgets.limit_of(network) is not None:
        return work.turn(read_at, now)
    return _own_delay(f"source {pk}")


def _own_delay(name: str) -> timedelta:
    """Return the same delay for the same name, spread evenly over SPREAD.

    A long pause of beat, or midnight, must not send everybody to the networks at once.
    """
    return SPREAD * (zlib.crc32(name.encode()) / 2**32)


def forget(*, now: datetime) -> int:
    """Delete what is old enough of all that is kept for a time; return how many rows."""
    return (
        _delete(Job.objects.filter(state=Job.State.DONE, ended_at__lt=now - KEEP_DONE))
        + _delete(Job.objects.filter(state=Job.State.DEAD, ended_at__lt=now - KEEP_DEAD))
        + _delete(SyncRun.objects.filter(ended_at__lt=now - KEEP_RUNS))
        + _delete(Notice.objects.filter(at__lt=now - KEEP_NOTICES))
        + _delete(Letter.objects.filter(written_at__lt=now - KEEP_LETTERS))
        + _delete(NetworkSpend.objects.filter(day__lt=now.date() - KEEP_DAYS_SPENT))
        + _delete(NetworkSpend.objects.filter(day__lt=now.date() - KEEP_HOURS_SPENT, hour__gte=0))
        + keeping.forget_unread(now=now)
        + keeping.forget_programs(now=now)
        + uploads.sweep(wanted=_being_read(), now=now)
    )


def _being_read() -> set[str]:
    """Return the ids of uploads that a job reads or will read."""
    reads = Job.objects.filter(kind=Job.Kind.ARCHIVE, state__in=jobs.OPEN)
    return set(reads.values_list("subject", flat=True))


def _delete(rows: QuerySet[Any, Model]) -> int:
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:DELETE_BATCH]):
        total += rows.filter(pk__in=keys).delete()[0]
    return total
