"""What attackers do to the way in, done to every way in: nothing is ever linked by it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import connectors
from accounts.models import Grant, Source, User
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.fakes.bluesky import DID, OTHER, FakeBluesky, Held
from tests.accounts.servers import serve_mastodon
from tests.accounts.walks import switch_on, walk
from tests.accounts.ways import NAMES, Way, mastodon_at, query_of, way_of, with_query
from tests.fault_server import Asked, FaultServer, reply

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

STATES = "socialaccount_states"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as held:
        yield held


@pytest.fixture(params=NAMES)
def way(request: pytest.FixtureRequest, settings: Any, stack: ExitStack) -> Way:
    """Each way in, in turn."""
    return way_of(request.param, settings, stack)


def nothing_kept() -> bool:
    kept = (SocialAccount, Grant, Source)
    return not any(model.objects.exists() for model in kept)


def test_every_way_in_is_tried_here() -> None:
    assert set(NAMES) == {"sandbox", "mastodon", "bluesky", *connectors.SIGN_IN}


def test_control_each_way_leads_in(way: Way) -> None:
    way.walk(signed_in(person()))

    assert SocialAccount.objects.get().user.username == "ada"


# O1: states that are none, made up, old, used, of another session, of another network


@pytest.mark.parametrize("state", [None, "", "made-up", "x" * 5_000, "\x00"])
def test_a_state_that_is_none_links_nothing(way: Way, state: str | None) -> None:
    client = signed_in(person())
    back = way.consent(way.begin(client))

    client.get(with_query(back, state=state))

    assert nothing_kept()
    assert way.codes() == []


def test_a_state_of_601_seconds_ago_links_nothing(way: Way) -> None:
    client = signed_in(person())
    back = way.consent(way.begin(client))
    session = client.session
    session[STATES] = {
        name: (state, at - 601, provider) for name, (state, at, provider) in session[STATES].items()
    }
    session.save()

    client.get(back)

    assert nothing_kept()
    assert way.codes() == []


def test_a_state_that_was_used_links_nothing_more(way: Way) -> None:
    client = signed_in(person())
    back = way.consent(way.begin(client))
    client.get(back)
    asked = len(way.codes())
    SocialAccount.objects.all().delete()

    client.get(back)

    assert nothing_kept()
    assert len(way.codes()) == asked


def test_a_state_of_another_network_links_nothing(
    way: Way, settings: Any, stack: ExitStack
) -> None:
    other = way_of("github" if way.name != "github" else "x", settings, stack)
    client = signed_in(person())
    foreign = query_of(other.consent(other.begin(client)))["state"]
    back = way.consent(way.begin(client))

    client.get(with_query(back, state=foreign))

    assert nothing_kept()
    assert way.codes() == []


# O2: a visit changes nothing


def test_opening_the_start_or_the_callback_changes_nothing(way: Way) -> None:
    for client in (Client(), signed_in(person())):
        client.get(way.start, way.form)
        client.get(way.start, {**way.form, "process": "connect"})
        back = way.consent(way.begin(Client()))
        client.get(urlsplit(back).path)

    assert nothing_kept()
    assert way.codes() == []


# O3: begun by one person, finished in the browser of another


@pytest.mark.parametrize("victim_is_in", [True, False])
@pytest.mark.parametrize("attacker_is_in", [True, False])
def test_what_one_person_began_is_not_finished_in_the_browser_of_another(
    way: Way, victim_is_in: bool, attacker_is_in: bool
) -> None:
    attacker = signed_in(person("mallory")) if attacker_is_in else Client()
    victim = signed_in(person("ada")) if victim_is_in else Client()
    people = User.objects.count()

    started = way.begin(attacker)
    victim.get(way.consent(started))

    assert nothing_kept()
    assert User.objects.count() == people
    assert way.codes() == []


# O10: addresses to go on to

HOSTILE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "////evil.example/",
    "http:evil.example", "https:evil.example", "https:///evil.example", "/\\evil.example",
    "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example",
    "javascript:alert(1)", "data:text/html,x", "https://testserver@evil.example/",
    "https://testserver.evil.example/", "%2F%2Fevil.example", " //evil.example",
    "https://evil.example\\@testserver/", "//evil.example/%2e%2e", "\x00//evil.example",
    "https://evil\u3002example/",
]  # fmt: skip


def test_there_are_twenty_hostile_addresses() -> None:
    assert len(set(HOSTILE)) >= 20


def test_nobody_is_led_away_after_coming_back(way: Way) -> None:
    led = []
    client = signed_in(person())
    for address in HOSTILE:
        cache.clear()  # starts are slowed down
        response = way.walk(client, next=address)
        led.append(urljoin("http://testserver/", response.headers["Location"]))

    assert {urlsplit(at).netloc for at in led} == {"testserver"}
    assert {urlsplit(at).scheme for at in led} == {"http"}


# O5: who takes no challenge, and why

WITHOUT_A_CHALLENGE = {
    "facebook": "offers none; the exchange needs this site's secret",
    "instagram": "offers none; the exchange needs this site's secret",
    "threads": "offers none; the exchange needs this site's secret",
    "linkedin": "refuses it unless it was switched on for the app",
    "tiktok": "takes it from apps on phones and desktops only",
    "reddit": "takes none; the exchange needs this site's secret",
}


def test_every_network_that_takes_a_hashed_challenge_gets_one(way: Way) -> None:
    at = query_of(way.begin(Client()))
    announced = [each.form for each in way.server.requests] if way.server else []
    methods = {form.get("code_challenge_method") for form in [at, *announced]} - {None}

    assert methods == (set() if way.name in WITHOUT_A_CHALLENGE else {"S256"})


def test_whoever_takes_no_challenge_proves_this_site_by_its_secret(
    settings: Any, stack: ExitStack
) -> None:
    for name in WITHOUT_A_CHALLENGE:
        way = way_of(name, settings, stack)
        way.walk(Client())

        (exchange,) = [each for each in way.server.requests if "code" in each.form]  # type: ignore[union-attr]
        assert exchange.form.get("client_secret") or exchange.headers["authorization"]


# O8: another account under the same handle


@pytest.mark.parametrize("network", [name for name in connectors.SIGN_IN if name in FAKES])
def test_a_handle_that_changed_hands_opens_nothing_of_its_former_owner(
    network: str, settings: Any
) -> None:
    with fake_of(network)() as fake:
        switch_on(settings, fake)
        walk(Client(), fake)
        first = SocialAccount.objects.get()
        name, sealed = first.extra_data["username"], Grant.objects.get().sealed_token
        change_hands(fake, first.uid)

        walk(Client(), fake)

    second = SocialAccount.objects.exclude(pk=first.pk).get()
    assert second.uid != first.uid
    assert second.user_id != first.user_id
    assert second.extra_data["username"] == name
    assert Grant.objects.get(account=first).sealed_token == sealed


def change_hands(fake: Fake, uid: str) -> None:
    """Give the same handle to another account: its id is another one in every answer."""
    for path, route in list(fake.server.routes.items()):
        fake.server.routes[path] = _renamed(route, uid.encode(), f"9{uid[1:]}".encode())


def _renamed(route: Any, old: bytes, new: bytes) -> Any:
    def renamed(asked: Asked) -> bytes:
        head, _, body = route(asked).partition(b"\r\n\r\n")
        body = body.replace(b'"%s"' % old, b'"%s"' % new).replace(b": %s," % old, b": %s," % new)
        return bytes(head + b"\r\n\r\n" + body)

    return renamed


# O4: mix-up, with an honest and a hostile server of the same kind


@pytest.fixture
def two_servers(settings: Any, stack: ExitStack) -> tuple[Way, Way]:
    """An honest and a hostile server of Mastodon's kind."""
    settings.ALLOW_INSECURE_HOSTS = True
    made = []
    for _ in range(2):
        server = FaultServer()
        stack.callback(server.stop)
        serve_mastodon(server)
        made.append(mastodon_at(server))
    return made[0], made[1]


