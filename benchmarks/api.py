"""Measure the API by token, as programs ask it.

    python -m benchmarks.api [--requests 4000] [--clients 8]

Makes a person with two years of scores in a temporary SQLite database, and prints for each address
the requests a second and the time of answers on loopback, by the server that `manage.py serve`
starts; the clients take their share of the same cores. Goal: 700 a second for /me/score.
"""

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median, quantiles

ADDRESSES = (
    "/me/score",
    "/me/history?limit=30",
    "/me/why",
    "/me/topics",
    "/people/nora/score",
)
WARM = 20  # requests of each client before those that count


def main(requests: int, clients: int) -> None:
    """Build the person, ask every address, print the table."""
    from django.core.management import call_command

    from benchmarks.pages import served

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    secret = build()
    with served() as port:
        rows = [(path, *under_load(port, path, secret, requests, clients)) for path in ADDRESSES]
    print(f"{clients} clients, {requests:,} requests each address\n")
    print(f"{'address':24} {'a second':>8} {'p50 ms':>7} {'p95 ms':>7}")
    for path, rate, p50, p95 in rows:
        print(f"{path:24} {rate:8.0f} {p50:7.1f} {p95:7.1f}")


def build() -> str:
    """Store the person; return a token of theirs."""
    from django.utils import timezone

    from accounts import handles, tokens
    from accounts.models import Audience, Profile
    from tests.scoring import builders

    now = timezone.now()
    nora = builders.person()
    builders.history(nora, [40.0 + day % 20 for day in range(730)], until=now.date())
    handles.take(nora, "nora", now=now)
    Profile.objects.create(user=nora, page=Audience.EVERYONE, score=Audience.EVERYONE)
    scopes = [scope for scope in tokens.SCOPES if scope != tokens.KLOUT]
    _row, secret = tokens.make(nora, name="Load", scopes=scopes, days=7, now=now)
    return secret


def under_load(
    port: int, path: str, secret: str, requests: int, clients: int
) -> tuple[float, float, float]:
    """Return answers a second, and p50 and p95 in ms, of clients that ask without a pause."""
    took: list[float] = []
    each = requests // clients

    def ask(count: int, kept: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(count):
            start = time.perf_counter()
            headers = {"Authorization": f"Bearer {secret}"}
            connection.request("GET", f"/api/v1{path}", headers=headers)
            response = connection.getresponse()
            response.read()
            kept.append(1000 * (time.perf_counter() - start))
            if response.status != 200:
                raise SystemExit(f"{path} answered {response.status}")
        connection.close()

    seconds = 0.0
    for kept in ([], took):
        count = each if kept is took else WARM
        threads = [threading.Thread(target=ask, args=(count, kept)) for _ in range(clients)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
    if len(took) != each * clients:
        raise SystemExit(f"{path}: {each * clients - len(took)} answers are missing")
    return len(took) / seconds, median(took), quantiles(took, n=20)[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KLOUTSITE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "kloutsite.settings"
        os.environ["API_PER_MINUTE"] = "10000000"
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

        import django

        django.setup()
        main(chosen.requests, chosen.clients)
