"""The menu of a person, which is written once for each language."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.scoring.builders import person
from tests.scoring.pages import browser_of

pytestmark = pytest.mark.django_db


def menu(browser: Client, language: str) -> str:
    html = browser.get(reverse("settings"), headers={"accept-language": language}).content.decode()
    return html.partition('id="person-menu"')[2].partition("</nav>")[0]


@pytest.mark.one_engine
def test_everybody_reads_it_in_their_language_and_operators_alone_find_what_is_theirs() -> None:
    operator = person("op")
    operator.is_staff = True
    operator.save()
    ours, theirs = browser_of(person("nora")), browser_of(operator)

    read = [
        menu(browser, language) for browser in (ours, theirs) for language in ("en", "de", "en")
    ]

    assert ["Your topics" in one for one in read] == [True, False, True] * 2
    assert ["Deine Themen" in one for one in read] == [False, True, False] * 2
    assert [f'href="{reverse("ops")}"' in one for one in read] == [False] * 3 + [True] * 3
    assert all(f'href="{reverse("cases")}"' in one for one in read)
