"""Answers what other sites show of people before Django does: a badge stands on many pages.

Sessions, people and middleware are for those who use the site; who looks at a picture elsewhere is
nobody, and gets no cookie. Anything that is not one of these few addresses goes on to Django.

Source: docs/profiles.md; measured by benchmarks/public.py.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

if TYPE_CHECKING:
    from scoring import public

logger = logging.getLogger(__name__)
Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def ahead_of(application: Application) -> Application:
    """Return an application that answers public pictures and scores itself, and asks for the rest.

    When that fails it asks `application`, which says so as it does everywhere.
    """
    from scoring import public  # its models are there once Django is set up

    # Threads that read SQLite at once hand Python's own lock to and fro within each query, which
    # costs more than it takes to answer. Another database is waited for, side by side.
    turn = threading.Lock() if connection.vendor == "sqlite" else nullcontext()

    secure = _strict_transport()

    def answering(environ: Environ, start: Start) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(("/@", "/seen/")) or environ["REQUEST_METHOD"] not in _SAFE:
            return application(environ, start)
        # WSGI hands bytes over as if they were Latin-1.
        what = public.asked(
            path.encode("latin-1", "replace").decode("utf-8", "replace"),
            str(environ.get("QUERY_STRING", "")),
        )
        if what is None:
            return application(environ, start)
        answer = _answer(public.answer, what, environ, turn)
        if answer is None:
            return application(environ, start)
        start(_LINES[answer.status], [*answer.headers, *secure])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    return answering


_SAFE = ("GET", "HEAD", "OPTIONS")


def _strict_transport() -> list[tuple[str, str]]:
    """Return the header that Django's SecurityMiddleware adds, which these answers never reach.

    Browsers take no notice of it where it comes without TLS (RFC 6797, 8.1).
    """
    if not settings.SECURE_HSTS_SECONDS:
        return []
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    parts += ["includeSubDomains"] * settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
    parts += ["preload"] * settings.SECURE_HSTS_PRELOAD
    return [("Strict-Transport-Security", "; ".join(parts))]


def _answer(
    answer: "Callable[[public.Asked, Environ], public.Answer]",
    what: "public.Asked",
    environ: Environ,
    turn: AbstractContextManager[Any],
) -> "public.Answer | None":
    """Return the answer, by a new connection if the kept one has died; None if that fails too.

    None as well where anything else fails: Django asks once more, and says so with a number.
    """
    for _attempt in range(2):
        try:
            with turn:
                return answer(what, environ)
        except (DatabaseError, InterfaceError):
            connection.close()
        except Exception:
            logger.exception("A public picture failed; it is asked for once more")
            return None
    logger.warning("A public picture could not be read from the database")
    return None
