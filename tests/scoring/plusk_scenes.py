"""People who may give and receive +K, and how the ledger is emptied between tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import connection, transaction

from accounts.models import Audience, User
from scoring import plusk, topics
from scoring.models import (
    GivenOnce,
    PlusK,
    PlusKAct,
    PlusKCase,
    PlusKChain,
    PlusKRuling,
    PlusKWords,
)
from tests.scoring.builders import NOW, person, with_page

SHOWN = ("django", "css", "jazz")
_LEDGER = (PlusKAct, PlusK, PlusKChain)


def showing(name: str, *slugs: str, now: datetime = NOW) -> User:
    """Return somebody who shows members topics and +K: SHOWN unless said otherwise."""
    user = with_page(person(name), plusk=Audience.MEMBERS)
    for slug in slugs or SHOWN:
        topics.add(user.pk, slug, now=now)
    return user


def among_friends(*, now: datetime) -> tuple[User, User]:
    """Return Nora and Ahmed, each with +K from others and from each other in every state."""
    nora, ahmed = showing("nora", now=now), showing("ahmed", now=now)
    rosa, jun = showing("rosa", now=now), showing("jun", now=now)
    gifts = [
        (ahmed, nora, "django", "Your talk on forms without JavaScript changed how we build ours"),
        (rosa, nora, "css", ""),
        (jun, nora, "cycling", "Showed me the way along the river"),
        (jun, nora, "jazz", ""),
        (nora, ahmed, "django", "Answered at midnight"),
        (nora, rosa, "papercraft", ""),
        (nora, jun, "jazz", ""),
        (rosa, ahmed, "django", ""),
    ]
    rows = [
        plusk.give(
            giver_id=one.pk,
            receiver_id=other.pk,
            topic=topic,
            because=words,
            public=True,
            now=now,
        )
        for one, other, topic, words in gifts
    ]
    plusk.thank(user_id=nora.pk, plusk_id=rows[1].pk, now=now)
    plusk.hide(user_id=nora.pk, plusk_id=rows[3].pk, now=now)
    return nora, ahmed


@contextmanager
def without_triggers() -> Iterator[None]:
    """Let the tables of the ledger be changed meanwhile, as by somebody who owns the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table alters before its checks ran
            for model in _LEDGER:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
            yield
            for model in _LEDGER:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            ["scoring_plusk%"],
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.fixture
def erasable_ledger(transactional_db: None) -> Iterator[None]:
    """Empty the ledger when a test ends, whose triggers would not let the tables be emptied."""
    yield
    with transaction.atomic(), without_triggers(), connection.cursor() as cursor:
        for model in (GivenOnce, PlusKWords, PlusKRuling, PlusKCase, *_LEDGER):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
