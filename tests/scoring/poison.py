"""The product's handlers, but for jobs whose payload says how they harm their process."""

import os
import signal
from collections.abc import Callable

from scoring import work
from scoring.jobs import Clock, Handler, Lease
from scoring.models import Job

TWO_GB = 2048  # MB
PIECE = 32  # MB


def raise_error() -> None:
    """Fail, as a handler with a fault in it does."""
    raise ZeroDivisionError("poison")


def leave() -> None:
    """End the process without a word."""
    os._exit(3)


def be_killed() -> None:
    """End as the kernel ends a process when the machine is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def eat() -> None:
    """Take memory and write to it, piece by piece, and say how far it went."""
    eaten: list[bytes] = []
    try:
        while len(eaten) * PIECE < TWO_GB:
            eaten.append(os.urandom(1) * (PIECE * 1024 * 1024))
    finally:
        said = f"ate {len(eaten) * PIECE} MB\n".encode()
        os.write(2, said)


POISONS: dict[str, Callable[[], None]] = {
    "raises": raise_error,
    "leaves": leave,
    "is killed": be_killed,
    "eats": eat,
}


def score(lease: Lease, clock: Clock) -> None:
    """Do harm where the payload says so, and the product's work otherwise."""
    if how := lease.payload.get("poison"):
        POISONS[how]()
    else:
        work.score(lease, clock)


HANDLERS: dict[Job.Kind, Handler] = {**work.HANDLERS, Job.Kind.SCORE: score}
