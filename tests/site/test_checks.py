"""A site that would leak or stand still is stopped with a sentence."""

import os
import runpy
import subprocess
import sys

import pytest
from django.conf import settings as site

from accounts.connectors import dpop
from kloutsite import checks

GOOD_KEY = "k" * 43
KEYS = {
    "SECRET_KEY": "a-Key-0f-the-tests-" * 3,
    "TOKEN_KEYS": f"a:{GOOD_KEY}",
    "ACTOR_KEY": GOOD_KEY,
    "BLUESKY_KEY": dpop.new_key(),
}
PUBLIC = {
    "SITE_URL": "https://example.org",
    "DATABASE_URL": "postgres://db/kloutsite",
    "BROKER_URL": "redis://broker/0",
    "EMAIL_URL": "smtps://mail.example.org",
    "TRUSTED_PROXIES": "1",
} | KEYS


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing set but `environment`."""
    kept = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", *KEYS}}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site.BASE_DIR,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


def without(*names: str) -> dict[str, str]:
    """Return the environment of a good public site that lacks these names."""
    return {name: value for name, value in PUBLIC.items() if name not in names}


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
    for number in ("E001", "E002", "E003", "E004", "E006", "E008"):
        assert f"kloutsite.{number}" in done.stderr


def test_a_demo_may_have_the_sandbox_when_it_says_so() -> None:
    done = check_deploy(**PUBLIC, SANDBOX="true", SANDBOX_IN_PRODUCTION="true")

    assert done.returncode == 0


def test_a_database_for_many_without_a_broker_for_many_is_warned_of() -> None:
    done = check_deploy(**without("BROKER_URL"))

    assert done.returncode == 1
    assert "kloutsite.W001" in done.stderr


def test_a_public_site_that_takes_its_proxy_for_everybody_is_warned_of() -> None:
    done = check_deploy(**without("TRUSTED_PROXIES"))

    assert done.returncode == 1
    assert "kloutsite.W002" in done.stderr


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["ACTOR_KEY"], "ACTOR_KEY"),
        ([*KEYS], "SECRET_KEY, TOKEN_KEYS, ACTOR_KEY and BLUESKY_KEY"),
    ],
)
def test_a_database_for_many_wants_keys_for_many(names: list[str], words: str) -> None:
    done = check_deploy(**without(*names))

    assert done.returncode == 1
    assert "kloutsite.E007" in done.stderr
    assert f"but {words} would be made up" in done.stderr


UNSAFE = {
    "the sandbox on a public address": (PUBLIC | {"SANDBOX": "true"}, "E001"),
    "a public host without an address": ({"ALLOWED_HOSTS": "klout.example.org"}, "E002"),
    "fetches inside the network": (PUBLIC | {"ALLOW_INSECURE_HOSTS": "true"}, "E004"),
    "debug pages for all": (PUBLIC | {"DEBUG": "true"}, "E006"),
    "keys of one machine": (without("ACTOR_KEY"), "E007"),
    "no mail server": (without("EMAIL_URL"), "E008"),
}
STARTS = {
    "web": "import kloutsite.wsgi",
    "worker": "from celery.signals import worker_init as s; import kloutsite.celery; s.send(None)",
    "beat": "from celery.signals import beat_init as s; import kloutsite.celery; s.send(None)",
}


@pytest.mark.parametrize("how", UNSAFE)
def test_an_unsafe_site_has_no_wsgi_application(how: str) -> None:
    environment, number = UNSAFE[how]

    done = run("-c", STARTS["web"], **environment)

    assert done.returncode == 1
    assert f"(kloutsite.{number})" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_an_unsafe_site_has_no_background_work(part: str) -> None:
    done = run("-c", f"import django; {STARTS[part]}", **without("ACTOR_KEY"))

    assert done.returncode == 1
    assert "(kloutsite.E007)" in done.stderr


@pytest.mark.parametrize(
    "environment", [PUBLIC, PUBLIC | {"SANDBOX": "true", "SANDBOX_IN_PRODUCTION": "true"}, {}]
)
def test_a_safe_site_has_a_wsgi_application(environment: dict[str, str]) -> None:
    done = run("-c", STARTS["web"], **environment)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("environment", "there"),
    [
        ({}, True),
        ({"ALLOWED_HOSTS": "localhost"}, True),
        ({"SANDBOX": "false"}, False),
        ({"ALLOWED_HOSTS": "klout.example.org"}, False),
        ({"ALLOWED_HOSTS": "*"}, False),
        ({"ALLOWED_HOSTS": "klout.example.org", "SANDBOX": "true"}, False),
        (PUBLIC, False),
        (PUBLIC | {"SANDBOX": "true"}, False),
        (PUBLIC | {"SANDBOX": "true", "SANDBOX_IN_PRODUCTION": "true"}, True),
    ],
)
def test_the_sandbox_is_there_on_this_machine_or_where_it_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], there: bool
) -> None:
    for name in ("DATABASE_URL", *KEYS):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    read = runpy.run_path(str(site.BASE_DIR / "kloutsite" / "settings.py"))

    assert read["SANDBOX"] is there


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([], "names no key"),
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
