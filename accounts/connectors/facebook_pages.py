"""What of Facebook a person could let count: their pages, with the role on each.

Pages of a business portfolio may be left out of the person's own list, so portfolios are asked too.
An Instagram account that belongs to a page is offered with it and read with the page's key.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.connectors import oauth, shapes
from accounts.connectors.base import NEEDS_PERSON, ConnectorError, Target
from accounts.connectors.meta import Graph, unix
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
PAGES = 5  # of a list, 100 each
PORTFOLIOS = 10  # that are asked for their pages
LOOKS = 12  # pages whose newest posts are counted for the choice
BUSINESS = "business_management"
INSTAGRAM = "instagram_basic"

# The first that is held names the role. Source: developers.facebook.com/docs/pages/overview.
_ROLES = {
    "MANAGE": "admin",
    "CREATE_CONTENT": "editor",
    "MODERATE": "moderator",
    "ADVERTISE": "advertiser",
    "MESSAGING": "messages",
    "ANALYZE": "analyst",
}
_FIELDS = "id,name,username,link,access_token,tasks,followers_count,fan_count"
_WITH_INSTAGRAM = ",instagram_business_account{id,username,name,followers_count}"
_USERNAME = re.compile(r"[A-Za-z0-9._]{1,60}")
_TOO_SMALL = marked(
    "Your role there does not let us read posts. Ask for one that shows its insights."
)
_REFUSED = marked("Facebook does not show us its posts through your role there.")

Speak = Callable[[str], Graph]  # makes a Graph that speaks with a token


def listed(graph: Graph, scopes: Iterable[str]) -> list[Record]:
    """Return every page of the person, each once, those of portfolios after their own."""
    fields = _FIELDS + (_WITH_INSTAGRAM if INSTAGRAM in scopes else "")
    query = {"fields": fields, "limit": "100"}
    rows = list(rows_of(graph, "/me/accounts", query))
    if BUSINESS in scopes:
        rows += _of_portfolios(graph, query)
    found: dict[str, Record] = {}
    for row in rows:
        known = found.setdefault(shapes.identifier(row, "id"), row)
        if not known.get("access_token") and row.get("access_token"):
            found[shapes.identifier(row, "id")] = row
    return list(found.values())


def _of_portfolios(graph: Graph, query: dict[str, str]) -> Iterator[Record]:
    """Yield pages that businesses own or look after; a refusal leaves the person's own list."""
    try:
        owners = list(rows_of(graph, "/me/businesses", {"fields": "id,name", "limit": "100"}))
        for owner in owners[:PORTFOLIOS]:
            for edge in ("owned_pages", "client_pages"):
                yield from rows_of(graph, f"/{shapes.identifier(owner, 'id')}/{edge}", query)
    except ConnectorError as error:
        if error.code not in NEEDS_PERSON:
            raise


def rows_of(graph: Graph, path: str, query: dict[str, str]) -> Iterator[Record]:
    """Yield the items of a list."""
    for page in graph.pages(path, query, most=PAGES):
        yield from page.items


def targets_of(rows: list[Record], speak: Speak, now: datetime) -> Iterator[Target]:
    """Yield each page, with the Instagram account that belongs to it."""
    looks = LOOKS
    for row in rows:
        token, role = key_of(row), _role(row)
        followers = shapes.count(row, "followers_count")
        page = Target(
            external_id=shapes.identifier(row, "id"),
            kind="page",
            title=shapes.text(row, "name", 200),
            url=shapes.link(row, "link") or f"https://www.facebook.com/{row['id']}",
            role=role,
            followers=shapes.count(row, "fan_count") if followers is None else followers,
            selectable=bool(token) and may_read(row),
            reason="" if token and may_read(row) else say(_TOO_SMALL),
            token=token,
        )
        if page.selectable and looks:
            looks -= 1
            page = _looked_at(page, speak(token), now)
        yield page
        linked = shapes.optional_record(row, "instagram_business_account")
        if linked and token:
            yield _instagram(linked, page)


def may_read(row: Record) -> bool:
    """Tell whether the person's role on a page covers its posts; a row without roles may."""
    tasks = row.get("tasks")
    return not isinstance(tasks, list) or "ANALYZE" in tasks


def key_of(row: Record) -> str:
    """Return the page's own key, or "" where the person's role is too small for one."""
    return oauth.key(row, "access_token")


def _role(row: Record) -> str:
    """Return the role as people call it, from what Facebook lets the person do there."""
    tasks = row.get("tasks")
    held = tasks if isinstance(tasks, list) else []
    return next((role for task, role in _ROLES.items() if task in held), "")


def _looked_at(page: Target, graph: Graph, now: datetime) -> Target:
    """Return the page with how much it posts; asking shows as well whether it can be read."""
    query = {"fields": "id,created_time", "since": unix(now - WINDOW), "limit": "100"}
    try:
        said = next(graph.pages(f"/{page.external_id}/published_posts", query, most=1))
    except ConnectorError as error:
        if error.code in NEEDS_PERSON:
            return replace(page, selectable=False, reason=say(_REFUSED))
        return page  # how much it posts is not told this time
    dated = (shapes.moment(post, "created_time") for post in said.items)
    times = [at for at in dated if at is not None and at <= now]
    return replace(
        page, posts_90d=None if said.more else len(times), last_post_at=max(times, default=None)
    )


def _instagram(linked: Record, page: Target) -> Target:
    """Return the professional account of a page; its id is the one its own sign-in names too."""
    username = shapes.text(linked, "username", 60)
    return Target(
        external_id=shapes.identifier(linked, "id"),
        kind="profile",
        title=f"@{username}" if username else shapes.text(linked, "name", 200),
        url=instagram_address(username),
        role=page.role,
        followers=shapes.count(linked, "followers_count"),
        selectable=page.selectable,
        reason=say("Found through your page {title}.", title=page.title)
        if page.selectable
        else page.reason,
        token=page.token,
        network="instagram",
    )


def instagram_address(username: str) -> str:
    """Return the public page of an Instagram account, or "" where the name is none."""
    return f"https://www.instagram.com/{username}/" if _USERNAME.fullmatch(username) else ""


def instagram_of(row: Record) -> str:
    """Return the id of the Instagram account that belongs to a page, or ""."""
    linked = shapes.optional_record(row, "instagram_business_account")
    return shapes.optional_identifier(linked, "id")
