"""Keys of our own as JSON Web Keys, and what is signed with them: proofs and client assertions.

A key is one line of JSON, so that it can be sealed, kept in a file or set in the environment. All
are ES256. Source: RFC 7517 (keys), 7638 (their names), 9449 (proofs), 7523 (assertions).
"""

import base64
import hashlib
import json
import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from accounts.speech import say

_ASSERTION_LASTS = 60  # seconds
_PUBLIC = ("crv", "kty", "x", "y")  # in the order that a thumbprint is made of


class BadKey(ValueError):
    """A text is no private ES256 key. The message never quotes it."""


def new_key() -> str:
    """Return a new private key."""
    made = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    return json.dumps(made, separators=(",", ":"))


def keys_in(text: str) -> tuple[str, ...]:
    """Return the private keys in `text`, which is one key or a set: {"keys": [...]}.

    Raises BadKey when there is none, or anything else.
    """
    values = _parsed(text)
    listed = values.get("keys", [values])
    if not isinstance(listed, list) or not listed:
        raise BadKey("it holds no key")
    keys = tuple(json.dumps(one, separators=(",", ":")) for one in listed)
    for key in keys:
        _signer(key)
    return keys


def public(key: str) -> dict[str, str]:
    """Return the public half of a private key."""
    values = _parsed(key)
    return {name: str(values.get(name, "")) for name in _PUBLIC}


def name_of(key: str) -> str:
    """Return the name of a key: the thumbprint of its public half."""
    canonical = json.dumps(public(key), separators=(",", ":"), sort_keys=True)
    return _digest(canonical)


def proof(key: str, method: str, url: str, *, nonce: str = "", token: str = "") -> str:
    """Return the proof that whoever sends this request holds `key`, for its DPoP header.

    `nonce` is the newest that the server gave, `token` the access token that goes along. The time
    in it is that of the clock, as it goes out at once.
    """
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": url.partition("?")[0].partition("#")[0],
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = _digest(token)
    headers = {"typ": "dpop+jwt", "jwk": public(key)}
    return jwt.encode(claims, _signer(key), algorithm="ES256", headers=headers)


def assertion(key: str, *, client_id: str, audience: str) -> str:
    """Return the word by which this site proves to the server `audience` that it is `client_id`."""
    at = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "iat": at,
        "exp": at + _ASSERTION_LASTS,
    }
    return jwt.encode(claims, _signer(key), algorithm="ES256", headers={"kid": name_of(key)})


def _signer(key: str) -> ec.EllipticCurvePrivateKey:
    """Return the key for signing. Raises BadKey."""
    try:
        made = ECAlgorithm.from_jwk(_parsed(key))
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadKey(say("it is no JSON Web Key")) from error
    if not isinstance(made, ec.EllipticCurvePrivateKey) or not isinstance(made.curve, ec.SECP256R1):
        raise BadKey(say("it is no private key of the curve P-256"))
    return made


def _parsed(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BadKey(say("it is no JSON")) from error
    if not isinstance(values, dict):
        raise BadKey(say("it is no JSON object"))
    return values


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
