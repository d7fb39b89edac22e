"""Links of which nothing was chosen: told once, mailed by the rule of links that need somebody."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from accounts import unchosen
from accounts.models import Grant, Notice, Source, User
from accounts.notice_kinds import address
from tests.accounts.builders import NOW, grant, person, source
from tests.accounts.test_letters import run_due

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def linked(
    user: User, *, at: datetime = NOW - timedelta(hours=2), who: str = "nora", **more: Any
) -> Grant:
    given = grant(user, who=who, now=at)
    source(user, grant=given, **({"selected": False, "selected_at": None} | more))
    return given


def test_who_chose_nothing_is_told_once_with_the_way_to_the_choice() -> None:
    given = linked(person())

    told = [unchosen.tell(now=NOW + number * MINUTE) for number in range(3)]
    run_due(days=1)

    notice = Notice.objects.get()
    (sent,) = mail.outbox
    way = address(notice.kind, notice.values)
    assert told == [1, 0, 0]
    assert str(given.pk) in way
    assert way in sent.body
    assert "Map Room Lisbon" in sent.body
    assert "List-Unsubscribe" in sent.extra_headers


@pytest.mark.parametrize(
    "linking",
    [
        {"at": NOW - 59 * MINUTE},
        {"at": NOW - timedelta(days=9)},
        {"selected": True},
        {"available": False},
        {"selectable": False},
    ],
    ids=["just now", "long ago", "chosen", "gone", "nothing to choose"],
)
def test_nobody_is_told_who_is_still_at_it_or_chose_or_has_no_choice(linking: Any) -> None:
    linked(person(), **linking)

    assert unchosen.tell(now=NOW) == 0


def test_who_chose_meanwhile_or_wants_no_such_mails_gets_none() -> None:
    chose, silent = person(), person("bo")
    linked(chose)
    linked(silent, who="ahmed", external_id="harbour")
    User.objects.filter(pk=silent.pk).update(link_mails=False)
    unchosen.tell(now=NOW)
    Source.objects.filter(user=chose).update(selected=True)

    run_due(days=1)

    assert Notice.objects.count() == 2
    assert mail.outbox == []


def test_it_costs_one_query_where_there_is_nobody_to_tell(django_assert_num_queries: Any) -> None:
    linked(person())
    unchosen.tell(now=NOW)

    with django_assert_num_queries(1):
        unchosen.tell(now=NOW)
