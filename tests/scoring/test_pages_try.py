"""The page of what would change a score: estimates, ways to a score, rests, what is missing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.connectors.base import Code
from accounts.models import Source
from scoring import words
from scoring.engine import Evidence, Params
from scoring.engine.simulate import Outcome, simulate
from scoring.engine.supposed import Change
from scoring.evidence import microseconds
from scoring.models import ScoreSnapshot, ScoreState
from scoring.views import simulator_words as say
from tests.scoring.builders import NOW, person, snapshot, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.supposing import score_on, weekly
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
PAGE = "/score/try/"
DAY = timedelta(days=1)


def nora(**story: Any) -> tuple[Client, ScoreSnapshot, Source]:
    """Return the browser of somebody with a score, the score, and the source it comes from."""
    source = source_of(person())
    shot = score_on(source, weekly(source, **story))
    return browser_of(source.user), shot, source


def outcome_of(shot: ScoreSnapshot, **change: Any) -> Any:
    """Return what the engine says of a change to the evidence of a stored score."""
    held = Evidence.unpack(bytes(ScoreState.objects.get(snapshot=shot).evidence))
    return simulate(held, Change(**change), Params(), microseconds(shot.as_of))


def test_more_people_are_answered_with_a_range_a_date_and_each_part() -> None:
    client, shot, _source = nora()
    expected = outcome_of(shot, replies=12, reposts=3)

    page = text_of(client, PAGE, replies="12", reposts="3", likes="", posts="5")

    figures = [words.decimal(value) for value in (shot.score, expected.score)]
    assert "From {} to {}.".format(*figures) in page
    low, high = words.decimal(expected.low), words.decimal(expected.high)
    assert low < figures[1] < high
    assert f"Likely between {low} and {high}." in page
    by = words.day_year((NOW + timedelta(weeks=expected.weeks)).date())
    assert f"If it goes on like that, most of it is there by {by}." in page
    for part in ("True Reach", "Amplification", "Network Impact"):
        assert f'<dt>{part}</dt> <dd class="num up"> +' in page
    assert 'name="replies" value="12"' in page


def test_posting_more_alone_changes_nothing_and_the_page_says_so() -> None:
    client, shot, _source = nora()
    score = words.decimal(shot.score)

    page = text_of(client, PAGE, posts="10")

    assert f"From {score} to {score}." in page
    assert "Posting more alone changes nothing." in page
    assert "Likely between" not in page
    assert "Nothing was asked for" in text_of(client, PAGE, likes="0")


def test_a_change_that_does_not_show_has_no_day() -> None:
    hardly = Outcome(37.704, 37.7, 37.7, 37.7, 6, (0.0, 0.0, 0.0), enough=True)

    said = say.by_when(hardly, NOW, paused=False)

    assert said == "That changes nothing that shows."


def test_another_source_is_there_as_soon_as_it_is_read_and_quiet_weeks_can_be_filled() -> None:
    client, _shot, _source = nora(but=(2, 5))

    assert "as soon as it is linked and read" in text_of(client, PAGE, source="on")

    page = text_of(client, PAGE, regular="on")
    assert "No quiet week: 2 of the last 13 had no reaction" in page
    assert "If it goes on like that, most of it is there by" in page


def test_of_more_than_is_known_there_is_no_number() -> None:
    client, _shot, _source = nora()

    for query in ({"likes": "100000"}, {"posts": "9" * 40}, {"rest": "13"}):
        page = text_of(client, PAGE, **query)
        assert "so there is no number" in page, query
        assert "Likely between" not in page, query
        assert "Change</strong>" not in page, query


@pytest.mark.parametrize(
    "query", [{"replies": "-1"}, {"likes": "many"}, {"to": "101"}, {"to": "nan"}, {"rest": "0"}]
)
def test_what_is_no_number_is_said_beside_its_field(query: dict[str, str]) -> None:
    client, _shot, _source = nora()

    assert 'class="errorlist"' in text_of(client, PAGE, status=400, **query)


def test_a_wanted_score_is_answered_with_the_least_that_reaches_it() -> None:
    client, shot, _source = nora(but=(3,))
    wanted = round(shot.score + 1.5, 1)

    page = text_of(client, PAGE, to=str(wanted))

    assert f"From {words.decimal(shot.score)} to {words.decimal(wanted)}: what would do it" in page
    least = next(n for n in range(1, 200) if outcome_of(shot, replies=n).score >= wanted)
    assert f"{least} more people a week who reply" in page
    assert f'?replies={least}"' in page
    assert "If it goes on like that, you are there by" in page
    assert "A week like most of yours instead of each quiet one" in page
    assert "By itself it leads to" in page
    assert page.index("what would do it") < page.index("If this happened")


def test_a_score_that_is_there_or_out_of_reach_is_said_to_be() -> None:
    client, shot, _source = nora()

    for wanted in ("2", words.decimal(shot.score)):
        assert "You are there: your score is" in text_of(client, PAGE, to=wanted)

    far = text_of(client, PAGE, to="99.9")
    assert far.count("More is far beyond your strongest week") == 3
    assert "None of these does it by itself." in far


def test_a_rest_is_answered_and_a_paused_link_stands_still_in_it() -> None:
    client, shot, source = nora()
    expected = outcome_of(shot, rest=3)

    page = text_of(client, PAGE, rest="3")

    assert f"From {words.decimal(shot.score)} to {words.decimal(expected.score)}." in page
    assert f"On {words.day_year((NOW + 21 * DAY).date())}, if nobody reacts until then." in page
    Source.objects.filter(pk=source.pk).update(paused_at=NOW - DAY)
    page = text_of(client, PAGE, rest="3", replies="5")
    assert "You paused links. They stand still" in page
    assert "+0.00 points" not in page
    assert "0.00 points" in page
    assert "weeks after you let your links go on." in page


def test_a_rest_of_which_too_little_is_left_has_no_number() -> None:
    client, _shot, _source = nora(weeks=5)

    assert "too little would be left to speak of a score" in text_of(client, PAGE, rest="12")


def test_less_than_fourteen_days_are_too_few_and_the_day_to_ask_again_is_named() -> None:
    source = source_of(person())
    story = weekly(source, weeks=2)
    for post in range(10, 15):
        story.counted(9, post=post, source=source.pk, days_ago=1)
    score_on(source, story)

    page = text_of(browser_of(source.user), PAGE, replies="5", to="60")

    assert "Needs 14 days of reactions." in page
    assert "Yours go back 10 days" in page
    assert f"Ask again on {words.day_year((NOW + 4 * DAY).date())}." in page
    assert 'name="replies"' not in page


def test_without_a_score_or_what_it_stands_on_the_page_says_what_is_missing() -> None:
    ada = person("ada")
    client = browser_of(ada)
    assert "Link an account to get a score" in text_of(client, PAGE, replies="5")
    source_of(ada)
    assert "Your first score is being worked out" in text_of(client, PAGE)
    snapshot(ada, None, day=(NOW - DAY).date(), posts=2, people=1)
    assert "Not enough to count yet." in text_of(client, PAGE)
    snapshot(ada, 50.4)
    assert "is being worked out anew" in text_of(client, PAGE, replies="5")


def test_an_old_score_is_said_to_be_old() -> None:
    client, _shot, source = nora()
    Source.objects.filter(pk=source.pk).update(read_at=NOW - 3 * DAY, code=Code.TRANSIENT)

    assert "could not be read since then" in text_of(client, PAGE, replies="5")


@pytest.mark.parametrize("weeks", [5, 13])
def test_the_page_asks_five_questions_however_much_there_is(
    weeks: int, django_assert_num_queries: AssertQueries
) -> None:
    client, _shot, _source = nora(weeks=weeks)

    with django_assert_num_queries(5):
        response = client.get(PAGE, {"replies": "5", "source": "on", "to": "60", "rest": "2"})

    assert response.status_code == 200
