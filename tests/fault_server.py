"""A small HTTP server on loopback that answers wrongly in every way it knows.

Each path of FAULTS is one way to fail, each path of `routes` whatever a test put there; `faults`
puts one of FAULTS, or of tests.spoilt_answers.SPOILS, in the way of a route. Every answer closes
its connection; `connections` counts those that were opened, `requests` keeps what was asked.
"""

import contextlib
import functools
import gzip
import json
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.asked import Asked as Asked
from tests.spoilt_answers import SPOILS

Send = Callable[[bytes], None]


Route = Callable[[Asked], bytes]


def reply(
    body: Any = None,
    *,
    status: int = 200,
    kind: str = "application/json",
    raw: bytes | None = None,
    length: int | None = None,
    **headers: str,
) -> bytes:
    """Return a whole answer; `raw` replaces the JSON of `body`, underscores in names are dashes."""
    content = json.dumps(body).encode() if raw is None else raw
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}"]
    lines += [f"Content-Length: {len(content) if length is None else length}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


@dataclass
class FaultServer:
    """Serves until `stop`; `routes` maps a path to a function that makes the answer."""

    routes: dict[str, Route] = field(default_factory=dict)
    # Path -> path of FAULTS to fail like, or name of SPOILS to spoil its answer by.
    faults: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    connections: int = 0
    requests: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def host(self) -> str:
        """Address and port, as a person would type it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "") -> str:
        """Full address of a path."""
        return f"http://{self.host}{path}"

    def asked(self, path: str) -> list[Asked]:
        """Requests that came for a path."""
        return [request for request in self.requests if request.path == path]

    def stop(self) -> None:
        """End every answer under way and close."""
        self._ended.set()
        self._listener.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError, ValueError), contextlib.closing(connection):
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            asked = _read(connection, self.url())
            self.requests.append(asked)
            named = self.faults.get(asked.path, asked.path)
            if named in FAULTS:
                try:
                    FAULTS[named](connection.sendall, self._ended)
                except _Reset:
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
            elif named in SPOILS and asked.path in self.routes:
                connection.sendall(SPOILS[named](asked, self.routes[asked.path](asked)))
            elif asked.path in self.routes:
                connection.sendall(self.routes[asked.path](asked))
            else:
                connection.sendall(reply({"error": "Record not found"}, status=404))
            connection.close()


def _read(connection: socket.socket, base: str) -> Asked:
    """Read one request; a body has a content length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ValueError("hung up")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    query, form = dict(parse_qsl(parts.query)), dict(parse_qsl(body.decode()))
    return Asked(method, parts.path, query, headers, form, body, parts.query, base + target)


def _always(answer: bytes) -> Callable[[Send, threading.Event], None]:
    return lambda send, ended: send(answer)


def _body(raw: bytes, **headers: str) -> Callable[[Send, threading.Event], None]:
    return _always(reply(raw=raw, **headers))


def _drip(pieces: Iterator[bytes], send: Send, ended: threading.Event, wait: float) -> None:
    """Send piece by piece until the other side hangs up."""
    for piece in pieces:
        if ended.wait(wait):
            return
        send(piece)


def _forever(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def _slow_headers(send: Send, ended: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\n")
    _drip(_forever(b"X-More: 1\r\n"), send, ended, 0.1)


def _slow_body(send: Send, ended: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n[")
    _drip(_forever(b"1,"), send, ended, 0.1)


def _endless_body(send: Send, ended: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    _drip(_forever(b"1," * 32768), send, ended, 0)


def _endless_headers(send: Send, ended: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\n")
    _drip(_forever(b"X-More: " + b"a" * 4000 + b"\r\n"), send, ended, 0)


def _tiny_chunks(send: Send, ended: threading.Event) -> None:
    send(_CHUNKED)
    _drip(_forever(b"1\r\n1\r\n" * 4096), send, ended, 0)


def _silence(send: Send, ended: threading.Event) -> None:
    ended.wait(120)


class _Reset(Exception):
    """The connection is to be torn down and not closed."""


def _reset(send: Send, ended: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n[")
    raise _Reset


@functools.cache
def gzip_bomb(megabytes: int = 300) -> bytes:
    """Return zeros that decompress to that size, a thousandth of it on the wire."""
    squeeze = zlib.compressobj(9, wbits=31)
    block = bytes(1024 * 1024)
    return b"".join([*(squeeze.compress(block) for _ in range(megabytes)), squeeze.flush()])


_PAGE = b'[{"id": "1"}, {"id": "2"}]'
_CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
FAULTS: dict[str, Callable[[Send, threading.Event], None]] = {
    # Time
    "/slow-headers": _slow_headers,
    "/slow-body": _slow_body,
    "/silence": _silence,
    # Size
    "/endless-body": _endless_body,
    "/endless-headers": _endless_headers,
    "/tiny-chunks": _tiny_chunks,
    "/gzip-bomb": lambda send, ended: send(reply(raw=gzip_bomb(), Content_Encoding="gzip")),
    "/large": _body(b'"' + b"a" * 3_000_000 + b'"'),
    "/many-parts": _body(b"[" + b"[]," * 500_000 + b"[]]"),
    # Shape
    "/web-page": _always(reply(raw=b"<h1>Under repair</h1>", kind="text/html; charset=utf-8")),
    "/text": _always(reply(raw=b"[1]", kind="text/plain")),
    "/no-type": _always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    "/malformed": _body(b'{"id": '),
    "/empty": _body(b""),
    "/nan": _body(b'{"count": NaN}'),
    "/infinity": _body(b'{"count": -Infinity}'),
    "/huge-float": _body(b'{"count": 1e999}'),
    "/huge-number": _body(b'{"count": ' + b"9" * 5000 + b"}"),
    "/deep": _body(b"[" * 100_000 + b"]" * 100_000),
    "/not-utf-8": _body(b'{"name": "\xff\xfe"}'),
    "/bad-gzip": _body(b"not gzip at all", Content_Encoding="gzip"),
    "/half-gzip": _body(gzip.compress(_PAGE * 50)[:-20], Content_Encoding="gzip"),
    "/brotli": _body(b"\x0b\x02\x80", Content_Encoding="br"),
    "/twice-encoded": _body(gzip.compress(_PAGE), Content_Encoding="gzip, gzip"),
    # Protocol
    "/reset": _reset,
    "/half-head": _always(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "/bad-chunks": _always(_CHUNKED + b"many\r\n[]\r\n0\r\n\r\n"),
    "/half-chunk": _always(_CHUNKED + b"4000\r\n[{"),
    "/truncated": _always(reply(raw=_PAGE, length=5000)),
    "/no-answer": _always(b""),
    "/not-http": _always(b"220 mail.example ESMTP ready\r\n"),
    "/bad-length": _always(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
    "/two-lengths": _always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]"),
    # Status
    "/500": _always(reply({"error": "boom"}, status=500)),
    "/502": _always(reply(raw=b"<h1>Bad gateway</h1>", kind="text/html", status=502)),
    "/503": _always(reply({}, status=503, Retry_After="120")),
    "/301": _always(reply({}, status=301, Location="https://elsewhere.example/")),
    "/302-inside": _always(reply({}, status=302, Location="http://169.254.169.254/latest/")),
    "/307": _always(reply({}, status=307, Location="/here")),
    "/304": _always(reply({}, status=304)),
    # Limits
    "/429-seconds": _always(reply({}, status=429, Retry_After="90")),
    "/429-date": _always(reply({}, status=429, Retry_After="Sat, 21 Nov 2026 12:10:00 GMT")),
    "/429-iso": _always(reply({}, status=429, X_RateLimit_Reset="2026-11-21T12:05:00.400382Z")),
    "/429-epoch": _always(reply({}, status=429, X_Rate_Limit_Reset="1795263000")),
    "/429-delta": _always(reply({}, status=429, RateLimit_Reset="60")),
    "/429-silent": _always(reply({}, status=429)),
    "/429-nonsense": _always(reply({}, status=429, Retry_After="soon")),
    "/429-year": _always(reply({}, status=429, Retry_After="31536000")),
    "/429-past": _always(reply({}, status=429, Retry_After="-50")),
    "/429-1e400": _always(reply({}, status=429, Retry_After="1e400")),
    # Sound answers with odd content: the reader of the field must cope
    "/nul": _body(b'{"id": "a\\u0000b"}'),
    "/surrogate": _body(b'{"id": "a\\ud800b"}'),
    "/negative": _body(b'{"favourites_count": -7}'),
    "/gzip": _body(gzip.compress(_PAGE), Content_Encoding="gzip"),
    "/deflate": _body(zlib.compress(_PAGE), Content_Encoding="deflate"),
    "/ok": _body(_PAGE),
}
