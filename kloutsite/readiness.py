"""Which part of the site is not ready, in one word each. Says states only, never a secret."""

import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from scoring.models import Heartbeat, Job

OK = "ok"
SILENT_AFTER = timedelta(seconds=25)  # signs of life come every 10 s
LATE_AFTER = timedelta(minutes=5)  # the oldest job that is due and not begun
LEAST_FREE = 200 * 1024 * 1024  # bytes in the data folder


def look(*, now: datetime) -> dict[str, str]:
    """Return part -> "ok" or what is wrong with it: database, migrations, worker, beat, jobs, disk.

    When the database does not answer, what it would tell is "unknown".
    """
    found = {"disk": _disk()}
    try:
        found |= {"database": OK, "migrations": _migrations(), "jobs": _jobs(now)}
        found |= _fleet(now)
    except DatabaseError:
        found["database"] = "no answer"
        for part in ("migrations", "jobs", "worker", "beat"):
            found.setdefault(part, "unknown")
    return found


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "not applied: run migrate" if waiting else OK


def _jobs(now: datetime) -> str:
    late = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=now - LATE_AFTER)
    return "late" if late.exists() else OK


def _fleet(now: datetime) -> dict[str, str]:
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    return {
        name: OK if name in seen and now - seen[name] <= SILENT_AFTER else "silent"
        for name in ("worker", "beat")
    }


def _disk() -> str:
    return OK if shutil.disk_usage(settings.DATA_DIR).free >= LEAST_FREE else "nearly full"
