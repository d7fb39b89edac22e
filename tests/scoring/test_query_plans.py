"""SQLite takes the index of the person, and no range of days of everybody, without statistics."""

from datetime import date
from typing import Any

import pytest
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from scoring.models import ScoreSnapshot

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def course() -> QuerySet[Any]:
    days = (date(2026, 8, 24), DAY)
    rows = ScoreSnapshot.objects.filter(user_id=1, model="2026.1", day__range=days)
    return rows.order_by("day")


def newest() -> QuerySet[Any]:
    return ScoreSnapshot.objects.filter(user_id=1).order_by("-day", "-as_of")[:1]


def on_or_before() -> QuerySet[Any]:
    rows = ScoreSnapshot.objects.filter(user_id=1, model="2026.1", score__isnull=False)
    return rows.filter(day__lte=DAY).order_by("-day")[:1]


def of_each() -> QuerySet[Any]:
    rows = ScoreSnapshot.objects.filter(user_id=OuterRef("pk"), model="2026.1", day__lt=DAY)
    last = Subquery(rows.order_by("-day").values("score")[:1])
    return User.objects.filter(pk__in=[1, 2]).annotate(last=last)


@pytest.mark.one_engine
@pytest.mark.parametrize("rows", [course, newest, on_or_before, of_each])
def test_the_days_of_a_person_are_found_by_the_person(rows: Any) -> None:
    plan = rows().explain()

    assert "(user_id=?" in plan
    assert "score_ranks" not in plan


@pytest.mark.one_engine
def test_a_place_among_all_is_found_by_the_day() -> None:
    rows = ScoreSnapshot.objects.filter(model="2026.1", day=DAY, score__lt=50)

    assert "score_ranks (day=? AND model=? AND score<?)" in rows.explain()


@pytest.mark.one_engine
def test_who_rose_most_is_found_by_the_rise() -> None:
    rows = ScoreSnapshot.objects.filter(model="2026.1", day=DAY, risen__gt=0).order_by("-risen")

    assert "score_risers (day=? AND model=? AND risen>?)" in rows[:500].explain()
