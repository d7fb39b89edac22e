"""Large files wait for a worker: read once, counted once, and deleted however that ends."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Source, Upload, User
from accounts.uploads import LEFT_OVER, Watched
from scoring import jobs, tasks, work
from scoring.models import Job
from tests.accounts.archive_files import a_tweet, an_x_archive
from tests.accounts.builders import person, signed_in

pytestmark = pytest.mark.django_db

ARCHIVE = an_x_archive(a_tweet())


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where large files wait; here every file is large."""
    settings.ARCHIVE_AT_ONCE_BYTES = 0
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def send(client: Client, content: bytes = ARCHIVE, **fields: str) -> Any:
    file = SimpleUploadedFile("my archive.zip", content)
    return client.post(reverse("archive_upload"), {"file": file, **fields})


def run(after: timedelta = timedelta()) -> bool:
    """Do the next job about a file, as a worker does, some time from now."""
    handlers = {Job.Kind.ARCHIVE: work.HANDLERS[Job.Kind.ARCHIVE]}
    return jobs.run_next(clock=lambda: timezone.now() + after, handlers=handlers)


def steps(client: Client) -> str:
    return str(client.get(reverse("first_scoring")).content.decode())


def test_a_large_file_waits_and_is_counted_by_a_worker(folder: Path) -> None:
    user = person()
    client = signed_in(user)

    response = send(client)

    waiting = Upload.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("first_scoring"))
    assert [path.name for path in folder.iterdir()] == [str(waiting.pk)]
    assert waiting.path.stat().st_mode & 0o077 == 0
    assert not Source.objects.exists()
    assert "Your file" in steps(client)


def test_a_worker_counts_the_file_and_deletes_it(
    folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    user = person()
    send(signed_in(user))

    with django_capture_on_commit_callbacks(execute=True):
        done = run()

    row = Source.objects.get()
    assert done
    assert (row.user, row.title, row.selected) == (user, "@nora_bakes", True)
    assert Job.objects.get(kind=Job.Kind.ARCHIVE).state == Job.State.DONE
    assert Job.objects.filter(kind=Job.Kind.SCORE, subject=str(user.pk)).exists()
    assert not Upload.objects.exists()
    assert not list(folder.iterdir())


def test_a_table_keeps_the_name_that_its_person_gave_it(folder: Path) -> None:
    send(signed_in(person()), b"posted_at,likes\n2026-03-01 08:30,12\n", name=" My Blog ")

    run()

    assert Source.objects.get().title == "My Blog"


def test_a_file_that_is_refused_is_deleted_and_the_page_says_why(
    folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client = signed_in(person())
    send(client, an_x_archive(a_tweet(favorite_count="-1")))

    with django_capture_on_commit_callbacks(execute=True):
        run()

    job = Job.objects.get(kind=Job.Kind.ARCHIVE)
    assert job.state == Job.State.DEAD
    assert "says “-1” likes, which cannot be" in job.error
    assert "says “-1” likes, which cannot be" in steps(client)
    assert not Source.objects.exists()
    assert not Upload.objects.exists()
    assert not list(folder.iterdir())


def test_what_is_nothing_we_know_is_refused_at_once(folder: Path) -> None:
    response = send(signed_in(person()), b"\x89PNG")

    assert response.status_code == 400
    assert not Upload.objects.exists()
    assert not list(folder.iterdir())


def test_a_large_file_that_was_looked_into_is_counted_without_being_sent_again(
    folder: Path,
) -> None:
    client = signed_in(person())
    looked = send(client, look="1")
    form = looked.context["looked"]
    before = Upload.objects.exists()

    response = client.post(
        reverse("archive_upload"), {"looked": form.mark, "filename": form.filename}
    )

    waiting = Upload.objects.get()
    assert "Recognised as: X archive. It is large" in looked.content.decode()
    assert not before
    assert response["Location"] == reverse("first_scoring")
    assert waiting.filename == "my archive.zip"
    assert [path.name for path in folder.iterdir()] == [str(waiting.pk)]


def test_a_second_file_waits_until_the_first_is_read(folder: Path) -> None:
    client = signed_in(person())
    send(client)

    response = send(client)

    assert response.status_code == 400
    assert "Another file of yours is still being read" in response.content.decode()
    assert len(list(folder.iterdir())) == 1


def test_a_worker_that_was_killed_leaves_the_file_to_the_next(
    folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    send(signed_in(person()))
    now = timezone.now()
    jobs.take(now=now, kinds=[Job.Kind.ARCHIVE])  # and never comes back

    jobs.sweep(now=now + 2 * jobs.LEASE)
    with django_capture_on_commit_callbacks(execute=True):
        run(after=2 * jobs.LEASE)

    assert Source.objects.count() == 1
    assert not list(folder.iterdir())


def test_a_worker_that_was_believed_dead_changes_nothing(folder: Path) -> None:
    send(signed_in(person()))
    now = timezone.now()
    lease = jobs.take(now=now, kinds=[Job.Kind.ARCHIVE])
    assert lease is not None
    jobs.sweep(now=now + 2 * jobs.LEASE)
    run(after=2 * jobs.LEASE)

    work.archive(lease, timezone.now)

    assert Source.objects.get().runs.count() == 1


def test_a_file_that_a_worker_cannot_find_ends_in_a_sentence(folder: Path) -> None:
    send(signed_in(person()))
    Upload.objects.get().path.unlink()

    run()

    job = Job.objects.get(kind=Job.Kind.ARCHIVE)
    assert (job.state, "Upload it again" in job.error) == (Job.State.DEAD, True)
    assert not Upload.objects.exists()


def test_when_a_person_goes_their_file_goes(
    folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    user = person()
    send(signed_in(user))

    with django_capture_on_commit_callbacks(execute=True):
        User.objects.get(pk=user.pk).delete()

    assert not list(folder.iterdir())


def test_what_a_crash_left_is_swept_and_what_waits_is_not(
    folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    send(signed_in(person("ada")))
    send(signed_in(person("bob")))
    Job.objects.filter(user__username="bob").update(state=Job.State.DEAD)
    stray, fresh = folder / "left.upload", folder / "coming.upload"
    for path in (stray, fresh):
        path.write_bytes(b"x")
    old = (timezone.now() - LEFT_OVER - timedelta(minutes=5)).timestamp()
    os.utime(stray, (old, old))
    Upload.objects.update(received_at=timezone.now() - 2 * LEFT_OVER)

    with django_capture_on_commit_callbacks(execute=True):
        tasks.forget(now=timezone.now())

    kept = Upload.objects.get()
    assert kept.user.username == "ada"
    assert {path.name for path in folder.iterdir()} == {str(kept.pk), "coming.upload"}


def test_a_long_read_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.uploads._SAY_EVERY", 0.0)
    said: list[str] = []
    path = tmp_path / "large"
    path.write_bytes(bytes(3 * 1024**2))

    with path.open("rb") as file:
        watched = Watched(file, 3 * 1024**2, said.append)
        while watched.read(1024**2):
            pass

    assert said[0] == "Reading your file: 1 of 3 MB"
    assert said[-1] == "Reading your file: 3 of 3 MB"
