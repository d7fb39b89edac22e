"""Measure the engine alone: whole populations, and the ledger of one person.

    python -m benchmarks.engine [--rows 100000,1000000,10000000]

Needs no database. Evidence is made up: four acts by known people to one tally, a hundred rows an
author, a tenth of it too old to count, in no order at all (the hardest case for memory).
"""

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np

from scoring import engine
from scoring.engine import DAY_US, Evidence
from scoring.engine.arrays import ACTS, TALLIES
from scoring.engine.simulate import reaching, simulate
from scoring.engine.supposed import Change

NOW = 20_000 * DAY_US
PARAMS = engine.Params()


def made_up(rows: int, authors: int, *, seed: int = 1) -> Evidence:
    """Return evidence of `rows` rows, four acts to one tally, over 100 days."""
    chance = np.random.default_rng(seed)
    acts, tallies = rows * 4 // 5, rows // 5
    author, t_author = chance.integers(0, authors, acts), chance.integers(0, authors, tallies)
    actor = chance.integers(1, max(2, rows // 20), acts)
    return Evidence(
        author=author,
        source=author + 1,
        post=author * 1_000 + chance.integers(1, 200, acts),
        kind=chance.integers(0, len(engine.KINDS), acts),
        actor=actor,
        at=NOW - chance.integers(0, 100 * 86_400, acts) * 1_000_000,
        credibility=np.where(actor % 3 == 0, np.nan, 0.1 + (actor % 90) / 100),
        influence=np.where(actor % 3 == 0, np.nan, (actor % 70) / 100),
        t_author=t_author,
        t_source=t_author + 1,
        t_post=t_author * 1_000 + chance.integers(1, 200, tallies),
        t_kind=chance.integers(0, 4, tallies),
        t_at=NOW - chance.integers(0, 100 * 86_400, tallies) * 1_000_000,
        t_count=chance.integers(1, 50, tallies).astype(np.float64),
        source_id=np.arange(1, authors + 1),
        source_clock=np.full(authors, NOW),
        source_weight=np.ones(authors),
        authors=authors,
    )


def yesterday(today: Evidence) -> Evidence:
    """Return what was known a day before."""
    acts, tallies = today.at <= NOW - DAY_US, today.t_at <= NOW - DAY_US
    known = {name: getattr(today, name)[acts] for name in ACTS}
    known |= {name: getattr(today, name)[tallies] for name in TALLIES}
    return replace(today, source_clock=today.source_clock - DAY_US, **known)


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the median CPU seconds of `times` runs, which busy neighbours hardly change."""
    work()
    runs = []
    for _ in range(times):
        start = time.process_time()
        work()
        runs.append(time.process_time() - start)
    return median(runs)


def peak_mb() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def population(sizes: list[int]) -> None:
    """Print what evaluating whole populations costs, in one call and in shards of a million."""
    print(f"{'rows':>12} {'calls':>6} {'CPU seconds':>11} {'million rows/s':>15} {'peak MB':>8}")
    for rows in sizes:
        for calls in dict.fromkeys((max(1, rows // 1_000_000), 1)):
            shard = made_up(rows // calls, rows // calls // 100)

            def work(shard: Evidence = shard, calls: int = calls) -> None:
                for _ in range(calls):
                    engine.evaluate(shard, PARAMS, NOW)

            taken = seconds(work, 5 if rows <= 1_000_000 else 2)
            speed = rows / taken / 1e6
            print(f"{rows:>12,} {calls:>6} {taken:>11.3f} {speed:>15.2f} {peak_mb():>8.0f}")


def person(sizes: list[int]) -> None:
    """Print what one person's score, range, ledger and estimates cost, in milliseconds."""
    names = ("rows", "evaluate", "interval", "explain", "made of", "more", "a rest", "reaching")
    print(*(f"{name:>12}" for name in names))
    for rows in sizes:
        today = made_up(rows, 1)
        before = yesterday(today)
        score = float(engine.evaluate(today, PARAMS, NOW).score[0])
        works: tuple[Callable[[], object], ...] = (
            partial(engine.evaluate, today, PARAMS, NOW),
            partial(engine.interval, today, PARAMS, NOW),
            partial(engine.explain, before, NOW - DAY_US, today, NOW, PARAMS),
            partial(engine.made_of, today, NOW, PARAMS),
            partial(simulate, today, Change(replies=9, source=True), PARAMS, NOW),
            partial(simulate, today, Change(rest=3), PARAMS, NOW),
            partial(reaching, today, score + 2, PARAMS, NOW),
        )
        print(f"{rows:>12,}", *(f"{1_000 * seconds(work):>12.2f}" for work in works))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Measure the engine alone.")
    parser.add_argument("--rows", default="100000,1000000,10000000")
    sizes = [int(size) for size in parser.parse_args().rows.split(",")]
    print("One person, milliseconds: score, range, ledger since yesterday, what it is made of,")
    print("what more people and a source would make it, what a rest would, and what would raise it")
    person([3_000, 50_000])
    print("\nPopulation, one core")
    population(sizes)


if __name__ == "__main__":
    main()
