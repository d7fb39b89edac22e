"""Queries whose SQL is written once, then asked with other values.

To write the SQL of a query costs several times as much as to ask it, and a page of a person asks a
dozen that differ in ids alone. What comes back is what the same queryset would give.

Leans on how querysets of the Django that requirements.lock names read their compiler; the tests
compare each answer with that of the plain queryset. Source: docs/decisions/0022.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    Expression,
    Field,
    QuerySet,
    prefetch_related_objects,
)
from django.db.transaction import TransactionManagementError

Build = Callable[..., QuerySet[Any, Any]]
NUMBER: "Field[Any, Any]"
TEXT: "Field[Any, Any]"
DAY: "Field[Any, Any]"
NUMBER, TEXT, DAY = BigIntegerField(), CharField(), DateField()


class Prepared:
    """A query with places for values.

    build: gets an expression for each place and returns the queryset. fields: what is put in each
    place; the last one stands for any further place, so that build may take `*places`. The SQL is
    written for each number of places that is asked for, so let these be few.
    """

    def __init__(self, build: Build, *fields: "Field[Any, Any]") -> None:
        self._build, self._fields = build, fields
        self._written: dict[int, _Written] = {}

    def __call__(self, *values: Any) -> list[Any]:
        """Return the rows for these values. One query, and one a prefetch of the queryset.

        None at all where Django knows, before it asks, that the queryset has no rows.
        """
        written = self._written.get(len(values))
        if written is None:
            try:
                written = self._written[len(values)] = self._write(len(values))
            except EmptyResultSet:
                return []
        return written.rows(values)

    def _write(self, number: int) -> "_Written":
        last = self._fields[-1]
        places = [
            _Place(at, self._fields[at] if at < len(self._fields) else last) for at in range(number)
        ]
        queryset = self._build(*places)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        compiler.connection = spoken = _speaking(queryset.db)
        converters = compiler.get_converters(
            [each[0] for each in compiler.select[: compiler.col_count]]
        )
        compiler.get_converters = lambda _columns: converters
        locks = queryset.query.select_for_update and spoken.features.has_select_for_update
        return _Written(queryset, compiler, sql, tuple(params), locks)


@cache
def _speaking(db: str) -> Any:
    """Return a connection that never connects, and knows how its database spells things.

    What is written once is kept by a process, and must not keep a connection of a thread open.
    """
    return connections.create_connection(db)


class _Place(Expression):
    """Stands in the parameters of a query for a value that is not known yet."""

    def __init__(self, at: int, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.at = at

    def as_sql(self, *_compiler_and_connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Written:
    """The SQL of a queryset, and the compiler that wrote it and knows its columns."""

    queryset: Any
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    locks: bool

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        connection = connections[self.queryset.db]  # of this thread
        if self.locks and connection.get_autocommit():  # Django asks when it writes the SQL
            raise TransactionManagementError("A query that locks is asked in a transaction.")
        params = tuple(
            one.output_field.get_db_prep_value(values[one.at], connection)
            if isinstance(one, _Place)
            else one
            for one in self.params
        )
        asking = copy.copy(self.compiler)
        asking.connection = connection
        asking.as_sql = lambda: (self.sql, params)
        rows = list(self.queryset._iterable_class(_Asked(self.queryset.db, asking)))
        if self.queryset._prefetch_related_lookups:
            prefetch_related_objects(rows, *self.queryset._prefetch_related_lookups)
        return rows


@dataclass
class _Asked:
    """As much of a queryset and its query as what makes rows of an answer asks for."""

    db: str
    compiler: Any
    _known_related_objects: dict[Any, Any] = field(default_factory=dict)

    @property
    def query(self) -> "_Asked":
        return self

    def get_compiler(self, *_names: Any, **_named: Any) -> Any:
        return self.compiler
