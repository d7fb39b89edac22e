"""Fill an empty database with people who show a score, and with +K among them.

    KLOUTSITE_DATA=/some/empty/folder python -m benchmarks.fill [--people 100000] [--plusk 10000000]

Everybody gets a handle, an open page and a score of today; every tenth has 90 days of scores. +K go
from random people to some more than to others, at most ten a day and giver, as the rules want it.
Writes plain rows, since objects would take an hour. Prints rows and seconds a table.
"""

import argparse
import itertools
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

A_DAY, TOPICS = 10, 40
LINES = 50_000  # a batch
Row = tuple[Any, ...]


def main(people: int, plusk: int) -> None:
    """Fill the database of the settings and print what that took."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(f"{'table':28} {'rows':>12} {'seconds':>8}")
    for table, rows, seconds in fill(people, plusk):
        print(f"{table:28} {rows:12,} {seconds:8.1f}", flush=True)


def fill(people: int, plusk: int) -> Iterator[tuple[str, int, float]]:
    """Fill every table in turn; yield its name, its rows and the seconds it took."""
    from accounts.models import Handle, Profile, User
    from scoring.models import PlusK, PlusKMember, PlusKTotal, ScoreSnapshot

    now = datetime.now(UTC).replace(microsecond=0)
    dice = np.random.default_rng(20261122)
    members = [uuid.UUID(int=number + 1) for number in range(people)]
    topics = _topics()
    tables: list[tuple[type[Any], Iterable[dict[str, Any]]]] = [
        (User, _users(people, now)),
        (Handle, _handles(people, now)),
        (Profile, _profiles(people)),
        (ScoreSnapshot, _snapshots(people, now, dice)),
        (PlusKMember, _members(members)),
        (PlusK, _plusk(plusk, members, topics, now, dice)),
        (PlusKTotal, _totals(members, topics, dice)),
    ]
    for model, rows in tables:
        start = time.perf_counter()
        count = _write(model, iter(rows))
        yield model._meta.db_table, count, time.perf_counter() - start


def _topics() -> list[str]:
    from scoring.engine.topics.taxonomy import taxonomy

    return sorted(taxonomy().topics)[:TOPICS]


def _users(people: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, people + 1):
        yield {
            "id": number,
            "username": f"person{number}",
            "display_name": f"Person {number}",
            "password": "!",
            "date_joined": now,
        }


def _handles(people: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, people + 1):
        name = f"person{number}"
        yield {"name": name, "looks": name, "user_id": number, "taken_at": now}


def _profiles(people: int) -> Iterator[dict[str, Any]]:
    for number in range(1, people + 1):
        opened = dict.fromkeys(("page", "score", "history", "topics", "plusk"), "everyone")
        yield {"user_id": number, "key": uuid.UUID(int=number), **opened}


def _snapshots(people: int, now: datetime, dice: np.random.Generator) -> Iterator[dict[str, Any]]:
    from scoring.engine import ALGORITHM

    scores = np.clip(dice.gamma(4, 8, people), 1, 100)
    number = itertools.count(1)
    for person in range(1, people + 1):
        score = float(scores[person - 1])
        for ago in range(90 if person % 10 == 0 else 1):
            yield {
                "id": next(number),
                "user_id": person,
                "day": (now - timedelta(days=ago)).date(),
                "model": ALGORITHM,
                "as_of": now - timedelta(days=ago),
                "score": score,
                "low": max(1.0, score - 2),
                "high": min(100.0, score + 2),
                **dict.fromkeys(("reach", "amplification", "network"), 10.0),
                **dict.fromkeys(("reach_score", "amplification_score", "network_score"), score),
                "posts": 10,
                "people": 50,
                "sources_read": 1,
                "sources": 1,
            }


def _members(members: list[uuid.UUID]) -> Iterator[dict[str, Any]]:
    for number, member in enumerate(members, start=1):
        yield {"id": member, "user_id": number, "trust": 0.5}


def _plusk(
    rows: int,
    members: list[uuid.UUID],
    topics: list[str],
    now: datetime,
    dice: np.random.Generator,
) -> Iterator[dict[str, Any]]:
    """Yield +K giver by giver, day by day: nobody gives more than ten a day, or to themselves."""
    people = len(members)
    count = 0
    for round_ in itertools.count():
        at = now - timedelta(days=1 + round_)
        for giver in range(people):
            others = (giver + 1 + (people - 1) * dice.power(0.5, A_DAY)).astype(int) % people
            for slot, receiver in enumerate(others, start=1):
                if receiver == giver:
                    continue
                if count == rows:
                    return
                count += 1
                yield {
                    "id": count,
                    "giver_id": members[giver],
                    "receiver_id": members[receiver],
                    "topic": topics[(giver + slot) % len(topics)],
                    "offered": False,
                    "day": at.date(),
                    "slot": slot,
                    "at": at,
                }


def _totals(
    members: list[uuid.UUID], topics: list[str], dice: np.random.Generator
) -> Iterator[dict[str, Any]]:
    number = itertools.count(1)
    for at, member in enumerate(members):
        counted = int(dice.integers(1, 30))
        yield {
            "id": next(number),
            "receiver_id": member,
            "topic": topics[at % len(topics)],
            "counted": counted,
            "weighed": float(counted),
        }


def _write(model: type[Any], rows: Iterator[dict[str, Any]]) -> int:
    """Write rows as the database takes them fastest; columns that are not named get defaults."""
    from django.db import connection, transaction

    first = next(rows, None)
    if first is None:
        return 0
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields]
    prepared = [_kept(field, connection) for field in fields]

    def values(row: dict[str, Any]) -> Row:
        return tuple(
            prepare(row[field.column] if field.column in row else field.get_default())
            for field, prepare in zip(fields, prepared, strict=True)
        )

    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    count = 0
    every = itertools.chain([first], rows)
    while batch := [values(row) for row in itertools.islice(every, LINES)]:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for line in batch:
                        copy.write_row(line)
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)
        count += len(batch)
    if connection.vendor == "postgresql":
        _catch_up(model)
    return count


def _kept(field: Any, connection: Any) -> Callable[[Any], Any]:
    """Return how a value of a field is written; the same few come again and again."""

    def prepared(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    return prepared if field.get_internal_type() == "JSONField" else lru_cache(200_000)(prepared)


def _catch_up(model: type[Any]) -> None:
    """Let the numbers that a PostgreSQL table gives go on after those that were written."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--plusk", type=int, default=10_000_000)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")
    import django

    django.setup()
    main(chosen.people, chosen.plusk)
