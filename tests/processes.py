"""Processes that tests start, on the database of the test."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from django.conf import settings
from django.db import connection

from kloutsite import doorbell

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def database_url() -> str:
    """Return the address of the test database as DATABASE_URL takes it."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    host, port = chosen["HOST"], chosen["PORT"]
    return f"postgres://{quote(str(chosen['USER']))}@{host}:{port}/{chosen['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """Return the environment of this process, pointed at the test database, with `more`."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def free_port() -> int:
    """Return a port of loopback that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Look some times a second. Fails the test with `what` when it stays false."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


@contextlib.contextmanager
def redis_on_tcp(folder: Path) -> Iterator[str]:
    """Run redis-server, or the Valkey of the wheel, on a port of loopback; yield its address."""
    server = shutil.which("redis-server") or str(doorbell.server_path())
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    process = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    try:
        with contextlib.closing(redis.Redis(port=port)) as client:
            wait_until(lambda: _answers(client), seconds=60, what=f"{server} answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@dataclass
class Site:
    """A running `manage.py serve`."""

    port: int
    process: psutil.Popen
    output: Path

    def words(self) -> str:
        """What it and its parts have said."""
        return self.output.read_text(errors="replace")

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body; status 0 while it does not answer."""
        site = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            site.request("GET", path)
            answer = site.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            site.close()

    def part(self, *words: str) -> psutil.Process | None:
        """Return the direct child whose command line holds all these programs and arguments."""
        for child in self.process.children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                # Whole words: the worker runs --without-heartbeat, and is no beat.
                said = " ".join(child.cmdline()).split()
                if {Path(word).name for word in said}.issuperset(words):
                    return child
        return None

    def everybody(self) -> list[psutil.Process]:
        """Return itself and all it started."""
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def serving(*, start: Sequence[str] = MANAGE, **more: str) -> Iterator[Site]:
    """Run `serve` on a free port, wait until it answers, and end it with all its parts."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="kloutsite-serve-") as output:
        process = psutil.Popen(
            [*start, "serve", "--port", str(port), "--workers", "1"],
            cwd=settings.BASE_DIR,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        site = Site(port, process, Path(output.name))
        try:
            wait_until(lambda: "Kloutsite is at" in site.words(), seconds=120, what="serve answers")
            yield site
        except AssertionError:
            print(site.words())
            raise
        finally:
            end_all(site)


def end_all(site: Site) -> None:
    """Kill what is left of a site, parts and parent, each by its id."""
    if site.process.poll() is None:
        left = site.process.children(recursive=True)
        site.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(psutil.TimeoutExpired):
            site.process.wait(timeout=60)
        for process in [site.process, *left]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        site.process.wait(timeout=60)
