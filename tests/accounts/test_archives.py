"""What a file may count, whose account it names, and what happens when its owner links that."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts import archives, choosing
from accounts.connectors.archives import Claim
from accounts.linking import LinkingError
from accounts.models import Source, User
from accounts.signals import Change, source_changed
from tests.accounts.builders import NOW, archive, grant, link_sandbox, person, signed_in, source

pytestmark = pytest.mark.django_db

Heard = list[tuple[str, Change]]
Capture = Callable[..., Any]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What was told about sources: (whose, change)."""
    told: Heard = []

    def listen(*, source: Source, change: Change, **_rest: Any) -> None:
        told.append((source.user.username, change))

    source_changed.connect(listen)
    yield told
    source_changed.disconnect(listen)


def uploaded(user: User, **values: Any) -> Source:
    return archives.add_archive(user=user, content=archive(**values), now=NOW)


def owning(user: User, *, provider: str = "x", uid: str = "12", **extra: str) -> SocialAccount:
    account: SocialAccount = SocialAccount.objects.create(
        user=user, provider=provider, uid=uid, extra_data=extra
    )
    return account


def test_an_archive_counts_at_once_and_is_told_with_its_reading() -> None:
    readings = []

    def listen(**about: Any) -> None:
        readings.append((about["change"], about["reading"].posts))

    source_changed.connect(listen)
    try:
        row = uploaded(person())
    finally:
        source_changed.disconnect(listen)

    assert (row.state_at(NOW), row.read_at, row.grant_id) == (Source.State.HEALTHY, NOW, None)
    assert (row.selected, row.posts_90d) == (True, 3)
    assert row.runs.get().reactions == 6
    assert readings == [(Change.ARCHIVE, archive().reading.posts)]


def test_a_newer_archive_of_the_same_account_is_the_same_source() -> None:
    user = person()
    first = uploaded(user)

    again = uploaded(user, title="Ada L on X")

    assert again.pk == first.pk
    assert Source.objects.get().title == "Ada L on X"


def test_a_link_that_is_no_web_address_is_not_kept() -> None:
    assert uploaded(person(), url="javascript:alert(1)").url == ""


def test_a_file_that_nobody_proved_blocks_nobody(heard: Heard) -> None:
    forged, own = uploaded(person("bob")), uploaded(person("ada"))

    rows = Source.objects.counted().filter(network="x_archive")
    assert set(rows) == {forged, own}
    assert {row.proven_at for row in rows} == {None}
    assert heard == [("bob", Change.ARCHIVE), ("ada", Change.ARCHIVE)]


@pytest.mark.parametrize(
    ("claim", "account"),
    [
        (Claim("x", "12"), {"provider": "x", "uid": "12"}),
        (
            Claim("mastodon:kartor.example", "https://kartor.example/@ada"),
            {
                "provider": "mastodon:kartor.example",
                "uid": "7",
                "url": "https://kartor.example/@ada",
            },
        ),
    ],
)
def test_a_file_of_an_account_that_its_person_linked_is_proven(
    claim: Claim, account: dict[str, str]
) -> None:
    user = person()
    owning(user, **account)

    assert uploaded(user, claim=claim).proven_at == NOW


@pytest.mark.parametrize(
    "account",
    [
        {"provider": "x", "uid": "13"},
        {"provider": "github", "uid": "12"},
        {"provider": "mastodon:other.example", "uid": "12", "url": "https://kartor.example/@ada"},
    ],
)
def test_another_account_of_the_person_proves_nothing(account: dict[str, str]) -> None:
    user = person()
    owning(user, **account)

    assert uploaded(user).proven_at is None


def test_a_file_that_names_no_account_is_never_proven() -> None:
    user = person()
    owning(user)

    assert uploaded(user, claim=None).proven_at is None


