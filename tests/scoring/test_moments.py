"""Which posts are moments, whom they name, and that what was removed stays removed."""

import pytest

from accounts import blocking
from accounts.models import Audience, Profile, Source
from scoring.models import MomentRemoved, Post
from scoring.people import moments
from tests.scoring.builders import NOW, Reason, snapshot, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.people_scenes import DAY, acted, author, moved, post_by, posts_that_moved, seen
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db


def titles(found: list[moments.Moment]) -> list[str]:
    return [one.post.excerpt for one in found]


def test_posts_are_ordered_by_what_reactions_brought_on_all_days_together() -> None:
    nora, source = author()
    first, second, _third = posts_that_moved(source, [0.05, 0.4, 0.2])
    moved(first, 1.5, kind="repost", count=7)
    moved(second, -0.1, reason=Reason.CORRECTED, count=-1)
    moved(second, -9.0, reason=Reason.FADED)

    found = moments.of_person(nora.pk, now=NOW)

    assert titles(found) == ["Post 1", "Post 2", "Post 3"]
    assert [round(one.points, 6) for one in found] == [1.55, 0.3, 0.2]
    assert found[0].kinds == (("repost", 7), ("like", 3))
    assert [one.step for one in found] == [4, 3, 2]


def test_what_is_older_or_brought_nothing_or_counts_no_longer_is_none() -> None:
    nora, source = author()
    moved(post_by(source, "Old", at=NOW - 91 * DAY), 2.0)
    moved(post_by(source, "Lost", at=NOW - DAY), -0.5, reason=Reason.CORRECTED, count=-2)
    moved(post_by(source_of(nora, "Left", selected=False), "Elsewhere"), 1.0)
    post_by(source, "Silent")

    assert moments.of_person(nora.pk, now=NOW) == []


def test_a_removed_post_stays_removed_when_it_is_read_and_scored_again() -> None:
    nora, source = author()
    post, other = posts_that_moved(source, [1.0, 0.5])

    moments.remove(nora.pk, post.pk, now=NOW)
    moments.remove(nora.pk, post.pk, now=NOW)
    moved(post, 2.0, kind="repost")
    gone = Post.objects.get(pk=post.pk)
    Post.objects.filter(pk=post.pk).delete()
    moved(post_by(source, gone.external_id), 3.0)

    assert titles(moments.of_person(nora.pk, now=NOW)) == [other.excerpt]
    assert [one.excerpt for one in moments.removed(nora.pk, now=NOW)] == [gone.excerpt]
    assert MomentRemoved.objects.count() == 1


def test_others_see_public_posts_of_linked_accounts_alone() -> None:
    nora, source = author()
    moved(post_by(source, "Public"), 0.2)
    moved(post_by(source, "For friends", visibility="private"), 2.0)
    file = source_of(nora, "File")
    Source.objects.filter(pk=file.pk).update(grant=None)
    moved(post_by(file, "From a file"), 1.0)

    found = moments.shown_to_others(nora.pk, now=NOW, most=5)

    assert titles(found) == ["Public"]


def test_those_are_named_who_show_page_and_accounts_and_whom_no_block_keeps_apart() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [1.0])
    ada, shy, away = seen("ada"), seen("shy", networks=Audience.NOBODY), seen("away")
    blocking.block(by=away, whom=nora, now=NOW)
    acted(post, ada, shy, away, nora, None)
    acted(post, ada, kind="repost")

    named = moments.responded([post.pk], author=nora)

    assert [one.handle for one in named[post.pk]] == ["ada"]


@pytest.mark.one_engine
def test_the_page_sorts_removes_and_puts_back() -> None:
    nora, source = author()
    posts = posts_that_moved(source, [0.2, 1.4, 0.05])
    acted(posts[2], seen("ada"), None, None)
    client = browser_of(nora)

    page = text_of(client, "/moments/")
    by_people, by_day = text_of(client, "/moments/?by=people"), text_of(client, "/moments/?by=day")

    assert page.index("Post 2") < page.index("Post 1") < page.index("Post 3")
    assert by_people.index("Post 3") < by_people.index("Post 2")
    assert by_day.index("Post 1") < by_day.index("Post 2") < by_day.index("Post 3")
    assert "+1.4 points" in page
    assert 'aria-label="Step 4 of 5"' in page
    assert "3 people known to the network" in page
    assert '<a dir="auto" href="/@ada">Ada</a>' in page
    assert client.get("/moments/?by=luck").status_code == 404
    beyond = text_of(client, "/moments/?by=day&page=99")
    assert "Nothing lies beyond the last page." in beyond
    assert '<a href="?by=day&amp;page=1">To the last page</a>' in beyond
    assert "No moment yet" not in beyond

    said = client.post(f"/moments/{posts[1].pk}/remove/", follow=True).content.decode()
    assert "It still counts, and is no moment any more." in said
    assert "Put back: Post 2" in said
    client.post(f"/moments/{posts[1].pk}/restore/")
    assert "+1.4 points" in text_of(client, "/moments/")
    assert client.post(f"/moments/{posts[1].pk}/praise/").status_code == 404


@pytest.mark.one_engine
def test_before_there_is_one_the_posts_that_give_most_are_told() -> None:
    nora, source = author()
    made_of = {"post": [{"day": "2026-11-12", "title": "Ink", "url": "", "points": 2.3}]}
    snapshot(nora, 31.0, day=NOW.date(), made_of=made_of)

    first = text_of(browser_of(nora), "/moments/")
    (post,) = posts_that_moved(source, [0.4])
    moved(post, 0.1)
    later = text_of(browser_of(nora), "/moments/")
    moments.remove(nora.pk, post.pk, now=NOW)
    without = text_of(browser_of(nora), "/moments/")

    assert "Posts that give most" in first
    assert "<span>Ink</span>" in first.replace("> ", ">").replace(" <", "<")
    assert "Posts that give most" not in later
    assert "Posts that give most" not in without


def test_nobody_removes_the_moments_of_another() -> None:
    nora, source = author()
    (post,) = posts_that_moved(source, [1.0])
    other = browser_of(seen("ada"))

    for act in ("remove", "restore"):
        assert other.post(f"/moments/{post.pk}/{act}/").status_code == 404
    assert titles(moments.of_person(nora.pk, now=NOW)) == ["Post 1"]


@pytest.mark.one_engine
def test_a_profile_shows_moments_to_whom_they_are_open() -> None:
    nora, source = author()
    posts_that_moved(source, [1.0])
    browser = browser_of(seen("ada"))
    before = text_of(browser, "/@nora")

    Profile.objects.filter(user=nora).update(moments=Audience.MEMBERS)

    assert "What moved people" not in before
    assert "+1.0 points" in text_of(browser, "/@nora")


@pytest.mark.parametrize("size", [2, 12])
def test_the_page_asks_the_same_few_questions_however_much_there_is(
    size: int, django_assert_num_queries: AssertQueries
) -> None:
    nora, source = author()
    for post in posts_that_moved(source, [0.3] * size):
        acted(post, seen(f"ada{post.pk}"))
    client = browser_of(nora)

    with django_assert_num_queries(8):
        response = client.get("/moments/")

    assert response.status_code == 200
