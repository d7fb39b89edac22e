"""Why: which days, which lines, and that they add up."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests.scoring.builders import (
    TODAY,
    Reason,
    history,
    line,
    person,
    post_of,
    snapshot,
    source_of,
)
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
WHY = "/score/why/"
WHY_CSV = "/score/why.csv"
DAY = timedelta(days=1)
MINUS = "\N{MINUS SIGN}"


def rows_of(client: Client, **query: str) -> list[dict[str, str]]:
    response = client.get(WHY_CSV, query)
    body = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(body)))


@pytest.mark.parametrize("path", [WHY, WHY_CSV])
def test_a_stranger_is_sent_to_sign_in(path: str) -> None:
    response = Client().get(path)

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_without_a_score_the_page_says_when_it_will_have_something_to_tell() -> None:
    nora = person()
    snapshot(nora, None)

    page = text_of(browser_of(nora), WHY)

    assert "There is no score yet." in page


def test_the_first_day_says_what_the_score_is_made_of() -> None:
    nora = person()
    snapshot(nora, 50.4)

    page = text_of(browser_of(nora), WHY)

    assert "What your first score of 50.4 is made of" in page
    assert "Post number 0" in page


def test_the_last_seven_days_are_compared_unless_others_are_asked_for() -> None:
    nora = person()
    history(nora, [48.0, 49.1, 49.2, 49.3, 49.4, 49.5, 49.6, 49.7, 50.4])

    page = text_of(browser_of(nora), WHY)

    assert "Why your score went from 49.1 to 50.4" in page
    assert "14 to 21 November" in page


def test_with_less_than_a_week_the_first_counted_day_is_the_start() -> None:
    nora = person()
    history(nora, [49.1, 50.4])

    page = text_of(browser_of(nora), WHY)

    assert "Why your score went from 49.1 to 50.4" in page


def test_a_day_asked_for_alone_is_compared_with_seven_days_before_it() -> None:
    nora = person()
    history(nora, [48.0, 48.5, 49.1, 49.2, 49.3, 49.4, 49.5, 49.6, 49.7, 50.4])

    page = text_of(browser_of(nora), WHY, to=str(TODAY - DAY))

    assert "Why your score went from 48.5 to 49.7" in page


def test_a_day_of_the_first_week_asked_for_alone_is_compared_with_the_first() -> None:
    nora = person()
    history(nora, [48.0, 49.1, 50.4])

    page = text_of(browser_of(nora), WHY, to=str(TODAY - DAY))

    assert "Why your score went from 48.0 to 49.1" in page


def test_the_first_counted_day_asked_for_alone_says_what_it_is_made_of_and_offers_others() -> None:
    nora = person()
    history(nora, [48.0, 49.1, 50.4])

    page = text_of(browser_of(nora), WHY, to=str(TODAY - 2 * DAY))

    assert "What your first score of 48.0 is made of" in page
    assert "there is nothing before it to compare it with" in page
    assert f"?from={TODAY - DAY}&amp;to={TODAY}" in page


def test_the_only_counted_day_is_shown_whatever_is_asked_for() -> None:
    nora = person()
    history(nora, [50.4])

    page = text_of(browser_of(nora), WHY, **{"from": "2020-01-01", "to": "2020-01-02"})

    assert "What your first score of 50.4 is made of" in page


def test_the_last_counted_day_as_a_start_says_that_nothing_came_after() -> None:
    nora = person()
    history(nora, [49.1, 50.4])

    page = text_of(browser_of(nora), WHY, 400, **{"from": str(TODAY)})

    assert "21 November 2026 is your last counted day: nothing after it" in page


def test_a_line_tells_what_was_counted_where_and_how_much() -> None:
    nora = person()
    source = source_of(nora)
    history(nora, [49.1])
    snapshot(nora, 50.7, day=TODAY + DAY)
    shot = nora.snapshots.latest("day")
    post = post_of(source, "Talk recap")
    line(
        shot,
        1.6,
        source=source,
        post=post,
        kind="repost",
        count=214,
        people=160,
        points_reach=0.3,
        points_amplification=1.2,
        points_network=0.1,
    )

    page = text_of(browser_of(nora), WHY)

    assert '<a href="https://social.example/talk" rel="noreferrer">Talk recap</a>' in page
    assert "passed on 214 times, 160 people named by the network" in page
    assert "Sandbox, Map Room · Amplification" in page
    assert '<span class="pts up">+1.6' in page
    assert "22 Nov" in page


def test_lines_of_several_days_about_one_thing_are_one_line() -> None:
    nora = person()
    source = source_of(nora)
    post = post_of(source)
    history(nora, [49.0, 49.5, 50.0])
    for day, shot in enumerate(nora.snapshots.order_by("day")[1:]):
        line(shot, 0.5, source=source, post=post, count=day + 1, people=day + 1)

    page = text_of(browser_of(nora), WHY)

    assert page.count("Talk recap") == 1
    assert "3 likes by 3 people" in page
    assert "20 to 21 Nov" in page
    assert '<span class="pts up">+1.0' in page


def test_different_people_of_several_days_are_not_added_up_where_one_may_come_twice() -> None:
    nora = person()
    source = source_of(nora)
    post = post_of(source)
    history(nora, [49.0, 49.5, 50.0])
    for shot in nora.snapshots.order_by("day")[1:]:
        line(shot, 0.5, source=source, post=post, kind="reply", count=2, people=2)

    page = text_of(browser_of(nora), WHY)

    assert "4 replies" in page
    assert "4 replies by" not in page


def test_a_deleted_post_keeps_its_words_and_loses_its_link() -> None:
    nora = person()
    source = source_of(nora)
    post = post_of(source, "Talk recap")
    history(nora, [49.0, 50.0])
    line(nora.snapshots.latest("day"), 1.0, source=source, post=post)
    post.delete()

    page = text_of(browser_of(nora), WHY)

    assert "Talk recap" in page
    assert "deleted since" in page
    assert "https://social.example/talk" not in page


def test_two_deleted_posts_stay_two_lines() -> None:
    nora = person()
    source = source_of(nora)
    history(nora, [49.0, 50.0])
    shot = nora.snapshots.latest("day")
    for title in ("Talk recap", "Old thread"):
        line(shot, 0.5, source=source, post_title=title)

    page = text_of(browser_of(nora), WHY)

    assert "Talk recap" in page
    assert "Old thread" in page


def test_an_unlinked_source_keeps_its_name() -> None:
    nora = person()
    source = source_of(nora, "Map Room")
    history(nora, [50.0, 44.0])
    line(nora.snapshots.latest("day"), -6.0, source=source, reason=Reason.UNLINKED, kind="")
    source.delete()

    page = text_of(browser_of(nora), WHY)

    assert "Map Room stopped counting" in page
    assert f"{MINUS}6.0" in page


def test_only_the_largest_lines_are_listed_and_the_rest_is_one_line_a_reason() -> None:
    nora = person()
    source = source_of(nora)
    history(nora, [40.0, 51.25])
    shot = nora.snapshots.latest("day")
    for number in range(45):
        line(shot, 0.25, source=source, post_title=f"Post {number}")

    page = text_of(browser_of(nora), WHY)

    assert page.count('<span class="pts up">') == 42
    assert "Reactions: 5 smaller lines" in page
    assert "Download all 45 counted lines (CSV)" in page


def test_lines_that_would_show_nothing_are_folded() -> None:
    nora = person()
    source = source_of(nora)
    history(nora, [50.0, 50.5])
    shot = nora.snapshots.latest("day")
    line(shot, 0.4, source=source, post_title="Talk recap")
    for number in range(10):
        line(shot, 0.001, source=source, post_title=f"Post {number}")

    page = text_of(browser_of(nora), WHY)

    assert "Post 3" not in page
    assert "Reactions: 10 smaller lines" in page


def test_no_change_says_that_nothing_counted_moved() -> None:
    nora = person()
    history(nora, [50.4, 50.4])

    page = text_of(browser_of(nora), WHY)

    assert "Your score stayed at 50.4" in page
    assert "Nothing counted moved." in page


def test_a_change_of_the_model_is_said_to_be_ours() -> None:
    nora = person()
    history(nora, [50.4, 49.9])
    line(nora.snapshots.latest("day"), -0.5, reason=Reason.MODEL, kind="", count=0, people=0)

    page = text_of(browser_of(nora), WHY)

    assert "We changed how we count; this part is ours" in page
    assert "this change is yours and not ours" not in page


def test_the_same_model_on_both_days_is_said() -> None:
    nora = person()
    history(nora, [50.4, 49.9])

    page = text_of(browser_of(nora), WHY)

    assert "on both days: this change is yours and not ours." in page


def test_a_day_without_a_score_is_replaced_by_the_last_one_before_it() -> None:
    nora = person()
    history(nora, [48.0, None, 49.0, 50.4])

    page = text_of(
        browser_of(nora),
        WHY,
        **{"from": (TODAY - 2 * DAY).isoformat(), "to": TODAY.isoformat()},
    )

    assert "Why your score went from 48.0 to 50.4" in page
    assert "There is no score for 19 November; 18 November is the last one before it." in page


@pytest.mark.parametrize(
    ("start", "end", "said", "nearest"),
    [
        ("2026-11-20", "2026-11-14", "after the second", "from=2026-11-14&to=2026-11-20"),
        ("2026-11-14", "2026-11-14", "Both days are the same", "from=2026-11-13&to=2026-11-14"),
        (
            "2026-01-01",
            "2026-11-15",
            "first counted day is 12 Nov",
            "from=2026-11-12&to=2026-11-15",
        ),
        ("2026-11-15", "2027-01-01", "last counted day is 21 Nov", "from=2026-11-15&to=2026-11-21"),
        ("2027-01-01", "2027-01-05", "last counted day is 21 Nov", "from=2026-11-14&to=2026-11-21"),
        (
            "0001-01-01",
            "0001-01-01",
            "first counted day is 12 Nov",
            "from=2026-11-14&to=2026-11-21",
        ),
        ("9999-12-31", "", "last counted day is 21 Nov", "from=2026-11-14&to=2026-11-21"),
        ("", "0001-01-02", "first counted day is 12 Nov", "from=2026-11-14&to=2026-11-21"),
        ("yesterday", "", "“yesterday” is not a day", "from=2026-11-14&to=2026-11-21"),
        ("", "2026-02-30", "“2026-02-30” is not a day", "from=2026-11-14&to=2026-11-21"),
        ("<b>", "", "“&lt;b&gt;” is not a day", "from=2026-11-14&to=2026-11-21"),
    ],
)
def test_days_that_cannot_be_compared_are_explained_with_the_nearest_that_can(
    start: str, end: str, said: str, nearest: str
) -> None:
    nora = person()
    history(nora, [50.0 + day / 10 for day in range(10)])

    page = text_of(browser_of(nora), WHY, status=400, **{"from": start, "to": end})

    assert said in page
    assert escape(nearest) in page


def test_bad_days_of_a_file_lead_back_to_the_page_that_explains_them() -> None:
    nora = person()
    history(nora, [50.0, 50.4])

    response = browser_of(nora).get(WHY_CSV, {"from": "yesterday"})

    assert response.status_code == 302
    assert response.url == f"{WHY}?from=yesterday"


def test_the_file_holds_every_line_of_the_days_with_the_words_of_the_page() -> None:
    nora = person()
    source = source_of(nora)
    post = post_of(source)
    history(nora, [48.0, 49.0, 50.0])
    first, second, third = nora.snapshots.order_by("day")
    line(second, 1.0, source=source, post=post, kind="repost", count=2, people=2)
    line(third, 1.25, source=source, post=post)
    line(third, -0.25, source=source, reason=Reason.FADED, kind="")

    rows = rows_of(
        browser_of(nora), **{"from": second.day.isoformat(), "to": third.day.isoformat()}
    )

    assert [float(row["points"]) for row in rows] == [1.25, -0.25]
    assert rows[0]["text"] == "3 likes by 3 people"
    assert rows[0]["source"] == "Sandbox, Map Room"
    assert first.day < second.day


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_in_a_file_is_taken_for_a_formula(start: str) -> None:
    nora = person()
    history(nora, [49.0, 48.0])
    line(nora.snapshots.latest("day"), -1.0, post_title=f"{start}SUM(A1:A9)")

    (row,) = rows_of(browser_of(nora))

    assert row["post"] == f"'{start}SUM(A1:A9)"
    assert float(row["points"]) == -1.0


def test_another_persons_lines_never_appear() -> None:
    nora, mallory = person("nora"), person("mallory")
    history(nora, [49.0, 50.0])
    history(mallory, [20.0, 30.0])
    line(mallory.snapshots.latest("day"), 10.0, post_title="Secret post")

    page = text_of(browser_of(nora), WHY)

    assert "Secret post" not in page
    assert rows_of(browser_of(nora)) == []
