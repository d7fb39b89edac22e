"""The guarded client: what it opens, what it reads, and how every failure ends."""

import ast
import gzip
import ipaddress
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors import addresses, answers, http, wire
from accounts.connectors.base import Code, ConnectorError
from tests import certificates
from tests.accounts.inside import NOT_PUBLIC, PUBLIC, SPELLINGS, resolving
from tests.conftest import LeftTheMachine
from tests.fault_server import FAULTS, FaultServer, reply

pytestmark = pytest.mark.one_engine

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    """The fault server."""
    started = FaultServer()
    yield started
    started.stop()


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def get(url: str, **given: Any) -> answers.Answer:
    return http.fetch("GET", url, now=NOW, **given)


# Which addresses are opened


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_points_inside_is_not_connected(
    address: str, monkeypatch: pytest.MonkeyPatch, server: FaultServer
) -> None:
    lookup, asked = resolving([address])
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    before = server.connections

    with pytest.raises(http.Refused):
        get("https://public.example/")

    assert asked == ["public.example"]
    assert server.connections == before


@pytest.mark.parametrize("url", SPELLINGS)
def test_a_spelling_of_a_hidden_place_is_refused_before_any_lookup(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup, asked = resolving([PUBLIC])
    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    with pytest.raises(http.Refused) as caught:
        get(url)

    assert asked == []
    assert caught.value.code == Code.CONTRACT


def test_a_public_address_is_connected_exactly_as_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    lookup, asked = resolving([PUBLIC], ["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    with pytest.raises(LeftTheMachine) as caught:  # the suite's own fence stops it at the socket
        get("https://public.example/")

    assert str((PUBLIC, 443)) in str(caught.value)
    assert asked == ["public.example"]


@pytest.mark.parametrize(
    "mixed", [[PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::1"], [PUBLIC, "fe80::1"]]
)
def test_one_inside_address_among_public_ones_refuses_the_name(
    mixed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(mixed)[0])

    with pytest.raises(http.Refused):
        get("https://public.example/")


@pytest.mark.parametrize("path", ["/301", "/302-inside", "/307", "/304"])
@pytest.mark.usefixtures("insecure")
def test_redirects_are_not_followed(path: str, server: FaultServer) -> None:
    before = server.connections

    with pytest.raises(http.Redirected):
        get(server.url(path))

    assert server.connections == before + 1


@pytest.mark.usefixtures("insecure")
def test_a_redirect_names_the_public_host_it_points_at(server: FaultServer) -> None:
    with pytest.raises(http.Redirected) as outside:
        get(server.url("/301"))
    with pytest.raises(http.Redirected) as inside:
        get(server.url("/302-inside"))

    assert outside.value.to == "elsewhere.example"
    assert inside.value.to == ""


def test_loopback_is_opened_only_where_development_says_so(
    server: FaultServer, settings: Any
) -> None:
    with pytest.raises(http.Refused):
        get(server.url("/ok"))

    settings.ALLOW_INSECURE_HOSTS = True

    assert get(server.url("/ok")).json() == [{"id": "1"}, {"id": "2"}]


@pytest.mark.usefixtures("insecure")
@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://public.example/", "http://[fe80::1]/"])
def test_development_opens_loopback_and_nothing_else_inside(url: str) -> None:
    with pytest.raises(http.Refused):
        get(url)


SPECIAL = [*addresses._SPECIAL, *map(ipaddress.ip_network, ("::/3", "4000::/2", "8000::/1"))]


@given(block=st.sampled_from(SPECIAL), data=st.data())
def test_no_address_of_a_special_block_is_public(block: Any, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, block.num_addresses - 1))

    assert not addresses.is_public(block[offset])


@given(number=st.integers(0x2400_0000 << 96, (0x2C0F_FFFF << 96) | ((1 << 96) - 1)))
def test_addresses_handed_out_by_the_registries_are_public(number: int) -> None:
    address = ipaddress.IPv6Address(number)

    expected = not any(block.version == 6 and address in block for block in addresses._SPECIAL)

    assert addresses.is_public(address) is expected


@given(number=st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_public_just_when_no_block_holds_it(number: int) -> None:
    address = ipaddress.IPv4Address(number)

    expected = not any(block.version == 4 and address in block for block in addresses._SPECIAL)

    assert addresses.is_public(address) is expected


@given(text=st.text(max_size=300))
def test_any_text_is_a_plain_host_name_or_refused(text: str) -> None:
    try:
        name = addresses.host_name(text)
    except addresses.BadHost:
        return

    assert name.isascii()
    assert addresses.host_name(name) == name
    assert not is_ip(name)


# How failures end

CLEAN = {"/nul", "/surrogate", "/negative", "/gzip", "/deflate", "/ok"}
TRANSIENT = {
    "/slow-headers", "/slow-body", "/silence", "/web-page", "/half-gzip", "/truncated",
    "/no-answer", "/not-http", "/bad-length", "/two-lengths", "/500", "/502", "/503", "/reset",
    "/half-head", "/bad-chunks", "/half-chunk",
    "/endless-headers", "/301", "/302-inside", "/304", "/307",
}  # fmt: skip


# Only the deadline ends these; none of the others waits for it.
WITHOUT_END = {"/slow-headers", "/slow-body", "/silence", "/endless-headers", "/tiny-chunks"}


def expected_codes(path: str) -> set[Code]:
    if path.startswith("/429"):
        return {Code.RATE_LIMITED}
    if path == "/tiny-chunks":  # a slow machine meets the deadline before the cap
        return {Code.CONTRACT, Code.TRANSIENT}
    return {Code.TRANSIENT if path in TRANSIENT else Code.CONTRACT}


@pytest.mark.parametrize("path", sorted(set(FAULTS) - CLEAN))
@pytest.mark.usefixtures("insecure")
def test_each_fault_ends_typed_and_in_time(path: str, server: FaultServer) -> None:
    began = time.monotonic()

    with pytest.raises(ConnectorError) as caught:
        get(server.url(path), deadline=1.0 if path in WITHOUT_END else 60.0).json()

    assert caught.value.code in expected_codes(path)
    assert time.monotonic() - began < 60.0
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("path", ["/gzip-bomb", "/endless-body", "/endless-headers", "/large"])
@pytest.mark.usefixtures("insecure")
def test_a_flood_takes_little_memory(path: str, server: FaultServer) -> None:
    tracemalloc.start()
    with pytest.raises(ConnectorError):
        get(server.url(path), deadline=60.0)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 25_000_000


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/ok"])
@pytest.mark.usefixtures("insecure")
def test_a_sound_answer_is_read_in_every_encoding(path: str, server: FaultServer) -> None:
    answer = get(server.url(path))

    assert answer.status == 200
    assert answer.json() == [{"id": "1"}, {"id": "2"}]


@pytest.mark.usefixtures("insecure")
def test_a_body_just_under_the_cap_is_read_whole(server: FaultServer) -> None:
    text = "a" * (http.DECODED_CAP - 2)
    server.routes["/just"] = lambda asked: reply(
        raw=gzip.compress(f'"{text}"'.encode()), Content_Encoding="gzip"
    )

    assert get(server.url("/just")).json() == text


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("/429-seconds", 90),
        ("/429-date", 600),
        ("/429-iso", 300.400382),
        ("/429-epoch", 600),
        ("/429-delta", 60),
        ("/429-silent", 300),
        ("/429-nonsense", 300),
        ("/429-1e400", 300),
        ("/429-year", 86400),
        ("/429-past", 5),
    ],
)
@pytest.mark.usefixtures("insecure")
def test_a_limit_says_when_to_come_back(path: str, seconds: float, server: FaultServer) -> None:
    with pytest.raises(ConnectorError) as caught:
        get(server.url(path))

    assert caught.value.code == Code.RATE_LIMITED
    assert caught.value.retry_at == NOW + timedelta(seconds=seconds)


@given(text=st.one_of(st.text(max_size=40), st.floats().map(str), st.datetimes().map(str)))
def test_any_wait_a_server_names_stays_within_a_day(text: str) -> None:
    moment = answers.retry_at({"retry-after": text}, now=NOW)

    assert moment is None or timedelta(seconds=5) <= moment - NOW <= timedelta(hours=24)


@pytest.mark.parametrize(
    "date",
    [
        f"Sun, 22 Nov 2026 05:00:00 +{'9' * 20}",
        f"Sun, 22 Nov {'9' * 20} 05:00:00 GMT",
        f"Sun, {'9' * 20} Nov 2026 05:00:00 GMT",
    ],
)
def test_a_date_of_twenty_digits_is_no_date(date: str) -> None:
    assert answers.retry_at({"retry-after": date}, now=NOW) is None


def test_a_date_that_tells_no_zone_is_that_of_utc() -> None:
    moment = answers.date_in("Sun, 22 Nov 2026 05:00:00 -0000")

    assert moment == datetime(2026, 11, 22, 5, tzinfo=UTC)


@given(body=st.binary(max_size=200))
def test_any_body_is_json_or_a_typed_failure(body: bytes) -> None:
    answer = answers.Answer("m.example", 200, {"content-type": "application/json"}, body)

    ended = Code.OK
    try:
        answer.json()
    except ConnectorError as error:
        ended = error.code

    assert ended in {Code.OK, Code.CONTRACT}


def test_a_server_that_is_gone_is_transient(server: FaultServer, settings: Any) -> None:
    settings.ALLOW_INSECURE_HOSTS = True
    dead = FaultServer()
    dead.stop()
    time.sleep(0.3)

    with pytest.raises(ConnectorError) as caught:
        get(dead.url("/ok"), deadline=1.0)

    assert caught.value.code == Code.TRANSIENT


def test_a_lookup_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(60) and [])
    began = time.monotonic()

    with pytest.raises(ConnectorError) as caught:
        get("https://public.example/", deadline=0.3)

    release.set()
    assert caught.value.code == Code.TRANSIENT
    assert time.monotonic() - began < 60.0


@pytest.mark.parametrize(
    ("errno", "said"),
    [
        (socket.EAI_NONAME, "could not be looked up from here: our name service knows no such"),
        (socket.EAI_AGAIN, "could not be looked up just now"),
    ],
)
def test_a_name_that_is_not_found_is_said_to_be_not_found_from_here(
    errno: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(errno, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(ConnectorError, match=said) as caught:
        get("https://unknown.example/")

    assert caught.value.code == Code.TRANSIENT


# What is sent


@pytest.mark.usefixtures("insecure")
def test_a_request_carries_our_name_and_the_token_in_its_header_only(server: FaultServer) -> None:
    server.routes["/echo"] = lambda asked: reply({})

    http.fetch("POST", server.url("/echo?a=1"), token="canary", form={"b": "2"}, now=NOW)

    asked = server.asked("/echo")[-1]
    assert asked.headers["user-agent"].startswith("Kloutsite (+http")
    assert asked.headers["authorization"] == "Bearer canary"
    assert (asked.method, asked.query, asked.form) == ("POST", {"a": "1"}, {"b": "2"})


@pytest.mark.parametrize("token", ["canary\r\nX: 1", "canary ", "canäry", "canary\x00"])
@pytest.mark.usefixtures("insecure")
def test_a_token_that_no_header_holds_is_refused_without_being_quoted(
    token: str, server: FaultServer
) -> None:
    with pytest.raises(ConnectorError) as caught:
        get(server.url("/ok"), token=token)

    assert "can" not in caught.value.raw
    assert "canary" not in str(caught.value)


@pytest.mark.usefixtures("insecure")
def test_no_failure_quotes_the_token(server: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for path in ("/500", "/malformed", "/truncated", "/429-silent", "/301"):
        with pytest.raises(ConnectorError) as caught:
            get(server.url(path), token="canary-token").json()

        assert "canary-token" not in f"{caught.value!r} {caught.value.raw}"

    assert "canary-token" not in caplog.text


# Certificates


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FaultServer, Path]]:
    """A TLS server for `social.example` and the authority that signed it."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = certificates.certificate(folder, "social.example")
    started = FaultServer(context=certificates.context(certificate, key))
    yield started, certificate
    started.stop()


@pytest.mark.usefixtures("insecure")
def test_a_certificate_nobody_signed_is_refused(certified: tuple[FaultServer, Path]) -> None:
    server, _ = certified
    before = len(server.requests)

    with pytest.raises(ConnectorError, match="certificate") as caught:
        get(f"https://{server.host}/ok")

    assert caught.value.code == Code.TRANSIENT
    assert len(server.requests) == before


@pytest.mark.usefixtures("insecure")
def test_a_certificate_must_be_for_the_name_that_was_asked(
    certified: tuple[FaultServer, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = certified
    monkeypatch.setattr(http, "_LOOPBACK_NAMES", {"social.example", "other.example"})
    monkeypatch.setattr(socket, "getaddrinfo", resolving(["127.0.0.1"])[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    wire.tls.cache_clear()

    try:
        right = get(f"https://social.example:{server.port}/ok")
        with pytest.raises(ConnectorError, match="certificate"):
            get(f"https://other.example:{server.port}/ok")
    finally:
        wire.tls.cache_clear()

    assert right.status == 200
    assert server.asked("/ok")[-1].headers["host"].startswith("social.example")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name: not what its strings say."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_other_module_of_the_apps_opens_a_connection() -> None:
    root = Path(__file__).resolve().parents[2]
    opening = (
        "httpcore",
        "httpx",
        "requests",
        "aiohttp",
        "urllib3",
        "urllib.request",
        "http.client",
    )

    found = [
        str(path.relative_to(root))
        for app in ("accounts", "scoring", "perks")
        for path in (root / app).rglob("*.py")
        if any(
            f"{name}.".startswith(tuple(f"{word}." for word in opening)) for name in imported(path)
        )
    ]

    assert sorted(found) == ["accounts/connectors/http.py", "accounts/connectors/wire.py"]
