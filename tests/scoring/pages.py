"""Plumbing of the tests of score pages: a signed-in browser at a known time."""

from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.scoring.builders import NOW


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """Stop the clock, so that pages say "today" and "yesterday" of the same day as the rows."""
    with time_machine.travel(NOW, tick=False):
        yield


def browser_of(user: User) -> Client:
    """Return a client in which a person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, path: str, status: int = 200, **query: str) -> str:
    """Return a page as one line of HTML, so that sentences can be looked for."""
    response = client.get(path, query)
    assert response.status_code == status, response.status_code
    return " ".join(response.content.decode().split())


def lost(unchanged: HttpResponse, whole: HttpResponse) -> dict[str, str]:
    """Return the headers that a 304 does not say as the whole answer did, but for its body's.

    A browser puts those of a 304 in the place of those that it kept, and obeys them then.
    """
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    of_a_body = {"Content-Type", "Content-Length"}
    said = {name: value for name, value in whole.items() if name not in of_a_body}
    return {name: value for name, value in said.items() if unchanged.get(name) != value}
