"""The only module that talks to the network: one guarded request at a time.

An address may come from a visitor and an answer from a server that means harm. So: https on port
443, a public name resolved once, every address it resolves to judged, exactly such an address
connected, no redirect followed, one deadline for the whole call, caps on what is read, and every
failure a ConnectorError. Tokens travel in the Authorization header and nowhere else.
"""
# ruff: noqa: ARG002 (the library hands its streams hosts and time-outs; ours obey the guard instead)

import base64
import contextlib
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from json import dumps
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore
from django.conf import settings

from accounts.connectors.addresses import Address, BadHost, host_name, is_public
from accounts.connectors.answers import Answer, judged
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.deadlines import at_most

DEADLINE = 10.0  # seconds for a whole call, name lookup included
WIRE_CAP = 2 * 1024 * 1024  # bytes read from the connection
DECODED_CAP = 8 * 1024 * 1024  # bytes after decompression
_TRIES = 4  # addresses of one name that are tried

_PLAIN = re.compile(r"[\x21-\x7e]{1,8000}")
_HEADER = re.compile(r"[\x20-\x7e]{1,12000}")
_KIND_OF_FORM = "application/x-www-form-urlencoded"
_KIND_OF_JSON = "application/json"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
# Lookups that hang outlive their call; this many may, then calls fail fast instead of piling up.
_LOOKUPS = threading.BoundedSemaphore(16)


class Refused(ConnectorError):
    """The guard did not open a connection: the address is not one of the public internet."""


class Redirected(ConnectorError):
    """The server pointed elsewhere, which is not followed. `to` is that host, or "" ."""

    def __init__(self, host: str, to: str) -> None:
        super().__init__(
            Code.TRANSIENT, f"{host} sends visitors on to {to or 'another address'}.", raw=to
        )
        self.to = to


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a request goes; `local` is a fake network on this machine, in development only."""

    url: str
    host: str
    port: int
    local: bool


class _Clock:
    """The deadline of one call."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left. Raises TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


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
    clock = _Clock(deadline)
    sent, body = _headers(token, headers), _body(form, json)
    if body is not None:
        sent["Content-Type"] = _KIND_OF_JSON if form is None else _KIND_OF_FORM
    with _in_words(target, deadline):
        answer = _exchange(target, method, sent, body, clock)
    if 300 <= answer.status < 400:
        raise Redirected(answer.host, _host_of(answer.headers.get("location", "")))
    return judged(answer, now) if judge else answer


@contextlib.contextmanager
def _in_words(target: _Target, deadline: float) -> Iterator[None]:
    """Turn what can go wrong on the way into ConnectorErrors."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise _trouble(target, f"did not answer within {deadline:g} seconds.") from error
    except ssl.SSLError as error:
        words = getattr(error, "verify_message", "") or error.reason or ""
        raise _trouble(target, "could not show a valid certificate.", raw=words) from error
    except OSError as error:
        raise _trouble(target, "cannot be reached.", raw=error.strerror or "") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _trouble(target, "broke off its answer.", raw=str(error)) from error


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header that names a client and its secret, both form-encoded first.

    Source: RFC 7617; RFC 6749, 2.3.1.
    """
    pair = f"{quote(user, safe='')}:{quote(password, safe='')}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def may_be_local(host: str) -> bool:
    """Tell whether `host` (no port) is this machine and development allows to open it."""
    return bool(settings.ALLOW_INSECURE_HOSTS) and host in _LOOPBACK_NAMES


def _target(url: str) -> _Target:
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
            Code.CONTRACT, "This address cannot be opened from here.", raw=str(error)
        ) from error
    port = port or (443 if parts.scheme == "https" else 80)
    query = f"?{parts.query}" if parts.query else ""
    shown = f"[{host}]" if ":" in host else host
    return _Target(f"{parts.scheme}://{shown}:{port}{parts.path or '/'}{query}", host, port, local)


def _headers(token: str, more: Mapping[str, str] | None) -> dict[bytes | str, bytes | str]:
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": f"Kloutsite (+{settings.SITE_URL})",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    for name, value in (more or {}).items():
        if not _HEADER.fullmatch(value):
            raise ConnectorError(Code.CONTRACT, f"A value for {name} is not one that can be sent.")
        headers[name] = value
    if token:
        # Checked here, for the error of the HTTP library would quote the token.
        if not _PLAIN.fullmatch(token):
            raise ConnectorError(Code.CONTRACT, "The stored key is not one that can be sent.")
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _body(form: Mapping[str, str] | None, values: object) -> bytes | None:
    if form is not None:
        return urlencode(form).encode()
    return None if values is None else dumps(values).encode()


