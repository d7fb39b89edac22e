"""Speaking the Graph API that Facebook, Instagram and Threads share: calls, pages, metrics, keys.

Tokens travel in the Authorization header. Source: developers.facebook.com/docs/graph-api.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from accounts.connectors import http, oauth, shapes
from accounts.connectors.answers import LONGEST_WAIT, Answer
from accounts.connectors.base import Access, Code, ConnectorError, Tokens
from accounts.connectors.common import Common
from accounts.connectors.meta_errors import GraphError, failure
from accounts.connectors.shapes import Record
from accounts.speech import Marked, joined, marked, say

BUSY = 80  # percent of a limit; above it only what is needed is asked
_SMALLEST_PAGE = 5
_SCOPE = re.compile(r"[a-z_]{1,100}")
# What of a next link is followed; its fields and keys are ours to say.
_CURSORS = frozenset({"after", "until", "since", "offset", "__paging_token", "pagination_token"})

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its items, and whether the network has more."""

    items: list[Record]
    more: bool


class Graph:
    """Calls to one host with one token, counted and timed.

    `base` ends with the version; without `now` no time to come back is worked out of a limit; no
    `secrets` are quoted in errors. With `proof_key` (the app's secret) each call carries the proof
    that Facebook may ask for: it binds the token to this site.
    """

    def __init__(
        self,
        base: str,
        token: str,
        *,
        name: str,
        now: datetime | None,
        proof_key: str = "",
        secrets: Sequence[str] = (),
    ) -> None:
        self.calls = 0
        self.used = 0  # percent of the fullest limit, as the last answer said
        self._base, self._token, self._name = base, token, name
        self._secrets = (token, proof_key, *secrets)
        self._proof = {"appsecret_proof": proof(token, proof_key)} if proof_key else {}
        self._now, self._began = now, time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the first call."""
        return time.monotonic() - self._began

    @property
    def busy(self) -> bool:
        """Whether so much was asked lately that what can wait should."""
        return self.used > BUSY

    def get(self, path: str, query: Query | None = None) -> Record:
        """Return the object at `path`. Raises ConnectorError, see meta_errors."""
        return self.call("GET", path, query)

    def call(self, method: str, path: str, query: Query | None = None) -> Record:
        """Return what the network answers to a call without a body; raises as `get` does."""
        self.calls += 1
        asked = urlencode({**(query or {}), **self._proof})
        address = f"{self._base}{path}" + (f"?{asked}" if asked else "")
        answer = http.fetch(method, address, token=self._token, judge=False)
        now = self._now and self._now + timedelta(seconds=self.seconds)
        self.used, regain = usage(answer.headers)
        return said_by(answer, name=self._name, now=now, regain=regain, secrets=self._secrets)

    def pages(self, path: str, query: Query, *, most: int) -> Iterator[Page]:
        """Yield up to `most` pages of a list, until there is no next link.

        A page that is too much for the network is asked for in halves. Raises
        ConnectorError(CONTRACT) when it leads in circles.
        """
        wanted = dict(query)
        asked: set[str] = set()
        for _ in range(most):
            asked.add(urlencode(wanted))
            said, wanted["limit"] = self._page(path, wanted)
            paging = shapes.optional_record(said, "paging")
            following = shapes.text(paging, "next", 8_000)
            yield Page(shapes.records(said.get("data")), more=bool(following))
            if not following:
                return
            wanted |= _cursor(following)
            if urlencode(wanted) in asked:
                raise ConnectorError(
                    Code.CONTRACT,
                    say("{name} sends the same page again and again.", name=self._name),
                    raw=path,
                )

    def _page(self, path: str, wanted: Query) -> tuple[Record, str]:
        """Return a page and how many items at once the network could bear."""
        limit = int(wanted["limit"])
        while True:
            try:
                return self.get(path, {**wanted, "limit": str(limit)}), str(limit)
            except GraphError as error:
                if not error.too_heavy or limit // 2 < _SMALLEST_PAGE:
                    raise
                limit //= 2


def said_by(
    answer: Answer,
    *,
    name: str,
    now: datetime | None,
    regain: timedelta | None = None,
    secrets: Sequence[str] = (),
) -> Record:
    """Return the object an answer holds. Raises what an error in it stands for."""
    if answer.status == 200:
        said = shapes.record(answer.json())
        if "error" not in said:
            return said
    raise failure(answer, name=name, now=now, regain=regain, secrets=secrets)


def proof(token: str, secret: str) -> str:
    """Return the proof that whoever sends the token also knows the app's secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def usage(headers: Mapping[str, str]) -> tuple[int, timedelta | None]:
    """Return how much of the fullest limit is used, in percent, and how long until more is allowed.

    Source: developers.facebook.com/docs/graph-api/overview/rate-limiting.
    """
    told = [_header(headers, "x-app-usage")]
    for uses in _header(headers, "x-business-use-case-usage").values():
        told += [use for use in uses if isinstance(use, dict)] if isinstance(uses, list) else []
    names = ("call_count", "total_time", "total_cputime")
    used = [shapes.count(each, name) or 0 for each in told for name in names]
    waits = [shapes.count(each, "estimated_time_to_regain_access") or 0 for each in told]
    minutes = min(max(waits), LONGEST_WAIT // timedelta(minutes=1))
    return max(used), timedelta(minutes=minutes) if minutes else None


def _header(headers: Mapping[str, str], name: str) -> Record:
    """Return the object a header holds, or an empty one."""
    try:
        value = json.loads(headers.get(name, "{}")[:20_000])
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _cursor(following: str) -> dict[str, str]:
    """Return where a next link goes on; host, path and keys of it are not followed."""
    try:
        query = urlsplit(following).query
        found = dict(parse_qsl(query, max_num_fields=50))
    except ValueError:
        found = {}
    return {name: value for name, value in found.items() if name in _CURSORS}


def scopes_of(value: object) -> tuple[str, ...]:
    """Return permissions of a list, or of a text with commas or spaces between them."""
    words = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    return tuple(word for word in words if isinstance(word, str) and _SCOPE.fullmatch(word))


def unix(at: datetime) -> str:
    """Return a time as these networks take it: whole seconds since 1970."""
    return str(int(at.timestamp()))


def since_1970(of: Record, name: str) -> datetime | None:
    """Return the time under `name`, or None where it is 0 (never) or makes no sense."""
    seconds = shapes.count(of, name)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


_METRIC_NAMES = {
    "followers_count": marked("followers"),
    "likes": marked("likes"),
    "quotes": marked("quotes"),
    "replies": marked("replies"),
    "reposts": marked("reposts"),
    "shares": marked("shares"),
}


def metric_names(names: Iterable[str]) -> str:
    """Return what metrics count, as a list: "likes, replies and quotes"."""
    return joined(say(_METRIC_NAMES[name]) for name in names)


class Metrics:
    """Numbers of one kind of thing; one that the network retired is dropped and said, once.

    retired: the sentence for it, with {names}.

    A single metric it does not know voids the whole answer, so that it must be found and left out.
    """

    def __init__(self, names: Sequence[str], *, retired: Marked) -> None:
        self.names = list(names)
        self.limited: list[str] = []
        self._retired = retired

    def read(self, graph: Graph, path: str, query: Query | None = None) -> dict[str, int]:
        """Return name -> number, for those the network tells. Raises ConnectorError."""
        if not self.names:
            return {}
        try:
            return self._ask(graph, path, self.names, query)
        except GraphError as error:
            if error.no_value:
                return {}
            if not error.retired:
                raise
        return self._ask_each(graph, path, query)

    def _ask_each(self, graph: Graph, path: str, query: Query | None) -> dict[str, int]:
        """Ask one by one and drop what is refused as unknown."""
        found: dict[str, int] = {}
        for name in list(self.names):
            try:
                found |= self._ask(graph, path, [name], query)
            except GraphError as error:
                if error.no_value:
                    continue
                if not error.retired:
                    raise
                self.names.remove(name)
                self.limited.append(say(self._retired, names=metric_names([name])))
        return found

    @staticmethod
    def _ask(graph: Graph, path: str, names: Sequence[str], query: Query | None) -> dict[str, int]:
        said = graph.get(path, {"metric": ",".join(names), **(query or {})})
        numbers = {
            shapes.text(item, "name", 60): _number(item)
            for item in shapes.records(said.get("data"))
        }
        return {name: value for name, value in numbers.items() if value is not None}


def _number(item: Record) -> int | None:
    """Return the number of a metric in either of the two forms it comes in."""
    values = item.get("values")
    if isinstance(values, list) and values and isinstance(values[0], dict):
        return shapes.count(values[0], "value")
    total = item.get("total_value")
    return shapes.count(total, "value") if isinstance(total, dict) else None


class LongLived(Common):
    """Keys of Instagram and Threads: an hour for a code, then 60 days that can be prolonged.

    A key is prolonged by itself once it is a day old; 30 days before its end it is.
    """

    separator = ","
    pkce = False  # not offered; the exchange needs this site's secret
    renew_before = timedelta(days=30)
    _kind = ""  # "ig" or "th"

    def exchange_code(self, url: str, code: str, redirect_uri: str, *, now: datetime) -> Record:
        """Return what the network gives for a code. Raises ConnectorError."""
        form = {
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        }
        answer = http.fetch("POST", url, form=form, judge=False)
        return self._said(answer, now, code)

    def lengthen(self, given: Record, *, now: datetime, scopes: tuple[str, ...] = ()) -> Tokens:
        """Return a key of 60 days for the key of an hour that was given for a code."""
        # The secret stands in the query because these two addresses take it nowhere else.
        query = {"grant_type": f"{self._kind}_exchange_token"}
        query["client_secret"] = self.config.client_secret
        short = oauth.tokens_of(given).token
        tokens = self._tokens("/access_token", query, short, now)
        account_id = shapes.optional_identifier(given, "user_id")
        return replace(tokens, scopes=scopes, account_id=account_id)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return the key with 60 days more."""
        query = {"grant_type": f"{self._kind}_refresh_token"}
        return self._tokens("/refresh_access_token", query, access.refresh, now)

    def _tokens(self, path: str, query: Query, token: str, now: datetime) -> Tokens:
        address = f"{self.config.url('api')}{path}?{urlencode(query)}"
        answer = http.fetch("GET", address, token=token, judge=False)
        given = oauth.tokens_of(self._said(answer, now, token))
        return Tokens(
            token=given.token, refresh=given.token, lasts=given.lasts, refresh_lasts=given.lasts
        )

    def _said(self, answer: Answer, now: datetime, secret: str) -> Record:
        _used, regain = usage(answer.headers)
        secrets = (secret, self.config.client_secret)
        return said_by(answer, name=self.name, now=now, regain=regain, secrets=secrets)
