"""Queries written once: each answer is what the plain queryset gives, for any values."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction
from django.db.models import Count, QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts import handles
from accounts.models import Handle, User
from accounts.prepared import DAY, NUMBER, TEXT, Prepared
from scoring.models import ScoreSnapshot
from tests.scoring.builders import NOW, TODAY, history, person

pytestmark = pytest.mark.django_db


def two_people() -> list[User]:
    people = [person("ada"), person("ben")]
    for user, scores in zip(people, ([40.0, 41.5], [None, 70.0, 71.0]), strict=True):
        handles.take(user, user.username, now=NOW)
        history(user, scores, until=TODAY)
    return people


def days_of(user: Any, start: Any, end: Any) -> QuerySet[Any, Any]:
    rows = ScoreSnapshot.objects.filter(user=user, day__range=(start, end)).order_by("day")
    return rows.values_list("day", "score", "as_of", "reconstructed")


def counted(user: Any) -> QuerySet[Any, Any]:
    rows = ScoreSnapshot.objects.filter(user=user).order_by().values("user")
    return rows.annotate(number=Count("pk")).values_list("number", flat=True)


@pytest.mark.parametrize(
    ("build", "fields", "values"),
    [
        (days_of, (NUMBER, DAY, DAY), (TODAY - timedelta(days=1), TODAY)),
        (counted, (NUMBER,), ()),
        (lambda user: ScoreSnapshot.objects.filter(user=user).order_by("-day")[:2], (NUMBER,), ()),
    ],
)
def test_rows_are_those_of_the_plain_query(
    build: Callable[..., QuerySet[Any, Any]], fields: Any, values: tuple[Any, ...]
) -> None:
    prepared = Prepared(build, *fields)

    for user in two_people():
        assert prepared(user.pk, *values) == list(build(user.pk, *values)) != []
    assert prepared(0, *values) == []


def test_what_a_query_brings_along_is_there() -> None:
    ada, ben = two_people()
    rows = Prepared(
        lambda *names: (
            Handle.objects.filter(name__in=names)
            .select_related("user")
            .prefetch_related("user__snapshots")
            .order_by("name")
        ),
        TEXT,
    )

    found = rows("ada", "ben")
    with CaptureQueriesContext(connection) as asked:
        told = [(one.user, len(one.user.snapshots.all()), one.taken_at) for one in found]

    assert told == [(ada, 2, NOW), (ben, 3, NOW)]
    assert [one.name for one in rows("ben")] == ["ben"]
    assert len(asked) == 0


def test_the_query_is_built_once() -> None:
    two_people()
    built: list[object] = []

    def build(name: Any) -> QuerySet[Any, Any]:
        built.append(name)
        return Handle.objects.filter(name=name)

    prepared = Prepared(build, TEXT)
    found = [prepared(name)[0].name for name in ("ada", "ben", "ada")]

    assert found == ["ada", "ben", "ada"]
    assert len(built) == 1


def test_a_person_is_found_by_their_id_and_by_anything_else() -> None:
    ada, _ben = two_people()

    assert User.arriving.get(pk=ada.pk) == User.arriving.get(username="ada") == ada
    assert User.arriving.get(pk=ada.pk).unread == 0
    with pytest.raises(User.DoesNotExist):
        User.arriving.get(pk=0)


def test_the_people_of_a_group_are_found_among_them_alone() -> None:
    ada, ben = two_people()
    group = Group.objects.create(name="readers")
    group.user_set.add(ada)

    assert group.user_set.get(pk=ada.pk) == ada
    with pytest.raises(User.DoesNotExist):
        group.user_set.get(pk=ben.pk)


def test_a_queryset_that_can_have_no_rows_gives_none() -> None:
    of_nobody = Prepared(lambda user: User.objects.filter(pk=user).none(), NUMBER)

    assert of_nobody(1) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not connection.features.has_select_for_update, reason="SQLite locks the whole database"
)
def test_a_query_that_locks_is_refused_outside_of_a_transaction_each_time() -> None:
    user = person("ada")
    locked = Prepared(lambda pk: User.objects.select_for_update().filter(pk=pk), NUMBER)

    with transaction.atomic():
        assert locked(user.pk) == [user]
    for _again in range(2):
        with pytest.raises(TransactionManagementError):
            locked(user.pk)


def test_what_is_written_once_keeps_no_connection_of_whoever_wrote_it() -> None:
    known = Prepared(lambda pk: User.objects.filter(pk=pk), NUMBER)
    known(person("ada").pk)

    (written,) = known._written.values()
    assert written.compiler.connection is not connections["default"]
    assert written.compiler.connection.connection is None
