"""The daily plan, the bell and the broom."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from celery import current_app
from django.conf import settings as site
from django.utils.module_loading import import_string

from accounts import notices
from accounts.models import FRESH, Grant, Letter, Notice, Source, SyncRun, User
from kloutsite.celery import AT_START, BEAT_SCHEDULE
from scoring import jobs, tasks
from scoring.models import Job, ScoreSnapshot
from tests.processes import environment, free_port

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def person(name: str = "ada") -> User:
    return User.objects.create(username=name)


def source(user: User, number: int = 1, **more: object) -> Source:
    account = SocialAccount.objects.create(user=user, provider="sandbox", uid=f"{user.pk}-{number}")
    facts = {
        "network": "sandbox",
        "external_id": f"{user.pk}-{number}",
        "kind": "page",
        "title": "A page",
        "selected": True,
        "grant": Grant.objects.create(account=account, issued_at=NOON),
        "tried_at": NOON - 2 * DAY,
        "read_at": NOON - 2 * DAY,
    }
    made: Source = Source.objects.create(user=user, **(facts | more))
    return made


def test_a_source_that_was_never_read_is_read_at_once() -> None:
    first = source(person(), tried_at=None, read_at=None)

    tasks.plan_reads(now=NOON)

    job = Job.objects.get()
    assert (job.kind, job.subject, job.user_id) == ("collect", str(first.pk), first.user_id)
    assert job.due_at == NOON


def test_reads_of_many_sources_are_spread_and_each_stays_fresh() -> None:
    somebody = person()
    for number in range(60):
        source(somebody, number)

    tasks.plan_reads(now=NOON)

    delays = [job.due_at - NOON for job in Job.objects.all()]
    assert len(delays) == 60
    assert min(delays) >= timedelta()
    assert max(delays) <= tasks.SPREAD
    assert max(delays) - min(delays) > tasks.SPREAD / 2
    assert tasks.READ_EVERY + tasks.SPREAD + timedelta(minutes=10) < FRESH


@pytest.mark.parametrize(
    "fact",
    [
        {"selected": False},
        {"paused_at": NOON},
        {"grant": None},
        {"tried_at": NOON - timedelta(hours=22)},
        {"retry_at": NOON + timedelta(minutes=1)},
    ],
)
def test_a_source_that_does_not_count_or_may_not_be_asked_now_is_left_alone(
    fact: dict[str, object],
) -> None:
    source(person(), **fact)

    assert tasks.plan_reads(now=NOON) == 0
    assert not Job.objects.exists()


def test_planning_all_day_makes_one_read_and_one_score_a_day() -> None:
    source(person())

    for minutes in range(0, 12 * 60, 10):
        tasks.plan_reads(now=NOON + timedelta(minutes=minutes))
        tasks.plan_scores(now=NOON + timedelta(minutes=minutes))
        Job.objects.update(state=Job.State.DONE, ended_at=NOON)

    assert sorted(Job.objects.values_list("kind", flat=True)) == ["collect", "score"]


def test_a_pause_of_three_days_is_caught_up_once() -> None:
    source(person(), tried_at=NOON - 3 * DAY)

    for _ in range(3):
        tasks.plan_reads(now=NOON)

    assert Job.objects.count() == 1


def test_people_with_a_score_of_today_or_nothing_read_are_not_scored_again() -> None:
    scored, unread, waiting = person("scored"), person("unread"), person("waiting")
    source(scored)
    source(unread, read_at=None)
    source(waiting)
    snapshot_of(scored, NOON)

    tasks.plan_scores(now=NOON)

    assert [job.subject for job in Job.objects.all()] == [str(waiting.pk)]


def snapshot_of(user: User, as_of: datetime) -> ScoreSnapshot:
    numbers = dict.fromkeys(
        ("reach", "amplification", "network", "reach_score", "amplification_score"), 0.0
    )
    return ScoreSnapshot.objects.create(
        user=user,
        day=as_of.date(),
        model="test",
        as_of=as_of,
        network_score=0.0,
        posts=0,
        people=0,
        sources_read=1,
        sources=1,
        **numbers,
    )


def test_old_jobs_reads_notices_and_letters_are_forgotten_and_newer_ones_kept() -> None:
    read = source(person())
    for age in (29, 31):
        SyncRun.objects.create(
            source=read, started_at=NOON - age * DAY, ended_at=NOON - age * DAY, code="ok"
        )
    for state, age in (("done", 6), ("done", 8), ("dead", 29), ("dead", 31), ("queued", 99)):
        Job.objects.create(
            kind="score",
            subject=f"{state} {age}",
            state=state,
            due_at=NOON,
            created_at=NOON,
            ended_at=NOON - age * DAY,
        )

    for age in (182, 184):
        notices.tell(person_id=read.user_id, kind="first_score", key=str(age), now=NOON - age * DAY)

    for age in (213, 215):
        written_at = NOON - age * DAY
        Letter.objects.create(key=str(age), user_id=read.user_id, written_at=written_at)

    assert tasks.forget(now=NOON) == 5

    kept = set(Job.objects.values_list("subject", flat=True))
    assert kept == {"done 6", "dead 29", "queued 99"}
    assert SyncRun.objects.get().ended_at == NOON - 29 * DAY
    assert Notice.objects.get().at == NOON - 182 * DAY
    assert Letter.objects.get().key == "213"


def test_every_entry_of_the_schedule_names_a_task_that_takes_what_a_newer_caller_sends() -> None:
    current_app.loader.import_default_modules()
    for name in [*(entry["task"] for entry in BEAT_SCHEDULE.values()), *AT_START]:
        current_app.tasks[name].run(sent_by_a_newer_caller=1)


def test_every_kind_of_job_has_a_handler() -> None:
    assert set(import_string(site.JOB_HANDLERS)) == set(Job.Kind)


def test_a_task_runs_its_job_and_then_whatever_else_is_due() -> None:
    for subject in ("999998", "999999"):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=subject, now=datetime.now(UTC))
    last = Job.objects.latest("pk")

    tasks.run_job(job_id=last.pk, sent_by_a_newer_caller=1)

    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert last.pk == Job.objects.earliest("ended_at").pk


RING_FIVE_TIMES = """
import time, django; django.setup()
from datetime import UTC, datetime
from scoring import jobs
from scoring.models import Job
jobs.BROKER_REST = 0.0
began = time.monotonic()
for number in range(5):
    jobs.enqueue(kind=Job.Kind.SCORE, subject=str(number), now=datetime.now(UTC))
print(time.monotonic() - began)
"""


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_fails_no_request_and_is_said_once_a_minute() -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"

    done = subprocess.run(
        [sys.executable, "-c", RING_FIVE_TIMES],
        cwd=site.BASE_DIR,
        env=environment(BROKER_URL=nobody),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert Job.objects.count() == 5
    assert float(done.stdout) < 20  # each of five would wait for a broker that never answers
    assert done.stderr.count("The broker is away") == 1
