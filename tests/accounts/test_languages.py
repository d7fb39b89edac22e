"""Pages speak the language that somebody chose, else that of their browser."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import figures
from tests.accounts.builders import person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
GERMAN_TOO = [("en-gb", "English"), ("de", "Deutsch")]


@pytest.fixture(autouse=True)
def german_too(settings: Any) -> None:
    settings.LANGUAGES = GERMAN_TOO


def language_of(page: HttpResponse) -> str:
    return page.headers["Content-Language"]


def test_a_visitor_reads_the_language_of_their_browser(client: Client) -> None:
    page = client.get(reverse("landing"), headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})

    assert language_of(page) == "de"
    assert 'lang="de"' in page.content.decode()


def test_a_visitor_chooses_a_language_at_the_foot_of_a_page(client: Client) -> None:
    back = reverse("how_it_counts")

    answer = client.post(reverse("language"), {"language": "de", "next": back})

    assert answer.headers["Location"] == back
    assert language_of(client.get(back)) == "de"


@pytest.mark.parametrize("chosen", ["", "xx", "de\r\nSet-Cookie: a=b", "de" * 200])
def test_a_language_that_is_not_here_changes_nothing(client: Client, chosen: str) -> None:
    answer = client.post(reverse("language"), {"language": chosen, "next": "/"})

    assert answer.status_code == 302
    assert not answer.cookies


def test_the_way_back_stays_on_this_site(client: Client) -> None:
    answer = client.post(
        reverse("language"), {"language": "de", "next": "https://elsewhere.example/"}
    )

    assert answer.headers["Location"] == reverse("landing")


def test_what_a_person_chose_goes_before_the_browser() -> None:
    nora = person()
    client = signed_in(nora)

    saved = client.post(
        reverse("settings"),
        {"display_name": "Nora", "time_zone": "UTC", "theme": "", "language": "de"},
    )
    page = client.get(reverse("settings"), headers={"accept-language": "en"})

    assert saved.status_code == 302
    assert language_of(page) == "de"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-gb", ("1,904.5", "−0.8", "1,904", "14 November", "14 to 17 November")),
        ("de", ("1.904,5", "−0,8", "1.904", "14 November", "14 to 17 November")),
    ],
)
def test_figures_are_written_as_the_language_does(language: str, said: tuple[str, ...]) -> None:
    with translation.override(language):
        written = (
            figures.decimal(1904.5),
            figures.decimal(-0.8),
            figures.whole(1904),
            figures.day_month(date(2026, 11, 14)),
            figures.span(date(2026, 11, 14), date(2026, 11, 17)),
        )

    assert written == said


def test_a_time_says_how_near_it_is() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    said = [figures.moment(now.replace(day=day, hour=6, minute=5), now) for day in (22, 21, 23, 3)]

    assert said == ["06:05 today", "06:05 yesterday", "06:05 tomorrow", "06:05 on 3 November"]
