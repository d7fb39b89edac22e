"""A site that would leak or stand still is stopped with a sentence."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as site

from kloutsite import checks

PUBLIC = {
    "SITE_URL": "https://example.org",
    "DATABASE_URL": "postgres://db/kloutsite",
    "BROKER_URL": "redis://broker/0",
}
GOOD_KEY = "k" * 43


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=site.BASE_DIR,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_well_set_public_site_passes_the_deployment_check_without_a_warning() -> None:
    done = check_deploy(**PUBLIC)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_public_site_that_leaks_in_every_way_is_refused_in_every_way() -> None:
    done = check_deploy(
        SITE_URL="http://example.org",
        SANDBOX="true",
        ALLOW_INSECURE_HOSTS="true",
        DEBUG="true",
        TOKEN_KEYS="a:short",
    )

    assert done.returncode == 1
    for number in ("E001", "E002", "E003", "E004", "E006"):
        assert f"kloutsite.{number}" in done.stderr


def test_a_demo_may_have_the_sandbox_when_it_says_so() -> None:
    done = check_deploy(**PUBLIC, SANDBOX="true", SANDBOX_IN_PRODUCTION="true")

    assert done.returncode == 0


def test_a_database_for_many_without_a_broker_for_many_is_warned_of() -> None:
    done = check_deploy(SITE_URL="https://example.org", DATABASE_URL=PUBLIC["DATABASE_URL"])

    assert done.returncode == 1
    assert "kloutsite.W001" in done.stderr


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["nocolon"], "not of the form name:key"),
        ([f":{GOOD_KEY}"], "not of the form name:key"),
        (["new:"], "not of the form name:key"),
        ([f"a.b:{GOOD_KEY}"], "has a dot in its name"),
        ([f"a:{GOOD_KEY}", f"a:{GOOD_KEY}"], "has the name 'a' of an earlier key"),
        (["a:tooshort"], "is 8 characters long"),
    ],
)
def test_a_bad_token_key_is_named_without_being_shown(
    settings: object, keys: list[str], words: str
) -> None:
    settings.TOKEN_KEYS = keys  # type: ignore[attr-defined]

    (error,) = checks.token_keys()

    assert words in error.msg
    assert GOOD_KEY not in error.msg
    assert "tooshort" not in error.msg


def test_the_keys_of_a_site_of_one_person_are_good() -> None:
    assert checks.token_keys() == []


@pytest.mark.parametrize(
    ("app", "words"),
    [
        ({"client_id": "abc", "secret": ""}, "has a client id and no client secret"),
        ({"client_id": "", "secret": "abc"}, "has a client secret and no client id"),
        ({"client_id": "abc", "secret": "def"}, ""),
        ({}, ""),
    ],
)
def test_a_half_configured_network_is_named(
    settings: object, app: dict[str, str], words: str
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [app]}}  # type: ignore[attr-defined]

    found = [error.msg for error in checks.providers()]

    assert len(found) == bool(words)
    assert all(words in text for text in found)
