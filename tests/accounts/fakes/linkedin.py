"""LinkedIn of our own: a member, pages with roles, posts with numbers, and introspection."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

ME = "782bbtaQ"
PAGE, OTHER = "urn:li:organization:2414183", "urn:li:organization:77"
TOKEN, INTROSPECT = "/oauth/v2/accessToken", "/oauth/v2/introspectToken"
REVOKE = "/oauth/v2/revoke"
WHO, ACLS, POSTS = "/v2/me", "/rest/organizationAcls", "/rest/posts"
SOCIAL, STATISTICS = "/rest/socialMetadata", "/rest/organizationalEntityShareStatistics"
PAGE_SCOPES = ("r_basicprofile", "r_organization_social", "rw_organization_admin")


def refusal(status: int, words: str, *, code: str = "", number: int = 0) -> bytes:
    """Return a refusal in LinkedIn's form."""
    body = {"status": status, "serviceErrorCode": number, "code": code, "message": words}
    return reply(body, status=status)


@dataclass
class Update:
    """A post of a page, with the numbers LinkedIn shows."""

    number: int
    at: datetime
    text: str = "We are hiring"
    kind: str = "share"
    reactions: int = 5
    comments: int = 2
    shares: int = 1
    author: str = PAGE
    visibility: str = "PUBLIC"
    state: str = "PUBLISHED"
    reshare: bool = False
    changed: datetime | None = None

    @property
    def urn(self) -> str:
        return f"urn:li:{self.kind}:{self.number}"


_DENIED = refusal(403, "Not enough permissions to access: GET", code="ACCESS_DENIED", number=100)
_REVOKED = refusal(
    401,
    "The token used in the request has been revoked by the user",
    code="REVOKED_ACCESS_TOKEN",
    number=65601,
)
_DAY = refusal(429, "Resource level throttle APPLICATION DAY limit for calls is reached.")


