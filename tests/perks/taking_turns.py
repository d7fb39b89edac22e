"""Acts that meet at a chosen statement: one stops there while others run as far as they can."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tests.meeting import Act, backend


class Turns:
    """Run `first` up to its statement number `at`, then each of `others` until it ends or waits.

    Then `first` goes on. `reached` is False when it has fewer statements. `failed` holds what
    anybody raised.
    """

    def __init__(self, first: Act, others: Sequence[Act], at: int) -> None:
        self.failed: list[Exception] = []
        self.reached = False
        self._others = others
        self._at, self._number = at, -1
        self._threads: list[threading.Thread] = []
        self._backends: list[int] = []
        leader = threading.Thread(target=self._run, args=(self._lead(first),))
        leader.start()
        leader.join(120)
        for thread in self._threads:
            thread.join(120)

    def _lead(self, first: Act) -> Act:
        def lead() -> None:
            self._backends.append(backend())
            with connection.execute_wrapper(self._count):
                first()

        return lead

    def _count(self, execute: Callable[..., Any], *call: Any) -> Any:
        if not self.reached:
            self._number += 1
            if self._number == self._at:
                self.reached = True
                for other in self._others:
                    self._let_run(other)
        return execute(*call)

    def _let_run(self, other: Act) -> None:
        """Start an act and come back when it ended or waits for one of these."""
        known = threading.Event()

        def follow() -> None:
            self._backends.append(backend())
            known.set()
            other()

        thread = threading.Thread(target=self._run, args=(follow,))
        self._threads.append(thread)
        thread.start()
        known.wait(60)
        mine, until = self._backends[-1], time.monotonic() + 60
        while thread.is_alive() and not self._waits(mine) and time.monotonic() < until:
            time.sleep(0.002)

    def _waits(self, mine: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_blocking_pids(%s) && %s::int[]", [mine, self._backends])
            return bool(cursor.fetchone()[0])

    def _run(self, act: Act) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the test looks at each
            self.failed.append(error)
        finally:
            connection.close()
