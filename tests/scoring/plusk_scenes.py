"""People who may give and receive +K, and how the ledger is emptied between tests."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection

from accounts.models import User
from scoring import topics
from scoring.models import PlusK, PlusKAct, PlusKWords
from tests.scoring.builders import NOW, person

SHOWN = ("django", "css", "jazz")


def showing(name: str, *slugs: str, now: datetime = NOW) -> User:
    """Return somebody who is named to others and shows topics: SHOWN unless said otherwise."""
    user = person(name)
    for slug in slugs or SHOWN:
        topics.add(user.pk, slug, now=now)
    topics.set_listed(user.pk, True, now=now)
    return user


@pytest.fixture
def erasable_ledger(transactional_db: None) -> Iterator[None]:
    """Empty the ledger when a test ends, whose triggers would not let the tables be emptied.

    PostgreSQL empties tables without asking triggers of rows.
    """
    yield
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            ["scoring_plusk%"],
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for model in (PlusKWords, PlusKAct, PlusK):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)
