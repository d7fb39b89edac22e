"""Facebook pages: posts with their counts, read with each page's own key.

| what | from | permission |
|---|---|---|
| who it is | /me | public_profile |
| pages, roles, keys | /me/accounts | pages_show_list |
| pages of portfolios | /{business}/owned_pages, client_pages | business_management |
| posts with counts, cut by created_time | /{page}/published_posts | pages_read_engagement |
| followers | /{page} | pages_read_engagement |

A personal profile gives a name and nothing else. Keys last 60 days and are not renewed without the
person; a page's key lasts until a role or password changes, its data 90 days after consent.
Errors: meta_errors. Source: developers.facebook.com/docs/graph-api/reference/page.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts.connectors import facebook_causes, facebook_pages, shapes
from accounts.connectors.base import (
    Access,
    Cause,
    Code,
    ConnectorError,
    Identity,
    Inspection,
    Kind,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.common import Common
from accounts.connectors.facebook_app import App
from accounts.connectors.meta import Graph, since_1970
from accounts.connectors.meta_errors import GraphError
from accounts.connectors.meta_reading import Gathered, excerpt
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import say

DATA_LASTS = timedelta(days=90)  # from the last consent; then the keys live and show nothing

_FIELDS = "id,message,created_time,permalink_url,parent_id"
# Each count with the field that holds it, and what of the field is asked for.
_COUNTS = {
    Kind.LIKE: ("reactions", ".summary(total_count).limit(0)"),
    Kind.REPLY: ("comments", ".summary(total_count).limit(0)"),
    Kind.REPOST: ("shares", ""),
}


class Facebook(Common):
    """The connector. See accounts.connectors.base.SignIn for what each method promises."""

    network = "facebook"
    name = "Facebook"
    reads = (
        "Your name, to know you again.",
        "Your pages with your role on each, and the Instagram accounts that belong to them.",
        "Posts of the pages you choose, of the last 90 days, with reactions, comments and shares.",
        "How many follow each of these pages.",
    )
    cannot_read = (
        "Posts, friends and reactions of a personal profile: Facebook shows them to no site.",
        "Who reacted or commented: we read numbers, never names.",
        "Groups, stories and messages.",
        "Pages on which your role does not show insights.",
    )
    consent_lasts = (
        "Facebook shows us pages for 90 days after you connect; then connect again. You can take "
        "it back at any time, here or in Facebook's settings."
    )
    ask_again: Mapping[str, str] = {"auth_type": "rerequest"}
    separator = ","
    pkce = False  # not offered; the exchange needs this site's secret

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.scopes = tuple(config.option("scopes").replace(",", " ").split())
        self._app = App(config)

    @property
    def authorize_url(self) -> str:
        """The consent page."""
        return f"{self.config.url('web')}/{self.config.option('version')}/dialog/oauth"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:  # noqa: ARG002
        """Return a key of 60 days for a code, with what the person allowed of what was asked."""
        asked = {"code": code, "redirect_uri": redirect_uri}
        short = self._app.tokens(asked, now=now, secret=code).token
        asked = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
        long = self._app.tokens(asked, now=now, secret=short)
        allowed = facebook_causes.granted(self._app.graph(long.token, now))
        return Tokens(
            token=long.token,
            scopes=tuple(scope for scope in self.scopes if scope in allowed),
            lasts=long.lasts,
            data_lasts=DATA_LASTS,
        )

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the person; Facebook gives the same one another id at every other site."""
        me = self._app.graph(access.token, now).get("/me", {"fields": "id,name"})
        return Identity(uid=shapes.identifier(me, "id"), name=shapes.text(me, "name", 80))

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return pages, the Instagram accounts of theirs, and the profile, which cannot count."""
        who = self.identity(access, now=now)
        graph = self._app.graph(access.token, now)
        try:
            rows = facebook_pages.listed(graph, access.scopes)
        except ConnectorError as error:
            raise facebook_causes.true_cause(error, self._app, access, now=now) from error
        found = facebook_pages.targets_of(rows, lambda token: self._app.graph(token, now), now)
        profile = Target(
            external_id=who.uid,
            kind="profile",
            title=who.name,
            selectable=False,
            reason=say("Facebook shows no posts or reactions of a personal profile to any site."),
        )
        return (*found, profile)

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return the page's posts since `since` with their counts."""
        found = _gathered(target_id, since, now)
        graph = self._app.graph(_page_key(access), now)
        try:
            progress(say("Reading the page"))
            followers = _followers(graph, target_id)
            kinds = _list_posts(graph, target_id, found, progress)
        except ConnectorError as error:
            raise facebook_causes.true_cause(
                error, self._app, access, target_id=target_id, now=now
            ) from error
        found.posts = {name: _post(row, at, kinds) for name, (row, at) in found.rows.items()}
        return found.reading(graph, followers=followers)

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest posts with the counts of now."""
        found = _gathered(target_id, now - facebook_pages.WINDOW, now)
        graph = self._app.graph(_page_key(access), now)
        query = {"fields": _fields(list(_COUNTS)), "limit": "20"}
        found.take(next(graph.pages(f"/{target_id}/published_posts", query, most=1)))
        return tuple(_post(row, at, list(_COUNTS)) for row, at in found.rows.values())

    def revoke(self, access: Access) -> None:
        """Take this site off the person's list at Facebook: that ends all its keys of theirs."""
        graph = self._app.graph(access.token, None)
        graph.call("DELETE", f"/{access.account_id}/permissions")

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return what Facebook itself says about the person's key."""
        said = self._app.debugged(access.token, now)
        error = shapes.optional_record(said, "error")
        scopes = said.get("scopes")
        return Inspection(
            active=said.get("is_valid") is True,
            scopes=tuple(str(one) for one in scopes) if isinstance(scopes, list) else None,
            expires_at=since_1970(said, "expires_at"),
            targets=facebook_causes.ticked(said),
            words=shapes.text(error, "message", 300),
        )

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return the three reasons why a page may be missing, each asked of Facebook."""
        return facebook_causes.causes(self._app, access, now=now)


def _page_key(access: Access) -> str:
    """Return the page's own key: what a page shows the person, it does not show to others."""
    if not access.target_token:
        raise ConnectorError(
            Code.ROLE_LOST,
            say("Facebook gave no key for this page. Ask its owner for a role there."),
        )
    return access.target_token


