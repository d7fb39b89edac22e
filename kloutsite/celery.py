"""Celery runs the jobs; their truth is in rows (scoring.jobs), the broker is a doorbell.

The settings below are those that lost nothing when workers were killed; with rows, leases and
fences even a lost message costs seconds only (docs/decisions/0004).
"""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.signals import beat_init, worker_init, worker_process_init, worker_ready
from django.db import DatabaseError, connection
from django.utils import timezone

from kloutsite import env, memory
from kloutsite.checks import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")

logger = logging.getLogger(__name__)

ALIVE_EVERY = 10  # seconds between the signs of life that /readyz looks at

# The whole schedule. `expires`: an order that waited longer is void, the next one says the same.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": {"task": "scoring.tasks.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "plan-day": {"task": "scoring.tasks.plan_day", "schedule": 600.0, "options": {"expires": 300}},
    "settle-perks": {
        "task": "perks.tasks.settle",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "plan-mails": {
        "task": "scoring.tasks.plan_mails",
        "schedule": 300.0,
        "options": {"expires": 150},
    },
    "plan-perks": {
        "task": "perks.tasks.plan_day",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "prune": {"task": "scoring.tasks.prune", "schedule": 3600.0, "options": {"expires": 1800}},
}
# What a long pause left undone.
AT_START = ["scoring.tasks.sweep", "scoring.tasks.plan_day", "scoring.tasks.plan_mails"]

# What the jobs of one worker process may take, beyond what an idle one holds.
MEMORY_MB = env.integer("WORKER_MEMORY_MB", 1024, low=256, high=1_000_000)
BROKER_URL = env.text("BROKER_URL", "memory://")
REDIS_OPTIONS = {
    # A message that a killed worker held comes back after this many seconds.
    "visibility_timeout": 60,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "max_retries": 0,  # of a sender: a page does not wait for a broker that is away
}

app = Celery("kloutsite")
app.conf.update(
    broker_url=BROKER_URL,
    broker_connection_timeout=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options=REDIS_OPTIONS if BROKER_URL.startswith("redis") else {},
    beat_schedule=BEAT_SCHEDULE,
    beat_scheduler="kloutsite.celery:AliveScheduler",
    beat_max_loop_interval=5,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_soft_time_limit=600,
    task_time_limit=660,
    task_default_queue="jobs",
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=MEMORY_MB * 1024,  # kB resident; replaced after that job
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    timezone="UTC",
)
app.autodiscover_tasks(["scoring", "perks"])


def say_alive(name: str) -> None:
    """Write down that this part of the fleet lives. A database that is away is only logged.

    The connection is closed again: the worker's parent must not hand one down to its children.
    """
    from scoring.models import Heartbeat

    try:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
    except DatabaseError as error:
        logger.warning("No sign of life of %s was written: %s", name, error)
    finally:
        connection.close()


class AliveScheduler(Scheduler):
    """Beat without a file of its own, that says it lives."""

    _said_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; return the seconds until it wants to be called again."""
        if time.monotonic() - self._said_at >= ALIVE_EVERY:
            self._said_at = time.monotonic()
            say_alive("beat")
        wait: float = super().tick(*args, **kwargs)
        return min(wait, ALIVE_EVERY)


@worker_init.connect
@beat_init.connect
def _refuse_unsafe(**_: object) -> None:
    refuse_unsafe()


@worker_process_init.connect
def _bound_memory(**_: object) -> None:
    memory.bound(MEMORY_MB)


@beat_init.connect
def _send_at_start(**_: object) -> None:
    for name in AT_START:
        try:
            app.send_task(name, retry=False, expires=300)
        except app.connection_for_write().recoverable_connection_errors as error:
            logger.warning("%s was not sent at the start: %s", name, error)


@worker_ready.connect
def _say_alive_again_and_again(sender: Any, **_: object) -> None:
    """Each (re)connection clears the timer, and is announced by this signal."""
    say_alive("worker")
    sender.timer.call_repeatedly(ALIVE_EVERY, say_alive, ("worker",))
