"""The guard that keeps the suite on this machine."""

import socket

import pytest
from django.conf import settings

from tests.conftest import LeftTheMachine


@pytest.mark.parametrize("host", ["example.org", "mastodon.social", "localhost.example.org"])
def test_a_name_of_the_outside_world_is_not_looked_up(host: str) -> None:
    with pytest.raises(LeftTheMachine):
        socket.getaddrinfo(host, 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "10.0.0.1", "169.254.169.254"])
def test_an_address_beyond_loopback_is_not_connected(address: str) -> None:
    with socket.socket() as plug, pytest.raises(LeftTheMachine):
        plug.connect((address, 443))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as plug:
        plug.connect(server.getsockname())

        assert plug.getpeername() == server.getsockname()


def test_the_suite_keeps_its_data_away_from_the_site() -> None:
    assert settings.DATA_DIR != settings.BASE_DIR / "var"
    assert "kloutsite-test-" in str(settings.DATA_DIR)
