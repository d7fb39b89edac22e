"""X of our own: posts, people, both vocabularies, rotating tokens, and a bill."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

ME = "1072250532645998596"
TWEETS = f"/2/users/{ME}/tweets"
TOKEN, REVOKE, WHO = "/2/oauth2/token", "/2/oauth2/revoke", "/2/users/me"
_PROBLEM = "https://api.x.com/2/problems/"


def problem(kind: str, detail: str, *, status: int = 403, **headers: str) -> bytes:
    """Return a refusal in X's form."""
    body = {"title": kind.title(), "detail": detail, "type": f"{_PROBLEM}{kind}", "status": status}
    return reply(body, status=status, kind="application/problem+json", **headers)


def unknown_name(name: str) -> bytes:
    """Return the 400 of an X that knows the parameter by its other name."""
    said = f"The query parameter [{name}] is not one of [id,max_results,expansions]"
    body = {
        "errors": [{"parameters": {name: ["created_at"]}, "message": said}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{_PROBLEM}invalid-request",
    }
    return reply(body, status=400, kind="application/problem+json")


_NOT_YOURS = "Sorry, you are not authorized to see the user."
_HIDDEN = {
    "errors": [
        {
            "resource_type": "user",
            "title": "Authorization Error",
            "detail": _NOT_YOURS,
            "type": f"{_PROBLEM}not-authorized-for-resource",
        }
    ]
}
_LIMIT = reply(
    {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429},
    status=429,
    kind="application/problem+json",
    x_rate_limit_remaining="0",
    x_rate_limit_reset="4102444800",
)
_INVALID = {
    "error": "invalid_request",
    "error_description": "Value passed for the token was invalid.",
}


@dataclass
class Tweet:
    """A post of somebody, with the counts X shows."""

    id: str
    at: datetime
    text: str = "Paper maps"
    author: str = ME
    likes: int = 3
    reposts: int = 0
    replies: int = 0
    quotes: int = 0
    refers: tuple[str, str] | None = None  # how ("replied_to", "quoted", "retweeted"), to what
    answers: str = ""  # id of the user it answers


@dataclass
class Bill:
    """What X would bill, object by object."""

    posts: int = 0
    users: int = 0

    @property
    def micro_dollars(self) -> int:
        return 5_000 * self.posts + 10_000 * self.users


class FakeX(Fake):
    """X with one person, `token` theirs now; `vocabulary` is the parameter it takes."""

    network = "x"
    target_id = ME
    stages = {
        "link": (TOKEN, WHO),
        "refresh": (TOKEN,),
        "read": (WHO, TWEETS),
    }
    signs = (
        Sign("a dead access", "read", WHO, problem("unauthorized", "Unauthorized", status=401),
             Code.EXPIRED),
        Sign("a used or revoked refresh token", "refresh", TOKEN, reply(_INVALID, status=400),
             Code.REVOKED),
        Sign("a grant that ended", "refresh", TOKEN, reply({"error": "invalid_grant"}, status=400),
             Code.REVOKED),
        Sign("our key is wrong", "link", TOKEN,
             reply({"error": "unauthorized_client"}, status=401), Code.APP_CONFIG),
        Sign("a code that is too old", "link", TOKEN, reply(_INVALID, status=400), Code.REVOKED),
        Sign("another kind of key", "read", WHO,
             problem("unsupported-authentication", "Authenticating with this is forbidden."),
             Code.APP_CONFIG),
        Sign("an app that is not enrolled", "link", WHO,
             problem("client-forbidden", "Client Forbidden"), Code.APP_NOT_APPROVED),
        Sign("not for us", "read", TWEETS,
             problem("not-authorized-for-resource", _NOT_YOURS), Code.GONE),
        Sign("not for us, said politely", "read", TWEETS, reply(_HIDDEN), Code.GONE),
        Sign("a permission is missing", "read", TWEETS,
             problem("forbidden", "You are not permitted: required OAuth scopes [tweet.read]."),
             Code.SCOPE_MISSING),
        Sign("nobody of that number", "read", TWEETS,
             problem("resource-not-found", "Not Found", status=404), Code.GONE),
        Sign("too fast", "read", TWEETS, _LIMIT, Code.RATE_LIMITED),
        Sign("the month is used up", "read", TWEETS,
             problem("usage-capped", "Usage cap exceeded: Monthly", status=429),
             Code.QUOTA_EXHAUSTED),
        Sign("the month is used up, as a refusal", "read", WHO,
             problem("usage-capped", "Usage cap exceeded: Monthly"), Code.QUOTA_EXHAUSTED),
        Sign("no credit left", "read", WHO, problem("credits", "Payment required", status=402),
             Code.QUOTA_EXHAUSTED),
        Sign("over capacity", "read", TWEETS,
             problem("service-unavailable", "Over capacity", status=503), Code.TRANSIENT),
        Sign("a name that neither of its vocabularies has", "read", TWEETS,
             problem("invalid-request", "Invalid Request", status=400), Code.CONTRACT),
        Sign("a web page", "read", TWEETS,
             reply(raw=b"<h1>Down</h1>", kind="text/html", status=403), Code.TRANSIENT),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.token, self.refresh_token = "x-token-0", "x-refresh-0"
        self.elder: set[str] = set()  # keys of earlier sign-ins, which live on
        self.others: dict[str, str] = {}  # token -> id, of people without posts
        self.turns = 0
        self.vocabulary = "tweet.fields"
        self.protected = False
        self.handle = "nora"
        self.tweets = [
            Tweet(f"17{number:017}", _hour() - timedelta(days=number + 1)) for number in range(3)
        ]
        self.passed_on: dict[str, list[str]] = {}  # post -> who reposted it
        self.quoted: dict[str, list[Tweet]] = {}
        self.problems: list[dict[str, str]] = []
        self.bill = Bill()
        self.server.routes |= {
            WHO: self._who,
            TWEETS: self._tweets,
            TOKEN: self._token,
            REVOKE: self._revoke,
        }

    def config(self) -> Config:
        base = self.server.url()
        return Config(
            "x",
            client_id="x-client",
            client_secret="x/secret",
            addresses=(("web", base), ("api", base)),
            options=(("fields", "tweet.fields"), ("daily_budget", "5.00")),
            site_url="http://127.0.0.1:8000",
        )

    def access(self) -> Access:
        return Access(
            token=self.token,
            account_id=ME,
            refresh=self.refresh_token,
            scopes=("tweet.read", "users.read", "offline.access"),
        )

    def join(self, number: int) -> Access:
        """Return the access of somebody else, who has no posts."""
        name = f"9{number:017}"
        self.others[f"token-of-{name}"] = name
        self.server.routes[f"/2/users/{name}/tweets"] = self._nothing
        return Access(token=f"token-of-{name}", account_id=name, refresh="never-used")

    def repost(self, tweet: Tweet, *people: str) -> None:
        """Have people pass a post on."""
        self.passed_on[tweet.id] = list(people)
        tweet.reposts = len(people)
        self.server.routes[f"/2/tweets/{tweet.id}/retweeted_by"] = self._retweeted_by

    def quote(self, tweet: Tweet, *quotes: Tweet) -> None:
        """Have people quote a post."""
        self.quoted[tweet.id] = list(quotes)
        tweet.quotes = len(quotes)
        self.server.routes[f"/2/tweets/{tweet.id}/quote_tweets"] = self._quote_tweets

    @property
    def _new_names(self) -> bool:
        return self.vocabulary == "post.fields"

    def _allowed(self, asked: Asked) -> bool:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return token in {self.token, *self.elder}

    def _who(self, asked: Asked) -> bytes:
        other = self.others.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if other is None and not self._allowed(asked):
            return problem("unauthorized", "Unauthorized", status=401)
        self.bill.users += 1
        return reply({"data": self._user(other or ME)})

    def _nothing(self, _asked: Asked) -> bytes:
        return reply({"meta": {"result_count": 0}})

    def _user(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "name": "Nora Lindqvist",
            "username": self.handle if name == ME else f"user{name}",
            "protected": self.protected and name == ME,
            "created_at": "2018-12-10T21:28:00.000Z",
            "public_metrics": {
                "followers_count": 214,
                "following_count": 3,
                "post_count" if self._new_names else "tweet_count": len(self.tweets),
                "listed_count": 7,
            },
        }

    def _tweets(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked, least=5):
            return refused
        since = datetime.fromisoformat(asked.query.get("start_time", "2006-03-21T00:00:00Z"))
        wanted = [each for each in self._newest_first() if each.at >= since]
        start = int(asked.query.get("pagination_token", "t0")[1:])
        size = int(asked.query["max_results"])
        page = wanted[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(wanted):
            meta["next_token"] = f"t{start + size}"
        return self.page(page, **meta)

    def _newest_first(self) -> list[Tweet]:
        hidden = {"retweeted"}
        listed = [each for each in self.tweets if not (each.refers and each.refers[0] in hidden)]
        return sorted(listed, key=lambda each: each.at, reverse=True)

    def page(self, tweets: list[Tweet], **meta: Any) -> bytes:
        """Return a page with exactly these posts, and bill for them."""
        self.bill.posts += len(tweets)
        body: dict[str, Any] = {"meta": meta}
        if tweets:
            body["data"] = [self._post(each) for each in tweets]
        if self.problems:
            body["errors"] = self.problems
        return reply(body)

    def _post(self, tweet: Tweet) -> dict[str, Any]:
        new = self._new_names
        said: dict[str, Any] = {
            "id": tweet.id,
            "author_id": tweet.author,
            "text": tweet.text,
            "lang": "en",
            "created_at": f"{tweet.at:%Y-%m-%dT%H:%M:%S.000Z}",
            "edit_history_post_ids" if new else "edit_history_tweet_ids": [tweet.id],
            "public_metrics": {
                "repost_count" if new else "retweet_count": tweet.reposts,
                "reply_count": tweet.replies,
                "like_count": tweet.likes,
                "quote_count": tweet.quotes,
                "bookmark_count": 0,
                "impression_count": 55,
            },
        }
        if tweet.refers:
            how, what = tweet.refers
            said["referenced_posts" if new else "referenced_tweets"] = [{"type": how, "id": what}]
        if tweet.answers:
            said["in_reply_to_user_id"] = tweet.answers
        return said

    def _refusal(self, asked: Asked, *, least: int) -> bytes | None:
        if not self._allowed(asked):
            return problem("unauthorized", "Unauthorized", status=401)
        other = "tweet.fields" if self._new_names else "post.fields"
        if other in asked.query:
            return unknown_name(other)
        if not least <= int(asked.query["max_results"]) <= 100:
            return problem("invalid-request", "max_results is out of range", status=400)
        return None

    def _retweeted_by(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked, least=1):
            return refused
        listed = self.passed_on[asked.path.split("/")[3]][: int(asked.query["max_results"])]
        self.bill.users += len(listed)
        return reply(
            {"data": [self._user(each) for each in listed], "meta": {"result_count": len(listed)}}
        )

    def _quote_tweets(self, asked: Asked) -> bytes:
        if refused := self._refusal(asked, least=10):
            return refused
        page = self.quoted[asked.path.split("/")[3]][: int(asked.query["max_results"])]
        self.bill.posts += len(page)
        self.bill.users += len(page)
        people = [self._user(each.author) for each in page]
        body = {"data": [self._post(each) for each in page], "includes": {"users": people}}
        return reply({**body, "meta": {"result_count": len(page)}})

    def _token(self, asked: Asked) -> bytes:
        if not _is_ours(asked):
            return reply({"error": "unauthorized_client"}, status=401)
        form = asked.form
        if form.get("grant_type") == "authorization_code":
            if form.get("code") != self.code or not form.get("code_verifier"):
                return reply(_INVALID, status=400)
        elif form.get("refresh_token") != self.refresh_token:
            return reply(_INVALID, status=400)
        self.turns += 1
        if "code" in form:
            self.elder.add(self.token)
        self.token, self.refresh_token = f"x-token-{self.turns}", f"x-refresh-{self.turns}"
        return reply(
            {
                "token_type": "bearer",
                "expires_in": 7200,
                "access_token": self.token,
                "scope": "users.read tweet.read offline.access",
                "refresh_token": self.refresh_token,
            }
        )

    def _revoke(self, asked: Asked) -> bytes:
        if not _is_ours(asked):
            return reply({"error": "unauthorized_client"}, status=401)
        if asked.form.get("token") not in {self.token, self.refresh_token}:
            return reply(_INVALID, status=400)
        name = "token" if asked.form["token"] == self.token else "refresh_token"
        setattr(self, name, "none")
        return reply({"revoked": True})


def _is_ours(asked: Asked) -> bool:
    pair = base64.b64encode(b"x-client:x%2Fsecret").decode()
    return asked.headers.get("authorization") == f"Basic {pair}"


def _hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
