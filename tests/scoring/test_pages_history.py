"""The history page: ranges, gaps, reconstructed days, and the files."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from scoring.models import ScoreSnapshot
from tests.scoring.builders import TODAY, history, person, snapshot, unsaved_snapshot
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
SCORE = "/score/"
DAY = timedelta(days=1)


@pytest.mark.parametrize("name", ["score", "score_csv", "score_json"])
def test_a_stranger_is_sent_to_sign_in(name: str) -> None:
    response = Client().get(reverse(name))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_without_a_score_the_page_says_when_the_line_begins() -> None:
    page = text_of(browser_of(person()), SCORE)

    assert "There is no score yet." in page
    assert 'class="chart"' not in page


def test_less_than_a_week_is_dots_and_a_sentence() -> None:
    nora = person()
    history(nora, [50.0, 50.2, 50.4])

    page = text_of(browser_of(nora), SCORE)

    assert "A line needs a week." in page
    assert page.count('<circle class="p s1"') == 3
    assert "<polyline" not in page


def test_the_range_decides_what_is_drawn_and_listed() -> None:
    nora = person()
    history(nora, [40.0] + [45.0] * 60 + [50.0])

    narrow = text_of(browser_of(nora), SCORE, range="30")
    wide = text_of(browser_of(nora), SCORE, range="90")

    assert "40.0" not in narrow
    assert '<strong class="num">40.0</strong> on 21 September 2026' in wide
    assert '<strong class="num">50.0</strong> on 21 November 2026' in wide
    assert "+10.0" in wide


def test_a_range_nobody_knows_leads_to_the_usual_one() -> None:
    response = browser_of(person()).get(SCORE, {"range": "7"})

    assert response.status_code == 302
    assert response.url == SCORE


def test_everything_is_the_range_from_the_first_stored_day() -> None:
    nora = person()
    snapshot(nora, 33.3, day=TODAY - 500 * DAY)
    history(nora, [50.0] * 10)

    page = text_of(browser_of(nora), SCORE, range="all")

    assert "33.3" in page


def test_years_are_drawn_at_every_few_days_and_the_page_stays_light() -> None:
    nora = person()
    ScoreSnapshot.objects.bulk_create(
        [
            unsaved_snapshot(nora, 50.0 + ago % 7, day=TODAY - ago * DAY, reconstructed=ago > 90)
            for ago in range(730)
        ]
    )
    client = browser_of(nora)

    for show in ("", "parts"):
        page = text_of(client, SCORE, range="all", show=show)

        assert "days is drawn; the files hold every day." in page
        assert page.count("<polyline") == (6 if show else 2)
        assert len(client.get(SCORE, {"range": "all", "show": show}).content) < 30_000


def test_an_empty_range_leads_to_the_days_there_are() -> None:
    nora = person()
    snapshot(nora, 33.3, day=TODAY - 500 * DAY)

    page = text_of(browser_of(nora), SCORE, range="30")

    assert "No day in this range has a score." in page
    assert "range=all" in page


def test_gaps_are_left_open_and_said() -> None:
    nora = person()
    history(nora, [50.0] * 8 + [None, None] + [51.0] * 8)

    page = text_of(browser_of(nora), SCORE)

    assert page.count("<polyline") == 2
    assert "2 days in between have no score: the gaps are left open." in page


def test_reconstructed_days_are_dashed_and_said_in_words() -> None:
    nora = person()
    for ago in range(20):
        snapshot(nora, 50.0, day=TODAY - ago * DAY, reconstructed=ago >= 5)

    page = text_of(browser_of(nora), SCORE)

    assert "dashed" in page
    assert (
        "The dashed days, 2 to 16 November, were worked out afterwards from the posts and "
        "reactions of those days." in page
    )


def test_the_parts_are_three_lines_known_by_letters_too() -> None:
    nora = person()
    history(nora, [50.0] * 10)

    page = text_of(browser_of(nora), SCORE, show="parts")

    assert page.count("<polyline") == 3
    for letter, name, points in (
        ("T", "True Reach", "20.0"),
        ("A", "Amplification", "17.5"),
        ("N", "Network Impact", "12.5"),
    ):
        assert f">{letter}</strong> <span>{name}</span>" in page
        assert f"{points} points" in page


def test_the_csv_holds_every_day_of_this_person_alone() -> None:
    nora, mallory = person("nora"), person("mallory")
    history(nora, [None, 50.25])
    history(mallory, [11.1])

    response = browser_of(nora).get(reverse("score_csv"))
    body = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(body)))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["day"], row["score"]) for row in rows] == [
        ("2026-11-20", ""),
        ("2026-11-21", "50.25"),
    ]


def test_the_json_holds_every_day_with_none_for_no_score() -> None:
    nora = person()
    history(nora, [None, 50.25])

    days = browser_of(nora).get(reverse("score_json")).json()["days"]

    assert [(day["day"], day["score"]) for day in days] == [
        ("2026-11-20", None),
        ("2026-11-21", 50.25),
    ]


def test_another_persons_history_never_appears() -> None:
    nora, mallory = person("nora"), person("mallory")
    history(mallory, [11.1] * 10)
    history(nora, [50.0] * 10)

    page = text_of(browser_of(nora), SCORE, range="all")

    assert ">11.1<" not in page
    assert ">50.0<" in page
