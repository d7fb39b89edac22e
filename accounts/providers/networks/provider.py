"""One allauth provider for each network of accounts.connectors.SIGN_IN."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess, ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings
from django.http import HttpRequest

from accounts import connectors
from accounts.connectors.base import Identity
from accounts.connectors.setup import SETUPS, Config
from accounts.providers.networks.adapter import NetworkAdapter, callback_of


class NetworkAccount(ProviderAccount):  # type: ignore[misc]
    """How a linked account is shown."""

    def get_profile_url(self) -> str:
        """Return the public page of the account, or ""."""
        return str(self.account.extra_data.get("url", ""))

    def to_str(self) -> str:
        """Return name and handle."""
        return str(self.account.extra_data.get("title") or self.account.uid)


class NetworkProvider(OAuth2Provider):  # type: ignore[misc]
    """Sign-in and linking by one network; its keys are those of settings.NETWORKS."""

    account_class = NetworkAccount
    uses_apps = False
    pkce_enabled_default = True

    def __init__(self, request: HttpRequest, app: SocialApp | None = None) -> None:
        super().__init__(request, app=app)
        config = settings.NETWORKS.get(self.id) or Config(self.id)
        # As the operator calls it, where that is for them to say.
        self.name: str = dict(config.options).get("name") or SETUPS[self.id].name
        self.app = SocialApp(
            provider=self.id,
            name=self.name,
            client_id=config.client_id,
            secret=config.client_secret,
        )

    def get_callback_url(self) -> str:
        """Return the redirect address."""
        return callback_of(self.id)

    def get_default_scope(self) -> list[str]:
        """Return what the connector asks for."""
        return list(connectors.sign_in(self.id).scopes)

    def get_pkce_params(self) -> dict[str, str]:
        """Return the challenge, where the network takes one."""
        connector = connectors.sign_in(self.id)
        params: dict[str, str] = super().get_pkce_params() if connector.pkce else {}
        return params | {"nonce": params["code_challenge"]} if connector.nonce else params

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the flow is started with: our scopes, and linking for who is signed in.

        What a visitor adds to the address is not taken. Without the forced process a signed-in
        person would be signed out and split in two.
        """
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        connector = connectors.sign_in(self.id)
        again = connector.ask_again if request.POST.get("again") else {}
        kwargs["scope"] = self.get_scope()
        kwargs["auth_params"] = {**connector.authorize_params, **again}
        if request.user.is_authenticated:
            kwargs["process"] = AuthProcess.CONNECT
        else:
            kwargs["process"] = AuthProcess.LOGIN
        return kwargs

    def extract_uid(self, data: Identity) -> str:
        """Return the id that never changes: handles change hands."""
        return data.uid

    def extract_common_fields(self, data: Identity) -> dict[str, str]:
        """Return what a new person here is called. Never an email."""
        return {"username": data.username, "name": data.name or data.username}

    def extract_extra_data(self, data: Identity) -> dict[str, str]:
        """Return the little that is shown of the account."""
        shown = {"username": data.username, "title": data.title, "url": data.url}
        return shown | ({"app_uid": data.app_uid} if data.app_uid else {})


def _provider_of(network: str) -> type[NetworkProvider]:
    """Return the provider class of one network, with an adapter class of its own."""
    adapter = type("Adapter", (NetworkAdapter,), {"provider_id": network})
    return type(
        f"{network.capitalize()}Provider",
        (NetworkProvider,),
        {
            "id": network,
            "name": SETUPS[network].name,
            "oauth2_adapter_class": adapter,
            "__module__": __name__,  # allauth looks for urls.py beside it
        },
    )


provider_classes = [_provider_of(network) for network in connectors.SIGN_IN]
ADAPTERS = {each.id: each.oauth2_adapter_class for each in provider_classes}
