"""Fill an empty database with people who show a score, topics and badges, and with +K among them.

    KLOUTSITE_DATA=/some/empty/folder python -m benchmarks.fill [--people 100000] [--plusk 10000000]

Everybody gets a handle, an open page, three topics, two badges and ten days of scores; every tenth
has 90 days. +K go from random people to some more than to others, at most ten a day and giver, each
in a topic of the receiver, as the rules want it; totals are what the ledger says. Prints rows and
seconds a table. A database with people in it is refused.

Writes plain rows, column by column, since objects would take hours; indexes of the largest table
are built when it is full.
"""

import argparse
import itertools
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

A_DAY, TOPICS, EACH = 10, 40, 3
STEP = 11  # from one topic of a person to the next; TOPICS has no part in common with it
LINES = 50_000  # rows a batch
BADGES = (("people", 100), ("plusk-received", 10))
# Column -> its values, one a row; what is no list, tuple or range is the same in every row.
Columns = dict[str, Any]
Made = Iterator[tuple[str, int, float]]


def main(people: int, plusk: int) -> None:
    """Fill the database of the settings and print what that took."""
    from django.core.management import call_command

    from accounts.models import User

    if not {"KLOUTSITE_DATA", "DATABASE_URL"} & os.environ.keys():
        raise SystemExit("Name the empty folder to fill: KLOUTSITE_DATA=/some/empty/folder")
    call_command("migrate", verbosity=0)
    if User.objects.exists():
        raise SystemExit("There are people in this database: name an empty one (KLOUTSITE_DATA).")
    print(f"{'table':28} {'rows':>12} {'seconds':>8}")
    for table, rows, seconds in fill(people, plusk):
        print(f"{table:28} {rows:12,} {seconds:8.1f}", flush=True)


def fill(people: int, plusk: int) -> Made:
    """Fill every table in turn; yield its name, its rows and the seconds it took."""
    from accounts.models import Handle, Profile, User
    from scoring.models import (
        BadgeAward,
        PlusK,
        PlusKMember,
        PlusKTotal,
        ScoreSnapshot,
        TopicHere,
        TopicScore,
    )

    _in_a_hurry()
    now = datetime.now(UTC).replace(microsecond=0)
    dice = np.random.default_rng(20261122)
    members = [uuid.UUID(int=number + 1) for number in range(people)]
    topics = _topics()
    counted = np.zeros((people, EACH), np.int64)  # +K in each topic of everybody
    tables: list[tuple[type[Any], Iterator[Columns]]] = [
        (User, _users(people, now)),
        (Handle, _handles(people, now)),
        (Profile, _profiles(people)),
        (ScoreSnapshot, _snapshots(people, now, dice)),
        (TopicScore, _topic_scores(people, topics, now, dice)),
        (TopicHere, _topics_here(people, topics, now)),
        (BadgeAward, _badges(people, now)),
        (PlusKMember, _members(members)),
        (PlusK, _plusk(plusk, members, topics, now, dice, counted)),
        (PlusKTotal, _totals(members, topics, counted)),
    ]
    for model, batches in tables:
        start = time.perf_counter()
        count = _write_all(model, batches)
        yield model._meta.db_table, count, time.perf_counter() - start


def _topics() -> list[str]:
    from scoring.engine.topics.taxonomy import taxonomy

    return sorted(slug for slug, one in taxonomy().topics.items() if not one.sensitive)[:TOPICS]


def _topic_of(person: int, which: int) -> int:
    return (person + which * STEP) % TOPICS


