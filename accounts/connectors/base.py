"""What every network's connector takes and returns: plain frozen dataclasses and one error.

A connector imports no models and knows no clock: `since` and `now` are given to it. A short list
means "that is all"; whatever failed is raised as ConnectorError, never returned as less.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


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


class ConnectorError(Exception):
    """A network did not give what was asked.

    `str(error)` is fit to show; `raw` holds the network's own words (at most 300 characters, no
    tokens); `retry_at` is when the network said to come back, aware UTC.
    """

    def __init__(
        self, code: Code, message: str, *, raw: str = "", retry_at: datetime | None = None
    ) -> None:
        super().__init__(message)
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


@dataclass(frozen=True, slots=True)
class Access:
    """What a connector needs to speak for a person. Never logged, never put in a queue."""

    token: str
    account_id: str
    server: str = ""  # base address, for networks of many servers
    scopes: tuple[str, ...] = ()
    target_token: str = ""  # a page's own token, where the network has one
    client_id: str = ""  # what the network calls this site, and the word that proves it:
    client_secret: str = ""  # only for revoking

    def __repr__(self) -> str:
        return f"Access(account_id={self.account_id!r}, server={self.server!r})"


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
    pages: int = 0
    # "reason code" -> how many things were left out, e.g. {"not_public": 3}
    left_out: Mapping[str, int] = field(default_factory=dict)
    # Metrics that could not be read, in words; the rest stands.
    limited: tuple[str, ...] = ()


Progress = Callable[[str], None]
"""Called with a sentence fit to show ("Reading page 4") after every call or two of a long read.

It says that the reader lives: one that is silent for a minute loses its work to another.
"""


class Connector(Protocol):
    """One network. Every method raises ConnectorError and nothing else."""

    network: str
    name: str
    # Sentences for the page "what we read": shown before anyone links.
    reads: tuple[str, ...]
    cannot_read: tuple[str, ...]
    consent_lasts: str

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
