"""A server that speaks the Mastodon API with one person in it, in the dialect of five programs.

Source: docs.joinmastodon.org/methods, and what each relative says otherwise of itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

_ME = "/api/v1/accounts/verify_credentials"
_NOTES = "/api/v1/notifications"
_TOKEN = "/oauth/token"
_METADATA = "/.well-known/oauth-authorization-server"
PAGE = 40


def _error(words: str, status: int, **headers: str) -> bytes:
    return reply({"error": words}, status=status, **headers)


def _web_page(status: int) -> bytes:
    return reply(
        raw=b"<!doctype html><h1>Page</h1>", kind="text/html; charset=utf-8", status=status
    )


def _no_token(error: str, words: str, status: int = 400) -> bytes:
    return reply({"error": error, "error_description": words}, status=status)


@dataclass(frozen=True)
class Dialect:
    """How a program differs. `id` makes its ids of numbers; `untold` counts it never gives."""

    version: str
    id: Any = str
    untold: tuple[str, ...] = ()
    links: bool = True  # it sends Link headers
    metadata: bytes = _error("Record not found", 404)
    dead: bytes = _error("The access token is invalid", 401)
    lists: bytes = b""  # what it says instead of who favourited; b"" for the list
    notes: bytes = b""
    ends: bool = False  # its tokens end and are renewed


def _ulid(number: int) -> str:
    return f"01JD{number:022d}"


def _flake(number: int) -> str:
    return f"AoZ{number:06d}xQ7"


DIALECTS = {
    "mastodon": Dialect("4.5.2"),
    "gotosocial": Dialect(
        "0.19.1 git-1a2b3c4",
        id=_ulid,
        untold=("quotes_count",),
        dead=_error("Unauthorized: token not recognized", 401),
    ),
    "pixelfed": Dialect(
        "3.5.3 (compatible; Pixelfed 0.12.4)",
        untold=("quotes_count",),
        links=False,
        metadata=_web_page(200),
        lists=_web_page(404),
        ends=True,
    ),
    "takahe": Dialect(
        "2.6.5 (compatible; Takahe 0.11.0)",
        untold=("quotes_count", "replies_count"),
        dead=reply(raw=b"Bad Request", kind="text/plain", status=400),
        notes=_error("Not found", 404),
    ),
    "akkoma": Dialect(
        "2.7.2 (compatible; Akkoma 3.13.3)",
        id=_flake,
        untold=("quotes_count",),
        metadata=_web_page(200),
        dead=_error("Invalid credentials.", 403),
    ),
}


class FakeMastodon(Fake):
    """One person, nora, with two posts until a test adds more."""

    network = "mastodon"
    target_id = "1"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_ME, "/api/v1/accounts/1/statuses"),
        "refresh": (_TOKEN,),
        "read": (
            _ME,
            "/api/v1/accounts/1/statuses",
            _NOTES,
            "/api/v1/statuses/10/favourited_by",
        ),
    }
    signs = (
        Sign("a token nobody knows", "read", _ME, _error("The access token is invalid", 401),
             Code.REVOKED),
        Sign("a token that was taken back", "link", _ME,
             _error("The access token was revoked", 401),
             Code.REVOKED),
        Sign("a token that speaks for nobody any more", "read", _ME,
             _error("This method requires an authenticated user", 422), Code.REVOKED),
        Sign("a dead token in plain text", "read", _ME,
             reply(raw=b"Bad Request", kind="text/plain; charset=utf-8", status=400), Code.REVOKED),
        Sign("a refusal", "read", _ME, _error("Invalid credentials.", 403), Code.REVOKED),
        Sign("too few permissions", "read", "/api/v1/accounts/1/statuses",
             _error("This action is outside the authorized scopes", 403), Code.SCOPE_MISSING),
        Sign("an account that was switched off", "read", _ME,
             _error("Your login is currently disabled", 403), Code.GONE),
        Sign("an account that waits", "link", _ME,
             _error("Your login is currently pending approval", 403), Code.GONE),
        Sign("an account that is not there", "read", _ME, _error("Record not found", 404),
             Code.GONE),
        Sign("an account that was deleted", "read", _ME, _error("Gone", 410), Code.GONE),
        Sign("too many requests", "read", _NOTES,
             _error("Too many requests", 429, X_RateLimit_Reset="2026-11-21T12:05:00.400382Z"),
             Code.RATE_LIMITED),
        Sign("a server with trouble", "read", _ME, _error("Internal", 500), Code.TRANSIENT),
        Sign("a server behind a page", "read", _ME, _web_page(403), Code.TRANSIENT),
        Sign("a server under repair", "link", _ME, _web_page(200), Code.TRANSIENT),
        Sign("a refusal nobody knows", "read", _ME, _error("I am a teapot", 418), Code.CONTRACT),
        Sign("somebody else's token", "read", _ME, reply({"id": "2", "username": "otto"}),
             Code.SOURCE_NOT_GRANTED),
        Sign("an app that vanished", "refresh", _TOKEN,
             _no_token("invalid_client", "Client authentication failed", 401), Code.REVOKED),
        Sign("a consent that ended", "refresh", _TOKEN,
             _no_token("invalid_grant", "The grant is invalid"), Code.REVOKED),
        Sign("a refresh token that was taken back", "refresh", _TOKEN,
             _no_token("invalid_request", "The refresh token is invalid.", 401), Code.REVOKED),
        Sign("a renewal that is not offered", "refresh", _TOKEN,
             _no_token("unsupported_grant_type", "No"), Code.APP_CONFIG),
        Sign("a renewal without a token", "refresh", _TOKEN, reply({"scope": "read"}),
             Code.CONTRACT),
    )  # fmt: skip

    def __init__(self, dialect: str = "mastodon") -> None:
        super().__init__()
        self.dialect = DIALECTS[dialect]
        self.now = timezone.now()
        self.own_id = self.dialect.id(1)
        self.account: Made = {
            "id": self.own_id,
            "username": "nora",
            "acct": "nora",
            "display_name": "Nora Fields",
            "url": self.server.url("/@nora"),
            "followers_count": 41,
            "locked": False,
        }
        self.posts: list[Made] = []
        self.notes: list[Made] = []
        self.alive = {"canary-token"}
        self.renewals = 0
        for path, route in self._routes().items():
            self.server.routes[path] = route
        first = self.post(10, hours=5, favourites_count=2)
        self.post(9, hours=30)
        self.note(1, "favourite", by=7, hours=4, status=first)

    def _routes(self) -> dict[str, Any]:
        statuses = f"/api/v1/accounts/{self.own_id}/statuses"
        return {
            "/api/v2/instance": lambda _asked: reply({"version": self.dialect.version}),
            "/api/v1/apps": lambda _asked: reply(
                {"client_id": "our-id", "client_secret": "canary-secret"}
            ),
            _METADATA: lambda _asked: self.dialect.metadata,
            _TOKEN: self._token,
            _ME: lambda asked: self._as_person(asked, lambda: reply(self.account)),
            statuses: lambda asked: self._as_person(
                asked, lambda: self._page(asked, self.posts, statuses)
            ),
            _NOTES: lambda asked: self._as_person(
                asked, lambda: self.dialect.notes or self._page(asked, self.notes, _NOTES)
            ),
        }

    def config(self) -> Config:
        """Return the configuration; servers are named by each access."""
        return Config("mastodon")

    def access(self) -> Access:
        """Return an access that the fake accepts and can renew."""
        return Access(
            token="canary-token",
            account_id=self.own_id,
            server=self.server.url(),
            scopes=("read",),
            refresh="canary-refresh",
            client_id="our-id",
            client_secret="canary-secret",
        )

    def post(self, number: int, *, hours: float, **changes: Any) -> Made:
        """Add a post below those that are there; a change to None takes a field out."""
        at = self.now - timedelta(hours=hours)
        known = {
            "id": self.dialect.id(number),
            "created_at": _written(at),
            "visibility": "public",
            "content": "<p>Hello</p>",
            "account": {"id": self.own_id},
            **dict.fromkeys(
                ("favourites_count", "reblogs_count", "replies_count", "quotes_count"), 0
            ),
            **changes,
        }
        told = {
            name: value
            for name, value in known.items()
            if value is not None and name not in self.dialect.untold
        }
        self.posts.append(told)
        people = [{"id": self.dialect.id(n), "followers_count": 3} for n in (7, 8)]
        for kind in ("favourited_by", "reblogged_by"):
            path = f"/api/v1/statuses/{told['id']}/{kind}"
            self.server.routes[path] = lambda asked: self._as_person(
                asked, lambda: self.dialect.lists or reply(people)
            )
        return told

    def note(self, number: int, kind: str, *, by: int, hours: float, status: Made) -> None:
        """Add a notification below those that are there."""
        self.notes.append(
            {
                "id": self.dialect.id(number),
                "type": kind,
                "created_at": _written(self.now - timedelta(hours=hours)),
                "account": {"id": self.dialect.id(by)},
                "status": status,
            }
        )

    def _as_person(self, asked: Asked, answer: Any) -> bytes:
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.alive:
            return self.dialect.dead
        return bytes(answer())

    def _page(self, asked: Asked, items: list[Made], path: str) -> bytes:
        """Return the page below `max_id`, with a link to the next where the dialect sends one."""
        below = asked.query.get("max_id", "")
        ids = [item["id"] for item in items]
        start = ids.index(below) + 1 if below in ids else 0
        size = min(int(asked.query.get("limit", PAGE)), PAGE)
        page = items[start : start + size]
        more = len(items) > start + size
        headers = {}
        if self.dialect.links and more:
            following = self.server.url(f"{path}?limit={size}&max_id={page[-1]['id']}")
            headers["Link"] = f'<{following}>; rel="next"'
        return reply(page, **headers)

    def _token(self, asked: Asked) -> bytes:
        """Give a token for a code; and a new one for a refresh token, once."""
        if asked.form.get("client_secret") != "canary-secret":
            return _no_token("invalid_client", "Unknown client", 401)
        if asked.form.get("grant_type") == "refresh_token":
            self.renewals += 1
        token = f"canary-token-{self.renewals}" if self.renewals else "canary-token"
        self.alive.add(token)
        given: Made = {"access_token": token, "token_type": "Bearer", "scope": "read"}
        if self.dialect.ends or self.renewals:
            given |= {"expires_in": 3600, "refresh_token": f"canary-refresh-{self.renewals}"}
        return reply(given)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