def test_when_its_owner_links_the_account_the_files_of_others_stop_counting(heard: Heard) -> None:
    owner, bob, cleo = person("ada"), person("bob"), person("cleo")
    forged = [uploaded(cleo), uploaded(bob), uploaded(bob, account_id="13")]
    own = uploaded(owner)
    heard.clear()

    archives.settle(owners=[owning(owner)], now=NOW)

    for row in (*forged, own):
        row.refresh_from_db()
    assert [row.selected for row in (*forged, own)] == [False, False, True, True]
    assert [row.reason for row in forged[:2]] == [archives.OWNED_BY_ANOTHER] * 2
    assert (own.proven_at, own.reason) == (NOW, "")
    assert heard == [
        ("ada", Change.PROVEN),
        ("bob", Change.DESELECTED),
        ("cleo", Change.DESELECTED),
    ]


def test_settling_twice_changes_nothing_more(heard: Heard) -> None:
    owner = person("ada")
    uploaded(person("bob"))
    uploaded(owner)
    account = owning(owner)
    archives.settle(owners=[account], now=NOW)
    heard.clear()

    archives.settle(owners=[account], now=NOW)

    assert heard == []


def test_a_file_of_an_account_that_somebody_else_linked_is_refused(heard: Heard) -> None:
    owning(person("ada"))

    with pytest.raises(LinkingError, match="linked by somebody else here"):
        uploaded(person("bob"))

    assert not Source.objects.exists()
    assert heard == []


def test_a_file_of_an_account_that_is_read_directly_is_refused() -> None:
    user = person()
    known = grant(user)
    source(user, grant=known, network="sandbox", external_id="nora")

    with pytest.raises(LinkingError, match="would count the same posts twice"):
        uploaded(user, claim=Claim("sandbox", "nora"))


def test_a_file_stops_counting_when_the_account_itself_is_chosen(
    heard: Heard, django_capture_on_commit_callbacks: Capture
) -> None:
    user = person()
    known = grant(user)
    choosing.list_targets(grant=known, now=NOW)
    row = uploaded(user, claim=Claim("sandbox", "nora"))
    profile = known.sources.get(external_id="nora")

    with django_capture_on_commit_callbacks(execute=True):
        choosing.save_choice(user=user, grant=known, source_ids=[profile.pk], now=NOW)

    row.refresh_from_db()
    assert (row.selected, row.reason) == (False, archives.READ_DIRECTLY)
    assert heard[-1] == ("ada", Change.DESELECTED)


def test_signing_in_with_the_account_sets_forged_files_of_it_aside() -> None:
    forged = uploaded(person("bob"), claim=Claim("sandbox", "nora"))

    link_sandbox(Client(), who="nora")

    forged.refresh_from_db()
    assert (forged.selected, forged.reason) == (False, archives.OWNED_BY_ANOTHER)


def test_the_pages_say_why_a_file_no_longer_counts() -> None:
    bob = person("bob")
    forged = uploaded(bob)
    archives.settle(owners=[owning(person("ada"))], now=NOW)
    client = signed_in(bob)

    listed = client.get(reverse("links")).content.decode()
    page = client.get(reverse("link", args=[forged.pk])).content.decode()

    assert archives.OWNED_BY_ANOTHER in listed
    assert archives.OWNED_BY_ANOTHER in page
    assert "Choose what counts" not in page


def test_the_page_of_a_file_says_how_much_it_counts_and_why() -> None:
    user = person()
    row = uploaded(user)
    client = signed_in(user)

    half = client.get(reverse("link", args=[row.pk])).content.decode()
    archives.settle(owners=[owning(user)], now=NOW)
    full = client.get(reverse("link", args=[row.pk])).content.decode()

    assert "This counts half" in half
    assert "Counts half and grows older day by day." in half
    assert "This counts half" not in full
    assert "Counts in full and grows older day by day." in full


def test_archives_of_before_are_filed_under_their_person() -> None:
    user = person()
    known = {"network": "x_archive", "kind": "archive", "title": "@ada", "selected": True}
    Source.objects.create(user=user, external_id="4242", **known)
    move = import_module("accounts.migrations.0008_files").file_under_their_person

    move(apps, None)
    move(apps, None)

    row = Source.objects.get()
    assert (row.external_id, row.claim) == (f"{user.pk}:4242", "x 4242")
