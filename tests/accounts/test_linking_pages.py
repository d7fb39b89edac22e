"""Pages of linking and settings: what stands on them, in which state, for whom, at what cost."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import archives, choosing, doctor, health
from accounts.connectors.base import Code
from accounts.models import Grant, SandboxFault, Source, SyncRun, User
from accounts.sandbox.faults import Fault
from scoring.models import Job
from tests.accounts.builders import (
    NOW,
    archive,
    grant,
    person,
    reading,
    refusal,
    signed_in,
    source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine_on_saturday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def words(response: HttpResponse) -> str:
    """Return the words of a page, as they are read."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def listed(user: User, **values: Any) -> Grant:
    kept = grant(user, **values)
    choosing.list_targets(grant=kept, now=NOW)
    return kept


def place(kept: Grant, external_id: str) -> Source:
    found: Source = kept.sources.get(external_id=external_id)
    return found


# Start


def test_start_says_of_each_network_what_is_read_what_is_not_and_how_long_it_lasts() -> None:
    client = signed_in(person())

    page = client.get(reverse("start"))

    said = words(page)
    assert "Step 1 of 3" in said
    for heading in ("We read", "We cannot read", "How long it lasts"):
        assert said.count(heading) == 3
    assert re.findall(r"Link (\w+)", said)[1:] == ["Sandbox", "Bluesky", "Mastodon"]
    forms = page.content.decode()
    assert forms.count('name="process" value="connect"') == 3
    assert 'name="instance"' in forms


def test_start_names_what_counts_already() -> None:
    row = source(person())

    said = words(signed_in(row.user).get(reverse("start")))

    assert "These count already: Map Room Lisbon" in said


def test_a_network_that_is_off_is_not_offered(settings: Any) -> None:
    client = signed_in(person())

    offered = client.get(reverse("what_we_read", args=["myspace"]))

    assert offered.headers["Location"] == reverse("start")


# Choose


def test_nothing_is_ticked_and_every_place_has_its_facts_and_reasons() -> None:
    kept = listed(person())

    page = signed_in(kept.account.user).get(reverse("choose", args=[kept.pk]))

    said = words(page)
    assert "checked" not in page.content.decode()
    assert "Sandbox told us of 4 places of yours" in said
    assert said.count("More of your posts are here than elsewhere") == 1
    assert re.search(r"Map Room Lisbon Business page [\d,]+ followers · your role: admin", said)
    assert re.search(r"\d+ posts in 90 days, last one at \d\d:\d\d on \d+ November", said)
    assert "Your role there does not let us read posts." in said
    assert page.content.decode().count("disabled") == 1


def test_a_single_place_is_shown_and_confirmed_by_one_press() -> None:
    kept = listed(person(), who="jun")
    client = signed_in(kept.account.user)
    address = reverse("choose", args=[kept.pk])

    page = client.get(address)
    client.post(address, {"source": place(kept, "jun").pk})

    assert "Is this you?" in words(page)
    assert 'type="checkbox"' not in page.content.decode()
    assert place(kept, "jun").selected


def test_what_is_ticked_counts_and_the_first_scoring_follows() -> None:
    kept = listed(person())
    both = [place(kept, "maproom-lisbon").pk, place(kept, "slow-atlas").pk]

    response = signed_in(kept.account.user).post(
        reverse("choose", args=[kept.pk]), {"source": both}
    )

    assert response.headers["Location"] == reverse("first_scoring")
    assert sorted(kept.sources.filter(selected=True).values_list("pk", flat=True)) == both
    assert Job.objects.filter(kind=Job.Kind.COLLECT).count() == 2


def test_ticking_nothing_says_so_and_changes_nothing() -> None:
    kept = listed(person())

    response = signed_in(kept.account.user).post(reverse("choose", args=[kept.pk]))

    assert response.status_code == 400
    assert "Nothing is ticked." in words(response)
    assert not Source.objects.counted().exists()


@pytest.mark.parametrize("sent", ["999999", "-1", "one", "9" * 40, "²"])
def test_a_made_up_choice_is_refused(sent: str) -> None:
    kept = listed(person())

    response = signed_in(kept.account.user).post(
        reverse("choose", args=[kept.pk]), {"source": sent}
    )

    assert response.status_code == 400
    assert not Source.objects.counted().exists()


def test_a_refused_choice_keeps_what_was_ticked() -> None:
    kept = listed(person())
    page = place(kept, "slow-atlas")
    SandboxFault.objects.create(person="nora", fault="server_error", since=NOW - timedelta(days=1))

    response = signed_in(kept.account.user).post(
        reverse("choose", args=[kept.pk]), {"source": page.pk}
    )

    assert response.status_code == 400
    assert "Sandbox did not give us the list" in words(response)
    ticked = re.findall(r'value="(\d+)"\s+checked', response.content.decode())
    assert ticked == [str(page.pk)]


