"""The OAuth client for networks at one address: allauth's steps, the connector's calls."""
# ruff: noqa: ARG002 (signatures are allauth's)

from typing import Any, NoReturn

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import budgets, connectors, linking
from accounts.connectors.base import Access, ConnectorError, Identity, SignIn, Tokens


class NetworkAdapter(OAuth2Adapter):  # type: ignore[misc]
    """Exchanges codes and asks who it is, through the guarded client of the connectors.

    What the network gave hangs on the login as `granted` and goes nowhere else.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.tokens: Tokens | None = None
        self.who: Identity | None = None
        super().__init__(request)

    @property
    def connector(self) -> SignIn:
        """The connector of this network. Raises ConnectorError when it is off."""
        return connectors.sign_in(self.provider_id)

    @property
    def authorize_url(self) -> str:
        """Return the address of the consent page. Raises OAuth2Error when it cannot be known."""
        try:
            return self.connector.authorize_url
        except ConnectorError as error:
            _stop(error)

    @property
    def access_token_url(self) -> str:
        """Return nothing: the connector knows where codes are exchanged."""
        return ""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the redirect address, the same from wherever the site is seen."""
        return callback_of(self.provider_id)

    def get_client(self, request: HttpRequest, app: Any) -> Any:
        """Return allauth's client, which only writes the address of the consent page here."""
        client = super().get_client(request, app)
        client.scope_delimiter = self.connector.separator
        client.client_id_parameter = self.connector.client_id_name
        return client

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code in the request. Raises OAuth2Error with what happened."""
        # Threads and Instagram end the code with "#_", which some browsers send along.
        code = request.GET.get("code", "").removesuffix("#_")
        try:
            self.tokens = self.connector.exchange(
                code,
                redirect_uri=callback_of(self.provider_id),
                verifier=pkce_code_verifier or "",
                now=timezone.now(),
            )
        except ConnectorError as error:
            _stop(error)
        self.did_fetch_access_token = True
        return {"access_token": self.tokens.token}

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Ask the network who this is, and hang what it granted on the login."""
        tokens, now = self.tokens, timezone.now()
        assert tokens is not None, "allauth exchanges the code first"
        connector = self.connector
        access = Access(
            token=tokens.token,
            account_id=tokens.account_id,
            scopes=tokens.scopes or connector.scopes,
            key=tokens.key,
            meter=budgets.meter(self.provider_id, now),
        )
        try:
            who = connector.identity(access, now=now)
        except ConnectorError as error:
            _stop(error)
        login = self.get_provider().sociallogin_from_response(request, who)
        login.granted = linking.Granted.of(tokens, asked=connector.scopes, now=now)
        return login


def callback_of(network: str) -> str:
    """Return the redirect address to register with a network."""
    return f"{settings.SITE_URL}{reverse(f'{network}_callback')}"


def _stop(error: ConnectorError) -> NoReturn:
    """End the flow with words of ours: accounts.adapters shows them."""
    raise OAuth2Error(str(error)) from error
