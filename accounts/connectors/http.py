"""The only module that talks to the network: one guarded request at a time.

An address may come from a visitor and an answer from a server that means harm. So: https on port
443, a public name resolved once, every address it resolves to judged, exactly such an address
connected, no redirect followed, one deadline for the whole call, caps on what is read, and every
failure a ConnectorError. Tokens travel in the Authorization header and nowhere else.
"""

import base64
import contextlib
import re
import ssl
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from json import dumps
from urllib.parse import quote, urlencode, urlsplit

import httpcore
from django.conf import settings

from accounts.connectors import calls, echoes, wire
from accounts.connectors.addresses import BadHost, host_name
from accounts.connectors.answers import Answer, judged
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.deadlines import at_most
from accounts.connectors.wire import Clock, Refused, Target, trouble
from accounts.speech import say

DEADLINE = 10.0  # seconds for a whole call, name lookup included
DECODED_CAP = 8 * 1024 * 1024  # bytes after decompression

_PLAIN = re.compile(r"[\x21-\x7e]{1,8000}")
_HEADER = re.compile(r"[\x20-\x7e]{1,12000}")
_KIND_OF_FORM = "application/x-www-form-urlencoded"
_KIND_OF_JSON = "application/json"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})


class Redirected(ConnectorError):
    """The server pointed elsewhere, which is not followed. `to` is that host, or "" ."""

    def __init__(self, host: str, to: str) -> None:
        super().__init__(
            Code.TRANSIENT, f"{host} sends visitors on to {to or 'another address'}.", raw=to
        )
        self.to = to


def fetch(
    method: str,
    url: str,
    *,
    token: str = "",
    form: Mapping[str, str] | None = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    judge: bool = True,
    deadline: float = DEADLINE,
    now: datetime | None = None,
) -> Answer:
    """Send one request and return its answer, of any status below 500 but 429 and redirects.

    `token` is sent as a bearer token, `form` or `json` as the body, `headers` beside ours (they may
    replace Accept and Authorization); `deadline` is in seconds; without `now` no time to come back
    is worked out of a limit. With `judge=False` answers of every status but redirects are returned:
    for networks that say in the body of a 429 or 5xx what it means (then call
    `answers.judged`). Raises
    Refused and Redirected (see there), and ConnectorError with Code.RATE_LIMITED for 429, with
    Code.TRANSIENT for names, connections, certificates, time and 5xx, and with Code.CONTRACT for
    answers that are too large or garbled.
    """
    target = _target(url)
    deadline = at_most(deadline)
    clock = Clock(deadline)
    sent, body = _headers(token, headers), _body(form, json)
    if body is not None:
        sent["Content-Type"] = _KIND_OF_JSON if form is None else _KIND_OF_FORM
    with _in_words(target, deadline):
        answer = _exchanged(target, method, sent, body, clock)
    answer = _hushed(answer, echoes.secrets_of(url, sent, form, json))
    if 300 <= answer.status < 400:
        raise Redirected(answer.host, _host_of(answer.headers.get("location", "")))
    if answer.status < 500:
        calls.answered()
    return judged(answer, now) if judge else answer


def _hushed(answer: Answer, secrets: frozenset[str]) -> Answer:
    """Return the answer without the keys that it repeats of the request."""
    body = echoes.without(answer.body, secrets, refused=answer.status >= 400)
    return answer if body == answer.body else replace(answer, body=body)


@contextlib.contextmanager
def _in_words(target: Target, deadline: float) -> Iterator[None]:
    """Turn what can go wrong on the way into ConnectorErrors."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise trouble(
            target, "{host} did not answer within {seconds} seconds.", seconds=f"{deadline:g}"
        ) from error
    except ssl.SSLError as error:
        words = getattr(error, "verify_message", "") or error.reason or ""
        raise trouble(target, "{host} could not show a valid certificate.", raw=words) from error
    except OSError as error:
        raise trouble(target, "{host} cannot be reached.", raw=error.strerror or "") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise trouble(target, "{host} broke off its answer.", raw=str(error)) from error


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header that names a client and its secret, both form-encoded first.

    Source: RFC 7617; RFC 6749, 2.3.1.
    """
    pair = f"{quote(user, safe='')}:{quote(password, safe='')}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def may_be_local(host: str) -> bool:
    """Tell whether `host` (no port) is this machine and development allows to open it."""
    return bool(settings.ALLOW_INSECURE_HOSTS) and host in _LOOPBACK_NAMES


