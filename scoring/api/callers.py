"""Who asks: the person of a token, for what its scopes allow, or somebody without one."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.zones import zone_of
from scoring import limits
from scoring.api.problems import Problem
from scoring.limits import Allowance, Limit

MINUTE = 60  # seconds
ALSO = "x-problems"  # likewise: kinds of problems of one operation alone
SECURITY = "x-security"  # until the document is completed: ninja writes no scopes


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and when. `user` is None for somebody without a token."""

    user: User | None
    now: datetime

    @property
    def person(self) -> User:
        """The person of the token; only for what needs one."""
        assert self.user is not None
        return self.user


class ApiRequest(HttpRequest):
    """A request of a program, with who asks and what is left of their limit."""

    auth: Caller
    allowance: Allowance


class Token(AuthBase):
    """Lets tokens with a scope pass; with `optional` also requests without any token."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: str, *, optional: bool = False) -> None:
        self.scope = scope
        self.optional = optional
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller:
        """Return who asks. Raises Problem when they may not, or ask too often."""
        assert isinstance(request, HttpRequest)
        now = timezone.now()
        sent = request.headers.get("Authorization")
        if sent is None and self.optional:
            _count(request, "address", limits.address_of(request.META))
            return Caller(None, now)
        token = _token(request, sent, now)
        _count(request, "token", str(token.pk))
        if self.scope not in token.scopes:
            raise Problem(
                "missing-scope",
                _("Its person did not tick “%(words)s” (%(scope)s) for this token.")
                % {"words": tokens.SCOPES[self.scope], "scope": self.scope},
                scope=self.scope,
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'
                },
            )
        tokens.used(token, now=now)
        timezone.activate(zone_of(token.user.time_zone))  # for times in sentences
        return Caller(token.user, now)


def asks(scope: str, *, optional: bool = False, also: Collection[str] = ()) -> dict[str, Any]:
    """Return what an operation is declared with that needs a scope, for its document as well.

    also: kinds of problems that it alone answers.
    """
    needed: list[dict[str, list[str]]] = [{Token.__name__: [scope]}]
    return {
        "auth": Token(scope, optional=optional),
        "openapi_extra": {SECURITY: [{}, *needed] if optional else needed, ALSO: also},
    }


def _token(request: HttpRequest, sent: str | None, now: datetime) -> ApiToken:
    """Return the living token that was sent. What is none counts for the address it came from."""
    scheme, _space, secret = (sent or "").partition(" ")
    token = tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
    if token is not None and token.revoked_at is None and now < token.ends_at:
        if token.user.is_active:
            return token
        token = None
    _count(request, "address", limits.address_of(request.META))
    if sent is None:
        raise Problem("no-token")
    if token is None:
        whole = scheme.lower() == "bearer" and tokens.looks_like_one(secret.strip())
        raise Problem("unknown-token" if whole else "malformed-token")
    if token.revoked_at is not None:
        raise Problem("revoked-token")
    raise Problem(
        "expired-token",
        _("It worked until %(at)s. Make a new one under Settings, Tokens.")
        % {"at": f"{token.ends_at:%Y-%m-%dT%H:%M:%SZ}"},
    )


def _count(request: HttpRequest, name: str, who: str) -> None:
    """Count a request. Raises Problem when it is one too many."""
    number = settings.API_PER_MINUTE
    allowance = limits.take(Limit(name, number, MINUTE), who, now=time.time())
    request.allowance = allowance  # type: ignore[attr-defined]
    if not allowance.passes:
        raise Problem(
            "too-many",
            _("At most %(number)s requests a minute. Wait %(wait)s seconds.")
            % {"number": number, "wait": allowance.wait},
        )
