"""What a read leaves behind: an outage changes no clock, and the person is asked only when sure."""

from datetime import timedelta

import pytest

from accounts import health, linking
from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.health import LONGEST_RETRY
from accounts.models import Source
from tests.accounts.builders import NOW, grant, person, reading, refusal, source

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=31)


def fail(row: Source, code: Code, *, at=NOW, **values):
    retry_at = health.reading_failed(
        source_id=row.pk, error=refusal(code, **values), started_at=at, now=at
    )
    row.refresh_from_db()
    return retry_at


def succeed(row: Source, *, at=NOW, **values) -> None:
    health.reading_succeeded(source_id=row.pk, started_at=at, now=at, **values)
    row.refresh_from_db()


def test_a_good_read_moves_the_clock_and_writes_what_came_of_it() -> None:
    row = source(person(), code=Code.TRANSIENT, failures=2, words="503", retry_at=NOW)

    succeed(
        row,
        reading=reading(posts=3, followers=6_200, listed=51, left_out={"not_public": 2}),
        reactions=4,
        refused={"future": 1, "not_public": 1},
    )

    assert (row.code, row.code_since, row.words, row.failures) == (Code.OK, NOW, "", 0)
    assert (row.read_at, row.tried_at, row.retry_at) == (NOW, NOW, None)
    assert (row.followers, row.listed, row.posts_90d) == (6_200, 51, 3)
    assert row.last_post_at == NOW - timedelta(hours=1)
    run = row.runs.get()
    assert (run.code, run.posts, run.reactions, run.pages) == ("ok", 3, 4, 1)
    assert run.left_out == {"not_public": 3, "future": 1}


def test_a_number_the_network_does_not_tell_replaces_none_that_is_known() -> None:
    row = source(person())

    succeed(row, reading=reading(posts=0, since=NOW - timedelta(days=10), followers=None))

    assert (row.followers, row.posts_90d) == (6_120, 31)


def test_a_shorter_read_keeps_how_far_back_the_evidence_is_complete() -> None:
    row = source(person())
    far_back = row.complete_since

    succeed(row, reading=reading(since=NOW - timedelta(days=90)))

    assert row.complete_since == far_back


def test_a_gap_since_the_last_read_begins_completeness_anew() -> None:
    row = source(person(), read_at=NOW - timedelta(days=120))

    succeed(row, reading=reading(since=NOW - timedelta(days=90)))

    assert row.complete_since == NOW - timedelta(days=90)


@pytest.mark.parametrize("code", [code for code in Code if code != Code.OK])
def test_a_failed_read_never_moves_the_clock_nor_what_was_known(code: Code) -> None:
    row = source(person())
    known = (row.read_at, row.complete_since, row.followers, row.posts_90d, row.last_post_at)

    fail(row, code)
    fail(row, code, at=LATER)

    assert known == (
        row.read_at,
        row.complete_since,
        row.followers,
        row.posts_90d,
        row.last_post_at,
    )
    assert (row.selected, row.failures, row.tried_at) == (True, 2, LATER)
    assert [run.code for run in row.runs.order_by("pk")] == [code, code]


@pytest.mark.parametrize("code", sorted(NEEDS_PERSON))
def test_one_refusal_does_not_ask_the_person_for_help(code: Code) -> None:
    row = source(person())

    retry_at = fail(row, code)

    assert (row.state_at(NOW), row.code) == (Source.State.HEALTHY, Code.OK)
    assert retry_at == row.retry_at == NOW + timedelta(minutes=30)
    assert row.runs.get().code == code


def test_two_refusals_within_half_an_hour_are_still_one_slip() -> None:
    row = source(person())

    fail(row, Code.REVOKED)
    fail(row, Code.REVOKED, at=NOW + timedelta(minutes=29))

    assert row.state_at(NOW) == Source.State.HEALTHY