def _parts(people: int, rows: int = 1) -> Iterator[range]:
    """Yield people by number, 0 first, as many at once as make a batch of so many rows each."""
    step = max(1, LINES // rows)
    for start in range(0, people, step):
        yield range(start, min(people, start + step))


def _ids(part: range) -> range:
    return range(part.start + 1, part.stop + 1)


def _users(people: int, now: datetime) -> Iterator[Columns]:
    for part in _parts(people):
        yield {
            "id": _ids(part),
            "username": [f"person{number}" for number in _ids(part)],
            "display_name": [f"Person {number}" for number in _ids(part)],
            "password": "!",
            "date_joined": now,
        }


def _handles(people: int, now: datetime) -> Iterator[Columns]:
    for part in _parts(people):
        names = [f"person{number}" for number in _ids(part)]
        yield {"name": names, "looks": names, "user_id": _ids(part), "taken_at": now}


def _profiles(people: int) -> Iterator[Columns]:
    items = ("page", "score", "history", "topics", "badges", "plusk")
    for part in _parts(people):
        yield {
            "user_id": _ids(part),
            "key": [uuid.UUID(int=number) for number in _ids(part)],
            "klout_id": [str(10**17 + number) for number in _ids(part)],
            **dict.fromkeys(items, "everyone"),
        }


def _snapshots(people: int, now: datetime, dice: np.random.Generator) -> Iterator[Columns]:
    """Yield days oldest first, each score a little off the day before it."""
    from scoring.engine import ALGORITHM

    number = 1
    for part in _parts(people, 20):
        days = [90 if person % 10 == 0 else 10 for person in _ids(part)]
        start = np.repeat(np.clip(dice.gamma(4, 8, len(part)), 5, 95), days)
        scores = np.clip(start + dice.normal(0, 1, len(start)), 1, 100)
        ago = np.concatenate([np.arange(many)[::-1] for many in days]).tolist()
        yield {
            "id": range(number, number + len(start)),
            "user_id": np.repeat(_ids(part), days).tolist(),
            "day": [(now - timedelta(days=back)).date() for back in ago],
            "model": ALGORITHM,
            "as_of": [now - timedelta(days=back) for back in ago],
            "score": scores.tolist(),
            "low": np.maximum(1, scores - 2).tolist(),
            "high": np.minimum(100, scores + 2).tolist(),
            "risen": _risen(scores.tolist(), days),
            **dict.fromkeys(("reach", "amplification", "network"), 10.0),
            **dict.fromkeys(
                ("reach_score", "amplification_score", "network_score"), scores.tolist()
            ),
            "posts": 10,
            "people": 50,
            "sources_read": 1,
            "sources": 1,
        }
        number += len(start)


def _risen(scores: list[float], days: list[int]) -> list[float | None]:
    """Return what each score moved in a week. days: how many scores each person has."""
    place = [at for many in days for at in range(many)]
    return [score - scores[at - 7] if place[at] >= 7 else None for at, score in enumerate(scores)]


def _topic_scores(
    people: int, topics: list[str], now: datetime, dice: np.random.Generator
) -> Iterator[Columns]:
    """Yield the topics of people with their places: the lower the number, the better."""
    population = EACH * people // TOPICS
    strengths = np.sort(dice.gamma(2, 5, people * EACH))[::-1].tolist()
    for part in _parts(people, EACH):
        owners = [person for person in part for _which in range(EACH)]
        yield {
            "id": range(part.start * EACH + 1, part.stop * EACH + 1),
            "user_id": [person + 1 for person in owners],
            "topic": [topics[_topic_of(person, which)] for person in part for which in range(EACH)],
            "strength": strengths[part.start * EACH : part.stop * EACH],
            "posts": 9,
            "posts_needed": 3,
            "days": 8,
            "people": 30,
            "reactions": 44,
            "share": 0.2,
            "passes": True,
            "place": [1 + EACH * person // TOPICS for person in owners],
            "population": population,
            "passed_on": now.date(),
            **dict.fromkeys(("as_of", "first_post_at", "last_post_at"), now),
        }


def _topics_here(people: int, topics: list[str], now: datetime) -> Iterator[Columns]:
    yield {"topic": topics, "share": 0.01, "people": EACH * people // TOPICS, "as_of": now}


def _badges(people: int, now: datetime) -> Iterator[Columns]:
    for part in _parts(people, len(BADGES)):
        held = [(person, badge, level) for person in _ids(part) for badge, level in BADGES]
        first = part.start * len(BADGES) + 1
        yield {
            "id": range(first, first + len(held)),
            "user_id": [person for person, _badge, _level in held],
            "badge": [badge for _person, badge, _level in held],
            "level": [level for _person, _badge, level in held],
            "earned_on": now.date(),
            "exact": True,
            "old": False,
            "rule": "1",
            "counted_at": now,
        }


def _members(members: list[uuid.UUID]) -> Iterator[Columns]:
    for part in _parts(len(members)):
        yield {"id": members[part.start : part.stop], "user_id": _ids(part), "trust": 0.5}


def _plusk(
    rows: int,
    members: list[uuid.UUID],
    topics: list[str],
    now: datetime,
    dice: np.random.Generator,
    counted: "np.ndarray[Any, np.dtype[np.int64]]",
) -> Iterator[Columns]:
    """Yield +K day by day, giver by giver: nobody gives more than ten a day, or to themselves.

    counted: gets how many come to each topic of each person.
    """
    people = len(members)
    if people < 2:
        return
    done, ago = 0, -(-rows // (people * A_DAY))
    while done < rows:
        at = now - timedelta(days=ago)
        for part in _parts(people, A_DAY):
            many = min(len(part) * A_DAY, rows - done)
            giver = np.repeat(part, A_DAY)[:many]
            receiver = (people * dice.random(many) ** 2).astype(int)
            receiver = np.where(receiver == giver, (receiver + 1) % people, receiver)
            which = dice.integers(0, EACH, many)
            np.add.at(counted, (receiver, which), 1)
            yield {
                "id": range(done + 1, done + many + 1),
                "giver_id": [members[one] for one in giver.tolist()],
                "receiver_id": [members[one] for one in receiver.tolist()],
                "topic": [topics[one] for one in _topic_of_many(receiver, which)],
                "offered": False,
                "day": at.date(),
                "slot": (np.arange(many) % A_DAY + 1).tolist(),
                "at": at,
            }
            done += many
        ago -= 1


def _topic_of_many(person: Any, which: Any) -> list[int]:
    of: list[int] = ((person + which * STEP) % TOPICS).tolist()
    return of


def _totals(
    members: list[uuid.UUID], topics: list[str], counted: "np.ndarray[Any, np.dtype[np.int64]]"
) -> Iterator[Columns]:
    number = 1
    for part in _parts(len(members), EACH):
        got = [
            (members[person], topics[_topic_of(person, which)], int(counted[person, which]))
            for person in part
            for which in range(EACH)
            if counted[person, which]
        ]
        yield {
            "id": range(number, number + len(got)),
            "receiver_id": [receiver for receiver, _topic, _many in got],
            "topic": [topic for _receiver, topic, _many in got],
            "counted": [many for _receiver, _topic, many in got],
            "weighed": [float(many) for _receiver, _topic, many in got],
        }
        number += len(got)


def _in_a_hurry() -> None:
    """Let SQLite keep more in memory and not wait for the disk: who fails fills a new one."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")


def _write_all(model: type[Any], batches: Iterable[Columns]) -> int:
    """Write a table and build its indexes when it is full: each row by itself takes far longer."""
    from django.db import connection

    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
    count = sum(_write(model, batch) for batch in batches)
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.add_index(model, index)
    if connection.vendor == "postgresql":
        _catch_up(model)
    return count


def _write(model: type[Any], batch: Columns) -> int:
    """Write rows as the database takes them fastest; columns that are not named get defaults."""
    from django.db import connection, transaction

    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [_values(field, batch, connection) for field in fields]
    count = next(len(values) for values in batch.values() if isinstance(values, _MANY))
    rows = zip(*columns, strict=False)  # what is the same in every row never ends
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    return count


_MANY = (list, range)


def _values(field: Any, batch: Columns, connection: Any) -> Iterable[Any]:
    """Return the values of a column as the database takes them."""
    from django.db.models import CharField, FloatField, IntegerField

    made = batch.get(field.column)
    if not isinstance(made, _MANY):
        same = batch[field.column] if field.column in batch else field.get_default()
        return itertools.repeat(field.get_db_prep_save(same, connection))
    if isinstance(field, (CharField, FloatField, IntegerField)):
        return made  # as it is

    @lru_cache(200_000)
    def prepared(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    return map(prepared, made)


def _catch_up(model: type[Any]) -> None:
    """Let the numbers that a PostgreSQL table gives go on after those that were written."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--plusk", type=int, default=10_000_000)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")
    import django

    django.setup()
    main(chosen.people, chosen.plusk)
