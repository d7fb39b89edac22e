"""The made-up network as a connector sees it: pages, permissions, and every fault it can have."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts import connectors
from accounts.connectors.base import Access, Code, ConnectorError, Kind, Reading
from accounts.connectors.setup import Config
from accounts.models import SandboxFault, SandboxToken
from accounts.sandbox import network, people, world
from accounts.sandbox.connector import SandboxConnector
from accounts.sandbox.faults import Fault

connector = SandboxConnector(Config("sandbox"))

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=90)
MAIN = "maproom-lisbon"
# With these a place is read, if slowly, in part, or by a wrong clock.
STILL_READ = {Fault.SLOW, Fault.METRIC_RETIRED, Fault.CLOCK_OFF}


def access(
    person: str = "nora",
    *,
    scopes: tuple[str, ...] = network.SCOPES,
    places: list[str] | None = None,
    issued_at: datetime = NOW - timedelta(days=2),
    token: str = "sbx_test",
) -> Access:
    """Return an access whose token the network gave out."""
    mine = [place.id for place in people.places_of(person)]
    SandboxToken.objects.create(
        digest=network.digest(token),
        person=person,
        scopes=list(scopes),
        targets=mine if places is None else places,
        issued_at=issued_at,
    )
    return Access(token=token, account_id=person, scopes=scopes)


def switch(fault: Fault, *, person: str = "nora", target: str = "") -> None:
    SandboxFault.objects.create(
        person=person, target=target, fault=fault, since=NOW - timedelta(hours=1)
    )


def read(given: Access, target: str = MAIN, *, now: datetime = NOW) -> Reading:
    return connector.read(given, target, since=SINCE, now=now, progress=lambda _sentence: None)


def refusal(given: Access, target: str = MAIN) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        read(given, target)
    return caught.value


def test_the_registry_knows_the_sandbox() -> None:
    assert isinstance(connectors.get("sandbox"), SandboxConnector)


def test_places_are_listed_with_role_followers_and_why_one_cannot_count() -> None:
    targets = connector.targets(access(), now=NOW)

    assert [target.title for target in targets] == [
        "Map Room Lisbon",
        "The Slow Atlas",
        "Kartor Co-op",
        "Nora Lindqvist",
    ]
    assert [target.role for target in targets] == ["admin", "editor", "advertiser", ""]
    assert [target.selectable for target in targets] == [True, True, False, True]
    assert "editor" in targets[2].reason
    assert targets[0].posts_90d == len(world.posts(MAIN, since=SINCE, now=NOW))


def test_only_places_ticked_at_consent_are_listed_and_read() -> None:
    given = access(places=["slow-atlas"])

    targets = connector.targets(given, now=NOW)

    assert [target.external_id for target in targets] == ["slow-atlas"]
    assert refusal(given, MAIN).code == Code.SOURCE_NOT_GRANTED


def test_a_reading_is_whole_over_many_pages() -> None:
    sentences: list[str] = []

    reading = connector.read(access(), MAIN, since=SINCE, now=NOW, progress=sentences.append)

    expected = world.posts(MAIN, since=SINCE, now=NOW)
    assert {post.external_id for post in reading.posts} == {post.id for post in expected}
    assert len(reading.interactions) == sum(len(post.acts_by(NOW)) for post in expected)
    assert len(reading.interactions) > 2 * network.REACTIONS_A_PAGE
    assert len(reading.posts) > network.POSTS_A_PAGE
    assert reading.since == SINCE
    assert reading.pages >= 6
    assert sentences[-1].startswith("Read so far: 68 posts, ")


def test_counts_include_the_known_people_and_unknown_ones_stay_unknown() -> None:
    reading = read(access())

    for post in reading.posts:
        known = [act.kind for act in reading.interactions if act.post_id == post.external_id]
        for kind in (Kind.LIKE, Kind.REPLY, Kind.REPOST, Kind.QUOTE):
            counted = post.counts[kind]
            assert counted is not None
            assert counted >= known.count(kind)
        assert post.counts.get(Kind.MENTION) is None


def test_every_reaction_has_a_dated_actor_with_an_audience() -> None:
    reading = read(access())

    told_apart = {(act.actor_id, act.kind, act.external_id) for act in reading.interactions}
    assert len(told_apart) == len(reading.interactions)
    for act in reading.interactions:
        assert act.actor_id in people.people()
        assert act.at <= NOW
        assert act.actor_followers
        assert act.actor_since is not None


def test_posts_for_friends_only_are_left_out_and_counted() -> None:
    reading = read(access(), "nora")

    hidden = reading.left_out["not_public"]
    assert hidden > len(reading.posts) > 0
    assert hidden + len(reading.posts) == len(world.posts("nora", since=SINCE, now=NOW))


def test_a_later_reading_shows_what_happened_since() -> None:
    given = access()

    earlier, later = read(given), read(given, now=NOW + timedelta(days=4))

    seen = {(act.actor_id, act.external_id) for act in earlier.interactions}
    assert seen < {(act.actor_id, act.external_id) for act in later.interactions}


def test_a_place_with_a_role_too_small_is_refused() -> None:
    assert refusal(access(), "kartor-coop").code == Code.ROLE_LOST


def test_somebody_elses_place_is_not_there() -> None:
    assert refusal(access(), "priya").code == Code.GONE


def test_a_permission_that_was_not_granted_is_missed() -> None:
    assert refusal(access(scopes=("profile", "posts"))).code == Code.SCOPE_MISSING


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.REVOKED, Code.REVOKED),
        (Fault.EXPIRED, Code.EXPIRED),
        (Fault.SCOPE_MISSING, Code.SCOPE_MISSING),
        (Fault.ROLE_LOST, Code.ROLE_LOST),
        (Fault.RATE_LIMITED, Code.RATE_LIMITED),
        (Fault.SERVER_ERROR, Code.TRANSIENT),
        (Fault.MALFORMED, Code.CONTRACT),
        (Fault.EMPTY, Code.CONTRACT),
        (Fault.GONE, Code.GONE),
        (Fault.APP_REFUSED, Code.APP_CONFIG),
    ],
)
def test_a_fault_of_a_page_is_told_apart_and_leaves_the_other_page_alone(
    fault: Fault, code: Code
) -> None:
    given = access()
    switch(fault, target=MAIN)

    error = refusal(given)

    assert error.code == code
    assert str(error).endswith(".")
    assert "sbx_" not in f"{error} {error.raw}"
    assert read(given, "slow-atlas").posts


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in STILL_READ])
def test_a_fault_of_the_whole_account_meets_every_place(fault: Fault) -> None:
    given = access()
    switch(fault)

    first, second = refusal(given), refusal(given, "slow-atlas")

    assert first.code == second.code


def test_too_many_requests_say_when_to_come_back() -> None:
    given = access()
    switch(Fault.RATE_LIMITED)

    error = refusal(given)

    assert error.retry_at == NOW + timedelta(seconds=network.WAIT_SECONDS)


def test_a_slow_network_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "SLOW_SECONDS", 0.2)
    given = access()
    switch(Fault.SLOW)
    began = datetime.now(UTC)

    reading = read(given)

    assert reading.posts
    assert datetime.now(UTC) - began >= timedelta(seconds=0.2)


@pytest.mark.parametrize("fault", [Fault.REVOKED, Fault.EXPIRED, Fault.SCOPE_MISSING])
def test_a_consent_given_after_the_switch_works_again(fault: Fault) -> None:
    switch(fault)

    reading = read(access(issued_at=NOW - timedelta(minutes=1)))

    assert reading.posts


@pytest.mark.parametrize("fault", [Fault.MALFORMED, Fault.EMPTY, Fault.SERVER_ERROR])
def test_a_list_of_places_that_fails_is_an_error_and_never_an_empty_list(fault: Fault) -> None:
    given = access()
    switch(fault)

    with pytest.raises(ConnectorError):
        connector.targets(given, now=NOW)


def test_a_lost_role_and_a_page_that_is_gone_show_in_the_list() -> None:
    given = access()
    switch(Fault.ROLE_LOST, target=MAIN)
    switch(Fault.GONE, target="slow-atlas")

    targets = {target.external_id: target for target in connector.targets(given, now=NOW)}

    assert targets.keys() == {MAIN, "kartor-coop", "nora"}
    assert not targets[MAIN].selectable
    assert targets[MAIN].reason


def test_somebody_who_posted_nothing_lately_is_read_as_empty_without_an_error() -> None:
    given = access("tomas")
    since = NOW - timedelta(hours=1)

    reading = connector.read(given, "tomas", since=since, now=NOW, progress=lambda _sentence: None)

    assert reading.posts == ()


def test_a_token_that_was_taken_back_is_refused_and_can_be_taken_back_again() -> None:
    given = access()

    connector.revoke(given)
    connector.revoke(given)

    assert refusal(given).code == Code.REVOKED


def test_a_token_that_nobody_gave_out_is_refused() -> None:
    stranger = Access(token="sbx_guess", account_id="nora")

    assert refusal(stranger).code == Code.REVOKED


def test_an_access_of_somebody_else_is_noticed() -> None:
    given = access("jun")

    with pytest.raises(ConnectorError) as caught:
        connector.targets(Access(token=given.token, account_id="nora"), now=NOW)

    assert caught.value.code == Code.CONTRACT


@pytest.mark.parametrize(
    ("method", "path", "params", "status"),
    [
        ("GET", f"/v1/places/{MAIN}/posts", {"since": "yesterday"}, 400),
        ("GET", f"/v1/places/{MAIN}/posts", {"since": "2026-10-01"}, 400),
        ("GET", f"/v1/places/{MAIN}/posts", {}, 400),
        ("GET", f"/v1/places/{MAIN}/posts", {"since": SINCE.isoformat(), "cursor": "?"}, 400),
        ("GET", f"/v1/places/{MAIN}/posts", {"since": SINCE.isoformat(), "cursor": "LTE="}, 400),
        ("GET", f"/v1/places/{MAIN}/secrets", {}, 404),
        ("GET", "/v2/me", {}, 404),
        ("DELETE", "/v1/me", {}, 405),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    method: str, path: str, params: dict[str, str], status: int
) -> None:
    given = access()

    got, headers, body = network.answer(method, path, params, given.token, NOW)

    assert got == status
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["message"].endswith(".")
