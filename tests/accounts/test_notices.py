"""Telling: once a key, nobody of themselves, in sentences that every kind has."""

import ast
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from accounts import notices
from accounts.models import Notice, User
from accounts.notice_kinds import GROUPS, KINDS, Mail, address, sentence
from scoring.models import Job
from tests.accounts.builders import NOW, person

pytestmark = pytest.mark.django_db

VALUES: dict[str, Any] = {
    "source": 1,
    "title": "Map Room",
    "network": "Sandbox",
    "grant": "7f1f3f0e-0000-4000-8000-000000000000",
    "case": 3,
    "subject": "A question",
    "score": 50.4,
    "before": 49.1,
    "change": 1.3,
    "model": "3",
    "token": "Desk display",
    "topic": "science",
    "badge": "Answered 100 people",
    "campaign": 2,
    "perk": "A map",
    "place": 4,
    "places": 60,
    "people": 214,
    "browser": "Firefox",
    "system": "Linux",
} | {f"{name}_at": "2026-12-04T13:35:00+00:00" for name in ("opens", "closes", "until")}
VALUES |= {
    f"{name}_on": "2026-12-04" for name in ("since", "before", "earned", "drawn", "shipped", "ends")
}


def tell(user: User, kind: str = "plusk_received", **other: Any) -> bool:
    return notices.tell(
        **{"person_id": user.pk, "kind": kind, "key": "1", "now": NOW, "values": VALUES} | other
    )


def test_a_key_is_told_once_and_costs_one_query(django_assert_num_queries: Any) -> None:
    ada = person()

    with django_assert_num_queries(1):
        told = tell(ada)
    with django_assert_num_queries(1):
        again = tell(ada, values={"topic": "art"})

    assert (told, again) == (True, False)
    assert Notice.objects.get().values["topic"] == "science"


def test_the_same_key_of_another_kind_or_person_is_another_notice() -> None:
    ada, bo = person(), person("bo")

    told = [tell(ada), tell(bo), tell(ada, "plusk_thanked")]

    assert told == [True, True, True]


def test_nobody_is_told_of_themselves_nor_after_they_left() -> None:
    ada, gone = person(), person("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)

    told = [
        tell(ada, by=ada.pk),
        tell(gone),
        notices.tell(person_id=gone.pk + 1, kind="first_score", key="1", now=NOW),
    ]

    assert told == [False, False, False]
    assert not Notice.objects.exists()


def test_what_is_told_goes_with_what_it_is_about() -> None:
    ada = person()

    with transaction.atomic():
        tell(ada)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_many_are_told_at_once() -> None:
    ada, bo = person(), person("bo")
    news = [notices.News(one.pk, "perk_fits", "7", VALUES) for one in (ada, bo)]

    first, second = notices.tell_many(news, now=NOW), notices.tell_many(news, now=NOW)

    assert (first, second) == (2, 0)


def test_only_what_protects_an_account_has_a_mail_at_once() -> None:
    ada = person()

    for kind in KINDS:
        tell(ada, kind)

    mails = {job.payload["of"] for job in Job.objects.filter(kind=Job.Kind.LETTER)}
    assert mails == {name for name, kind in KINDS.items() if kind.mail == Mail.ALWAYS}


def test_what_is_known_already_is_listed_as_read_and_not_mailed() -> None:
    ada = person()

    tell(ada, "new_sign_in", read=True)

    assert Notice.objects.get().read_at == NOW
    assert not Job.objects.exists()


@pytest.mark.one_engine
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_sentence_with_all_that_it_names(kind: str) -> None:
    said = sentence(kind, VALUES, who="Nora")

    assert said.endswith((".", ": A question")), said
    assert "%" not in said
    assert "…" not in said
    assert KINDS[kind].group in GROUPS


@pytest.mark.one_engine
def test_somebody_tells_each_kind() -> None:
    named: set[object] = set()
    for app in ("accounts", "scoring", "perks"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            text = path.read_text()
            # Migrations hold old values, and letters write of what was told elsewhere.
            if path.stem in {"notice_kinds", "letter_texts"} or "migrations" in path.parts:
                continue
            if "notices.tell" in text or "News(" in text:
                nodes = ast.walk(ast.parse(text))
                named |= {node.value for node in nodes if isinstance(node, ast.Constant)}

    assert KINDS.keys() - named == set()


@pytest.mark.one_engine
def test_the_documents_list_every_kind() -> None:
    text = (settings.BASE_DIR / "docs" / "notices.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]

    assert rows == [
        [f"`{name}`", str(GROUPS[kind.group]), str(kind.title), str(kind.mail)]
        for name, kind in KINDS.items()
    ]


@pytest.mark.one_engine
def test_values_are_shown_as_people_read_them() -> None:
    moved = sentence("score_moved", {"score": 1049.6, "change": -0.84}, who="")
    held = sentence("perk_held", VALUES, who="")
    drawn = [
        sentence("perk_not_drawn", VALUES | {"places": n, "people": 12040}, who="") for n in (1, 2)
    ]

    assert moved == "Your score is 1,049.6: −0.8 within a week."
    assert held == "Your turn came: “A map”, held for you until 13:35 on 4 December 2026."
    assert "1 place, 12,040 people" in drawn[0]
    assert "2 places, 12,040 people" in drawn[1]


@pytest.mark.one_engine
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_leads_to_a_page_where_that_page_is_there(kind: str) -> None:
    one = KINDS[kind]
    try:
        expected = reverse(one.leads, args=[VALUES[name] for name in one.by_values])
    except NoReverseMatch:
        expected = ""

    assert address(kind, VALUES) == expected
    assert address(kind, {}) == ("" if one.by_values else expected)
