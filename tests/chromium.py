"""A Chromium for browser tests: the one that is installed, playwright's own, or Debian's.

`python -m tests.chromium` finds or installs one and prints its path.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoChromium(Exception):
    """None can be had. The text says what to do."""


def find() -> str:
    """Return the path of a Chromium that is here. Raises NoChromium with what to do."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if path := _of_playwright():
        return path
    raise NoChromium(
        "No Chromium was found. `make test` installs one, or do it by hand: "
        "apt-get install chromium, or .venv/bin/playwright install chromium."
    )


def _of_playwright() -> str | None:
    """Return the browser that `playwright install` put into its cache, when there is one."""
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    found = sorted(Path(home).glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def provide() -> str:
    """Return a Chromium, installing one when there is none. Raises NoChromium."""
    try:
        return find()
    except NoChromium:
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        _run(install, timeout=600)
    try:
        return find()
    except NoChromium:
        if os.geteuid() == 0 and shutil.which("apt-get"):
            _run(["apt-get", "update", "-qq"], timeout=300)
            _run(
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
                timeout=900,
            )
    return find()


def _run(command: list[str], *, timeout: float) -> None:
    """Run a step that may fail: the next look says whether it helped."""
    print("No Chromium here:", *command, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            command,
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    try:
        print(provide())
    except NoChromium as missing:
        print(f"{missing}\nThe tests in a browser are left out.", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 0)
