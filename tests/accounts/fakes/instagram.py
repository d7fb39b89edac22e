"""Instagram with one professional account, as its API with Instagram login answers.

Source: developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login.
"""

from typing import Any, ClassVar

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Sign
from tests.accounts.fakes.meta import Made, MetaFake, bearer, refusal
from tests.fault_server import Asked, reply

_CODE = "/token/oauth/access_token"
_LONG = "/access_token"
_REFRESH = "/refresh_access_token"
_ME = "/v25.0/me"
_MEDIA = "/v25.0/me/media"
_NUMBERS = "/v25.0/m1/insights"

SCOPES = ("instagram_business_basic", "instagram_business_manage_insights")
LONG, SHORT, LONGER = "canary-long", "canary-short", "canary-longer"


def flat(message: str, status: int = 400) -> bytes:
    """Return an error of the token address, which has a shape of its own."""
    body = {"error_type": "OAuthException", "code": status, "error_message": message}
    return reply(body, status=status)


class FakeInstagram(MetaFake):
    """One account, @nora.maps: number 17841 to everybody, 990 to this site alone."""

    network = "instagram"
    target_id = "17841"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_CODE, _LONG, _ME, _MEDIA),
        "refresh": (_REFRESH,),
        "read": (_ME, _MEDIA, _NUMBERS),
    }
    signs = (
        Sign("a code used twice", "link", _CODE, flat("This authorization code has been used"),
             Code.EXPIRED),
        Sign("a wrong key of ours", "link", _CODE, flat("Invalid platform app"), Code.APP_CONFIG),
        Sign("a wrong secret of ours", "link", _CODE, flat("Error validating client secret"),
             Code.APP_CONFIG),
        Sign("another address of ours", "link", _CODE,
             flat("Error validating verification code. Please make sure your redirect_uri is"
                  " identical"), Code.APP_CONFIG),
        Sign("somebody who may not test the app", "link", _CODE,
             flat("Insufficient Developer Role"), Code.APP_NOT_APPROVED),
        Sign("a yes without a key", "link", _LONG, reply({"token_type": "bearer"}), Code.CONTRACT),
        Sign("a personal account", "link", _ME,
             reply({"id": "990", "user_id": "17841", "account_type": "PERSONAL"}),
             Code.WRONG_ACCOUNT_TYPE),
        Sign("a personal account, in words", "link", _ME,
             refusal(100, "(#100) The user is not an Instagram Business account"),
             Code.WRONG_ACCOUNT_TYPE),
        Sign("a refused renewal", "refresh", _REFRESH,
             refusal(190, "Error validating access token"), Code.REVOKED),
        Sign("a renewal past the end", "refresh", _REFRESH,
             refusal(190, "Error validating access token: Session has expired", sub=463),
             Code.EXPIRED),
        Sign("a key that was taken back", "read", _ME,
             refusal(190, "Error validating access token", status=401), Code.REVOKED),
        Sign("a key past its life", "read", _MEDIA,
             refusal(190, "Error validating access token: Session has expired", status=401),
             Code.EXPIRED),
        Sign("no permission", "read", _MEDIA,
             refusal(10, "(#10) Application does not have permission for this action"),
             Code.SCOPE_MISSING),
        Sign("an account that is not shown", "read", _ME,
             refusal(100, "Unsupported get request.", sub=33), Code.SOURCE_NOT_GRANTED),
        Sign("the app's limit", "read", _MEDIA, refusal(4, status=403), Code.RATE_LIMITED),
        Sign("the limit of business use", "read", _MEDIA, refusal(80002), Code.RATE_LIMITED),
        Sign("trouble of its own", "read", _MEDIA, refusal(2, status=500), Code.TRANSIENT),
        Sign("trouble with the numbers", "read", _NUMBERS, refusal(1, status=500),
             Code.TRANSIENT),
        Sign("a blocked account", "read", _MEDIA, refusal(368), Code.GONE),
        Sign("a field that is gone", "read", _MEDIA,
             refusal(100, "(#100) Tried accessing nonexisting field (caption)"), Code.CONTRACT),
        Sign("another account's answer", "read", _ME,
             reply({"id": "991", "user_id": "17842", "username": "otto"}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.alive = {LONG, LONGER}
        self.me: Made = {
            "id": "990", "user_id": "17841", "username": "nora.maps", "name": "Nora Fields",
            "account_type": "MEDIA_CREATOR", "followers_count": 410,
        }  # fmt: skip
        self.permissions: Any = list(SCOPES)
        self.wrapped = True  # the answer to a code comes in two forms
        self.media: list[Made] = []
        routes = self.server.routes
        routes[_CODE] = self._code
        routes[_LONG] = lambda asked: self._long(asked, "ig_exchange_token", SHORT, LONG)
        routes[_REFRESH] = lambda asked: self._long(asked, "ig_refresh_token", LONG, LONGER)
        self.serve(_ME, lambda asked: self.said(self.me))
        self.serve(_MEDIA, lambda asked: self.windowed(asked, self.media, "timestamp"))
        self.item("m1", days=2, likes=30, comments=4, shares=5)
        self.item("m2", days=30, likes=9, comments=0, shares=0, media_product_type="REELS")

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "instagram",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(
                ("web", self.server.url("/web")),
                ("token", self.server.url("/token")),
                ("api", self.server.url()),
            ),
            options=(("version", "v25.0"),),
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        return Access(token=LONG, account_id="17841", scopes=SCOPES, refresh=LONG)

    def item(
        self, number: str, *, days: float, likes: int | None, comments: int = 0, shares: int = 0,
        **more: Any,
    ) -> Made:  # fmt: skip
        """Add a post; without `likes` its owner hides them."""
        made = {
            "id": number,
            "caption": f"Post {number}",
            "media_product_type": "FEED",
            "permalink": f"https://www.instagram.com/p/{number}/",
            "timestamp": self.written(days=days),
            "comments_count": comments,
            **({} if likes is None else {"like_count": likes}),
            **more,
        }
        self.media.append(made)
        self.media.sort(key=lambda item: str(item["timestamp"]), reverse=True)
        self.serve(
            f"/v25.0/{number}/insights", lambda asked: self.metrics(asked, {"shares": shares})
        )
        return made

    def _code(self, asked: Asked) -> bytes:
        form = asked.form
        if (form["client_id"], form["client_secret"]) != ("ours", "canary-secret"):
            return flat("Invalid platform app")
        if form["code"] != self.code:
            return flat("This authorization code has been used")
        given = {"access_token": SHORT, "user_id": 990, "permissions": self.permissions}
        return reply({"data": [given]} if self.wrapped else given)

    def _long(self, asked: Asked, kind: str, old: str, new: str) -> bytes:
        if asked.query["grant_type"] != kind or bearer(asked) != old:
            return refusal(190, "Error validating access token")
        if kind == "ig_exchange_token" and asked.query["client_secret"] != "canary-secret":
            return refusal(1, "Error validating client secret.")
        return reply({"access_token": new, "token_type": "bearer", "expires_in": 5_183_944})
