"""A database of before a migration, and the way back to now."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Nodes = list[tuple[str, str]]


@contextmanager
def taken_back(migration: str) -> Iterator[Nodes]:
    """Take the tables of scoring back to `migration`, and bring them up to date afterwards."""
    executor = MigrationExecutor(connection)
    nodes = [*executor.loader.graph.leaf_nodes("accounts"), ("scoring", migration)]
    executor.migrate(nodes)
    yield nodes
    bring_up_to_date()


def bring_up_to_date() -> None:
    """Run every migration that is not applied."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
