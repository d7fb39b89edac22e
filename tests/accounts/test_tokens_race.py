"""One form that asks for a token, sent twice at once: one token, on both engines."""

import uuid

import pytest

from accounts import tokens
from accounts.models import ApiToken
from tests.meeting import Act, all_at_once, meeting
from tests.scoring.builders import NOW, person

pytestmark = pytest.mark.django_db(transaction=True)


def making(*, named: bool = True) -> Act:
    """Return what a press does, of one page of one person. named: the form says which page."""
    nora, form = person(), uuid.uuid4() if named else None
    return lambda: tokens.make(nora, name="Desk", scopes=["score:read"], days=7, now=NOW, form=form)


def test_ten_presses_at_once_make_one_token() -> None:
    press = making()

    failed = all_at_once([[press, press] for _browser in range(5)])

    assert [type(error) for error in failed] == [tokens.MadeAlready] * 9
    assert ApiToken.objects.count() == 1


@pytest.mark.postgres
def test_whoever_presses_meanwhile_waits_and_is_told() -> None:
    press = making()

    failed = meeting(press, press)

    assert [type(error) for error in failed] == [tokens.MadeAlready]
    assert ApiToken.objects.count() == 1


def test_without_the_name_of_the_page_each_press_would_make_one() -> None:
    press = making(named=False)

    failed = all_at_once([[press], [press]])

    assert (failed, ApiToken.objects.count()) == ([], 2)
