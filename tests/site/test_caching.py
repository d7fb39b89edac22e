"""A shared cache that goes away: people notice nothing, each machine counts alone."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse
from redis.exceptions import RedisError

from kloutsite import caching
from tests.processes import redis_on_tcp

pytestmark = pytest.mark.one_engine


def shared(url: str) -> dict[str, Any]:
    place = {"LOCATION": url, "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1}}
    return {
        "default": {"BACKEND": "kloutsite.caching.SharedOrLocalCache", **place},
        "shared": {"BACKEND": "kloutsite.caching.SharedCache", **place},
    }


@pytest.fixture
def nobody() -> Iterator[str]:
    """Return an address at which nobody listens, nor will."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"


@pytest.mark.django_db
def test_people_sign_in_while_the_shared_cache_is_away_and_tries_are_counted(
    settings: Any, client: Client, nobody: str
) -> None:
    settings.CACHES = shared(nobody)
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/key"}

    login = f"{uuid4()}@example.org"  # files of an earlier run know others
    answers = [
        client.post(reverse("account_login"), {"login": login, "password": "wrong"})
        for _try in range(4)
    ]

    assert [response.status_code for response in answers] == [200] * 4
    assert ["Too many" in response.content.decode() for response in answers] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.django_db
def test_without_files_to_go_on_with_signing_in_would_fail(
    settings: Any, client: Client, nobody: str
) -> None:
    settings.CACHES = {"default": shared(nobody)["shared"]}

    with pytest.raises(RedisError):
        client.post(reverse("account_login"), {"login": "nora@example.org", "password": "wrong"})


def test_what_is_away_is_left_alone_for_some_seconds_and_then_asked_again(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_on_tcp(tmp_path) as url:
        settings.CACHES = shared(url)
        cache.set("code", "shared")
        there = caches["shared"].get("code")

    cache.set("code", "local")  # ended: from here on in files
    away = cache.get("code")
    rests = dict(caching.SharedCache._asked_again)
    monkeypatch.setitem(caching.SharedCache._asked_again, url, 0.0)
    with pytest.raises(RedisError, match="refused"):
        caches["shared"].get("code")
    with pytest.raises(RedisError, match="still left alone"):
        caches["shared"].get("code")

    assert (there, away) == ("shared", "local")
    assert url in rests
