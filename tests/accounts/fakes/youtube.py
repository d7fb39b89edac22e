"""Google's sign-in and the YouTube Data API v3 with one person and one channel.

Source: developers.google.com/youtube/v3/docs; developers.google.com/identity/protocols/oauth2.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

READONLY = "https://www.googleapis.com/auth/youtube.readonly"
_TOKEN = "/token"
_REVOKE = "/revoke"
_CHANNELS = "/youtube/v3/channels"
_UPLOADS = "/youtube/v3/playlistItems"
_VIDEOS = "/youtube/v3/videos"


def error(reason: str, status: int, *, domain: str = "youtube.channel", **more: Any) -> bytes:
    """Return a refusal as the API writes it."""
    listed = [{"domain": domain, "reason": reason, "message": "Said by YouTube"}]
    said = {"code": status, "message": "Said by YouTube", "errors": listed} | more
    return reply({"error": said}, status=status)


def _detailed(reason: str, status: int, word: str) -> bytes:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    said = {"code": status, "message": "Said by Google", "status": word, "details": [info]}
    return reply({"error": said}, status=status)


def _no_token(said: str, status: int = 400) -> bytes:
    words = {"error": said, "error_description": "Token has been expired or revoked."}
    return reply(words, status=status)


class FakeYouTube(Fake):
    """One channel, UC7, with two videos until a test adds more."""

    network = "youtube"
    target_id = "UC7"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_TOKEN, _CHANNELS, _UPLOADS),
        "refresh": (_TOKEN,),
        "read": (_CHANNELS, _UPLOADS, _VIDEOS),
    }
    signs = (
        Sign("a code used twice", "link", _TOKEN, _no_token("invalid_grant"), Code.REVOKED),
        Sign("a wrong key of ours", "link", _TOKEN, _no_token("invalid_client", 401),
             Code.APP_CONFIG),
        Sign("a deleted key of ours", "link", _TOKEN, _no_token("deleted_client", 401),
             Code.APP_CONFIG),
        Sign("another address of ours", "link", _TOKEN, _no_token("redirect_uri_mismatch"),
             Code.APP_CONFIG),
        Sign("an app that may not", "link", _TOKEN, _no_token("unauthorized_client"),
             Code.APP_NOT_APPROVED),
        Sign("a permission that was unticked", "link", _TOKEN,
             reply({"access_token": "canary-token", "scope": "openid"}), Code.SCOPE_MISSING),
        Sign("an account without a channel", "link", _CHANNELS,
             reply({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}),
             Code.NO_SOURCE),
        Sign("an account that never was at YouTube", "link", _CHANNELS,
             error("youtubeSignupRequired", 401), Code.NO_SOURCE),
        Sign("a renewal after the person took it back", "refresh", _TOKEN,
             _no_token("invalid_grant"), Code.REVOKED),
        Sign("the day's quota", "read", _CHANNELS,
             error("quotaExceeded", 403, domain="youtube.quota"), Code.QUOTA_EXHAUSTED),
        Sign("the day's quota, said otherwise", "read", _VIDEOS,
             error("dailyLimitExceeded", 403, domain="usageLimits"), Code.QUOTA_EXHAUSTED),
        Sign("the day's quota with 429", "read", _VIDEOS,
             error("quotaExceeded", 429, domain="youtube.quota"), Code.QUOTA_EXHAUSTED),
        Sign("too many at once", "read", _UPLOADS,
             error("rateLimitExceeded", 403, domain="usageLimits"), Code.RATE_LIMITED),
        Sign("too many of this person", "read", _UPLOADS,
             error("userRateLimitExceeded", 403, domain="usageLimits"), Code.RATE_LIMITED),
        Sign("too many without a reason", "read", _UPLOADS, reply({}, status=429),
             Code.RATE_LIMITED),
        Sign("a permission that is missing", "read", _CHANNELS,
             error("insufficientPermissions", 403), Code.SCOPE_MISSING),
        Sign("a permission that is missing, in details", "read", _CHANNELS,
             _detailed("ACCESS_TOKEN_SCOPE_INSUFFICIENT", 403, "PERMISSION_DENIED"),
             Code.SCOPE_MISSING),
        Sign("a dead key", "read", _CHANNELS, error("authError", 401), Code.REVOKED),
        Sign("a dead key, in one word", "read", _CHANNELS,
             _detailed("", 401, "UNAUTHENTICATED"), Code.REVOKED),
        Sign("a closed account", "read", _CHANNELS,
             error("authenticatedUserAccountClosed", 403), Code.GONE),
        Sign("a suspended account", "read", _CHANNELS,
             error("authenticatedUserAccountSuspended", 403), Code.GONE),
        Sign("a closed channel", "read", _CHANNELS, error("channelClosed", 403), Code.GONE),
        Sign("a suspended channel", "read", _CHANNELS, error("channelSuspended", 403), Code.GONE),
        Sign("an interface not switched on", "read", _CHANNELS,
             error("accessNotConfigured", 403, domain="usageLimits"), Code.APP_CONFIG),
        Sign("an interface not switched on, in details", "read", _CHANNELS,
             _detailed("SERVICE_DISABLED", 403, "PERMISSION_DENIED"), Code.APP_CONFIG),
        Sign("a key of ours that is none", "read", _CHANNELS,
             error("keyInvalid", 400, domain="usageLimits"), Code.APP_CONFIG),
        Sign("trouble of its own", "read", _VIDEOS, error("backendError", 503), Code.TRANSIENT),
        Sign("trouble without a reason", "read", _VIDEOS, reply({}, status=500), Code.TRANSIENT),
        Sign("an error nobody knows", "read", _VIDEOS, error("teaTime", 400), Code.CONTRACT),
        Sign("somebody else's key", "read", _CHANNELS, reply({"items": [{"id": "UC8"}]}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.channel: Made = {
            "id": "UC7",
            "snippet": {"title": "Nora's Fields", "customUrl": "@norasfields"},
            "statistics": {
                "viewCount": "33300",
                "subscriberCount": "1070",
                "hiddenSubscriberCount": False,
                "videoCount": "2",
            },
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU7"}},
        }
        self.scope = f"openid {READONLY}"
        self.alive = {"canary-token"}
        self.videos: list[Made] = []
        self.server.routes[_TOKEN] = self._token
        self.server.routes[_REVOKE] = self._revoke
        self.server.routes[_CHANNELS] = lambda asked: self._as_person(
            asked, {"items": [self.channel]}
        )
        self.server.routes[_UPLOADS] = self._uploads
        self.server.routes[_VIDEOS] = self._list
        self.video(days=2)
        self.video(days=9)

    def config(self, *, in_score: str = "off") -> Config:
        """Return the configuration that points at this fake."""
        at = self.server.url()
        return Config(
            "youtube",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", at), ("token", at), ("api", at)),
            options=(("in_score", in_score), ("daily_quota", "10000")),
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        return Access("canary-token", "UC7", scopes=(READONLY,), refresh="canary-refresh")

    def video(self, *, days: float, privacy: str = "public", **statistics: Any) -> Made:
        """Add a video that came out that many days ago; None takes a number away."""
        number = len(self.videos)
        known = {"viewCount": "100", "likeCount": "12", "commentCount": "3"} | statistics
        made = {
            "id": f"vid_{number}",
            "snippet": {
                "title": f"Video {number}",
                "publishedAt": self.ago(days),
                "defaultAudioLanguage": "en",
            },
            "statistics": {name: value for name, value in known.items() if value is not None},
            "status": {"privacyStatus": privacy},
        }
        self.videos.append(made)
        return made

    def ago(self, days: float) -> str:
        """Return the time that many days before the fake was made, as YouTube writes it."""
        return f"{self.now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        if (form.get("client_id"), form.get("client_secret")) != ("ours", "canary-secret"):
            return _no_token("invalid_client", 401)
        said = {"expires_in": 3_599, "scope": self.scope, "token_type": "Bearer"}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != "canary-refresh":
                return _no_token("invalid_grant")
            self.alive.add("renewed-token")
            return reply(said | {"access_token": "renewed-token"})
        if form.get("code") != self.code:
            return _no_token("invalid_grant")
        return reply(said | {"access_token": "canary-token", "refresh_token": "canary-refresh"})

    def _revoke(self, asked: Asked) -> bytes:
        if not self.alive or asked.form["token"] != "canary-refresh":
            return _no_token("invalid_token")
        self.alive.clear()
        return reply({})

    def _as_person(self, asked: Asked, body: Made) -> bytes:
        if asked.headers.get("authorization") not in {f"Bearer {one}" for one in self.alive}:
            return error("authError", 401, domain="global")
        return reply(body)

    def _uploads(self, asked: Asked) -> bytes:
        """Return a page of what was uploaded, in the order of the list of the test."""
        start, size = int(asked.query.get("pageToken", 0)), int(asked.query["maxResults"])
        page = self.videos[start : start + size]
        items = [
            {
                "contentDetails": {
                    "videoId": video["id"],
                    "videoPublishedAt": video["snippet"]["publishedAt"],
                }
            }
            for video in page
        ]
        more = {"nextPageToken": str(start + size)} if start + size < len(self.videos) else {}
        return self._as_person(asked, {"items": items} | more)

    def _list(self, asked: Asked) -> bytes:
        wanted = asked.query["id"].split(",")
        if len(wanted) > 50:
            return error("invalidFilters", 400)
        items = [video for video in self.videos if video["id"] in wanted]
        return self._as_person(asked, {"items": items})
