"""Pages speak the language that somebody chose, else that of their browser."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import figures, speech
from accounts.connectors.base import Code, ConnectorError
from accounts.speech import Speech, counted, marked, say
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

    answer = client.post(
        reverse("language"), {"language": "de"}, headers={"referer": f"http://testserver{back}"}
    )

    assert answer.headers["Location"] == f"http://testserver{back}"
    assert language_of(client.get(back)) == "de"


@pytest.mark.parametrize("chosen", ["", "xx", "de\r\nSet-Cookie: a=b", "de" * 200])
def test_a_language_that_is_not_here_changes_nothing(client: Client, chosen: str) -> None:
    answer = client.post(reverse("language"), {"language": chosen})

    assert answer.status_code == 302
    assert not answer.cookies


def test_the_way_back_stays_on_this_site(client: Client) -> None:
    answer = client.post(
        reverse("language"), {"language": "de"}, headers={"referer": "https://elsewhere.example/"}
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
        ("en-gb", "1,904.5 | −0.8 | 0.5 | 14 Nov | 14 to 17 November | Saturday 14 November"),
        ("de", "1.904,5 | −0,8 | 0,5 | 14. Nov | 14. bis 17. November | Samstag, 14. November"),
        ("es", "1 904,5 | −0,8 | 0,5 | 14 de nov | 14 al 17 de noviembre | sábado 14 de noviembre"),
        ("fr", "1 904,5 | −0,8 | 0,5 | 14 nov | 14 au 17 novembre | samedi 14 novembre"),
        ("pt", "1.904,5 | −0,8 | 0,5 | 14 de nov | 14 a 17 de novembro | sábado, 14 de novembro"),
    ],
)
def test_figures_are_written_as_the_language_does(language: str, said: str) -> None:
    with translation.override(language):
        written = (
            figures.decimal(1904.5),
            figures.decimal(-0.8),
            figures.number(0.5),
            figures.day_short(date(2026, 11, 14)),
            figures.span(date(2026, 11, 14), date(2026, 11, 17)),
            figures.weekday(date(2026, 11, 14)),
        )

    assert " | ".join(written).replace("\N{NO-BREAK SPACE}", " ") == said


def test_the_first_of_a_month_is_written_as_the_language_does() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 17)

    said = {}
    for language in ("en-gb", "de", "es", "fr", "pt"):
        with translation.override(language):
            said[language] = (figures.day_month(first), figures.span(first, last))

    assert said["fr"] == ("1er novembre", "1er au 17 novembre")
    assert said["de"] == ("1. November", "1. bis 17. November")
    assert said["es"] == ("1 de noviembre", "1 al 17 de noviembre")


def test_a_list_is_joined_as_in_a_sentence() -> None:
    lists = ([], ["posts"], ["posts", "likes"], ["posts", "likes", "replies"])

    said = [speech.joined(words) for words in lists]

    assert said == ["", "posts", "posts and likes", "posts, likes and replies"]


def test_a_time_says_how_near_it_is() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    said = [figures.moment(now.replace(day=day, hour=6, minute=5), now) for day in (22, 21, 23, 3)]

    assert said == ["06:05 today", "06:05 yesterday", "06:05 tomorrow", "06:05 on 3 November"]


@pytest.fixture
def shouting() -> Iterator[None]:
    """Say everything in capitals, with points between thousands, as another language might."""
    loud = Speech(
        sentence=lambda text: text.replace("posts", "POSTS").replace("Nothing", "NOTHING"),
        counted=lambda one, many, n: (one if n == 1 else many).replace("post", "POST"),
        whole=lambda number: f"{number:,}".replace(",", "."),
    )
    before = speech.speak_with(loud)
    yield
    speech.speak_with(before)


@pytest.mark.usefixtures("shouting")
def test_a_sentence_of_a_connector_is_said_with_its_values_as_the_language_writes_them() -> None:
    changed = marked("Nothing was changed.")

    said = say("{n} posts of {year}. {changed}", n=1904, year="2026", changed=changed)

    assert said == "1.904 POSTS of 2026. NOTHING was changed."


@pytest.mark.usefixtures("shouting")
@pytest.mark.parametrize(("n", "said"), [(1, "1 POST"), (12_000, "12.000 POSTs")])
def test_a_number_chooses_the_form_of_its_sentence(n: int, said: str) -> None:
    assert counted("{n} post", "{n} posts", n) == said


@pytest.mark.usefixtures("shouting")
def test_an_error_says_the_text_of_its_table() -> None:
    error = ConnectorError(Code.GONE, marked("Nothing is here."))

    assert str(error) == "NOTHING is here."


def test_braces_in_what_a_network_said_stay_as_they_are() -> None:
    error = ConnectorError(Code.GONE, "It said {n}.")

    assert say("{error} Try again.", error=error) == "It said {n}. Try again."


@pytest.mark.parametrize(("language", "said"), [("en-gb", "1,904.5"), ("de", "1.904,5")])
def test_a_printed_number_is_read_by_programs_whatever_its_language(
    language: str, said: str
) -> None:
    with translation.override(language):
        printed = figures.decimal(1904.5)

        assert printed == said
        assert figures.plain(printed) == "1904.5"


@pytest.mark.parametrize(("change", "said", "way"), [(1.3, "+1.3", "up"), (-0.8, "−0.8", "down")])
def test_a_sign_stays_before_its_number_where_text_runs_from_right_to_left(
    change: float, said: str, way: str
) -> None:
    with translation.override("he"):
        figure, direction = figures.signed(change), figures.direction(change)

    assert (figure, direction) == (f"\N{LEFT-TO-RIGHT MARK}{said}", way)
