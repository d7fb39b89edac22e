"""`manage.py serve`: the whole site under one parent, with nothing else to install or start."""

import errno
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from kloutsite import doorbell
from kloutsite.supervisor import Part, PartFails, Supervisor

HOST = "127.0.0.1"


class Command(BaseCommand):
    """Runs web, worker, beat and, without a BROKER_URL, a broker of its own until Ctrl-C."""

    help = "Run the whole site on this machine: web pages, background work and their doorbell."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Port, number of web processes, and whether to bring the site up to date first."""
        parser.add_argument("--port", type=int, default=8000, help="the port of the pages")
        parser.add_argument("--workers", type=int, default=2, help="web processes")
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first migrate, collect static files and make the sample people",
        )

    def handle(self, *args: Any, port: int, workers: int, prepare: bool, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM. Raises CommandError with what to do when it cannot."""
        refuse_taken_port(port)
        if prepare:
            self._prepare()
        else:
            self.check_migrations()
        listen = self._listen()
        try:
            Supervisor(parts(port=port, workers=workers, listen=listen), say=self._say).run(
                each_tick=Welcome(port=port, say=self._say)
            )
        except PartFails as error:
            raise CommandError(str(error)) from error
        finally:
            if listen is not None:
                clear_away(listen)
        self._say("Stopped.")

    def _prepare(self) -> None:
        """Bring database, static files and sample people up to date; quick when they are."""
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if settings.SANDBOX:
            call_command("demo", stdout=self.stdout)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _listen(self) -> Path | None:
        """Return the socket of our own broker, or None when there is another or none can be had."""
        if os.environ.get("BROKER_URL") or os.environ.get("BROKER_URL_FILE"):
            return None
        try:
            listen = doorbell.socket_path(settings.DATA_DIR / "run")
            try_doorbell(listen)
        except (doorbell.NoDoorbell, OSError) as error:
            self._say(
                f"Background work runs without its doorbell: {error}. Nothing is lost by that; "
                "jobs start within two seconds instead of at once. BROKER_URL may name a Redis."
            )
            return None
        return listen


class Welcome:
    """Says once where the site is, as soon as it answers."""

    def __init__(self, *, port: int, say: Any) -> None:
        self.port = port
        self.say = say
        self.said = False

    def __call__(self) -> None:
        """Look whether the site answers; say so the first time."""
        if self.said or not healthy(self.port):
            return
        self.said = True
        how = (
            "Press “Try with sample people” there, or make an account of your own."
            if settings.SANDBOX
            else "Sign in there."
        )
        self.say(f"\n  Kloutsite is at {site_url(self.port)}\n  {how} Ctrl-C stops it.\n")


def parts(*, port: int, workers: int, listen: Path | None) -> list[Part]:
    """Return what has to run. Without a broker, `work` stands in for Celery's worker and beat."""
    python = sys.executable
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    env = {"SITE_URL": site_url(port)}
    if listen is not None:
        env["BROKER_URL"] = doorbell.url(listen)
    server = ["-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    # Two threads a process: more of them wait for each other, and the slowest page takes twice as
    # long (benchmarks.pages). Slow clients cost none: granian waits for them outside of Python.
    server += ["--workers", str(workers), "--blocking-threads", "2", "--respawn-failed-workers"]
    server += ["--no-log", "--workers-kill-timeout", "5", "kloutsite.wsgi:application"]
    # On one machine Celery's advice against root is noise: web and database run as the same user.
    celery = ["-W", "ignore::UserWarning:celery.platforms", "-m", "celery", "-q", "-A", "kloutsite"]
    quiet = ["--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "WARNING"]
    web = Part("web", [python, *server], env)
    if listen is None and settings.BROKER_URL.startswith("memory://"):
        return [web, Part("worker", [*manage, "work"], env)]
    running = [
        web,
        Part("worker", [python, *celery, "worker", "--concurrency", "2", *quiet], env),
        Part("beat", [python, *celery, "beat", "--loglevel", "WARNING", "--pidfile="], env),
    ]
    if listen is not None:
        running.insert(0, Part("doorbell", doorbell.command(doorbell.server_path(), listen)))
    return running


def site_url(port: int) -> str:
    """Return SITE_URL, or the address on this machine when none was set."""
    chosen = os.environ.get("SITE_URL") or os.environ.get("SITE_URL_FILE")
    return settings.SITE_URL if chosen else f"http://{HOST}:{port}"


def refuse_taken_port(port: int) -> None:
    """Raises CommandError with what to do when the port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is taken by another program" if taken else f"cannot be had ({error})"
            raise CommandError(
                f"Port {port} {why}. Choose another: make run PORT={port + 1 if taken else 8000}"
            ) from error


def healthy(port: int) -> bool:
    """Whether /healthz answers 200 within a second."""
    site = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        site.request("GET", "/healthz", headers={"Host": urlsplit(site_url(port)).netloc})
        return site.getresponse().status == 200
    except OSError:
        return False
    finally:
        site.close()


def try_doorbell(listen: Path) -> None:
    """Start the server once and hear it answer. Raises NoDoorbell with its own words."""
    command = doorbell.command(doorbell.server_path(), listen)
    process = subprocess.Popen(  # noqa: S603 - a program of our own wheel
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 3
        while time.monotonic() < until and process.poll() is None:
            if doorbell.answers(listen):
                return
            time.sleep(0.02)
        log = listen.with_suffix(".log")
        words = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        raise doorbell.NoDoorbell(words[-1] if words else "Valkey does not answer")
    finally:
        process.kill()
        process.wait()


def clear_away(listen: Path) -> None:
    """Remove the socket and log of our broker, and its folder when that was a temporary one."""
    for path in (listen, listen.with_suffix(".log")):
        path.unlink(missing_ok=True)
    if listen.parent != settings.DATA_DIR / "run":
        shutil.rmtree(listen.parent, ignore_errors=True)
