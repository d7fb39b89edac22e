"""Measure what other sites ask of people's scores, beside a plain view of Django.

    python -m benchmarks.public [--people 20000] [--plusk 100000] [--seconds 5] [--clients 16]
    python -m benchmarks.public --filled FOLDER [--seconds 5] [--clients 16]

Fills a temporary SQLite database, or takes the one that benchmarks.fill left in a folder. Starts
the site's server with two workers and asks over loopback from two processes, which share the
machine with it. Prints answers a second, the time of an answer, and the CPU that the server spent
on each. Goals: badge and score at least 5,000 a second on two cores and ten times the plain view;
the profile at most 6 ms of CPU, and 95 of 100 answers to 8 clients within 150 ms; 700 scores a
second by token (benchmarks.api asks more of the API).
"""

import argparse
import multiprocessing
import os
import random
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import NoReturn

import psutil

PLAIN = "/benchmark/plain/"  # benchmarks._plain_urls


def main(people: int, plusk: int, seconds: float, clients: int) -> None:
    """Fill if there is nobody, serve, measure, print."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from accounts import tokens
    from accounts.models import User
    from benchmarks.fill import fill
    from benchmarks.pages import served, signed_in

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if User.objects.exists():
        people = User.objects.count()
    else:
        for table, rows, took in fill(people, plusk):
            print(f"{table:28} {rows:12,} rows {took:8.1f} s", flush=True)
    viewer = User.objects.get(username="person1")
    cookie = f"Cookie: sessionid={signed_in(viewer)}"
    plain = f"Cookie: sessionid={signed_in(viewer, settings.PLAIN)}"
    now = timezone.now()
    tokens.living(viewer, now=now).delete()  # of another run, in a folder that is kept
    _row, secret = tokens.make(viewer, name="Load", scopes=["score:read"], days=7, now=now)
    token = f"Authorization: Bearer {secret}"
    cases: list[tuple[str, Callable[[int], str], str, str, int]] = [
        ("badge.svg", lambda at: f"/@person{at}/badge.svg", "", "", clients),
        ("badge.svg, not changed", lambda at: f"/@person{at}/badge.svg", "", "etag", clients),
        ("score.json", lambda at: f"/@person{at}/score.json", "", "", clients),
        (
            "chart.svg",
            lambda at: f"/@person{at // 10 * 10 or 10}/chart.svg",
            "",
            "",
            clients,
        ),
        ("nobody's badge", lambda at: f"/@nobody{at}/badge.svg", "", "", clients),
        ("plain view of Django", lambda _at: PLAIN, plain, "", clients),
        ("API by token, /me/score", lambda _at: "/api/v1/me/score", token, "", 8),
        ("profile, a stranger", lambda at: f"/@person{at}", "", "", 8),
        ("profile, a member", lambda at: f"/@person{at}", cookie, "", 8),
    ]
    print(
        f"\n{'asked':26} {'clients':>7} {'a second':>9} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7}"
    )
    with served() as port:
        for name, path, sent, etag, many in cases:
            rate, p50, p95, cpu = measure(port, path, sent, etag, people, seconds, many)
            print(f"{name:26} {many:7} {rate:9,.0f} {p50:7.2f} {p95:7.2f} {cpu:7.3f}", flush=True)


def measure(
    port: int,
    path: Callable[[int], str],
    header: str,
    etag: str,
    people: int,
    seconds: float,
    clients: int,
) -> tuple[float, float, float, float]:
    """Return answers a second, p50 and p95 in ms, and ms of the server's CPU an answer."""
    requests = _requests(port, path, header, etag, people)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        asked = [
            (port, half, seconds / 4, clients // 2) for half in (requests[::2], requests[1::2])
        ]
        pool.starmap(ask, asked)  # warms workers and connections
        before, start = _cpu(), time.perf_counter()
        halves = pool.starmap(ask, [(port, half, seconds, many) for port, half, _s, many in asked])
        wall, spent = time.perf_counter() - start, _cpu() - before
    took = [each for half in halves for each in half]
    return len(took) / wall, median(took), quantiles(took, n=20)[-1], 1000 * spent / len(took)


def _requests(
    port: int, path: Callable[[int], str], header: str, etag: str, people: int
) -> list[bytes]:
    dice = random.Random(7)
    asked = []
    for _ in range(2_000):
        lines = [f"GET {path(dice.randint(1, people))} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [header] * bool(header)
        request = "\r\n".join([*lines, "", ""]).encode()
        if etag:
            head = _head(port, request)
            value = next(
                line.split(b": ", 1)[1]
                for line in head.split(b"\r\n")
                if line.lower()[:5] == b"etag:"
            )
            request = request[:-2] + b"If-None-Match: " + value + b"\r\n\r\n"
        asked.append(request)
    return asked


def _head(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request)
        come = b""
        while (end := come.find(b"\r\n\r\n")) < 0:
            come += _more(line)
    return come[:end]


def ask(port: int, requests: list[bytes], seconds: float, clients: int) -> list[float]:
    """Ask over so many kept connections until the time is over; return ms an answer.

    One thread for all of them, since what asks takes its share of the same cores.
    """
    took: list[float] = []
    with selectors.DefaultSelector() as lines:
        asking = [_Asking(port, requests, first, clients) for first in range(clients)]
        for one in asking:
            lines.register(one.line, selectors.EVENT_READ, one)
            one.ask()
        end, waiting = time.perf_counter() + seconds, len(asking)
        while waiting:
            for key, _events in lines.select(timeout=30) or _nobody_answers():
                one = key.data
                if not one.answered():
                    continue
                now = time.perf_counter()
                took.append(1000 * (now - one.since))
                if now < end:
                    one.ask()
                else:
                    lines.unregister(one.line)
                    one.line.close()
                    waiting -= 1
    return took


class _Asking:
    """A client with a connection of its own, which waits for each answer before it asks again."""

    def __init__(self, port: int, requests: list[bytes], first: int, step: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests, self._at, self._step = requests, first, step
        self._come, self._needed, self.since = b"", -1, 0.0

    def ask(self) -> None:
        self._come, self._needed, self.since = b"", -1, time.perf_counter()
        self.line.sendall(self._requests[self._at % len(self._requests)])
        self._at += self._step

    def answered(self) -> bool:
        """Read what has come; tell whether the answer is whole."""
        self._come += _more(self.line)
        if self._needed < 0 and (end := self._come.find(b"\r\n\r\n")) >= 0:
            head = self._come[:end]
            if head[9:12] not in {b"200", b"304"}:
                raise SystemExit(head.decode("latin-1"))
            self._needed = end + 4 + _length(head)
        return 0 <= self._needed <= len(self._come)


def _nobody_answers() -> NoReturn:
    raise SystemExit("The server did not answer within 30 seconds.")


def _length(head: bytes) -> int:
    low = head.lower()
    at = low.find(b"content-length:")
    return int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _more(line: socket.socket) -> bytes:
    more = line.recv(262_144)
    if not more:
        raise SystemExit("The server closed a connection.")
    return more


def _cpu() -> float:
    """Return the CPU seconds that the server and its workers have spent."""
    mine = psutil.Process()
    spent = 0.0
    for child in mine.children(recursive=True):
        if "granian" in " ".join(child.cmdline()):
            times = child.cpu_times()
            spent += times.user + times.system
    return spent


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--plusk", type=int, default=100_000)
    parser.add_argument("--filled", metavar="FOLDER", help="what benchmarks.fill has filled")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KLOUTSITE_DATA"] = chosen.filled or folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks._plain_settings"
        os.environ["PUBLIC_PER_MINUTE"] = os.environ["API_PER_MINUTE"] = "10000000"
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

        import django

        django.setup()
        main(chosen.people, chosen.plusk, chosen.seconds, chosen.clients)
