"""Sign-in and linking with any Mastodon server, in allauth's terms."""
# ruff: noqa: ARG002 (signatures are allauth's)

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts import linking
from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Access, ConnectorError
from accounts.connectors.mastodon import title_of
from accounts.connectors.mastodon_api import Session, says_unknown_client, words_of
from accounts.providers.mastodon import registry
from accounts.speech import marked

_LONGEST_LIFE = timedelta(days=3650)  # of a token, whatever a server says
AGAIN = marked("Start again here: press the button and allow it once more.")


class MastodonAdapter(OAuth2Adapter):  # type: ignore[misc]
    """The OAuth client for one server. `trouble` says in words what went wrong, or is empty."""

    def __init__(self, request: HttpRequest, host: str) -> None:
        self.host = host
        self.provider_id = registry.provider_id_of(host)
        self.base = registry.base_of(host)
        self.access_token_url = f"{self.base}/oauth/token"
        self.authorize_url = f"{self.base}/oauth/authorize"
        self.trouble = ""
        super().__init__(request)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the redirect address of this server, the same from wherever the site is seen."""
        return registry.callback_of(self.host)

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code for a token, through the guarded client.

        Raises OAuth2Error with what happened and what to do.
        """
        form = {
            "grant_type": "authorization_code",
            "code": request.GET.get("code", ""),
            "client_id": app.client_id,
            "client_secret": app.secret,
            "redirect_uri": registry.callback_of(self.host),
            "code_verifier": pkce_code_verifier or "",
        }
        try:
            answer = http.fetch("POST", self.access_token_url, form=form, now=timezone.now())
            if says_unknown_client(answer):
                registry.register(self.host, judged=app, now=timezone.now())
            data = self._token_data(answer)
        except (ConnectorError, registry.ServerError) as error:
            raise self._error(f"{error} {AGAIN}") from error
        self.did_fetch_access_token = True
        return data

    def _token_data(self, answer: Answer) -> dict[str, Any]:
        """Return a token answer whose every field is what it should be."""
        if answer.status != 200:
            raise self._error(
                f"{self.host} did not finish the sign-in: {words_of(answer)}. {AGAIN}"
            )
        given = shapes.record(answer.json())
        data: dict[str, Any] = {
            "access_token": shapes.text(given, "access_token", 4000),
            "refresh_token": shapes.text(given, "refresh_token", 4000),
            "scope": shapes.text(given, "scope", 1000),
        }
        if not data["access_token"]:
            raise self._error(f"{self.host} said yes but gave no key. {AGAIN}")
        life = shapes.count(given, "expires_in")
        if life:
            data["expires_in"] = min(life, int(_LONGEST_LIFE.total_seconds()))
        return data

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Ask the server who this is, and hang what it granted on the login."""
        try:
            session = Session(
                Access(token=token.token, account_id="", server=self.base), now=timezone.now()
            )
            account = session.account()
        except ConnectorError as error:
            raise self._error(f"{error} {AGAIN}") from error
        login = self.get_provider().sociallogin_from_response(request, account)
        scopes = str(kwargs["response"].get("scope", "")).split() or app.settings.get("scope", [])
        login.granted = linking.Granted(
            token=token.token,
            refresh=token.token_secret or "",
            scopes=tuple(scopes),
            expires_at=token.expires_at,
            server=self.base,
            asked=tuple(app.settings.get("scope", [])),
        )
        return login

    def _error(self, sentence: str) -> OAuth2Error:
        self.trouble = sentence
        return OAuth2Error(sentence)


class MastodonAccount(ProviderAccount):  # type: ignore[misc]
    """How a linked account is shown."""

    def get_profile_url(self) -> str:
        """Return the public page of the account, or ""."""
        return str(self.account.extra_data.get("url", ""))

    def to_str(self) -> str:
        """Return the full handle."""
        host = self.account.provider.partition(":")[2]
        return f"@{self.account.extra_data.get('username', '')}@{host}"


class MastodonProvider(OAuth2Provider):  # type: ignore[misc]
    """One provider class for all servers; each server is an app of its own."""

    id = "mastodon"
    name = "Mastodon"
    account_class = MastodonAccount
    oauth2_adapter_class = MastodonAdapter
    pkce_enabled_default = True

    @property
    def host(self) -> str:
        """The server this instance of the provider stands for."""
        return str(self.app.provider_id).partition(":")[2]

    def get_oauth2_adapter(self, request: HttpRequest) -> MastodonAdapter:
        """Return the client for this provider's server."""
        return MastodonAdapter(request, self.host)

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        """Return the page to start from, with the server filled in where it is known."""
        query = {"instance": self.host, **kwargs} if self.host else kwargs
        return f"{reverse('mastodon_start')}?{urlencode(query)}"

    def get_callback_url(self) -> str:
        """Return the redirect address of this server."""
        return registry.callback_of(self.host)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the flow is started with: our scopes, and linking for who is signed in.

        What a visitor adds to the address is not taken. Without the forced process a signed-in
        person would be signed out and split in two.
        """
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        kwargs["scope"], kwargs["auth_params"] = self.get_scope(), {}
        if request.user.is_authenticated:
            kwargs["process"] = AuthProcess.CONNECT
        else:
            kwargs["process"] = AuthProcess.LOGIN
        return kwargs

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """Return the account's number on its server: handles change hands, numbers do not."""
        return shapes.identifier(data, "id")

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Return what a new person here is called. Never an email: any server could claim any."""
        username = shapes.text(data, "username", 60)
        return {"username": username, "name": shapes.text(data, "display_name", 80) or username}

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Return the little that is shown of the account."""
        return {
            "username": shapes.text(data, "username", 60),
            "title": title_of(data, self.host),
            "url": shapes.link(data, "url"),
        }


provider_classes = [MastodonProvider]
