"""Nobody leads the site inside: no spelling, at no door that a person or a server has."""

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.connectors import http
from accounts.connectors.atproto import Account, Server
from accounts.connectors.base import Access, ConnectorError
from accounts.connectors.bluesky import Bluesky
from accounts.connectors.mastodon import Mastodon
from accounts.connectors.oidc import OpenIDConnect
from accounts.connectors.setup import Config
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.bluesky import DID, HANDLE, FakeBluesky
from tests.accounts.fakes.oidc import FakeLogin
from tests.accounts.inside import NOT_PUBLIC, PUBLIC, SPELLINGS
from tests.accounts.stages import STAGES, at_stage
from tests.fault_server import FaultServer, reply
from tests.spoilt_answers import next_page_at

pytestmark = pytest.mark.one_engine

HONEST = "honest.example"  # the only name that leads to our own servers, which may be opened
INSIDE = "inside.example"  # a name like any other, that resolves to a place inside


def _literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


ADDRESSES = [*SPELLINGS, *(f"https://{_literal(each)}/" for each in NOT_PUBLIC)]
# Where a visitor or a server may point, and what the name resolves to, a list of answers a lookup.
POINTERS: list[tuple[str, list[list[str]]]] = [
    *((url, [["127.0.0.1"]]) for url in ADDRESSES),
    *((f"https://{INSIDE}/", [[each]]) for each in NOT_PUBLIC),
    (f"https://{INSIDE}/", [[PUBLIC, "127.0.0.1"]]),
    (f"https://{INSIDE}/", [["::1", PUBLIC]]),
    (f"https://{INSIDE}./", [["10.0.0.1"]]),
    (f"https://{INSIDE.upper()}/", [["192.168.0.1"]]),
]
REBINDING = [[PUBLIC], ["127.0.0.1"]]


@dataclass
class Watch:
    """What names resolve to, and every connection that was begun to anywhere but our own fakes."""

    answers: list[list[str]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)
    own: set[int] = field(default_factory=set)  # ports of our fakes

    def lookup(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        """Stand in for the system's lookup."""
        if host == HONEST:
            found = ["127.0.0.1"]
        else:
            found = self.answers[min(len(self.looked_up), len(self.answers) - 1)]
            self.looked_up.append(host)
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, port),
            )
            for each in found
        ]

    def point(self, answers: list[list[str]]) -> None:
        """Forget what was, and resolve names so from now on."""
        self.answers, self.looked_up = answers, []


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Watch:
    """A site as at a public address, to which our fakes are servers at a public name."""
    made = Watch()
    connect = socket.socket.connect

    def connected(self: socket.socket, address: Any) -> None:
        if address[0] != "127.0.0.1" or address[1] not in made.own:
            made.opened.append(address)
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connected)
    monkeypatch.setattr(socket, "getaddrinfo", made.lookup)
    monkeypatch.setattr(http, "_LOOPBACK_NAMES", frozenset({HONEST}))
    monkeypatch.setattr(FaultServer, "host", property(lambda server: f"{HONEST}:{server.port}"))
    settings.ALLOW_INSECURE_HOSTS = True
    return made


