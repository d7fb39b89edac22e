"""Speaking to Bluesky's AppView, which shows everybody what is public: calls, lists, refusals.

Source: the lexicons app.bsky.actor, app.bsky.feed; atproto.com/specs/xrpc.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from accounts.connectors import shapes
from accounts.connectors.answers import Answer
from accounts.connectors.atproto import words_of
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.session import Session
from accounts.connectors.shapes import Record
from accounts.speech import say

Query = Mapping[str, str | int]

# Asks apps not to show an account to people who are not signed in to Bluesky.
NOT_TO_EVERYBODY = "!no-unauthenticated"

_GONE = frozenset({"AccountTakedown", "AccountDeactivated", "AccountSuspended", "NotFound"})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether there is more. A page may be empty and have more."""

    items: list[Record]
    more: bool


class AppView:
    """Calls to the AppView, counted and timed. No token goes along."""

    def __init__(self, base: str, *, now: datetime) -> None:
        self._session = Session(f"{base}/xrpc/", "", now=now, failure=failure)

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return self._session.calls

    @property
    def seconds(self) -> float:
        """Seconds since the first."""
        return self._session.seconds

    def get(self, method: str, query: Query) -> Record:
        """Return the answer of a method. Raises ConnectorError."""
        return shapes.record(self._session.get(method, query).json())

    def profile(self, did: str) -> Record:
        """Return the profile of an account, which is that of no other one."""
        profile = self.get("app.bsky.actor.getProfile", {"actor": did})
        if profile.get("did") != did:
            raise ConnectorError(Code.CONTRACT, say("Bluesky answered about somebody else."))
        return profile

    def profiles(self, dids: Sequence[str]) -> list[Record]:
        """Return the profiles of up to 25 accounts, as far as there are any."""
        query = urlencode([("actors", did) for did in dids])
        answer = self._session.get("app.bsky.actor.getProfiles", query)
        return shapes.records(shapes.record(answer.json()).get("profiles"))

    def pages(self, method: str, query: Query, name: str, *, most: int) -> Iterator[Page]:
        """Yield up to `most` pages of the list `name`; the list ends where no cursor is given.

        Raises ConnectorError(CONTRACT) when a cursor leads in circles.
        """
        cursor, seen = "", set[str]()
        for _ in range(most):
            said = self.get(method, {**query, "cursor": cursor} if cursor else query)
            cursor = shapes.text(said, "cursor", 2_000)
            yield Page(shapes.records(said.get(name)), more=bool(cursor))
            if not cursor:
                return
            if cursor in seen:
                raise ConnectorError(
                    Code.CONTRACT, say("Bluesky sends the same page again and again."), raw=method
                )
            seen.add(cursor)


def asks_for_a_sign_in(profile: Record) -> bool:
    """Tell whether an account asks not to be shown to people who are not signed in."""
    labels = profile.get("labels")
    return any(
        isinstance(label, dict) and label.get("val") == NOT_TO_EVERYBODY and not label.get("neg")
        for label in (labels if isinstance(labels, list) else [])
    )


def failure(answer: Answer, _now: datetime) -> ConnectorError:
    """Return what an answer of the AppView of another status than 200 stands for."""
    name, words = words_of(answer)
    lower = words.lower()
    if answer.headers.get("content-type", "").startswith("text/html"):
        # What stands in front of the AppView speaks (repair, firewall).
        return ConnectorError(
            Code.TRANSIENT,
            say(
                "{host} answered with a web page (error {status}).",
                host=answer.host,
                status=answer.status,
            ),
            raw=words,
        )
    missing = name == "InvalidRequest" and "not found" in lower
    if missing or name in _GONE or answer.status in {404, 410}:
        return ConnectorError(Code.GONE, say("Bluesky does not show this any more."), raw=words)
    return ConnectorError(
        Code.CONTRACT,
        say("Bluesky answered in a way we do not know (error {status}).", status=answer.status),
        raw=words,
    )


def refused_by_server(answer: Answer) -> ConnectorError:
    """Return what the refusal of a person's own server stands for."""
    name, words = words_of(answer)
    lower = f"{words} {answer.headers.get('www-authenticate', '')}".lower()
    if name == "ScopeMissingError" or "insufficient_scope" in lower:
        return ConnectorError(
            Code.SCOPE_MISSING,
            say("The access {host} gave does not cover this.", host=answer.host),
            raw=words,
        )
    if name in _GONE:
        return ConnectorError(
            Code.GONE, say("{host} has switched this off.", host=answer.host), raw=words
        )
    broken = "key binding" in lower or "malformed" in lower or "invalid_dpop_proof" in lower
    if answer.status == 401 and not broken:
        dead = Code.EXPIRED if '"exp"' in lower or "expired" in lower else Code.REVOKED
        return ConnectorError(
            dead, say("{host} no longer accepts our access.", host=answer.host), raw=words
        )
    return ConnectorError(
        Code.CONTRACT,
        say(
            "{host} answered in a way we do not know (error {status}).",
            host=answer.host,
            status=answer.status,
        ),
        raw=words,
    )
