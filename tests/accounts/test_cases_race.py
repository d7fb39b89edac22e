"""A link has one open case, whoever opens one at the same moment; each with a control."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import cases
from accounts.connectors.base import Code
from accounts.models import Case, CaseMessage, Source
from tests.accounts.builders import NOW, person, source
from tests.meeting import Act, meeting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def refused_again() -> Source:
    """Return a link that its person mended, and that is refused all the same."""
    mended = NOW - timedelta(hours=2)
    return source(person(), code=Code.REVOKED, mended_at=mended, read_at=mended - timedelta(days=1))


def open_by_site(row: Source) -> Act:
    """Return what a read does that was refused: a case opens by itself."""

    def act() -> None:
        with transaction.atomic():
            cases.still_refused(source=row, report="facts", words="401", now=NOW)

    return act


def open_by_person(row: Source) -> Act:
    return lambda: cases.open_case(user=row.user, source=row, text="Why?", report="facts", now=NOW)


def closed_case(row: Source) -> Case:
    case = cases.open_case(user=row.user, source=row, text="Why?", report="facts", now=NOW)
    cases.close(case=case, now=NOW)
    return case


def write_in(case: Case) -> Act:
    """Return what a person does who writes in a closed case."""
    return lambda: cases.reply(case=case, author=case.user, text="Still.", now=NOW)


def open_cases(row: Source) -> int:
    return Case.objects.filter(source=row, closed_at=None).count()


def test_a_case_that_is_opened_again_and_one_that_opens_by_itself_are_one() -> None:
    row = refused_again()
    case = closed_case(row)

    failed = meeting(write_in(case), open_by_site(row))

    assert failed == []
    assert open_cases(row) == 1
    assert CaseMessage.objects.get(text="Still.").case == case


def test_whoever_writes_in_a_closed_case_is_told_of_the_one_that_opened_meanwhile() -> None:
    row = refused_again()
    case = closed_case(row)

    (failed,) = meeting(open_by_site(row), write_in(case))

    assert isinstance(failed, cases.CaseError)
    assert "is open about the same link. Write there." in str(failed)
    assert open_cases(row) == 1


@pytest.mark.parametrize("site_first", [True, False])
def test_a_person_and_the_site_that_open_a_case_at_once_open_one(site_first: bool) -> None:
    row = refused_again()
    acts = [open_by_site(row), open_by_person(row)]

    failed = meeting(*(acts if site_first else acts[::-1]))

    assert failed == []
    assert open_cases(row) == 1


def test_control_without_the_lock_on_the_link_the_second_case_is_refused_by_the_database() -> None:
    row = refused_again()

    def look_and_open() -> None:
        if not Case.objects.filter(source=row, closed_at=None).exists():
            Case.objects.create(
                user=row.user, source=row, subject="x", opened_at=NOW, changed_at=NOW
            )

    (failed,) = meeting(look_and_open, look_and_open)

    assert isinstance(failed, IntegrityError)
