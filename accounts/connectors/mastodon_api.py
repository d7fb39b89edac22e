"""Speaking the Mastodon API to one server: calls, pages and what its refusals mean.

Mastodon, GoToSocial, Pixelfed, Akkoma and others answer it. Source: docs.joinmastodon.org/methods.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Access, Code, ConnectorError
from accounts.connectors.shapes import Record
from accounts.speech import say

Query = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: items not seen on earlier pages, and whether the server has more."""

    items: list[Record]
    more: bool


class Session:
    """Calls to one server in the name of one account, counted and timed."""

    def __init__(self, access: Access, *, now: datetime) -> None:
        self.base = access.server
        self.host = urlsplit(access.server).netloc
        self.calls = 0
        self._token = access.token
        self._began = time.monotonic()
        self._now = now

    @property
    def seconds(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self._began

    def get(self, path: str, query: str = "") -> Answer:
        """Return the answer to a GET. Raises ConnectorError for every other status than 200."""
        self.calls += 1
        url = f"{self.base}{path}?{query}" if query else f"{self.base}{path}"
        now = self._now + timedelta(seconds=self.seconds)
        answer = http.fetch("GET", url, token=self._token, now=now)
        if answer.status != 200:
            raise failure(answer)
        return answer

    def account(self) -> Record:
        """Return the account this access speaks for, with a usable `id`."""
        account = shapes.record(self.get("/api/v1/accounts/verify_credentials").json())
        shapes.identifier(account, "id")
        return account

    def pages(self, path: str, query: Query, *, most: int, by_id: bool = False) -> Iterator[Page]:
        """Yield up to `most` pages of a list, following the Link header on this server only.

        `by_id`: the list goes on below the id of its last item; so a server that sends no such
        header with a full page is asked for what comes after it.

        Raises ConnectorError(CONTRACT) when the server leads in circles or elsewhere.
        """
        wanted = urlencode(query, doseq=True)
        asked: set[str] = set()
        known: set[str] = set()
        after = ""
        for _ in range(most):
            asked.add(wanted)
            answer = self.get(path, wanted)
            items = {shapes.identifier(i, "id"): i for i in shapes.records(answer.json())}
            fresh = [item for name, item in items.items() if name not in known]
            known.update(items)
            if after and not fresh:
                return  # a server that goes on below no id had said all it says
            following = answer.links().get("next", "") if items else ""
            after = ""
            if by_id and "link" not in answer.headers and len(items) >= int(str(query["limit"])):
                after = urlencode({**query, "max_id": [*items][-1]}, doseq=True)
            yield Page(fresh, more=bool(following or after))
            if not (following or after):
                return
            wanted = self._query_of(following) if following else after
            if wanted in asked or not fresh:
                raise ConnectorError(
                    Code.CONTRACT,
                    say("{host} sends the same page again and again.", host=self.host),
                    raw=path,
                )

    def _query_of(self, following: str) -> str:
        """Return the query of a next link; its path stays ours, its host must be this server.

        Scheme and port are not compared: behind a proxy many servers write http in their links.
        """
        try:
            parts = urlsplit(following)
        except ValueError:
            parts = urlsplit("")
        if parts.hostname != urlsplit(self.base).hostname:
            raise ConnectorError(
                Code.CONTRACT,
                say("{host} points at another server for the next page.", host=self.host),
            )
        return parts.query


def failure(answer: Answer) -> ConnectorError:
    """Return what an answer of another status than 200 stands for."""
    words = words_of(answer)
    lower = words.lower()
    host, status = answer.host, answer.status
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        # The site in front of the server speaks (repair, firewall, parked name), not the server.
        said = say("{host} answered with a web page (error {status}).", host=host, status=status)
        return ConnectorError(Code.TRANSIENT, said, raw=words)
    # Only tokens that once spoke for a person are stored: "needs a user" means this one is dead.
    # And some relatives say so with 400 and without any data.
    dead = status == 401 or (status == 400 and kind.startswith("text/plain"))
    if dead or "authenticated user" in lower:
        said = say("{host} no longer accepts our access.", host=host)
        return ConnectorError(Code.REVOKED, said, raw=words)
    if status == 403 and "scope" in lower:
        said = say("The access {host} gave does not cover this.", host=host)
        return ConnectorError(Code.SCOPE_MISSING, said, raw=words)
    if status == 403 and "your login" in lower:
        said = say("{host} has switched this account off.", host=host)
        return ConnectorError(Code.GONE, said, raw=words)
    if status == 403:
        return ConnectorError(Code.REVOKED, say("{host} refused our access.", host=host), raw=words)
    if status in {404, 410}:
        said = say("{host} does not know this any more.", host=host)
        return ConnectorError(Code.GONE, said, raw=words)
    said = say(
        "{host} answered in a way we do not know (error {status}).", host=host, status=status
    )
    return ConnectorError(Code.CONTRACT, said, raw=words)


def is_absent(error: ConnectorError) -> bool:
    """Tell whether a server has no such list, in its own words or in those of a web page."""
    return error.code is Code.GONE or error.raw in {"HTTP 404", "HTTP 405", "HTTP 501"}


def says_unknown_client(answer: Answer) -> bool:
    """Tell whether a server refuses because it does not know our registration (any more)."""
    return answer.status in {400, 401} and b'"invalid_client"' in answer.body


def says_dead_refresh(answer: Answer) -> bool:
    """Tell whether a refresh token was refused in the words of older Laravel servers."""
    words = words_of(answer).lower()
    return answer.status in {400, 401} and "refresh token" in words


def words_of(answer: Answer) -> str:
    """Return the server's own words about what went wrong, or its status."""
    try:
        said = shapes.record(answer.json())
    except ConnectorError:
        return f"HTTP {answer.status}"
    words = shapes.text(said, "error_description", 200) or shapes.text(said, "error", 200)
    return words or f"HTTP {answer.status}"
