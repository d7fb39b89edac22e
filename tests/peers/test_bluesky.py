"""Bluesky's own servers, through the site: link, prove, read, renew, revoke."""

import http.cookies
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from accounts import access, connectors, linking
from accounts.connectors import dpop
from accounts.connectors.base import Access, Code, ConnectorError, Kind, Reading
from accounts.connectors.bluesky import Bluesky
from accounts.connectors.setup import Config
from accounts.models import Grant, Source
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.bluesky import SITE, back
from tests.accounts.walks import said

pytestmark = [pytest.mark.peer, pytest.mark.django_db(transaction=True)]

CONFIDENTIAL = "https://klout.peer.net"


@pytest.fixture
def peer(atproto: dict[str, Any], settings: Any) -> dict[str, Any]:
    """The servers, known to the site as Bluesky."""
    settings.ALLOW_INSECURE_HOSTS = True
    know(settings, atproto, site_url=SITE)
    return atproto


def know(settings: Any, atproto: dict[str, Any], *, site_url: str, key: str = "") -> None:
    """Let the site know the servers, being at `site_url` itself."""
    addresses = tuple((name, atproto[name]) for name in ("appview", "plc"))
    config = Config("bluesky", addresses=addresses, site_url=site_url, client_secret=key)
    settings.NETWORKS = {**settings.NETWORKS, "bluesky": config}


