"""Speaking LinkedIn's API: versioned calls, addresses of things (URNs), and what refusals mean.

LinkedIn refuses with the same 403 whether a permission or a role is missing. Only its introspection
tells which, so that is asked before anything is said.

Source: learn.microsoft.com/linkedin (community management, token introspection).
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer, judged
from accounts.connectors.base import Access, Code, ConnectorError, Inspection, Tokens
from accounts.connectors.oauth import tokens_of
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import Marked, marked, say

_TO_OPERATOR = marked("The operator of this site has to mend that.")
# Code or number of an error -> what it stands for. LinkedIn gives both, and not always the same.
_NO_ACCESS = {
    "REVOKED_ACCESS_TOKEN": (Code.REVOKED, marked("You took our access back at LinkedIn.")),
    "65601": (Code.REVOKED, marked("You took our access back at LinkedIn.")),
    "EXPIRED_ACCESS_TOKEN": (
        Code.EXPIRED,
        marked("The access LinkedIn gave has ended; it lasts 60 days."),
    ),
    "65602": (Code.EXPIRED, marked("The access LinkedIn gave has ended; it lasts 60 days.")),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether LinkedIn has more."""

    items: list[Record]
    more: bool


class Session:
    """Calls in the name of one member, counted and timed."""

    def __init__(self, config: Config, access: Access, *, now: datetime) -> None:
        self.calls = 0
        self._config = config
        self._access = access
        self._now = now
        self._began = time.monotonic()

    def member(self) -> Record:
        """Return who the access speaks for: by OpenID Connect where that was granted."""
        path = "/v2/userinfo" if "openid" in self._access.scopes else "/v2/me"
        return self.get(path, needs="profile" if path == "/v2/userinfo" else "r_basicprofile")

    def get(
        self,
        path: str,
        query: str = "",
        *,
        needs: str,
        method: str = "",
        denied: tuple[Code, str | Marked] | None = None,
    ) -> Record:
        """Return the object that LinkedIn answers.

        `needs` is the permission the call takes; `method` is what Rest.li calls it where that
        cannot be told from the address; `denied` is what a refusal stands for although the
        permission is there.
        """
        self.calls += 1
        headers = {
            "LinkedIn-Version": self._config.option("version"),
            "X-Restli-Protocol-Version": "2.0.0",
        }
        now = self._now + timedelta(seconds=time.monotonic() - self._began)
        answer = http.fetch(
            "GET",
            f"{self._config.url('api')}{path}" + (f"?{query}" if query else ""),
            token=self._access.token,
            headers=headers | ({"X-RestLi-Method": method} if method else {}),
            judge=False,
            now=now,
        )
        if answer.status == 200:
            return shapes.record(answer.json())
        odd = _is_web_page(answer) or "unpermitted" in words_of(answer).lower()
        if answer.status == 403 and not odd:
            raise self._denied(answer, needs, denied, now)
        raise failure(answer, now)

    def pages(
        self,
        path: str,
        query: str,
        *,
        size: int,
        most: int,
        needs: str,
        denied: tuple[Code, str | Marked] | None = None,
    ) -> Iterator[Page]:
        """Yield up to `most` pages of `size` items of a finder, each asked for by its place."""
        for number in range(most):
            start = number * size
            wanted = f"{query}&start={start}&count={size}"
            said = self.get(path, wanted, needs=needs, method="FINDER", denied=denied)
            items = shapes.records(said.get("elements"))
            more = bool(items) and _has_more(said, start, size, len(items))
            yield Page(items, more)
            if not more:
                return

    def _denied(
        self, answer: Answer, needs: str, otherwise: tuple[Code, str | Marked] | None, now: datetime
    ) -> ConnectorError:
        """Return what a 403 stands for, after asking which permissions the access has."""
        words = words_of(answer)
        try:
            held = introspect(self._config, self._access.token, now=now).scopes
        except ConnectorError:
            held = None
        if needs not in (self._access.scopes if held is None else held):
            return ConnectorError(
                Code.SCOPE_MISSING,
                say("LinkedIn did not give us the permission {needs}.", needs=needs),
                raw=words,
            )
        code, sentence = otherwise or (
            Code.APP_NOT_APPROVED,
            say(
                "LinkedIn has not approved this site for {needs}. {to_operator}",
                needs=needs,
                to_operator=_TO_OPERATOR,
            ),
        )
        return ConnectorError(code, sentence, raw=words)


def _has_more(said: Record, start: int, size: int, found: int) -> bool:
    """Tell whether a list goes on: by its link, else by its total, else by a page that is full."""
    paging = shapes.optional_record(said, "paging")
    links = paging.get("links")
    if links and any(link.get("rel") == "next" for link in shapes.records(links)):
        return True
    total = shapes.count(paging, "total")
    return found >= size if total is None else start + size < total


def introspect(config: Config, token: str, *, now: datetime) -> Inspection:
    """Return what LinkedIn says about a token when this site asks in its own name."""
    answer = _posted(config, "/oauth/v2/introspectToken", {"token": token}, now)
    if answer.status != 200:
        raise _token_failure(answer, now)
    said = shapes.record(answer.json())
    status = shapes.text(said, "status", 40)
    scopes = shapes.text(said, "scope", 4_000).replace(",", " ").split()
    return Inspection(
        active=said.get("active") is True and status in {"", "active"},
        scopes=tuple(scopes) if isinstance(said.get("scope"), str) else None,
        expires_at=moment_of(said, "expires_at", per_second=1),
        since=moment_of(said, "authorized_at", per_second=1)
        or moment_of(said, "created_at", per_second=1),
        words=status,
    )


