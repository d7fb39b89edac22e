"""Pages of linking and settings, one module a page group."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails

from accounts.models import Source, User

View = Callable[..., HttpResponseBase]


class HtmxRequest(HttpRequest):
    """A request that knows whether htmx asks for a part of a page."""

    htmx: HtmxDetails


def person(request: HttpRequest) -> User:
    """Return the signed-in person: LoginRequiredMiddleware let nobody else come this far."""
    assert isinstance(request.user, User)
    return request.user


def own_source(request: HttpRequest, source_id: int) -> Source:
    """Return a source of the person. Raises Http404 for those of others."""
    sources = person(request).sources.select_related("grant__account")
    source: Source = get_object_or_404(sources, pk=source_id)
    return source


def pressed(page: str, *names: str) -> Callable[[View], View]:
    """Let a view be pressed alone: who opens its address is led to the page with the button.

    People come that way after signing in anew, and by addresses that were copied. names: which of
    the view's arguments the page takes.
    """

    def only_pressed(view: View) -> View:
        press: View = require_POST(view)

        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                back: HttpResponseBase = redirect(page, **{name: given[name] for name in names})
                return back
            return press(request, *args, **given)

        return answered

    return only_pressed
