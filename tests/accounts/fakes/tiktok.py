"""TikTok with one person, as Login Kit and the Display API v2 answer.

Source: developers.tiktok.com/doc.
"""

import json
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

_TOKEN = "/v2/oauth/token/"
_REVOKE = "/v2/oauth/revoke/"
_USER = "/v2/user/info/"
_VIDEOS = "/v2/video/list/"
SCOPES = ("user.info.basic", "user.info.profile", "user.info.stats", "video.list")
_NEEDS = {
    "open_id": "user.info.basic",
    "display_name": "user.info.basic",
    "username": "user.info.profile",
    "profile_deep_link": "user.info.profile",
    "follower_count": "user.info.stats",
}


def _error(code: str, status: int, message: str = "Said by TikTok") -> bytes:
    return reply(
        {"data": {}, "error": {"code": code, "message": message, "log_id": "1"}}, status=status
    )


def _no_token(error: str, status: int = 400) -> bytes:
    said = {"error": error, "error_description": "Said by TikTok", "log_id": "1"}
    return reply(said, status=status)


class FakeTikTok(Fake):
    """One person whose `open_id` is "open-7", with two videos until a test adds more."""

    network = "tiktok"
    target_id = "open-7"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_TOKEN, _USER, _VIDEOS),
        "refresh": (_TOKEN,),
        "read": (_USER, _VIDEOS),
    }
    signs = (
        Sign("a code used twice", "link", _TOKEN, _no_token("invalid_grant"), Code.REVOKED),
        Sign("a refusal that comes as 200", "link", _TOKEN, _no_token("invalid_grant", 200),
             Code.REVOKED),
        Sign("a wrong key of ours", "link", _TOKEN, _no_token("invalid_client", 401),
             Code.APP_CONFIG),
        Sign("a request it does not accept", "link", _TOKEN, _no_token("invalid_request"),
             Code.APP_CONFIG),
        Sign("an app without review", "link", _TOKEN, _no_token("unauthorized_client"),
             Code.APP_NOT_APPROVED),
        Sign("a permission the app may not ask for", "link", _TOKEN, _no_token("invalid_scope"),
             Code.APP_NOT_APPROVED),
        Sign("a yes without a key", "link", _TOKEN, reply({"open_id": "open-7"}), Code.CONTRACT),
        Sign("a yes without a person", "link", _TOKEN, reply({"access_token": "t"}),
             Code.CONTRACT),
        Sign("a renewal after the person took it back", "refresh", _TOKEN,
             _no_token("invalid_grant"), Code.REVOKED),
        Sign("a key that ended", "read", _USER, _error("access_token_expired", 401), Code.EXPIRED),
        Sign("a dead key", "read", _USER, _error("access_token_invalid", 401), Code.REVOKED),
        Sign("a dead key that comes as 200", "read", _VIDEOS, _error("access_token_invalid", 200),
             Code.REVOKED),
        Sign("a permission that is missing", "read", _VIDEOS, _error("scope_not_authorized", 401),
             Code.SCOPE_MISSING),
        Sign("a permission never asked for", "read", _VIDEOS,
             _error("scope_permission_missed", 400), Code.SCOPE_MISSING),
        Sign("too many requests", "read", _VIDEOS, _error("rate_limit_exceeded", 429),
             Code.RATE_LIMITED),
        Sign("too many requests that come as 200", "read", _VIDEOS,
             _error("rate_limit_exceeded", 200), Code.RATE_LIMITED),
        Sign("a field it does not know", "read", _VIDEOS, _error("invalid_params", 400),
             Code.CONTRACT),
        Sign("trouble of its own", "read", _USER, _error("internal_error", 500), Code.TRANSIENT),
        Sign("trouble that comes as 200", "read", _USER, _error("internal_error", 200),
             Code.TRANSIENT),
        Sign("an error nobody knows", "read", _USER, _error("tea_time", 400), Code.CONTRACT),
        Sign("a page of the front door", "read", _USER,
             reply(raw=b"<h1>Wait</h1>", kind="text/html", status=403), Code.TRANSIENT),
        Sign("somebody else's key", "read", _USER,
             reply({"data": {"user": {"open_id": "open-8"}}, "error": {"code": "ok"}}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.account: Made = {
            "open_id": "open-7",
            "display_name": "Nora Fields",
            "username": "nora",
            "profile_deep_link": "https://vm.tiktok.com/nora",
            "follower_count": 1_200,
        }
        self.ticked = SCOPES
        self.alive = {"canary-token"}
        self.refresh = "canary-refresh"
        self.rotated = 0
        self.videos: list[Made] = []
        self.server.routes[_TOKEN] = self._token
        self.server.routes[_REVOKE] = self._revoke
        self.server.routes[_USER] = self._user
        self.server.routes[_VIDEOS] = self._list
        self.video(days=2)
        self.video(days=9)

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "tiktok",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", self.server.url()), ("api", self.server.url())),
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        token = next(iter(self.alive), "canary-token")
        return Access(token, "open-7", scopes=self.ticked, refresh=self.refresh)

    def video(self, *, days: float, **more: Any) -> Made:
        """Add a public video made that many days ago."""
        made = {
            "id": f"7{len(self.videos):018}",
            "create_time": int((self.now - timedelta(days=days)).timestamp()),
            "title": f"Video {len(self.videos)}",
            "video_description": "#fields",
            "share_url": f"https://www.tiktok.com/@nora/video/{len(self.videos)}",
            "like_count": 10,
            "comment_count": 2,
            "share_count": 1,
        } | more
        self.videos.append(made)
        return made

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        if (form.get("client_key"), form.get("client_secret")) != ("ours", "canary-secret"):
            return _no_token("invalid_client", 401)
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh:
                return _no_token("invalid_grant")
            self.rotated += 1
            self.refresh, self.alive = f"refresh-{self.rotated}", {f"token-{self.rotated}"}
        elif form.get("code") != self.code:
            return _no_token("invalid_grant")
        (token,) = self.alive
        return reply(
            {
                "access_token": token,
                "expires_in": 86_400,
                "open_id": "open-7",
                "refresh_expires_in": 31_536_000,
                "refresh_token": self.refresh,
                "scope": ",".join(self.ticked),
                "token_type": "Bearer",
            }
        )

    def _revoke(self, asked: Asked) -> bytes:
        if (asked.form.get("client_key"), asked.form.get("token")) != ("ours", "canary-token"):
            return _error("access_token_invalid", 401)
        self.alive.clear()
        return reply({})

    def _refusal(self, asked: Asked, *scopes: str) -> bytes | None:
        if asked.headers.get("authorization") not in {f"Bearer {one}" for one in self.alive}:
            return _error("access_token_invalid", 401)
        if not set(scopes) <= set(self.ticked):
            return _error("scope_not_authorized", 401)
        return None

    def _user(self, asked: Asked) -> bytes:
        fields = asked.query["fields"].split(",")
        said = {name: self.account.get(name) for name in fields}
        refused = self._refusal(asked, *(_NEEDS[name] for name in fields))
        return refused or reply({"data": {"user": said}, "error": {"code": "ok", "log_id": "1"}})

    def _list(self, asked: Asked) -> bytes:
        """Return a page, newest first; the cursor is a time in milliseconds."""
        wanted = json.loads(asked.body)
        before = wanted.get("cursor", 10**15)
        older = [each for each in self.videos if each["create_time"] * 1_000 < before]
        older.sort(key=lambda each: -each["create_time"])
        page = older[: wanted["max_count"]]
        cursor = page[-1]["create_time"] * 1_000 if page else before
        data = {"videos": page, "cursor": cursor, "has_more": len(older) > len(page)}
        refused = self._refusal(asked, "video.list")
        return refused or reply({"data": data, "error": {"code": "ok", "log_id": "1"}})
