"""What Meta tells a site by itself: a request that is signed with the app's secret.

Source: developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import ConnectorError

LONGEST_AGE = timedelta(days=1)
SKEW = timedelta(minutes=5)  # their clock may run ahead by this

_FORM = re.compile(r"([A-Za-z0-9_-]{1,200})\.([A-Za-z0-9_-]{1,4000})")


class Forged(ValueError):
    """A request was not signed by Meta for this app, or is too old. `str(error)` says which."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Whom a request is about, by the id of theirs towards this app, and when it was signed."""

    user_id: str
    issued_at: datetime


def opened(text: str, *, secret: str, now: datetime) -> Signed:
    """Return what a signed request says. Raises Forged."""
    form = _FORM.fullmatch(text)
    if form is None or not secret:
        raise Forged("it has another form")
    signature, payload = form.groups()
    expected = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    # The signature is compared before anything of the payload is read.
    if not hmac.compare_digest(_decoded(signature), expected):
        raise Forged("its signature is not ours")
    try:
        said = shapes.record(json.loads(_decoded(payload)))
        user_id = shapes.identifier(said, "user_id")
    except (ValueError, RecursionError, ConnectorError) as error:
        raise Forged("it names nobody") from error
    if shapes.text(said, "algorithm", 20).upper() != "HMAC-SHA256":
        raise Forged("it names another algorithm")
    return Signed(user_id, _issued(shapes.count(said, "issued_at"), now))


def _issued(seconds: int | None, now: datetime) -> datetime:
    """Return when it was signed. Raises Forged for what is no time of the last day."""
    try:
        issued_at = datetime.fromtimestamp(-1 if seconds is None else seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Forged("it names no time") from error
    if not now - LONGEST_AGE <= issued_at <= now + SKEW:
        raise Forged("it is too old, or of a time to come")
    return issued_at


def _decoded(text: str) -> bytes:
    """Return the bytes of unpadded base64. Raises Forged."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Forged("it has another form") from error
