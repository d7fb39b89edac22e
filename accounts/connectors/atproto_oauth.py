"""This site as an OAuth client of the AT Protocol's servers: announce, exchange, renew, revoke.

At a public address the client is confidential: its name is the address of its metadata, and it
signs with a key that it publishes. On one machine it is the public client that every server knows
as http://localhost. All requests carry proofs (DPoP) with one key a session.
Source: atproto.com/specs/oauth; RFC 9126 (PAR), RFC 9449 (DPoP), RFC 7009 (revocation).
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from accounts.connectors import dpop, http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.atproto import PATIENCE, SCOPE, Server, words_of
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import say

# Where the site serves what; a test holds them against the URL configuration.
METADATA_PATH = "/oauth/bluesky/client-metadata.json"
JWKS_PATH = "/oauth/bluesky/jwks.json"
CALLBACK_PATH = "/accounts/bluesky/callback/"

_NONCES = 2_000  # servers whose newest nonce is kept
_SIGNED_BY = "signed_by"  # in a session's key: which of our keys the session was begun with
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOOPBACK = frozenset({"127.0.0.1", "::1"})

# OAuth's names for what is wrong on our side: the client, its address, what it asks for.
_OUR_FAULT = frozenset(
    {
        "invalid_client",
        "invalid_client_id",
        "invalid_client_metadata",
        "invalid_redirect_uri",
        "invalid_scope",
        "unauthorized_client",
    }
)


class Client:
    """What we are to every server, and the newest nonce that each of them gave."""

    def __init__(self, config: Config) -> None:
        self._site = config.site_url
        self._keys = dpop.keys_in(config.client_secret) if config.client_secret else ()
        self._nonces: dict[str, str] = {}

    @property
    def is_local(self) -> bool:
        """Tell whether the site answers to this machine alone."""
        parts = urlsplit(self._site)
        return parts.scheme == "http" and parts.hostname in _LOOPBACK

    @property
    def redirect_uri(self) -> str:
        """The address people come back to."""
        return f"{self._site}{CALLBACK_PATH}"

    @property
    def id(self) -> str:
        """What servers call us. Raises ConnectorError(APP_CONFIG) where no server would."""
        if self.is_local:
            asked = urlencode({"redirect_uri": self.redirect_uri, "scope": SCOPE})
            return f"http://localhost?{asked}"
        if not self._site.startswith("https://") or not self._keys:
            raise ConnectorError(
                Code.APP_CONFIG,
                say(
                    "Bluesky signs people in at sites with https, or at http://127.0.0.1. This one "
                    "is neither; whoever runs it must set SITE_URL."
                ),
            )
        return f"{self._site}{METADATA_PATH}"

    def metadata(self) -> dict[str, Any]:
        """Return the document that our name is the address of."""
        return {
            "client_id": f"{self._site}{METADATA_PATH}",
            "client_name": "Kloutsite",
            "client_uri": self._site,
            "application_type": "web",
            "redirect_uris": [self.redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": SCOPE,
            "dpop_bound_access_tokens": True,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks_uri": f"{self._site}{JWKS_PATH}",
        }

    def jwks(self) -> dict[str, Any]:
        """Return the public halves of the keys that we sign with."""
        more = {"use": "sig", "alg": "ES256"}
        return {
            "keys": [{**dpop.public(key), "kid": dpop.name_of(key), **more} for key in self._keys]
        }

    def new_session_key(self) -> str:
        """Return a key for one session, which remembers which of our keys it was begun with.

        Servers bind a session to both, so that ours can be replaced without ending sessions.
        """
        values = json.loads(dpop.new_key())
        return json.dumps(values | {_SIGNED_BY: dpop.name_of(self._keys[0]) if self._keys else ""})

    def announce(
        self, server: Server, *, key: str, state: str, challenge: str, hint: str, now: datetime
    ) -> str:
        """Tell a server what will be asked; return the address of its consent page."""
        form = {
            "response_type": "code",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": state,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "login_hint": hint,
        }
        said = self._post(server, server.announce, form, key, now)
        asked = {"client_id": self.id, "request_uri": shapes.text(said, "request_uri", 500)}
        if not asked["request_uri"]:
            raise ConnectorError(Code.CONTRACT, say("The server did not say where to go on."))
        joint = "&" if urlsplit(server.authorize).query else "?"
        return f"{server.authorize}{joint}{urlencode(asked)}"

    def exchange(
        self, server: Server, code: str, *, key: str, verifier: str, now: datetime
    ) -> Record:
        """Return what the token endpoint gives for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        return self._post(server, server.token, form, key, now)

    def renew(self, server: Server, refresh: str, *, key: str, now: datetime) -> Record:
        """Return what the token endpoint gives for a refresh token, which is spent by that."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        return self._post(server, server.token, form, key, now)

    def revoke(self, server: Server, token: str, *, key: str) -> None:
        """Have the server end the session of a token."""
        if server.revoke:
            self._post(server, server.revoke, {"token": token}, key, None, answers=False)

    def get(self, url: str, *, token: str, key: str, now: datetime) -> Answer:
        """Return the answer to a GET in the name of a token, of any status."""

        def send(nonce: str) -> Answer:
            signed = dpop.proof(key, "GET", url, nonce=nonce, token=token)
            headers = {"Authorization": f"DPoP {token}", "DPoP": signed}
            return http.fetch("GET", url, headers=headers, now=now)

        return self._with_nonce(url, send)

    def _post(
        self,
        server: Server,
        url: str,
        form: Mapping[str, str],
        key: str,
        now: datetime | None,
        *,
        answers: bool = True,
    ) -> Record:
        """Return the object a server answers a form with. Raises what its refusal stands for."""

        def send(nonce: str) -> Answer:
            signed = dpop.proof(key, "POST", url, nonce=nonce)
            sent = {**form, **self._who_we_are(server.issuer, key)}
            return http.fetch(
                "POST", url, form=sent, headers={"DPoP": signed}, deadline=PATIENCE, now=now
            )

        answer = self._with_nonce(url, send)
        if answer.status not in {200, 201}:
            raise _refusal(answer, form)
        return shapes.record(answer.json()) if answers else {}

    def _with_nonce(self, url: str, send: Callable[[str], Answer]) -> Answer:
        """Send with the newest nonce of the server; once more when it wants a newer one."""
        place = urlsplit(url).netloc
        answer = send(self._nonces.get(place, ""))
        self._keep_nonce(place, answer)
        if _wants_nonce(answer) and (wanted := _nonce_of(answer)):
            # That of this answer: another thread may have thrown all of them away by now.
            answer = send(wanted)
            self._keep_nonce(place, answer)
        return answer

    def _keep_nonce(self, place: str, answer: Answer) -> None:
        """Keep the nonce that an answer brought: it replaces the one before."""
        if nonce := _nonce_of(answer):
            if len(self._nonces) >= _NONCES and place not in self._nonces:
                self._nonces.clear()  # costs one more call a server
            self._nonces[place] = nonce

    def _who_we_are(self, issuer: str, session_key: str) -> dict[str, str]:
        """Return the fields that name this site, and prove it where it has a key."""
        name = self.id
        if self.is_local:
            return {"client_id": name}
        signed_by = json.loads(session_key).get(_SIGNED_BY)
        ours = next((key for key in self._keys if dpop.name_of(key) == signed_by), self._keys[0])
        return {
            "client_id": name,
            "client_assertion_type": _ASSERTION,
            "client_assertion": dpop.assertion(ours, client_id=name, audience=issuer),
        }


def _nonce_of(answer: Answer) -> str:
    """Return the nonce that an answer brought, or ""."""
    return answer.headers.get("dpop-nonce", "")[:500]


def _wants_nonce(answer: Answer) -> bool:
    if answer.status not in {400, 401}:
        return False
    asked = "use_dpop_nonce" in answer.headers.get("www-authenticate", "")
    return asked or words_of(answer)[0] == "use_dpop_nonce"


def _refusal(answer: Answer, form: Mapping[str, str]) -> ConnectorError:
    """Return what the refusal of an authorization server stands for."""
    name, words = words_of(answer)
    for secret in ("code", "code_verifier", "refresh_token", "token"):
        if form.get(secret):
            words = words.replace(form[secret], "…")  # a server may quote what it was sent
    if name in {"invalid_grant", "access_denied"}:
        return ConnectorError(
            Code.REVOKED,
            say("{host} does not accept this access any more.", host=answer.host),
            raw=words,
        )
    if name in _OUR_FAULT:
        return ConnectorError(
            Code.APP_CONFIG,
            say("{host} does not accept this site as it is set up.", host=answer.host),
            raw=words,
        )
    return ConnectorError(
        Code.CONTRACT,
        say(
            "{host} answered in a way we do not know (error {status}).",
            host=answer.host,
            status=answer.status,
        ),
        raw=words,
    )
