"""Notices on their page and in the header, and the page that says what is mailed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import blocking, handles, mailing, notices
from accounts.models import Mailing, Notice, NoticeChoice, User
from accounts.notice_kinds import KINDS, Mail
from tests.accounts.builders import NOW, person, signed_in
from tests.scoring.pages import text_of

pytestmark = pytest.mark.django_db
NOTES = "/notes/"


@pytest.fixture(autouse=True)
def at_nine() -> Iterator[None]:
    """Stop the clock, so that the page says "today" of the same day as the rows."""
    with time_machine.travel(NOW, tick=False):
        yield


def told(user: User, number: int = 1, *, first: int = 0, kind: str = "plusk_received") -> None:
    """Tell somebody things of Bo, an hour apart, the newest last."""
    bo, _new = User.objects.get_or_create(username="bo", defaults={"display_name": "Bo & Co"})
    for one in range(first, first + number):
        notices.tell(
            person_id=user.pk,
            kind=kind,
            key=str(one),
            values={"topic": "django"},
            by=bo.pk,
            now=NOW - timedelta(hours=number - one),
        )


def test_who_was_told_nothing_reads_that_it_is_quiet() -> None:
    page = text_of(signed_in(person()), NOTES)

    assert "Quiet." in page
    assert "Mark all as read" not in page
    assert "Notices: 0 new" in page


def test_what_happened_stands_by_day_in_the_zone_of_the_person() -> None:
    ada = person()
    User.objects.filter(pk=ada.pk).update(time_zone="Pacific/Auckland")
    told(ada, 30)

    page = text_of(signed_in(ada), NOTES)

    assert page.index("Today") < page.index("Yesterday")
    assert escape("Bo & Co gave you +K in Django.") in page
    assert "+K · 21:00" in page  # 08:00 UTC
    assert "Notices: 30 new" in page
    assert "30 new notices" in page


def test_the_number_in_the_header_is_of_what_is_listed_and_unread() -> None:
    ada, other = person(), person("other")
    told(ada, 2)
    told(ada, kind="plusk_thanked")
    told(other)
    browser = signed_in(ada)

    browser.post(reverse("notes_kind", args=["plusk_thanked"]), {"listed": "off"})
    without = text_of(browser, NOTES)
    browser.post(reverse("notes_kind", args=["plusk_thanked"]), {"listed": "on"})
    again = text_of(browser, NOTES)

    assert "Notices: 2 new" in without
    assert "Somebody thanked you for +K" in without  # among those that are not listed
    assert "thanks you for" not in without
    assert "Notices: 3 new" in again


def test_what_protects_the_account_cannot_be_switched_off_in_the_list() -> None:
    ada = person()
    notices.tell(person_id=ada.pk, kind="password_changed", key="1", now=NOW)
    browser = signed_in(ada)

    said = browser.post(reverse("notes_kind", args=["password_changed"]), {"listed": "off"})
    page = text_of(browser, NOTES)

    assert said.status_code == 302
    assert "What protects your account is always listed." in page
    assert "The password of your account was changed." in page
    assert "List this kind no longer" not in page
    assert not NoticeChoice.objects.filter(listed=False).exists()


def test_one_is_read_and_leads_to_what_it_is_about() -> None:
    ada = person()
    told(ada, 2)
    browser, first = signed_in(ada), Notice.objects.order_by("pk")[0]

    opened = browser.post(reverse("note_read", args=[first.pk]), {"go": "1"})
    marked = browser.post(reverse("note_read", args=[first.pk]))

    assert (opened["Location"], marked["Location"]) == (reverse("plusk"), NOTES)
    assert [one.read_at is None for one in Notice.objects.order_by("pk")] == [False, True]


def test_all_that_was_shown_is_read_and_not_what_came_meanwhile() -> None:
    ada = person()
    told(ada, 3)
    newest = Notice.objects.order_by("-pk")[0].pk
    told(ada, 1, first=5)

    signed_in(ada).post(reverse("notes_read"), {"until": newest})

    assert Notice.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize("until", ["", "x", "²", "9" * 40])
def test_what_is_no_number_reads_nothing(until: str) -> None:
    ada = person()
    told(ada)

    answer = signed_in(ada).post(reverse("notes_read"), {"until": until})

    assert answer.status_code == 302
    assert Notice.objects.filter(read_at=None).count() == 1


def test_nobody_reads_or_marks_what_others_were_told() -> None:
    ada = person()
    told(ada)
    other = signed_in(person("other"))

    answers = [
        other.post(reverse("note_read", args=[Notice.objects.get().pk])).status_code,
        other.post(reverse("notes_kind", args=["nothing"])).status_code,
    ]
    other.post(reverse("notes_read"), {"until": "999999"})

    assert answers == [404, 404]
    assert Notice.objects.get().read_at is None
    assert "Quiet." in text_of(other, NOTES)


def test_older_ones_stand_on_the_next_page() -> None:
    ada = person()
    told(ada, 60)
    browser = signed_in(ada)
    last = Notice.objects.order_by("-pk")[49].pk

    first = text_of(browser, NOTES)
    second = text_of(browser, NOTES, before=str(last))
    beyond = text_of(browser, NOTES, before="1")

    assert (first.count('id="note-'), second.count('id="note-')) == (50, 10)
    assert f"?before={last}" in first
    assert "Older ones" not in second
    assert "None is older than that." in beyond
    assert "Quiet." not in beyond


@pytest.mark.parametrize("number", [1, 40])
def test_the_page_asks_the_same_few_questions_however_much_there_is(
    number: int, django_assert_num_queries: Any
) -> None:
    ada = person()
    told(ada, number)
    browser = signed_in(ada)

    with django_assert_num_queries(4):  # session and person are two of them
        browser.get(NOTES)


def test_what_a_later_version_told_is_left_out() -> None:
    ada = person()
    told(ada)
    Notice.objects.update(kind="of_later")

    assert "Quiet." in text_of(signed_in(ada), NOTES)


def leaves(bo: User, _reader: User) -> None:
    bo.delete()


def closes_the_account(bo: User, _reader: User) -> None:
    User.objects.filter(pk=bo.pk).update(is_active=False)


def blocks_the_reader(bo: User, reader: User) -> None:
    blocking.block(by=bo, whom=reader, now=NOW)


def has_a_user_name_alone(bo: User, _reader: User) -> None:
    User.objects.filter(pk=bo.pk).update(display_name="")


@pytest.mark.parametrize(
    "what", [leaves, closes_the_account, blocks_the_reader, has_a_user_name_alone]
)
def test_whoever_cannot_be_named_is_not_and_nobody_learns_why(
    what: Callable[[User, User], None],
) -> None:
    ada = person()
    told(ada)
    what(User.objects.get(username="bo"), ada)

    page = text_of(signed_in(ada), NOTES)

    assert "Somebody who is not named here gave you +K in Django." in page


def test_without_a_name_the_handle_is_told() -> None:
    ada = person()
    told(ada)
    bo = User.objects.get(username="bo")
    has_a_user_name_alone(bo, ada)
    handles.take(bo, "bo_here", now=NOW)

    assert "@bo_here gave you +K in Django." in text_of(signed_in(ada), NOTES)


def test_nothing_is_ticked_beforehand_but_what_answers_the_person() -> None:
    page = text_of(signed_in(person()), reverse("mails"))

    ticked = [part.rsplit("<", 1)[1] for part in page.split(" checked")[:-1]]
    assert ['name="link_mails"' in ticked[0], 'name="perks"' in ticked[1]] == [True, True]
    assert len(ticked) == 2
    assert '<option value="" selected>Never</option>' in page


def test_what_is_chosen_is_kept_and_shown_again() -> None:
    ada = person()
    browser = signed_in(ada)
    chosen = {
        "digest": "weekly",
        "kinds": ["plusk_received", "badge_earned"],
        "quiet_from": "22",
        "quiet_to": "7",
    }

    saved = browser.post(reverse("mails"), chosen)
    page = text_of(browser, reverse("mails"))

    mine = Mailing.objects.get()
    assert saved.status_code == 302
    assert (mine.digest, mine.quiet_from, mine.quiet_to) == ("weekly", 22, 7)
    assert mine.next_at is not None
    assert set(NoticeChoice.objects.filter(mailed=True).values_list("kind", flat=True)) == {
        "plusk_received",
        "badge_earned",
    }
    assert page.count(" checked") == 2  # mails about links were not ticked in what was sent
    ada.refresh_from_db()
    assert (ada.link_mails, mine.perks) == (False, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "22"},
        {"quiet_from": "5", "quiet_to": "5"},
        {"quiet_from": "24", "quiet_to": "5"},
        {"digest": "hourly"},
        {"kinds": ["new_sign_in"]},
    ],
)
def test_what_cannot_be_is_refused_in_words_and_keeps_what_was_typed(wrong: dict[str, Any]) -> None:
    answer = signed_in(person()).post(reverse("mails"), wrong | {"link_mails": "on"})

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert not Mailing.objects.exists()


def test_an_address_that_was_refused_is_said_with_the_words_of_its_server() -> None:
    ada = person()
    mailing.refuse(user=ada, address="ada@example.org", words="550 <b>No</b>", now=NOW)
    browser = signed_in(ada)

    before = text_of(browser, reverse("mails"))
    browser.post(reverse("mails_again"))
    after = text_of(browser, reverse("mails"))

    assert "The server of ada@example.org refused our mail on 21 November 2026" in before
    assert "550 &lt;b&gt;No&lt;/b&gt;" in before
    assert "no confirmed address that takes mail" in before
    assert "refused our mail" not in after
    assert "Mails go to ada@example.org." in after


def test_the_page_lists_every_kind_in_its_place() -> None:
    page = text_of(signed_in(person()), reverse("mails"))

    for name, kind in KINDS.items():
        if kind.mail == Mail.MORNING:
            assert f'value="{name}"' in page
        elif kind.mail == Mail.ALWAYS:
            assert f"<li>{escape(kind.title)}</li>" in page


def test_a_time_zone_that_changes_moves_the_next_mail() -> None:
    ada = person()
    browser = signed_in(ada)
    browser.post(reverse("mails"), {"kinds": ["plusk_received"]})
    before = Mailing.objects.get().next_at

    browser.post(reverse("settings"), {"display_name": "Ada", "time_zone": "Asia/Tokyo"})

    assert Mailing.objects.get().next_at != before


def test_a_visitor_is_not_told_of_notices() -> None:
    assert "Notices" not in Client().get("/").content.decode()
