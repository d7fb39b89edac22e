"""Cases: asked by a person or opened by the site, answered by an operator, seen by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import cases, health, linking
from accounts.connectors.base import Code
from accounts.linking import Granted
from accounts.models import Case, Notice, Source, User
from accounts.notice_kinds import sentence
from scoring.models import Job
from tests.accounts.builders import NOW, person, refusal, signed_in, source

pytestmark = pytest.mark.django_db


def operator(name: str = "olga") -> User:
    user = person(name)
    user.is_staff = True
    user.save()
    return user


def asked(row: Source, text: str = "It says refused, but I am connected over there.") -> Case:
    return cases.open_case(user=row.user, source=row, text=text, report="state: needs_you", now=NOW)


def refuse(row: Source, *, minutes: float) -> None:
    """Let a read fail that many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    health.reading_failed(source_id=row.pk, error=refusal(), started_at=at, now=at)


def connect_again(row: Source, *, minutes: float) -> None:
    at = NOW + timedelta(minutes=minutes)
    linking.keep_grant(account=row.grant.account, granted=Granted("new-token"), now=at)


def test_what_is_asked_about_one_link_again_joins_the_open_case() -> None:
    row = source(person())

    first, second = asked(row), asked(row, "And it still does.")

    assert first == second
    assert first.messages.count() == 2
    assert first.report == "state: needs_you"


@pytest.mark.one_engine
def test_a_case_is_called_in_the_language_of_whoever_reads_it() -> None:
    row = source(person())
    Source.objects.filter(pk=row.pk).update(network="x_archive", title="Karten")
    about_link = asked(Source.objects.get(pk=row.pk))
    about_topic = cases.open_case(
        user=row.user,
        text="Why?",
        report="",
        now=NOW,
        about={"kind": "plusk", "topic": "bees-and-pollinators"},
    )
    question = cases.open_case(user=row.user, text="Why?", report="", now=NOW)
    older = Case.objects.create(user=row.user, subject="+K in Jazz", opened_at=NOW, changed_at=NOW)
    cases.reply(case=about_topic, author=row.user, text="So.", now=NOW, by_operator=True)
    cases.reply(case=older, author=row.user, text="So.", now=NOW, by_operator=True)
    client = signed_in(row.user)

    page = client.get(reverse("cases"), headers={"accept-language": "de"}).content.decode()
    with translation.override("de"):
        told = {
            sentence(one.kind, one.values, who="")
            for one in Notice.objects.filter(user=row.user, kind="case_answered")
        }

    beekeeping = "+K in Bienen und Bestäuber"
    for title in ("„Karten“ bei", beekeeping, "Eine Frage", "+K in Jazz"):
        assert title in page, title
    assert "Bees" not in page
    assert told == {
        f"Fall {about_topic.pk} wurde beantwortet: {beekeeping}",
        f"Fall {older.pk} wurde beantwortet: +K in Jazz",
    }
    assert (about_topic.subject, question.subject) == ("+K in Bees and pollinators", "A question")
    assert about_link.subject.startswith("“Karten” on ")


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 4_001])
def test_an_empty_or_overlong_text_is_refused_in_a_sentence(text: str) -> None:
    row = source(person())

    with pytest.raises(cases.CaseError, match=r"sentence|fit"):
        asked(row, text)

    assert not Case.objects.exists()


def test_nobody_can_flood_the_operators() -> None:
    user = person()
    for _ in range(cases.OPEN_AT_MOST):
        cases.open_case(user=user, text="Why?", report="", now=NOW)

    with pytest.raises(cases.CaseError, match="open cases"):
        cases.open_case(user=user, text="Why?", report="", now=NOW)


def test_an_answer_is_read_on_the_site_and_announced_by_mail(
    django_capture_on_commit_callbacks: Any,
) -> None:
    case = asked(source(person()))

    cases.reply(case=case, author=operator(), text="We mended it.", now=NOW, by_operator=True)

    job = Job.objects.get(kind=Job.Kind.LETTER)
    assert job.payload["case"] == case.pk
    page = signed_in(case.user).get(reverse("case", args=[case.pk])).content.decode()
    assert "We mended it." in page
    assert "Support" in page


def test_writing_to_a_closed_case_opens_it_again() -> None:
    case = asked(source(person()))
    cases.close(case=case, now=NOW)

    cases.reply(case=case, author=case.user, text="Not yet.", now=NOW)

    case.refresh_from_db()
    assert case.closed_at is None


