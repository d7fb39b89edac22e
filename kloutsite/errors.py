"""Pages for what went wrong: what happened, why, what to do.

Django calls the handlers with these arguments by name, whether they are wanted or not.
"""
# ruff: noqa: ARG001

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.faults import page_of, written_down

logger = logging.getLogger(__name__)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this is not theirs to do."""
    return render(request, "kloutsite/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old or came from elsewhere; `reason` is for the log alone."""
    logger.warning("form refused at %s: %s", page_of(request), reason)
    return render(request, "kloutsite/403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here."""
    return render(request, "kloutsite/404.html", status=404)


def not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say on a page that an address takes no such request, where the answer says nothing yet.

    A browser would show an empty window. What programs are answered has words of its own.
    """
    if response.content or not request.accepts("text/html"):
        return response
    opens = "GET" in response.headers.get("Allow", "")
    response.content = render_to_string("kloutsite/405.html", {"opens": opens}, request).encode()
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers.pop("Content-Length", None)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request could not be read."""
    return HttpResponse(_alone("kloutsite/400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Own the fault and give it a number that stands in the log too."""
    return HttpResponse(_alone("kloutsite/500.html", report=written_down(request)), status=500)


def _alone(template: str, **context: str) -> str:
    """Render without the request: session or database may be the very thing that is broken."""
    return render_to_string(
        template, {"sandbox": settings.SANDBOX, "nobody_known": True, **context}
    )
