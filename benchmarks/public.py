"""Measure what other sites ask of people's scores, beside a plain view of Django.

    python -m benchmarks.public [--people 100000] [--plusk 10000000] [--seconds 5] [--clients 16]

Fills a temporary SQLite database (benchmarks.fill; DATABASE_URL names another, an empty one),
starts the site's server with two workers and asks over loopback from two processes, which share the
machine with it. Prints answers a second, the time of an answer, and the CPU that the server spent
on each. Goals: badge and score at least 5,000 a second on two cores and ten times the plain view;
the profile at most 6 ms of CPU, and 95 of 100 answers to 8 clients within 150 ms.
"""

import argparse
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import psutil

PLAIN = "/benchmark/plain/"  # benchmarks._plain_urls


def main(people: int, plusk: int, seconds: float, clients: int) -> None:
    """Fill, serve, measure, print."""
    from django.core.management import call_command

    from accounts.models import User
    from benchmarks.fill import fill
    from benchmarks.pages import served, signed_in

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for table, rows, took in fill(people, plusk):
        print(f"{table:28} {rows:12,} rows {took:8.1f} s", flush=True)
    cookie = f"sessionid={signed_in(User.objects.get(username='person1'))}"
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
        ("plain view of Django", lambda _at: PLAIN, cookie, "", clients),
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
    cookie: str,
    etag: str,
    people: int,
    seconds: float,
    clients: int,
) -> tuple[float, float, float, float]:
    """Return answers a second, p50 and p95 in ms, and ms of the server's CPU an answer."""
    requests = _requests(port, path, cookie, etag, people)
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
    port: int, path: Callable[[int], str], cookie: str, etag: str, people: int
) -> list[bytes]:
    dice = random.Random(7)
    asked = []
    for _ in range(2_000):
        lines = [f"GET {path(dice.randint(1, people))} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"Cookie: {cookie}"] * bool(cookie)
        request = "\r\n".join([*lines, "", ""]).encode()
        if etag:
            head = _one(port, request)
            value = next(
                line.split(b": ", 1)[1]
                for line in head.split(b"\r\n")
                if line.lower()[:5] == b"etag:"
            )
            request = request[:-2] + b"If-None-Match: " + value + b"\r\n\r\n"
        asked.append(request)
    return asked


def _one(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request)
        return _read(line, b"")[0]


def ask(port: int, requests: list[bytes], seconds: float, clients: int) -> list[float]:
    """Ask over so many kept connections until the time is over; return ms an answer."""
    took: list[float] = []

    def client(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            rest, at, end = b"", first, time.perf_counter() + seconds
            while (start := time.perf_counter()) < end:
                line.sendall(requests[at % len(requests)])
                head, rest = _read(line, rest)
                if head[9:12] not in {b"200", b"304"}:
                    raise SystemExit(head.decode("latin-1"))
                took.append(1000 * (time.perf_counter() - start))
                at += clients

    threads = [threading.Thread(target=client, args=(first,)) for first in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def _read(line: socket.socket, rest: bytes) -> tuple[bytes, bytes]:
    """Return the head of the next answer, and what came after its body."""
    while (end := rest.find(b"\r\n\r\n")) < 0:
        rest += _more(line)
    head, rest = rest[:end], rest[end + 4 :]
    low = head.lower()
    at = low.find(b"content-length:")
    length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    while len(rest) < length:
        rest += _more(line)
    return head, rest[length:]


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
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--plusk", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KLOUTSITE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks._plain_settings"
        os.environ["PUBLIC_PER_MINUTE"] = "10000000"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

        import django

        django.setup()
        main(chosen.people, chosen.plusk, chosen.seconds, chosen.clients)
