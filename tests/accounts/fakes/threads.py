"""Threads with one account, as its API v1.0 answers.

Source: developers.facebook.com/docs/threads.
"""

from typing import Any, ClassVar

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Sign
from tests.accounts.fakes.meta import Made, MetaFake, bearer, refusal
from tests.fault_server import Asked, reply

_CODE = "/oauth/access_token"
_LONG = "/access_token"
_REFRESH = "/refresh_access_token"
_ME = "/v1.0/me"
_POSTS = "/v1.0/me/threads"
_ACCOUNT = "/v1.0/me/threads_insights"
_NUMBERS = "/v1.0/t1/insights"

SCOPES = ("threads_basic", "threads_manage_insights")
LONG, SHORT, LONGER = "canary-long", "canary-short", "canary-longer"


class FakeThreads(MetaFake):
    """One account, @nora, number 24007."""

    network = "threads"
    target_id = "24007"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_CODE, _LONG, _ME, _POSTS),
        "refresh": (_REFRESH,),
        "read": (_ME, _POSTS, _ACCOUNT, _NUMBERS),
    }
    signs = (
        Sign("a code used twice", "link", _CODE,
             refusal(100, "This authorization code has been used.", sub=36009), Code.EXPIRED),
        Sign("a wrong secret of ours", "link", _CODE,
             refusal(1, "Error validating client secret."), Code.APP_CONFIG),
        Sign("another address of ours", "link", _CODE,
             refusal(191, "redirect_uri isn't an absolute URI"), Code.APP_CONFIG),
        Sign("an invitation that was not accepted", "link", _ME,
             refusal(10, "The user is not a tester of this app and has not accepted the invite"),
             Code.APP_NOT_APPROVED),
        Sign("a yes without a key", "link", _LONG, reply({"token_type": "bearer"}), Code.CONTRACT),
        Sign("a refused renewal", "refresh", _REFRESH,
             refusal(190, "Error validating access token"), Code.REVOKED),
        Sign("a renewal past the end", "refresh", _REFRESH,
             refusal(190, "Error validating access token: Session has expired", sub=463),
             Code.EXPIRED),
        Sign("a key that was taken back", "read", _ME,
             refusal(190, "Error validating access token", status=401), Code.REVOKED),
        Sign("a private profile after 90 days", "read", _POSTS,
             refusal(10, "(#10) Application does not have permission for this action"),
             Code.SCOPE_MISSING),
        Sign("the app's limit", "read", _POSTS, refusal(4, status=403), Code.RATE_LIMITED),
        Sign("the limit of the account's numbers", "read", _ACCOUNT, refusal(80002),
             Code.RATE_LIMITED),
        Sign("trouble of its own", "read", _POSTS, refusal(2, status=500), Code.TRANSIENT),
        Sign("trouble with the numbers", "read", _NUMBERS, refusal(1, status=500),
             Code.TRANSIENT),
        Sign("a blocked account", "read", _POSTS, refusal(368), Code.GONE),
        Sign("a field that is gone", "read", _POSTS,
             refusal(100, "(#100) Tried accessing nonexisting field (text)"), Code.CONTRACT),
        Sign("another account's answer", "read", _ME, reply({"id": "24008"}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.alive = {LONG, LONGER}
        self.me: Made = {"id": "24007", "username": "nora", "name": "Nora Fields"}
        self.posts: list[Made] = []
        self.account = {"followers_count": 88}
        routes = self.server.routes
        routes[_CODE] = self._code
        routes[_LONG] = lambda asked: self._long(asked, "th_exchange_token", SHORT, LONG)
        routes[_REFRESH] = lambda asked: self._long(asked, "th_refresh_token", LONG, LONGER)
        self.serve(_ME, lambda asked: self.said(self.me))
        self.serve(_POSTS, lambda asked: self.windowed(asked, self.posts, "timestamp"))
        self.serve(_ACCOUNT, lambda asked: self.metrics(asked, self.account, total=True))
        self.post("t1", days=1, likes=7, replies=2, reposts=1, quotes=1)
        self.post("t2", days=50, likes=3)

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "threads",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", self.server.url("/web")), ("api", self.server.url())),
            options=(("version", "v1.0"),),
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        return Access(token=LONG, account_id="24007", scopes=SCOPES, refresh=LONG)

    def post(
        self, number: str, *, days: float, likes: int = 0, replies: int = 0, reposts: int = 0,
        quotes: int = 0, **more: Any,
    ) -> Made:  # fmt: skip
        """Add a post; its numbers are kept elsewhere, as they are there."""
        made = {
            "id": number,
            "media_type": "TEXT_POST",
            "permalink": f"https://www.threads.com/@nora/post/{number}",
            "text": f"Post {number}",
            "timestamp": self.written(days=days),
            "is_reply": False,
            **more,
        }
        self.posts.append(made)
        self.posts.sort(key=lambda item: str(item["timestamp"]), reverse=True)
        numbers = {"likes": likes, "replies": replies, "reposts": reposts, "quotes": quotes}
        self.serve(f"/v1.0/{number}/insights", lambda asked: self.metrics(asked, numbers))
        return made

    def _code(self, asked: Asked) -> bytes:
        form = asked.form
        if (form["client_id"], form["client_secret"]) != ("ours", "canary-secret"):
            return refusal(1, "Error validating client secret.")
        if form["code"] != self.code:
            return refusal(100, "This authorization code has been used.", sub=36009)
        return reply({"access_token": SHORT, "user_id": 24007})

    def _long(self, asked: Asked, kind: str, old: str, new: str) -> bytes:
        if asked.query["grant_type"] != kind or bearer(asked) != old:
            return refusal(190, "Error validating access token")
        if kind == "th_exchange_token" and asked.query["client_secret"] != "canary-secret":
            return refusal(1, "Error validating client secret.")
        return reply({"access_token": new, "token_type": "bearer", "expires_in": 5_183_944})
