"""Connections that the guard allows: judged addresses, one deadline and one cap on bytes a call.

A connection is made for one call, or inside of `kept_open` for all calls to one server: those that
follow go to the address that was judged for the first, whatever its name points at by then.
"""
# ruff: noqa: ARG002 (the library hands its streams hosts and time-outs; ours obey the guard instead)

import ipaddress
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore

from accounts.connectors.addresses import Address, is_public
from accounts.connectors.base import Code, ConnectorError
from accounts.speech import say

WIRE_CAP = 2 * 1024 * 1024  # bytes read from the connection, for one call
_TRIES = 4  # addresses of one name that are tried
# Lookups that hang outlive their call; this many may, then calls fail fast instead of piling up.
_LOOKUPS = threading.BoundedSemaphore(16)


class Refused(ConnectorError):
    """The guard did not open a connection: the address is not one of the public internet."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; `local` is a fake network on this machine, in development only."""

    url: str
    host: str
    port: int
    local: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """The server: scheme, host, port."""
        return self.url.partition(":")[0], self.host, self.port


class Clock:
    """The deadline of one call."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left. Raises TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Line:
    """A connection to one server that is kept for the next call."""

    def __init__(self) -> None:
        self._held: tuple[Target, Backend, httpcore.ConnectionPool] | None = None

    def holds(self, target: Target) -> bool:
        """Tell whether a call to this server was made on the line."""
        return self._held is not None and self._held[0].origin == target.origin

    def pool(self, target: Target, clock: Clock) -> httpcore.ConnectionPool:
        """Return the pool of one connection to this server, for a call that ends by `clock`."""
        if self._held is None or not self.holds(target):
            self.drop()
            backend = Backend(target, addresses_of(target, clock), clock)
            self._held = (target, backend, _pool(backend))
        _target, backend, pool = self._held
        backend.begin(clock)
        return pool

    def drop(self) -> None:
        """Hang up."""
        held, self._held = self._held, None
        if held is not None:
            held[2].close()


_LINE: ContextVar[_Line | None] = ContextVar("line", default=None)


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep the connection to a server from call to call inside; each has a deadline of its own."""
    if _LINE.get() is not None:
        yield
        return
    line = _Line()
    token = _LINE.set(line)
    try:
        yield
    finally:
        _LINE.reset(token)
        line.drop()


def is_kept() -> bool:
    """Tell whether the next call is to leave its connection open."""
    return _LINE.get() is not None


def was_kept(target: Target) -> bool:
    """Tell whether the next call to this server goes over a connection that served one before."""
    line = _LINE.get()
    return line is not None and line.holds(target)


@contextmanager
def pool_for(target: Target, clock: Clock) -> Iterator[httpcore.ConnectionPool]:
    """Give the pool that the call is made with; whatever goes wrong inside ends the connection."""
    line = _LINE.get() or _Line()
    whole = False
    try:
        yield line.pool(target, clock)
        whole = True
    finally:
        if not whole or _LINE.get() is None:
            line.drop()


def _pool(backend: "Backend") -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=tls(), network_backend=backend, max_connections=1, max_keepalive_connections=1
    )


@cache
def tls() -> ssl.SSLContext:
    """Return how certificates are checked: by the system, TLS 1.2 and later."""
    context = httpcore.default_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def addresses_of(target: Target, clock: Clock) -> list[Address]:
    """Return the addresses of the name. Raises Refused when any of them is not public."""
    found = list(dict.fromkeys(_looked_up(target, clock)))
    for address in found:
        if not (is_public(address) or (target.local and address.is_loopback)):
            raise Refused(
                Code.TRANSIENT,
                say(
                    "{host} points at an address that is not on the public internet.",
                    host=target.host,
                ),
            )
    return found[:_TRIES]


def _looked_up(target: Target, clock: Clock) -> list[Address]:
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
        # A machine whose name service is out of reach may say the same as of a name nobody has.
        late = error.errno == socket.EAI_AGAIN
        if late:
            raise trouble(target, "{host} could not be looked up just now.") from error
        raise trouble(
            target,
            "{host} could not be looked up from here: our name service knows no such server.",
        ) from error
    except UnicodeError as error:
        raise trouble(target, "{host} is no name that can be looked up.") from error


class Backend(httpcore.NetworkBackend):
    """Connects to the judged addresses, whatever name the HTTP library hands over."""

    def __init__(self, target: Target, addresses: list[Address], clock: Clock) -> None:
        self._target, self._addresses, self.clock = target, addresses, clock
        self.taken = 0  # bytes, by the call that runs

    def begin(self, clock: Clock) -> None:
        """Begin a call, with its own deadline and its own cap."""
        self.clock, self.taken = clock, 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "Stream":
        """Return a stream to the first judged address that takes the connection."""
        failure: OSError = TimeoutError()
        for tried, address in enumerate(self._addresses):
            share = self.clock.left() / (len(self._addresses) - tried)
            try:
                return Stream(_connected(address, self._target.port, share), self)
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


class Stream(httpcore.NetworkStream):
    """A socket that reads and writes within one deadline and one cap on bytes.

    The library's own limits start anew with every read, so that a server sending one byte a second
    would hold a worker for hours.
    """

    def __init__(self, connection: socket.socket, backend: Backend) -> None:
        self._socket, self._backend = connection, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what is there, b"" at the end."""
        self._socket.settimeout(self._backend.clock.left())
        data = self._socket.recv(max_bytes)
        self._backend.taken += len(data)
        if self._backend.taken > WIRE_CAP:
            raise ConnectorError(
                Code.CONTRACT, say("The server sent more than we take."), raw="wire cap"
            )
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. A server may answer and hang up before: then the answer is read."""
        try:
            self._socket.settimeout(self._backend.clock.left())
            self._socket.sendall(buffer)
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Stream":
        """Shake hands; the certificate must be for `server_hostname`."""
        self._socket.settimeout(self._backend.clock.left())
        self._socket = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell whether there is something to read: on an idle connection, that the server hung up.

        Nothing else is told.
        """
        if info != "is_readable":
            return None
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            return bool(selector.select(0))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def trouble(target: Target, what: str, *, raw: str = "", **values: str) -> ConnectorError:
    return ConnectorError(Code.TRANSIENT, say(what, host=target.host, **values), raw=raw)
