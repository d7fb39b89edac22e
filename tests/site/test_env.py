"""Readers of the environment refuse nonsense, and secrets are made once."""

import stat
import threading
from pathlib import Path

import pytest

from kloutsite import env


def test_a_secret_is_made_once_for_all_who_start_at_once(tmp_path: Path) -> None:
    path, found = tmp_path / "key", set()
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        found.add(env.kept_secret(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert found == {path.read_text()}
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_kept_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").touch()

    with pytest.raises(env.BadSetting, match="key is empty"):
        env.kept_secret(tmp_path / "key")


@pytest.mark.parametrize("how", ["variable", "file"])
def test_a_secret_that_is_set_to_nothing_is_refused(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").write_text("\n")
    if how == "variable":
        monkeypatch.setenv("SOME_KEY", " ")
    else:
        monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "empty"))

    with pytest.raises(env.BadSetting, match="SOME_KEY is set and empty"):
        env.secret("SOME_KEY")


def test_a_secret_that_is_not_set_is_not_there() -> None:
    assert env.secret("SOME_KEY") == ""


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", env.MailServer("mail.example.org", 25, "", "", False, False)),
        (
            "smtp+tls://ada%40example.org:p%40ss%2Fw%3Ard@mail.example.org",
            env.MailServer("mail.example.org", 587, "ada@example.org", "p@ss/w:rd", True, False),
        ),
        ("smtps://u:p@mx/", env.MailServer("mx", 465, "u", "p", False, True)),
        ("smtp://127.0.0.1:2525", env.MailServer("127.0.0.1", 2525, "", "", False, False)),
    ],
)
def test_a_mail_server_is_read_with_the_port_of_its_scheme(
    url: str, server: env.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    assert env.mail_server("EMAIL_URL") == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "smpt://u:hunter2@mail.example.org",
        "smtp://",
        "smtp://u:hunter2@mail.example.org:port",
        "smtp://u:hunter2@mail.example.org:99999",
        "smtp://u:hunter2#1@mail.example.org",
        "smtp://u:hunter2?x@mail.example.org",
        "smtp://u:hunter2@mail.example.org/path",
        "smtp://[::1",
    ],
)
def test_what_is_no_mail_server_is_refused_without_showing_the_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    with pytest.raises(env.BadSetting, match="names no mail server") as refused:
        env.mail_server("EMAIL_URL")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://[", "https://site:port", "ftp://site", "https://a/b"])
def test_an_address_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", url)

    with pytest.raises(env.BadSetting, match="Write the site's address"):
        env.url("SITE_URL", "")
