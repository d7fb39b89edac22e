"""Start with a server's address, and come back from it."""

from http import HTTPStatus

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.providers.mastodon import registry
from accounts.providers.mastodon.provider import AGAIN, MastodonAdapter, MastodonProvider
from accounts.speech import say

_EXAMPLES = ("mastodon.social", "fosstodon.org", "mas.to")  # what was just refused helps nobody


@login_not_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET asks for a server's address; POST `instance` leads there, to sign in or to link."""
    if request.method == "GET":
        return _page(request, request.GET.get("instance", ""))
    typed = request.POST.get("instance", "")
    # A start makes up to four calls to a server of the visitor's choice.
    if not ratelimit.consume(request, action="login"):
        return _page(
            request,
            typed,
            say("That was a lot of tries in a short time. Wait a minute, then try again."),
            HTTPStatus.TOO_MANY_REQUESTS,
        )
    try:
        app = registry.ready(registry.host_in(typed), now=timezone.now())
    except registry.ServerError as error:
        return _page(request, typed, str(error), HTTPStatus.BAD_REQUEST)
    response: HttpResponse = MastodonProvider(request, app=app).redirect_from_request(request)
    return response


@login_not_required
@require_GET
def callback(request: HttpRequest, host: str) -> HttpResponse:
    """Take the person back from their server: finish, or say what to do."""
    try:
        app = registry.known(registry.host_in(host))
    except registry.ServerError as error:
        return _page(request, "", str(error), HTTPStatus.BAD_REQUEST)
    if app is None or not registry.issuer_matches(app, request.GET):
        return _page(
            request,
            host,
            say(
                "This answer did not come from {host}, so nothing was linked. {again}",
                host=host,
                again=AGAIN,
            ),
            HTTPStatus.BAD_REQUEST,
        )
    adapter = MastodonAdapter(request, host)
    response: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return _page(request, host, adapter.trouble or _lost(request), HTTPStatus.UNAUTHORIZED)
    return response


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
    """Return the page that asks for a server, with what went wrong above the form."""
    context = {
        "instance": typed[:253],
        "trouble": trouble,
        "example": next((each for each in _EXAMPLES if each not in typed), _EXAMPLES[0]),
        "next": get_next_redirect_url(request) or "",
    }
    return render(request, "accounts/mastodon.html", context, status=status)
