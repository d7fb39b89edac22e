"""Plumbing shared by all tests: a data folder of their own, no network, both engines.

Importing this module sets the environment, so it must come before django.conf.settings: that is why
DJANGO_SETTINGS_MODULE stands here and not in pyproject.toml, which pytest-django reads earlier.
"""

import atexit
import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from accounts.connectors.setup import SETUPS
from tests import chromium

_DATA = tempfile.mkdtemp(prefix="kloutsite-test-")
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
(Path(_DATA) / "static").mkdir()  # nothing is collected here, but WhiteNoise wants it to be

# What the shell happens to hold must not decide a test; only the engine is chosen from outside.
for _name in (
    "ACTOR_KEY",
    "API_PER_MINUTE",
    "PAGES_PER_MINUTE",
    "ALLOWED_HOSTS",
    "ALLOW_INSECURE_HOSTS",
    "BROKER_URL",
    "CACHE_URL",
    "DEBUG",
    "EMAIL_URL",
    "LOG_LEVEL",
    "SANDBOX",
    "SANDBOX_IN_PRODUCTION",
    "SECRET_KEY",
    "SITE_URL",
    "STATIC_ROOT",
    "TOKEN_KEYS",
    "TRUSTED_PROXIES",
    "WORKER_MEMORY_MB",
):
    os.environ.pop(_name, None)
for _name in list(os.environ):
    if any(_name == each or _name.startswith(f"{each}_") for each in map(str.upper, SETUPS)):
        del os.environ[_name]
os.environ["KLOUTSITE_DATA"] = _DATA
if os.environ.get("DATABASE_URL", "").startswith("postgres"):
    # Machines that share a database are given their keys; only a site of one makes them up.
    os.environ["SECRET_KEY"] = os.environ["ACTOR_KEY"] = "key-of-the-tests-" * 3
    os.environ["TOKEN_KEYS"] = "tests:" + "key-of-the-tests-" * 3
os.environ["DJANGO_SETTINGS_MODULE"] = "kloutsite.settings"

# Properties are tried with a hundred examples, and by `make test-slow` with a thousand.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=100)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("quick")


class LeftTheMachine(AssertionError):
    """A test reached for an address that is not loopback."""


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name in {"", "localhost"} or name.endswith(".localhost")


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: names are looked up and sockets are connected on loopback only."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
        if host is not None and not _is_loopback(host) and not _is_address(host):
            raise LeftTheMachine(f"A test looked up {host!r}. Serve a fake network on loopback.")
    elif event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and address and not _is_loopback(address[0]):
            raise LeftTheMachine(f"A test connected to {address!r}. Serve it on loopback.")


sys.addaudithook(_refuse_the_network)


def pytest_configure(config: pytest.Config) -> None:
    """Make passwords cheap and the cache private to the process."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.COUNTERS = Path(_DATA) / "counters"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def pytest_report_header(config: pytest.Config) -> str:
    """Say which engine is under test."""
    from django.conf import settings

    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests to the run on that engine on which alone they mean something, or are enough."""
    from django.conf import settings

    if settings.SQLITE:
        left_out = [item for item in items if item.get_closest_marker("postgres")]
    else:
        left_out = [
            item
            for item in items
            if item.get_closest_marker("one_engine") or not _asks_for_the_database(item)
        ]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have garbage looked for among what tests make, not among thousands of tests and modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _asks_for_the_database(item: pytest.Item) -> bool:
    fixtures: Collection[str] = getattr(item, "fixturenames", ())
    ways = ("django_db", "postgres", "browser")
    return "django_db_setup" in fixtures or any(item.get_closest_marker(way) for way in ways)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave browser tests out where there is no Chromium, but never in CI."""
    if item.get_closest_marker("browser"):
        try:
            chromium.find()
        except chromium.NoChromium as missing:
            if os.environ.get("CI"):
                pytest.fail(str(missing))
            pytest.skip(str(missing))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep the SQLite test database in a file: threads and processes share it as they do live."""
    from django.db import connections

    database = connections.databases["default"]
    if database["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        database["TEST"]["NAME"] = f"{_DATA}/test{worker}.sqlite3"


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits counted in one test must not refuse the next."""
    from django.core.cache import cache

    from scoring import limits

    cache.clear()
    limits.forget()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """The language of who asked last stays on in a thread; no test shall speak that of another."""
    from django.utils import translation

    translation.deactivate()
    yield
    translation.deactivate()
