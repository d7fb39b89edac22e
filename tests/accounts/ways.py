"""Every way in that this site has, each walked in the same few steps, for tests of attackers."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client
from django.urls import reverse

from accounts.connectors import SIGN_IN
from tests.accounts import builders
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.bluesky import HANDLE, FakeBluesky
from tests.accounts.fakes.oidc import FakeLogin
from tests.accounts.walks import switch_on
from tests.fault_server import FaultServer

NAMES = ("sandbox", "mastodon", "bluesky", *(name for name in SIGN_IN if name in FAKES), "oidc")


@dataclass(frozen=True)
class Way:
    """One way in. `start` takes a form by POST, `consent` makes of the address it leads to, which
    is the network's consent page, the address that an honest network sends the browser back to.
    """

    name: str
    start: str
    form: dict[str, str]
    consent: Callable[[str], str]
    server: FaultServer | None = None  # None: the network is this site's own

    def begin(self, client: Client, **more: str) -> str:
        """Press the button; return the address of the consent page."""
        answer = client.post(self.start, {**self.form, **more})
        assert answer.status_code == 302, answer.status_code
        return str(answer.headers["Location"])

    def walk(self, client: Client, **more: str) -> Any:
        """Walk from the button to the answer of our callback."""
        return client.get(self.consent(self.begin(client, **more)))

    def codes(self) -> list[str]:
        """Return the codes that came to the network's token endpoint, or anywhere else there."""
        asked = self.server.requests if self.server else []
        return [each.form["code"] for each in asked if "code" in each.form]


def query_of(address: str) -> dict[str, str]:
    """Return the query of an address, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def with_query(address: str, **values: str | None) -> str:
    """Return the address with some values of its query replaced, or taken away by None."""
    query = query_of(address) | values
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{urlsplit(address).path}?{urlencode(kept)}"


def way_of(name: str, settings: Any, stack: ExitStack) -> Way:
    """Return a way in, switched on at this site until `stack` ends."""
    settings.ALLOW_INSECURE_HOSTS = True
    if name == "sandbox":
        return Way(name, reverse("sandbox_login"), {}, lambda at: builders.consent(Client(), at))
    if name == "mastodon":
        return mastodon_at(stack.enter_context(fake_of(name)()).server)
    if name == "oidc":
        return _of_sign_in_server(settings, stack)
    fake = stack.enter_context(fake_of(name)())
    switch_on(settings, fake)
    if isinstance(fake, FakeBluesky):
        callback = reverse("bluesky_callback")
        return Way(
            name,
            reverse("bluesky_start"),
            {"handle": HANDLE},
            lambda at: f"{callback}?{urlencode(fake.consent(at))}",
            fake.server,
        )
    return Way(
        name, reverse(f"{name}_login"), {}, lambda at: _back(name, at, fake.code), fake.server
    )


def _back(name: str, at: str, code: str) -> str:
    query = urlencode({"state": query_of(at)["state"], "code": code})
    return f"{reverse(f'{name}_callback')}?{query}"


def mastodon_at(server: FaultServer) -> Way:
    """Return the way in by a server that speaks as Mastodon does."""
    callback = reverse("mastodon_callback", kwargs={"host": server.host})

    def consent(at: str) -> str:
        query = urlencode({"state": query_of(at)["state"], "code": f"code-of-{server.port}"})
        return f"{callback}?{query}"

    start = reverse("mastodon_start")
    return Way("mastodon", start, {"instance": server.host}, consent, server)


def _of_sign_in_server(settings: Any, stack: ExitStack) -> Way:
    fake = FakeLogin()
    stack.callback(fake.stop)
    settings.NETWORKS = {**settings.NETWORKS, "oidc": fake.config()}

    def consent(at: str) -> str:
        fake.nonce = query_of(at)["nonce"]
        return _back("oidc", at, fake.code)

    return Way("oidc", reverse("oidc_login"), {}, consent, fake.server)
