"""Measure the API by token, as programs ask it.

    python -m benchmarks.api [--requests 4000] [--clients 8]

Makes a person with two years of scores in a temporary SQLite database, and prints for each address
the requests a second and the time of answers on loopback, by the server that `manage.py serve`
starts; the clients take their share of the same cores. Goal: 700 a second for /me/score.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ADDRESSES = (
    "/me/score",
    "/me/history?limit=30",
    "/me/why",
    "/me/topics",
    "/people/nora/score",
)


def main(requests: int, clients: int) -> None:
    """Build the person, ask every address, print the table."""
    from django.core.management import call_command

    from benchmarks.pages import served, under_load

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    secret = build()
    with served() as port:
        token = {"Authorization": f"Bearer {secret}"}
        rows = [
            (path, *under_load(port, f"/api/v1{path}", token, requests, clients))
            for path in ADDRESSES
        ]
    print(f"{clients} clients, {requests:,} requests each address\n")
    print(f"{'address':24} {'a second':>8} {'p50 ms':>7} {'p95 ms':>7}")
    for path, p50, p95, rate in rows:
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
