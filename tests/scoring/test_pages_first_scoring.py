"""The first scoring, from the first job to the score in place."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.connectors.base import Code
from accounts.models import Source, SyncRun
from scoring.models import Heartbeat, Job
from tests.scoring.builders import NOW, job, person, snapshot, source_of
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
PAGE = "/start/scoring/"
SECOND = timedelta(seconds=1)
Kind, State = Job.Kind, Job.State
TRIGGER = 'hx-trigger="every 1s"'


def being_read(name: str = "nora", title: str = "Map Room") -> Source:
    """Return a source that was just chosen and is read now."""
    source = source_of(person(name), title, read_at=None, tried_at=None)
    job(
        source.user,
        Kind.COLLECT,
        subject=source.pk,
        state=State.RUNNING,
        progress="312 posts read",
        started_at=NOW,
    )
    return source


def was_read(source: Source, *, posts: int = 312, reactions: int = 1904) -> None:
    """End the reading of a source well."""
    SyncRun.objects.create(
        source=source,
        started_at=NOW - 3 * SECOND,
        ended_at=NOW,
        code=Code.OK,
        posts=posts,
        reactions=reactions,
    )
    Source.objects.filter(pk=source.pk).update(read_at=NOW, tried_at=NOW)
    Job.objects.filter(kind=Kind.COLLECT, subject=str(source.pk)).update(
        state=State.DONE, started_at=NOW - 3 * SECOND, ended_at=NOW
    )


def part_of(client: Client, seen: str = "") -> tuple[int, str]:
    """Return what htmx gets: the status and the part of the page."""
    response = client.get(PAGE, {"seen": seen}, headers={"HX-Request": "true"})
    return response.status_code, " ".join(response.content.decode().split())


def test_a_stranger_is_sent_to_sign_in() -> None:
    response = Client().get(PAGE)

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_without_a_link_the_page_leads_to_linking() -> None:
    page = text_of(browser_of(person()), PAGE)

    assert "Nothing is linked yet" in page
    assert TRIGGER not in page
    assert 'http-equiv="refresh"' not in page


def test_what_is_read_now_is_told_in_the_words_of_the_worker() -> None:
    source = being_read()

    page = text_of(browser_of(source.user), PAGE)

    assert "Sandbox, Map Room: 312 posts read" in page
    assert "Working out the score" in page
    assert "Working out the days before today" in page
    assert TRIGGER in page
    assert '<noscript> <meta http-equiv="refresh" content="3"> </noscript>' in page


def test_what_was_read_is_told_with_counts_and_seconds() -> None:
    source = being_read()
    was_read(source)
    job(source.user, Kind.SCORE, state=State.RUNNING)

    page = text_of(browser_of(source.user), PAGE)

    assert re.search(r"312 posts( since \d+ \w+)? and 1,904 new reactions", page)
    assert "3 s" in page
    assert re.search(r'<progress max="3" value="1"', page)


def test_the_score_takes_the_place_of_the_steps_while_the_past_is_still_worked_out() -> None:
    source = being_read()
    was_read(source)
    job(source.user, Kind.SCORE, state=State.DONE)
    job(source.user, Kind.HISTORY, state=State.RUNNING)
    snapshot(source.user, 50.4)

    status, part = part_of(browser_of(source.user))

    assert status == 200
    assert "<html" not in part
    assert "Your score is 50.4" in part
    assert "Working out the days before today" in part
    assert TRIGGER in part


def test_at_the_end_the_part_asks_no_more() -> None:
    source = being_read()
    was_read(source)
    job(source.user, Kind.SCORE, state=State.DONE)
    job(source.user, Kind.HISTORY, state=State.DONE)
    snapshot(source.user, 50.4)

    page = text_of(browser_of(source.user), PAGE)

    assert "Score 50.4 of 100" in page
    assert "See your score" in page
    assert "Post number 0" in page
    assert TRIGGER not in page
    assert 'http-equiv="refresh"' not in page


def test_an_unchanged_part_is_not_sent_again() -> None:
    source = being_read()
    client = browser_of(source.user)
    _, part = part_of(client)
    seen = re.search(r"seen=(\w+)", part)
    assert seen

    unchanged = part_of(client, seen[1])
    Job.objects.update(progress="400 posts read")
    changed = part_of(client, seen[1])

    assert unchanged == (204, "")
    assert changed[0] == 200
    assert "400 posts read" in changed[1]


def test_nothing_found_says_what_is_needed_and_shows_no_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = being_read()
    was_read(source, posts=0, reactions=0)
    job(source.user, Kind.SCORE, state=State.DONE)
    snapshot(source.user, None, posts=0, people=0)

    page = text_of(browser_of(source.user), PAGE)

    assert "Not enough to count yet" in page
    assert "You have 0 and 0." in page
    assert "of 100" not in page
    assert not caplog.records
    assert TRIGGER not in page


def test_one_failed_network_says_why_and_the_rest_is_scored() -> None:
    source = being_read()
    was_read(source)
    broken = source_of(
        source.user, "Old page", read_at=None, code=Code.REVOKED, code_since=NOW, failures=1
    )
    job(source.user, Kind.COLLECT, subject=broken.pk, state=State.DONE)
    job(source.user, Kind.SCORE, state=State.DONE)
    snapshot(source.user, 50.4)

    page = text_of(browser_of(source.user), PAGE)

    assert "Your score is 50.4" in page
    assert "Sandbox, Old page could not be read." in page
    assert "See what to do" in page


def test_a_network_that_asked_to_wait_does_not_keep_the_page_waiting() -> None:
    source = being_read()
    Source.objects.update(
        code=Code.RATE_LIMITED, code_since=NOW, retry_at=NOW + timedelta(hours=1), tried_at=NOW
    )
    Job.objects.update(state=State.QUEUED, due_at=NOW + timedelta(hours=1), error="Asked to wait.")
    job(source.user, Kind.SCORE, state=State.DONE)
    snapshot(source.user, None, posts=0, people=0)

    page = text_of(browser_of(source.user), PAGE)

    assert TRIGGER not in page
    assert "could not be read." in page


def test_a_job_that_was_given_up_is_told_with_its_reason() -> None:
    source = being_read()
    Job.objects.update(state=State.DEAD, error="We stopped after 8 tries. Try again.")

    page = text_of(browser_of(source.user), PAGE)

    assert "We stopped after 8 tries. Try again." in page
    assert TRIGGER not in page


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.SCORE, "Working out the score"),
        (Kind.HISTORY, "Working out the days before today"),
    ],
)
@pytest.mark.parametrize(
    ("state", "said"), [(State.DEAD, "stopped."), (State.QUEUED, "waits for another try.")]
)
def test_a_step_that_does_not_go_on_is_not_called_a_source_that_was_not_read(
    kind: Job.Kind, step: str, state: Job.State, said: str
) -> None:
    source = being_read()
    was_read(source)
    snapshot(source.user, 50.4)
    job(source.user, kind, state=state, due_at=NOW + timedelta(minutes=5), error="On our side.")

    page = text_of(browser_of(source.user), PAGE)

    assert f"<strong>{step} {said}</strong> On our side." in page
    assert "could not be read" not in page
    assert "See what to do" not in page


def test_a_step_that_stopped_before_there_is_a_score_is_not_called_not_read() -> None:
    source = being_read()
    was_read(source)
    job(source.user, Kind.SCORE, state=State.DEAD, error="On our side.")

    page = text_of(browser_of(source.user), PAGE)

    assert '<span class="tag bad"> stopped </span>' in page
    assert "not read" not in page


def test_a_busy_queue_says_how_many_people_are_before() -> None:
    source = being_read()
    Job.objects.update(state=State.QUEUED, progress="", started_at=None)
    for name in ("ada", "bob"):
        other = person(name)
        job(other, Kind.SCORE, due_at=NOW - SECOND)
        job(other, Kind.HISTORY, due_at=NOW - SECOND)

    page = text_of(browser_of(source.user), PAGE)

    assert "2 people are before you." in page


def test_a_silent_worker_is_named() -> None:
    source = being_read()
    Job.objects.update(state=State.QUEUED)
    Heartbeat.objects.create(name="worker", at=NOW - timedelta(minutes=4))

    page = text_of(browser_of(source.user), PAGE)

    assert "Our worker has been silent for 4 minutes." in page


def test_another_persons_reading_never_appears() -> None:
    being_read("mallory", "Secret page")
    source = being_read("nora", "Map Room")

    page = text_of(browser_of(source.user), PAGE)

    assert "Secret page" not in page
