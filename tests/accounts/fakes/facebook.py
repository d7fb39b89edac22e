"""Facebook with one person, nora, and her pages, as its Graph API v25.0 answers.

Source: developers.facebook.com/docs/graph-api/reference.
"""

from typing import Any, ClassVar

from accounts.connectors.base import Access, Code
from accounts.connectors.meta import proof
from accounts.connectors.setup import SETUPS, Config
from tests.accounts.fakes.base import Sign
from tests.accounts.fakes.meta import Made, MetaFake, bearer, refusal
from tests.fault_server import Asked, reply

_TOKEN = "/v25.0/oauth/access_token"
_ME = "/v25.0/me"
_ALLOWED = "/v25.0/me/permissions"
_PAGES = "/v25.0/me/accounts"
_BUSINESSES = "/v25.0/me/businesses"
_PAGE = "/v25.0/501"
_POSTS = "/v25.0/501/published_posts"
_DEBUG = "/v25.0/debug_token"

ALL_TASKS = ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"]
SCOPES = tuple(SETUPS["facebook"].options["scopes"].split())
LONG, SHORT, PAGE = "canary-long", "canary-short", "canary-page"
_HEAVY = "Please reduce the amount of data you're asking for, then retry your request"
_NO_OBJECT = (
    "(#100) Object does not exist, cannot be loaded due to missing permission or reviewable feature"
)
_USED_UP = '{"501":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":22}]}'