def test_a_choice_that_was_made_is_ticked_and_says_what_unticking_does() -> None:
    kept = listed(person())
    Source.objects.filter(external_id="maproom-lisbon").update(selected=True)

    page = signed_in(kept.account.user).get(reverse("choose", args=[kept.pk]))

    assert page.content.decode().count("checked") == 1
    assert "Counts now. There is no score yet" in words(page)
    assert "Step 2" not in words(page)


def test_what_unticking_does_is_worked_out_once_for_all_that_counts() -> None:
    kept = listed(person())
    client = signed_in(kept.account.user)
    address = reverse("choose", args=[kept.pk])
    queries = []

    for count in (1, 3):
        chosen = list(kept.sources.filter(selectable=True).values_list("pk", flat=True)[:count])
        Source.objects.filter(pk__in=chosen).update(selected=True, read_at=NOW)
        with CaptureQueriesContext(connection) as asked:
            said = words(client.get(address))
        assert said.count("Counts now. There is no score yet") == count
        queries.append(len(asked))

    assert queries[0] == queries[1] <= 8


def test_without_a_list_the_page_offers_to_ask_again() -> None:
    kept = grant(person())
    client = signed_in(kept.account.user)
    address = reverse("choose", args=[kept.pk])

    before = words(client.get(address))
    client.post(reverse("choose_again", args=[kept.pk]))

    assert "Nothing is listed yet" in before
    assert "Ask for the list again" in before
    assert "Map Room Lisbon" in words(client.get(address))


def test_a_place_that_is_missing_has_its_causes_and_mends() -> None:
    kept = listed(person())

    said = words(signed_in(kept.account.user).get(reverse("choose", args=[kept.pk])))

    assert "A page is missing" in said
    assert "Connect Sandbox again" in said


# Links


STATES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Healthy", "Read at 08:00 today. Counts in full."),
    ({"read_at": None, "tried_at": None}, "Reading", "Being read now, or next in line."),
    ({"tried_at": None}, "Reading", "Your score waits and keeps its last value."),
    (
        {"code": Code.RATE_LIMITED, "retry_at": NOW + timedelta(minutes=40)},
        "Slow",
        "Sandbox asked us to wait until 09:40 today.",
    ),
    (
        {"code": Code.REVOKED, "code_since": NOW - timedelta(days=3)},
        "Needs you",
        "Counts in full until 2 December, then fades until 16 December.",
    ),
    (
        {"limited": ["Who reacted was not read."]},
        "Limited",
        "everything. Who reacted was not read.",
    ),
    ({"code": Code.CONTRACT}, "Our fault", "your score is frozen"),
    (
        {"code": Code.TRANSIENT, "code_since": NOW - timedelta(minutes=20)},
        "Slow",
        "No answer from Sandbox since 08:40 today. Your score keeps its last value.",
    ),
    (
        {"read_at": NOW - timedelta(hours=27), "tried_at": NOW - timedelta(hours=27)},
        "Slow",
        "Not read since 06:00 yesterday. No effect: your score stands still",
    ),
    (
        {"read_at": NOW - timedelta(hours=27), "limited": ["Who reacted: not read."]},
        "Slow",
        "Not read since 06:00 yesterday.",
    ),
    ({"paused_at": NOW - timedelta(hours=2)}, "Paused", "You paused this at 07:00 today."),
]


@pytest.mark.parametrize(("values", "word", "sentence"), STATES)
def test_each_state_has_its_word_its_sentence_and_its_effect(
    values: dict[str, Any], word: str, sentence: str
) -> None:
    row = source(person(), **values)
    client = signed_in(row.user)

    pages = [client.get(reverse("links")), client.get(reverse("link", args=[row.pk]))]

    for page in pages:
        assert word in words(page)
        assert sentence in words(page)


def test_every_state_is_shown_by_a_test() -> None:
    shown = {word for _values, word, _sentence in STATES}

    of_their_own = {"Page not chosen", "Network down"}
    assert shown == {str(label) for label in Source.State.labels} - of_their_own


def silent(name: str, *, code: Code = Code.TRANSIENT, **values: Any) -> Source:
    """Return a source of a new person that was tried half an hour ago."""
    user = person(name)
    known = {"external_id": name, "tried_at": NOW - timedelta(minutes=30), "code": code}
    return source(user, grant=grant(user, who=name, places=[]), title=name, **known | values)