# Whose callback it comes to, whose state comes along, in whose name: the code is the honest one's.
# An honest server sends it to its own callback only, for no other is registered there.
MIXED = {
    "a state of the hostile one": ("honest", "hostile", None),
    "a state of the hostile one, in the honest name": ("honest", "hostile", "honest"),
    "a state of the hostile one, in its name": ("honest", "hostile", "hostile"),
    "the name of the hostile one": ("honest", "honest", "hostile"),
    "the callback of the hostile one": ("hostile", "honest", None),
    "the callback of the hostile one, in the honest name": ("hostile", "honest", "honest"),
}


@pytest.mark.parametrize("variant", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_no_mix_up_of_two_servers_is_accepted(
    two_servers: tuple[Way, Way], variant: tuple[str, str, str | None], named: bool
) -> None:
    ways = dict(zip(("honest", "hostile"), two_servers, strict=True))
    servers = {name: each.server or FaultServer() for name, each in ways.items()}
    for server in servers.values() if named else ():
        promise_a_name(server)
    client = signed_in(person())
    backs = {name: each.consent(each.begin(client)) for name, each in ways.items()}
    callback, state, iss = variant

    answer = client.get(
        with_query(
            backs[callback],
            code=query_of(backs["honest"])["code"],
            state=query_of(backs[state])["state"],
            iss=servers[iss].url() if iss else None,
        )
    )

    assert answer.status_code in {400, 401}
    assert nothing_kept()
    assert [each.codes() for each in two_servers] == [[], []]


def promise_a_name(server: FaultServer) -> None:
    """Let the server promise that it names itself in every callback."""
    said = {
        "issuer": f"{server.url()}/",
        "scopes_supported": ["read"],
        "authorization_response_iss_parameter_supported": True,
    }
    server.routes["/.well-known/oauth-authorization-server"] = lambda _asked: reply(said)


def test_a_server_that_passes_itself_off_as_another_is_not_begun_with(
    two_servers: tuple[Way, Way],
) -> None:
    honest, hostile = (each.server or FaultServer() for each in two_servers)
    said = {"issuer": honest.url(), "scopes_supported": ["read"]}
    hostile.routes["/.well-known/oauth-authorization-server"] = lambda _asked: reply(said)

    answer = Client().post(two_servers[1].start, two_servers[1].form)

    assert answer.status_code == 400
    assert f"says that it is {honest.host}" in answer.context["trouble"]


def test_a_server_that_sends_people_to_the_consent_page_of_another_gets_no_code(
    settings: Any,
) -> None:
    with FakeBluesky() as honest, FakeBluesky() as hostile:
        switch_on(settings, honest)
        honest.documents[OTHER] = hostile.document(OTHER, "otto.test")
        # It announces our question at the honest server, and shows that one's consent page.
        hostile.server.routes["/oauth/par"] = lambda asked: announced(honest, asked)
        said = hostile.about() | {"authorization_endpoint": honest.server.url("/oauth/authorize")}
        hostile.answer("/.well-known/oauth-authorization-server", lambda: reply(said))
        client = signed_in(person())
        started = client.post(reverse("bluesky_start"), {"handle": "otto.test"})

        back = honest.consent(started.headers["Location"])
        answer = client.get(reverse("bluesky_callback"), back)

        codes = [each.form for each in hostile.server.requests if "code" in each.form]
    assert back["iss"] == honest.server.url()
    assert answer.status_code == 401
    assert codes == []
    assert nothing_kept()


def announced(honest: FakeBluesky, asked: Asked) -> bytes:
    """Announce a question at the honest server as a thief in the middle would."""
    uri = "urn:ietf:params:oauth:request_uri:req-stolen"
    honest.announced[uri] = (dict(asked.form), Held(DID, "thumb", asked.form["client_id"], ""))
    return reply({"request_uri": uri, "expires_in": 299}, status=201)
