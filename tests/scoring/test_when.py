"""The page of when to post: one's own posts at one's own hours, or what is missing."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from scoring.models import Post, Tally
from scoring.people import posting
from tests.scoring.builders import NOW, person, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.people_scenes import DAY, acted, author, post_by, posted_daily
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")


def test_own_posts_are_read_with_the_larger_of_both_counts_at_the_hour_of_their_author() -> None:
    nora, source = author()
    counted = post_by(source, "Counted", at=NOW - 5 * DAY)
    Tally.objects.create(post=counted, kind="like", at=NOW, seen_at=NOW, delta=7)
    Tally.objects.create(post=counted, kind="repost", at=NOW, seen_at=NOW, delta=2)
    acted(counted, None, None)
    acted(post_by(source, "Named", at=NOW - 6 * DAY), None, None, None)
    post_by(source, "Silent", at=NOW - 7 * DAY)

    heard = posting.of_person(nora.pk, zone=ZoneInfo("Asia/Tokyo"), now=NOW)

    assert [one.reactions for one in heard.posts] == [9, 3, 0]
    assert {one.hour for one in heard.posts} == {21}
    assert heard.days == 3


def test_replies_new_old_and_uncounted_posts_are_left_out() -> None:
    nora, source = author()
    post_by(source, "New", at=NOW - timedelta(hours=47))
    post_by(source, "Old", at=NOW - 181 * DAY)
    post_by(source_of(nora, "Left", selected=False), "Elsewhere", at=NOW - 5 * DAY)
    reply = post_by(source, "Reply", at=NOW - 5 * DAY)
    Post.objects.filter(pk=reply.pk).update(kind="reply")

    assert posting.of_person(nora.pk, zone=UTC, now=NOW).posts == []


@pytest.mark.one_engine
def test_the_page_names_the_hours_that_are_sure() -> None:
    nora, source = author()
    posted_daily(source, 40, now=NOW, morning=9, evening=2)
    User.objects.filter(pk=nora.pk).update(time_zone="Asia/Tokyo")
    nora.refresh_from_db()

    page = text_of(browser_of(nora), "/when/")

    sure = page[page.index("What is sure") : page.index("Hours and weekdays</h2>")]
    assert sure.index("15–18") < sure.index("answered less than usual".capitalize())
    assert "40 of 40 posts answered more than usual; likely between 82 and 100 %" in sure
    assert "03–06" in sure
    assert "Monday, 15–18: " in page


@pytest.mark.one_engine
def test_where_no_time_stands_out_the_page_says_so() -> None:
    nora, source = author()
    posted_daily(source, 40, now=NOW, morning=5, evening=5)

    assert "No hour and no weekday stands out." in text_of(browser_of(nora), "/when/")


@pytest.mark.one_engine
def test_too_few_posts_are_met_with_what_is_missing() -> None:
    nora, source = author()
    posted_daily(source, 6, now=NOW, morning=9, evening=2)

    page = text_of(browser_of(nora), "/when/")

    assert "18 more posts of your own" in page
    assert "Posts on 8 more days." in page
    assert "What is sure" not in page
    assert "30 more posts" in text_of(browser_of(person("new")), "/when/")


@pytest.mark.parametrize("days", [20, 60])
def test_the_page_asks_one_question_besides_who_asks(
    days: int, django_assert_num_queries: AssertQueries
) -> None:
    nora, source = author()
    posted_daily(source, days, now=NOW, morning=9, evening=2)
    client = browser_of(nora)

    with django_assert_num_queries(3):
        response = client.get("/when/")

    assert response.status_code == 200
