"""Who is who in the AT Protocol: handle -> DID -> document -> server -> who grants access to it.

Every step is somebody's claim about somebody else, so each is checked from the other side. A handle
proves itself by DNS or by a file on its host; we have no resolver of our own for TXT records, so
the AppView looks them up, and the file is asked for where it finds nothing. That this cannot hand
an account to a liar follows from the document, which must name the handle too.
Source: atproto.com/specs/handle, /did and /oauth.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

SCOPE = "atproto"  # who it is, and nothing else
PATIENCE = 5.0  # seconds for each call: a person waits for the page
_LONGEST_SERVER = 200  # characters of an issuer that is kept

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HANDLE = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_DID = re.compile(rf"did:plc:[a-z2-7]{{24}}|did:web:(?:{_LABEL}\.)+[a-z]{{2,63}}")
_PROFILE = re.compile(r"https?://(?:[a-z0-9.-]+)/profile/([^/?#\s]+).*", re.IGNORECASE)

_NO_HANDLE = marked(
    "This is no Bluesky handle. Type it as it stands under your name there, for example "
    "yourname.bsky.social, without the @."
)


@dataclass(frozen=True, slots=True)
class Account:
    """What a DID document says. `handle` is "" where it names none or a wrong one."""

    did: str
    handle: str
    pds: str  # base address of the server that holds the account


@dataclass(frozen=True, slots=True)
class Server:
    """Where an authorization server takes what."""

    issuer: str
    announce: str
    authorize: str
    token: str
    revoke: str  # "" where it takes nothing back


def name_in(typed: str) -> str:
    """Return the handle or DID a person means.

    Takes "nora.bsky.social", "@nora.bsky.social", the address of a profile, a DID. Raises
    ConnectorError(NO_SOURCE) with what to type.
    """
    text = typed.strip()[:500]
    if found := _PROFILE.fullmatch(text):
        text = found[1]
    text = text.removeprefix("at://").removeprefix("@").rstrip(".")
    if _DID.fullmatch(text):
        return text
    text = text.lower()
    if not _HANDLE.fullmatch(text):
        raise ConnectorError(Code.NO_SOURCE, _NO_HANDLE)
    return text


def found(config: Config, name: str, *, now: datetime) -> Account:
    """Return the account of a handle or DID, with both directions checked.

    Raises ConnectorError(NO_SOURCE) when there is none, or when the two do not name each other, and
    what `did_of` raises when nobody could be asked.
    """
    if name.startswith("did:"):
        return document(config, name, now=now)
    did = did_of(config, name, now=now)
    if not did:
        raise ConnectorError(
            Code.NO_SOURCE,
            say(
                "There is no account with the handle {name}. Check the spelling: it is "
                "the whole name with its dots.",
                name=name,
            ),
        )
    account = document(config, did, now=now)
    if account.handle != name:
        raise ConnectorError(
            Code.NO_SOURCE,
            say(
                "{name} points at an account that does not call itself so. If it is "
                "yours, open Settings, Account, Handle in Bluesky and set the handle "
                "once more.",
                name=name,
            ),
        )
    return account


def did_of(config: Config, handle: str, *, now: datetime) -> str:
    """Return the DID that a handle claims, or "" when it claims none that can be found.

    Raises ConnectorError when the AppView could not be asked and the handle's host says nothing:
    then nobody knows.
    """
    silent = None
    query = urlencode({"handle": handle})
    address = f"{config.url('appview')}/xrpc/com.atproto.identity.resolveHandle?{query}"
    try:
        answer = http.fetch("GET", address, deadline=PATIENCE, now=now)
        said = shapes.record(answer.json()).get("did") if answer.status == 200 else None
    except ConnectorError as error:
        silent, said = error, None  # the host of the handle can be asked as well
    did = _did(said) or _did_on_host(handle, now)
    if silent is not None and not did:
        raise ConnectorError(
            silent.code,
            say(
                "{handle} could not be looked up, which says nothing about the account: {silent}",
                handle=handle,
                silent=silent,
            ),
            retry_at=silent.retry_at,
            raw=silent.raw,
        ) from silent
    return did


def _did_on_host(handle: str, now: datetime) -> str:
    """Return the DID in the file on a handle's host, or ""."""
    try:
        address = f"https://{handle}/.well-known/atproto-did"
        answer = http.fetch("GET", address, deadline=PATIENCE, now=now)
    except ConnectorError:
        return ""
    return _did(answer.body[:300].decode(errors="replace").strip()) if answer.status == 200 else ""


def document(config: Config, did: str, *, now: datetime) -> Account:
    """Return what the document of a DID says.

    Raises ConnectorError(GONE) when there is none (any more), and NO_SOURCE without a server.
    """
    if not _did(did):
        raise ConnectorError(Code.CONTRACT, say("This is no identity that we know how to look up."))
    if did.startswith("did:web:"):
        address = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
    else:
        address = f"{config.url('plc')}/{did}"
    answer = http.fetch("GET", address, deadline=PATIENCE, now=now)
    if answer.status in {404, 410}:
        raise ConnectorError(Code.GONE, say("This Bluesky account does not exist any more."))
    said = _record(answer)
    if said.get("id") != did:
        raise ConnectorError(
            Code.CONTRACT, say("{host} answered about somebody else.", host=answer.host)
        )
    return Account(did, _handle(said.get("alsoKnownAs")), _pds(did, said.get("service")))