def _exchange(
    target: _Target,
    method: str,
    headers: Mapping[bytes | str, bytes | str],
    body: bytes | None,
    clock: _Clock,
) -> Answer:
    """Resolve, connect, send, and read the whole answer within the caps."""
    backend = _Backend(target, _addresses(target, clock), clock)
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
        pool.stream(method, target.url, headers=headers, content=body) as response,
    ):
        received: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            received[name] = f"{received[name]}, {value}" if name in received else value
        encoding = received.get("content-encoding", "").strip().lower()
        content = _decoded(target, response.iter_stream(), encoding)
        return Answer(target.host, response.status, received, content)


@cache
def _tls() -> ssl.SSLContext:
    context = httpcore.default_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _addresses(target: _Target, clock: _Clock) -> list[Address]:
    """Return the addresses of the name. Raises Refused when any of them is not public."""
    found = list(dict.fromkeys(_looked_up(target, clock)))
    for address in found:
        if not (is_public(address) or (target.local and address.is_loopback)):
            raise Refused(
                Code.TRANSIENT,
                f"{target.host} points at an address that is not on the public internet.",
            )
    return found[:_TRIES]


def _looked_up(target: _Target, clock: _Clock) -> list[Address]:
    """Resolve the name once, in a thread: the system's lookup knows no deadline."""
    if not _LOOKUPS.acquire(timeout=clock.left()):
        raise TimeoutError
    answer: Future[list[Any]] = Future()

    def look() -> None:
        try:
            answer.set_result(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except BaseException as error:  # noqa: BLE001 (raised again in the calling thread)
            answer.set_exception(error)
        finally:
            _LOOKUPS.release()

    threading.Thread(target=look, name="lookup", daemon=True).start()
    try:
        return [ipaddress.ip_address(entry[4][0]) for entry in answer.result(clock.left())]
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise _trouble(target, "could not be looked up just now.") from error
        raise _trouble(target, "is not a name of any server.") from error
    except UnicodeError as error:
        raise _trouble(target, "is not a name of any server.") from error


class _Backend(httpcore.NetworkBackend):
    """Connects to the judged addresses, whatever name the HTTP library hands over."""

    def __init__(self, target: _Target, addresses: list[Address], clock: _Clock) -> None:
        self._target, self._addresses, self._clock = target, addresses, clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "_Stream":
        """Return a stream to the first judged address that takes the connection."""
        failure: OSError = TimeoutError()
        for tried, address in enumerate(self._addresses):
            share = self._clock.left() / (len(self._addresses) - tried)
            try:
                return _Stream(_connected(address, self._target.port, share), self._clock)
            except OSError as error:
                failure = error
        raise failure


def _connected(address: Address, port: int, timeout: float) -> socket.socket:
    """Return a socket connected to exactly `address`."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect((str(address), port))
        peer = ipaddress.ip_address(connection.getpeername()[0])
    except BaseException:
        connection.close()
        raise
    if peer != address:
        connection.close()
        raise OSError("connected elsewhere")
    return connection


class _Stream(httpcore.NetworkStream):
    """A socket that reads and writes within one deadline and one cap on bytes.

    The library's own limits start anew with every read, so that a server sending one byte a second
    would hold a worker for hours.
    """

    def __init__(self, connection: socket.socket, clock: _Clock) -> None:
        self._socket, self._clock, self._taken = connection, clock, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what is there, b"" at the end."""
        self._socket.settimeout(self._clock.left())
        data = self._socket.recv(max_bytes)
        self._taken += len(data)
        if self._taken > WIRE_CAP:
            raise ConnectorError(
                Code.CONTRACT, "The server sent more than we take.", raw="wire cap"
            )
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. A server may answer and hang up before: then the answer is read."""
        try:
            self._socket.settimeout(self._clock.left())
            self._socket.sendall(buffer)
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "_Stream":
        """Shake hands; the certificate must be for `server_hostname`."""
        self._socket.settimeout(self._clock.left())
        self._socket = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        return self

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _decoded(target: _Target, chunks: Iterable[bytes], encoding: str) -> bytes:
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
                Code.CONTRACT, f"{target.host} sent more than we take.", raw="decoded cap"
            )
    if engine and started and not engine.eof:
        raise _trouble(target, "broke off its answer.")
    return bytes(content)


def _host_of(location: str) -> str:
    """Return the public host an address names, or ""."""
    try:
        return host_name(urlsplit(location).hostname or "")
    except ValueError:
        return ""


def _trouble(target: _Target, what: str, *, raw: str = "") -> ConnectorError:
    return ConnectorError(Code.TRANSIENT, f"{target.host} {what}", raw=raw)


def _garbled(target: _Target, raw: str) -> ConnectorError:
    return ConnectorError(
        Code.CONTRACT, f"{target.host} answered in a form we cannot read.", raw=raw
    )