def _followers(graph: Graph, page_id: str) -> int | None:
    page = graph.get(f"/{page_id}", {"fields": "id,followers_count,fan_count"})
    if shapes.identifier(page, "id") != page_id:
        raise ConnectorError(Code.SOURCE_NOT_GRANTED, say("This access speaks for another page."))
    followers = shapes.count(page, "followers_count")
    return shapes.count(page, "fan_count") if followers is None else followers


def _gathered(page_id: str, since: datetime, now: datetime) -> Gathered:
    """Return where posts of a page are gathered; posts it only passed on are not its own."""

    def is_own(row: Record) -> bool:
        origin = shapes.optional_identifier(row, "parent_id")
        return not origin or origin.startswith(f"{page_id}_")

    return Gathered(since=since, now=now, when="created_time", is_own=is_own)


def _fields(kinds: list[Kind]) -> str:
    return ",".join([_FIELDS, *(name + of for name, of in (_COUNTS[kind] for kind in kinds))])


def _list_posts(graph: Graph, page_id: str, found: Gathered, progress: Progress) -> list[Kind]:
    """Read the posts and return which counts came with them.

    A count that Facebook no longer has is left out and said; it does not take the rest along.
    """
    kinds = list(_COUNTS)
    while True:
        try:
            found.list_posts(graph, f"/{page_id}/published_posts", _fields(kinds), progress)
        except GraphError as error:
            lost = _named_in(error, kinds)
            if lost is None:
                raise
            kinds.remove(lost)
            found.limited.append(
                say("{counts} cannot be read any more.", counts=_COUNTS[lost][0].capitalize())
            )
        else:
            return kinds


def _named_in(error: GraphError, kinds: list[Kind]) -> Kind | None:
    """Return the count whose field an error says is gone, or None."""
    if not error.retired:
        return None
    return next((kind for kind in kinds if f"({_COUNTS[kind][0]})" in error.raw), None)


def _post(row: Record, at: datetime, kinds: Sequence[Kind]) -> Post:
    return Post(
        external_id=shapes.identifier(row, "id"),
        created_at=at,
        text=excerpt(row, "message"),
        url=shapes.link(row, "permalink_url"),
        counts={kind: _count(row, kind) if kind in kinds else None for kind in _COUNTS},
    )


def _count(row: Record, kind: Kind) -> int | None:
    """Return a count. Shares are missing where there are none; the others always come."""
    name = _COUNTS[kind][0]
    value = shapes.optional_record(row, name)
    if kind is Kind.REPOST:
        return shapes.count(value, "count") if value else 0
    return shapes.count(shapes.optional_record(value, "summary"), "total_count")
