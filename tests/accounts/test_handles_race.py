"""Two people who want one handle at the same moment, and one person who wants two."""

import pytest

from accounts import handles
from accounts.handles import HandleError
from accounts.models import Handle, User
from tests.accounts.builders import NOW, person
from tests.meeting import Act, meeting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def taking(user: User, text: str) -> Act:
    return lambda: handles.take(user, text, now=NOW)


@pytest.mark.parametrize("text", ["nora", "n0ra"])
def test_of_two_people_the_first_has_the_handle_and_the_second_is_told(text: str) -> None:
    ada, bob = person("ada"), person("bob")

    (failed,) = meeting(taking(ada, "nora"), taking(bob, text))

    assert isinstance(failed, HandleError)
    assert "or one that looks like it" in str(failed)
    assert Handle.objects.get().user == ada


def test_one_person_in_two_windows_has_one_handle() -> None:
    ada = person("ada")

    (failed,) = meeting(taking(ada, "nora"), taking(ada, "lindqvist"))

    assert isinstance(failed, HandleError)
    assert "less than 30 days ago" in str(failed)
    assert handles.current(ada) == "nora"


def test_looking_first_and_taking_then_would_not_see_whoever_takes_it_now() -> None:
    ada, seen = person("ada"), list[bool]()

    def look() -> None:
        seen.append(Handle.objects.filter(name="nora").exists())

    failed = meeting(taking(ada, "nora"), look)

    assert (failed, seen) == ([], [False])
    assert Handle.objects.filter(name="nora").exists()
