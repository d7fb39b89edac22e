"""Start at a network of one address, and come back from it."""

from typing import Any

from allauth.core import ratelimit
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import connectors
from accounts.providers.networks.provider import ADAPTERS


@login_not_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, network: str) -> HttpResponse:
    """POST leads to the consent page, to sign in or to link; GET asks whether to go there."""
    _check_is_on(network)
    # A sign-in costs calls at the network, and at some of them money.
    if request.method == "POST" and not ratelimit.consume(request, action="login"):
        messages.error(
            request,
            _("That was a lot of tries in a short time. Wait a minute, then try again."),
        )
        return redirect("links" if request.user.is_authenticated else "account_login")
    return _view(OAuth2LoginView, request, network)


@login_not_required
@require_GET
def callback(request: HttpRequest, network: str) -> HttpResponse:
    """Take the person back from the consent page."""
    _check_is_on(network)
    return _view(OAuth2CallbackView, request, network)


def _check_is_on(network: str) -> None:
    """A network that is off is not here: nobody finds half a link. Raises Http404."""
    if not connectors.signs_in(network):
        raise Http404(network)


def _view(view: Any, request: HttpRequest, network: str) -> HttpResponse:
    """Hand over to allauth."""
    response: HttpResponse = view.adapter_view(ADAPTERS[network])(request)
    return response