def test_two_refusals_half_an_hour_apart_ask_the_person_and_name_the_first_as_the_beginning() -> (
    None
):
    row = source(person())

    fail(row, Code.REVOKED)
    fail(row, Code.EXPIRED, at=LATER)

    assert (row.state_at(NOW), row.code, row.code_since) == (
        Source.State.NEEDS_YOU,
        Code.EXPIRED,
        NOW,
    )
    assert row.words == "401 token_revoked"


def test_an_outage_before_a_refusal_does_not_make_it_certain() -> None:
    row = source(person())

    fail(row, Code.TRANSIENT)
    fail(row, Code.REVOKED, at=LATER)

    assert row.state_at(NOW) == Source.State.SLOW


def test_a_good_read_between_two_refusals_begins_the_count_anew() -> None:
    row = source(person())

    fail(row, Code.REVOKED)
    succeed(row, reading=reading(), at=NOW + timedelta(minutes=10))
    fail(row, Code.REVOKED, at=LATER)

    assert row.state_at(NOW) == Source.State.HEALTHY


def test_a_source_that_was_never_read_says_at_once_what_is_wrong() -> None:
    row = source(person(), read_at=None)

    fail(row, Code.SCOPE_MISSING)

    assert (row.state_at(NOW), row.code_since) == (Source.State.NEEDS_YOU, NOW)


def test_a_refusal_of_the_old_access_says_nothing_about_the_new_one() -> None:
    ada = person()
    row = source(ada, grant=grant(ada, now=NOW), read_at=None)
    started = NOW - timedelta(seconds=5)  # before the person connected again

    health.reading_failed(source_id=row.pk, error=refusal(), started_at=started, now=LATER)

    row.refresh_from_db()
    assert (row.code, row.failures) == (Code.OK, 0)


def test_the_time_the_network_names_is_kept() -> None:
    row = source(person())
    named = NOW + timedelta(hours=3)

    retry_at = fail(row, Code.RATE_LIMITED, retry_at=named)

    assert (retry_at, row.retry_at, row.state_at(NOW)) == (named, named, Source.State.SLOW)


def test_an_outage_is_asked_about_again_and_ever_more_seldom() -> None:
    row = source(person())
    waits = []

    for _try in range(12):
        retry_at = fail(row, Code.TRANSIENT)
        waits.append(retry_at - NOW)

    assert row.state_at(NOW) == Source.State.SLOW
    assert row.code_since == NOW
    assert max(waits[:2]) <= timedelta(minutes=9)
    assert all(timedelta() < wait <= LONGEST_RETRY + timedelta(minutes=1) for wait in waits)


def test_what_only_we_can_mend_waits_for_the_usual_time() -> None:
    row = source(person())

    retry_at = fail(row, Code.CONTRACT)

    assert (retry_at, row.retry_at, row.state_at(NOW)) == (None, None, Source.State.OUR_FAULT)


def test_a_read_that_ends_after_the_source_was_unlinked_writes_nothing() -> None:
    row = source(person())
    gone = row.pk
    row.delete()

    health.reading_succeeded(source_id=gone, reading=reading(), started_at=NOW, now=NOW)
    retry_at = health.reading_failed(source_id=gone, error=refusal(), started_at=NOW, now=NOW)

    assert retry_at is None
    assert not Source.objects.exists()


def test_the_log_goes_back_thirty_days() -> None:
    row = source(person())
    fail(row, Code.TRANSIENT, at=NOW - timedelta(days=31))

    succeed(row, reading=reading())

    assert [run.code for run in row.runs.all()] == ["ok"]


def test_a_health_report_does_not_undo_a_pause_that_came_in_between() -> None:
    row = source(person())
    linking.pause(source=Source.objects.get(pk=row.pk), now=NOW)

    succeed(row, reading=reading())

    assert row.paused_at == NOW


def test_a_clock_that_was_set_back_between_two_refusals_breaks_nothing() -> None:
    row = source(person())
    fail(row, Code.TRANSIENT, at=LATER)
    fail(row, Code.TRANSIENT, at=LATER)

    fail(row, Code.REVOKED, at=NOW - timedelta(days=1))

    assert (row.failures, row.retry_at) == (3, NOW - timedelta(days=1) + health.SURE_AFTER)