def _target(url: str) -> Target:
    """Return where `url` leads. Raises Refused for everything but a public https address."""
    try:
        if not _PLAIN.fullmatch(url) or "\\" in url:
            raise BadHost("it has characters that no address has")
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        local = may_be_local(host)
        if parts.username is not None or parts.password is not None:
            raise BadHost("it carries a name or password")
        if not local:
            host = host_name(host)
            if parts.scheme != "https" or port not in {None, 443}:
                raise BadHost("only https on its usual port is opened")
        elif parts.scheme not in {"http", "https"}:
            raise BadHost("only http and https are opened")
    except ValueError as error:  # BadHost is one, and urlsplit raises plain ones
        raise Refused(
            Code.CONTRACT, say("This address cannot be opened from here."), raw=str(error)
        ) from error
    port = port or (443 if parts.scheme == "https" else 80)
    query = f"?{parts.query}" if parts.query else ""
    shown = f"[{host}]" if ":" in host else host
    return Target(f"{parts.scheme}://{shown}:{port}{parts.path or '/'}{query}", host, port, local)


def _headers(token: str, more: Mapping[str, str] | None) -> dict[bytes | str, bytes | str]:
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": f"Kloutsite (+{settings.SITE_URL})",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "keep-alive" if wire.is_kept() else "close",
    }
    for name, value in (more or {}).items():
        if not _HEADER.fullmatch(value):
            raise ConnectorError(
                Code.CONTRACT, say("A value for {name} is not one that can be sent.", name=name)
            )
        headers[name] = value
    if token:
        # Checked here, for the error of the HTTP library would quote the token.
        if not _PLAIN.fullmatch(token):
            raise ConnectorError(Code.CONTRACT, say("The stored key is not one that can be sent."))
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _body(form: Mapping[str, str] | None, values: object) -> bytes | None:
    if form is not None:
        return urlencode(form).encode()
    return None if values is None else dumps(values).encode()


def _exchanged(
    target: Target,
    method: str,
    headers: Mapping[bytes | str, bytes | str],
    body: bytes | None,
    clock: Clock,
) -> Answer:
    """Do `_exchange`; once more, on a new connection, where the server hung up on a kept one.

    Servers do that when they like. Only a GET may be sent twice.
    """
    kept = method == "GET" and wire.was_kept(target)
    try:
        return _exchange(target, method, headers, body, clock)
    except (OSError, httpcore.NetworkError, httpcore.ProtocolError):
        if not kept:
            raise
    return _exchange(target, method, headers, body, clock)


def _exchange(
    target: Target,
    method: str,
    headers: Mapping[bytes | str, bytes | str],
    body: bytes | None,
    clock: Clock,
) -> Answer:
    """Resolve, connect, send, and read the whole answer within the caps."""
    calls.about_to_ask()
    with (
        wire.pool_for(target, clock) as pool,
        pool.stream(method, target.url, headers=headers, content=body) as response,
    ):
        received: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            received[name] = f"{received[name]}, {value}" if name in received else value
        encoding = received.get("content-encoding", "").strip().lower()
        content = _decoded(target, response.iter_stream(), encoding)
        return Answer(target.host, response.status, received, content)


def _decoded(target: Target, chunks: Iterable[bytes], encoding: str) -> bytes:
    """Return the body, decompressed piece by piece so that a bomb is noticed early."""
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise _garbled(target, f"content encoding {encoding[:40]!r}")
    engine = None if encoding in {"", "identity"} else zlib.decompressobj(zlib.MAX_WBITS | 32)
    content = bytearray()
    started = False
    for chunk in chunks:
        started = True
        try:
            content += engine.decompress(chunk, DECODED_CAP - len(content) + 1) if engine else chunk
        except zlib.error as error:
            raise _garbled(target, "not what its encoding says") from error
        if len(content) > DECODED_CAP:
            raise ConnectorError(
                Code.CONTRACT,
                say("{host} sent more than we take.", host=target.host),
                raw="decoded cap",
            )
    if engine and started and not engine.eof:
        raise trouble(target, "{host} broke off its answer.")
    return bytes(content)


def _host_of(location: str) -> str:
    """Return the public host an address names, or ""."""
    try:
        return host_name(urlsplit(location).hostname or "")
    except ValueError:
        return ""


def _garbled(target: Target, raw: str) -> ConnectorError:
    return ConnectorError(
        Code.CONTRACT, say("{host} answered in a form we cannot read.", host=target.host), raw=raw
    )
