"""/healthz answers whatever happens; /readyz names the part that is not well."""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from kloutsite import readiness
from scoring.models import Heartbeat, Job


class Usage(NamedTuple):
    """What shutil.disk_usage returns."""

    total: int
    used: int
    free: int


def all_well(now: datetime) -> None:
    for name in ("worker", "beat"):
        Heartbeat.objects.create(name=name, at=now)


@pytest.mark.django_db
def test_a_site_that_is_well_is_ready(client: Client) -> None:
    all_well(timezone.now())

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["parts"].values()) == {"ok"}


def test_health_is_told_without_a_database(client: Client) -> None:
    """No database mark: a query would fail the test."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_part_that_fell_silent_is_named(client: Client, name: str) -> None:
    now = timezone.now()
    all_well(now)
    Heartbeat.objects.filter(name=name).update(at=now - timedelta(seconds=30))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert {p: state for p, state in answer.json()["parts"].items() if state != "ok"} == {
        name: "silent"
    }


@pytest.mark.django_db
def test_a_fleet_that_never_spoke_is_silent() -> None:
    parts = readiness.look(now=timezone.now())

    assert (parts["worker"], parts["beat"]) == ("silent", "silent")


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "state"), [(4, "ok"), (6, "late")])
def test_a_job_that_waits_too_long_makes_the_site_late(minutes: int, state: str) -> None:
    now = timezone.now()
    due = now - timedelta(minutes=minutes)
    Job.objects.create(kind="score", subject="7", due_at=due, created_at=due)

    assert readiness.look(now=now)["jobs"] == state


@pytest.mark.django_db
def test_a_migration_that_waits_is_named_with_what_to_do() -> None:
    MigrationRecorder.Migration.objects.filter(app="scoring").last().delete()

    assert readiness.look(now=timezone.now())["migrations"] == "not applied: run migrate"


@pytest.mark.django_db
def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 10**6))

    assert readiness.look(now=timezone.now())["disk"] == "nearly full"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_named_and_told_no_more_of(client: Client) -> None:
    def refuse(*_: object) -> None:
        from django.db import OperationalError

        raise OperationalError("could not connect to server at 10.0.0.7, password secret")

    with connection.execute_wrapper(refuse):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "no answer"
    assert answer.json()["parts"]["worker"] == "unknown"
    assert b"secret" not in answer.content
