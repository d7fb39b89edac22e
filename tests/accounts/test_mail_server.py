"""Letters handed to a real mail server: what it takes, and every way in which it says no."""

import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site

from accounts import letters, mailing, notices
from accounts.models import Letter, Mailing, User
from scoring import jobs, work
from scoring.models import Job
from tests import certificates
from tests.accounts.builders import NOW, person
from tests.accounts.mail_server import Box, nobody_may_in, serving

pytestmark = pytest.mark.django_db
HANDLERS = {Job.Kind.LETTER: work.HANDLERS[Job.Kind.LETTER]}


def told(user: User) -> None:
    """Tell somebody what is mailed at once."""
    notices.tell(person_id=user.pk, kind="token_made", key="1", now=NOW)


def run(at: datetime = NOW) -> Job:
    """Run the one letter if it is due, and return its job."""
    jobs.run_next(clock=lambda: at, handlers=HANDLERS)
    return Job.objects.get(kind=Job.Kind.LETTER)


def test_a_letter_arrives_once_as_text_and_as_page(settings: Any) -> None:
    box, ada = Box(), person()
    told(ada)

    with serving(settings, box):
        job = run()
        letters.deliver(key=job.subject, payload=job.payload, now=NOW)

    (mail,) = box.taken
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == "A token for programs was made"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None  # nobody can end what protects an account
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "was made, with which a program may ask in your" in body.get_content()
        assert site.SITE_URL in body.get_content()
    assert job.state == Job.State.DONE
    assert Letter.objects.get().sent_at == NOW


@pytest.mark.parametrize("answer", ["450 4.2.1 Try later", "452 Too much at once"])
@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_server_that_says_later_is_asked_later_and_later(
    settings: Any, stage: str, answer: str
) -> None:
    box, at = Box(), NOW
    setattr(box, stage, answer)
    told(person())
    waits = []

    with serving(settings, box):
        for _ in range(4):
            job = run(at)
            waits.append((job.due_at - at) / timedelta(minutes=5))
            at = job.due_at
        setattr(box, stage, "")
        job = run(at)

    assert [1 <= wait / 2**number <= 2 for number, wait in enumerate(waits)] == [True] * 4
    assert job.state == Job.State.DONE
    assert len(box.taken) == 1
    assert not Mailing.objects.exists()


def test_a_server_that_never_takes_it_is_given_up_in_words(settings: Any) -> None:
    box = Box()
    box.data = "451 Not today"
    told(person())
    job, at = Job.objects.get(), NOW

    with serving(settings, box):
        while job.state == Job.State.QUEUED:
            job, at = run(at), job.due_at

    assert job.state == Job.State.DEAD
    assert "tried 13 times" in job.error
    assert timedelta(days=1) < at - NOW < timedelta(days=4)


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "550 Nobody here", "552 5.2.2 Full"])
def test_an_address_that_is_refused_gets_no_more_until_its_person_says_so(
    settings: Any, answer: str
) -> None:
    box, ada = Box(), person()
    box.rcpt = answer
    told(ada)

    with serving(settings, box):
        first = run()
        (refused,) = mailing.refused(ada)
        notices.tell(person_id=ada.pk, kind="token_made", key="2", now=NOW)
        jobs.run_next(clock=lambda: NOW, handlers=HANDLERS)
        asked, box.rcpt = box.asked, ""
        mailing.try_again(user=ada)
        notices.tell(person_id=ada.pk, kind="token_made", key="3", now=NOW)
        jobs.run_next(clock=lambda: NOW, handlers=HANDLERS)

    assert first.state == Job.State.DONE
    assert (refused.address, refused.at, refused.words) == ("ada@example.org", NOW, answer)
    assert asked == 1
    assert len(box.taken) == 1


def test_another_confirmed_address_takes_over_the_very_letter_that_was_refused(
    settings: Any,
) -> None:
    box, ada = Box("other@example.org"), person()
    EmailAddress.objects.create(user=ada, email="other@example.org", verified=True)
    told(ada)

    with serving(settings, box):
        run()
        last = run(NOW + timedelta(minutes=1))

    assert [mail["To"] for mail in box.taken] == ["other@example.org"]
    assert last.state == Job.State.DONE
    assert [one.address for one in mailing.refused(ada)] == ["ada@example.org"]


def test_each_refused_address_is_asked_once_and_no_letter_after_tries_them_again(
    settings: Any,
) -> None:
    box, ada = Box("third@example.org"), person()
    for name in ("other", "third"):
        EmailAddress.objects.create(user=ada, email=f"{name}@example.org", verified=True)
    told(ada)

    with serving(settings, box):
        states = [run(NOW + timedelta(minutes=later)).state for later in range(4)]
        notices.tell(person_id=ada.pk, kind="token_made", key="2", now=NOW)
        jobs.run_next(clock=lambda: NOW, handlers=HANDLERS)

    assert states == [Job.State.QUEUED] * 2 + [Job.State.DONE] * 2
    assert [mail["To"] for mail in box.taken] == ["third@example.org"] * 2
    assert box.asked == 4
    assert {one.address for one in mailing.refused(ada)} == {"ada@example.org", "other@example.org"}


def test_where_each_address_is_refused_the_letter_ends(settings: Any) -> None:
    box, ada = Box("nobody@example.org"), person()
    EmailAddress.objects.create(user=ada, email="other@example.org", verified=True)
    told(ada)

    with serving(settings, box):
        states = [run(NOW + timedelta(minutes=later)).state for later in range(4)]
    EmailAddress.objects.filter(email="other@example.org").delete()

    assert states == [Job.State.QUEUED] + [Job.State.DONE] * 3
    assert (box.asked, box.taken) == (2, [])
    assert [one.address for one in mailing.refused(ada)] == ["ada@example.org"]  # that they have


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("rcpt", "550 5.7.1 Relaying denied"),
        ("rcpt", "554 We know you"),
        ("data", "554 5.7.1 This looks like spam"),
    ],
)
def test_a_server_that_does_not_want_us_marks_no_address(
    settings: Any, stage: str, answer: str
) -> None:
    box = Box()
    setattr(box, stage, answer)
    told(person())

    with serving(settings, box):
        job = run()

    assert job.state == Job.State.DEAD
    assert answer[:3] in job.error
    assert not Mailing.objects.exists()


def test_a_server_that_refuses_name_and_password_is_asked_again(settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    told(person())

    with serving(settings, Box(), authenticator=nobody_may_in, auth_require_tls=False):
        job = run()

    assert job.state == Job.State.QUEUED
    assert "SMTPAuthenticationError" in job.error
    assert "wrong" not in job.error


def test_nothing_is_said_in_the_clear_where_it_is_to_be_encrypted(settings: Any) -> None:
    box = Box()
    settings.EMAIL_USE_TLS = True
    told(person())

    with serving(settings, box):
        job = run()

    assert job.state == Job.State.QUEUED
    assert box.asked == 0


def test_a_server_whose_name_nobody_vouches_for_gets_nothing(settings: Any, tmp_path: Path) -> None:
    box = Box()
    settings.EMAIL_USE_TLS = True
    context = certificates.context(*certificates.certificate(tmp_path, "127.0.0.1"))
    told(person())

    with serving(settings, box, tls_context=context):
        job = run()

    assert job.state == Job.State.QUEUED
    assert box.asked == 0


def test_a_server_that_says_nothing_is_waited_for_only_so_long(settings: Any) -> None:
    told(person())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        job = run()

    assert job.state == Job.State.QUEUED
    assert Letter.objects.get().handed_at is None
