"""Acts that take turns statement by statement, in orders that are tried one after the other.

Every act runs in a thread with a connection of its own and stops before each statement that others
could notice, and before it commits. Who goes on is decided here, so that the same order gives the
same run again. Who waits for a row that another holds is passed by until it is free. PostgreSQL
alone: SQLite lets one transaction write at a time, whose statements nobody can part.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from django.db import connection

from tests.meeting import Act, backend

# All others read what no act of people changes, or mark a place in their own transaction.
NOTICED = re.compile(r'"perks_(unit|claim|waitingplace)"|FOR (NO KEY )?UPDATE')
LONGEST = 60.0  # seconds that a statement may take; reached on failure alone

Switch = tuple[int, int]  # from which step on, counted from 0, and to whom


@dataclass
class Played:
    """How an order went: who was able to take each step, who took it, and what anybody raised."""

    able: list[frozenset[int]] = field(default_factory=list)
    took: list[int] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)


class Actor(threading.Thread):
    """Somebody who acts when told to, a statement at a time."""

    def __init__(self, moved: threading.Condition) -> None:
        super().__init__(daemon=True)
        self.at_rest = True  # before a statement, or with nothing to do
        self.acting = False
        self.failed: Exception | None = None
        self.backend = 0
        self._moved = moved
        self._acts: SimpleQueue[Act | None] = SimpleQueue()
        self._go = threading.Semaphore(0)
        self.start()

    def take(self, act: Act | None) -> None:
        """Give it something to do, at whose first statement it stops; None: to go home."""
        self.at_rest, self.acting, self.failed = False, True, None
        self._acts.put(act)

    def go_on(self) -> None:
        """Let it run its next statement."""
        self.at_rest = False
        self._go.release()

    def run(self) -> None:
        """Act until there is no more to do."""
        self.backend = backend()
        commit = connection._commit

        def stop_and_commit() -> None:
            self._rest()
            commit()

        connection._commit = stop_and_commit  # type: ignore[method-assign]
        with connection.execute_wrapper(self._before):
            while (act := self._acts.get()) is not None:
                try:
                    act()
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    self.failed = error
                self._rest(acting=False)
        del connection._commit
        connection.close()

    def _before(self, execute: Callable[..., Any], sql: str, *call: Any) -> Any:
        if NOTICED.search(sql):
            self._rest()
        return execute(sql, *call)

    def _rest(self, *, acting: bool = True) -> None:
        with self._moved:
            self.at_rest, self.acting = True, acting
            self._moved.notify_all()
        if acting:
            self._go.acquire()


class Stage:
    """Actors for many plays."""

    def __init__(self, number: int) -> None:
        self._moved = threading.Condition()
        self._actors = [Actor(self._moved) for _actor in range(number)]

    def play(self, acts: Sequence[Act], switches: Sequence[Switch]) -> Played:
        """Let the first go on as far as it can, then the next, but for these switches."""
        played, actors, on = Played(), self._actors[: len(acts)], 0
        wanted = dict(switches)
        for one, act in zip(actors, acts, strict=True):
            one.take(act)
        while True:
            self._comes_to_rest(actors[on])  # which may let others go on
            able = frozenset(at for at, one in enumerate(actors) if self._comes_to_rest(one))
            if not able:
                assert not any(one.acting for one in actors), "all wait for each other"
                break
            on = wanted.get(len(played.took), on)
            on = on if on in able else min(able)
            played.able.append(able)
            played.took.append(on)
            actors[on].go_on()
        played.failed = [one.failed for one in actors if one.failed]
        return played

    def close(self) -> None:
        """Send everybody home."""
        for one in self._actors:
            one.take(None)
            one.join(LONGEST)

    def _comes_to_rest(self, one: Actor) -> bool:
        """Wait until somebody stops or waits for another; tell whether they stopped in an act."""
        until = time.monotonic() + LONGEST
        with self._moved:
            while not self._moved.wait_for(lambda: one.at_rest, 0.003):
                if self._waits(one):
                    return False
                assert time.monotonic() < until, "a statement takes too long"
            return one.acting

    def _waits(self, one: Actor) -> bool:
        others = [other.backend for other in self._actors if other is not one]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_blocking_pids(%s) && %s::int[]", [one.backend, others])
            return bool(cursor.fetchone()[0])


@contextmanager
def stage(actors: int) -> Iterator[Stage]:
    """Have so many actors, for as long as this lasts."""
    there = Stage(actors)
    try:
        yield there
    finally:
        there.close()


def orders(play: Callable[[Sequence[Switch]], Played], *, switches: int) -> int:
    """Play every order with at most so many switches to somebody who is not next. Returns how many.

    Who begins is a choice and no switch; nor is one that happens since somebody waits or is done.
    """
    todo: list[tuple[Switch, ...]] = [()]
    number = 0
    while todo:
        plan = todo.pop()
        played = play(plan)
        number += 1
        chosen = sum(step > 0 for step, _to in plan)
        first = plan[-1][0] + 1 if plan else 0
        last = len(played.took) if chosen < switches else 1
        for step in range(first, last):
            others = played.able[step] - {played.took[step]}
            todo += [(*plan, (step, other)) for other in sorted(others)]
    return number
