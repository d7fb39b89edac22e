"""A sign-in server that speaks OpenID Connect, with one person in it.

It is no Fake of tests.accounts.fakes.base: nothing of it is read.
"""

import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from jwt.algorithms import ECAlgorithm

from accounts.connectors.setup import Config
from tests.fault_server import Asked, FaultServer, reply

Made = dict[str, Any]

BASIC = "Basic b3VyczpjYW5hcnktc2VjcmV0"  # ours:canary-secret


@cache
def key_of(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the private key of that name, the same each time."""
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str, **more: Any) -> Made:
    """Return the public half of a key as a server lists it."""
    made: Made = json.loads(ECAlgorithm.to_jwk(key_of(name).public_key()))
    return made | {"kid": name, "use": "sig", "alg": "ES256"} | more


class FakeLogin:
    """Signs in somebody called nora; tests change what it claims and how it signs."""

    network = "oidc"
    code = "good-code"

    def __init__(self) -> None:
        self.server = FaultServer()
        self.issuer = self.server.url("/realms/ours")
        self.keys = [public("first")]
        self.signed_by, self.algorithm = "first", "ES256"
        self.header: Made = {"kid": "first"}
        self.claims: Made = {}  # instead of, or beside, what it would say
        self.without: tuple[str, ...] = ()  # claims that it leaves out
        self.nonce = ""  # as the consent page was asked with
        self.about: Made = {"sub": "nora-7", "name": "Nora Fields", "preferred_username": "nora"}
        self.described: Made = {
            "issuer": self.issuer,
            "authorization_endpoint": self.server.url("/authorize"),
            "token_endpoint": self.server.url("/token"),
            "jwks_uri": self.server.url("/keys"),
            "userinfo_endpoint": self.server.url("/userinfo"),
        }
        routes = self.server.routes
        routes["/realms/ours/.well-known/openid-configuration"] = lambda _asked: reply(
            self.described
        )
        routes["/token"] = self._token
        routes["/keys"] = lambda _asked: reply({"keys": self.keys})
        routes["/userinfo"] = self._userinfo

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "oidc",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("server", self.issuer),),
            options=(("name", "Town Hall"),),
        )

    def id_token(self) -> str:
        """Return what the server signs about the person."""
        now = int(timezone.now().timestamp())
        said: Made = {
            "iss": self.issuer,
            "sub": "nora-7",
            "aud": "ours",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "email": "victim@example.org",
        } | self.claims
        said = {name: value for name, value in said.items() if name not in self.without}
        key = key_of(self.signed_by) if self.algorithm == "ES256" else self.signed_by
        return jwt.encode(said, key, algorithm=self.algorithm, headers=self.header)

    def _token(self, asked: Asked) -> bytes:
        in_form = (asked.form.get("client_id"), asked.form.get("client_secret"))
        if asked.headers.get("authorization") != BASIC and in_form != ("ours", "canary-secret"):
            return reply({"error": "invalid_client"}, status=401)
        if asked.form.get("code") != self.code:
            return reply({"error": "invalid_grant"}, status=400)
        token = {"access_token": "canary-token", "token_type": "Bearer", "expires_in": 300}
        return reply(token | {"id_token": self.id_token()})

    def _userinfo(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != "Bearer canary-token":
            return reply({"error": "invalid_token"}, status=401)
        return reply(self.about)

    def stop(self) -> None:
        """Close the server."""
        self.server.stop()
