"""Mails about links: one, a reminder after five days, then silence; never twice, never untrue."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import health, letters, linking
from accounts.connectors.base import Code
from accounts.linking import Granted
from accounts.models import Letter, Source, User
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import NOW, person, refusal, source

pytestmark = pytest.mark.django_db


def with_address(name: str = "ada") -> User:
    user = person(name)
    address = {"email": f"{name}@mail.example", "verified": True, "primary": True}
    EmailAddress.objects.update_or_create(user=user, defaults=address)
    return user


def broken() -> Source:
    """Return a link that was refused twice, half an hour apart, at NOW."""
    row = source(with_address(), read_at=NOW - timedelta(hours=5))
    for at in (NOW - timedelta(minutes=31), NOW):
        health.reading_failed(source_id=row.pk, error=refusal(), started_at=at, now=at)
    row.refresh_from_db()
    assert row.code == Code.REVOKED
    return row


def run_due(*, days: float) -> None:
    """Run all letters that are due that many days after NOW."""
    at = NOW + timedelta(days=days)
    while jobs.run_next(
        clock=lambda: at, handlers={Job.Kind.LETTER: work.HANDLERS[Job.Kind.LETTER]}
    ):
        pass


def test_a_broken_link_is_written_about_once_and_once_more_after_five_days() -> None:
    broken()

    run_due(days=0)
    after_first = len(mail.outbox)
    run_due(days=4.9)
    before_reminder = len(mail.outbox)
    for days in (5, 6, 10, 30, 90):
        run_due(days=days)

    assert (after_first, before_reminder, len(mail.outbox)) == (1, 1, 2)
    first, reminder = (sent.body for sent in mail.outbox)
    assert "we write once more in five days" in first
    assert "This is the last mail about it." in reminder


def test_the_mail_says_what_since_when_what_follows_and_how_to_stop_it() -> None:
    row = broken()

    run_due(days=0)

    (sent,) = mail.outbox
    assert sent.to == ["ada@mail.example"]
    assert sent.subject == f"Sandbox needs you: {row.title}"
    assert "since 21 November" in sent.body
    assert "until 5 December" in sent.body
    assert reverse("link", args=[row.pk]) in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "style=" not in str(html)


def test_a_link_that_was_mended_in_time_is_not_written_about() -> None:
    row = broken()
    linking.keep_grant(account=row.grant.account, granted=Granted("new"), now=NOW)

    run_due(days=6)

    assert mail.outbox == []


def test_a_link_that_breaks_anew_has_letters_of_its_own() -> None:
    row = broken()
    run_due(days=0)
    linking.keep_grant(account=row.grant.account, granted=Granted("new"), now=NOW)
    for hours in (30, 31):
        at = NOW + timedelta(hours=hours)
        health.reading_failed(source_id=row.pk, error=refusal(), started_at=at, now=at)

    run_due(days=2)

    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"selected": False},
        {"paused_at": NOW},
    ],
)
def test_what_no_longer_counts_is_not_written_about(change: dict[str, Any]) -> None:
    row = broken()
    Source.objects.filter(pk=row.pk).update(**change)

    run_due(days=6)

    assert mail.outbox == []


def test_who_wants_no_mails_or_has_no_confirmed_address_gets_none() -> None:
    row = broken()
    User.objects.filter(pk=row.user_id).update(link_mails=False)
    run_due(days=0)
    User.objects.filter(pk=row.user_id).update(link_mails=True)
    EmailAddress.objects.update(verified=False)
    run_due(days=6)

    assert mail.outbox == []


def test_a_worker_that_repeats_a_letter_sends_it_once() -> None:
    row = broken()
    since = int(row.code_since.timestamp())
    payload = {"kind": "link_needs_you", "source": row.pk, "since": since}

    sent = [letters.deliver(key="k", payload=payload, now=NOW) for _ in range(3)]

    assert sent == [True, False, False]
    assert len(mail.outbox) == 1
    assert Letter.objects.get().sent_at == NOW


def test_a_worker_that_died_while_it_sent_leaves_at_most_one_mail() -> None:
    row = broken()
    since = int(row.code_since.timestamp())
    payload = {"kind": "link_needs_you", "source": row.pk, "since": since}
    letters.deliver(key="k", payload=payload, now=NOW)
    Letter.objects.update(sent_at=None)  # it died after the server took it

    with pytest.raises(letters.Later) as later:
        letters.deliver(key="k", payload=payload, now=NOW)
    again = letters.deliver(key="k", payload=payload, now=NOW + letters.HANDING)

    assert later.value.at == NOW + letters.HANDING
    assert not again
    assert len(mail.outbox) == 1


def test_a_mail_server_that_refuses_is_asked_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    broken()

    run_due(days=0)

    first = Job.objects.filter(kind=Job.Kind.LETTER).order_by("due_at").first()
    assert first is not None
    assert first.state == Job.State.QUEUED
    assert first.postponed == 1
    assert "did not take the mail" in first.error


def test_mails_are_stopped_from_within_a_mail_without_signing_in() -> None:
    user = with_address()
    address = letters.stop_address(user)
    client = Client(enforce_csrf_checks=True)
    path = urlsplit(address).path

    asked = client.get(path)
    user.refresh_from_db()
    before = user.link_mails
    done = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert (asked.status_code, before) == (200, True)
    assert done.status_code == 200
    user.refresh_from_db()
    assert not user.link_mails


@pytest.mark.parametrize("token", ["x", "MQ:1abc:forged", "1"])
def test_an_address_that_was_not_made_here_stops_nothing(token: str) -> None:
    with_address()

    answer = Client().post(reverse("letters_stop", args=[token]))

    assert answer.status_code == 404
    assert User.objects.get().link_mails