class FakeLinkedIn(Fake):
    """LinkedIn with one member who runs a page; `pages_on` is the operator's switch."""

    network = "linkedin"
    target_id = PAGE
    stages: ClassVar = {
        "link": (TOKEN, WHO, ACLS),
        "refresh": (TOKEN,),
        "read": (ACLS, POSTS, SOCIAL, STATISTICS),
    }
    signs = (
        Sign("taken back", "read", ACLS, _REVOKED, Code.REVOKED),
        Sign("taken back, by number alone", "read", ACLS, refusal(401, "-", number=65601),
             Code.REVOKED),
        Sign("ended", "read", ACLS,
             refusal(401, "The token has expired", code="EXPIRED_ACCESS_TOKEN", number=65602),
             Code.EXPIRED),
        Sign("ended, by number alone", "read", POSTS, refusal(401, "-", number=65602),
             Code.EXPIRED),
        Sign("no key in the question", "read", ACLS,
             refusal(401, "Empty oauth2_access_token", number=65600), Code.APP_CONFIG),
        Sign("another refusal of the key", "read", ACLS, refusal(401, "Invalid access token"),
             Code.REVOKED),
        Sign("the role is gone", "read", POSTS, _DENIED, Code.ROLE_LOST),
        Sign("not approved for pages", "link", ACLS, _DENIED, Code.APP_NOT_APPROVED),
        Sign("a field that may not be asked for", "read", STATISTICS,
             refusal(403, "Unpermitted fields present in PARAMETER"), Code.CONTRACT),
        Sign("a version that has ended", "read", ACLS,
             refusal(426, "Requested version 20240301 is not active", code="NONEXISTENT_VERSION"),
             Code.APP_CONFIG),
        Sign("gone", "read", POSTS, refusal(404, "Not Found"), Code.GONE),
        Sign("the day is used up", "read", POSTS, _DAY, Code.RATE_LIMITED),
        Sign("too fast", "read", POSTS, refusal(429, "Too many requests"), Code.RATE_LIMITED),
        Sign("trouble", "read", ACLS, refusal(500, "Internal Server Error"), Code.TRANSIENT),
        Sign("a web page", "read", ACLS, reply(raw=b"<h1>-</h1>", kind="text/html", status=403),
             Code.TRANSIENT),
        Sign("our key is wrong", "link", TOKEN,
             reply({"error": "invalid_client", "error_description": "Client authentication failed"},
                   status=401), Code.APP_CONFIG),
        Sign("an address that is not registered", "link", TOKEN,
             reply({"error": "invalid_request", "error_description": "redirect_uri mismatch"},
                   status=400), Code.APP_CONFIG),
        Sign("a used or old code", "link", TOKEN,
             reply({"error": "invalid_grant", "error_description": "authorization code expired"},
                   status=400), Code.REVOKED),
        Sign("no more renewal", "refresh", TOKEN,
             reply({"error": "invalid_grant", "error_description": "refresh token revoked"},
                   status=400), Code.REVOKED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.pages_on = True
        self.token, self.renews = "li-token-0", False
        self.elder: set[str] = set()  # keys of earlier sign-ins, which live on
        self.refresh_token = "li-refresh-0"
        self.status = "active"
        self.turns = 0
        self.scopes = PAGE_SCOPES
        self.roles: list[tuple[str, str]] = [(PAGE, "ADMINISTRATOR")]
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.updates = [Update(number, self.ago(number)) for number in (1, 2, 30)]
        self.followers = 219_145
        self.server.routes |= {
            TOKEN: self._token,
            INTROSPECT: self._introspect,
            REVOKE: self._revoke,
            WHO: self._me,
            "/v2/userinfo": self._userinfo,
            ACLS: self._acls,
            POSTS: self._posts,
            SOCIAL: self._social,
            STATISTICS: self._statistics,
        }
        for page in (PAGE, OTHER):
            name = page.rpartition(":")[2]
            self.server.routes |= {
                f"/rest/organizations/{name}": self._organisation,
                f"/rest/networkSizes/{page.replace(':', '%3A')}": self._size,
            }

    def ago(self, days: float) -> datetime:
        """Return a time so many days ago."""
        return self.now - timedelta(days=days)

    def config(self) -> Config:
        base = self.server.url()
        return Config(
            "linkedin",
            client_id="li-client",
            client_secret="li-secret",
            addresses=(("web", base), ("api", base)),
            options=(("version", "202608"), ("organisations", "on" if self.pages_on else "off")),
            site_url="http://127.0.0.1:8000",
        )

    def access(self) -> Access:
        return Access(
            token=self.token, account_id=ME, refresh=self.refresh_token, scopes=self.scopes
        )

    def _lives(self, token: str) -> bool:
        return token in {self.token, *self.elder}

    def _refusal(self, asked: Asked, *, rest: bool = True) -> bytes | None:
        if not self._lives(asked.headers.get("authorization", "").removeprefix("Bearer ")):
            return refusal(401, "Invalid access token", number=65600)
        if self.status == "revoked":
            return _REVOKED
        if self.status == "expired":
            return refusal(401, "The token has expired", code="EXPIRED_ACCESS_TOKEN")
        if rest and asked.headers.get("linkedin-version") != "202608":
            return refusal(426, "Requested version is not active", code="NONEXISTENT_VERSION")
        if rest and asked.headers.get("x-restli-protocol-version") != "2.0.0":
            return refusal(400, "Wrong protocol")
        return None

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        if (form.get("client_id"), form.get("client_secret")) != ("li-client", "li-secret"):
            return reply({"error": "invalid_client"}, status=401)
        if "code_verifier" in form:
            return reply({"error": "invalid_request"}, status=400)
        good = form.get("code") == self.code or form.get("refresh_token") == self.refresh_token
        if not good:
            return reply({"error": "invalid_grant"}, status=400)
        self.turns += 1
        if "code" in form:
            self.elder.add(self.token)
        self.token = f"li-token-{self.turns}"
        said: dict[str, Any] = {
            "access_token": self.token,
            "expires_in": 5_183_999,
            "scope": ",".join(self.scopes),
            "token_type": "Bearer",
        }
        if self.renews:
            said |= {"refresh_token": self.refresh_token, "refresh_token_expires_in": 31_536_000}
        return reply(said)

    def _introspect(self, asked: Asked) -> bytes:
        if asked.form.get("client_secret") != "li-secret":
            return reply({"error": "invalid_client"}, status=401)
        if not self._lives(asked.form.get("token", "")):
            return reply({"active": False})
        return reply(
            {
                "active": self.status == "active",
                "client_id": "li-client",
                "status": self.status,
                "authorized_at": int(self.ago(3).timestamp()),
                "created_at": int(self.ago(3).timestamp()),
                "expires_at": int((self.now + timedelta(days=57)).timestamp()),
                "scope": ",".join(self.scopes),
                "auth_type": "3L",
            }
        )

    def _revoke(self, asked: Asked) -> bytes:
        self.status = "revoked"
        return reply({})

    def _me(self, asked: Asked) -> bytes:
        said = {"id": ME, "localizedFirstName": "Nora", "localizedLastName": "Lindqvist"}
        return self._refusal(asked) or reply({**said, "vanityName": "nora-lindqvist"})

    def _userinfo(self, asked: Asked) -> bytes:
        said = {"sub": ME, "name": "Nora Lindqvist", "given_name": "Nora"}
        return self._refusal(asked, rest=False) or reply(
            {**said, "email": "victim@example.org", "email_verified": True}
        )

    def _acls(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked) or _not_a_finder(asked):
            return refused
        items = [
            {"role": role, "organization": page, "state": "APPROVED"} for page, role in self.roles
        ]
        return _listed(asked, items)

    def _organisation(self, asked: Asked) -> bytes:
        page = f"urn:li:organization:{asked.path.rpartition('/')[2]}"
        if (page, "ADMINISTRATOR") not in self.roles:
            return _DENIED
        return self._refusal(asked) or reply(
            {"localizedName": "Map Room Lisbon", "vanityName": "map-room"}
        )

    def _size(self, asked: Asked) -> bytes:
        if asked.query != {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}:
            return refusal(400, "Unknown edge")
        return self._refusal(asked) or reply({"firstDegreeSize": self.followers})

    def _posts(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked) or _not_a_finder(asked):
            return refused
        wanted = sorted(self.updates, key=lambda one: one.changed or one.at, reverse=True)
        return _listed(asked, [_update(one) for one in wanted], total=False)

    def _social(self, asked: Asked) -> bytes:
        wanted = _urns(asked.query["ids"])
        found = {one.urn: one for one in self.updates}
        results = {name: _reactions(found[name]) for name in wanted if name in found}
        return self._refusal(asked) or reply({"results": results, "statuses": {}, "errors": {}})

    def _statistics(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked) or _not_a_finder(asked):
            return refused
        shares, ugc = (_urns(asked.query.get(name, "List()")) for name in ("shares", "ugcPosts"))
        admin = (PAGE, "ADMINISTRATOR") in self.roles
        elements = [
            {
                "organizationalEntity": PAGE,
                "share" if one.urn in shares else "ugcPost": one.urn,
                "totalShareStatistics": {
                    "shareCount": one.shares if admin else 0,
                    "likeCount": one.reactions if admin else 0,
                    "commentCount": one.comments if admin else 0,
                    "engagement": 0.03,
                },
            }
            for one in self.updates
            if one.urn in {*shares, *ugc}
        ]
        return reply({"elements": elements, "paging": {"start": 0, "count": 10, "links": []}})


def _not_a_finder(asked: Asked) -> bytes | None:
    if asked.headers.get("x-restli-method") != "FINDER":
        return refusal(400, "Say which method")
    return None


def _listed(asked: Asked, items: list[dict[str, Any]], *, total: bool = True) -> bytes:
    start, count = int(asked.query["start"]), int(asked.query["count"])
    paging: dict[str, Any] = {"start": start, "count": count, "links": []}
    if total:
        paging["total"] = len(items)
    return reply({"paging": paging, "elements": items[start : start + count]})


def _urns(text: str) -> list[str]:
    return [unquote(one) for one in text.removeprefix("List(").removesuffix(")").split(",") if one]


def _update(one: Update) -> dict[str, Any]:
    made = int(one.at.timestamp() * 1_000)
    said: dict[str, Any] = {
        "id": one.urn,
        "author": one.author,
        "commentary": one.text,
        "createdAt": made,
        "publishedAt": made,
        "lastModifiedAt": int((one.changed or one.at).timestamp() * 1_000),
        "lifecycleState": one.state,
        "visibility": one.visibility,
    }
    return said | ({"reshareContext": {"parent": "urn:li:share:1"}} if one.reshare else {})


def _reactions(one: Update) -> dict[str, Any]:
    return {
        "entity": one.urn,
        "reactionSummaries": {
            "LIKE": {"reactionType": "LIKE", "count": one.reactions - 1},
            "PRAISE": {"reactionType": "PRAISE", "count": 1},
        },
        "commentSummary": {"count": one.comments, "topLevelCount": one.comments},
        "commentsState": "OPEN",
    }