def test_two_open_cases_about_one_link_cannot_be() -> None:
    row = source(person())
    old = asked(row)
    cases.close(case=old, now=NOW)
    new = asked(row)

    with pytest.raises(cases.CaseError, match=f"Case {new.pk} is open"):
        cases.reply(case=old, author=row.user, text="More.", now=NOW)


def test_still_refused_after_connecting_again_opens_a_case_by_itself() -> None:
    row = source(person(), read_at=NOW - timedelta(hours=3))
    refuse(row, minutes=0)
    refuse(row, minutes=31)
    assert not Case.objects.exists()

    connect_again(row, minutes=40)
    refuse(row, minutes=41)
    refuse(row, minutes=75)

    (case,) = Case.objects.all()
    (said,) = case.messages.all()
    assert case.by_site
    assert "It is not you." in said.text
    assert "needs_you" in case.report


def test_a_link_that_was_read_after_connecting_again_opens_no_case() -> None:
    row = source(person(), read_at=NOW - timedelta(hours=3))
    refuse(row, minutes=0)
    refuse(row, minutes=31)
    connect_again(row, minutes=40)
    Source.objects.filter(pk=row.pk).update(read_at=NOW + timedelta(minutes=50))

    refuse(row, minutes=60)
    refuse(row, minutes=100)

    assert not Case.objects.exists()


def test_the_case_stays_when_the_link_goes() -> None:
    case = asked(source(person()))

    Source.objects.all().delete()

    case.refresh_from_db()
    assert case.source is None
    assert signed_in(case.user).get(reverse("case", args=[case.pk])).status_code == 200


# Pages


def test_a_person_asks_from_the_links_page_and_the_facts_go_along() -> None:
    row = source(person(), code=Code.REVOKED, code_since=NOW)
    client = signed_in(row.user)

    page = client.get(reverse("case_ask", args=[row.pk]))
    sent = client.post(reverse("case_ask", args=[row.pk]), {"text": "Why?"}, follow=True)

    assert "link " in page.content.decode()
    case = Case.objects.get()
    assert sent.redirect_chain[-1][0] == reverse("case", args=[case.pk])
    assert f"link {row.pk}" in case.report


def test_a_text_that_is_refused_is_not_lost() -> None:
    client = signed_in(person())

    page = client.post(reverse("case_ask_anything"), {"text": "y" * 4_001})

    assert page.status_code == 400
    assert "y" * 4_001 in page.content.decode()


@pytest.mark.parametrize("name", ["case", "case_close", "ops_case", "ops_case_close"])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_case_of_another_person_is_not_there(name: str, verb: str) -> None:
    case = asked(source(person()))
    client = signed_in(person("bo"))

    answer = getattr(client, verb)(reverse(name, args=[case.pk]), {"text": "Hello"})

    # An address that is pressed alone leads to the page of the case, which is not there either.
    assert answer.status_code == (302 if (verb, name) == ("get", "case_close") else 404)
    case.refresh_from_db()
    assert case.closed_at is None
    assert case.messages.count() == 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("ops", []), ("ops_networks", []), ("ops_cases", []), ("ops_pause", ["mastodon"])],
)
def test_pages_of_operators_are_not_there_for_others(name: str, arguments: list[str]) -> None:
    address = reverse(name, args=arguments)

    as_person = signed_in(person()).post if name == "ops_pause" else signed_in(person()).get

    assert as_person(address).status_code == 404
    assert Client().get(reverse("ops")).status_code == 302  # to the sign-in page


def test_an_operator_answers_and_closes() -> None:
    case = asked(source(person()))
    client = signed_in(operator())

    listed = client.get(reverse("ops_cases")).content.decode()
    client.post(reverse("ops_case", args=[case.pk]), {"text": "Mended."})
    client.post(reverse("ops_case_close", args=[case.pk]))

    assert case.subject in listed
    case.refresh_from_db()
    assert case.closed_at is not None
    assert case.messages.filter(by_operator=True).count() == 1
    assert not mail.outbox  # letters go through jobs


def test_a_case_that_was_answered_says_so_on_both_sides() -> None:
    case = asked(source(person()))
    olga = operator()
    client = signed_in(olga)
    before = client.get(reverse("ops")).content.decode()

    cases.reply(case=case, author=olga, text="We mended it.", now=NOW, by_operator=True)

    assert "1 case to answer" in " ".join(before.split())
    assert "0 cases to answer" in " ".join(client.get(reverse("ops")).content.decode().split())
    assert "Answered" in client.get(reverse("ops_cases")).content.decode()
    assert "Answered" in signed_in(case.user).get(reverse("cases")).content.decode()
