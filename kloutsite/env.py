"""Typed readers of the environment that refuse nonsense at the start, in words.

Every reader takes the value of NAME, or the content of the file that NAME_FILE points at, so that
secrets can be mounted instead of exported.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit


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
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise BadSetting(
            f"{name} is {value!r}. Write the site's address: https://klout.example.org"
        )
    return value


def kept_secret(name: str, path: Path, *, size: int = 48) -> str:
    """Return `name` from the environment, or a random value kept in `path` (mode 0600).

    The file is made on the first call, so that a site of one person needs no set-up and still
    never runs on a key that is published in a repository.
    """
    value = text(name)
    if value:
        return value
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(size))
        except FileExistsError:  # another process of the same start was faster: read what it wrote
            pass
    return path.read_text(encoding="utf-8").strip()
