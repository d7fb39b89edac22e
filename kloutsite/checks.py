"""System checks: a site that would leak or stand still is stopped with a sentence.

Each text says what is wrong and what to do. Commands of manage.py run them by themselves; a web
server and Celery run none, so kloutsite.wsgi and kloutsite.celery call `refuse_unsafe`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

KEY_LENGTH = 32  # characters at least; accounts.sealing makes AES-256 keys of them
MAKE_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"


class UnsafeSite(SystemExit):
    """The site is set up so that it must not serve. The text says why, and what to do."""


def refuse_unsafe() -> None:
    """Run the checks of this module. Raises UnsafeSite when one finds an error.

    A SystemExit, since Celery logs every other exception at its start and goes on.
    """
    found = [
        message
        for check in (public_site, keys_of_one_machine, token_keys, providers)
        for message in check()
        if message.is_serious()
    ]
    if found:
        raise UnsafeSite("\n".join(f"{each.msg} {each.hint} ({each.id})" for each in found))


# Number -> (whether it is so, what is wrong, what to do) of a site that the world can reach.
_LEAKS: dict[str, tuple[Callable[[], bool], str, str]] = {
    "E001": (
        lambda: settings.SANDBOX_ASKED and not settings.SANDBOX,
        "The sandbox is asked for at a public address: anyone could sign in as anyone of it.",
        "Set SANDBOX=false, or SANDBOX_IN_PRODUCTION=true if this site is a demo.",
    ),
    "E002": (
        lambda: not settings.HTTPS,
        "SITE_URL is not https and the site is public: passwords would travel readable.",
        "Set SITE_URL=https://... as people type it, and let a proxy do TLS.",
    ),
    "E004": (
        lambda: settings.ALLOW_INSECURE_HOSTS,
        "ALLOW_INSECURE_HOSTS at a public address lets people open pages inside your network.",
        "Unset ALLOW_INSECURE_HOSTS. It is for development on one machine.",
    ),
    "E006": (
        lambda: settings.DEBUG,
        "DEBUG is on at a public address: error pages would show settings and code.",
        "Unset DEBUG.",
    ),
    "E008": (
        lambda: settings.MAIL_SERVER is None,
        "A public site has no mail server: links for a new password would be printed in its log.",
        "Set EMAIL_URL, as in EMAIL_URL=smtp+tls://user:password@mail.example.org",
    ),
}


@register(Tags.security)
def public_site(**_: object) -> Sequence[CheckMessage]:
    """What is meant for one machine must not stand on a public address."""
    if settings.LOCAL:
        return []
    return [
        Error(says, hint=hint, id=f"kloutsite.{number}")
        for number, (is_so, says, hint) in _LEAKS.items()
        if is_so()
    ]


@register(Tags.security)
def keys_of_one_machine(**_: object) -> Sequence[CheckMessage]:
    """Machines that share a database must share the keys of what stands in it."""
    if settings.SQLITE or not settings.KEPT_KEYS:
        return []
    return [
        Error(
            f"The database can be shared by machines, but {_listed(settings.KEPT_KEYS)} would be "
            "made up by each of them: the others could not read people's sessions or tokens, and "
            "would count people who react twice.",
            hint="Set SECRET_KEY, TOKEN_KEYS=name:key, ACTOR_KEY and (or BLUESKY=off) BLUESKY_KEY "
            "to the same values everywhere "
            f"(docs/operations.md). A key is made with: {MAKE_KEY}; one for Bluesky with: "
            "manage.py new_signing_key",
            id="kloutsite.E007",
        )
    ]


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


@register(Tags.security)
def token_keys(**_: object) -> Sequence[CheckMessage]:
    """Every key of the ring must be usable, or tokens could not be sealed or opened."""
    found: list[CheckMessage] = []
    if not settings.TOKEN_KEYS:
        found.append(_bad_ring("TOKEN_KEYS names no key."))
    seen: set[str] = set()
    for place, entry in enumerate(settings.TOKEN_KEYS, start=1):
        key_id, _colon, secret = entry.partition(":")
        if problem := _problem_of_key(key_id, secret, seen):
            found.append(_bad_ring(f"Key {place} of TOKEN_KEYS {problem}."))
        seen.add(key_id)
    return found


def _bad_ring(says: str) -> Error:
    return Error(
        says,
        hint=f"Write TOKEN_KEYS=name:key, the newest first; make a key with: {MAKE_KEY}",
        id="kloutsite.E003",
    )


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


@register(Tags.security, deploy=True)
def proxies(**_: object) -> Sequence[CheckMessage]:
    """A public site whose visitors all seem to be one: the proxy that does TLS in front of it."""
    if settings.LOCAL or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [
        checks.Warning(
            "TRUSTED_PROXIES is 0 and the site is public: behind a proxy all visitors have its "
            "address, and share one count of each limit.",
            hint="Set TRUSTED_PROXIES=1 for a proxy that does TLS, 2 with another before it.",
            id="kloutsite.W002",
        )
    ]
