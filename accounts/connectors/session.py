"""Calls to one network in the name of one account, counted and timed; lists page by page."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.shapes import Record
from accounts.speech import say

Query = Mapping[str, str | int]
Failure = Callable[[Answer, datetime], ConnectorError]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its items, and whether the network has more."""

    items: list[Record]
    more: bool


class Session:
    """Calls to the network at `base` with one token.

    `failure` says what an answer of another status than 200 stands for; `headers` go with every
    call. With `judge=False` it is asked about 429 and 5xx too, see http.fetch.
    """

    def __init__(
        self,
        base: str,
        token: str,
        *,
        now: datetime,
        failure: Failure,
        headers: Mapping[str, str] | None = None,
        judge: bool = True,
    ) -> None:
        self.base = base
        self.calls = 0
        self._token = token
        self._headers = dict(headers or {})
        self._failure = failure
        self._judge = judge
        self._now = now
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self._began

    def get(self, path: str, query: Query | str = "", *, accept: str = "") -> Answer:
        """Return the answer to a GET. Raises ConnectorError for every other status than 200."""
        return self._ask("GET", path, query, headers={"Accept": accept} if accept else {})

    def post(self, path: str, query: Query | str = "", *, json: object) -> Answer:
        """Return the answer to a POST of `json`. Raises as `get` does."""
        return self._ask("POST", path, query, json=json)

    def _ask(
        self,
        method: str,
        path: str,
        query: Query | str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer:
        self.calls += 1
        asked = query if isinstance(query, str) else urlencode(query)
        now = self._now + timedelta(seconds=self.seconds)
        answer = http.fetch(
            method,
            f"{self.base}{path}?{asked}" if asked else f"{self.base}{path}",
            token=self._token,
            headers={**self._headers, **(headers or {})},
            json=json,
            judge=self._judge,
            now=now,
        )
        if answer.status != 200:
            raise self._failure(answer, now)
        return answer

    def linked_pages(self, path: str, query: Query, *, most: int) -> Iterator[Page]:
        """Yield up to `most` pages of a list, following the Link header on this host only.

        Raises ConnectorError(CONTRACT) when the network leads in circles or elsewhere.
        """
        wanted = urlencode(query)
        asked: set[str] = set()
        for _ in range(most):
            asked.add(wanted)
            answer = self.get(path, wanted)
            items = shapes.records(answer.json())
            following = answer.links().get("next", "") if items else ""
            yield Page(items, more=bool(following))
            if not following:
                return
            wanted = self._query_of(following)
            if wanted in asked:
                raise ConnectorError(
                    Code.CONTRACT, say("The network sends the same page again and again."), raw=path
                )

    def _query_of(self, following: str) -> str:
        """Return the query of a next link: its path stays ours, its host must be this one."""
        try:
            parts = urlsplit(following)
        except ValueError:
            parts = urlsplit("")
        if parts.hostname != urlsplit(self.base).hostname:
            raise ConnectorError(
                Code.CONTRACT, say("The network points at another host for the next page.")
            )
        return parts.query
