"""Signing in with any OpenID Connect server of the operator's. Nothing is read and nothing counts.

The server is asked at each sign-in for its addresses and keys, so that it can change both. Its
answer counts when it is signed by its key, from the issuer that was set, for this site, for this
very question, and of now. Source: OpenID Connect Core 1.0, 3.1.3.7; Discovery 1.0, 4.3.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt

from accounts.connectors import http, shapes
from accounts.connectors.base import Access, Code, ConnectorError, Identity, Tokens
from accounts.connectors.common import Common
from accounts.connectors.oauth import granted, tokens_of
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

SKEW = timedelta(minutes=2)  # a server's clock may be this far from ours
# Never a shared secret ("HS256") nor "none": only the server's own keys speak for it.
ALGORITHMS = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
)
_UNSOUND = marked(
    "the sign-in server's answer was not signed for this sign-in. Try again from the start."
)


@dataclass(frozen=True, slots=True)
class _Server:
    """What a server says of itself."""

    issuer: str
    authorize: str
    token: str
    keys: str
    userinfo: str  # "" where there is none
    posts_secret: bool  # takes this site's secret in the form only


class OpenIDConnect(Common):
    """Signs people in; see accounts.connectors.base.SignIn for what each method promises."""

    network = "oidc"
    scopes = ("openid", "profile")
    nonce = True

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.name = config.option("name")  # what the operator calls the server

    @property
    def authorize_url(self) -> str:
        """Return the address of the consent page, as the server says. Raises ConnectorError."""
        return self._server(None).authorize

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback, and whom the signed answer names."""
        server = self._server(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        own = (self.config.client_id, self.config.client_secret)
        if server.posts_secret:
            form |= {"client_id": own[0], "client_secret": own[1]}
        headers = {} if server.posts_secret else http.basic(*own)
        said = granted(
            http.fetch("POST", server.token, form=form, headers=headers, now=now), self.name
        )
        claims = self._checked(said, server, verifier, now)
        return replace(tokens_of(said), account_id=_uid(claims))

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return who signed in; their name is asked for where the server has an address for it."""
        server = self._server(now)
        about: Record = {}
        if server.userinfo:
            answer = http.fetch("GET", server.userinfo, token=access.token, now=now)
            if answer.status == 200:
                about = shapes.record(answer.json())
        if about and _uid({"iss": server.issuer, "sub": about.get("sub")}) != access.account_id:
            raise ConnectorError(
                Code.CONTRACT, say("The sign-in server spoke of somebody else."), raw="userinfo sub"
            )
        return Identity(
            uid=access.account_id,
            username=shapes.one_line(shapes.text(about, "preferred_username", 60), 60),
            name=shapes.one_line(shapes.text(about, "name", 60), 60),
        )

    def _server(self, now: datetime | None) -> _Server:
        """Return what the server says of itself. Raises ConnectorError when it is another one."""
        base = self.config.url("server")
        said = self._get(f"{base}/.well-known/openid-configuration", now)
        issuer = shapes.text(said, "issuer", 500)
        if issuer.rstrip("/") != base:
            raise ConnectorError(
                Code.APP_CONFIG,
                say(
                    "The sign-in server calls itself something else than its address. "
                    "The operator of this site has to mend that."
                ),
                raw=f"issuer {issuer[:200]}",
            )
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return _Server(
            issuer=issuer,
            authorize=_address(said, "authorization_endpoint", base),
            token=_address(said, "token_endpoint", base),
            keys=_address(said, "jwks_uri", base),
            userinfo=_address(said, "userinfo_endpoint", base)
            if "userinfo_endpoint" in said
            else "",
            posts_secret=isinstance(methods, list) and "client_secret_basic" not in methods,
        )

    def _get(self, url: str, now: datetime | None) -> Record:
        answer = http.fetch("GET", url, now=now)
        if answer.status != 200:
            raise ConnectorError(
                Code.APP_CONFIG,
                say(
                    "The sign-in server does not say how to sign in (error {status}).",
                    status=answer.status,
                ),
                raw=f"HTTP {answer.status}",
            )
        return shapes.record(answer.json())

    def _checked(
        self, said: Record, server: _Server, verifier: str, now: datetime
    ) -> dict[str, Any]:
        """Return the claims of the signed answer. Raises ConnectorError unless all of it is right.

        Times are compared with `now`, and so not by the library, which has a clock of its own.
        """
        token = shapes.text(said, "id_token", 16_000)
        keys = self._get(server.keys, now)
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise jwt.InvalidAlgorithmError("not an algorithm of keys")
            claims: dict[str, Any] = jwt.decode(
                token,
                _key(keys, header),
                algorithms=[header["alg"]],
                audience=self.config.client_id,
                issuer=server.issuer,
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub", "nonce"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            _check_question(claims, self.config.client_id, nonce_of(verifier))
            _check_time(claims, now)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise ConnectorError(
                Code.CONTRACT,
                say("{name} gave no access: {unsound}", name=self.name, unsound=_UNSOUND),
                raw=type(error).__name__,
            ) from error
        return claims


def nonce_of(verifier: str) -> str:
    """Return the nonce that goes with a PKCE verifier: its challenge.

    Both bind the answer to the browser that asked; the verifier never leaves this site before.
    """
    return (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )


def _key(keys: Record, header: dict[str, Any]) -> jwt.PyJWK:
    """Return the server's key that a token names; the only one where it names none."""
    listed = [
        each
        for each in shapes.records(keys.get("keys"))
        if each.get("use", "sig") == "sig" and each.get("kty") != "oct"
    ]
    named = [each for each in listed if header.get("kid") in {None, each.get("kid")}]
    if len(named) != 1:
        raise jwt.PyJWKSetError("no key, or several, for this token")
    return jwt.PyJWK(dict(named[0]), algorithm=header["alg"])


def _check_question(claims: dict[str, Any], client_id: str, nonce: str) -> None:
    """Raise PyJWTError unless the answer is to this site's very question."""
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise jwt.InvalidTokenError("nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise jwt.InvalidAudienceError("azp")


def _check_time(claims: dict[str, Any], now: datetime) -> None:
    """Raise PyJWTError unless the answer is of now."""
    for name in ("exp", "iat"):
        if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
            raise jwt.InvalidTokenError(name)
    if claims["exp"] <= (now - SKEW).timestamp():
        raise jwt.ExpiredSignatureError("exp")
    if claims["iat"] > (now + SKEW).timestamp():
        raise jwt.ImmatureSignatureError("iat")


def _uid(claims: dict[str, Any]) -> str:
    """Return a name for a person that no other server can give: `sub` is one server's own."""
    issuer = hashlib.sha256(str(claims["iss"]).encode()).hexdigest()[:16]
    return shapes.identifier({"uid": f"{shapes.identifier(claims, 'sub')}@{issuer}"}, "uid")


def _address(said: Record, name: str, base: str) -> str:
    """Return an address the server names: https, or as the server itself is reached."""
    found = shapes.link(said, name)
    if urlsplit(found).scheme not in {"https", urlsplit(base).scheme}:
        raise ConnectorError(
            Code.APP_CONFIG,
            say("The sign-in server does not say how to sign in."),
            raw=f"no {name}",
        )
    return found
