"""The client's side of the made-up network's OAuth: what a site does after the consent page."""

import json
from typing import Any, NoReturn

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2Adapter,
    OAuth2CallbackView,
    OAuth2LoginView,
)
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import linking
from accounts.connectors.base import Code, ConnectorError
from accounts.sandbox import consent, network
from accounts.speech import say


class SandboxAdapter(OAuth2Adapter):  # type: ignore[misc]
    """Talks to the made-up network inside this process: no request leaves it."""

    provider_id = "sandbox"

    @property
    def authorize_url(self) -> str:
        """Return the address of the consent page."""
        return reverse("sandbox_authorize")

    @property
    def access_token_url(self) -> str:
        """Return nothing: codes are exchanged by a call."""
        return ""

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Return the token answer for the code in the request. Raises OAuth2Error."""
        try:
            return consent.exchange(
                request.GET.get("code", ""),
                client_id=app.client_id,
                redirect_uri=client.callback_url,
                verifier=pkce_code_verifier or "",
                now=timezone.now(),
            )
        except consent.Refused as refused:
            _stop(Code.REVOKED, str(refused))

    def complete_login(
        self, request: HttpRequest, _app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Return the login of the made-up person, with what was granted. Raises OAuth2Error."""
        path = "/v1/me" if request.user.is_authenticated else "/v1/me/sign-in"
        status, _headers, body = network.answer("GET", path, {}, token.token, timezone.now())
        if status != 200:
            _stop(Code.TRANSIENT, f"the sandbox does not say who you are ({status}).")
        try:
            me = json.loads(body)
            login = self.get_provider().sociallogin_from_response(request, me)
            login.user.time_zone = me["zone"]
        except (ValueError, TypeError, KeyError):
            _stop(Code.CONTRACT, say("the sandbox's answer about you cannot be understood."))
        login.user.is_sample = True  # stays so only when this login signs up: else another is saved
        login.granted = linking.Granted(
            token=token.token, scopes=tuple(kwargs["response"]["scope"].split())
        )
        return login


def _stop(code: Code, why: str) -> NoReturn:
    """End the flow with words of ours: accounts.adapters shows those of a ConnectorError."""
    raise OAuth2Error(why) from ConnectorError(code, why)


oauth2_login = OAuth2LoginView.adapter_view(SandboxAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(SandboxAdapter)
