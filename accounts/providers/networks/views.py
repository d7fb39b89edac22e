"""Start at a network of one address, and come back from it."""

from typing import Any

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import connectors
from accounts.providers.networks.provider import ADAPTERS


@login_not_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, network: str) -> HttpResponse:
    """POST leads to the consent page, to sign in or to link; GET asks whether to go there."""
    return _view(OAuth2LoginView, request, network)


@login_not_required
@require_GET
def callback(request: HttpRequest, network: str) -> HttpResponse:
    """Take the person back from the consent page."""
    return _view(OAuth2CallbackView, request, network)


def _view(view: Any, request: HttpRequest, network: str) -> HttpResponse:
    """Hand over to allauth. A network that is off is not here: nobody finds half a link."""
    if not connectors.signs_in(network):
        raise Http404(network)
    response: HttpResponse = view.adapter_view(ADAPTERS[network])(request)
    return response
