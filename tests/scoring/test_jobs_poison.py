"""Jobs that harm the worker: each is given up after eight tries, and the others are done.

The worker runs as `serve` starts it. Only time is moved: nobody waits for delays and leases.
"""

import re
import subprocess
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from scoring import jobs
from scoring.models import Job, ScoreSnapshot
from tests.processes import MANAGE, Site, environment, serving, wait_until
from tests.scoring.crowd import JOBS_OF_ARCHIVE, with_archives
from tests.scoring.poison import POISONS

pytestmark = pytest.mark.django_db(transaction=True)

BOUND = 512  # MB, of which names and languages for topics take a part
POISONED = {"DJANGO_SETTINGS_MODULE": "tests.worker_settings", "WORKER_MEMORY_MB": str(BOUND)}
SAID = {
    "raises": "We stopped after 8 tries: something went wrong on our side (report ",
    "leaves": "We stopped after 8 tries: our worker stopped in the middle. Try again",
    "is killed": "We stopped after 8 tries: our worker stopped in the middle. Try again",
    "eats": "We stopped after 8 tries: it needed more memory than a job may have (report ",
}
POISON = Job.objects.filter(payload__has_key="poison")


def give(how: str, person: User) -> None:
    """Make the person's score a job that does harm."""
    jobs.enqueue(
        kind=Job.Kind.SCORE,
        subject=str(person.pk),
        user_id=person.pk,
        now=timezone.now(),
        payload={"poison": how},
    )


def given_up() -> int:
    """Let delays pass, and leases of jobs that ended their process; return how many are dead."""
    now = timezone.now()
    POISON.filter(state=Job.State.QUEUED, due_at__gt=now).update(due_at=now)
    silent = POISON.filter(state=Job.State.RUNNING, payload__poison__in=["leaves", "is killed"])
    silent.filter(started_at__lt=now - timedelta(seconds=1)).update(lease_until=now)
    return POISON.filter(state=Job.State.DEAD).count()


@pytest.mark.slow
def test_jobs_that_harm_the_worker_are_given_up_and_the_queue_goes_on() -> None:
    people = with_archives(20 + len(POISONS))
    sound = people[len(POISONS) :]
    harmed = dict(zip(POISONS, people, strict=False))
    for how, person in harmed.items():
        give(how, person)

    with serving(**POISONED) as site:
        wait_until(lambda: given_up() == len(POISONS), seconds=300, what="all poison is given up")
        done = Job.objects.filter(user__in=sound, state=Job.State.DONE)
        wait_until(
            lambda: done.count() == len(sound) * JOBS_OF_ARCHIVE,
            seconds=120,
            what="the others are done",
        )
        eaten = eaten_by(site)

    assert ScoreSnapshot.objects.filter(reconstructed=False).count() == len(sound)
    for how, person in harmed.items():
        assert POISON.get(user=person).attempt == jobs.TRIES
        assert SAID[how] in page_of(person)
    assert len(eaten) == jobs.TRIES
    assert all(BOUND / 2 < megabytes <= BOUND for megabytes in eaten)


def eaten_by(site: Site) -> list[int]:
    """Return how many MB the hungry job had when it was stopped, try by try."""
    return [int(number) for number in re.findall(r"ate (\d+) MB", site.words())]


def page_of(person: User) -> str:
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return " ".join(browser.get(reverse("first_scoring")).content.decode().split())


def test_work_without_a_broker_is_bound_in_its_memory_too() -> None:
    (person,) = with_archives(1)
    give("eats", person)
    command = [*MANAGE, "work"]

    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment(**POISONED)) as worker:
        try:
            failed = POISON.filter(error__contains="it needed more memory than a job may have")
            wait_until(failed.exists, seconds=120, what="the try is a failed one")
            assert worker.poll() is None
        finally:
            worker.kill()
