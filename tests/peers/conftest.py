"""Starts the networks' own servers; they end when the tests do."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

ATPROTO = Path(__file__).parent / "atproto"
READY_WITHIN = 180  # seconds; thirty are usual


@pytest.fixture(scope="session")
def atproto(live_server: Any) -> Iterator[dict[str, Any]]:
    """Bluesky's directory, server of accounts and AppView: what network.mjs says of them.

    They fetch what stands at https://klout.peer.net from the live server.
    """
    process = subprocess.Popen(
        ["node", "--no-deprecation", "network.mjs"],
        cwd=ATPROTO,
        env={**os.environ, "SITE_ON_LOOPBACK": live_server.url},
        stdin=subprocess.PIPE,  # closed with us, however we end
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _said(process)
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
        process.stdout.close()


def _said(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Return the object in the one line of the process."""
    lines: Queue[str] = Queue()
    assert process.stdout
    threading.Thread(target=lambda out: lines.put(out.readline()), args=[process.stdout]).start()
    try:
        line = lines.get(timeout=READY_WITHIN)
    except Empty:
        process.kill()
        pytest.fail(f"Bluesky's servers were not ready within {READY_WITHIN} seconds")
    if not line:
        pytest.fail(f"Bluesky's servers ended with {process.wait(30)}; their words stand above")
    found: dict[str, Any] = json.loads(line)
    return found
