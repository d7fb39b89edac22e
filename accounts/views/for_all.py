"""What everybody may read, programs and caches among them: answered in one way."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]
_OF_A_BODY = frozenset({"content-type", "content-length"})
_AWAY = 86_400  # seconds for which a cache may show what it has while this site does not answer


def for_all(view: View) -> View:
    """Let everybody read a view, by GET and HEAD, and send nothing twice that has not changed."""

    @csrf_exempt  # there is nothing to forge: other methods read that they are none of this page's
    @login_not_required
    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        return unless_known(request, view(request, *args, **given))

    return answered


def unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return an answer with its ETag, or 304 to whoever has it already."""
    if response.status_code != 200:
        return response
    if not response.has_header("ETag"):
        set_response_etag(response)
    etag = response["ETag"]
    told = get_conditional_response(request, etag=etag, response=response) or response
    return _saying_the_same(told, response) if told.status_code == HTTPStatus.NOT_MODIFIED else told


def _saying_the_same(told: HttpResponse, whole: HttpResponse) -> HttpResponse:
    """Return a 304 with what the whole answer says: who may frame it, list it, read it by script.

    A browser puts the headers of a 304 in the place of those it kept, so that one with the policy
    of our pages would end what was embedded elsewhere.
    """
    for name, value in whole.items():
        if name.lower() not in _OF_A_BODY:
            told.headers.setdefault(name, value)
    told.xframe_options_exempt = getattr(whole, "xframe_options_exempt", False)
    return told


def kept(response: HttpResponse, *, listed: bool = False) -> HttpResponse:
    """Let everybody keep an answer, which is the same for all, and ask each time if it still holds.

    listed: whether search engines may.
    """
    patch_cache_control(response, public=True, no_cache=True, stale_if_error=_AWAY)
    if not listed:
        response["X-Robots-Tag"] = "noindex"
    return response
