"""Operators see how networks fare, and pause one for everybody; nothing of a score moves for it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import operating
from accounts.connectors.base import Code
from accounts.models import NetworkPause, Source, SyncRun
from tests.accounts.builders import NOW, grant, person, signed_in, source

pytestmark = pytest.mark.django_db


def operator() -> Client:
    user = person("olga")
    user.is_staff = True
    user.save()
    return signed_in(user)


def run(row: Source, code: Code, *, hours_ago: float, words: str = "") -> None:
    at = NOW - timedelta(hours=hours_ago)
    SyncRun.objects.create(source=row, started_at=at, ended_at=at, code=code, words=words)


def test_health_counts_people_links_reads_and_the_most_frequent_errors() -> None:
    one = source(person("a"))
    two, three = (
        source(user, grant=grant(user, who=user.username), external_id=user.username, code=code)
        for user, code in [(person("b"), Code.REVOKED), (person("c"), Code.TRANSIENT)]
    )
    run(one, Code.OK, hours_ago=1)
    for hours in (1, 2, 3):
        run(three, Code.TRANSIENT, hours_ago=hours, words="HTTP 503")
    run(two, Code.REVOKED, hours_ago=2, words="401")
    run(two, Code.REVOKED, hours_ago=30, words="too old to show")

    (row,) = [each for each in operating.health(now=NOW) if each.network == "sandbox"]

    assert (row.people, row.sources, row.fine, row.need_person, row.trouble) == (3, 3, 1, 1, 1)
    assert (row.reads, row.failed) == (5, 4)
    assert row.errors == [("transient", "HTTP 503", 1, 3), ("revoked", "401", 1, 1)]


def test_a_paused_network_is_not_due_and_is_read_again_when_resumed() -> None:
    row = source(person(), tried_at=NOW - timedelta(days=2))
    every = timedelta(hours=24)
    assert Source.objects.due(NOW, every=every).get() == row

    operating.pause(network="sandbox", why="They are moving.", by=row.user, now=NOW)
    paused = list(Source.objects.due(NOW, every=every))
    operating.resume(network="sandbox")

    assert paused == []
    assert Source.objects.due(NOW, every=every).get() == row


def test_pausing_twice_keeps_the_date_and_takes_the_newer_reason() -> None:
    olga = person("olga")
    operating.pause(network="mastodon", why="First.", by=olga, now=NOW)

    operating.pause(network="mastodon", why="Second.", by=olga, now=NOW + timedelta(days=1))

    pause = NetworkPause.objects.get()
    assert (pause.why, pause.since) == ("Second.", NOW)


def test_operators_pause_and_resume_with_a_reason() -> None:
    client = operator()

    client.post(reverse("ops_pause", args=["mastodon"]), {"why": "Their API is broken."})
    shown = client.get(reverse("ops")).content.decode()
    client.post(reverse("ops_resume", args=["mastodon"]))

    assert "Their API is broken." in shown
    assert not NetworkPause.objects.exists()


@pytest.mark.parametrize("nothing", [" ", "\x00", "\x00\x1b "])
def test_a_pause_without_a_reason_is_refused(nothing: str) -> None:
    client = operator()

    page = client.post(reverse("ops_pause", args=["mastodon"]), {"why": nothing}, follow=True)

    assert "Say why in a sentence" in page.content.decode()
    assert not NetworkPause.objects.exists()


def test_a_network_that_nobody_knows_cannot_be_paused() -> None:
    client = operator()

    assert client.post(reverse("ops_pause", args=["friendster"]), {"why": "x"}).status_code == 404


def test_the_set_up_page_prints_callback_addresses_and_no_secret(settings: object) -> None:
    client = operator()

    page = client.get(reverse("ops_networks")).content.decode()

    assert "http://127.0.0.1:8000/accounts/github/login/callback/" in page
    assert "GITHUB_CLIENT_ID" in page


def test_a_person_reads_on_the_link_why_it_is_not_read() -> None:
    row = source(person(), code=Code.OK, read_at=NOW, tried_at=NOW)
    operating.pause(network="sandbox", why="They are moving.", by=row.user, now=NOW)

    page = signed_in(row.user).get(reverse("link", args=[row.pk])).content.decode()

    assert "They are moving." in page
    assert "frozen" in page
    assert "Whoever runs this site paused reading of Sandbox since" in page
    assert "Read now" not in page
    assert "Check now" not in page


def test_nothing_asks_the_person_to_act_while_an_operator_has_paused_the_network() -> None:
    row = source(person(), code=Code.REVOKED, code_since=NOW, limited=["who reacted"])
    operating.pause(network="sandbox", why="They are moving", by=row.user, now=NOW)
    client = signed_in(row.user)

    page = client.get(reverse("link", args=[row.pk])).content.decode()
    cards = client.get(reverse("links")).content.decode()
    pressed = client.post(reverse("link_check", args=[row.pk]), follow=True).content.decode()

    assert "They are moving." in page
    assert "Mend it" not in cards
    assert "took back our access" not in page
    assert "for everybody: They are moving" in pressed
    assert not row.checks.exists()
