"""Keeping grants, listing what they offer, choosing, pausing, unlinking."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, connection, transaction

from accounts import access, choosing, linking, revoking, sealing, unlinking
from accounts.connectors.base import Code, ConnectorError
from accounts.linking import Granted, LinkingError
from accounts.models import Grant, SandboxFault, SandboxToken, Source
from accounts.sandbox import people
from accounts.signals import Change, grant_dropped, source_changed
from scoring.models import Job
from tests.accounts.builders import NOW, grant, person, source

pytestmark = pytest.mark.django_db

Told = list[tuple[Change, str]]


@pytest.fixture
def told() -> Iterator[Told]:
    """What was told upward: (change, title of the source)."""
    news: Told = []

    def listen(source: Source, change: Change, **_kwargs: Any) -> None:
        news.append((change, source.title))

    source_changed.connect(listen)
    yield news
    source_changed.disconnect(listen)


@pytest.fixture
def dropped() -> Iterator[list[dict[str, Any]]]:
    """What networks are asked to forget."""
    asked: list[dict[str, Any]] = []

    def listen(**kwargs: Any) -> None:
        asked.append(kwargs)

    grant_dropped.connect(listen)
    yield asked
    grant_dropped.disconnect(listen)


def listed(user_grant: Grant) -> dict[str, Source]:
    choosing.list_targets(grant=user_grant, now=NOW)
    return {each.external_id: each for each in user_grant.sources.all()}


def ids(*sources: Source) -> list[int]:
    return [each.pk for each in sources]


# Grants


def test_a_grant_keeps_the_token_sealed_and_the_scopes_that_were_granted() -> None:
    account = SocialAccount.objects.create(user=person(), provider="sandbox", uid="nora")

    kept = linking.keep_grant(
        account=account, granted=Granted("canary-token", "canary-refresh", ("b", "a")), now=NOW
    )

    row = Grant.objects.get(pk=kept.pk)
    assert "canary" not in row.sealed_token + row.sealed_refresh
    assert row.access().token == "canary-token"
    assert (row.scopes, row.issued_at) == (["a", "b"], NOW)


def test_connecting_again_replaces_the_token_and_keeps_a_refresh_token_not_sent_twice() -> None:
    account = SocialAccount.objects.create(user=person(), provider="sandbox", uid="nora")
    first = linking.keep_grant(account=account, granted=Granted("one", "refresh"), now=NOW)

    again = linking.keep_grant(account=account, granted=Granted("two"), now=NOW)

    assert again.pk == first.pk
    assert again.access().token == "two"
    opened = sealing.unseal(again.sealed_refresh, bound_to=f"grant:{again.pk}:refresh")
    assert opened == "refresh"


def test_an_empty_answer_never_replaces_a_token() -> None:
    kept = grant(person())
    before = Grant.objects.get(pk=kept.pk).sealed_token

    with pytest.raises(LinkingError, match="gave no key"):
        linking.keep_grant(account=kept.account, granted=Granted(""), now=NOW)

    assert Grant.objects.get(pk=kept.pk).sealed_token == before


def test_connecting_again_forgets_failures_and_asks_for_a_read(told: Told) -> None:
    broken = source(person(), code=Code.REVOKED, failures=3, words="401", retry_at=NOW)

    linking.keep_grant(account=broken.grant.account, granted=Granted("new"), now=NOW)

    broken.refresh_from_db()
    assert (broken.code, broken.failures, broken.words, broken.retry_at) == (Code.OK, 0, "", None)
    assert broken.state_at(NOW) == Source.State.READING
    assert told == [(Change.RECONNECTED, "Map Room Lisbon")]


def test_neither_a_token_nor_a_refresh_token_is_in_the_repr_of_what_was_granted() -> None:
    granted = Granted("canary-token", "canary-refresh", ("read",))

    shown = repr(granted)

    assert "canary" not in shown


def test_an_access_that_has_ended_is_not_used() -> None:
    ended = source(person())
    ended.grant.expires_at = NOW
    ended.grant.save()

    with pytest.raises(ConnectorError) as refused:
        access.ask(ended.grant, lambda good: good, now=NOW, source=ended)

    assert refused.value.code == Code.EXPIRED


def test_a_token_that_cannot_be_opened_asks_to_connect_again() -> None:
    swapped = source(person())
    other = source(person("bo"), grant=grant(swapped.user, who="jun"), external_id="jun")
    swapped.grant.sealed_token = other.grant.sealed_token
    swapped.grant.save()

    with pytest.raises(ConnectorError, match="Connect it again") as refused:
        access.ask(swapped.grant, lambda good: good, now=NOW, source=swapped)

    assert refused.value.code == Code.EXPIRED


# Listing


def test_the_list_names_role_followers_posts_and_why_something_cannot_count() -> None:
    offered = listed(grant(person()))

    assert set(offered) == {place.id for place in people.places_of("nora")}
    page = offered["maproom-lisbon"]
    assert (page.kind, page.role, page.selectable) == ("page", "admin", True)
    assert page.followers
    assert page.posts_90d
    assert page.last_post_at is not None
    assert not offered["kartor-coop"].selectable
    assert "role" in offered["kartor-coop"].reason
    assert not any(each.selected for each in offered.values())


def test_a_place_that_vanished_is_kept_and_marked() -> None:
    kept = grant(person())
    offered = listed(kept)
    choosing.choose(
        user=kept.account.user, grant=kept, source_ids=ids(offered["slow-atlas"]), now=NOW
    )
    SandboxToken.objects.update(targets=["nora"])

    offered = listed(kept)

    assert not offered["slow-atlas"].available
    assert offered["slow-atlas"].selected
    assert offered["nora"].available


def test_a_list_that_fails_or_is_empty_changes_nothing() -> None:
    kept = grant(person())
    before = {key: each.available for key, each in listed(kept).items()}
    SandboxFault.objects.create(person="nora", fault="malformed", since=NOW - timedelta(days=1))

    with pytest.raises(LinkingError, match="did not give us the list"):
        choosing.list_targets(grant=kept, now=NOW)
    SandboxFault.objects.all().delete()
    SandboxToken.objects.update(targets=[])
    with pytest.raises(LinkingError, match="listed nothing"):
        choosing.list_targets(grant=kept, now=NOW)

    assert {each.external_id: each.available for each in kept.sources.all()} == before


def test_a_role_that_shrinks_is_seen_at_the_next_list() -> None:
    kept = grant(person())
    listed(kept)
    SandboxFault.objects.create(
        person="nora", target="slow-atlas", fault="role_lost", since=NOW - timedelta(days=1)
    )

    offered = listed(kept)

    assert not offered["slow-atlas"].selectable


# Choosing


def test_exactly_the_ticked_sources_count_and_each_change_is_told(told: Told) -> None:
    kept = grant(person())
    offered = listed(kept)
    page, profile = offered["maproom-lisbon"], offered["nora"]
    user = kept.account.user

    first = choosing.choose(user=user, grant=kept, source_ids=ids(profile), now=NOW)
    second = choosing.choose(user=user, grant=kept, source_ids=ids(page), now=NOW)

    assert [first, second] == [[profile], [page]]
    assert list(kept.sources.filter(selected=True)) == [page]
    assert sorted(told[1:]) == [
        (Change.DESELECTED, "Nora Lindqvist"),
        (Change.SELECTED, "Map Room Lisbon"),
    ]


def test_several_pages_may_count_at_once() -> None:
    kept = grant(person())
    offered = listed(kept)
    both = ids(offered["maproom-lisbon"], offered["slow-atlas"])

    choosing.choose(user=kept.account.user, grant=kept, source_ids=both, now=NOW)

    assert sorted(kept.sources.filter(selected=True).values_list("pk", flat=True)) == sorted(both)


def test_choosing_the_same_again_tells_nobody(told: Told) -> None:
    kept = grant(person())
    page = listed(kept)["maproom-lisbon"]
    choosing.choose(user=kept.account.user, grant=kept, source_ids=ids(page), now=NOW)
    told.clear()

    added = choosing.choose(user=kept.account.user, grant=kept, source_ids=ids(page), now=NOW)

    assert (added, told) == ([], [])


@pytest.mark.parametrize(
    ("ticked", "sentence"),
    [
        ([], "Nothing is ticked"),
        (["kartor-coop"], "cannot count"),
        (["maproom-lisbon", "of somebody else"], "not on your list"),
    ],
)
def test_a_choice_that_is_not_offered_changes_nothing(
    ticked: list[str], sentence: str, told: Told
) -> None:
    kept = grant(person())
    offered = listed(kept)
    foreign = source(person("bo"), external_id="jun", grant=grant(person("cy"), who="jun"))
    wanted = [offered[key].pk if key in offered else foreign.pk for key in ticked]

    with pytest.raises(LinkingError, match=sentence):
        choosing.choose(user=kept.account.user, grant=kept, source_ids=wanted, now=NOW)

    assert not kept.sources.filter(selected=True).exists()
    assert told == []


def test_the_network_is_asked_again_when_the_choice_is_saved() -> None:
    kept = grant(person())
    page = listed(kept)["slow-atlas"]
    SandboxToken.objects.update(targets=["nora"])

    with pytest.raises(LinkingError, match="no longer lists"):
        choosing.choose(user=kept.account.user, grant=kept, source_ids=ids(page), now=NOW)

    assert not kept.sources.filter(selected=True).exists()


def test_a_source_that_speaks_for_somebody_else_is_refused_with_both_ways_out() -> None:
    taken = source(person("bo"), grant=grant(person("cy"), who="jun"))
    kept = grant(person())
    page = listed(kept)["maproom-lisbon"]

    with pytest.raises(LinkingError, match="another profile here already: “Map Room Lisbon”"):
        choosing.choose(user=kept.account.user, grant=kept, source_ids=ids(page), now=NOW)

    page.refresh_from_db()
    taken.refresh_from_db()
    assert (page.selected, taken.selected) == (False, True)


def test_the_database_itself_lets_a_source_speak_for_one_person_only() -> None:
    source(person("bo"), grant=grant(person("cy"), who="jun"))

    with pytest.raises(IntegrityError, match=r"source_speaks_for_one_person|UNIQUE"):
        source(person(), grant=grant(person("di"), who="amara"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_people_who_choose_the_same_page_at_once_end_with_one_link() -> None:
    choices = [_ready_to_choose(number) for number in range(50)]

    refused = _at_once([_choosing(*choice) for choice in choices])

    assert Source.objects.counted().filter(external_id="maproom-lisbon").count() == 1
    assert len(refused) == 49
    assert all(isinstance(error, LinkingError) for error in refused)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_the_race_is_lost() -> None:
    """The control: looking first and writing then lets several people in."""
    choices = [_ready_to_choose(number) for number in range(20)]
    meet = threading.Barrier(20)

    def look_then_write(page: Source) -> Callable[[], None]:
        def act() -> None:
            with transaction.atomic():
                free = not Source.objects.counted().filter(external_id=page.external_id).exists()
                meet.wait(20)
                if free:
                    Source.objects.filter(pk=page.pk).update(selected=True)

        return act

    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX source_speaks_for_one_person")
    try:
        _at_once([look_then_write(page) for _grant, page in choices])
        counted = Source.objects.counted().filter(external_id="maproom-lisbon").count()
    finally:
        Source.objects.update(selected=False)
        constraint = next(
            each for each in Source._meta.constraints if each.name == "source_speaks_for_one_person"
        )
        with connection.schema_editor() as editor:
            editor.add_constraint(Source, constraint)

    assert counted > 1


def _ready_to_choose(number: int) -> tuple[Grant, Source]:
    user = person(f"p{number}")
    kept = grant(user)
    SocialAccount.objects.filter(pk=kept.account_id).update(uid=f"nora-{number}")
    return kept, source(user, grant=kept, selected=False)


def _choosing(kept: Grant, page: Source) -> Callable[[], None]:
    def act() -> None:
        choosing.save_choice(user=page.user, grant=kept, source_ids=[page.pk], now=NOW)

    return act


def _at_once(acts: list[Callable[[], None]]) -> list[Exception]:
    """Run all acts behind one barrier and return what they raised."""
    start, raised = threading.Barrier(len(acts)), []

    def run(act: Callable[[], None]) -> None:
        try:
            start.wait(20)
            act()
        except Exception as error:  # noqa: BLE001 - the test looks at each
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


# Pausing and reading


def test_pausing_and_resuming_is_told_once_each(told: Told) -> None:
    row = source(person())

    for _twice in range(2):
        linking.pause(source=row, now=NOW)
    paused = Source.objects.get(pk=row.pk).state_at(NOW)
    for _twice in range(2):
        linking.resume(source=row)

    assert paused == Source.State.PAUSED
    assert Source.objects.get(pk=row.pk).state_at(NOW) == Source.State.HEALTHY
    assert [change for change, _title in told] == [Change.PAUSED, Change.RESUMED]


def test_reading_now_is_told(told: Told) -> None:
    linking.read_now(source=source(person()), now=NOW)

    assert told == [(Change.READ_ASKED, "Map Room Lisbon")]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"paused_at": NOW}, "paused"),
        ({"selected": False}, "does not count"),
        ({"tried_at": NOW - timedelta(seconds=20)}, "less than a minute"),
        ({"code": Code.RATE_LIMITED, "retry_at": NOW + timedelta(hours=1)}, "asked us to wait"),
    ],
)
def test_reading_now_is_refused_with_the_reason(
    values: dict[str, Any], sentence: str, told: Told
) -> None:
    row = source(person(), **values)

    with pytest.raises(LinkingError, match=sentence):
        linking.read_now(source=row, now=NOW)

    assert told == []


# Unlinking


def test_unlinking_the_last_source_ends_the_grant_and_asks_the_network_to_forget(
    told: Told, dropped: list[dict[str, Any]]
) -> None:
    row = source(person())
    token = row.grant.access().token

    unlinking.unlink(source=row)

    assert not Source.objects.exists()
    assert not Grant.objects.exists()
    assert not SocialAccount.objects.exists()
    assert told == [(Change.UNLINKED, "Map Room Lisbon")]
    asked = dropped[0]
    assert (asked["network"], asked["account_id"]) == ("sandbox", "nora")
    assert token not in asked["sealed"]
    assert sealing.unseal(asked["sealed"], bound_to="revoke") == token


def test_unlinking_one_of_two_keeps_the_other_and_the_access(
    dropped: list[dict[str, Any]],
) -> None:
    user = person()
    page = source(user)
    other = source(user, grant=page.grant, external_id="slow-atlas", title="The Slow Atlas")

    unlinking.unlink(source=page)

    assert list(Source.objects.all()) == [other]
    assert dropped == []


def test_the_only_way_to_sign_in_stays_when_nothing_of_it_counts_any_more() -> None:
    row = source(person(password=None))

    unlinking.unlink(source=row)

    assert SocialAccount.objects.filter(user=row.user).exists()
    assert not Grant.objects.exists()
    assert not Source.objects.exists()


def test_a_password_without_an_address_is_no_way_to_sign_in() -> None:
    row = source(person())
    EmailAddress.objects.all().delete()

    allowed = row.user.can_sign_in_without(row.grant.account)

    assert not allowed


def test_another_account_is_a_way_to_sign_in() -> None:
    row = source(person(password=None))
    SocialAccount.objects.create(user=row.user, provider="mastodon:m.example", uid="1")

    unlinking.unlink(source=row)

    assert SocialAccount.objects.get().uid == "1"


def test_unlinking_an_archive_touches_nothing_else(told: Told) -> None:
    row = source(person(), external_id="x", network="x", kind="archive")
    Source.objects.filter(pk=row.pk).update(grant=None)
    row.refresh_from_db()

    unlinking.unlink(source=row)

    assert Grant.objects.count() == 1
    assert told == [(Change.UNLINKED, "Map Room Lisbon")]


def test_a_press_that_comes_second_changes_nothing(told: Told) -> None:
    row = source(person())
    unlinking.unlink(source=row)
    told.clear()

    unlinking.unlink(source=row)

    assert told == []


def test_each_access_that_ends_has_a_job_of_its_own() -> None:
    user = person()
    for server in ("one.example", "two.example"):
        account = SocialAccount.objects.create(user=user, provider=f"mastodon:{server}", uid="1")
        granted = Granted(f"token of {server}", server=f"https://{server}")
        linking.keep_grant(account=account, granted=granted, now=NOW).delete()

    jobs = Job.objects.filter(kind=Job.Kind.REVOKE, state=Job.State.QUEUED)
    assert {job.payload["server"] for job in jobs} == {"https://one.example", "https://two.example"}


def test_a_token_that_a_newer_one_replaces_is_taken_back(dropped: list[dict[str, Any]]) -> None:
    kept = grant(person())
    old = kept.access().token

    linking.keep_grant(account=kept.account, granted=Granted("new"), now=NOW)

    sealed = [asked["sealed"] for asked in dropped]
    assert [sealing.unseal(each, bound_to="revoke") for each in sealed] == [old]


def test_the_same_token_given_again_is_not_taken_back(dropped: list[dict[str, Any]]) -> None:
    kept = grant(person())

    linking.keep_grant(account=kept.account, granted=Granted(kept.access().token), now=NOW)

    assert dropped == []


def test_a_token_that_a_new_link_got_again_is_not_revoked(dropped: list[dict[str, Any]]) -> None:
    user = person()
    old = grant(user)
    token = old.access().token
    old.account.delete()
    account = SocialAccount.objects.create(user=user, provider="sandbox", uid="nora")
    new = linking.keep_grant(account=account, granted=Granted(token), now=NOW)
    asked = {name: dropped[0][name] for name in ("network", "server", "account_id", "sealed")}

    revoking.revoke(**asked)
    while_linked = SandboxToken.objects.get().revoked_at
    new.delete()
    revoking.revoke(**asked)

    assert while_linked is None
    assert SandboxToken.objects.get().revoked_at is not None


def test_deleting_a_grant_any_other_way_asks_the_network_too(
    dropped: list[dict[str, Any]],
) -> None:
    row = source(person())

    row.user.delete()

    assert [asked["account_id"] for asked in dropped] == ["nora"]
