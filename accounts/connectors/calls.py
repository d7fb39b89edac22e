"""Who is told of each call to a network: whoever counts them, and may refuse one more.

Connectors know nothing of it: `counted` is put around them, and the guarded client tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Calls:
    """Counts the answers of a server, of whatever kind but a fault of its own."""

    def __init__(self) -> None:
        self.answered = 0

    def ask(self) -> None:
        """Count one call that is about to be made. May raise ConnectorError: then it is not."""

    def end(self) -> None:
        """Be told that no more calls come."""


_CALLS: ContextVar[Calls | None] = ContextVar("calls", default=None)


@contextmanager
def counted(calls: Calls) -> Iterator[Calls]:
    """Tell `calls` of every call that is made inside."""
    token = _CALLS.set(calls)
    try:
        yield calls
    finally:
        _CALLS.reset(token)
        calls.end()


def about_to_ask() -> None:
    """Say that a call is about to be made. Raises ConnectorError when it must not be."""
    calls = _CALLS.get()
    if calls is not None:
        calls.ask()


def answered() -> None:
    """Say that the server answered."""
    calls = _CALLS.get()
    if calls is not None:
        calls.answered += 1
