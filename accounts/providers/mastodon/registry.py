"""Mastodon servers known here: found by the address a person types, registered on first use.

Every server is a SocialApp with provider_id "mastodon:<host>", hidden from lists of buttons.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse

from accounts.connectors import http, shapes
from accounts.connectors.addresses import BadHost, host_name
from accounts.connectors.base import Access, Code, ConnectorError
from accounts.connectors.mastodon_api import says_unknown_client, words_of
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WANTED = ("read:accounts", "read:statuses", "read:notifications")
NEEDED = frozenset(WANTED[:2])
PATIENCE = 5.0  # seconds for each call: a person waits for the page
_LONGEST_HOST = 190  # "mastodon:" and "https://" before it must fit 200 characters

_NO_ADDRESS = marked(
    "This is no server address. Type it as you see it in your browser after signing in "
    "there, for example mastodon.social."
)

logger = logging.getLogger(__name__)


class ServerError(Exception):
    """A server cannot be used. `str(error)` is fit to show: what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Client:
    """What a server calls us, and the word that proves it."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Client(id={self.id!r})"


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a server says about itself."""

    issuer: str  # "" where it does not say
    names_itself: bool  # it promises `iss` in every callback (RFC 9207)
    scopes: tuple[str, ...]


def host_in(typed: str) -> str:
    """Return the host (with its port for a fake server in development) a person means.

    Takes "kartor.social", "https://kartor.social/@nora", "@nora@kartor.social". Raises ServerError.
    """
    text = typed.strip()[:500]
    text = text.removeprefix("https://").removeprefix("http://").partition("/")[0]
    text = text.rpartition("@")[2]
    name, _, port = text.partition(":")
    if http.may_be_local(name) and re.fullmatch(r"[0-9]{1,5}", port):
        return text
    try:
        host = host_name(text)
    except BadHost as error:
        raise ServerError(_NO_ADDRESS) from error
    if len(host) > _LONGEST_HOST:
        raise ServerError(_NO_ADDRESS)
    return host


def base_of(host: str) -> str:
    """Return the base address of a server."""
    return f"http://{host}" if http.may_be_local(host.partition(":")[0]) else f"https://{host}"


def provider_id_of(host: str) -> str:
    """Return what its accounts are filed under."""
    return f"mastodon:{host}"


def callback_of(host: str) -> str:
    """Return the redirect address of a server. Each has its own, or one could steal another's code.

    Source: RFC 9700, 2.1 (mix-up).
    """
    path: str = reverse("mastodon_callback", kwargs={"host": host})
    return f"{settings.SITE_URL}{path}"


def known(host: str) -> SocialApp | None:
    """Return the registration with a server, or None."""
    return SocialApp.objects.filter(provider="mastodon", provider_id=provider_id_of(host)).first()


def client_of(server: str) -> Client | None:
    """Return what the server at this base address calls us, or None when it was never used."""
    app = known(urlsplit(server).netloc)
    return Client(app.client_id, app.secret) if app else None


def known_as(access: Access) -> Access:
    """Return an access with what its server calls us, where we registered there."""
    client = client_of(access.server)
    return replace(access, client_id=client.id, client_secret=client.secret) if client else access


def ready(host: str, *, now: datetime) -> SocialApp:
    """Return a registration that the server accepts now, made or renewed where needed.

    Raises ServerError when the server is dead, is no Mastodon server, or refuses.
    """
    try:
        app = known(host)
        if app is not None and app.settings.get("redirect_uri") == callback_of(host):
            if _still_accepted(app, host, now):
                return app
            logger.info("registration with %s is gone, making a new one", host)
        return register(host, judged=app, now=now)
    except http.Redirected as error:
        if error.to:
            raise ServerError(
                say(
                    "{host} sends visitors on to {to}. If that is your server, type {to}.",
                    host=host,
                    to=error.to,
                )
            ) from error
        raise ServerError(_not_mastodon(host)) from error
    except ConnectorError as error:
        raise ServerError(_said(host, error)) from error


def register(host: str, *, judged: SocialApp | None, now: datetime) -> SocialApp:
    """Register with a server and keep the answer, in the place of `judged` (None: of nothing).

    Where somebody else was faster, theirs is returned. Raises ConnectorError or ServerError.
    """
    offer = _discover(host, now)
    redirect_uri = callback_of(host)
    answer = http.fetch(
        "POST",
        f"{base_of(host)}/api/v1/apps",
        form={
            "client_name": "Kloutsite",
            "redirect_uris": redirect_uri,
            "scopes": " ".join(offer.scopes),
            "website": settings.SITE_URL,
        },
        deadline=PATIENCE,
        now=now,
    )
    if answer.status not in {200, 201}:
        raise ServerError(
            say(
                "{host} would not register this site: {words_of}. Try again later, or "
                "ask the people who run it.",
                host=host,
                words_of=words_of(answer),
            )
        )
    given = shapes.record(answer.json())
    client = Client(
        shapes.identifier(given, "client_id"), shapes.identifier(given, "client_secret")
    )
    return _keep(
        host,
        client,
        {
            "hidden": True,
            "oauth_pkce_enabled": True,
            "scope": list(offer.scopes),
            "redirect_uri": redirect_uri,
            "issuer": offer.issuer,
            "names_itself": offer.names_itself,
        },
        judged,
    )


