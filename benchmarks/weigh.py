"""How long a night takes that weighs everybody's +K, and how much memory.

    python -m benchmarks.weigh [rows]   (or `make bench`: a million rows)
    python -m benchmarks.weigh --filled FOLDER

Uses a temporary SQLite database, or the PostgreSQL of DATABASE_URL in a test database of its own;
or takes the SQLite database that benchmarks.fill left in a folder.
"""

import argparse
import contextlib
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

_parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
_parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
_parser.add_argument("--filled", metavar="FOLDER", help="what benchmarks.fill has filled")
CHOSEN = _parser.parse_args()
if CHOSEN.filled:
    os.environ.pop("DATABASE_URL", None)
os.environ["KLOUTSITE_DATA"] = CHOSEN.filled or tempfile.mkdtemp(prefix="kloutsite-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")

import django

django.setup()

import numpy as np
from django.db import transaction
from django.test.utils import setup_databases, teardown_databases

from scoring import plusk
from scoring.models import PlusK, PlusKMember, PlusKTotal, PlusKWeight
from scoring.plusk import ledger

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIRST = date(2020, 1, 1)
A_DAY = 10
BATCH = 20_000


def fill(rows: int) -> None:
    """Make so many +K among a hundredth as many people: few get many, one in five is unknown."""
    dice = np.random.default_rng(1)
    members = [
        PlusKMember(pk=uuid.UUID(bytes=dice.bytes(16)), trust=float(dice.random() < 0.8))
        for _ in range(rows // 100)
    ]
    PlusKMember.objects.bulk_create(members, batch_size=BATCH)
    size = len(members)
    fame, zeal = dice.lognormal(0, 1, size), dice.lognormal(0, 0.7, size)
    givers = np.sort(dice.choice(size, rows, p=zeal / zeal.sum()))
    receivers = dice.choice(size, rows, p=fame / fame.sum())
    receivers = np.where(receivers == givers, (receivers + 1) % size, receivers)
    nth = np.arange(rows) - np.searchsorted(givers, givers)
    for start in range(0, rows, BATCH):
        part = slice(start, start + BATCH)
        with transaction.atomic():
            PlusK.objects.bulk_create(
                PlusK(
                    giver=members[giver], receiver=members[receiver], topic="django",
                    offered=False, day=FIRST + timedelta(days=at // A_DAY),
                    slot=at % A_DAY + 1, at=NOW,
                )
                for giver, receiver, at in zip(
                    givers[part].tolist(), receivers[part].tolist(), nth[part].tolist(), strict=True
                )
            )  # fmt: skip
    got = np.bincount(receivers, minlength=size).tolist()
    PlusKTotal.objects.bulk_create(
        (
            PlusKTotal(receiver=member, topic="django", counted=number, weighed=number)
            for member, number in zip(members, got, strict=True)
        ),
        batch_size=BATCH,
    )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _night() -> str:
    longest, last = 0.0, time.perf_counter()

    def progress() -> None:
        nonlocal longest, last
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()

    start = time.perf_counter()
    plusk.weigh(plusk.EVERYBODY, now=NOW, progress=progress)
    took = time.perf_counter() - start
    return (
        f"{took:8.1f} | {longest:18.1f} | {_megabytes():10.0f} | {PlusKWeight.objects.count():14,}"
    )


@contextlib.contextmanager
def _filled() -> Iterator[None]:
    """Have +K to weigh: those of the folder, or our own for as long as this lasts."""
    if CHOSEN.filled:
        yield
        return
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        fill(CHOSEN.rows)
        yield
    finally:
        teardown_databases(databases, verbosity=0)


def main() -> None:
    """Print the table."""
    with _filled():
        print(f"{ledger.counted().count():,} +K of {PlusKMember.objects.count():,} people")
        print("night   | seconds | longest without report | peak MB | pairs below 1")
        print(f"first   | {_night()}", flush=True)
        print(f"another | {_night()}")


if __name__ == "__main__":
    main()