class FakeFacebook(MetaFake):
    """One person, number 77 to this site, who runs the page 501 until a test adds more."""

    network = "facebook"
    target_id = "501"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_TOKEN, _ALLOWED, _ME, _PAGES),
        "refresh": (),
        "read": (_PAGE, _POSTS),
    }
    signs = (
        # The two ways to a key
        Sign("a code used twice", "link", _TOKEN,
             refusal(100, "This authorization code has been used.", sub=36009), Code.EXPIRED),
        Sign("a code too old", "link", _TOKEN,
             refusal(100, "This authorization code has expired.", sub=36007), Code.EXPIRED),
        Sign("a wrong secret of ours", "link", _TOKEN,
             refusal(1, "Error validating client secret."), Code.APP_CONFIG),
        Sign("an unknown app", "link", _TOKEN,
             refusal(101, "Error validating application. Invalid application ID."),
             Code.APP_CONFIG),
        Sign("another address of ours", "link", _TOKEN,
             refusal(100, "Error validating verification code. Please make sure your redirect_uri"
                     " is identical", sub=36008), Code.APP_CONFIG),
        Sign("a yes without a key", "link", _TOKEN, reply({"token_type": "bearer"}), Code.CONTRACT),
        Sign("a wrong proof", "link", _ME,
             refusal(100, "Invalid appsecret_proof provided in the API argument"), Code.APP_CONFIG),
        Sign("an app in development", "link", _ME,
             refusal(200, "Insufficient developer role", status=403), Code.APP_NOT_APPROVED),
        Sign("a list that this site may not have", "link", _PAGES,
             refusal(10, "(#10) This endpoint requires the 'pages_show_list' permission",
                     status=403), Code.APP_NOT_APPROVED),
        # The key
        Sign("a key past its life", "link", _PAGES, refusal(190, sub=463, status=401),
             Code.EXPIRED),
        Sign("a key past its life, in words", "link", _PAGES,
             refusal(190, "Error validating access token: Session has expired on Friday",
                     status=401), Code.EXPIRED),
        Sign("the person removed this site", "link", _PAGES, refusal(190, sub=458, status=401),
             Code.REVOKED),
        Sign("a changed password", "link", _PAGES, refusal(190, sub=460, status=401),
             Code.REVOKED),
        Sign("signed out everywhere", "link", _PAGES, refusal(190, sub=467, status=401),
             Code.REVOKED),
        Sign("a checkpoint", "link", _PAGES, refusal(190, sub=459, status=401), Code.REVOKED),
        Sign("an unconfirmed person", "link", _PAGES, refusal(190, sub=464, status=401),
             Code.REVOKED),
        Sign("a key for no reason", "link", _PAGES, refusal(190, status=401), Code.REVOKED),
        Sign("an ended session", "link", _PAGES, refusal(102, "Session key invalid"),
             Code.REVOKED),
        Sign("a page's key past its life", "read", _POSTS, refusal(190, sub=463), Code.EXPIRED),
        Sign("a page's key without a role", "read", _POSTS, refusal(190, sub=492),
             Code.ROLE_LOST),
        Sign("a page's key taken back", "read", _POSTS, refusal(190, sub=460), Code.REVOKED),
        # Rights: the permission and the role are there, so it is ours
        Sign("no permission", "read", _POSTS,
             refusal(200, "(#200) Requires pages_read_engagement permission", status=403),
             Code.APP_NOT_APPROVED),
        Sign("no capability", "read", _POSTS,
             refusal(3, "Application does not have the capability to make this API call."),
             Code.APP_NOT_APPROVED),
        Sign("a page that is not shown", "read", _PAGE, refusal(100, _NO_OBJECT, sub=33),
             Code.SOURCE_NOT_GRANTED),
        Sign("a page that is not shown, in words", "read", _PAGE, refusal(100, _NO_OBJECT),
             Code.SOURCE_NOT_GRANTED),
        Sign("an address nobody knows", "read", _PAGE, refusal(803, "Unknown alias", status=404),
             Code.GONE),
        Sign("blocked for a policy", "read", _POSTS, refusal(368, status=403), Code.GONE),
        # Limits come as 400 and 403
        Sign("the app's limit", "read", _POSTS, refusal(4, status=403), Code.RATE_LIMITED),
        Sign("the person's limit", "read", _POSTS, refusal(17), Code.RATE_LIMITED),
        Sign("the page's limit", "read", _POSTS, refusal(32, status=403), Code.RATE_LIMITED),
        Sign("a limit of a call", "read", _POSTS, refusal(613), Code.RATE_LIMITED),
        Sign("a limit of business use", "read", _POSTS, refusal(80001), Code.RATE_LIMITED),
        Sign("a limit of Instagram's use", "read", _POSTS, refusal(80002), Code.RATE_LIMITED),
        Sign("too many requests", "read", _POSTS, reply({}, status=429, Retry_After="90"),
             Code.RATE_LIMITED),
        # Trouble of theirs
        Sign("an unknown error", "read", _POSTS, refusal(1, status=500), Code.TRANSIENT),
        Sign("too much at once, however little", "read", _POSTS, refusal(1, _HEAVY, status=500),
             Code.TRANSIENT),
        Sign("a service that is down", "read", _POSTS, refusal(2, status=503), Code.TRANSIENT),
        Sign("trouble that passes", "read", _POSTS, refusal(100, is_transient=True),
             Code.TRANSIENT),
        Sign("a gateway", "read", _POSTS,
             reply(raw=b"<h1>Bad gateway</h1>", kind="text/html", status=502), Code.TRANSIENT),
        # What this site no longer understands
        Sign("a field that is gone", "read", _PAGE,
             refusal(100, "(#100) Tried accessing nonexisting field (fan_count) on node type"
                     " (Page)"), Code.CONTRACT),
        Sign("a call that is gone", "read", _PAGE, refusal(12, "(#12) deprecated"), Code.CONTRACT),
        Sign("a version that ended", "read", _PAGE,
             refusal(2635, "(#2635) You are calling a deprecated version"), Code.CONTRACT),
        Sign("an error nobody knows", "read", _POSTS, refusal(4711), Code.CONTRACT),
        Sign("another page's answer", "read", _PAGE, reply({"id": "502"}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.alive = {LONG}
        self.me: Made = {"id": "77", "name": "Nora Fields"}
        self.allowed: dict[str, str] = dict.fromkeys(SCOPES, "granted")
        self.debugged: Made = {
            "app_id": "ours", "type": "USER", "is_valid": True, "user_id": "77",
            "expires_at": 1_900_000_000, "data_access_expires_at": 1_800_000_000,
            "scopes": list(SCOPES), "granular_scopes": [{"scope": "pages_show_list"}],
        }  # fmt: skip
        self.pages: list[Made] = []
        self.businesses: list[Made] = []
        self.lists: dict[str, list[Made]] = {}
        self.removed: list[str] = []  # whose permissions were taken back
        self.heavy = 1_000  # a larger limit is too much at once
        routes = self.server.routes
        routes[_TOKEN] = self._token
        routes[_DEBUG] = self._debug
        routes["/v25.0/77/permissions"] = self._remove
        self.serve(_ME, lambda asked: self._proven(asked, self.me))
        self.serve(_ALLOWED, lambda asked: self._proven(asked, self._permissions()))
        self.serve(_PAGES, self._pages)
        self.serve(_BUSINESSES, lambda asked: self.paged(asked, self.businesses))
        self.page("501", "Map Room Lisbon", key=PAGE)
        self.post("501", "1", days=2, likes=12, comments=3, shares=2, message="Open on Sunday")
        self.post("501", "2", days=40, likes=5, comments=0)

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "facebook",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", self.server.url("/web")), ("api", self.server.url())),
            options=(("version", "v25.0"), ("scopes", " ".join(SCOPES))),
        )

    def access(self) -> Access:
        """Return an access to the page 501 that the fake accepts."""
        return Access(token=LONG, account_id="77", scopes=SCOPES, target_token=PAGE)

    def page(
        self, number: str, name: str, *, key: str = "", tasks: Any = ALL_TASKS, **more: Any
    ) -> Made:
        """Add a page to the person's own list; without `key` the role is too small for one."""
        made: Made = {"id": number, "name": name, "tasks": tasks, "followers_count": 6_120}
        made |= ({"access_token": key} if key else {}) | more
        self.pages.append(made)
        self.readable(made)
        return made

    def readable(self, page: Made) -> None:
        """Let a page and its posts be read with its own key, and with no other."""
        number, key = page["id"], page.get("access_token", "")
        posts = self.lists.setdefault(number, [])
        self.alive.add(key)
        shown = {name: page[name] for name in ("id", "name", "followers_count") if name in page}
        self.serve(f"/v25.0/{number}", lambda asked: self._of_page(asked, key, shown))
        self.serve(
            f"/v25.0/{number}/published_posts",
            lambda asked: self._posts(asked, key, posts),
        )

    def post(
        self, page: str, number: str, *, days: float, likes: int = 0, comments: int = 0,
        shares: int = 0, **more: Any,
    ) -> Made:  # fmt: skip
        """Add a post of a page; shares are missing where there are none, as they are there."""
        made = {
            "id": f"{page}_{number}",
            "created_time": self.written(days=days),
            "permalink_url": f"https://www.facebook.com/{page}/posts/{number}",
            "reactions": {"data": [], "summary": {"total_count": likes}},
            "comments": {"data": [], "summary": {"total_count": comments}},
            **({"shares": {"count": shares}} if shares else {}),
            **more,
        }
        self.lists[page].append(made)
        self.lists[page].sort(key=lambda post: str(post["created_time"]), reverse=True)
        return made

    def business(self, number: str, name: str, **edges: list[Made]) -> None:
        """Add a portfolio with `owned_pages` and `client_pages`."""
        self.businesses.append({"id": number, "name": name})
        for edge in ("owned_pages", "client_pages"):
            pages = edges.get(edge, [])
            for page in pages:
                self.readable(page)
            self.serve(
                f"/v25.0/{number}/{edge}", lambda asked, pages=pages: self.paged(asked, pages)
            )

    def instagram(self, page: Made, number: str, username: str, *media: Made) -> None:
        """Let a professional account belong to a page, and be read with the page's key alone."""
        shown = {"id": number, "username": username, "followers_count": 410}
        page["instagram_business_account"] = shown
        key = page.get("access_token", "")
        self.serve(f"/v25.0/{number}", lambda asked: self._of_page(asked, key, shown))
        self.serve(
            f"/v25.0/{number}/media",
            lambda asked: self._of_page(asked, key, {"data": list(media)}),
        )
        for item in media:
            number, shares = item["id"], item.pop("shares", 0)
            self.serve(
                f"/v25.0/{number}/insights",
                lambda asked, shares=shares: self.metrics(asked, {"shares": shares}),
            )

    def _pages(self, asked: Asked) -> bytes:
        """Return the fields that were asked for, as far as it matters here."""
        linked = "instagram_business_account"
        unasked = {linked} if linked not in asked.query["fields"] else set()
        rows = [
            {name: value for name, value in page.items() if name not in unasked}
            for page in self.pages
        ]
        return self.paged(asked, rows)

    def _permissions(self) -> Made:
        held = self.allowed.items()
        return {"data": [{"permission": name, "status": status} for name, status in held]}

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        if (form["client_id"], form["client_secret"]) != ("ours", "canary-secret"):
            return refusal(1, "Error validating client secret.")
        if form.get("grant_type") == "fb_exchange_token":
            if form["fb_exchange_token"] != SHORT:
                return refusal(190, sub=463, status=401)
            return reply({"access_token": LONG, "token_type": "bearer", "expires_in": 5_183_944})
        if form.get("code") != self.code:
            return refusal(100, "This authorization code has been used.", sub=36009)
        return reply({"access_token": SHORT, "token_type": "bearer", "expires_in": 5_000})

    def _debug(self, asked: Asked) -> bytes:
        if bearer(asked) != "ours|canary-secret":
            return refusal(190, "Invalid OAuth access token.", status=401)
        if asked.query["input_token"] in self.alive:
            return reply({"data": self.debugged})
        error = {"code": 190, "subcode": 463, "message": "Session has expired"}
        return reply({"data": {"is_valid": False, "error": error, "scopes": []}})

    def _remove(self, asked: Asked) -> bytes:
        if asked.method != "DELETE" or bearer(asked) not in self.alive:
            return refusal(190, sub=458, status=401)
        self.removed.append(bearer(asked))
        return reply({"success": True})

    def _proven(self, asked: Asked, body: Made) -> bytes:
        if asked.query.get("appsecret_proof") != proof(bearer(asked), "canary-secret"):
            return refusal(100, "Invalid appsecret_proof provided in the API argument")
        return self.said(body)

    def _of_page(self, asked: Asked, key: str, shown: Made) -> bytes:
        if bearer(asked) != key:
            return refusal(190, "This method must be called with a Page Access Token", status=400)
        return self._proven(asked, shown)

    def _posts(self, asked: Asked, key: str, posts: list[Made]) -> bytes:
        if bearer(asked) != key:
            return refusal(190, "This method must be called with a Page Access Token", status=400)
        if int(asked.query["limit"]) > self.heavy:
            return refusal(1, _HEAVY, status=500)
        if wrong := [name for name in self.retired if name in asked.query["fields"]]:
            return refusal(
                100,
                f"(#100) Tried accessing nonexisting field ({wrong[0]}) on node type (PagePost)",
            )
        return self.windowed(asked, posts, "created_time")
