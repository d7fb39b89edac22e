"""System checks: a site that would leak or stand still is stopped with a sentence.

Each text says what is wrong and what to do. `manage.py check`, `migrate` and `serve` run them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

KEY_LENGTH = 32  # characters at least; accounts.sealing makes AES-256 keys of them


@register(Tags.security)
def public_site(**_: object) -> Sequence[CheckMessage]:
    """What is meant for one machine must not stand on a public address."""
    if settings.LOCAL:
        return []
    found: list[CheckMessage] = []
    if settings.SANDBOX and not settings.SANDBOX_IN_PRODUCTION:
        found.append(
            Error(
                "The sandbox is on at a public address: anyone could sign in as anyone of it.",
                hint="Set SANDBOX=false, or SANDBOX_IN_PRODUCTION=true if this site is a demo.",
                id="kloutsite.E001",
            )
        )
    if not settings.HTTPS:
        found.append(
            Error(
                f"SITE_URL is {settings.SITE_URL}: passwords and tokens would travel readable.",
                hint=f"Set SITE_URL=https://{settings.SITE_HOST} and let a proxy do TLS.",
                id="kloutsite.E002",
            )
        )
    if settings.ALLOW_INSECURE_HOSTS:
        found.append(
            Error(
                "ALLOW_INSECURE_HOSTS is on at a public address: people could make this site open "
                "addresses inside your network.",
                hint="Unset ALLOW_INSECURE_HOSTS. It is for development on one machine.",
                id="kloutsite.E004",
            )
        )
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on at a public address: error pages would show settings and code.",
                hint="Unset DEBUG.",
                id="kloutsite.E006",
            )
        )
    return found


@register(Tags.security)
def token_keys(**_: object) -> Sequence[CheckMessage]:
    """Every key of the ring must be usable, or tokens could not be sealed or opened."""
    found: list[CheckMessage] = []
    seen: set[str] = set()
    for place, entry in enumerate(settings.TOKEN_KEYS, start=1):
        key_id, _colon, secret = entry.partition(":")
        if problem := _problem_of_key(key_id, secret, seen):
            found.append(
                Error(
                    f"Key {place} of TOKEN_KEYS {problem}.",
                    hint="Write TOKEN_KEYS=name:key, the newest first; make a key with: python -c "
                    "'import secrets; print(secrets.token_urlsafe(32))'",
                    id="kloutsite.E003",
                )
            )
        seen.add(key_id)
    return found


def _problem_of_key(key_id: str, secret: str, seen: set[str]) -> str:
    """Return what is wrong with a key in words that do not show it, or ""."""
    if not key_id or not secret:
        return "is not of the form name:key"
    if "." in key_id:
        return f"has a dot in its name {key_id!r}, which stored tokens use to tell parts apart"
    if key_id in seen:
        return f"has the name {key_id!r} of an earlier key"
    if len(secret) < KEY_LENGTH:
        return f"({key_id}) is {len(secret)} characters long, fewer than {KEY_LENGTH}"
    return ""


@register(Tags.compatibility)
def providers(**_: object) -> Sequence[CheckMessage]:
    """A network with a client id and no secret, or the other way, fails at the person's click."""
    return [
        Error(
            f"The network {name} has a {has} and no {lacks}: nobody could link an account there.",
            hint=f"Set both, as the network's developer page shows them, or neither for {name}.",
            id="kloutsite.E005",
        )
        for name, has, lacks in _half_configured(settings.SOCIALACCOUNT_PROVIDERS)
    ]


def _half_configured(configured: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for name, options in configured.items():
        apps = [*options.get("APPS", []), *([options["APP"]] if "APP" in options else [])]
        for app in apps:
            has_id, has_secret = bool(app.get("client_id")), bool(app.get("secret"))
            if has_id and not has_secret:
                yield name, "client id", "client secret"
            elif has_secret and not has_id:
                yield name, "client secret", "client id"


@register(Tags.compatibility)
def broker(**_: object) -> Sequence[CheckMessage]:
    """A database for many machines with a doorbell for one."""
    if settings.SQLITE or not settings.BROKER_URL.startswith("memory://"):
        return []
    return [
        checks.Warning(
            "DATABASE_URL names a PostgreSQL but BROKER_URL names no broker: workers on other "
            "machines hear of no job.",
            hint="Set BROKER_URL=redis://... for all machines. On one machine `manage.py serve` "
            "starts a broker of its own, and this can stay.",
            id="kloutsite.W001",
        )
    ]
