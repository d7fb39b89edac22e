"""Secrets at rest: AES-256-GCM with a key id, bound to the row and field they belong to.

A sealed value reads `v1.<key id>.<base64url of nonce and ciphertext>`. Moving it to another row,
changing a byte or losing its key makes it unreadable: never a plain value, never someone else's.
Source: OWASP ASVS 5.0, 11.3.2 (approved modes) and 13.3 (secret management).
"""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12  # bytes


class CannotOpen(Exception):
    """A sealed value cannot be read here. What to do: connect the account again."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A stored token cannot be read ({why}). Connect the account again.")


def seal(plain: str, *, bound_to: str) -> str:
    """Return `plain` encrypted with the first key of the ring; "" stays ""."""
    if not plain:
        return ""
    key_id, key = next(iter(_ring().items()))
    nonce = os.urandom(_NONCE)
    cipher = AESGCM(key).encrypt(nonce, plain.encode(), bound_to.encode())
    return f"v1.{key_id}.{base64.urlsafe_b64encode(nonce + cipher).decode()}"


def current_prefix() -> str:
    """Return what every value begins with that was sealed with the first key of the ring."""
    return f"v1.{next(iter(_ring()))}."


def unseal(sealed: str, *, bound_to: str) -> str:
    """Return the plain text of `sealed`; "" stays "".

    Raises CannotOpen when it is no sealed value, was sealed for another place, or its key is gone.
    """
    if not sealed:
        return ""
    version, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    if version != "v1" or not body:
        raise CannotOpen("not a sealed value")
    key = _ring().get(key_id)
    if key is None:
        raise CannotOpen(f"key {key_id[:20]!r} is not in TOKEN_KEYS")
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode()
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise CannotOpen("it was changed or belongs elsewhere") from error


def _ring() -> dict[str, bytes]:
    """Return key id -> 32 bytes, in the order of the setting."""
    ring = {}
    for entry in settings.TOKEN_KEYS:
        key_id, _, secret = entry.partition(":")
        ring[key_id] = hashlib.sha256(secret.encode()).digest()
    return ring
