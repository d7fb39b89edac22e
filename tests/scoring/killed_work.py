"""Processes that die or stand still at a chosen point of a job (`main`), and what they do there.

Real work is too quick to be met at one point; this one writes a row in `killed_work`, a table
without any constraint, so that doubled work would show.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from scoring import jobs
from scoring.jobs import Lease
from scoring.models import Job
from tests.scoring import poison

TABLE = "CREATE TABLE killed_work (subject varchar(64), fence integer)"


def write(lease: Lease) -> None:
    """Write the row of this subject under the fence."""
    with transaction.atomic(), connection.cursor() as cursor:
        jobs.hold(lease)
        cursor.execute("INSERT INTO killed_work VALUES (%s, %s)", [lease.subject, lease.fence])


HANDLERS = {Job.Kind.SCORE: lambda lease, clock: write(lease)}


def in_child(act: Callable[[], None]) -> int:
    """Run `act` in a fork (no connection is open yet) and return how it ended (signal negative)."""
    pid = os.fork()
    if not pid:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ask_and_die(subject: str, now: datetime) -> None:
    """Commit a job and die before the bell is rung."""
    jobs._ring = lambda job_id: os.kill(os.getpid(), signal.SIGKILL)
    jobs.enqueue(kind=Job.Kind.SCORE, subject=subject, now=now)


def stopped_in_the_middle(lease: Lease, clock: Callable[[], datetime]) -> None:
    """Say that the job is in hand, wait for a word (stopped meanwhile), then write."""
    print(f"holding {lease.subject}", flush=True)
    sys.stdin.readline()
    try:
        write(lease)
    except jobs.LostLease:
        print("refused", flush=True)
        raise
    print("written", flush=True)


def main(act: str, *arguments: str) -> None:
    """One act: `ask COUNT`, `end HOW` (of poison.POISONS), or `stop COUNT`; NOW is set outside."""
    now = datetime.fromisoformat(os.environ["NOW"])
    if act == "ask":
        for number in range(int(arguments[0])):
            assert in_child(lambda n=number: ask_and_die(str(n), now)) == -signal.SIGKILL
    elif act == "end":
        handlers = {Job.Kind.SCORE: lambda lease, clock: poison.POISONS[arguments[0]]()}
        for _ in range(jobs.TRIES):
            code = in_child(lambda at=now: jobs.run_next(clock=lambda: at, handlers=handlers))
            assert code in {3, -signal.SIGKILL}
            now += jobs.LEASE + timedelta(seconds=1)
            in_child(lambda at=now: jobs.sweep(now=at))
    elif act == "stop":
        for _ in range(int(arguments[0])):
            jobs.run_next(clock=lambda: now, handlers={Job.Kind.SCORE: stopped_in_the_middle})