def host_of(url: str) -> str:
    """Return what of an address a person would type as a server."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


# Doors of Bluesky: handle -> identity -> its server -> who grants access -> its addresses

Door = Callable[[FakeBluesky, Bluesky, str], object]


def _met(fake: FakeBluesky, bluesky: Bluesky, name: str = HANDLE) -> tuple[Account, Server]:
    return bluesky.meet(name, now=timezone.now())


def typed_handle(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    return _met(fake, bluesky, host_of(url))


def typed_identity(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    return _met(fake, bluesky, f"did:web:{host_of(url)}")


def claimed_identity(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    fake.handles[HANDLE] = f"did:web:{host_of(url)}"
    return _met(fake, bluesky)


def own_server(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    fake.documents[DID]["service"][0]["serviceEndpoint"] = url
    return _met(fake, bluesky)


def moved_server(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    fake.documents[DID]["service"][0]["serviceEndpoint"] = url
    return bluesky.identity(fake.access(), now=timezone.now())


def granting_server(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    fake.answer(
        "/.well-known/oauth-protected-resource", lambda: reply({"authorization_servers": [url]})
    )
    return _met(fake, bluesky)


def kept_server(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    return bluesky.refresh(replace(fake.access(), server=url.rstrip("/")), now=timezone.now())


def kept_server_that_is_told_goodbye(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    return bluesky.revoke(replace(fake.access(), server=url.rstrip("/")))


def announcing(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    _say(fake, "pushed_authorization_request_endpoint", url)
    account, server = _met(fake, bluesky)
    key = bluesky.client.new_session_key()
    return bluesky.announce(
        account, server, key=key, state="s", challenge="c" * 43, now=timezone.now()
    )


def exchanging(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    _say(fake, "token_endpoint", url)
    key = bluesky.client.new_session_key()
    return bluesky.finish(
        "code", issuer=fake.server.url(), did=DID, key=key, verifier="v" * 43, now=timezone.now()
    )


def renewing(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    _say(fake, "token_endpoint", url)
    return bluesky.refresh(fake.access(), now=timezone.now())


def revoking(fake: FakeBluesky, bluesky: Bluesky, url: str) -> object:
    _say(fake, "revocation_endpoint", url)
    return bluesky.revoke(fake.access())


def _say(fake: FakeBluesky, name: str, url: str) -> None:
    said = fake.about() | {name: url}
    fake.answer("/.well-known/oauth-authorization-server", lambda: reply(said))


DOORS = [
    typed_handle, typed_identity, claimed_identity, own_server, moved_server, granting_server,
    kept_server, kept_server_that_is_told_goodbye, announcing, exchanging, renewing, revoking,
]  # fmt: skip


@pytest.fixture
def bluesky(watch: Watch) -> Iterator[tuple[FakeBluesky, Bluesky]]:
    """Bluesky with one person, nora.test, at a public name."""
    with FakeBluesky() as fake:
        watch.own.add(fake.server.port)
        yield fake, Bluesky(fake.config())


@contextlib.contextmanager
def as_before(fake: FakeBluesky) -> Iterator[None]:
    """Take back afterwards what a door changed at the fake."""
    routes, handles = dict(fake.server.routes), dict(fake.handles)
    address = fake.documents[DID]["service"][0]["serviceEndpoint"]
    yield
    fake.server.routes, fake.handles = routes, handles
    fake.documents[DID]["service"][0]["serviceEndpoint"] = address


@pytest.mark.parametrize("door", DOORS)
def test_no_spelling_opens_a_door_of_bluesky(
    door: Door, bluesky: tuple[FakeBluesky, Bluesky], watch: Watch
) -> None:
    led = {}
    for url, answers in POINTERS:
        watch.point(answers)
        with as_before(bluesky[0]), contextlib.suppress(ConnectorError):
            door(*bluesky, url)
            led[url] = "it was taken"

    assert watch.opened == []
    # A server may take nothing back; an address that is none says just that.
    assert door is revoking or led == {}


@pytest.mark.parametrize("door", DOORS)
def test_control_every_door_of_bluesky_is_one(
    door: Door, bluesky: tuple[FakeBluesky, Bluesky], watch: Watch
) -> None:
    watch.point([[PUBLIC]])

    with as_before(bluesky[0]), contextlib.suppress(ConnectorError):
        door(*bluesky, "https://outside.example")

    assert (PUBLIC, 443) in watch.opened


@pytest.mark.parametrize("door", DOORS)
def test_a_name_that_changes_its_mind_opens_nothing_inside(
    door: Door, bluesky: tuple[FakeBluesky, Bluesky], watch: Watch
) -> None:
    watch.point(REBINDING)

    for _ in range(3):
        with as_before(bluesky[0]), contextlib.suppress(ConnectorError):
            door(*bluesky, f"https://{INSIDE}")

    assert {address[0] for address in watch.opened} <= {PUBLIC}
    assert INSIDE in watch.looked_up


# Doors of Mastodon


def test_no_spelling_opens_the_door_of_mastodon(db: None, watch: Watch) -> None:
    statuses = set()
    for number, (url, answers) in enumerate(POINTERS):
        watch.point(answers)
        cache.clear()  # starts are slowed down
        typed = (url, host_of(url), f"@nora@{host_of(url)}")[number % 3]
        answer = Client().post("/accounts/mastodon/start/", {"instance": typed})
        statuses.add(answer.status_code)

    assert watch.opened == []
    assert statuses == {400}


def test_a_server_of_mastodon_that_changes_its_mind_opens_nothing_inside(
    db: None, watch: Watch
) -> None:
    watch.point(REBINDING)

    for _ in range(3):
        Client().post("/accounts/mastodon/start/", {"instance": INSIDE})

    assert {address[0] for address in watch.opened} == {PUBLIC}
    assert watch.looked_up.count(INSIDE) == 3


def test_a_kept_server_of_mastodon_that_points_inside_is_not_opened(watch: Watch) -> None:
    mastodon, now = Mastodon(Config("mastodon")), timezone.now()
    for url, answers in POINTERS:
        if url == "https://[::1":
            continue  # no row holds what is no address at all
        watch.point(answers)
        access = Access(token="t", account_id="1", server=url.rstrip("/"), client_id="c")
        with pytest.raises(ConnectorError):
            mastodon.targets(access, now=now)
        with pytest.raises(ConnectorError):
            mastodon.revoke(access)

    assert watch.opened == []


# Doors of a sign-in server


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_no_spelling_opens_a_door_of_a_sign_in_server(name: str, watch: Watch) -> None:
    fake = FakeLogin()
    watch.own.add(fake.server.port)
    login, access = OpenIDConnect(fake.config()), Access(token="canary-token", account_id="nora-7")
    now, taken = timezone.now(), []
    for url, answers in POINTERS:
        watch.point(answers)
        fake.described[name] = url
        with contextlib.suppress(ConnectorError):
            login.exchange(fake.code, redirect_uri="https://a.example/", verifier="v", now=now)
            taken.append(url)
        with contextlib.suppress(ConnectorError):
            login.identity(access, now=now)
            taken.append(url)
    fake.stop()

    assert watch.opened == []
    assert taken == []


# Doors of every network: where it sends on to, and where it says the next page is


@pytest.mark.parametrize("network", FAKES)
@pytest.mark.parametrize("how", ["redirect", "next page"])
def test_no_answer_of_a_network_leads_inside(
    network: str, how: str, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = iter(range(10**6))
    with fake_of(network)() as fake:
        watch.own.add(fake.server.port)
        routes = dict(fake.server.routes)
        for stage in STAGES:
            for path in fake.stages[stage]:
                for _ in range(10):
                    url, answers = POINTERS[next(turn) % len(POINTERS)]
                    if not url.isascii() or not url.isprintable():
                        url = "https://127.0.0.1/"  # no header holds the others
                    watch.point(answers)
                    fake.server.routes[path] = _leading(how, routes[path], url)
                    with contextlib.suppress(ConnectorError):
                        at_stage(stage, fake)
                fake.server.routes[path] = routes[path]

        asked = {request.path for request in fake.server.requests}
    assert watch.opened == []
    assert watch.looked_up == []
    assert asked


def _leading(how: str, route: Any, url: str) -> Any:
    """Return a route that points to an address, in one way or the other."""
    if how == "redirect":
        return lambda _asked: reply({}, status=302, Location=url)
    spoil = next_page_at(url)
    return lambda asked: spoil(asked, route(asked))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_wherever_it_leads(status: int, watch: Watch) -> None:
    server = FaultServer()
    watch.own.add(server.port)
    for url, answers in POINTERS:
        watch.point(answers)
        told = url.encode("ascii", "ignore").decode().replace("\r\n", "")
        server.routes["/"] = lambda _asked, to=told: reply({}, status=status, Location=to)
        with pytest.raises(http.Redirected):
            http.fetch("GET", server.url("/"))
    server.stop()

    assert len(server.requests) == len(POINTERS)
    assert watch.opened == []
    assert watch.looked_up == []


def test_there_are_sixty_spellings_and_more() -> None:
    assert len(NOT_PUBLIC) >= 46
    assert len(POINTERS) >= 60
    assert all(ipaddress.ip_address(each) for each in NOT_PUBLIC)
    assert urlsplit(f"https://{INSIDE}/").hostname == INSIDE
