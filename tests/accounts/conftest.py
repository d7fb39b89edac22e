"""Fake networks of the accounts tests: real servers on loopback."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.accounts.mastodon_server import MastodonServer
from tests.fault_server import FaultServer

_SERVE = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--demo"]
_SERVE += ["--host", "127.0.0.1", "--log-level", "error"]


@pytest.fixture(scope="session")
def mastodon_process() -> Iterator[int]:
    """A stateful Mastodon server; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [*_SERVE, "--port", str(port)],
        cwd=Path(__file__).parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the Mastodon server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the Mastodon server did not start within a minute")


@pytest.fixture
def mastodon(mastodon_process: int, insecure: None) -> Iterator[MastodonServer]:
    """The server, without faults, and a client that may open it."""
    server = MastodonServer(f"127.0.0.1:{mastodon_process}")
    yield server
    server.heal()


@pytest.fixture
def fault_server(insecure: None) -> Iterator[FaultServer]:
    """A server that answers wrongly, or whatever a test puts on its routes."""
    server = FaultServer()
    yield server
    server.stop()


@pytest.fixture
def insecure(settings: Any) -> None:
    """Let the guarded client open loopback, as development does."""
    settings.ALLOW_INSECURE_HOSTS = True
