"""What every network's connector takes and returns: plain frozen dataclasses and one error.

A connector imports no models and knows no clock: `since` and `now` are given to it. A short list
means "that is all"; whatever failed is raised as ConnectorError, never returned as less.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from accounts.speech import Marked, say


class Code(StrEnum):
    """States a link can be in, seen from the network's answer."""

    OK = "ok"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE_MISSING = "scope_missing"
    SOURCE_NOT_GRANTED = "source_not_granted"
    ROLE_LOST = "role_lost"
    NO_SOURCE = "no_source"
    WRONG_ACCOUNT_TYPE = "wrong_account_type"
    APP_NOT_APPROVED = "app_not_approved"
    APP_CONFIG = "app_config"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    GONE = "gone"
    TRANSIENT = "transient"
    CONTRACT = "contract"


# The person can mend these; everything else is a matter of waiting or ours to mend.
NEEDS_PERSON = frozenset(
    {
        Code.EXPIRED,
        Code.REVOKED,
        Code.SCOPE_MISSING,
        Code.SOURCE_NOT_GRANTED,
        Code.ROLE_LOST,
        Code.NO_SOURCE,
        Code.WRONG_ACCOUNT_TYPE,
        Code.GONE,
    }
)
# Worth asking again without anybody's help.
RETRYABLE = frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED, Code.TRANSIENT})
# Asked too much for now. What is nice to know is left for the next read.
ASKED_TO_WAIT = frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED})


class ConnectorError(Exception):
    """A network did not give what was asked.

    `str(error)` is fit to show, in the language that is active; `raw` holds the
    network's own words (at most 300 characters, no tokens); `retry_at` is when the
    network said to come back, aware UTC.
    """

    def __init__(
        self, code: Code, message: str | Marked, *, raw: str = "", retry_at: datetime | None = None
    ) -> None:
        super().__init__(say(message) if isinstance(message, Marked) else message)
        self.code = code
        self.raw = raw[:300]
        self.retry_at = retry_at


class Kind(StrEnum):
    """What somebody did about a post (or, for follow and list, about the account)."""

    LIKE = "like"
    REPLY = "reply"
    REPOST = "repost"
    QUOTE = "quote"
    MENTION = "mention"
    FOLLOW = "follow"
    LIST = "list"


