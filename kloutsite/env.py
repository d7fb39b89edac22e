"""Typed readers of the environment that refuse nonsense at the start, in words.

Every reader takes the value of NAME, or the content of the file that NAME_FILE points at, so that
secrets can be mounted instead of exported.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

# Scheme of EMAIL_URL -> the port that goes with it (RFC 5321; RFC 6409; RFC 8314).
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class BadSetting(Exception):
    """An environment variable has a value this site cannot work with. The text says what to do."""


def text(name: str, default: str = "") -> str:
    """Return the value of `name`, or the stripped content of the file named by `name`_FILE.

    Raises BadSetting when both are set or the file cannot be read.
    """
    value = os.environ.get(name)
    path = os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise BadSetting(f"{name} and {name}_FILE are both set. Keep one of them.")
    if path is not None:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(
                f"{name}_FILE points at {path}, which cannot be read: {error.strerror}."
            ) from error
    return default if value is None else value


def flag(name: str, *, default: bool = False) -> bool:
    """Return True for 1, true, yes, on and False for 0, false, no, off (any case).

    Raises BadSetting for any other word.
    """
    value = text(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} is {value!r}. Write true or false.")


def integer(name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number between `low` and `high`. Raises BadSetting otherwise."""
    value = text(name).strip()
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise BadSetting(f"{name} is {value!r}. Write a whole number from {low} to {high}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list, blanks left out."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, default: str) -> str:
    """Return an http(s) address without a path or trailing slash.

    Raises BadSetting when it is no such address.
    """
    value = text(name, default).strip().rstrip("/")
    parts = _parts(value)
    if parts is None or parts.scheme not in {"http", "https"} or parts.path:
        raise BadSetting(
            f"{name} is {value!r}. Write the site's address: https://klout.example.org"
        )
    return value


def _parts(value: str) -> SplitResult | None:
    """Return the parts of an address that names a host and no impossible port, or None."""
    try:
        parts = urlsplit(value)
        fits = parts.hostname and parts.port != 0  # the port is looked at only when asked for
    except ValueError:
        return None
    return parts if fits else None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `tls` starts in the clear and switches, `ssl` never is."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    ssl: bool


def mail_server(name: str) -> MailServer | None:
    """Return the server of smtp://, smtp+tls:// or smtps://user:password@host:port, None if unset.

    User and password are percent-decoded. Raises BadSetting, which never shows the password.
    """
    value = text(name).strip()
    if not value:
        return None
    parts = _parts(value)
    if (
        parts is None
        or parts.scheme not in _MAIL_PORTS
        or parts[2] not in {"", "/"}
        or any(parts[3:])
    ):
        raise BadSetting(
            f"{name} names no mail server. Write smtp://, smtp+tls:// or smtps://, as in "
            "smtp+tls://user:password@mail.example.org; in user and password write @ : / ? # % "
            "as %40 %3A %2F %3F %23 %25."
        )
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtp+tls",
        ssl=parts.scheme == "smtps",
    )


def secret(name: str) -> str:
    """Return the secret `name`, or "" when it is not set at all.

    Raises BadSetting when it is set to nothing: an empty file or variable is a slip of whoever
    runs the site, and a key made up instead would be another one on each machine.
    """
    value = text(name).strip()
    if not value and not {name, f"{name}_FILE"}.isdisjoint(os.environ):
        raise BadSetting(
            f"{name} is set and empty. Give it a value, made with: python -c "
            "'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def kept_secret(path: Path, *, size: int = 48, make: Callable[[], str] | None = None) -> str:
    """Return the value kept in `path` (mode 0600), which the first call makes.

    It is random text, or what `make` returns.

    So a site of one person needs no set-up and still never runs on a key that is published in a
    repository. Processes that start at once agree: the file appears whole or not at all, and the
    first one stays. Raises BadSetting when the file is empty.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(make() if make else secrets.token_urlsafe(size))
            os.link(draft, path)
        except FileExistsError:  # another process of the same start was faster: its value counts
            pass
        finally:
            Path(draft).unlink()
    value = path.read_text(encoding="utf-8").strip()
    if not value:
        raise BadSetting(
            f"{path} is empty. Put the key back from a backup; without one, delete the file, and "
            "a new key is made: people then sign in and connect their accounts again."
        )
    return value
