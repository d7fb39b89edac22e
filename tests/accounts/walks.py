"""The walk through the consent of a network at one address, with Django's test client."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.accounts.fakes.base import Fake


def switch_on(settings: Any, fake: Fake) -> None:
    """Let the site know the fake as its network, with callbacks on the site's own address."""
    settings.ALLOW_INSECURE_HOSTS = True
    settings.NETWORKS = {**settings.NETWORKS, fake.network: fake.config()}


def begin(client: Client, network: str, **sent: str) -> dict[str, str]:
    """Press a network's button; return the query of its consent page, and its address as `at`."""
    answer = client.post(reverse(f"{network}_login"), sent)
    assert answer.status_code == 302, answer.status_code
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()} | {"at": answer.headers["Location"]}


def back(client: Client, network: str, **query: str) -> Any:
    """Come back from the consent page."""
    return client.get(reverse(f"{network}_callback"), query)


def walk(client: Client, fake: Fake) -> Any:
    """Walk from the button to the answer of our callback, saying yes."""
    state = begin(client, fake.network)["state"]
    return back(client, fake.network, state=state, code=fake.code)


def said(answer: Any) -> str:
    """Return what the page that follows an answer will tell."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
