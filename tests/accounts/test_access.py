"""Access is renewed in time, by one worker at a time, and whatever fails leaves the link whole."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from accounts import access, connectors, linking, sealing
from accounts.connectors.base import Access, Code, ConnectorError, Identity
from accounts.models import Grant
from scoring.models import Job
from tests.accounts.builders import NOW, person
from tests.accounts.fakes.github import FakeGitHub
from tests.accounts.walks import switch_on
from tests.fault_server import Asked, reply

pytestmark = pytest.mark.django_db

TOKEN = "/login/oauth/access_token"
THREADS = 20


class Rotating(FakeGitHub):
    """A network that takes a refresh token once and ends everything when one comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.renewals = 0
        self.current = "refresh-0"
        self.alive = {"token-0"}
        self.ended = False
        self.wait = threading.Event()  # set: answer at once
        self.wait.set()
        self.arrived = threading.Event()
        self._lock = threading.Lock()
        self.server.routes[TOKEN] = self._renew

    def _renew(self, asked: Asked) -> bytes:
        self.arrived.set()
        self.wait.wait(60)
        with self._lock:
            self.renewals += 1
            if asked.form.get("refresh_token") != self.current or self.ended:
                self.ended = True
                return reply({"error": "bad_refresh_token"})
            self.current = f"refresh-{self.renewals}"
            self.alive = {f"token-{self.renewals}"}
            return reply(
                {
                    "access_token": f"token-{self.renewals}",
                    "refresh_token": self.current,
                    "expires_in": 28_800,
                }
            )


@pytest.fixture
def network(settings: Any) -> Iterator[Rotating]:
    """The network, switched on at this site."""
    with Rotating() as fake:
        switch_on(settings, fake)
        yield fake


def granted(number: int = 0, **values: Any) -> linking.Granted:
    """Return what the network grants; its token ends in an hour unless said otherwise."""
    known = {"token": f"token-{number}", "refresh": f"refresh-{number}"}
    return linking.Granted(**known | {"expires_at": NOW + timedelta(hours=1)} | values)


def kept(**values: Any) -> Grant:
    """Return a grant of somebody at the network."""
    account = SocialAccount.objects.create(user=person(), provider="github", uid="7")
    return linking.keep_grant(account=account, granted=granted(**values), now=NOW)


def due() -> Grant:
    """Return a grant whose token ended a minute ago."""
    return kept(expires_at=NOW - timedelta(minutes=1))


def who_is_it(good: Access) -> Identity:
    """Ask the network for something in the person's name."""
    return connectors.get("github").identity(good, now=NOW)


def token_of(good: Access) -> str:
    return good.token


def held(grant: Grant) -> tuple[str, str]:
    """Return the tokens that the row holds now."""
    found = Grant.objects.get(pk=grant.pk).access()
    return found.token, found.refresh


def refusal(act: Callable[[], object]) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        act()
    return refused.value


# In time


def test_a_token_that_lives_is_used_as_it_is(network: Rotating) -> None:
    assert access.ask(kept(), token_of, now=NOW) == "token-0"
    assert network.renewals == 0


def test_a_token_without_an_end_is_never_renewed(network: Rotating) -> None:
    grant = kept(expires_at=None)

    assert access.ask(grant, token_of, now=NOW + timedelta(days=3000)) == "token-0"


def test_a_token_is_renewed_shortly_before_it_ends_and_kept(network: Rotating) -> None:
    grant = kept(expires_at=NOW + timedelta(seconds=90))

    used = access.ask(grant, token_of, now=NOW)

    row = Grant.objects.get()
    assert used == "token-1"
    assert held(grant) == ("token-1", "refresh-1")
    assert row.expires_at == NOW + timedelta(hours=8)
    assert row.renewing_until is None


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_token_that_lives_shorter_than_we_renew_ahead_is_used_as_given(
    network: Rotating, seconds: int
) -> None:
    short = {"access_token": "token-1", "refresh_token": "refresh-1", "expires_in": seconds}
    network.answer(TOKEN, lambda: reply(short))

    used = access.ask(due(), token_of, now=NOW)

    assert used == "token-1"
    assert len(network.server.asked(TOKEN)) == 1


def test_what_the_network_does_not_say_again_stays(network: Rotating) -> None:
    grant = kept(expires_at=NOW, scopes=("read:user",), refresh_ends_at=NOW + timedelta(days=180))
    network.answer(TOKEN, lambda: reply({"access_token": "token-1"}))

    access.ask(grant, token_of, now=NOW)

    row = Grant.objects.get()
    assert held(grant) == ("token-1", "refresh-0")
    assert row.scopes == ["read:user"]
    assert row.refresh_ends_at == NOW + timedelta(days=180)


