"""One parent for the parts of a site: starts them, restarts one that dies, leaves no orphan.

Knows processes only; what the parts are stands in the command `serve`.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

TICK = 0.2  # seconds between two looks at the parts
GRACE = 8.0  # seconds to end in order before a part is killed
WELL = 20.0  # a part that lived this long is not one that cannot start
FIRST_DELAY = 0.5
TOO_OFTEN = 5  # ends of its own in a row, each before WELL, after which the site stops

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None


class PartFails(Exception):
    """A part ends again and again. The text says which."""


@dataclass
class Part:
    """A program that has to run. `env` is added to that of the parent."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    ends: int = 0

    def start(self) -> None:
        """Start it as the head of a process group of its own, bound to end with the parent."""
        parent = os.getpid()
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the commands are our own
            self.argv,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=(lambda: _end_with(parent)) if _LINUX else None,
        )

    def ended(self) -> int | None:
        """Return its exit code when it is over (negative: the signal), or None."""
        return None if self.process is None else self.process.poll()

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to it and whatever it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(self, parts: Sequence[Part], *, say: Callable[[str], None]) -> None:
        self.parts = list(parts)
        self.say = say
        self.stops = 0

    def run(self, *, each_tick: Callable[[], None]) -> None:
        """Start all parts and return when a signal to stop came and every part has ended.

        `each_tick` is called some times a second. Raises PartFails when a part ends TOO_OFTEN.
        """
        if _libc is not None:
            # Children of a part that was killed become ours, and so can be found and ended.
            _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        before = {
            number: signal.signal(number, self._stop)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            for part in self.parts:
                part.start()
            while not self.stops:
                self._look_after()
                each_tick()
                time.sleep(TICK)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def _look_after(self) -> None:
        for part in self.parts:
            if part.process is None:
                if time.monotonic() >= part.start_at:
                    part.start()
            elif (code := part.ended()) is not None:
                self._plan_restart(part, code)
        _reap_strays({part.process.pid for part in self.parts if part.process is not None})

    def _plan_restart(self, part: Part, code: int) -> None:
        part.signal_group(signal.SIGKILL)  # what it left behind would hold its port or its jobs
        part.process = None
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        if code < 0 or time.monotonic() - part.started_at > WELL:
            part.ends = 0  # killed from outside, or fit for long: nothing wrong with it
        part.ends += 1
        if part.ends >= TOO_OFTEN:
            raise PartFails(
                f"{part.name} ended {how}, {part.ends} times in a row. Its own words are above; "
                "everything else was stopped too."
            )
        delay = FIRST_DELAY * 2.0 ** (part.ends - 1)
        part.start_at = time.monotonic() + delay
        self.say(f"{part.name} ended {how}. It starts again in {delay:g} s.")

    def _end_all(self) -> None:
        """Ask every part to end; kill what is left after GRACE or a second signal."""
        for part in reversed(self.parts):
            if part.process is not None and part.ended() is None:
                part.process.terminate()
        until, stops = time.monotonic() + GRACE, self.stops
        while any(part.process is not None and part.ended() is None for part in self.parts):
            if time.monotonic() > until or self.stops > max(1, stops):
                break
            time.sleep(TICK / 4)
        for part in self.parts:
            part.signal_group(signal.SIGKILL)
            if part.process is not None:
                part.process.wait()
        _reap_strays(set())


def _end_with(parent: int) -> None:
    """In the child: ask for SIGTERM when the parent dies, however it dies."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died between fork and here
        os._exit(1)


def _reap_strays(own: set[int]) -> None:
    """Collect ended grandchildren that fell to us; our own parts are left to their Popen."""
    if not _LINUX:
        return
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in own:
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(ended.si_pid, os.WNOHANG)