def test_a_network_is_down_when_most_of_several_people_got_no_answer() -> None:
    row = silent("ada")
    silent("bob")
    silent("eve", code=Code.OK)
    client = signed_in(row.user)
    before = words(client.get(reverse("links")))

    silent("kim")

    after = [words(client.get(reverse(*at))) for at in (("links",), ("link", None, [row.pk]))]
    assert "Network down" not in before
    assert "No answer from Sandbox" in before
    for page in after:
        assert "Network down" in page
        assert "Sandbox is down: it answers few people here" in page
        assert "your score is frozen for this account" in page


@pytest.mark.parametrize(
    ("count", "values"),
    [
        (4, {"code": Code.OK}),  # it answers as many
        (4, {"issuer": "other.example"}),
        (4, {"network": "mastodon"}),
        (4, {"tried_at": NOW - timedelta(hours=2)}),
        (4, {"paused_at": NOW - timedelta(days=1)}),
        (4, {"selected": False}),
        (1, {}),  # two people are not many
    ],
)
def test_what_fails_elsewhere_or_for_few_is_no_outage(count: int, values: dict[str, Any]) -> None:
    row = silent("ada")
    if values == {"code": Code.OK}:
        [silent(f"like-ada-{number}") for number in range(3)]
    for number in range(count):
        silent(f"other-{number}", **values)

    said = words(signed_in(row.user).get(reverse("links")))

    assert "Network down" not in said


def test_three_pages_of_one_person_are_not_many_people() -> None:
    row = silent("ada")
    for number in range(3):
        silent_page = {"grant": row.grant, "external_id": f"page-{number}"}
        source(row.user, code=Code.TRANSIENT, tried_at=NOW, **silent_page)

    said = words(signed_in(row.user).get(reverse("links")))

    assert "Network down" not in said


def test_what_needs_the_person_stands_on_top_with_the_way_to_mend_it() -> None:
    row = source(person(), code=Code.REVOKED, code_since=NOW)

    said = words(signed_in(row.user).get(reverse("links")))

    note = said.index("Sandbox has refused us since 09:00 today.")
    assert note < said.index("Mend it") < said.index("Business page")


def test_an_unfinished_choice_is_named_on_the_links() -> None:
    kept = listed(person())

    page = signed_in(kept.account.user).get(reverse("links"))

    assert "Sandbox is connected, and nothing of it counts yet." in words(page)
    assert reverse("choose", args=[kept.pk]) in page.content.decode()


def test_without_links_the_page_says_what_to_do() -> None:
    assert "Nothing is linked" in words(signed_in(person()).get(reverse("links")))


# One link


def test_a_broken_link_names_what_is_broken_since_when_and_what_to_press() -> None:
    row = source(person(), read_at=NOW - timedelta(days=1))
    for hours in (2, 1):
        at = NOW - timedelta(hours=hours)
        health.reading_failed(source_id=row.pk, error=refusal(), started_at=at, now=at)

    page = signed_in(row.user).get(reverse("link", args=[row.pk]))

    said = words(page)
    assert "Sandbox has refused us since 07:00 today." in said
    assert "Sandbox took back our access" in said
    assert "Connect Sandbox again" in said
    assert "What Sandbox said 401 token_revoked" in said
    assert "broken here" in said
    assert said.count("Not tried: the broken line above comes first.") == 3
    assert f'action="{reverse("sandbox_login")}"' in page.content.decode()


def test_a_mastodon_link_is_connected_again_at_its_own_server() -> None:
    row = source(person(), code=Code.REVOKED, network="mastodon", issuer="m.example")
    account = row.grant.account
    account.provider = "mastodon:m.example"
    account.save()

    page = signed_in(row.user).get(reverse("link", args=[row.pk])).content.decode()

    assert f'action="{reverse("mastodon_start")}"' in page
    assert 'name="instance" value="m.example"' in page


def test_a_refusal_that_is_not_believed_yet_is_told_and_alarms_nobody() -> None:
    row = source(person())
    health.reading_failed(source_id=row.pk, error=refusal(), started_at=NOW, now=NOW)

    said = words(signed_in(row.user).get(reverse("link", args=[row.pk])))

    assert "Healthy" in said
    assert "so we ask again at 09:30 today before we believe it" in said
    assert "What it told us: Sandbox took back our access." in said
    assert "If that is so: Connect again. Otherwise there is nothing to do." in said


