"""Acts that meet at the rows of a database: one while another holds them, or many at once."""

import threading
import time
from collections.abc import Callable

from django.db import connection, transaction

Act = Callable[[], object]


def meeting(first: Act, second: Act, then: Act = lambda: None) -> list[Exception]:
    """Begin `first`, run `second` until it waits for `first` or ends, then end `first` with `then`.

    Returns what failed.
    """
    done, ended, failed = threading.Event(), threading.Event(), list[Exception]()
    follower = list[int]()

    def begin() -> None:
        with transaction.atomic():
            first()
            done.set()
            until = time.monotonic() + 60
            while not ended.is_set() and not is_held_up(follower) and time.monotonic() < until:
                time.sleep(0.01)
            then()

    def follow() -> None:
        done.wait(60)
        follower.append(backend())
        second()

    def run(act: Act, after: threading.Event) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the test looks at each
            failed.append(error)
        finally:
            after.set()
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in [(begin, done), (follow, ended)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return failed


def backend() -> int:
    """Return the process of the server that this thread's connection talks to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def is_held_up(follower: list[int]) -> bool:
    """Say whether `follower` waits for this thread; another test's wait on the server is none."""
    if not follower:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", follower)
        return bool(cursor.fetchone()[0])


def all_at_once(acts: list[list[Act]]) -> list[Exception]:
    """Run each list in a thread of its own, all beginning together. Returns what failed."""
    begin, failed = threading.Barrier(len(acts)), list[Exception]()

    def run(mine: list[Act]) -> None:
        begin.wait(60)
        for act in mine:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the test looks at each
                failed.append(error)
        connection.close()

    threads = [threading.Thread(target=run, args=(mine,)) for mine in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return failed
