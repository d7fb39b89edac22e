"""Home in every state: what is said, what is not, and what it costs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.connectors.base import Code
from accounts.models import Source, User
from scoring import plusk
from scoring.models import PlusK
from tests.scoring import plusk_scenes
from tests.scoring.builders import (
    NOW,
    TODAY,
    Reason,
    history,
    line,
    made_of,
    person,
    post_of,
    snapshot,
    source_of,
)
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
HOME = "/home/"
DAY = timedelta(days=1)


def test_a_stranger_is_sent_to_sign_in() -> None:
    response = Client().get(HOME)

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_somebody_without_a_link_sees_one_card_that_leads_to_linking() -> None:
    page = text_of(browser_of(person()), HOME)

    assert "Good afternoon, Nora" in page
    assert f'href="{reverse("start")}"' in page
    assert page.count('class="card') == 1


def test_somebody_who_just_linked_is_shown_the_way_to_the_counting() -> None:
    nora = person()
    source_of(nora)

    page = text_of(browser_of(nora), HOME)

    assert reverse("first_scoring") in page
    assert "Score 1" not in page


def test_the_first_day_has_a_score_and_no_change() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, 50.4)

    page = text_of(browser_of(nora), HOME)

    assert "Score 50.4 of 100" in page
    assert "This is your first score." in page
    assert "since" not in page
    assert "Scored at 06:10 today" in page


def test_a_first_score_with_a_past_says_that_the_past_was_worked_out() -> None:
    nora = person()
    source_of(nora)
    for ago in range(1, 9):
        snapshot(nora, 49.0, day=TODAY - ago * DAY, reconstructed=True)
    snapshot(nora, 50.4)

    page = text_of(browser_of(nora), HOME)

    assert "The days before it were worked out afterwards, from the posts" in page
    assert "+1.4" in page


def test_the_first_score_is_called_so_until_it_was_seen() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, 50.4)
    browser = browser_of(nora)

    once, again = text_of(browser, HOME), text_of(browser, HOME)

    assert "This is your first score." in once
    assert "This is your first score." not in again
    assert "From tomorrow on you see here what moved it." in again


def test_a_score_that_is_not_there_yet_does_not_use_up_the_first() -> None:
    nora = person()
    source_of(nora)
    shot = snapshot(nora, None, posts=2, people=1)
    browser = browser_of(nora)

    before = text_of(browser, HOME)
    shot.score = 50.4
    shot.save()
    after = text_of(browser, HOME)

    assert "This is your first score." not in before
    assert "This is your first score." in after


def test_home_and_why_tell_the_same_change_in_the_same_decimals() -> None:
    nora = person()
    source_of(nora)
    for ago in range(1, 9):
        snapshot(nora, 24.25, day=TODAY - ago * DAY)
    today = snapshot(nora, 23.31)
    for number in range(3):
        line(today, -0.04, post_title=f"Post {number}", reason=Reason.CORRECTED)
    line(today, -0.82, reason=Reason.FADED, kind="")
    browser = browser_of(nora)

    home, why = text_of(browser, HOME), text_of(browser, reverse("why"))

    for figure in ("0.94", "0.82"):
        assert f"\N{MINUS SIGN}{figure}" in home
        assert f"\N{MINUS SIGN}{figure}" in why
    assert "from 24.25 to 23.31" in why
    assert "in hundredths" in why


def test_not_enough_says_what_is_needed_and_never_shows_a_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, None, posts=2, people=1)

    page = text_of(browser_of(nora), HOME)

    assert "Not enough to count yet." in page
    assert "We need 5 posts with a reaction and 3 people who reacted" in page
    assert "You have 2 and 1." in page
    assert "of 100" not in page
    assert not caplog.records, "nothing is wrong with a score that is not there yet"


def test_the_change_since_last_week_comes_with_its_largest_reasons() -> None:
    nora = person()
    source = source_of(nora)
    history(nora, [49.1] * 8, until=TODAY - DAY)
    today = snapshot(nora, 50.4)
    post = post_of(source, "Talk recap")
    line(today, 1.6, source=source, post=post, kind="repost", count=214, people=214)
    line(today, -0.5, source=source, reason=Reason.FADED, kind="")
    line(today, 0.2, source=source, kind="like", count=9)

    page = text_of(browser_of(nora), HOME)

    assert "+1.3" in page
    assert 'All other lines together: <strong class="up num">+0.2</strong>' in page
    assert "since Saturday 14 November" in page
    assert "passed on 214 times by 214 people" in page
    assert "+1.6" in page
    assert "\N{MINUS SIGN}0.5" in page


def test_a_week_in_which_nothing_moved_says_so() -> None:
    nora = person()
    source_of(nora)
    history(nora, [50.4] * 10)

    page = text_of(browser_of(nora), HOME)

    assert "No change" in page
    assert "Nothing counted moved." in page


def test_the_parts_are_shown_in_points_that_sum_to_the_score() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, 50.4, reach_score=60.0, amplification_score=50.0, network_score=35.6)

    page = text_of(browser_of(nora), HOME)

    assert "<strong>24.0</strong>" in page
    assert "<strong>17.5</strong>" in page
    assert "<strong>8.9</strong>" in page
    for most in ("of 40", "of 35", "of 25"):
        assert most in page


def test_the_range_and_the_completeness_stand_beside_the_number() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, 50.4, low=47.4, high=52.9, sources=3, sources_read=2)

    page = text_of(browser_of(nora), HOME)

    assert "Between 47.4 and 52.9" in page
    assert "2 of 3 sources were read within 26 hours." in page


@pytest.mark.parametrize(("population", "shown"), [(10, True), (9, False), (None, False)])
def test_a_place_is_named_with_its_population_and_only_among_ten(
    population: int | None, shown: bool
) -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, population=population, percentile=None if population is None else 81.4)

    page = text_of(browser_of(nora), HOME)

    assert ("Higher than 81 % of the" in page) is shown


def test_what_it_is_made_of_names_sources_kinds_and_posts() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, made_of=made_of("Map Room", "Nora Lindqvist"))

    page = text_of(browser_of(nora), HOME)

    assert "Map Room" in page
    assert "Nora Lindqvist" in page
    assert "Passed on" in page
    assert 'href="https://social.example/0"' in page
    assert 'class="donut"' in page


def test_a_post_whose_address_is_no_web_address_is_not_linked() -> None:
    nora = person()
    source_of(nora)
    made = made_of(posts=1)
    made["post"][0]["url"] = "javascript:alert(1)"
    snapshot(nora, made_of=made)

    page = text_of(browser_of(nora), HOME)

    assert "javascript:" not in page
    assert "Post number 0" in page


@pytest.mark.parametrize("broken", [{}, [], {"source": 3}, {"post": [{"points": "many"}]}])
def test_a_card_that_cannot_be_read_leaves_the_others_standing(broken: object) -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, 50.4, made_of=broken)

    page = text_of(browser_of(nora), HOME)

    assert "This part could not be shown." in page
    assert "Score 50.4 of 100" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": Code.REVOKED}, "1 link needs you"),
        ({"code": Code.TRANSIENT}, "gave no answer. Your score waits."),
        ({"code": Code.CONTRACT}, "Something on our side. No effect on your score."),
        (
            {"code": Code.RATE_LIMITED, "retry_at": NOW + timedelta(minutes=90)},
            "asked us to wait until 13:30. Nothing to do.",
        ),
        ({"limited": ["reactions"]}, "lets us read only a part"),
        ({"paused_at": NOW}, "You paused 1 link"),
        ({"selected": False}, "Choose what counts on"),
    ],
)
def test_links_that_have_something_to_say_say_it(fields: dict[str, object], said: str) -> None:
    nora = person()
    source_of(nora, **fields)
    snapshot(nora)

    page = text_of(browser_of(nora), HOME)

    assert said in page


def test_a_healthy_link_and_a_page_not_chosen_beside_a_chosen_one_are_silent() -> None:
    nora = person()
    source = source_of(nora)
    source.pk, source.external_id, source.selected = None, "other", False
    source.save()
    snapshot(nora)

    page = text_of(browser_of(nora), HOME)

    assert 'class="note' not in page


def test_an_old_score_says_from_when_it_is() -> None:
    nora = person()
    source_of(nora)
    snapshot(nora, day=TODAY - 2 * DAY)

    page = text_of(browser_of(nora), HOME)

    assert "This is as of 06:10 on 19 November." in page


def outage(name: str, title: str, **fields: object) -> Source:
    """Return a source of somebody scored this morning that was not read for three days."""
    nora = User.objects.filter(username=name).first() or person(name)
    if not nora.snapshots.exists():
        snapshot(nora)
    values = {"code": Code.TRANSIENT, "read_at": NOW - 3 * DAY, "tried_at": NOW}
    return source_of(nora, title, **(values | fields))


def test_a_score_of_today_from_a_network_that_is_away_says_from_when_it_is() -> None:
    source = outage("nora", "Map Room", read_at=NOW - 3 * DAY - timedelta(hours=5, minutes=50))

    page = text_of(browser_of(source.user), HOME)

    assert "As of Wednesday 06:10: Sandbox could not be read since then. Your score waits." in page
    assert 'class="tag warn"' in page


def test_sources_that_could_not_be_read_are_counted_among_all_that_count() -> None:
    source = outage("nora", "Map Room")
    outage("nora", "Old page", read_at=NOW - 20 * DAY)
    outage("nora", "Fresh page", read_at=NOW, code=Code.OK)

    page = text_of(browser_of(source.user), HOME)

    assert "As of 12:00 on 1 November: 2 of 3 sources could not be read, the first since" in page


def test_one_of_several_sources_that_could_not_be_read_says_since_when() -> None:
    source = outage("nora", "Map Room")
    outage("nora", "Fresh page", read_at=NOW, code=Code.OK)

    page = text_of(browser_of(source.user), HOME)

    assert "As of Wednesday 12:00: 1 of 2 sources could not be read since then (Sandbox)." in page


def test_a_link_that_needs_its_person_is_not_said_to_wait() -> None:
    source = outage("nora", "Map Room", code=Code.REVOKED)

    page = text_of(browser_of(source.user), HOME)

    assert "counts in full for 14 days and then less each day." in page
    assert "Your score waits." not in page


@pytest.mark.parametrize(
    "fields",
    [
        {"grant": None},
        {"paused_at": NOW},
        {"selected": False},
        {"read_at": None},
        {"read_at": NOW - timedelta(hours=35)},
    ],
    ids=["an archive", "paused", "not counted", "never read", "a day and a half at most"],
)
def test_what_does_not_grow_stale_makes_no_score_old(fields: dict[str, object]) -> None:
    source = outage("nora", "Map Room", code=Code.OK)
    Source.objects.update(**fields)

    page = text_of(browser_of(source.user), HOME)

    assert "As of" not in page
    assert "could not be" not in page


def test_plusk_and_the_one_thing_to_do_stand_on_home_until_they_are_done() -> None:
    nora, _ahmed = plusk_scenes.among_friends(now=NOW)
    source_of(nora)
    snapshot(nora, 50.4)
    browser = browser_of(nora)

    page = text_of(browser, HOME)
    newest = plusk.glance(nora, now=NOW).newest
    assert newest is not None
    browser.post(reverse("plusk_act", args=[newest.id, "thank"]))
    browser.get(reverse("plusk"))
    offered = PlusK.objects.get(receiver__user=nora, topic="cycling")
    plusk.accept(user_id=nora.pk, plusk_id=offered.pk, now=NOW)
    later = text_of(browser, HOME)

    assert "7 of 10 left today." in page
    assert "4 new +K for you." in page
    assert "1 +K in a topic that is new for you waits until you accept it." in page
    assert newest.by.name in page
    assert "new +K" not in later
    assert "Nothing needs you today." in later
    assert "Thank Jun" in later


def test_another_persons_score_and_links_never_appear() -> None:
    nora, mallory = person("nora"), person("mallory")
    source_of(mallory, "Secret page", code=Code.REVOKED)
    history(mallory, [11.1, 22.2, 33.3])

    page = text_of(browser_of(nora), HOME)

    for secret in ("Secret page", "33.3", "needs you"):
        assert secret not in page