def test_one_refused_check_is_told_in_one_place_while_the_link_stays_healthy() -> None:
    row = source(person(), followers=None)
    SandboxFault.objects.create(
        person="nora", target=row.external_id, fault=Fault.ROLE_LOST.value, since=NOW
    )
    check = doctor.ask_check(source=row, now=NOW)
    visit = doctor.examine(row, clock=lambda: NOW, progress=lambda _visit: None)
    doctor.conclude(check=check, visit=visit, now=NOW)

    page = signed_in(row.user).get(reverse("link", args=[row.pk]))

    said = words(page)
    assert "Healthy" in said
    assert page.content.decode().count('aria-labelledby="finding-') == 1
    assert f"What it told us: You no longer run “{row.title}”." in said
    assert "If that is so: Ask its owner for the role, or choose something else." in said
    assert f'href="{reverse("choose", args=[row.grant_id])}"' in page.content.decode()


def test_the_check_list_says_of_which_days_the_posts_are() -> None:
    row = source(person())
    read = reading(posts=3, since=NOW - timedelta(days=180))
    ages = (timedelta(days=days) for days in (3, 40, 120))
    posts = [
        replace(post, created_at=NOW - age) for post, age in zip(read.posts, ages, strict=True)
    ]
    health.reading_succeeded(
        source_id=row.pk, reading=replace(read, posts=tuple(posts)), started_at=NOW, now=NOW
    )

    said = words(signed_in(row.user).get(reverse("link", args=[row.pk])))

    assert "3 posts in the last good read, 2 of the last 90 days" in said


def test_the_log_says_what_was_read_and_what_was_left_out() -> None:
    row = source(person())
    health.reading_succeeded(
        source_id=row.pk,
        reading=reading(posts=3, left_out={"not_public": 12}),
        started_at=NOW,
        now=NOW,
    )

    said = words(signed_in(row.user).get(reverse("link", args=[row.pk])))

    assert "09:00 today Read 3 6 12 not public" in said
    counting = "3 posts in the last good read, all of the last 90 days, with 6 new reactions."
    assert f"{counting} Left out: 12 not public." in said


def test_the_report_holds_no_token_and_no_post() -> None:
    row = source(person(), words="401 token_revoked")
    token = row.grant.access().token

    page = signed_in(row.user).get(reverse("link", args=[row.pk]))

    report = html.unescape(page.content.decode().partition('<pre id="report"')[2])
    assert f"link {row.pk} sandbox page" in report
    assert "last good read: 2026-11-21T08:00Z" in report
    assert "scopes granted: posts profile reactions" in report
    assert token not in page.content.decode()
    assert row.grant.sealed_token not in page.content.decode()


def test_hostile_words_are_shown_and_not_run() -> None:
    hostile = "<script>alert(1)</script>{{ 7 }}"
    row = source(person(), title=hostile, words=hostile, code=Code.ROLE_LOST, role=hostile)
    client = signed_in(row.user)

    pages = [
        client.get(reverse(name, args=args))
        for name, args in (
            ("links", []),
            ("link", [row.pk]),
            ("link_unlink", [row.pk]),
            ("choose", [row.grant_id]),
        )
    ]

    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "alert(1)" in page.content.decode()


def test_an_archive_can_be_replaced_and_not_paused() -> None:
    row = archives.add_archive(user=person(), content=archive(), now=NOW)

    page = signed_in(row.user).get(reverse("link", args=[row.pk]))

    assert "Upload a newer file" in words(page)
    assert "Read once, at 09:00 today." in words(page)
    assert reverse("link_pause", args=[row.pk]) not in page.content.decode()


# Pressing


def test_pausing_resuming_and_reading_answer_on_the_page_of_the_link() -> None:
    row = source(person())
    client = signed_in(row.user)
    states = []

    for name in ("link_pause", "link_resume", "link_read"):
        response = client.post(reverse(name, args=[row.pk]), follow=True)
        states.append(Source.objects.get(pk=row.pk).state_at(NOW))
        assert response.redirect_chain == [(reverse("link", args=[row.pk]), 302)]

    assert states == ["paused", "healthy", "healthy"]
    assert "Reading now." in words(response)


def test_reading_too_often_is_refused_in_words() -> None:
    row = source(person(), tried_at=NOW)

    response = signed_in(row.user).post(reverse("link_read", args=[row.pk]), follow=True)

    assert "less than a minute ago" in words(response)


def test_the_page_of_unlinking_says_beforehand_what_goes() -> None:
    row = source(person())
    other = source(row.user, grant=row.grant, external_id="slow-atlas", title="The Slow Atlas")
    client = signed_in(row.user)

    one_of_two = words(client.get(reverse("link_unlink", args=[row.pk])))
    client.post(reverse("link_unlink", args=[row.pk]))
    last = words(client.get(reverse("link_unlink", args=[other.pk])))

    assert "removes its posts from here. There is no score yet, so nothing changes." in one_of_two
    assert "The rest of this Sandbox account stays linked." in one_of_two
    assert "we ask Sandbox to end our access" in last


