"""One deadline over many calls: whoever asks several questions gives all of them one end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_END: ContextVar[float | None] = ContextVar("deadline", default=None)  # monotonic seconds


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let no call inside go on for longer than `seconds` from now."""
    token = _END.set(time.monotonic() + at_most(seconds))
    try:
        yield
    finally:
        _END.reset(token)


def at_most(seconds: float) -> float:
    """Return `seconds`, or what is left of the deadline around, to a tenth; 0.0 for nothing."""
    end = _END.get()
    if end is None:
        return seconds
    return max(0.0, min(seconds, round(end - time.monotonic(), 1)))
