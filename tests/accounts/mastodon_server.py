"""Drives a Mastodon server from outside: people, posts, reactions, consent and faults."""

import json
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client


@dataclass(frozen=True)
class Person:
    """Somebody with an account there."""

    id: str
    username: str
    token: str


@dataclass(frozen=True)
class MastodonServer:
    """The server at `host`; every person made on it is new."""

    host: str

    @property
    def base(self) -> str:
        """Base address."""
        return f"http://{self.host}"

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", form: bool = False
    ) -> Any:
        """Return the JSON answer of a call. Raises urllib.error.HTTPError when refused."""
        content = urlencode(body).encode() if form else json.dumps(body or {}).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"Content-Type": kind}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            self.base + path, None if method == "GET" else content, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def person(self, name: str) -> Person:
        """Make a person whose name begins with `name`."""
        username = f"{name}_{uuid.uuid4().hex[:8]}"
        made = self.call("POST", "/api/v1/_mock/dev_user", {"username": username})
        return Person(made["id"], username, made["access_token"])

    def post(self, by: Person, text: str, **more: str) -> str:
        """Post and return the id."""
        made = self.call("POST", "/api/v1/statuses", {"status": text, **more}, token=by.token)
        return str(made["id"])

    def react(self, by: Person, post: str, how: str) -> None:
        """Favourite ("favourite") or boost ("reblog") a post."""
        self.call("POST", f"/api/v1/statuses/{post}/{how}", token=by.token)

    def follow(self, by: Person, whom: Person) -> None:
        """Follow somebody."""
        self.call("POST", f"/api/v1/accounts/{whom.id}/follow", token=by.token)

    def revoke(self, token: str) -> None:
        """Take a token back, as its owner can in the settings."""
        self.call("POST", "/oauth/revoke", {"token": token}, form=True)

    def break_(self, path: str, effect: dict[str, Any], count: int | None = None) -> None:
        """Make calls to `path` fail."""
        self.call(
            "POST",
            "/api/v1/_mock/faults",
            {"match": {"path": path}, "effect": effect, "count": count},
        )

    def heal(self) -> None:
        """Take all faults away."""
        self.call("DELETE", "/api/v1/_mock/faults")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def consent(authorize_url: str, username: str) -> str:
    """Say yes as `username` on the server's consent page; return where it sends the browser."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
    form = {name: query[name] for name in ("redirect_uri", "client_id", "scope", "state")}
    request = urllib.request.Request(
        authorize_url.partition("?")[0], urlencode({**form, "username": username}).encode()
    )
    try:
        urllib.request.build_opener(_Stay).open(request, timeout=20)
    except urllib.error.HTTPError as redirect:
        return str(redirect.headers["Location"])
    raise AssertionError("the server did not redirect")


def come_back(client: Client, location: str) -> Any:
    """Follow the server's redirect to our callback."""
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}")
