"""Reddit with one person, as its data API answers.

Source: reddit.com/dev/api; github.com/reddit-archive/reddit/wiki/OAuth2.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

_TOKEN = "/api/v1/access_token"
_REVOKE = "/api/v1/revoke_token"
_ME = "/oauth/api/v1/me"
_POSTS = "/oauth/user/nora/submitted"
_COMMENTS = "/oauth/user/nora/comments"
BASIC = "Basic b3VyczpjYW5hcnktc2VjcmV0"  # ours:canary-secret


def _refused(status: int, why: str) -> bytes:
    body = {"message": "Said by Reddit", "error": status}
    return reply(body, status=status, WWW_Authenticate=f'Bearer realm="reddit", error="{why}"')


_SUSPENDED = {"id": "4nora", "name": "nora", "is_suspended": True}


class FakeReddit(Fake):
    """One person, u/nora, with two posts and a comment until a test adds more."""

    network = "reddit"
    target_id = "4nora"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_TOKEN, _ME, _POSTS),
        "refresh": (_TOKEN,),
        "read": (_ME, _POSTS, _COMMENTS),
    }
    signs = (
        Sign("a code used twice", "link", _TOKEN, reply({"error": "invalid_grant"}), Code.REVOKED),
        Sign("a wrong key of ours", "link", _TOKEN,
             reply({"message": "Unauthorized", "error": 401}, status=401), Code.APP_CONFIG),
        Sign("a way of asking it does not take", "link", _TOKEN,
             reply({"error": "unsupported_grant_type"}), Code.APP_CONFIG),
        Sign("a renewal after the person took it back", "refresh", _TOKEN,
             reply({"error": "invalid_grant"}, status=400), Code.REVOKED),
        Sign("a dead key", "read", _ME, _refused(401, "invalid_token"), Code.REVOKED),
        Sign("a permission that is missing", "read", _POSTS, _refused(403, "insufficient_scope"),
             Code.SCOPE_MISSING),
        Sign("a hidden account", "read", _POSTS,
             reply({"message": "Forbidden", "error": 403}, status=403), Code.GONE),
        Sign("a deleted account", "read", _POSTS,
             reply({"message": "Not Found", "error": 404}, status=404), Code.GONE),
        Sign("a suspended account", "read", _ME, reply(_SUSPENDED), Code.GONE),
        Sign("too many requests", "read", _COMMENTS,
             reply({}, status=429, X_Ratelimit_Remaining="0.0", X_Ratelimit_Reset="62"),
             Code.RATE_LIMITED),
        Sign("a page of the front door", "read", _ME,
             reply(raw=b"<h1>whoa there, pardner</h1>", kind="text/html", status=403),
             Code.TRANSIENT),
        Sign("trouble of its own", "read", _POSTS, reply({}, status=503), Code.TRANSIENT),
        Sign("an error nobody knows", "read", _POSTS, reply({}, status=418), Code.CONTRACT),
        Sign("something else than a list", "read", _POSTS, reply([]), Code.CONTRACT),
        Sign("somebody else's key", "read", _ME, reply({"id": "8otto", "name": "otto"}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.account: Made = {
            "id": "4nora",
            "name": "nora",
            "is_suspended": False,
            "total_karma": 4_000,
            "subreddit": {"display_name": "u_nora", "subscribers": 33},
        }
        self.alive = {"canary-token"}
        self.posts: list[Made] = []
        self.comments: list[Made] = []
        self.server.routes[_TOKEN] = self._token
        self.server.routes[_REVOKE] = self._revoke
        self.server.routes[_ME] = lambda asked: self._as_person(asked, self.account)
        self.server.routes[_POSTS] = lambda asked: self._list(asked, "t3", self.posts)
        self.server.routes[_COMMENTS] = lambda asked: self._list(asked, "t1", self.comments)
        self.post(days=2)
        self.post(days=9)
        self.comment(days=3)

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "reddit",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", self.server.url()), ("api", self.server.url("/oauth"))),
            options=(("contact", "nora_runs_this"),),
            site_url="https://klout.example.org",
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        return Access("canary-token", "4nora", refresh="canary-refresh")

    def post(self, *, days: float, **more: Any) -> Made:
        """Add a post made that many days ago, with ten votes of others."""
        number = len(self.posts)
        known = {
            "id": f"p{number}",
            "title": f"Post {number}",
            "permalink": f"/r/fields/comments/p{number}/post/",
            "num_comments": 4,
            "num_crossposts": 1,
            "hide_score": False,
            "subreddit_type": "public",
        }
        return self._add(self.posts, days, known | more)

    def comment(self, *, days: float, **more: Any) -> Made:
        """Add a comment under somebody else's post, with ten votes of others."""
        number = len(self.comments)
        known = {
            "id": f"c{number}",
            "body": f"Comment {number}",
            "permalink": f"/r/fields/comments/other/post/c{number}/",
            "link_id": "t3_other",
            "score_hidden": False,
        }
        return self._add(self.comments, days, known | more)

    def _add(self, things: list[Made], days: float, made: Made) -> Made:
        made = {
            "created_utc": float(int((self.now - timedelta(days=days)).timestamp())),
            "score": 11,
            "likes": True,
            "removed_by_category": None,
        } | made
        things.append(made)
        return made

    def _token(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != BASIC:
            return reply({"message": "Unauthorized", "error": 401}, status=401)
        said = {"token_type": "bearer", "expires_in": 86_400, "scope": "identity history read"}
        if asked.form["grant_type"] == "refresh_token":
            if asked.form["refresh_token"] != "canary-refresh":
                return reply({"error": "invalid_grant"}, status=400)
            self.alive.add("renewed-token")
            return reply(said | {"access_token": "renewed-token"})
        if asked.form.get("code") != self.code:
            return reply({"error": "invalid_grant"})
        return reply(said | {"access_token": "canary-token", "refresh_token": "canary-refresh"})

    def _revoke(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != BASIC:
            return reply({"message": "Unauthorized", "error": 401}, status=401)
        if asked.form == {"token": "canary-refresh", "token_type_hint": "refresh_token"}:
            self.alive.clear()
        return reply(raw=b"", status=204)

    def _as_person(self, asked: Asked, body: Made) -> bytes:
        if asked.headers.get("authorization") not in {f"Bearer {one}" for one in self.alive}:
            return _refused(401, "invalid_token")
        if "kloutsite" not in asked.headers.get("user-agent", ""):
            return reply({"message": "Too Many Requests", "error": 429}, status=429)
        return reply(body, X_Ratelimit_Remaining="597.0", X_Ratelimit_Reset="62")

    def _list(self, asked: Asked, kind: str, things: list[Made]) -> bytes:
        """Return a page of a list, in the order in which the test added things."""
        names = [f"{kind}_{thing['id']}" for thing in things]
        after = asked.query.get("after")
        start = names.index(after) + 1 if after in names else 0
        size = int(asked.query["limit"])
        children = [{"kind": kind, "data": thing} for thing in things[start : start + size]]
        more = names[start + size - 1] if start + size < len(things) else None
        return self._as_person(
            asked, {"kind": "Listing", "data": {"after": more, "children": children}}
        )