def _handle(names: Any) -> str:
    """Return the first handle among other names, which is the one that counts, or ""."""
    listed = names if isinstance(names, list) else []
    handles = [name[5:].lower() for name in listed if str(name).startswith("at://")]
    return handles[0] if handles and _HANDLE.fullmatch(handles[0]) else ""


def _pds(did: str, services: Any) -> str:
    """Return the base address of the server in a document."""
    for service in services if isinstance(services, list) else []:
        if not isinstance(service, dict) or service.get("type") != "AtprotoPersonalDataServer":
            continue
        if shapes.text(service, "id", 300) in {"#atproto_pds", f"{did}#atproto_pds"}:
            return _origin(shapes.link(service, "serviceEndpoint"))
    raise ConnectorError(Code.NO_SOURCE, say("This account is on no server at the moment."))


def issuer_of(pds: str, *, now: datetime) -> str:
    """Return who grants access to a server. Source: RFC 9728."""
    address = f"{pds}/.well-known/oauth-protected-resource"
    said = _record(http.fetch("GET", address, deadline=PATIENCE, now=now))
    listed = said.get("authorization_servers")
    first = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
    return _origin(shapes.link({"issuer": first}, "issuer"))


def server_of(issuer: str, *, now: datetime | None = None) -> Server:
    """Return where an authorization server takes what, when it keeps to the protocol's profile.

    Source: RFC 8414; atproto.com/specs/oauth, "Authorization Servers".
    """
    address = f"{issuer}/.well-known/oauth-authorization-server"
    answer = http.fetch("GET", address, deadline=PATIENCE, now=now)
    said = _record(answer)
    if said.get("issuer") != issuer:
        raise ConnectorError(
            Code.CONTRACT, say("{host} says that it is somebody else.", host=answer.host)
        )
    kept = (
        said.get("require_pushed_authorization_requests") is True
        and said.get("authorization_response_iss_parameter_supported") is True
        and _lists(said, "scopes_supported", SCOPE)
        and _lists(said, "dpop_signing_alg_values_supported", "ES256")
        and _lists(said, "code_challenge_methods_supported", "S256")
    )
    if not kept:
        raise ConnectorError(
            Code.CONTRACT,
            say("{host} does not sign people in as Bluesky's servers do.", host=answer.host),
        )
    return Server(
        issuer=issuer,
        announce=_endpoint(said, "pushed_authorization_request_endpoint"),
        authorize=_endpoint(said, "authorization_endpoint"),
        token=_endpoint(said, "token_endpoint"),
        revoke=shapes.link(said, "revocation_endpoint"),
    )


def words_of(answer: Answer) -> tuple[str, str]:
    """Return (name of the error, the server's own words), "" and the status where it says none."""
    try:
        said = shapes.record(answer.json())
    except ConnectorError:
        return "", f"HTTP {answer.status}"
    name = shapes.text(said, "error", 60)
    more = shapes.text(said, "error_description", 200) or shapes.text(said, "message", 200)
    return name, ": ".join(part for part in (name, more) if part) or f"HTTP {answer.status}"


def _record(answer: Answer) -> Record:
    """Return the object in an answer of status 200."""
    if answer.status != 200:
        raise ConnectorError(
            Code.CONTRACT,
            say("{host} does not answer as a server of Bluesky's kind does.", host=answer.host),
            raw=f"HTTP {answer.status}",
        )
    return shapes.record(answer.json())


def _endpoint(said: Record, name: str) -> str:
    """Return an address a person or a secret is sent to: https, or this machine in development."""
    address = shapes.link(said, name)
    parts = urlsplit(address)
    if parts.scheme != "https" and not http.may_be_local(parts.hostname or ""):
        raise ConnectorError(Code.CONTRACT, say("The server names no address to go to."), raw=name)
    return address


def _origin(address: str) -> str:
    """Return an address that is a server and nothing more, without a slash at its end."""
    parts = urlsplit(address)
    bare = not (parts.query or parts.fragment or parts.username or parts.path.strip("/"))
    if not address or not bare or len(address) > _LONGEST_SERVER:
        raise ConnectorError(
            Code.CONTRACT, say("The account's server is given in no form we know.")
        )
    return f"{parts.scheme}://{parts.netloc}"


def _lists(said: Record, name: str, wanted: str) -> bool:
    values = said.get(name)
    return isinstance(values, Iterable) and not isinstance(values, str) and wanted in values


def _did(value: Any) -> str:
    return value if isinstance(value, str) and _DID.fullmatch(value) else ""
