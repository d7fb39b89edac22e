"""What people are told of their score and topics, and the digest that leads a mail."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import resolve

from accounts import notice_kinds
from accounts.models import Notice
from scoring import telling
from scoring.digests import digest_of
from scoring.models import PostTopic, ScoreSnapshot
from tests.scoring.builders import NOW, TODAY, history, line, person, post_of, snapshot, source_of
from tests.scoring.readings import NOW as READ_AT
from tests.scoring.speaking import PHOTOS, WEB, known_for, rescored

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told() -> list[tuple[str, dict[str, Any]]]:
    return list(Notice.objects.order_by("pk").values_list("kind", "values"))


def of_today(score: float | None, *, first: bool = False) -> None:
    today = ScoreSnapshot.objects.filter(day=TODAY).first() or snapshot(person("new"), score)
    today.score = score
    telling.of_score(today, first=first, now=NOW)


def test_the_first_score_is_told_once() -> None:
    for _ in range(2):
        of_today(50.44, first=True)

    assert told() == [("first_score", {"score": 50.4})]


def test_no_score_is_no_news() -> None:
    of_today(None, first=True)
    of_today(None)

    assert told() == []


@pytest.mark.parametrize(
    ("before", "change"), [(48.4, 2.0), (53.0, -2.6), (48.5, None), (52.3, None)]
)
def test_a_score_that_moved_within_a_week_is_told_once_a_week(
    before: float, change: float | None
) -> None:
    history(person(), [before] + [50.0] * 6 + [50.4])

    for _ in range(2):
        of_today(50.4)

    said = [] if change is None else [("score_moved", {"score": 50.4, "change": change})]
    assert told() == said


def test_days_that_were_worked_out_backwards_move_nothing() -> None:
    history(person(), [20.0] + [50.0] * 6 + [50.4])
    ScoreSnapshot.objects.filter(score=20.0).update(reconstructed=True)

    of_today(50.4)

    assert told() == []


def test_the_first_score_by_another_model_is_told_once_with_what_it_changed() -> None:
    nora = person()
    history(nora, [20.0] + [50.0] * 6, until=TODAY - DAY)
    ScoreSnapshot.objects.update(model="2025.2")
    snapshot(nora, 50.4)

    for _ in range(2):
        of_today(50.4)

    ((kind, values),) = told()
    assert kind == "model_changed"
    assert (values["score"], values["before"], values["change"]) == (50.4, 50.0, 0.4)
    assert (values["since_on"], values["before_on"]) == ("2026-11-21", "2026-11-20")
    assert notice_kinds.sentence(kind, values, who="") == (
        "Since 21 November 2026 we count by 2026.1. As it was counted before, your score was 50.0 "
        "on 20 November 2026; now it is 50.4: +0.4 points, with what happened in between."
    )


def test_topics_that_come_and_go_are_told_and_the_first_ones_are_not() -> None:
    user = known_for("ada", *[WEB] * 3, *[PHOTOS] * 2)
    at_first = told()
    third = PostTopic.objects.get(post__external_id="p3")
    third.delete()

    rescored(user, now=READ_AT + DAY)
    rescored(user, now=READ_AT + 2 * DAY)
    PostTopic.objects.create(post=third.post, topic=WEB, share=0.8, because="map")
    rescored(user, now=READ_AT + 3 * DAY)

    news = [(kind, values["topic"]) for kind, values in told() if values["topic"] == WEB]
    assert at_first == []
    assert news == [("topic_gone", WEB), ("topic_new", WEB)]


def test_a_digest_says_what_went_up_and_which_post_did_most_of_it() -> None:
    nora = person()
    history(nora, [49.1] + [50.0] * 6 + [50.4])
    today = ScoreSnapshot.objects.get(day=TODAY)
    line(today, 1.1, post=post_of(source_of(nora)), kind="repost")
    line(today, 0.2, kind="follow")

    said = digest_of(nora.pk, TODAY - 7 * DAY, TODAY)

    assert said is not None
    assert said.summary == "50.4, up 1.3. “Talk recap” did most of it."
    assert said.reasons[0].startswith("+1.1: “Talk recap”, ")
    assert len(said.reasons) == 2
    assert resolve("/" + said.url.split("/", 3)[3].partition("?")[0]).url_name == "why"
    assert said.url.endswith(f"?from={TODAY - 7 * DAY}&to={TODAY}")


@pytest.mark.parametrize(
    ("scores", "days", "summary"),
    [
        ([50.4, 49.6], 7, "49.6 this week. What moved."),
        ([50.4, 49.6], 30, "49.6 this month. What moved."),
        ([50.4, 50.4], 7, "50.4, the same as last week."),
        ([50.4, 50.4], 30, "50.4, the same as last month."),
        ([50.4], 7, "50.4: your first score."),
        ([49.4, 50.4], 7, "50.4, up 1.0."),
    ],
)
def test_a_digest_leads_with_one_plain_line(scores: list[float], days: int, summary: str) -> None:
    nora = person()
    history(nora, scores)

    said = digest_of(nora.pk, TODAY - days * DAY, TODAY)

    assert said is not None
    assert said.summary == summary


def test_without_a_score_there_is_no_digest() -> None:
    nora = person()
    history(nora, [None, None])

    assert digest_of(nora.pk, TODAY - 7 * DAY, TODAY) is None
