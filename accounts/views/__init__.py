"""Pages of linking and settings, one module a page group."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import Source, User


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