class Browser:
    """As much of a browser as the consent page needs; its cookies are for https alone."""

    def __init__(self, pds: str) -> None:
        self.pds, self.jar = pds, dict[str, str]()

    def open(self, address: str) -> None:
        headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                   "Sec-Fetch-Site": "cross-site", "Accept": "text/html"}  # fmt: skip
        assert self._send("GET", address, headers).status_code == 200

    def press(self, address: str, button: str, **sent: object) -> Any:
        """Do what a button of the page at `address` does."""
        headers = {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Site": "same-origin",
                   "Sec-Fetch-Dest": "empty", "Origin": self.pds, "Referer": address,
                   "X-CSRF-Token": self.jar["csrf-token"]}  # fmt: skip
        url = f"{self.pds}/@atproto/oauth-provider/~api{button}"
        answer = self._send("POST", url, headers, json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _send(self, method: str, url: str, headers: dict[str, str], **more: Any) -> Any:
        kept = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        headers = {**headers, "Cookie": kept, "User-Agent": "Mozilla/5.0"}
        answer = requests.request(
            method, url, headers=headers, allow_redirects=False, timeout=60, **more
        )
        for line in answer.raw.headers.getlist("set-cookie"):
            for name, crumb in http.cookies.SimpleCookie(line).items():
                self.jar[name] = crumb.value
        return answer


def consent(pds: str, address: str, *, who: str = "nora", allow: bool = True) -> dict[str, str]:
    """Answer the real consent page; return the query that the browser comes back with."""
    browser = Browser(pds)
    browser.open(address)
    if allow:
        signed = browser.press(
            address, "/sign-in", locale="en", username=f"{who}.test",
            password=f"{who}-password", remember=True,
        )  # fmt: skip
        done = browser.press(address, "/consent", sub=signed["account"]["sub"])
    else:
        done = browser.press(address, "/reject")
    query = {name: values[0] for name, values in parse_qs(urlsplit(done["url"]).query).items()}
    return {name: query[name] for name in ("iss", "state", "code", "error") if name in query}


def begin(client: Client, who: str = "nora") -> str:
    answer = client.post("/accounts/bluesky/start/", {"handle": f"{who}.test"})
    assert answer.status_code == 302, answer.context and answer.context["trouble"]
    return str(answer.headers["Location"])


def link(peer: dict[str, Any], who: str = "nora") -> Grant:
    """Link somebody of the servers to somebody of the site."""
    client = signed_in(person(who))
    client.get(back(consent(peer["pds"], begin(client, who), who=who)))
    return Grant.objects.get()


def read(held: Access) -> Reading:
    now = timezone.now()
    since = now - timedelta(days=90)
    connector = connectors.get("bluesky")
    return connector.read(held, held.account_id, since=since, now=now, progress=lambda _said: None)


def refused(act: Any) -> Code:
    with pytest.raises(ConnectorError) as caught:
        act()
    return caught.value.code


def bluesky() -> Bluesky:
    found = connectors.get("bluesky")
    assert isinstance(found, Bluesky)
    return found


def test_an_account_is_linked_by_its_handle(peer: dict[str, Any]) -> None:
    grant = link(peer)

    source = Source.objects.get()
    assert grant.account.uid == peer["dids"]["nora"]
    assert grant.server == peer["pds"]
    assert grant.scopes == ["atproto"]
    assert grant.account.extra_data["username"] == "nora.test"
    assert (source.title, source.followers, source.posts_90d) == ("Nora (@nora.test)", 1, 2)


def test_a_site_with_a_key_of_its_own_is_known_by_it(peer: dict[str, Any], settings: Any) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = CONFIDENTIAL, ["*"]
    know(settings, peer, site_url=CONFIDENTIAL, key=dpop.new_key())

    grant = link(peer)

    renewed = bluesky().refresh(grant.access(), now=timezone.now())
    bluesky().revoke(replace(grant.access(), token=renewed.token))
    assert grant.account.uid == peer["dids"]["nora"]
    assert refused(
        lambda: bluesky().identity(replace(grant.access(), token=renewed.token), now=timezone.now())
    ) in {Code.EXPIRED, Code.REVOKED}


def test_saying_no_links_nothing(peer: dict[str, Any]) -> None:
    client = signed_in(person("nora"))

    answer = client.get(back(consent(peer["pds"], begin(client), allow=False)))

    assert said(answer) == "You said no at Bluesky. Nothing was stored."
    assert not Grant.objects.exists()


def test_somebody_else_signing_in_there_links_nothing(peer: dict[str, Any]) -> None:
    client = signed_in(person("nora"))

    answer = client.get(back(consent(peer["pds"], begin(client), who="otto")))

    assert "another account" in answer.context["trouble"]
    assert not Grant.objects.exists()


def test_a_handle_that_nobody_has_is_said(peer: dict[str, Any]) -> None:
    answer = Client().post("/accounts/bluesky/start/", {"handle": "nobody.test"})

    assert "no account with the handle nobody.test" in answer.context["trouble"]


def test_what_everybody_sees_is_read_with_who_reacted(peer: dict[str, Any]) -> None:
    reading = read(link(peer).access())

    posts = {post.external_id: post for post in reading.posts}
    about = posts[peer["post"]]
    otto = [one for one in reading.interactions if one.actor_id == peer["dids"]["otto"]]
    assert len(posts) == 2
    assert reading.followers == 1
    assert (about.text, about.language) == ("Hello from the map room", "en")
    assert about.counts == {Kind.LIKE: 2, Kind.REPOST: 1, Kind.REPLY: 1, Kind.QUOTE: 1}
    assert {one.kind for one in otto} == {Kind.LIKE, Kind.REPOST, Kind.REPLY, Kind.QUOTE}
    assert {one.actor_followers for one in otto} == {0}
    assert len(reading.interactions) == 4
    assert reading.left_out == {"asked_not_to_be_shown": 1, "own_reactions": 2}
    assert reading.limited == ()


def test_the_newest_posts_come_first(peer: dict[str, Any]) -> None:
    grant = link(peer)

    newest = bluesky().newest(grant.access(), grant.account.uid, now=timezone.now())

    assert [post.text for post in newest] == ["And a second thought", "Hello from the map room"]


def test_somebody_who_asks_not_to_be_shown_is_not_read(peer: dict[str, Any]) -> None:
    grant = link(peer, "hidden")

    source = Source.objects.get()
    assert (source.selectable, "logged-out visibility" in source.reason) == (False, True)
    assert refused(lambda: read(grant.access())) == Code.WRONG_ACCOUNT_TYPE


def test_an_account_that_is_not_there_is_gone(peer: dict[str, Any]) -> None:
    nobody = Access(token="", account_id=f"did:plc:{'a' * 24}")

    assert refused(lambda: read(nobody)) == Code.GONE


def test_access_is_renewed_and_the_old_refresh_token_ends_all(peer: dict[str, Any]) -> None:
    grant, now = link(peer), timezone.now()
    Grant.objects.update(expires_at=now - timedelta(days=8))
    before = grant.access()

    who = access.ask(grant, lambda held: bluesky().identity(held, now=now), now=now)

    after = Grant.objects.get().access()
    assert who.username == "nora.test"
    assert (before.token, before.refresh) != (after.token, after.refresh)
    assert refused(lambda: bluesky().refresh(before, now=now)) == Code.REVOKED
    assert refused(lambda: bluesky().refresh(after, now=now)) == Code.REVOKED
    assert len(read(after).posts) == 2  # what is public is read all the same


def test_a_token_is_worth_nothing_with_another_key(peer: dict[str, Any]) -> None:
    held = link(peer).access()
    stolen = replace(held, key=bluesky().client.new_session_key())

    assert refused(lambda: bluesky().identity(stolen, now=timezone.now())) == Code.CONTRACT
    assert refused(lambda: bluesky().refresh(stolen, now=timezone.now())) in {
        Code.CONTRACT,
        Code.REVOKED,
    }


def test_a_revoked_access_is_dead_and_says_so(peer: dict[str, Any]) -> None:
    held, now = link(peer).access(), timezone.now()
    alive = bluesky().inspect(held, now=now)

    bluesky().revoke(held)

    dead = bluesky().inspect(held, now=now)
    assert (alive.active, dead.active) == (True, False)
    assert refused(lambda: bluesky().refresh(held, now=now)) == Code.REVOKED


def test_the_appview_tells_the_time(peer: dict[str, Any]) -> None:
    nobody = Access(token="", account_id="")

    shown = bluesky().server_time(nobody, now=timezone.now())

    assert shown is not None
    assert abs(shown - timezone.now()) < linking.READ_AGAIN_AFTER
