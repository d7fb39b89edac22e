"""Instagram professional accounts, by their own sign-in or through the page they belong to.

| what | from | permission |
|---|---|---|
| who it is, followers | /me, /{id} | instagram_business_basic; through Facebook instagram_basic |
| posts, likes, comments, cut by timestamp | /{id}/media | the same |
| shares | /{post}/insights | instagram_business_manage_insights; instagram_manage_insights |

Both roads name the account by the same id, so that it counts once. Keys of its own sign-in are
prolonged; through Facebook the page's key is used. Errors: meta_errors.
Source: developers.facebook.com/docs/instagram-platform.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.connectors import facebook_causes, shapes
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
from accounts.connectors.facebook_app import App
from accounts.connectors.facebook_pages import instagram_address
from accounts.connectors.meta import Graph, LongLived, scopes_of, unix
from accounts.connectors.meta_reading import Gathered, add_numbers, excerpt, not_allowed
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import say

WINDOW = timedelta(days=90)

_PROFILE = "id,user_id,username,name,account_type,followers_count"
_THROUGH_FACEBOOK = "id,username,name,followers_count"
_POST = "id,caption,media_product_type,permalink,timestamp,like_count,comments_count"
# Numbers that the list of posts does not hold; a story has none after a day.
_METRICS = {"shares": Kind.REPOST}
_INSIGHTS = frozenset({"instagram_business_manage_insights", "instagram_manage_insights"})


class Instagram(LongLived):
    """The connector. See accounts.connectors.base.SignIn for what each method promises.

    Made with Facebook's configuration it reads accounts through their pages.
    """

    network = "instagram"
    name = "Instagram"
    reads = (
        "Your name and handle, and how many follow you.",
        "Your posts and reels of the last 90 days with likes, comments and shares.",
    )
    cannot_read = (
        "Personal accounts: Instagram opens only professional ones to sites. Switching is free.",
        "Likes where you chose to hide them.",
        "Who liked or commented: we read numbers, never names.",
        "Stories, messages, and posts from before the account became professional.",
    )
    consent_lasts = (
        "Until you take it back in Instagram's settings, under apps and websites; Instagram lets "
        "sites prolong it every 60 days, and unlinking here ends that."
    )
    scopes = ("instagram_business_basic", "instagram_business_manage_insights")
    ask_again: Mapping[str, str] = {"force_reauth": "true"}
    _kind = "ig"

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._app = App(config) if config.network == "facebook" else None

    @property
    def authorize_url(self) -> str:
        """The consent page."""
        return f"{self.config.url('web')}/oauth/authorize"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:  # noqa: ARG002
        """Return a key of 60 days for a code, with what the person allowed."""
        url = f"{self.config.url('token')}/oauth/access_token"
        said = self.exchange_code(url, code, redirect_uri, now=now)
        wrapped = said.get("data")  # Instagram answers in both forms
        given = shapes.records(wrapped)[0] if isinstance(wrapped, list) and wrapped else said
        return self.lengthen(given, now=now, scopes=scopes_of(given.get("permissions")))

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the professional account. Code.WRONG_ACCOUNT_TYPE for a personal one."""
        me = self._profile(self._graph(access, now), access, "")
        username = shapes.text(me, "username", 60)
        return Identity(
            uid=_id_of(me),
            username=username,
            name=shapes.text(me, "name", 80),
            url=instagram_address(username),
            app_uid=shapes.optional_identifier(me, "id"),
        )

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself: its own sign-in speaks for nothing else."""
        graph = self._graph(access, now)
        me = self._profile(graph, access, "")
        query = {"fields": "id,timestamp", "since": unix(now - WINDOW), "limit": "100"}
        page = next(graph.pages("/me/media", query, most=1))
        dated = (shapes.moment(row, "timestamp") for row in page.items)
        times = [at for at in dated if at is not None and at <= now]
        username = shapes.text(me, "username", 60)
        return (
            Target(
                external_id=_id_of(me),
                kind="profile",
                title=f"@{username}" if username else shapes.text(me, "name", 80),
                url=instagram_address(username),
                followers=shapes.count(me, "followers_count"),
                posts_90d=None if page.more else sum(at >= now - WINDOW for at in times),
                last_post_at=max(times, default=None),
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since` with their counts."""
        found = Gathered(since=since, now=now, when="timestamp")
        graph = self._graph(access, now)
        try:
            progress(say("Reading the account"))
            me = self._profile(graph, access, target_id)
            found.list_posts(graph, f"{_node(access, target_id)}/media", _POST, progress)
            found.posts = {name: _post(row, at) for name, (row, at) in found.rows.items()}
            if _INSIGHTS & set(access.scopes):
                add_numbers(found, graph, _METRICS, progress)
            else:
                found.limited.append(not_allowed(_METRICS))
        except ConnectorError as error:
            raise self._why(error, access, target_id, now) from error
        return found.reading(graph, followers=shapes.count(me, "followers_count"))

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest posts with the counts of now; shares are not asked for."""
        found = Gathered(since=now - WINDOW, now=now, when="timestamp")
        graph = self._graph(access, now)
        path = f"{_node(access, target_id)}/media"
        found.take(next(graph.pages(path, {"fields": _POST, "limit": "20"}, most=1)))
        return tuple(_post(row, at) for row, at in found.rows.values())

    def revoke(self, access: Access) -> None:  # noqa: ARG002
        """Refuse: Instagram offers no call for it. The key ends by itself within 60 days."""
        raise ConnectorError(
            Code.CONTRACT,
            say(
                "Instagram has no way for a site to end its access. You can end it in its settings."
            ),
        )

    def _graph(self, access: Access, now: datetime) -> Graph:
        """Return a way to speak: with the page's key at Facebook, or with the account's own."""
        if (self._app is not None) != (access.via == "facebook"):
            raise ConnectorError(
                Code.APP_CONFIG,
                say("This Instagram account is read with the keys of another network."),
            )
        if self._app is None:
            base = f"{self.config.url('api')}/{self.config.option('version')}"
            return Graph(base, access.token, name=self.name, now=now)
        if not access.target_token:
            raise ConnectorError(
                Code.ROLE_LOST,
                say("Facebook gave no key for the page of this account. Ask its owner for a role."),
            )
        return self._app.graph(access.target_token, now)

    def _profile(self, graph: Graph, access: Access, target_id: str) -> Record:
        """Return the account; where a target is given it must be that one."""
        fields = _THROUGH_FACEBOOK if access.via else _PROFILE
        me = graph.get(_node(access, target_id), {"fields": fields})
        if me.get("account_type") == "PERSONAL":
            raise ConnectorError(
                Code.WRONG_ACCOUNT_TYPE,
                say(
                    "This is a personal account. Switch it to a professional one in "
                    "Instagram, then connect."
                ),
            )
        if target_id and _id_of(me) != target_id:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED, say("This access speaks for another account.")
            )
        return me

    def _why(
        self, error: ConnectorError, access: Access, target_id: str, now: datetime
    ) -> ConnectorError:
        """Return the true cause of a refusal; only through Facebook several are worded alike."""
        if self._app is None:
            return error
        return facebook_causes.true_cause(error, self._app, access, target_id=target_id, now=now)


def _node(access: Access, target_id: str) -> str:
    """Return what the account is called in addresses."""
    return f"/{target_id}" if access.via else "/me"


def _id_of(me: Record) -> str:
    """Return the id of the professional account, which is the same on both roads."""
    return shapes.identifier(me, "id" if me.get("user_id") is None else "user_id")


def _post(row: Record, at: datetime) -> Post:
    return Post(
        external_id=shapes.identifier(row, "id"),
        created_at=at,
        text=excerpt(row, "caption"),
        url=shapes.link(row, "permalink"),
        counts={
            Kind.LIKE: shapes.count(row, "like_count"),  # missing where the person hides likes
            Kind.REPLY: shapes.count(row, "comments_count"),
            Kind.REPOST: None,
        },
    )
