"""The cache that web processes share, and what they do while it is away.

It holds nothing that cannot be lost: counts of limits, drawn cards, codes that were used once.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as Away
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REST = 5  # seconds in which one that was away is not asked: no page waits for it again and again
_ASKED = (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "has_key",
    "incr",
    "get_many",
    "set_many",
    "delete_many",
    "clear",
)


class SharedCache(RedisCache):
    """Redis that is left alone for some seconds once it did not answer.

    Each operation raises RedisError while it is away.
    """

    _asked_again: ClassVar[dict[str, float]] = {}  # server -> when, by the clock of the process

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server

    def _ask(self, operation: Callable[..., Any], *given: Any, **named: Any) -> Any:
        again = self._asked_again.get(self._server)
        if again is not None:
            if time.monotonic() < again:
                raise Away("still left alone")
            self._rest()  # one thread asks whether it is back, not all of them
        try:
            answer = operation(self, *given, **named)
        except RedisError as error:
            self._rest()
            logger.warning("The shared cache is away (%s).", type(error).__name__)
            raise
        self._asked_again.pop(self._server, None)
        return answer

    def _rest(self) -> None:
        self._asked_again[self._server] = time.monotonic() + REST


class SharedOrLocalCache(SharedCache):
    """The shared cache; while it is away, files of this machine, so that people can sign in.

    What is counted meanwhile is counted by each machine for itself.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._local = FileBasedCache(str(settings.DATA_DIR / "cache"), {})

    def _ask(self, operation: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return super()._ask(operation, *given, **named)
        except RedisError:
            return getattr(self._local, operation.__name__)(*given, **named)


def _guarded(operation: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(operation)
    def ask(self: SharedCache, *given: Any, **named: Any) -> Any:
        return self._ask(operation, *given, **named)

    return ask


for _name in _ASKED:
    setattr(SharedCache, _name, _guarded(getattr(RedisCache, _name)))
