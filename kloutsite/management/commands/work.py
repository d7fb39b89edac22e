"""`manage.py work`: background work without a broker, in one process."""

import signal
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from kloutsite import memory
from kloutsite.celery import ALIVE_EVERY, AT_START, BEAT_SCHEDULE, MEMORY_MB, app, say_alive
from scoring import jobs

PAUSE = 1.0  # seconds without due work before looking again


class Command(BaseCommand):
    """Runs due jobs and the schedule one after another, until SIGTERM or Ctrl-C."""

    help = "Run background work in this process, for a site that has no broker."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop; the job at hand is finished first."""
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        app.loader.import_default_modules()  # which registers the tasks
        schedule = Schedule()
        handlers = import_string(settings.JOB_HANDLERS)
        memory.bound(MEMORY_MB)
        while not self.stopping:
            schedule.run_due()
            if not jobs.run_next(clock=timezone.now, handlers=handlers):
                time.sleep(PAUSE)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True


class Schedule:
    """The table of kloutsite.celery, run by hand."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.next_at = {
            name: now if entry["task"] in AT_START else now + entry["schedule"]
            for name, entry in BEAT_SCHEDULE.items()
        }
        self.alive_at = now

    def run_due(self) -> None:
        """Run every task of the schedule whose time has come, and give a sign of life."""
        now = time.monotonic()
        if now >= self.alive_at:
            self.alive_at = now + ALIVE_EVERY
            say_alive("worker")
            say_alive("beat")
        for name, entry in BEAT_SCHEDULE.items():
            if now >= self.next_at[name]:
                self.next_at[name] = now + entry["schedule"]
                app.tasks[entry["task"]]()
