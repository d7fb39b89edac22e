"""When a person is written to: mornings, quiet hours, clocks that change, and how it ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import letter_texts, letters, mailing, notices
from accounts.models import Mailing, Notice, NoticeChoice, User
from accounts.notice_kinds import KINDS, Mail
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import NOW, person

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
EIGHT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)  # in Berlin, on the Sunday after NOW


def wanting(name: str = "ada", *kinds: str, digest: str = "", **more: Any) -> User:
    """Return somebody in Berlin who wants these kinds mailed."""
    user = person(name)
    User.objects.filter(pk=user.pk).update(time_zone="Europe/Berlin")
    user.refresh_from_db()
    mailing.choose(user=user, digest=digest, quiet=None, kinds=kinds, now=NOW, **more)
    return user


def run_until(at: datetime) -> None:
    """Plan and send whatever is due at a time."""
    mailing.plan(now=at)
    handlers = {Job.Kind.LETTER: work.HANDLERS[Job.Kind.LETTER]}
    while jobs.run_next(clock=lambda: at + mailing.SPREAD, handlers=handlers):
        pass


def plusk(user: User, key: str = "1", at: datetime = NOW) -> None:
    by = User.objects.get_or_create(username="nora", defaults={"display_name": "nora"})[0].pk
    notices.tell(
        person_id=user.pk,
        kind="plusk_received",
        key=key,
        values={"topic": "django"},
        by=by,
        now=at,
    )


def test_nothing_is_mailed_that_nobody_asked_for() -> None:
    ada = person()
    plusk(ada)

    run_until(EIGHT)

    assert mail.outbox == []
    assert not Mailing.objects.exists()


def test_nobody_is_mailed_whose_account_was_closed() -> None:
    ada = wanting("ada", "plusk_received")
    plusk(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    run_until(EIGHT)

    assert mail.outbox == []


def test_what_was_ticked_comes_in_one_mail_in_the_morning() -> None:
    ada = wanting("ada", "plusk_received")
    plusk(ada)
    plusk(ada, "2")
    notices.tell(person_id=ada.pk, kind="first_score", key="1", values={"score": 50.4}, now=NOW)

    run_until(EIGHT - timedelta(minutes=1))
    before = len(mail.outbox)
    run_until(EIGHT)
    run_until(EIGHT + timedelta(hours=1))
    run_until(EIGHT + DAY)

    (sent,) = mail.outbox
    assert before == 0
    assert sent.subject == "nora gave you +K in Django. And one more."
    assert sent.body.startswith(sent.subject)
    assert "first score" not in sent.body
    assert sent.body.count("http://127.0.0.1:8000/plusk/") == 2


def test_at_most_one_morning_mail_a_day_however_often_it_is_planned() -> None:
    ada = wanting("ada", "plusk_received")
    plusk(ada)
    run_until(EIGHT)
    plusk(ada, "2", at=EIGHT)

    for hours in range(1, 24):
        Mailing.objects.update(next_at=EIGHT)
        run_until(EIGHT + timedelta(hours=hours) / 2)

    assert len(mail.outbox) == 1


def test_what_was_read_on_the_site_or_is_old_is_not_mailed() -> None:
    ada = wanting("ada", "plusk_received")
    plusk(ada)
    Notice.objects.update(read_at=NOW)
    plusk(ada, "old", at=EIGHT - 3 * DAY)

    run_until(EIGHT)

    assert mail.outbox == []


def test_names_of_others_are_escaped_on_the_page_of_a_mail() -> None:
    ada = wanting("ada", "plusk_received")
    User.objects.update_or_create(username="nora", defaults={"display_name": "<b>N</b>\nBcc: x"})
    plusk(ada)

    run_until(EIGHT)

    (sent,) = mail.outbox
    html = str(sent.alternatives[0][0])
    assert "&lt;b&gt;N&lt;/b&gt;" in html
    assert "<b>N" not in html
    assert "\n" not in sent.subject
    assert sent.message()["Bcc"] is None


def test_one_click_ends_morning_mails_and_nothing_else() -> None:
    ada = wanting("ada", "plusk_received", digest="weekly")
    plusk(ada)
    run_until(EIGHT)
    (sent,) = mail.outbox
    address = sent.extra_headers["List-Unsubscribe"].strip("<>")

    asked = Client().get(urlsplit(address).path)
    still = Mailing.objects.get().next_at
    done = Client(enforce_csrf_checks=True).post(
        urlsplit(address).path, {"List-Unsubscribe": "One-Click"}
    )
    plusk(ada, "2", at=EIGHT)
    run_until(EIGHT + DAY)

    assert (asked.status_code, done.status_code) == (200, 200)
    assert still is not None
    assert Mailing.objects.get().next_at is None
    assert len(mail.outbox) == 1
    ada.refresh_from_db()
    assert ada.link_mails


def test_quiet_hours_hold_back_all_but_what_protects_an_account() -> None:
    ada = person()
    mailing.choose(user=ada, digest="", quiet=(22, 10), kinds=["plusk_received"], now=NOW - DAY)
    plusk(ada)
    notices.tell(person_id=ada.pk, kind="token_made", key="1", now=NOW)

    run_until(NOW)  # 09:00
    at_nine = [sent.subject for sent in mail.outbox]
    run_until(NOW + timedelta(hours=1))

    assert at_nine == ["A token for programs was made"]
    assert len(mail.outbox) == 2


def test_a_letter_that_waits_says_until_when() -> None:
    ada = wanting("ada", "plusk_received")
    plusk(ada)
    Mailing.objects.update(quiet_from=0, quiet_to=12)
    payload = {"kind": "morning", "person": ada.pk, "day": "2026-11-22"}

    with pytest.raises(letters.Later) as later:
        letters.deliver(key="k", payload=payload, now=EIGHT)

    assert later.value.at == EIGHT + timedelta(hours=4)


def test_a_digest_leads_with_how_the_score_went(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = wanting("ada", digest="weekly")
    asked: list[tuple[int, date, date]] = []

    def went(*what: Any) -> letter_texts.Digest:
        asked.append(what)
        return letter_texts.Digest("50.4, up 1.3.", ("+1.3: a post",), "http://x/why")

    monkeypatch.setattr(letter_texts, "digest_of", went)
    plusk(ada)
    monday = EIGHT + DAY

    run_until(EIGHT)
    on_sunday = len(mail.outbox)
    run_until(monday)

    (sent,) = mail.outbox
    assert on_sunday == 0
    assert asked == [(ada.pk, date(2026, 11, 16), date(2026, 11, 23))]
    assert sent.subject == "50.4, up 1.3."
    assert sent.body.startswith("50.4, up 1.3.\n\n- +1.3: a post\n")
    assert "nora gave you +K" in sent.body


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 28), 7),  # winter
        (date(2026, 3, 29), 6),  # the clock went forward that night
        (date(2026, 10, 24), 6),
        (date(2026, 10, 25), 7),  # and back
    ],
)
def test_the_morning_is_at_eight_whatever_the_clock_did(day: date, utc: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)

    at = mailing.next_morning(Mailing(), BERLIN, daily=True, after=midnight.astimezone(UTC))

    assert at == datetime(day.year, day.month, day.day, utc, tzinfo=UTC)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("at", "quiet", "until"),
    [
        ("2026-03-29T00:30", (22, 2), "2026-03-29T01:00"),  # two o'clock does not exist
        ("2026-10-25T00:30", (1, 3), "2026-10-25T02:00"),  # an hour comes twice
        ("2026-10-25T01:30", (1, 3), "2026-10-25T02:00"),
        ("2026-11-21T21:30", (22, 7), "2026-11-22T06:00"),
        ("2026-11-21T20:30", (22, 7), "2026-11-21T20:30"),
    ],
)
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(
    at: str, quiet: tuple[int, int], until: str
) -> None:
    mine = Mailing(quiet_from=quiet[0], quiet_to=quiet[1])
    start, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (at, until))

    assert mailing.allowed_at(mine, BERLIN, start) == end


@pytest.mark.one_engine
@given(
    st.integers(1_767_225_600, 1_830_297_600),  # seconds: 2026 and 2027
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
)
def test_after_quiet_hours_comes_a_time_within_a_day_that_is_not_quiet(
    seconds: int, begins: int, ends: int, zone: str
) -> None:
    mine, at = Mailing(quiet_from=begins, quiet_to=ends), datetime.fromtimestamp(seconds, UTC)

    allowed = mailing.allowed_at(mine, ZoneInfo(zone), at)

    assert at <= allowed <= at + timedelta(hours=25)
    assert mailing.allowed_at(mine, ZoneInfo(zone), allowed) == allowed


@pytest.mark.one_engine
def test_digests_come_on_mondays_or_on_the_first() -> None:
    weekly, monthly = Mailing(digest="weekly"), Mailing(digest="monthly")

    at = [mailing.next_morning(one, BERLIN, daily=False, after=NOW) for one in (weekly, monthly)]

    assert at == [datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 12, 1, 7, tzinfo=UTC)]
    assert mailing.next_morning(Mailing(), BERLIN, daily=False, after=NOW) is None


def test_planning_takes_so_many_people_at_a_time_and_asks_as_much_for_many(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(mailing, "PLAN_BATCH", 3)
    for number in range(5):
        wanting(f"p{number}", "plusk_received")

    planned = [mailing.plan(now=EIGHT) for _ in range(3)]

    assert planned == [3, 2, 0]
    assert Job.objects.filter(kind=Job.Kind.LETTER).count() == 5
    assert set(Mailing.objects.values_list("next_at", flat=True)) == {EIGHT + DAY}


def test_whoever_moves_has_their_next_morning_there() -> None:
    ada = wanting("ada", "plusk_received")
    before = Mailing.objects.get().next_at
    ada.time_zone = "America/New_York"
    ada.save()

    mailing.replan(user=ada, now=NOW)

    assert before == EIGHT
    assert Mailing.objects.get().next_at == datetime(2026, 11, 21, 13, tzinfo=UTC)


def test_only_kinds_that_may_wait_can_be_chosen() -> None:
    wanting("ada", *KINDS)

    chosen = set(NoticeChoice.objects.filter(mailed=True).values_list("kind", flat=True))

    assert chosen == {name for name, kind in KINDS.items() if kind.mail == Mail.MORNING}


@pytest.mark.parametrize(
    ("quiet", "planned"),
    [
        (None, EIGHT + 2 * DAY),  # no worker ran on that Monday
        ((8, 6), EIGHT + 2 * DAY - timedelta(hours=2)),  # which ended on Tuesday alone
    ],
)
def test_a_digest_that_comes_late_is_not_lost(
    quiet: tuple[int, int] | None, planned: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = wanting("ada", digest="weekly")
    mailing.choose(user=ada, digest="weekly", quiet=quiet, kinds=[], now=NOW)
    asked: list[tuple[int, date, date]] = []

    def went(*what: Any) -> letter_texts.Digest:
        asked.append(what)
        return letter_texts.Digest("50.4, up 1.3.", (), "http://x/why")

    monkeypatch.setattr(letter_texts, "digest_of", went)

    run_until(planned)
    run_until(planned + timedelta(hours=1))

    assert asked == [(ada.pk, date(2026, 11, 16), date(2026, 11, 23))]
    assert len(mail.outbox) == 1
