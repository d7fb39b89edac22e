"""Threads: own posts with their numbers, which are kept apart and asked for post by post.

| what | from | permission |
|---|---|---|
| who it is | /me | threads_basic |
| posts, cut by timestamp | /me/threads | threads_basic |
| likes, replies, reposts, quotes | /{post}/insights | threads_manage_insights |
| followers | /me/threads_insights | threads_manage_insights |

Keys last 60 days and are prolonged. Errors: meta_errors.
Source: developers.facebook.com/docs/threads.
"""

from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import (
    Access,
    Code,
    ConnectorError,
    Identity,
    Kind,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.meta import Graph, LongLived, Metrics, unix
from accounts.connectors.meta_reading import Gathered, add_numbers, excerpt, not_allowed
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)

_PROFILE = "id,username,name"
_POST = "id,media_type,permalink,text,timestamp,is_reply"
_METRICS = {
    "likes": Kind.LIKE,
    "replies": Kind.REPLY,
    "reposts": Kind.REPOST,
    "quotes": Kind.QUOTE,
}
_INSIGHTS = "threads_manage_insights"
_RETIRED = marked("No longer told of the account: {names}.")
_REPOST = "REPOST_FACADE"  # somebody else's post, passed on


class Threads(LongLived):
    """The connector. See accounts.connectors.base.SignIn for what each method promises."""

    network = "threads"
    name = "Threads"
    reads = (
        "Your name and handle, and how many follow you.",
        "Your posts of the last 90 days, with likes, replies, reposts and quotes.",
    )
    cannot_read = (
        "Who liked, replied or reposted: we read numbers, never names.",
        "Replies to replies: Threads counts only those to the post itself.",
        "Numbers of more than 120 posts at once: the older ones take turns, day by day.",
    )
    consent_lasts = (
        "Until you take it back in Threads' settings, under website permissions; 90 days where "
        "your profile is private. Threads lets sites prolong it every 60 days, and unlinking here "
        "ends that."
    )
    scopes = ("threads_basic", _INSIGHTS)
    _kind = "th"

    @property
    def authorize_url(self) -> str:
        """The consent page."""
        return f"{self.config.url('web')}/oauth/authorize"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:  # noqa: ARG002
        """Return a key of 60 days for a code. Threads does not say which permissions it gave."""
        url = f"{self.config.url('api')}/oauth/access_token"
        return self.lengthen(self.exchange_code(url, code, redirect_uri, now=now), now=now)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for."""
        me = self._graph(access, now).get("/me", {"fields": _PROFILE})
        username = shapes.text(me, "username", 60)
        return Identity(
            uid=shapes.identifier(me, "id"),
            username=username,
            name=shapes.text(me, "name", 80),
            url=_address_of(username),
        )

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself, the only thing an access at Threads speaks for."""
        graph = self._graph(access, now)
        me = graph.get("/me", {"fields": _PROFILE})
        found = Gathered(since=now - WINDOW, now=now, when="timestamp", is_own=_is_own)
        query = {"fields": "id,media_type,timestamp", "since": unix(found.since), "limit": "100"}
        page = next(graph.pages("/me/threads", query, most=1))
        found.take(page)
        times = [at for _row, at in found.rows.values()]
        username = shapes.text(me, "username", 60)
        return (
            Target(
                external_id=shapes.identifier(me, "id"),
                kind="profile",
                title=f"@{username}" if username else shapes.text(me, "name", 80),
                url=_address_of(username),
                followers=_followers(graph, access, []),
                posts_90d=None if page.more else len(times),
                last_post_at=max(times, default=None),
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since`, and their numbers as far as the budget goes."""
        found = Gathered(since=since, now=now, when="timestamp", is_own=_is_own)
        graph = self._graph(access, now)
        progress(say("Reading the account"))
        if shapes.identifier(graph.get("/me", {"fields": "id"}), "id") != target_id:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED, say("This access speaks for another account.")
            )
        found.list_posts(graph, "/me/threads", _POST, progress)
        found.posts = {name: _post(row, at) for name, (row, at) in found.rows.items()}
        followers = None
        if _INSIGHTS in access.scopes:
            followers = _followers(graph, access, found.limited)
            add_numbers(found, graph, _METRICS, progress)
        else:
            found.limited.append(not_allowed([*_METRICS, "followers_count"]))
        return found.reading(graph, followers=followers)

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:  # noqa: ARG002
        """Return the newest posts with the numbers of now."""
        found = Gathered(since=now - WINDOW, now=now, when="timestamp", is_own=_is_own)
        graph = self._graph(access, now)
        found.take(next(graph.pages("/me/threads", {"fields": _POST, "limit": "20"}, most=1)))
        found.posts = {name: _post(row, at) for name, (row, at) in found.rows.items()}
        add_numbers(found, graph, _METRICS, lambda _said: None)
        return tuple(found.posts.values())

    def revoke(self, access: Access) -> None:  # noqa: ARG002
        """Refuse: Threads offers no call for it. The key ends by itself within 60 days."""
        raise ConnectorError(
            Code.CONTRACT,
            say("Threads has no way for a site to end its access. You can end it in its settings."),
        )

    def _graph(self, access: Access, now: datetime) -> Graph:
        base = f"{self.config.url('api')}/{self.config.option('version')}"
        return Graph(base, access.token, name=self.name, now=now)


def _is_own(row: Record) -> bool:
    return row.get("media_type") != _REPOST


def _followers(graph: Graph, access: Access, limited: list[str]) -> int | None:
    """Return how many follow the account, or None where that is not told."""
    if _INSIGHTS not in access.scopes:
        return None
    metrics = Metrics(["followers_count"], retired=_RETIRED)
    try:
        numbers = metrics.read(graph, "/me/threads_insights")
    except ConnectorError as error:
        if error.code is not Code.SCOPE_MISSING:
            raise
        limited.append(not_allowed(["followers_count"]))
        return None
    limited += metrics.limited
    return numbers.get("followers_count")


def _address_of(username: str) -> str:
    """Return the public page of an account, or "" where the name is none."""
    if not username.isascii() or not username.replace(".", "").replace("_", "").isalnum():
        return ""
    return f"https://www.threads.com/@{username}"


def _post(row: Record, at: datetime) -> Post:
    return Post(
        external_id=shapes.identifier(row, "id"),
        created_at=at,
        text=excerpt(row, "text"),
        url=shapes.link(row, "permalink"),
        kind="reply" if row.get("is_reply") is True else "original",
        counts=dict.fromkeys(_METRICS.values()),
    )
