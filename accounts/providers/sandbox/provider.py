"""The allauth provider of the made-up network."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess, ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.http import HttpRequest
from django.urls import reverse

from accounts.providers.sandbox.views import SandboxAdapter
from accounts.sandbox import consent, network


class SandboxAccount(ProviderAccount):  # type: ignore[misc]
    """A made-up person as a linked account."""

    def get_profile_url(self) -> str:
        """Return the address of the person's made-up profile."""
        return reverse("sandbox_place", args=[self.account.uid])

    def to_str(self) -> str:
        """Return the handle."""
        return f"@{self.account.extra_data.get('handle', self.account.uid)}"


class SandboxProvider(OAuth2Provider):  # type: ignore[misc]
    """Sign-in and linking by the made-up network. Needs no keys: its app is built in."""

    id = "sandbox"
    name = "Sandbox"
    account_class = SandboxAccount
    oauth2_adapter_class = SandboxAdapter
    uses_apps = False
    pkce_enabled_default = True

    def __init__(self, request: HttpRequest, app: SocialApp | None = None) -> None:
        super().__init__(request, app=app)
        self.app = SocialApp(provider=self.id, name=self.name, client_id=consent.CLIENT_ID)

    def get_default_scope(self) -> list[str]:
        """Return every permission that the network knows; all of them only read."""
        return list(network.SCOPES)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Link to whoever is signed in, whatever the request says, so that nobody is split in two.

        Permissions and parameters come from here alone: allauth would take more from the address.
        """
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        kwargs["scope"], kwargs["auth_params"] = self.get_scope(), self.get_auth_params()
        if request.user.is_authenticated:
            kwargs["process"] = AuthProcess.CONNECT
        return kwargs

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return the person's id on the network, which never changes."""
        return str(data["id"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return handle and name. The network has no addresses."""
        return {"username": data["handle"], "name": data["name"]}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep what the pages show of the account."""
        return {key: data[key] for key in ("id", "name", "handle", "zone")}


provider_classes = [SandboxProvider]