def token_for(config: Config, form: dict[str, str], *, now: datetime) -> Tokens:
    """Return what the token endpoint gives for a code or a refresh token.

    Raises ConnectorError: REVOKED when LinkedIn does not take it, APP_CONFIG for our own faults.
    """
    answer = _posted(config, "/oauth/v2/accessToken", form, now)
    if answer.status != 200:
        raise _token_failure(answer, now)
    return tokens_of(shapes.record(answer.json()))


def revoke(config: Config, token: str) -> None:
    """Ask LinkedIn to forget a token. Raises ConnectorError when it does not."""
    answer = _posted(config, "/oauth/v2/revoke", {"token": token}, None)
    if answer.status != 200:
        raise _token_failure(answer, None)


def _posted(config: Config, path: str, form: dict[str, str], now: datetime | None) -> Answer:
    keys = {"client_id": config.client_id, "client_secret": config.client_secret}
    return http.fetch("POST", f"{config.url('web')}{path}", form={**keys, **form}, now=now)


def _token_failure(answer: Answer, now: datetime | None) -> ConnectorError:
    """Return what LinkedIn's OAuth pages refuse with. Source: RFC 6749, 5.2."""
    words = words_of(answer)
    ours = answer.status == 401 or "client" in words.lower() or "redirect" in words.lower()
    if answer.status in {400, 401} and ours:
        return ConnectorError(
            Code.APP_CONFIG,
            say(
                "LinkedIn does not accept this site's key. {to_operator}", to_operator=_TO_OPERATOR
            ),
            raw=words,
        )
    if answer.status == 400:
        return ConnectorError(
            Code.REVOKED,
            say("LinkedIn does not take this key any more. Connect it again."),
            raw=words,
        )
    return failure(answer, now)


def failure(answer: Answer, now: datetime | None) -> ConnectorError:
    """Return what an answer of another status than 200 stands for."""
    words, status = words_of(answer), answer.status
    if status == 429 and "DAY" in words.upper().split():
        return ConnectorError(
            Code.RATE_LIMITED,
            say("LinkedIn answers so many questions a day and no more."),
            raw=words,
            retry_at=now and _next_day(now),
        )
    if status == 429 or status >= 500:
        try:
            judged(answer, now)
        except ConnectorError as error:
            return error
    if _is_web_page(answer):
        return ConnectorError(
            Code.TRANSIENT,
            say("LinkedIn answered with a web page (error {status}).", status=status),
            raw=words,
        )
    if status == 401:
        return _no_access(answer, words)
    if status == 426:
        return ConnectorError(
            Code.APP_CONFIG,
            say(
                "LinkedIn has ended the version of its interface that this site asks "
                "for. {to_operator}",
                to_operator=_TO_OPERATOR,
            ),
            raw=words,
        )
    if status == 404:
        return ConnectorError(Code.GONE, say("LinkedIn does not know this any more."), raw=words)
    return ConnectorError(
        Code.CONTRACT,
        say("LinkedIn answered in a way we do not know (error {status}).", status=status),
        raw=words,
    )


def _is_web_page(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


def _no_access(answer: Answer, words: str) -> ConnectorError:
    """Return what a 401 stands for: the code says more than the number behind it."""
    said = _said(answer)
    for name in (shapes.text(said, "code", 60), str(said.get("serviceErrorCode"))):
        if name in _NO_ACCESS:
            code, sentence = _NO_ACCESS[name]
            return ConnectorError(code, sentence, raw=words)
    if "empty" in words.lower():
        return ConnectorError(
            Code.APP_CONFIG,
            say("LinkedIn saw no key in our question. {to_operator}", to_operator=_TO_OPERATOR),
            raw=words,
        )
    return ConnectorError(Code.REVOKED, say("LinkedIn no longer accepts our access."), raw=words)


def words_of(answer: Answer) -> str:
    """Return LinkedIn's own words about what went wrong, or the status."""
    said = _said(answer)
    found = (shapes.text(said, name, 250) for name in ("message", "error_description", "error"))
    return next((words for words in found if words), f"HTTP {answer.status}")


def _said(answer: Answer) -> Record:
    try:
        return shapes.record(answer.json())
    except ConnectorError:
        return {}


def urn(of: str) -> str:
    """Return the name of a thing for an address: LinkedIn wants its colons encoded."""
    return quote(of, safe="")


def listed(urns: Iterable[str]) -> str:
    """Return a list for an address: its brackets and commas stay as they are."""
    return f"List({','.join(map(urn, urns))})"


def moment_of(of: Record, name: str, *, per_second: int = 1_000) -> datetime | None:
    """Return the time under `name`, counted since 1970, or None."""
    ticks = shapes.count(of, name)
    if ticks is None:
        return None
    try:
        return datetime.fromtimestamp(ticks / per_second, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _next_day(now: datetime) -> datetime:
    day = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