def test_an_ended_token_that_nothing_renews_asks_the_person(network: Rotating) -> None:
    grant = kept(expires_at=NOW, refresh="")

    error = refusal(lambda: access.ask(grant, token_of, now=NOW))

    assert error.code == Code.EXPIRED
    assert str(error) == "The access GitHub gave has ended. Connect it again."
    assert not network.server.requests


def test_a_token_about_to_end_that_nothing_renews_is_used_to_its_end(network: Rotating) -> None:
    grant = kept(expires_at=NOW + timedelta(seconds=1), refresh="")

    assert access.ask(grant, token_of, now=NOW) == "token-0"


def test_a_key_that_cannot_be_opened_here_asks_no_network(network: Rotating) -> None:
    grant = kept()
    Grant.objects.update(sealed_token="v1.other.AAAA")

    error = refusal(lambda: access.ask(grant, who_is_it, now=NOW))

    assert error.code == Code.EXPIRED
    assert not network.server.requests


def test_a_link_that_is_gone_asks_no_network(network: Rotating) -> None:
    grant = kept()
    Grant.objects.all().delete()

    error = refusal(lambda: access.ask(grant, who_is_it, now=NOW))

    assert "unlinked in the meantime" in str(error)
    assert not network.server.requests


# After a refusal


def test_a_living_token_that_is_refused_is_renewed_and_asked_with_once_more(
    network: Rotating,
) -> None:
    network.alive.clear()

    found = access.ask(kept(), who_is_it, now=NOW)

    assert found.uid == "7"
    assert network.renewals == 1
    assert len(network.server.asked("/api/user")) == 2


def test_a_second_refusal_is_believed(network: Rotating) -> None:
    grant = kept()
    network.answer("/api/user", lambda: reply({"message": "Bad credentials"}, status=401))

    error = refusal(lambda: access.ask(grant, who_is_it, now=NOW))

    assert error.code == Code.REVOKED
    assert network.renewals == 1
    assert len(network.server.asked("/api/user")) == 2


def test_a_refusal_without_anything_to_renew_with_is_believed_at_once(network: Rotating) -> None:
    network.alive.clear()
    grant = kept(refresh="")

    assert refusal(lambda: access.ask(grant, who_is_it, now=NOW)).code == Code.REVOKED
    assert len(network.server.asked("/api/user")) == 1


def test_another_trouble_than_a_refusal_renews_nothing(network: Rotating) -> None:
    network.server.faults["/api/user"] = "/503"
    grant = kept()

    assert refusal(lambda: access.ask(grant, who_is_it, now=NOW)).code == Code.TRANSIENT
    assert network.renewals == 0


def test_a_refusal_of_a_token_that_another_worker_renewed_takes_the_newer_one(
    network: Rotating,
) -> None:
    grant = kept()
    network.alive = {"token-9"}

    def ask_late(good: Access) -> Identity:
        if good.token == "token-0":  # meanwhile another worker stores what it was given
            account = grant.account
            linking.keep_grant(account=account, granted=granted(9), now=NOW)
        return who_is_it(good)

    assert access.ask(grant, ask_late, now=NOW).uid == "7"
    assert network.renewals == 0


def test_a_renewal_that_is_refused_says_that_access_was_taken_back(network: Rotating) -> None:
    network.ended = True
    grant = due()

    error = refusal(lambda: access.ask(grant, who_is_it, now=NOW))

    assert error.code == Code.REVOKED
    assert held(grant) == ("token-0", "refresh-0")
    assert Grant.objects.get().renewing_until is None


# When the network is down


@pytest.mark.parametrize("fault", ["/500", "/no-answer", "/429-seconds", "/web-page"])
def test_while_the_old_token_lives_a_network_that_is_down_changes_nothing(
    network: Rotating, fault: str
) -> None:
    grant = kept(expires_at=NOW + timedelta(seconds=90))
    network.server.faults[TOKEN] = fault

    used = access.ask(grant, token_of, now=NOW)

    assert used == "token-0"
    assert held(grant) == ("token-0", "refresh-0")
    assert Grant.objects.get().renewing_until is None


def test_once_the_old_token_ended_a_network_that_is_down_is_said_and_can_be_tried_again(
    network: Rotating,
) -> None:
    grant = due()
    network.server.faults[TOKEN] = "/503"
    error = refusal(lambda: access.ask(grant, token_of, now=NOW))
    del network.server.faults[TOKEN]

    used = access.ask(grant, token_of, now=NOW)

    assert error.code == Code.TRANSIENT
    assert used == "token-1"


