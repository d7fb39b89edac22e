"""A server that answers nobody is left alone, by all workers; one call tries, an answer ends it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import access, breakers, connectors, doctor, health, linking, outages
from accounts.checkup import Check, Status
from accounts.connectors.base import Access, Code, ConnectorError, Identity
from accounts.models import Breaker, Grant, Source
from tests.accounts.builders import NOW, person, signed_in, source
from tests.accounts.fakes.github import FakeGitHub
from tests.accounts.walks import switch_on
from tests.fault_server import reply

pytestmark = pytest.mark.django_db

USER = "/api/user"
DOWN = reply({"message": "Server Error"}, status=503)
WORKERS = 8


class Silent(FakeGitHub):
    """The network, down until it is healed."""

    def __init__(self) -> None:
        super().__init__()
        self._up = self.server.routes[USER]
        self.answer(USER, lambda: DOWN)

    def heal(self) -> None:
        self.server.routes[USER] = self._up


@pytest.fixture
def network(settings: Any) -> Iterator[Silent]:
    """The network, switched on at this site, and down."""
    with Silent() as fake:
        switch_on(settings, fake)
        yield fake


def linked(name: str, uid: str = "7") -> Grant:
    """Return a grant of somebody at the network."""
    account = SocialAccount.objects.create(user=person(name), provider="github", uid=uid)
    return linking.keep_grant(
        account=account, granted=linking.Granted(token="canary-token"), now=NOW
    )


def who_is_it(good: Access) -> Identity:
    return connectors.get("github").identity(good, now=NOW)


def ask(grant: Grant, *, at: datetime = NOW) -> ConnectorError | None:
    """Ask the network for something; return what went wrong."""
    try:
        access.ask(grant, who_is_it, now=at)
    except ConnectorError as error:
        return error
    return None


def silence(network: Silent) -> tuple[Grant, Grant]:
    """Have two people ask until the server is left alone; return their grants."""
    ada, bo = linked("ada"), linked("bo", "8")
    for number in range(breakers.FAILURES):
        ask(bo if number % 2 else ada)
    assert rest_ends() >= NOW + breakers.SHORTEST
    return ada, bo


def rest_ends() -> datetime:
    ends = Breaker.objects.get().open_until
    assert ends is not None
    return ends


def asked(network: Silent) -> int:
    return len(network.server.asked(USER))


# One after the other


def test_a_server_is_left_alone_after_five_calls_in_a_row_without_an_answer(
    network: Silent,
) -> None:
    ada, _bo = silence(network)

    refused = ask(ada, at=NOW + timedelta(seconds=1))

    assert asked(network) == 5
    assert isinstance(refused, breakers.Resting)
    assert (refused.asked, refused.code) == (False, Code.TRANSIENT)
    assert str(refused).startswith("GitHub has given nobody here an answer since 09:00 UTC, so we")


def test_the_call_that_fails_last_says_what_happened_to_it(network: Silent) -> None:
    ada, bo = linked("ada"), linked("bo", "8")
    for _ in range(4):
        ask(ada)

    last = ask(bo)

    assert isinstance(last, breakers.Resting)
    assert last.asked
    assert "has trouble of its own (error 503)" in str(last)
    assert last.retry_at == rest_ends() + breakers.AFTER_OTHERS


def test_one_account_that_cannot_be_read_leaves_the_server_to_the_others(
    network: Silent,
) -> None:
    ada = linked("ada")

    for _ in range(3 * breakers.FAILURES):
        ask(ada)

    assert asked(network) == 15
    assert breakers.resting() == {}


def test_an_answer_in_between_begins_the_count_anew(network: Silent) -> None:
    ada, bo = linked("ada"), linked("bo", "8")
    for grant in (ada, bo, ada, bo):
        ask(grant)
    network.heal()
    ask(ada)

    assert not Breaker.objects.exists()


def test_a_refusal_is_an_answer(network: Silent) -> None:
    ada, bo = linked("ada"), linked("bo", "8")
    for grant in (ada, bo, ada, bo):
        ask(grant)
    network.answer(USER, lambda: reply({"message": "Bad credentials"}, status=401))

    refused = ask(ada)

    assert refused is not None
    assert refused.code == Code.REVOKED
    assert not Breaker.objects.exists()


def test_a_key_of_ours_that_ended_says_nothing_about_the_server(network: Silent) -> None:
    ada, _bo = silence(network)
    Grant.objects.filter(pk=ada.pk).update(expires_at=NOW - timedelta(days=1))
    at = rest_ends() + timedelta(seconds=1)

    refused = ask(ada, at=at)

    row = Breaker.objects.get()
    assert refused is not None
    assert refused.code == Code.EXPIRED
    assert row.open_until is not None
    assert row.trial_until is None  # the turn was given back


def test_after_the_rest_one_call_tries_and_its_answer_ends_it_for_all(network: Silent) -> None:
    ada, bo = silence(network)
    network.heal()
    at = rest_ends() + timedelta(seconds=1)

    assert ask(ada, at=at) is None
    ask(bo, at=at)

    assert asked(network) == 7
    assert not Breaker.objects.exists()


def test_a_trial_without_an_answer_makes_the_rest_grow_with_the_time_of_silence(
    network: Silent,
) -> None:
    ada, bo = silence(network)
    rests = []

    for hours in (1, 2, 10, 24, 100):
        at = NOW + timedelta(hours=hours)
        ask(ada if hours % 2 else bo, at=at)
        rests.append(round((rest_ends() - at).total_seconds() / 60))

    assert rests == [1, 2, 10, 15, 15]
    assert asked(network) == 10


def test_the_first_to_come_in_a_rest_is_invited_for_its_end_and_the_others_spread(
    network: Silent,
) -> None:
    ada, bo = silence(network)
    soon = NOW + timedelta(seconds=2)

    told = [ask(grant, at=soon) for grant in (ada, bo, ada)]

    backs = [error.retry_at for error in told if error is not None and error.retry_at is not None]
    assert backs[0] == rest_ends()
    assert all(rest_ends() <= back <= rest_ends() + breakers.CROWD for back in backs[1:])
    assert asked(network) == 5


def test_a_turn_whose_worker_died_goes_to_another_after_a_minute(network: Silent) -> None:
    ada, bo = silence(network)
    at = rest_ends() + timedelta(seconds=1)
    Breaker.objects.update(trial_until=at + breakers.TURN)
    network.heal()

    early, late = ask(ada, at=at), ask(bo, at=at + breakers.TURN)

    assert isinstance(early, breakers.Resting)
    assert "Just now one call tries for all." in str(early)
    assert late is None or late.code == Code.CONTRACT
    assert asked(network) == 6


def test_whatever_ends_a_call_gives_its_turn_back(network: Silent) -> None:
    ada, _bo = silence(network)
    at = rest_ends() + timedelta(seconds=1)

    def stopped(_good: Access) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        access.ask(ada, stopped, now=at)

    assert Breaker.objects.get().trial_until is None


# What people and operators see


def waiting_source(grant: Grant, **values: Any) -> Source:
    known = {"network": "github", "external_id": "7", "kind": "profile", "title": "nora"}
    return source(grant.account.user, grant=grant, **known | values)


def test_a_link_that_was_not_asked_says_that_the_network_is_down_and_logs_no_try(
    network: Silent,
) -> None:
    ada, _bo = silence(network)
    row = waiting_source(ada)
    refused = ask(ada, at=NOW + timedelta(seconds=1))
    assert refused is not None

    again = health.reading_failed(source_id=row.pk, error=refused, started_at=NOW, now=NOW)

    row.refresh_from_db()
    down = outages.networks_down([row], now=NOW + timedelta(seconds=1))
    assert (row.code, row.failures, row.runs.count()) == (Code.TRANSIENT, 0, 0)
    assert (row.retry_at, row.read_at) == (again, NOW - timedelta(hours=1))
    assert row.state_at(NOW, down=down) == Source.State.NETWORK_DOWN


@pytest.mark.parametrize("code", [Code.REVOKED, Code.SCOPE_MISSING])
def test_a_link_that_needs_its_person_goes_on_saying_so(network: Silent, code: Code) -> None:
    ada, _bo = silence(network)
    row = waiting_source(ada, code=code)
    refused = ask(ada, at=NOW + timedelta(seconds=1))
    assert refused is not None

    health.reading_failed(source_id=row.pk, error=refused, started_at=NOW, now=NOW)

    row.refresh_from_db()
    assert (row.code, row.retry_at) == (code, None)


def test_the_doctor_says_that_the_server_is_left_alone_and_asks_nothing(
    network: Silent,
) -> None:
    ada, _bo = silence(network)
    row = waiting_source(ada)

    visit = doctor.examine(row, clock=lambda: NOW + timedelta(seconds=1), progress=lambda _: None)

    told = visit.results[Check.SERVER]
    assert told.status == Status.WAIT
    assert "has given nobody here an answer since 09:00 UTC" in told.detail
    assert len(network.server.requests) == 5


def test_operators_see_who_is_left_alone_and_when_it_is_tried(network: Silent) -> None:
    silence(network)
    Breaker.objects.update(failing_since=NOW, open_until=timezone.now() + timedelta(minutes=3))
    olga = person("olga")
    olga.is_staff = True
    olga.save()

    page = signed_in(olga).get(reverse("ops")).content.decode()

    assert "GitHub: 5 calls in a row without an answer since 21 November 09:00 UTC." in page
    assert "Left alone; tried again at " in page


# Many workers


def together(act: Callable[[int], object], *, times: int) -> list[Any]:
    """Run `act` in as many threads, let go at once, each with a connection of its own."""
    barrier = threading.Barrier(times)

    def one(number: int) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def opened() -> Breaker:
    row: Breaker = Breaker.objects.create(
        network="github",
        failures=5,
        failing_since=NOW - timedelta(minutes=5),
        open_until=NOW - timedelta(seconds=1),
    )
    return row


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_has_the_turn(network: Silent) -> None:
    opened()
    grants = [linked(f"person{number}", str(number)) for number in range(WORKERS)]

    told = together(lambda number: ask(grants[number]), times=WORKERS)

    tried = [error for error in told if isinstance(error, breakers.Resting) and error.asked]
    assert asked(network) == 1
    assert len(tried) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_workers_that_look_and_then_write_all_have_the_turn() -> None:
    opened()
    looked = threading.Barrier(2)

    def naive(_: int) -> bool:
        row = Breaker.objects.get()
        free = row.trial_until is None
        looked.wait(timeout=60)
        if free:
            Breaker.objects.update(trial_until=NOW + breakers.TURN)
        return free

    assert together(naive, times=2) == [True, True]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_failures_of_many_workers_at_once_are_all_counted(network: Silent) -> None:
    grants = [linked(f"person{number}", str(number)) for number in range(4)]

    together(lambda number: ask(grants[number]), times=4)

    assert Breaker.objects.get().failures == 4
