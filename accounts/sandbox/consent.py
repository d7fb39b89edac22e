"""What the made-up network's consent page grants: a code for one client, once, for a minute.

Source: RFC 6749 (4.1, authorization code), RFC 7636 (PKCE), RFC 9700 (exact redirect address).
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from accounts.models import SandboxToken
from accounts.sandbox import network, people

CLIENT_ID = "kloutsite"
CODE_LIVES = timedelta(seconds=60)
_SALT = "accounts.sandbox.consent"


class UnknownClient(Exception):
    """The request names no client of ours, or an address that is not its own: never redirect."""


class Refused(Exception):
    """A request cannot be granted. `code` is the error of RFC 6749; the text says why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for consent whose client and address were checked."""

    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    hint: str

    def back(self, **params: str) -> str:
        """Return the client's address with the outcome and its own state."""
        return f"{self.redirect_uri}?{urlencode(params | {'state': self.state})}"


def parse(params: Mapping[str, str], *, callback: str) -> Ask:
    """Return the request for consent in `params`. `callback` is the one registered address.

    Raises UnknownClient when it must not even be answered by a redirect.
    """
    if params.get("client_id") != CLIENT_ID:
        raise UnknownClient("This request comes from no app that is registered here.")
    if params.get("redirect_uri") != callback:
        raise UnknownClient("This request wants its answer sent to an address that is not ours.")
    asked = params.get("scope", "").split()
    pkce = params.get("code_challenge_method") == "S256"
    return Ask(
        redirect_uri=callback,
        state=params.get("state", ""),
        scopes=tuple(scope for scope in network.SCOPES if scope in asked),
        challenge=params.get("code_challenge", "") if pkce else "",
        hint=params.get("person") or params.get("login_hint", ""),
    )


def check(ask: Ask, *, response_type: str) -> None:
    """Raise Refused when the client asks in a way that the network does not grant."""
    if response_type != "code":
        raise Refused("unsupported_response_type", "Only codes are given out here.")
    if not ask.challenge:
        raise Refused("invalid_request", "A code needs a PKCE challenge of the method S256.")
    if not ask.scopes:
        raise Refused("invalid_scope", "No permission that exists here was asked for.")


def issue_code(ask: Ask, *, person: str, places: Collection[str], now: datetime) -> str:
    """Return a code for what was allowed. It says nothing that its bearer may not know."""
    return signing.dumps(
        {
            "person": person,
            "places": [p.id for p in people.places_of(person) if p.id in places],
            "scopes": ask.scopes,
            "client": CLIENT_ID,
            "redirect": ask.redirect_uri,
            "challenge": ask.challenge,
            "at": now.timestamp(),
        },
        salt=_SALT,
        compress=True,
    )


def exchange(
    code: str, *, client_id: str, redirect_uri: str, verifier: str, now: datetime
) -> dict[str, Any]:
    """Return the token answer for a code. Raises Refused when any part of it does not fit."""
    try:
        granted = signing.loads(code, salt=_SALT)
    except signing.BadSignature as error:
        raise Refused("invalid_grant", "This code was not given out here.") from error
    if not timedelta() <= now - datetime.fromtimestamp(granted["at"], now.tzinfo) <= CODE_LIVES:
        raise Refused("invalid_grant", "This code is older than a minute.")
    if granted["client"] != client_id or granted["redirect"] != redirect_uri:
        raise Refused("invalid_grant", "This code was given to another app or address.")
    if not hmac.compare_digest(challenge_of(verifier).encode(), granted["challenge"].encode()):
        raise Refused("invalid_grant", "Whoever brings this code did not begin the request.")
    # One code, one token: the unique digest refuses the second use, whoever is faster.
    token = "sbx_" + salted_hmac(_SALT, code, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            SandboxToken.objects.create(
                digest=network.digest(token),
                person=granted["person"],
                scopes=granted["scopes"],
                targets=granted["places"],
                issued_at=now,
            )
    except IntegrityError as error:
        raise Refused("invalid_grant", "This code was used before.") from error
    return {"access_token": token, "token_type": "Bearer", "scope": " ".join(granted["scopes"])}


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier."""
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
