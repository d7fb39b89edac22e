"""GitHub with one person, as its REST API of 2022-11-28 answers.

Source: docs.github.com/rest.
"""

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

_TOKEN = "/login/oauth/access_token"
_ABOUT = "/api/applications/ours/token"
_USER = "/api/user"
_REPOS = "/api/users/nora/repos"
_STARS = "/api/repos/nora/maps/stargazers"
_FORKS = "/api/repos/nora/maps/forks"


def _said(message: str, status: int, **headers: str) -> bytes:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return reply(body | {"status": str(status)}, status=status, **headers)


def _no_token(error: str) -> bytes:
    return reply({"error": error, "error_description": "Said by GitHub", "error_uri": "https://x"})


_SPENT = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "4000000000"}


class FakeGitHub(Fake):
    """One person, nora, number 7, with one repository until a test adds more."""

    network = "github"
    target_id = "7"
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (_TOKEN, _USER, _REPOS),
        "refresh": (_TOKEN,),
        "read": (_USER, _REPOS, _STARS, _FORKS),
    }
    signs = (
        Sign("a code used twice", "link", _TOKEN, _no_token("bad_verification_code"), Code.REVOKED),
        Sign("a wrong key of ours", "link", _TOKEN, _no_token("incorrect_client_credentials"),
             Code.APP_CONFIG),
        Sign("an unknown key of ours", "link", _TOKEN, _said("Not Found", 404), Code.APP_CONFIG),
        Sign("another address of ours", "link", _TOKEN, _no_token("redirect_uri_mismatch"),
             Code.APP_CONFIG),
        Sign("a suspended app", "link", _TOKEN, _no_token("application_suspended"),
             Code.APP_NOT_APPROVED),
        Sign("an unconfirmed address", "link", _TOKEN, _no_token("unverified_user_email"),
             Code.WRONG_ACCOUNT_TYPE),
        Sign("an error nobody knows", "link", _TOKEN, _no_token("tea_time"), Code.CONTRACT),
        Sign("a yes without a key", "link", _TOKEN, reply({"scope": ""}), Code.CONTRACT),
        Sign("a refused renewal", "refresh", _TOKEN, _no_token("bad_refresh_token"), Code.REVOKED),
        Sign("bad credentials", "read", _USER, _said("Bad credentials", 401), Code.REVOKED),
        Sign("the hourly limit", "read", _USER, _said("API rate limit exceeded", 403, **_SPENT),
             Code.RATE_LIMITED),
        Sign("too many at once", "read", _REPOS,
             _said("You have exceeded a secondary rate limit", 403, Retry_After="60"),
             Code.RATE_LIMITED),
        Sign("too many requests", "read", _USER, _said("Slow down", 429, **_SPENT),
             Code.RATE_LIMITED),
        Sign("a protected organisation", "read", _REPOS,
             _said("Resource protected by organization SAML enforcement.", 403),
             Code.SOURCE_NOT_GRANTED),
        Sign("an organisation that did not allow us", "read", _REPOS,
             _said("the organization has enabled OAuth App access restrictions", 403),
             Code.APP_NOT_APPROVED),
        Sign("a suspended person", "read", _USER, _said("Sorry. Your account was suspended.", 403),
             Code.GONE),
        Sign("a permission that is missing", "read", _REPOS,
             _said("Resource not accessible by integration", 403), Code.SCOPE_MISSING),
        Sign("a request without a name", "read", _USER,
             _said("Request forbidden by administrative rules.", 403), Code.APP_CONFIG),
        Sign("a deleted person", "read", _REPOS, _said("Not Found", 404), Code.GONE),
        Sign("a legal block", "read", _REPOS, _said("Repository access blocked", 451), Code.GONE),
        Sign("a version that ended", "read", _USER,
             _said("'2022-11-28' is not a supported version", 400), Code.APP_CONFIG),
        Sign("trouble of its own", "read", _STARS, _said("Server Error", 502), Code.TRANSIENT),
        Sign("a page of the front door", "read", _USER,
             reply(raw=b"<h1>Whoa there</h1>", kind="text/html", status=403), Code.TRANSIENT),
        Sign("an unknown refusal", "read", _STARS, _said("Validation Failed", 422), Code.CONTRACT),
        Sign("somebody else's key", "read", _USER, reply({"id": 8, "login": "otto"}),
             Code.SOURCE_NOT_GRANTED),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.account: Made = {
            "id": 7,
            "login": "nora",
            "name": "Nora Fields",
            "html_url": "https://github.com/nora",
            "type": "User",
            "followers": 41,
            "public_repos": 1,
        }
        self.tokens: Made = {"access_token": "canary-token", "scope": "", "token_type": "bearer"}
        self.alive = {"canary-token"}
        self.repos: list[Made] = []
        self.lists: dict[str, list[Made]] = {}
        self.server.routes[_TOKEN] = self._token
        self.server.routes[_ABOUT] = self._about
        self.server.routes[_USER] = lambda asked: self._as_person(asked, self.account)
        self.server.routes[_REPOS] = lambda asked: self._page(asked, self.repos)
        self.repo("maps", stars=[("11", 2), ("12", 5)], forks=[("13", 3)])

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        return Config(
            "github",
            client_id="ours",
            client_secret="canary-secret",
            addresses=(("web", self.server.url()), ("api", self.server.url("/api"))),
            options=(("version", "2022-11-28"),),
        )

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        return Access(token="canary-token", account_id="7", refresh="canary-refresh")

    def repo(
        self,
        name: str,
        *,
        days: int = 30,
        pushed: int = 1,
        stars: list[tuple[str, int]] | None = None,
        forks: list[tuple[str, int]] | None = None,
        issues: list[tuple[str, int]] | None = None,
        comments: list[tuple[str, int]] | None = None,
        **more: Any,
    ) -> Made:
        """Add a repository made `days` ago; acts are (who, how many days ago)."""
        base = f"/api/repos/nora/{name}"
        starred = sorted(stars or [], key=lambda one: -one[1])
        lists = {
            "stargazers": [{"starred_at": self.ago(at), "user": who(one)} for one, at in starred],
            "forks": self._acts(forks, "owner"),
            "issues": self._acts(issues, "user"),
            "issues/comments": self._acts(comments, "user"),
        }
        for each, items in lists.items():
            self.lists[f"{base}/{each}"] = items
            self.server.routes[f"{base}/{each}"] = lambda asked, items=items: self._page(
                asked, items
            )
        made = {
            "id": 1000 + len(self.repos),
            "name": name,
            "full_name": f"nora/{name}",
            "owner": {"id": 7, "login": "nora"},
            "private": False,
            "fork": False,
            "html_url": f"https://github.com/nora/{name}",
            "description": f"About {name}",
            "created_at": self.ago(days),
            "pushed_at": self.ago(pushed),
            "stargazers_count": len(starred),
            "forks_count": len(forks or []),
            "open_issues_count": 0,
        } | more
        self.repos.append(made)
        return made

    def ago(self, days: float) -> str:
        """Return the time that many days before the fake was made, as GitHub writes it."""
        return written(self.now - timedelta(days=days))

    def _acts(self, acts: list[tuple[str, int]] | None, key: str) -> list[Made]:
        newest_first = sorted(acts or [], key=lambda one: one[1])
        return [
            {"id": 50_000 + number, key: who(one), "created_at": self.ago(at)}
            for number, (one, at) in enumerate(newest_first)
        ]

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        if (form["client_id"], form["client_secret"]) != ("ours", "canary-secret"):
            return _no_token("incorrect_client_credentials")
        if form.get("grant_type") == "refresh_token":
            if form["refresh_token"] != "canary-refresh":
                return _no_token("bad_refresh_token")
        elif form.get("code") != self.code:
            return _no_token("bad_verification_code")
        return reply(self.tokens)

    def _about(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != "Basic b3VyczpjYW5hcnktc2VjcmV0":
            return _said("Bad credentials", 401)
        token = json.loads(asked.body)["access_token"]
        if token not in self.alive:
            return _said("Not Found", 404)
        if asked.method == "DELETE":
            self.alive.discard(token)
            return reply(raw=b"", status=204)
        return reply({"id": 1, "scopes": [], "token": token, "user": self.account})

    def _as_person(self, asked: Asked, body: Any, **headers: str) -> bytes:
        if asked.headers.get("authorization") not in {f"Bearer {one}" for one in self.alive}:
            return _said("Bad credentials", 401)
        if asked.headers.get("x-github-api-version") != "2022-11-28":
            return _said("not a supported version", 400)
        return reply(body, **headers)

    def _page(self, asked: Asked, items: list[Made]) -> bytes:
        """Return one page; the next link has the id in its path, as GitHub's have."""
        if asked.path.endswith("stargazers") and "star+json" not in asked.headers["accept"]:
            items = [item["user"] for item in items]
        size, page = int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
        following = self.server.url(f"/api/repositories/1/x?per_page={size}&page={page + 1}")
        more = {"Link": f'<{following}>; rel="next"'} if page * size < len(items) else {}
        return self._as_person(asked, items[(page - 1) * size : page * size], **more)


def who(number: str) -> Made:
    """Return somebody, as lists name them; a number that begins with "b" is a program."""
    kind = "Bot" if number.startswith("b") else "User"
    return {"id": int(number.strip("b")), "login": f"user{number}", "type": kind}


def written(at: datetime) -> str:
    """Return a time as GitHub writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
