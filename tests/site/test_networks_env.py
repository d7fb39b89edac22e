"""Which networks are on is read from the environment, and half a set-up stops the start."""

import os
from pathlib import Path

import pytest

from accounts.connectors.setup import SETUPS, Config
from kloutsite import env, networks
from tests.site.test_checks import run

SITE = "https://klout.example.org"
KEPT = Path(os.environ["KLOUTSITE_DATA"])


def github() -> Config | None:
    """Return what is set for GitHub."""
    return networks.configured(SITE, KEPT).get("github")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both keys of GitHub."""
    monkeypatch.setenv("GITHUB_CLIENT_ID", "ours")
    monkeypatch.setenv("GITHUB_CLIENT_SECRET", "canary-secret")


def test_with_nothing_set_only_networks_without_keys_are_on() -> None:
    on = networks.configured(SITE, KEPT)

    assert on.keys() == {name for name, setup in SETUPS.items() if not setup.keys and setup.on}


@pytest.mark.usefixtures("keys")
def test_a_network_with_its_keys_is_on_with_the_usual_addresses() -> None:
    config = github()

    assert config is not None
    assert (config.client_id, config.client_secret) == ("ours", "canary-secret")
    assert config.url("api") == "https://api.github.com"
    assert config.option("version") == "2022-11-28"
    assert config.site_url == SITE


@pytest.mark.parametrize(
    ("have", "lack"), [("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_SECRET", "CLIENT_ID")]
)
@pytest.mark.parametrize("network", [name for name, setup in SETUPS.items() if setup.keys])
def test_half_a_set_up_is_refused_and_says_what_is_missing(
    network: str, have: str, lack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = network.upper()
    monkeypatch.setenv(f"{prefix}_{have}", "canary")

    with pytest.raises(env.BadSetting) as refused:
        networks.configured(SITE, KEPT)

    assert f"{prefix}_{have} is set and {prefix}_{lack} is not." in str(refused.value)
    assert "canary" not in str(refused.value)


def test_half_a_set_up_stops_the_start_of_the_site() -> None:
    started = run("manage.py", "check", GITHUB_CLIENT_ID="ours")

    assert started.returncode != 0
    assert "GITHUB_CLIENT_ID is set and GITHUB_CLIENT_SECRET is not." in started.stderr


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("word", ["off", "false", "0", "NO"])
def test_a_network_with_keys_can_be_switched_off(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB", word)

    assert github() is None


def test_a_network_without_keys_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTODON", "off")

    assert "mastodon" not in networks.configured(SITE, KEPT)


def test_a_network_that_is_switched_on_without_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB", "on")

    with pytest.raises(env.BadSetting, match="GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not"):
        networks.configured(SITE, KEPT)


@pytest.mark.parametrize("switch", [None, "on"])
def test_reddit_needs_keys_and_the_switch(
    switch: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDDIT_CLIENT_ID", "ours")
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", "canary-secret")
    if switch:
        monkeypatch.setenv("REDDIT", switch)

    assert ("reddit" in networks.configured(SITE, KEPT)) is (switch == "on")


@pytest.mark.usefixtures("keys")
def test_a_word_that_is_no_switch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB", "maybe")

    with pytest.raises(env.BadSetting, match=r"GITHUB is 'maybe'\. Write true or false\."):
        networks.configured(SITE, KEPT)


@pytest.mark.usefixtures("keys")
def test_addresses_and_versions_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", " https://git.example.org/api/v3/ ")
    monkeypatch.setenv("GITHUB_VERSION", "2026-03-10")

    config = github()

    assert config is not None
    assert config.url("api") == "https://git.example.org/api/v3"
    assert config.url("web") == "https://github.com"
    assert config.option("version") == "2026-03-10"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "value", ["git.example.org", "ftp://git.example.org", "https://", "https://[", "https://a/?b=c"]
)
def test_an_address_that_is_none_is_refused_with_an_example(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", value)

    with pytest.raises(env.BadSetting, match=r"Write an address: https://api\.github\.com"):
        networks.configured(SITE, KEPT)


def test_a_secret_can_be_mounted_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("canary-secret\n")
    monkeypatch.setenv("GITHUB_CLIENT_ID", "ours")
    monkeypatch.setenv("GITHUB_CLIENT_SECRET_FILE", str(tmp_path / "secret"))

    config = github()

    assert config is not None
    assert config.client_secret == "canary-secret"


@pytest.mark.usefixtures("keys")
def test_a_secret_is_never_written_out() -> None:
    config = github()

    assert "canary-secret" not in repr(config)
    assert "canary-secret" not in f"{networks.configured(SITE, KEPT)}"


def test_a_sign_in_server_needs_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_CLIENT_ID", "ours")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "canary-secret")

    with pytest.raises(env.BadSetting, match=r"OIDC_SERVER_URL is ''\. Write an address: https"):
        networks.configured(SITE, KEPT)


def test_a_sign_in_server_is_called_as_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_CLIENT_ID", "ours")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "canary-secret")
    monkeypatch.setenv("OIDC_SERVER_URL", "https://login.example.org/realms/ours/")
    monkeypatch.setenv("OIDC_NAME", "Town Hall")

    config = networks.configured(SITE, KEPT)["oidc"]

    assert config.option("name") == "Town Hall"
    assert config.url("server") == "https://login.example.org/realms/ours"
