"""Environments for processes that tests start, on the database of the test."""

import os
from urllib.parse import quote

from django.db import connection


def database_url() -> str:
    """Return the address of the test database as DATABASE_URL takes it."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    host, port = chosen["HOST"], chosen["PORT"]
    return f"postgres://{quote(str(chosen['USER']))}@{host}:{port}/{chosen['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """Return the environment of this process, pointed at the test database, with `more`."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