def test_an_answer_nobody_understands_never_replaces_a_token(network: Rotating) -> None:
    grant = due()
    network.answer(TOKEN, lambda: reply({"access_token": ""}))

    error = refusal(lambda: access.ask(grant, token_of, now=NOW))

    assert error.code == Code.CONTRACT
    assert held(grant) == ("token-0", "refresh-0")


# Many at once


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_that_need_the_token_at_once_renew_it_once(network: Rotating) -> None:
    grant = due()

    used = together(lambda: access.ask(grant, token_of, now=NOW))

    assert used == ["token-1"] * THREADS
    assert network.renewals == 1
    assert held(grant) == ("token-1", "refresh-1")


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_that_are_refused_at_once_renew_once(network: Rotating) -> None:
    grant = kept()
    network.alive.clear()
    refused = threading.Barrier(THREADS)

    def ask_together(good: Access) -> Identity:
        if good.token == "token-0":
            refused.wait(60)
        return who_is_it(good)

    found = together(lambda: access.ask(grant, ask_together, now=NOW))

    assert {each.uid for each in found} == {"7"}
    assert network.renewals == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lease_every_worker_renews_and_the_session_ends(
    network: Rotating,
) -> None:
    grant = due()
    all_looked = threading.Barrier(THREADS)

    def naive() -> bool:
        old = Grant.objects.get(pk=grant.pk).access()
        all_looked.wait(60)
        try:
            connectors.get("github").refresh(old, now=NOW)
        except ConnectorError:
            return False
        return True

    renewed = together(naive)

    assert network.renewals == THREADS
    assert renewed.count(True) == 1
    assert network.ended


@pytest.mark.django_db(transaction=True)
def test_while_one_renews_the_others_use_the_token_that_still_lives(network: Rotating) -> None:
    grant = kept(expires_at=NOW + timedelta(seconds=90))
    network.wait.clear()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(closing, lambda: access.ask(grant, token_of, now=NOW))
        assert network.arrived.wait(60)
        meanwhile = access.ask(grant, token_of, now=NOW)
        network.wait.set()

        assert meanwhile == "token-0"
        assert first.result(60) == "token-1"
    assert network.renewals == 1


def test_a_worker_that_died_while_renewing_holds_the_others_up_for_its_lease_only(
    network: Rotating, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "WAIT", 0.2)
    grant = due()
    Grant.objects.update(renewing_until=NOW + access.LEASE)

    error = refusal(lambda: access.ask(grant, token_of, now=NOW))
    later = access.ask(grant, token_of, now=NOW + access.LEASE)

    assert error.code == Code.TRANSIENT
    assert error.retry_at == NOW + access.LEASE
    assert later == "token-1"
    assert network.renewals == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("refused", [False, True])
def test_a_person_who_connects_again_during_a_renewal_wins(
    network: Rotating, refused: bool
) -> None:
    grant = due()
    network.wait.clear()

    with ThreadPoolExecutor(1) as pool:
        renewal = pool.submit(closing, lambda: access.ask(grant, token_of, now=NOW))
        assert network.arrived.wait(60)
        linking.keep_grant(account=grant.account, granted=granted(50), now=NOW)
        network.ended = refused
        network.wait.set()
        came = renewal.exception(60)
        used = "" if came else renewal.result()

    assert held(grant) == ("token-50", "refresh-50")
    assert used == "token-50"
    assert ended() == ({"token-0"} if refused else {"token-0", "token-1"})


@pytest.mark.django_db(transaction=True)
def test_what_a_renewal_brings_after_its_person_unlinked_is_ended_at_the_network(
    network: Rotating,
) -> None:
    grant = due()
    network.wait.clear()

    with ThreadPoolExecutor(1) as pool:
        renewal = pool.submit(closing, lambda: access.ask(grant, token_of, now=NOW))
        assert network.arrived.wait(60)
        grant.delete()
        network.wait.set()
        came = renewal.exception(60)

    assert isinstance(came, ConnectorError)
    assert "was unlinked in the meantime" in str(came)
    assert ended() == {"token-0", "token-1"}


def ended() -> set[str]:
    """Return the tokens that the network is to be asked to forget."""
    waiting = Job.objects.filter(kind=Job.Kind.REVOKE).values_list("payload__sealed", flat=True)
    return {sealing.unseal(sealed, bound_to="revoke") for sealed in waiting}


def together(act: Callable[[], Any]) -> list[Any]:
    """Run `act` in twenty threads let go at once, each with a connection of its own."""
    gate = threading.Barrier(THREADS)

    def one(_: int) -> Any:
        gate.wait(60)
        return closing(act)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def closing(act: Callable[[], Any]) -> Any:
    """Run `act` and close this thread's connection to the database."""
    try:
        return act()
    finally:
        connection.close()