def _keep(
    host: str, client: Client, about: dict[str, object], judged: SocialApp | None
) -> SocialApp:
    """Store a registration, once: two rows for one server would break every sign-in with it.

    No constraint forbids the second row, so everybody who writes one holds the same lock meanwhile:
    the row that stands for the table. On SQLite a writing transaction is alone anyway. A row that
    is not as it was judged is newer, and somebody may be on the consent page with it: it stays.
    """
    with transaction.atomic():
        ContentType.objects.select_for_update().get(
            app_label="socialaccount", model=SocialApp._meta.model_name
        )
        app = known(host)
        if app is not None and (judged is None or app.client_id != judged.client_id):
            return app
        app = app or SocialApp(provider="mastodon", provider_id=provider_id_of(host))
        app.name, app.client_id, app.secret = host[:40], client.id, client.secret
        app.settings = about
        app.save()
    return app


def _still_accepted(app: SocialApp, host: str, now: datetime) -> bool:
    """Tell whether the server still knows us, by asking for a token that speaks for nobody.

    Some servers throw registrations away that were not used for a while; the person would then end
    on an error page there that does not lead back.
    """
    answer = http.fetch(
        "POST",
        f"{base_of(host)}/oauth/token",
        form={
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": app.secret,
            "redirect_uri": callback_of(host),
            "scope": " ".join(app.settings.get("scope", [])),
        },
        deadline=PATIENCE,
        now=now,
    )
    return not says_unknown_client(answer)


def _discover(host: str, now: datetime) -> _Offer:
    """Ask what a server is and offers. Raises ServerError when it is no Mastodon server."""
    version = _version(host, now)
    about = _metadata(host, now)
    if about is None:  # before 4.3, and most relatives
        return _Offer("", names_itself=False, scopes=_usual_scopes(version))
    issuer = shapes.link(about, "issuer")
    named = urlsplit(issuer).netloc
    if not named:
        raise ServerError(
            say(
                "{host} does not say which server it is. Type the address you see in your browser "
                "after signing in there.",
                host=host,
            )
        )
    if named != host:
        raise ServerError(
            say(
                "{host} says that it is {named}. Type the address you see in your browser "
                "after signing in there.",
                host=host,
                named=named,
            )
        )
    return _Offer(
        issuer=issuer,
        names_itself=about.get("authorization_response_iss_parameter_supported") is True,
        scopes=_scopes_among(about.get("scopes_supported")),
    )


def _metadata(host: str, now: datetime) -> Record | None:
    """Return what a server says about its OAuth (RFC 8414), or None where it says nothing.

    Relatives answer the address with 404, with a redirect, or with the page of their web client.
    """
    try:
        answer = http.fetch(
            "GET",
            f"{base_of(host)}/.well-known/oauth-authorization-server",
            deadline=PATIENCE,
            now=now,
        )
    except http.Redirected:
        return None
    if answer.status != 200 or answer.headers.get("content-type", "").startswith("text/html"):
        return None
    return shapes.record(answer.json())


def _version(host: str, now: datetime) -> str:
    """Return the version a server gives. Raises ServerError when it does not speak this API."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        answer = http.fetch("GET", base_of(host) + path, deadline=PATIENCE, now=now)
        if answer.status == 200:
            version = shapes.text(shapes.record(answer.json()), "version", 100)
            if version:
                return version
    raise ServerError(_not_mastodon(host))


def _usual_scopes(version: str) -> tuple[str, ...]:
    """Return what to ask of a server that lists no scopes: relatives often know only `read`."""
    return ("read",) if "compatible" in version.lower() else WANTED


def _scopes_among(supported: object) -> tuple[str, ...]:
    """Return the narrowest scopes a server lists that are enough."""
    listed = supported if isinstance(supported, list) else []
    narrow = tuple(scope for scope in WANTED if scope in listed)
    return narrow if set(narrow) >= NEEDED else ("read",)


def _said(host: str, error: ConnectorError) -> str:
    """Return a sentence about a failed call that says what to do."""
    if error.code is Code.RATE_LIMITED:
        return say("{error} Try again in a few minutes.", error=error)
    if error.code is Code.TRANSIENT:
        return say(
            "{error} Check the spelling, or try again later. Nothing has changed here.", error=error
        )
    return _not_mastodon(host)


def _not_mastodon(host: str) -> str:
    return say(
        "{host} does not answer like a Mastodon server. Type the address you see in your "
        "browser after signing in there.",
        host=host,
    )


def issuer_matches(app: SocialApp, query: Mapping[str, str]) -> bool:
    """Tell whether a callback comes from the server it claims to (RFC 9207)."""
    named, issuer = query.get("iss"), str(app.settings.get("issuer", ""))
    if named is None:
        return not app.settings.get("names_itself", False)
    expected = issuer or base_of(app.provider_id.partition(":")[2])
    return named.rstrip("/") == expected.rstrip("/")