@dataclass(slots=True)
class Meter:
    """What may be asked of a network today, and was, in the network's own units.

    Units are what the network bills or limits by the day: micro-dollars at X, quota units at
    YouTube. `limit` None: nothing is counted against anything. accounts.budgets has the one that
    all workers share.
    """

    limit: int | None = None
    used: int = 0

    def spend(self, units: int) -> None:
        """Count a call of a known price before it is made. Raises ConnectorError(QUOTA_EXHAUSTED).

        A call that fails stays counted, where the network counts those too.
        """
        self.reserve(units)
        self.settle(units, units)

    def reserve(self, each: int, *, most: int = 1, least: int = 1) -> int:
        """Hold what up to `most` things of `each` units may cost; return for how many it was.

        Call it before the network is asked, and `settle` with the same units (the number returned
        times `each`) after. Raises ConnectorError(QUOTA_EXHAUSTED) when not even `least` can be
        paid for; then nothing is held.
        """
        many = most if self.limit is None else min(most, (self.limit - self.used) // each)
        if many < least:
            raise ConnectorError(
                Code.QUOTA_EXHAUSTED, say("What this site may ask of the network today is used up.")
            )
        self.used += many * each
        return many

    def check(self, units: int) -> None:
        """Raise ConnectorError(QUOTA_EXHAUSTED) unless `units` are left; nothing stays held.

        For work of several calls, of which the first alone would be paid for nothing.
        """
        self.settle(self.reserve(units) * units, 0)

    def settle(self, reserved: int, spent: int) -> None:
        """Count what a call did cost in place of what was held for it."""
        self.used += spent - reserved


@dataclass(frozen=True, slots=True)
class Access:
    """What a connector needs to speak for a person. Never logged, never put in a queue."""

    token: str
    account_id: str
    server: str = ""  # base address, for networks of many servers
    scopes: tuple[str, ...] = ()
    target_token: str = ""  # a page's own token, where the network has one
    client_id: str = ""  # what the network calls this site, and the word that proves it:
    client_secret: str = ""  # only for revoking, where each server knows us by another name
    refresh: str = ""  # what a new token is asked for with
    key: str = ""  # a private key the token is bound to (DPoP), as JSON Web Key
    via: str = ""  # the network that gave it, where a source is read through another one
    meter: Meter = field(default_factory=Meter, compare=False)

    def __repr__(self) -> str:
        return f"Access(account_id={self.account_id!r}, server={self.server!r})"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a network gives for a code or a refresh token. Never logged.

    `lasts` and `refresh_lasts` are None where the network names no end; `scopes` are those that
    were granted, () where it does not say. A network without refresh tokens that lets a living
    token be prolonged gives that token as `refresh`.
    """

    token: str
    refresh: str = ""
    scopes: tuple[str, ...] = ()
    lasts: timedelta | None = None
    refresh_lasts: timedelta | None = None
    # After this much time the network shows nothing though the token lives (Meta's 90 days).
    data_lasts: timedelta | None = None
    account_id: str = ""  # whom the network names in the same answer, where it does
    key: str = ""

    def __repr__(self) -> str:
        return f"Tokens(scopes={self.scopes!r}, lasts={self.lasts!r})"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an access speaks for. `uid` never changes; handles do."""

    uid: str
    username: str = ""
    name: str = ""
    url: str = ""
    app_uid: str = ""  # what the network calls the person towards this site, where that differs

    @property
    def title(self) -> str:
        """The name with the handle behind it, as far as there are any."""
        handle = f"@{self.username}" if self.username else ""
        if self.name and handle and self.name != self.username:
            return f"{self.name} ({handle})"
        return handle or self.name or self.uid


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a network itself says about an access: the answer to "it lists you as connected"."""

    active: bool
    scopes: tuple[str, ...] | None = None  # None: it does not say
    expires_at: datetime | None = None
    targets: frozenset[str] | None = None  # ids that were ticked; None: all, or it does not say
    words: str = ""  # the network's own, at most 300 characters
    since: datetime | None = None  # when the access was given, as the network remembers it


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why something is missing from a list of targets, as far as the network tells.

    `holds`: True it is so, False it is ruled out, None it could not be asked. `ask` are permissions
    that would mend it when they are asked for again.
    """

    title: str
    why: str
    what_to_do: str
    holds: bool | None = None
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Something the person could let count: a profile, a page, a channel, an organisation."""

    external_id: str
    kind: str  # "profile", "page", "channel", "organisation"
    title: str
    url: str = ""
    role: str = ""
    followers: int | None = None
    posts_90d: int | None = None
    last_post_at: datetime | None = None
    selectable: bool = True
    reason: str = ""  # why it cannot be chosen, or what to know before choosing
    token: str = ""
    network: str = ""  # where it is on another network than the one asked; "" the same


@dataclass(frozen=True, slots=True)
class Post:
    """A post by the source, with the counts the network gives now (None = it does not say)."""

    external_id: str
    created_at: datetime
    text: str = ""
    url: str = ""
    kind: str = "original"  # "original" or "reply"; other people's posts are never returned
    language: str = ""
    visibility: str = "public"
    counts: Mapping[Kind, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """Something a known person did. `external_id` tells two replies by one person apart."""

    actor_id: str
    kind: Kind
    at: datetime
    post_id: str = ""  # "" for follow and list
    external_id: str = ""
    actor_followers: int | None = None
    actor_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One whole read of a source. `since`: everything from then on is in it."""

    since: datetime
    posts: tuple[Post, ...]
    interactions: tuple[Interaction, ...] = ()
    followers: int | None = None
    listed: int | None = None  # on how many lists of others it stands
    pages: int = 0
    # "reason code" -> how many things were left out, e.g. {"not_public": 3}
    left_out: Mapping[str, int] = field(default_factory=dict)
    # Metrics that could not be read, in words; the rest stands.
    limited: tuple[str, ...] = ()
    moved_to: str = ""  # the account that this one says it moved to, as people write it
    # A day's budget ended it before its time: what is older is to be read at the next chance.
    cut: bool = False


Progress = Callable[[str], None]
"""Called with a sentence fit to show ("Reading page 4") after every call or two of a long read.

It says that the reader lives: one that is silent for a minute loses its work to another.
"""


class Connector(Protocol):
    """One network. Every method raises ConnectorError and nothing else.

    `accounts.connectors.common.Common` holds what most networks have in common.
    """

    network: str
    name: str
    # Sentences for the page "what we read": shown before anyone links.
    reads: tuple[str, ...]
    cannot_read: tuple[str, ...]
    consent_lasts: str
    # What is asked of the person. Networks may grant less, and name scopes in another order.
    scopes: tuple[str, ...]
    # A token is renewed this long before it ends.
    renew_before: timedelta
    # Posts younger than this are read daily and older ones weekly; None: all of them daily.
    daily: timedelta | None
    # A rule of the network about its numbers that people should read before they link, or "".
    policy: str | Marked

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return everything this access could speak for, in the network's own order."""
        ...

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts of the target from `since` on and everything done about them."""
        ...

    def revoke(self, access: Access) -> None:
        """Ask the network to forget this access."""
        ...

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return new tokens for `access.refresh`. Code.REVOKED when the network will not."""
        ...

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return who this access speaks for, asked of the network now."""
        ...

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return what the network says about this access, by its own introspection if it has one.

        A dead token is `active=False`, not an error.
        """
        ...

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest posts of the target (about 20) with the counts of now."""
        ...

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return why something may be missing from `targets`, asking the network."""
        ...

    def server_time(self, access: Access, *, now: datetime) -> datetime | None:
        """Return the network's own clock, or None when it does not show one.

        Raises ConnectorError when it does not answer: the lightest call there is.
        """
        ...


class SignIn(Protocol):
    """A network at one address whose OAuth 2.0 follows the usual pattern.

    `accounts.providers.networks` makes its allauth provider. Most are Connectors too; one that only
    signs people in is not. Source: RFC 6749, RFC 7636.
    """

    network: str
    name: str
    scopes: tuple[str, ...]
    # May be asked of the network itself, and so raise ConnectorError.
    authorize_url: str
    authorize_params: Mapping[
        str, str
    ]  # beside client_id, redirect_uri, scope, state, code_challenge
    ask_again: Mapping[str, str]  # added when something that was declined is asked for once more
    separator: str  # between scopes
    pkce: bool
    nonce: bool  # the challenge is sent as a nonce too, which a signed answer repeats
    client_id_name: str  # "client_id" but at TikTok

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return who this access speaks for, asked of the network now."""
        ...

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback."""
        ...
