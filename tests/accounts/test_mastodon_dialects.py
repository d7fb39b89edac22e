"""GoToSocial, Pixelfed, Takahe and Akkoma speak the Mastodon API each in its own way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import access, connectors, health
from accounts.connectors.base import Code, ConnectorError, Kind, Reading
from accounts.models import Grant, Source
from accounts.providers.mastodon import registry
from tests.accounts.builders import NOW, person, reading, signed_in, source
from tests.accounts.fakes.mastodon import DIALECTS, FakeMastodon
from tests.accounts.mastodon_server import come_back
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")


@pytest.fixture(params=DIALECTS)
def fake(request: pytest.FixtureRequest) -> Iterator[FakeMastodon]:
    """A server of each program."""
    with FakeMastodon(request.param) as made:
        yield made


@pytest.fixture
def pixelfed() -> Iterator[FakeMastodon]:
    """A server whose tokens end."""
    with FakeMastodon("pixelfed") as made:
        yield made


def read(fake: FakeMastodon) -> Reading:
    now = timezone.now()
    return fake.connector().read(
        fake.access(),
        fake.own_id,
        since=now - timedelta(days=90),
        now=now,
        progress=lambda _said: None,
    )


# Reading


def test_posts_are_read_in_every_dialect_and_untold_counts_are_not_zero(
    fake: FakeMastodon,
) -> None:
    found = read(fake)

    first = next(post for post in found.posts if post.external_id == fake.dialect.id(10))
    assert first.counts[Kind.LIKE] == 2
    assert first.counts[Kind.REPOST] == 0
    assert (first.counts[Kind.QUOTE] is None) == ("quotes_count" in fake.dialect.untold)
    assert (first.counts[Kind.REPLY] is None) == ("replies_count" in fake.dialect.untold)
    assert found.followers == 41


def test_a_list_that_a_program_does_not_have_leaves_the_rest_whole(fake: FakeMastodon) -> None:
    found = read(fake)

    likes = [one for one in found.interactions if one.kind == Kind.LIKE]
    assert len(found.posts) == 2
    assert len(likes) == (2 if not fake.dialect.lists else 1)
    said = "this server shows no notifications" in " ".join(found.limited)
    assert said == bool(fake.dialect.notes)


def test_many_posts_are_read_to_the_end_with_links_and_without(fake: FakeMastodon) -> None:
    fake.posts.clear()
    for number in range(200, 90, -1):
        fake.post(number, hours=300 - number)

    found = read(fake)

    assert len(found.posts) == 110


def test_a_dead_token_is_known_as_one(fake: FakeMastodon) -> None:
    fake.alive.clear()

    with pytest.raises(ConnectorError) as refused:
        read(fake)

    assert refused.value.code == Code.REVOKED
    assert not fake.connector().inspect(fake.access(), now=timezone.now()).active


def test_the_account_is_the_one_target_in_every_dialect(fake: FakeMastodon) -> None:
    (target,) = fake.connector().targets(fake.access(), now=timezone.now())

    assert (target.external_id, target.followers, target.posts_90d) == (fake.own_id, 41, 2)
    assert target.reason == ""


def test_calls_of_one_read_share_a_connection_where_the_server_keeps_it(
    fake: FakeMastodon,
) -> None:
    read(fake)

    kept = {asked.headers.get("connection") for asked in fake.server.requests}
    assert kept == {"keep-alive"}


# What to know about an account


def test_an_account_that_approves_its_followers_says_what_does_not_count() -> None:
    with FakeMastodon() as fake:
        fake.account["locked"] = True

        (target,) = fake.connector().targets(fake.access(), now=timezone.now())

    assert "posts that only they see do not count" in target.reason


@pytest.mark.parametrize("moved", [{"acct": "nora@new.example"}, {"id": "2"}, {}, "elsewhere", 7])
def test_where_an_account_moved_is_told_as_far_as_it_is_known(moved: Any) -> None:
    with FakeMastodon() as fake:
        fake.account["moved"] = moved

        (target,) = fake.connector().targets(fake.access(), now=timezone.now())
        found = read(fake)

    known = moved == {"acct": "nora@new.example"}
    assert found.moved_to == ("@nora@new.example" if known else "")
    assert ("moved to @nora@new.example" in target.reason) == known


@pytest.mark.django_db
def test_the_page_of_a_moved_account_names_the_new_one_and_the_way_there() -> None:
    user = person()
    row = source(user, title="Nora")
    moved = reading(moved_to="@nora@new.example")
    health.reading_succeeded(source_id=row.pk, reading=moved, started_at=NOW, now=NOW)

    page = signed_in(user).get(reverse("link", args=[row.pk])).content.decode()

    assert "“Nora” moved to @nora@new.example" in page
    assert f'href="{reverse("start")}"' in page


@pytest.mark.django_db
def test_an_account_that_came_back_is_no_longer_said_to_have_moved() -> None:
    row = source(person())
    for moved_to in ("@nora@new.example", ""):
        health.reading_succeeded(
            source_id=row.pk, reading=reading(moved_to=moved_to), started_at=NOW, now=NOW
        )

    assert Source.objects.get(pk=row.pk).moved_to == ""


# Linking


def link(client: Client, fake: FakeMastodon) -> Any:
    """Link with the server as a browser does; its consent page says yes at once."""
    start = client.post(reverse("mastodon_start"), {"instance": fake.server.host})
    assert start.status_code == 302, start.context["trouble"]
    query = dict(part.split("=", 1) for part in start["Location"].partition("?")[2].split("&"))
    callback = f"/accounts/mastodon/{fake.server.host}/callback/"
    return come_back(client, f"{callback}?code=good-code&state={query['state']}")


@pytest.mark.django_db
def test_every_dialect_is_linked(fake: FakeMastodon) -> None:
    client = signed_in(person())

    answer = link(client, fake)

    grant = Grant.objects.get()
    assert answer.status_code == 302
    assert SocialAccount.objects.get().uid == fake.own_id
    assert grant.sources.get().external_id == fake.own_id
    assert (grant.expires_at is not None) == fake.dialect.ends
    assert bool(grant.access().refresh) == fake.dialect.ends


@pytest.mark.django_db
def test_relatives_are_asked_for_the_one_scope_they_all_know(pixelfed: FakeMastodon) -> None:
    link(signed_in(person()), pixelfed)

    (registration,) = pixelfed.server.asked("/api/v1/apps")
    assert registration.form["scopes"] == "read"


@pytest.mark.django_db
def test_a_server_that_leads_its_metadata_elsewhere_is_one_that_has_none(
    pixelfed: FakeMastodon,
) -> None:
    pixelfed.answer(
        "/.well-known/oauth-authorization-server",
        lambda: reply({}, status=302, Location="/login"),
    )

    assert link(signed_in(person()), pixelfed).status_code == 302


# Renewal


def held(fake: FakeMastodon) -> Grant:
    link(signed_in(person()), fake)
    return Grant.objects.get()


def who(good: Any) -> str:
    return connectors.get("mastodon").identity(good, now=timezone.now()).uid


@pytest.mark.django_db
def test_a_token_that_ends_is_renewed_in_time_with_what_the_server_calls_us(
    pixelfed: FakeMastodon,
) -> None:
    grant = held(pixelfed)
    later = timezone.now() + timedelta(minutes=59)

    uid = access.ask(grant, who, now=later)

    grant.refresh_from_db()
    (renewal,) = [
        asked
        for asked in pixelfed.server.asked("/oauth/token")
        if asked.form.get("grant_type") == "refresh_token"
    ]
    assert uid == pixelfed.own_id
    assert renewal.form["client_id"] == "our-id"
    assert renewal.form["refresh_token"] == "canary-refresh-0"
    assert grant.access().token == "canary-token-1"
    assert grant.access().refresh == "canary-refresh-1"
    assert grant.expires_at is not None
    assert grant.expires_at > later


@pytest.mark.django_db
def test_a_token_that_is_refused_before_its_time_is_renewed_once(pixelfed: FakeMastodon) -> None:
    grant = held(pixelfed)
    pixelfed.alive.clear()

    uid = access.ask(grant, who, now=timezone.now())

    assert (uid, pixelfed.renewals) == (pixelfed.own_id, 1)


@pytest.mark.django_db
def test_an_app_that_vanished_asks_to_connect_again_and_that_makes_a_new_one(
    pixelfed: FakeMastodon,
) -> None:
    grant = held(pixelfed)
    SocialApp.objects.update(secret="a word of before")

    with pytest.raises(ConnectorError, match="Connect again: that introduces it anew") as refused:
        access.ask(grant, who, now=timezone.now() + timedelta(hours=2))
    registry.ready(pixelfed.server.host, now=timezone.now())

    assert refused.value.code == Code.REVOKED
    assert SocialApp.objects.get().secret == "canary-secret"
    assert len(pixelfed.server.asked("/api/v1/apps")) == 2


@pytest.mark.django_db
def test_a_server_that_we_are_registered_with_no_more_is_not_asked(
    pixelfed: FakeMastodon,
) -> None:
    grant = held(pixelfed)
    SocialApp.objects.all().delete()
    before = len(pixelfed.server.requests)

    with pytest.raises(ConnectorError, match="no longer knows this site"):
        access.ask(grant, who, now=timezone.now() + timedelta(hours=2))

    assert len(pixelfed.server.requests) == before
