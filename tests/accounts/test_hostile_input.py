"""Whatever a visitor puts into an address, a query or a form is answered, on both engines."""

import re
import uuid
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.sandbox import consent
from accounts.urls import urlpatterns as own_pages
from tests.accounts.builders import NOW, grant, person, signed_in, source

pytestmark = pytest.mark.django_db

# Percent-encoded: so they reach the site as a browser or a script would send them.
HOSTILE = {
    "NUL": "%00",
    "a lone surrogate": "%ED%A0%80",
    "100,000 letters": "x" * 100_000,
    "one more than eight bytes hold": str(2**63),
    "5,000 digits": "9" * 5_000,
    "a digit that is not ASCII": "%D9%A3",
}

# What each page reads of a query and of a form.
QUERY = {
    "mastodon_start": ("instance", "next"),
    "mastodon_callback": ("code", "state", "error", "iss"),
    "sandbox_callback": ("code", "state", "error"),
    "sandbox_login": ("next", "process", "scope", "action", "auth_params"),
    "sandbox_authorize": (
        "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge",
        "code_challenge_method", "login_hint", "other", "person",
    ),
}  # fmt: skip
FORM = {
    "mastodon_start": ("instance", "next", "process"),
    "choose": ("source",),
    "archive_upload": ("name", "look", "file"),
    "settings": ("display_name", "time_zone", "theme"),
    "sandbox_login": ("next", "process", "scope"),
    "sandbox_authorize": ("client_id", "state", "code_challenge", "answer", "person", "place"),
    "sandbox_faults": ("nora.", "nora.maproom-lisbon"),
    "link_unlink": ("next",),
}
# Without these a page stops before it looks at the field.
AROUND = {
    "sandbox_authorize": {
        "client_id": consent.CLIENT_ID,
        "redirect_uri": "http://testserver/accounts/sandbox/login/callback/",
        "response_type": "code",
        "scope": "profile posts reactions",
        "code_challenge": "c",
        "code_challenge_method": "S256",
        "answer": "some",
        "person": "nora",
    },
    "settings": {"time_zone": "UTC", "theme": ""},
}
PARTS = {"uuid": str(uuid.uuid4()), "int": "1", "slug": "sandbox", "str": "m.example"}
_CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, route) of the pages of accounts, its networks and its sandbox."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif pattern in own_pages or re.match(r"accounts/(mastodon|sandbox)/|sandbox/|try/", route):
            yield str(pattern.name), route


ROUTES = dict(routes(get_resolver().url_patterns))


def visitors() -> list[Client]:
    """Return a browser of nobody and one of somebody with a link."""
    return [Client(), signed_in(source(person()).user)]


def refused_or_answered(client: Client, path: str, body: str | None = None) -> None:
    """Ask; the client raises whatever the site does not catch."""
    if body is None:
        response = client.get(path)
    else:
        response = client.post(path, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code < 500


def address(name: str) -> str:
    """Return an address of a page that leads somewhere, where the person of `visitors` has it."""
    return "/" + _CONVERTER.sub(lambda part: PARTS[part[1] or "str"], ROUTES[name])


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if "<" in route])
def test_a_hostile_part_of_an_address_is_answered(name: str) -> None:
    for client, hostile in product(visitors(), HOSTILE.values()):
        path = "/" + _CONVERTER.sub(hostile, ROUTES[name])
        refused_or_answered(client, path)
        refused_or_answered(client, path, "")


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ROUTES)
def test_a_hostile_query_that_nobody_reads_is_answered(name: str) -> None:
    for client, hostile in product(visitors(), HOSTILE.values()):
        refused_or_answered(client, f"{address(name)}?anything={hostile}")


@pytest.mark.parametrize("name", QUERY)
def test_a_hostile_query_is_answered(name: str) -> None:
    for client, hostile in product(visitors(), HOSTILE.values()):
        for field in QUERY[name]:
            around = {key: value for key, value in AROUND.get(name, {}).items() if key != field}
            refused_or_answered(client, f"{address(name)}?{urlencode(around)}&{field}={hostile}")


@pytest.mark.parametrize("name", FORM)
def test_a_hostile_field_of_a_form_is_answered(name: str) -> None:
    for client, hostile in product(visitors(), HOSTILE.values()):
        for field in FORM[name]:
            around = {key: value for key, value in AROUND.get(name, {}).items() if key != field}
            refused_or_answered(client, address(name), f"{urlencode(around)}&{field}={hostile}")


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_choice_among_what_a_network_lists_is_refused(hostile: str) -> None:
    user = person()
    path = reverse("choose", args=[grant(user, now=NOW).pk])

    response = signed_in(user).post(
        path, f"source={hostile}", content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 400
    assert "Nothing is ticked" in response.content.decode() or "not on your list" in (
        response.content.decode()
    )


@pytest.mark.parametrize("host", ["%00", "a%00.social", "kartor.social%00", "%ED%A0%80", "a" * 999])
def test_an_answer_of_no_server_at_all_says_so(host: str) -> None:
    response = Client().get(f"/accounts/mastodon/{host}/callback/?code=c&state=s")

    assert response.status_code == 400
    assert "This is no server address." in response.context["trouble"]


def test_the_pages_with_fields_exist() -> None:
    assert set(QUERY) | set(FORM) <= set(ROUTES)
    assert {"links", "sandbox_post", "try"} <= set(ROUTES)
