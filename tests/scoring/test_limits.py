"""Limits: so many pass and no more, whoever counts, and nobody is counted for another."""

import multiprocessing
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from hypothesis import given
from hypothesis import strategies as st

from scoring import limits
from scoring.counters import Counters
from scoring.limits import Limit, address_of, look, take
from tests.scoring import counting

pytestmark = pytest.mark.one_engine
MINUTE = Limit("token", 60, 60)


class KeepsNothing(BaseCache):
    """A cache that says no to every key and has none, as one does that is full or read-only."""

    def __init__(self, _place: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, *_given: Any, **_named: Any) -> bool:
        return False

    def get(self, *_given: Any, **_named: Any) -> Any:
        return None

    def incr(self, key: str, *_given: Any, **_named: Any) -> int:
        raise ValueError(f"Key {key!r} not found")

    def clear(self) -> None:
        return


NOON = 1_700_000_040.0  # the first second of a minute


def test_exactly_so_many_pass_of_four_processes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "counters"

    with multiprocessing.get_context("spawn").Pool(4) as pool:
        passed = pool.starmap(counting.ask, [(path, 50)] * 4)

    assert sum(passed) == 60
    assert Counters(path).add("nora", until=100, now=50) == 201


def test_exactly_so_many_pass_of_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: take(MINUTE, "nora", now=NOON), range(200)))

    assert sum(one.passes for one in asked) == 60


def test_a_count_ends_with_its_time_and_is_one_name_alone() -> None:
    for _ in range(60):
        take(MINUTE, "nora", now=NOON)

    over, other = take(MINUTE, "nora", now=NOON + 20), take(MINUTE, "ada", now=NOON + 20)
    later = take(MINUTE, "nora", now=NOON + 60)

    assert (over.passes, over.wait) == (False, 40)
    assert (other.passes, later.passes, later.used) == (True, True, 1)


def test_what_is_left_is_told_in_header_fields() -> None:
    first = take(Limit("address", 1, 60), "nora", now=NOON + 0.5)
    second = take(Limit("address", 1, 60), "nora", now=NOON + 0.5)

    assert first.headers() == {
        "RateLimit-Policy": '"address";q=1;w=60',
        "RateLimit": '"address";r=0;t=60',
    }
    assert second.headers()["Retry-After"] == "60"


def test_many_names_push_out_those_that_end_first(tmp_path: Path) -> None:
    counters = Counters(tmp_path / "counters")
    counters.add("old", until=10, now=5)

    for number in range(30_000):
        counters.add(f"new {number}", until=100, now=50)

    assert counters.add("new 29999", until=100, now=50) == 2
    assert counters.add("old", until=110, now=50) == 1
    assert (tmp_path / "counters").stat().st_size == 1024 * 1024


def test_with_a_shared_cache_the_counts_stand_there(settings: pytest.FixtureRequest) -> None:
    settings.CACHE_URL = "redis://cache"  # type: ignore[attr-defined]
    held = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"shared": held, "default": held}  # type: ignore[attr-defined]

    asked = [take(MINUTE, "nora", now=NOON) for _ in range(61)]

    assert [one.passes for one in asked] == [True] * 60 + [False]
    assert caches["shared"].get(f"limit:token:60:nora:{int(NOON) + 60}") == 61


def test_a_shared_cache_that_keeps_nothing_keeps_no_request_waiting(
    settings: pytest.FixtureRequest,
) -> None:
    settings.CACHE_URL = "redis://cache"  # type: ignore[attr-defined]
    full = {"BACKEND": f"{__name__}.KeepsNothing"}
    settings.CACHES = {"shared": full, "default": full}  # type: ignore[attr-defined]

    asked = [take(MINUTE, "nora", now=NOON) for _ in range(61)]

    assert all(one.passes for one in asked)


def test_while_the_shared_cache_is_away_this_machine_counts(
    settings: pytest.FixtureRequest,
) -> None:
    limit = Limit("away", 60, 60)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and nobody listens there
        place = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings.CACHE_URL = place  # type: ignore[attr-defined]
        away = {"BACKEND": "kloutsite.caching.SharedCache", "LOCATION": place}
        settings.CACHES = {"shared": away, "default": away}  # type: ignore[attr-defined]

        asked = [take(limit, "nora", now=NOON) for _ in range(61)]
        known = look(limit, "nora", now=NOON)

    assert [one.passes for one in asked] == [True] * 60 + [False]
    assert known.used == 61


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "counted"),
    [
        (0, "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        (1, "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:198.51.100.7", "", "198.51.100.7"),
        (1, "10.0.0.1", "' OR 1=1", "unknown"),
        (0, "", "", "unknown"),
    ],
)
def test_an_address_is_the_one_that_can_be_believed(
    proxies: int,
    remote: str,
    forwarded: str,
    counted: str,
    settings: pytest.FixtureRequest,
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies  # type: ignore[attr-defined]

    found = address_of({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded})

    assert found == counted


@given(st.lists(st.sampled_from("abcdef"), max_size=60))
def test_each_name_is_counted_by_itself(names: list[str]) -> None:
    limits.forget()

    counted = [take(MINUTE, name, now=NOON).used for name in names]

    assert counted == [names[: at + 1].count(name) for at, name in enumerate(names)]
