"""Sign-in and linking with a Bluesky handle, in allauth's terms."""
# ruff: noqa: ARG002 (signatures are allauth's)

from typing import Any, cast

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts import connectors, linking, sealing
from accounts.connectors.base import Access, Code, ConnectorError
from accounts.connectors.bluesky import Bluesky
from accounts.providers.networks.adapter import NetworkAdapter
from accounts.providers.networks.provider import NetworkProvider
from accounts.speech import marked, say

AGAIN = marked("Start again here: type your handle and allow it once more.")
_BOUND_TO = "bluesky:begun"  # a key that waits in the session for its person to come back


def connector() -> Bluesky:
    """Return the connector. Raises ConnectorError when the network is off."""
    return cast("Bluesky", connectors.get("bluesky"))


class BlueskyAdapter(NetworkAdapter):
    """The OAuth client for whichever server holds the account.

    `begun` is what was noted when the person who comes back set out; `trouble` says in words what
    went wrong, or is empty.
    """

    provider_id = "bluesky"

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.begun: dict[str, Any] = {}
        self.trouble = ""

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code with the server that was asked, and with no other.

        Raises OAuth2Error with what happened and what to do.
        """
        begun = self.begun
        # Every callback names its issuer: another one's code never goes to this token endpoint.
        if request.GET.get("iss") != begun["issuer"]:
            raise self._error(say("This answer did not come from the server that was asked."))
        try:
            self.tokens = connector().finish(
                request.GET.get("code", ""),
                issuer=begun["issuer"],
                did=begun["did"],
                key=sealing.unseal(begun["sealed_key"], bound_to=_BOUND_TO),
                verifier=pkce_code_verifier or "",
                now=timezone.now(),
            )
        except (ConnectorError, sealing.CannotOpen) as error:
            raise self._error(str(error)) from error
        self.did_fetch_access_token = True
        return {"access_token": self.tokens.token}

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Ask the account's server who this is, and hang what it granted on the login."""
        tokens, issuer, now = self.tokens, self.begun["issuer"], timezone.now()
        assert tokens is not None, "allauth exchanges the code first"
        access = Access(
            token=tokens.token, account_id=tokens.account_id, server=issuer, key=tokens.key
        )
        try:
            who = connector().identity(access, now=now)
        except ConnectorError as error:
            raise self._error(str(error)) from error
        login = self.get_provider().sociallogin_from_response(request, who)
        asked = connector().scopes
        login.granted = linking.Granted.of(tokens, asked=asked, now=now, server=issuer)
        return login

    def _error(self, sentence: str) -> OAuth2Error:
        self.trouble = f"{sentence} {AGAIN}"
        return OAuth2Error(self.trouble)


class BlueskyProvider(NetworkProvider):
    """Sign-in and linking; the account's own server is found by the handle."""

    id = "bluesky"
    name = "Bluesky"
    oauth2_adapter_class = BlueskyAdapter

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        """Return the page that asks for the handle."""
        return f"{reverse('bluesky_start')}?{urlencode(kwargs)}"

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **_kwargs: Any,
    ) -> HttpResponse:
        """Lead to the consent page of the server that holds the account typed in `handle`.

        Raises ConnectorError, whose words say what to do.
        """
        bluesky, now = connector(), timezone.now()
        account, server = bluesky.meet(request.POST.get("handle", ""), now=now)
        key = bluesky.client.new_session_key()
        proof = self.get_pkce_params()
        state = self.stash_redirect_state(
            request,
            process,
            next_url,
            data,
            pkce_code_verifier=proof["code_verifier"],
            issuer=server.issuer,
            did=account.did,
            sealed_key=sealing.seal(key, bound_to=_BOUND_TO),
        )
        address = bluesky.announce(
            account, server, key=key, state=state, challenge=proof["code_challenge"], now=now
        )
        return HttpResponseRedirect(address)


def in_words(error: ConnectorError) -> str:
    """Return what happened with what to do, where the sentence does not say so already."""
    if error.code is Code.RATE_LIMITED:
        return say("{error} Try again in a few minutes.", error=error)
    if error.code is Code.TRANSIENT:
        return say("{error} Try again later. Nothing has changed here.", error=error)
    if error.code is Code.CONTRACT:
        return say(
            "{error} Check the spelling of the handle. Nothing has changed here.", error=error
        )
    return str(error)


provider_classes = [BlueskyProvider]