def test_unlinking_the_only_way_in_says_that_it_stays_one() -> None:
    row = source(person(password=None))

    page = signed_in(row.user).get(reverse("link_unlink", args=[row.pk]))

    assert "You go on signing in here with it" in words(page)


# Whose


PRESSED = ("link_read", "link_pause", "link_resume")


@pytest.mark.parametrize("name", ["link", "link_unlink", *PRESSED])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_link_of_somebody_else_is_not_there(name: str, method: str) -> None:
    row = source(person())
    stranger = signed_in(person("bo"))

    response = getattr(stranger, method)(reverse(name, args=[row.pk]))

    # An address that is pressed alone leads to the page of the link, which is not there either.
    led = method == "get" and name in PRESSED
    assert response.status_code in ({302} if led else {404, 405})
    row.refresh_from_db()
    assert (row.selected, row.paused_at) == (True, None)
    assert not Job.objects.exists()


def test_what_we_read_can_be_read_before_signing_in() -> None:
    page = Client().get(reverse("what_we_read", args=["sandbox"]))

    assert page.status_code == 200
    assert "We cannot read" in words(page)
    assert "Link Sandbox" not in words(page)


@pytest.mark.parametrize(
    ("name", "with_id"),
    [
        ("start", False),
        ("links", False),
        ("settings", False),
        ("link", True),
        ("link_read", True),
        ("link_unlink", True),
    ],
)
def test_who_is_not_signed_in_is_asked_to(name: str, with_id: bool) -> None:
    row = source(person())

    response = Client().get(reverse(name, args=[row.pk] if with_id else []))

    assert response.headers["Location"].startswith(reverse("account_login"))


# Settings


def test_settings_save_what_was_changed() -> None:
    ada = person()

    response = signed_in(ada).post(
        reverse("settings"),
        {"display_name": "Ada", "time_zone": "Europe/Lisbon", "theme": "dark"},
    )

    ada.refresh_from_db()
    assert response.headers["Location"] == reverse("settings")
    assert (ada.display_name, ada.time_zone, ada.theme) == ("Ada", "Europe/Lisbon", "dark")


@pytest.mark.parametrize(
    "sent",
    [
        {"time_zone": "Europe/Atlantis"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": ""},
        {"theme": "pink"},
        {"display_name": "a" * 81},
        {"display_name": "a\x00b"},
    ],
)
def test_settings_that_cannot_be_are_refused_and_change_nothing(sent: dict[str, str]) -> None:
    ada = person()
    known = {"display_name": "Ada", "time_zone": "UTC", "theme": ""}

    response = signed_in(ada).post(reverse("settings"), known | sent)

    ada.refresh_from_db()
    assert response.status_code == 400
    assert 'class="errorlist"' in response.content.decode()
    assert (ada.display_name, ada.time_zone, ada.theme) == ("", "UTC", "")


def test_settings_change_nothing_that_is_not_on_the_form() -> None:
    ada = person()

    signed_in(ada).post(
        reverse("settings"),
        {"time_zone": "UTC", "is_staff": "1", "is_sample": "1", "username": "root", "email": "x"},
    )

    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_sample, ada.username) == (False, False, "ada")


def test_times_are_shown_in_the_zone_of_the_person() -> None:
    ada = person()
    ada.time_zone = "Asia/Tokyo"
    ada.save()
    source(ada)

    said = words(signed_in(ada).get(reverse("links")))

    assert "Read at 17:00 today." in said


# Cost


@pytest.mark.parametrize(
    ("name", "queries"),
    [("links", 5), ("link", 8), ("link_unlink", 12), ("choose", 12), ("start", 3), ("settings", 2)],
)
def test_a_page_asks_the_database_a_few_questions_however_much_there_is(
    name: str, queries: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = source(person())
    for number in range(10):
        source(
            row.user, grant=row.grant, external_id=str(number), title=f"n{number}", selected=False
        )
        archives.add_archive(user=row.user, content=archive(str(number)), now=NOW)
        SyncRun.objects.create(source=row, started_at=NOW, ended_at=NOW, code="ok")
    args = {
        "link": [row.pk],
        "link_unlink": [row.pk],
        "choose": [row.grant_id],
    }.get(name, [])
    client = signed_in(row.user)
    client.get(reverse(name, args=args))  # fills what is kept between requests

    with django_assert_max_num_queries(queries):
        client.get(reverse(name, args=args))
