"""Measure what a crowd waits for when a perk has fewer units than people who press.

    python -m benchmarks.perks [--people 500] [--units 10] [--connections 50] [--runs 5]

Everybody is signed in and presses "Claim" at once, over so many connections to the site's server
with its two processes, on SQLite and on a PostgreSQL of its own (tests.postgres); the crowd takes
its share of the same cores. When all are answered, who holds a unit claims it, and the others, who
are on the waiting list, read so. Exits with 1 unless exactly the units were claimed. Goals: 99 of
100 presses and claims answered within 500 ms on PostgreSQL, and within 3 s on SQLite.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from statistics import median, quantiles

GOALS = {"postgresql": 500.0, "sqlite": 3_000.0}  # ms


def main(people: int, units: int, connections: int, runs: int) -> None:
    """Let the crowd press so many times at new campaigns, on the database of this process."""
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.pages import served, signed_in
    from tests.perks import crowd
    from tests.perks.scenes import claimant, running

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    sessions = [signed_in(claimant(f"person{number}")) for number in range(people)]
    took: dict[str, list[float]] = {}
    looking = list[crowd.Person]()
    with served() as port:
        for _run in range(runs):
            slug = running(units).slug
            looking = looking or crowd.opened(port, slug, sessions, connections=connections)
            went = crowd.press(port, slug, looking, connections=connections)
            if went.outcomes != Counter(claimed=units, gone=people - units):
                raise SystemExit(f"{connection.vendor}: {went.outcomes}")
            for kind, seconds in went.took.items():
                took.setdefault(kind, []).extend(1000 * one for one in seconds)
    for kind, each in took.items():
        goal = f"{GOALS[connection.vendor]:8,.0f}" if kind != "page" else ""
        late = quantiles(each, n=100, method="inclusive")[-1]
        print(
            f"{connection.vendor:12} {kind:8} {len(each):7,} {median(each):8,.0f} {late:8,.0f} "
            f"{max(each):8,.0f} {goal}",
            flush=True,
        )


def on_both(arguments: list[str]) -> Iterator[int]:
    """Measure on each engine in a process of its own; yield how each ended."""
    from tests import postgres

    again = [sys.executable, "-m", "benchmarks.perks", "--here", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"KLOUTSITE_DATA": folder}
        env.pop("DATABASE_URL", None)
        yield subprocess.run(again, env=env, check=False).returncode
    key = secrets.token_urlsafe(48)  # a database that machines may share makes up no keys
    keys = {"SECRET_KEY": key, "ACTOR_KEY": key, "TOKEN_KEYS": f"benchmark:{key}"}
    with tempfile.TemporaryDirectory() as folder, postgres.running() as (url, _about):
        env = os.environ | keys | {"KLOUTSITE_DATA": folder, "DATABASE_URL": url}
        yield subprocess.run(again, env=env, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--units", type=int, default=10)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--here", action="store_true", help="on DATABASE_URL, an empty one, alone")
    chosen = parser.parse_args()
    if chosen.here:
        os.environ["DJANGO_SETTINGS_MODULE"] = "kloutsite.settings"

        import django

        django.setup()
        main(chosen.people, chosen.units, chosen.connections, chosen.runs)
    else:
        print(
            f"{'engine':12} {'request':8} {'number':>7} {'p50 ms':>8} {'p99 ms':>8} "
            f"{'max ms':>8} {'goal ms':>8}",
            flush=True,
        )
        sys.exit(max(on_both(sys.argv[1:])))
