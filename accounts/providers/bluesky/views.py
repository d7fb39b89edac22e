"""Start with a handle, come back from its server, and tell servers who this site is."""

import logging
from http import HTTPStatus
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import connectors
from accounts.connectors.base import ConnectorError
from accounts.providers.bluesky.provider import (
    AGAIN,
    BlueskyAdapter,
    BlueskyProvider,
    connector,
    in_words,
)
from accounts.speech import say

logger = logging.getLogger(__name__)


class _Callback(OAuth2CallbackView):  # type: ignore[misc]
    """allauth's steps; the adapter also learns what was noted when the person set out."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.begun = state or {}
        return state, response


@login_not_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET asks for a handle; POST `handle` leads to its server, to sign in or to link."""
    _check_is_on()
    if request.method == "GET":
        return _page(request, request.GET.get("handle", ""))
    typed = request.POST.get("handle", "")
    # A start makes up to six calls, some to a server of the visitor's choice.
    if not ratelimit.consume(request, action="login"):
        return _page(
            request,
            typed,
            say("That was a lot of tries in a short time. Wait a minute, then try again."),
            HTTPStatus.TOO_MANY_REQUESTS,
        )
    try:
        response: HttpResponse = BlueskyProvider(request).redirect_from_request(request)
    except ConnectorError as error:
        logger.warning("a start was refused: %s, %s", error.code, error.raw)
        return _page(request, typed, in_words(error), HTTPStatus.BAD_REQUEST)
    return response


@login_not_required
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the person back from their server: finish, or say what to do."""
    _check_is_on()
    adapter = BlueskyAdapter(request)
    response: HttpResponse = _Callback.adapter_view(adapter)(request)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return _page(request, "", adapter.trouble or _lost(request), HTTPStatus.UNAUTHORIZED)
    return response


@login_not_required
@require_GET
def client_metadata(request: HttpRequest) -> HttpResponse:
    """Tell a server who asks for a sign-in there: our name is the address of this document."""
    _check_is_on()
    return JsonResponse(connector().client.metadata())


@login_not_required
@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """Publish the keys by which servers know that it is us."""
    _check_is_on()
    return JsonResponse(connector().client.jwks())


def _check_is_on() -> None:
    """A network that is off is not here: nobody finds half a link. Raises Http404."""
    if not connectors.has("bluesky"):
        raise Http404("bluesky")


def _lost(request: HttpRequest) -> str:
    """Say why there is nothing to finish, when it was not the server's fault."""
    if "error" in request.GET:
        return say("Your server stopped before the end. {again}", again=AGAIN)
    return say(
        "This sign-in was finished already, took longer than ten minutes, or was begun "
        "in another browser. Nothing has changed. {again}",
        again=AGAIN,
    )


def _page(
    request: HttpRequest, typed: str, trouble: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """Return the page that asks for a handle, with what went wrong above the form."""
    context = {
        "handle": typed[:253],
        "trouble": trouble,
        "next": get_next_redirect_url(request) or "",
    }
    return render(request, "accounts/bluesky.html", context, status=status)
