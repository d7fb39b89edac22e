"""Work for processes that get killed, and what these processes do (`main`).

The work of a subject is one row in `killed_work`, a table without any constraint, so that doubled
work would show. Like all handlers it may run again after its write, and then writes nothing.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from scoring import jobs
from scoring.jobs import Lease
from scoring.models import Job

STEP = float(os.environ.get("KILLED_WORK_STEP", "0.1"))  # seconds
TABLE = "CREATE TABLE killed_work (subject varchar(64), fence integer)"


def work(lease: Lease, clock: Callable[[], datetime]) -> None:
    """Report, think, and write one row, with pauses in which a kill may fall."""
    jobs.report(lease, "Working on it.", now=clock())
    time.sleep(STEP)
    write(lease)


def write(lease: Lease) -> None:
    """Write the row of this subject under the fence, unless it is there."""
    with transaction.atomic(), connection.cursor() as cursor:
        jobs.hold(lease)
        cursor.execute("SELECT count(*) FROM killed_work WHERE subject = %s", [lease.subject])
        if not cursor.fetchone()[0]:
            time.sleep(STEP / 4)
            cursor.execute("INSERT INTO killed_work VALUES (%s, %s)", [lease.subject, lease.fence])


HANDLERS = {Job.Kind.SCORE: work}


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


def ends(how: str) -> Callable[[Lease, Callable[[], datetime]], None]:
    """Return a handler that ends its process: by exit, or as the kernel does out of memory."""

    def handler(lease: Lease, clock: Callable[[], datetime]) -> None:
        if how == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.SIGKILL)

    return handler


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
    """One act: `ask COUNT`, `end HOW`, or `stop COUNT`; NOW comes from the environment."""
    now = datetime.fromisoformat(os.environ["NOW"])
    if act == "ask":
        for number in range(int(arguments[0])):
            assert in_child(lambda n=number: ask_and_die(str(n), now)) == -signal.SIGKILL
    elif act == "end":
        handlers = {Job.Kind.SCORE: ends(arguments[0])}
        for _ in range(jobs.TRIES):
            code = in_child(lambda at=now: jobs.run_next(clock=lambda: at, handlers=handlers))
            assert code in {3, -signal.SIGKILL}
            now += jobs.LEASE + timedelta(seconds=1)
            in_child(lambda at=now: jobs.sweep(now=at))
    elif act == "stop":
        for _ in range(int(arguments[0])):
            jobs.run_next(clock=lambda: now, handlers={Job.Kind.SCORE: stopped_in_the_middle})
