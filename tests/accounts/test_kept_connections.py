"""Calls to one server over one connection: each guarded, and none stuck with a dead one."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.connectors import http as client
from accounts.connectors import wire
from accounts.connectors.base import Code, ConnectorError
from tests.fault_server import FaultServer, reply

pytestmark = pytest.mark.usefixtures("insecure")


class Server(http.server.ThreadingHTTPServer):
    """Keeps connections open, counts them, and does as a path says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.opened = 0
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        self.opened += 1
        return super().get_request()

    def handle_error(self, *_about: Any) -> None:
        """Say nothing about clients that hang up."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with JSON."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        first = not any(path == self.path for path in self.server.asked)
        self.server.asked.append(self.path)
        if self.path == "/hang-up-once" and first:
            self.close_connection = True
            return
        body = b" " * 1_500_000 + b"[]" if self.path == "/large" else b"[]"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        # Hangs up without having said so.
        self.close_connection = self.path == "/then-gone"

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that keeps connections open."""
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


def test_many_calls_to_one_server_go_over_one_connection(server: Server) -> None:
    with wire.kept_open():
        statuses = [client.fetch("GET", server.url(f"/{n}")).status for n in range(5)]

    assert statuses == [200] * 5
    assert server.opened == 1


def test_without_it_every_call_has_its_own(server: Server) -> None:
    for n in range(3):
        client.fetch("GET", server.url(f"/{n}"))

    assert server.opened == 3


def test_one_inside_another_is_one(server: Server) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/1"))
        with wire.kept_open():
            client.fetch("GET", server.url("/2"))
        client.fetch("GET", server.url("/3"))

    assert server.opened == 1


def test_another_server_gets_a_connection_of_its_own(server: Server) -> None:
    other = Server()
    try:
        with wire.kept_open():
            for each in (server, other, server):
                client.fetch("GET", each.url("/"))
    finally:
        other.shutdown()
        other.server_close()

    assert (server.opened, other.opened) == (2, 1)


def test_a_name_that_points_elsewhere_by_then_is_not_followed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/1"))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: pytest.fail("asked"))
        answer = client.fetch("GET", server.url("/2"))

    assert answer.status == 200
    assert server.opened == 1


def test_every_call_has_a_cap_of_its_own(server: Server) -> None:
    with wire.kept_open():
        sizes = [len(client.fetch("GET", server.url("/large")).body) for _ in range(3)]

    assert sizes == [1_500_002] * 3
    assert server.opened == 1


def test_every_call_has_a_deadline_of_its_own(server: Server) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/1"), deadline=60)
        with pytest.raises(ConnectorError, match="within 0 seconds"):
            client.fetch("GET", server.url("/2"), deadline=0)
        answer = client.fetch("GET", server.url("/3"), deadline=60)

    assert answer.status == 200


def test_a_server_that_hung_up_meanwhile_is_asked_over_a_new_connection(server: Server) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/then-gone"))
        answer = client.fetch("GET", server.url("/2"))

    assert answer.status == 200
    assert server.opened == 2


def test_a_server_that_hangs_up_instead_of_answering_is_asked_once_more(server: Server) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/1"))
        answer = client.fetch("GET", server.url("/hang-up-once"))

    assert answer.status == 200
    assert server.asked == ["/1", "/hang-up-once", "/hang-up-once"]


def test_a_post_is_never_sent_twice(server: Server) -> None:
    with wire.kept_open():
        client.fetch("GET", server.url("/1"))
        with pytest.raises(ConnectorError) as refused:
            client.fetch("POST", server.url("/hang-up-once"), form={})

    assert refused.value.code == Code.TRANSIENT
    assert server.asked.count("/hang-up-once") == 1


def test_a_server_that_hangs_up_on_a_new_connection_is_not_asked_again(server: Server) -> None:
    with wire.kept_open(), pytest.raises(ConnectorError):
        client.fetch("GET", server.url("/hang-up-once"))

    assert server.asked == ["/hang-up-once"]


def test_after_an_answer_that_was_refused_a_new_connection_is_made() -> None:
    server = FaultServer()
    server.routes["/ok"] = lambda _asked: reply([])
    try:
        with wire.kept_open():
            client.fetch("GET", server.url("/ok"))
            with pytest.raises(ConnectorError):
                client.fetch("GET", server.url("/large"))
            answer = client.fetch("GET", server.url("/ok"))
    finally:
        server.stop()

    assert answer.status == 200
