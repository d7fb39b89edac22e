"""People who may give and receive +K, and how the ledger is emptied between tests."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection

from accounts.models import Audience, User
from scoring import plusk, topics
from scoring.models import PlusK, PlusKAct, PlusKRuling, PlusKWords
from tests.scoring.builders import NOW, person, with_page

SHOWN = ("django", "css", "jazz")


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
        for model in (PlusKWords, PlusKRuling, PlusKAct, PlusK):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)
