"""Why Facebook does not show a page: asked of it, since its refusals word many causes alike."""

from collections.abc import Sequence
from datetime import datetime

from accounts.connectors import shapes
from accounts.connectors.base import Access, Cause, Code, ConnectorError
from accounts.connectors.facebook_app import App
from accounts.connectors.facebook_pages import (
    BUSINESS,
    INSTAGRAM,
    instagram_of,
    key_of,
    listed,
    may_read,
    rows_of,
)
from accounts.connectors.meta import Graph
from accounts.connectors.shapes import Record
from accounts.speech import counted, joined, marked, say

NEEDED = ("pages_show_list", "pages_read_engagement")

_NO_PAGE_HAS_IT = marked(
    "No page that Facebook lists for you has this Instagram account. Connect it again and tick the "
    "page; or let the account belong to a page of yours once more, in Instagram's settings."
)
_UNCLEAR = frozenset({Code.SCOPE_MISSING, Code.SOURCE_NOT_GRANTED, Code.REVOKED})


def granted(graph: Graph) -> frozenset[str]:
    """Return the permissions that are granted now."""
    rows = shapes.records(graph.get("/me/permissions").get("data"))
    return frozenset(
        shapes.text(row, "permission", 100) for row in rows if row.get("status") == "granted"
    )


def ticked(debugged: Record) -> frozenset[str] | None:
    """Return the ids of the pages that were ticked, of a token's own facts; None for all.

    A permission without ids holds for all pages, those of tomorrow included.
    """
    if debugged.get("granular_scopes") is None:
        return None
    limits = [
        frozenset(str(one) for one in row["target_ids"])
        for row in shapes.records(debugged["granular_scopes"])
        if row.get("scope") in NEEDED and isinstance(row.get("target_ids"), list)
    ]
    return frozenset.intersection(*limits) if limits else None


def true_cause(
    error: ConnectorError, app: App, access: Access, *, target_id: str = "", now: datetime
) -> ConnectorError:
    """Return the cause behind a refusal of `target_id`, or of the whole list without one.

    The person's own key is asked: a permission that is gone, a page that was not ticked, a role
    that is lost; when all of that is as it should be, this site lacks a right. Raises
    ConnectorError when that key is refused as well, or gets no answer.
    """
    if error.code not in _UNCLEAR:
        return error
    graph = app.graph(access.token, now)
    allowed = granted(graph)
    needed = (*NEEDED, INSTAGRAM) if access.via else NEEDED
    if lacking := [name for name in needed if name not in allowed]:
        words = say("You did not allow {listed} at Facebook.", listed=joined(lacking))
        return ConnectorError(Code.SCOPE_MISSING, words, raw=error.raw)
    rows = listed(graph, allowed) if target_id else []
    row = _row(rows, target_id)
    if not target_id or (row is not None and key_of(row) and may_read(row)):
        return _ours(error) if error.code is Code.SCOPE_MISSING else error
    if row is not None:
        words = say("Your role on this page does not let us read it any more.")
        return ConnectorError(Code.ROLE_LOST, words, raw=error.raw)
    if access.via and rows:
        return ConnectorError(Code.SOURCE_NOT_GRANTED, _NO_PAGE_HAS_IT, raw=error.raw)
    only = ticked(app.debugged(access.token, now))
    if only is not None and target_id not in only:
        words = say("This page is not ticked at Facebook. Connect it again and tick it.")
        return ConnectorError(Code.SOURCE_NOT_GRANTED, words, raw=error.raw)
    if error.code is Code.SOURCE_NOT_GRANTED:
        words = say("Facebook does not know this page any more, or not as yours.")
        return ConnectorError(Code.GONE, words, raw=error.raw)
    words = say("You have no role on this page any more.")
    return ConnectorError(Code.ROLE_LOST, words, raw=error.raw)


def _row(rows: Sequence[Record], target_id: str) -> Record | None:
    """Return the page that is, or has, the target."""
    for row in rows:
        if target_id in {shapes.identifier(row, "id"), instagram_of(row)}:
            return row
    return None


def _ours(error: ConnectorError) -> ConnectorError:
    words = say("Facebook has not approved this site for that yet. This is for us to mend.")
    return ConnectorError(Code.APP_NOT_APPROVED, words, raw=error.raw)


def causes(app: App, access: Access, *, now: datetime) -> tuple[Cause, ...]:
    """Return the three reasons why a page may be missing, each asked of Facebook."""
    graph = app.graph(access.token, now)
    allowed = granted(graph)
    only = ticked(app.debugged(access.token, now))
    return _not_ticked(allowed, only), _in_portfolio(graph, allowed), _too_small(graph, allowed)


def _not_ticked(allowed: frozenset[str], only: frozenset[str] | None) -> Cause:
    title = say("The page was not ticked at Facebook")
    mend = say("Connect again, choose “Edit settings” there, and tick the page.")
    if lacking := tuple(name for name in NEEDED if name not in allowed):
        why = say(
            "Facebook says that you did not allow this site to see your pages and their posts."
        )
        return Cause(title, why, say("Connect again and allow it."), holds=True, ask=lacking)
    if only is None:
        why = say("Facebook says that you ticked all pages, new ones included.")
        return Cause(title, why, mend, holds=False)
    why = counted(
        "Facebook says that {n} page is ticked. Others are not, nor is a page made since.",
        "Facebook says that {n} pages are ticked. Others are not, nor is a page made since.",
        len(only),
    )
    return Cause(title, why, mend, holds=True, ask=NEEDED)


def _in_portfolio(graph: Graph, allowed: frozenset[str]) -> Cause:
    title = say("Pages of a business portfolio were not allowed")
    mend = say("Connect again and allow access to your business, or ask who runs it to add you.")
    if BUSINESS not in allowed:
        why = say("Facebook may keep such pages off the list, and we may not ask for them.")
        return Cause(title, why, mend, holds=True, ask=(BUSINESS,))
    try:
        number = sum(1 for _ in rows_of(graph, "/me/businesses", {"fields": "id", "limit": "100"}))
    except ConnectorError as error:
        return Cause(
            title, say("Facebook did not tell us: {error}", error=error), mend, ask=(BUSINESS,)
        )
    if not number:
        why = say("You allowed it, and Facebook knows no portfolio of yours.")
    elif number == 1:
        why = say("You allowed it, and the pages of your portfolio are on the list.")
    else:
        why = say(
            "You allowed it, and the pages of your {number} portfolios are on the list.",
            number=number,
        )
    return Cause(title, why, mend, holds=False)


def _too_small(graph: Graph, allowed: frozenset[str]) -> Cause:
    title = say("Your role on the page is too small, or you have none")
    mend = say("Ask the page's owner for access that shows insights, then ask for the list again.")
    try:
        rows = listed(graph, allowed)
    except ConnectorError as error:
        return Cause(title, say("Facebook did not tell us: {error}", error=error), mend)
    small = [shapes.text(row, "name", 80) for row in rows if not (key_of(row) and may_read(row))]
    if small:
        why = say("It is too small on {listed}.", listed=joined(small[:5]))
        return Cause(title, why, mend, holds=True)
    why = say(
        "Facebook names no page on which you have no role, or that another account of yours runs."
    )
    return Cause(title, why, mend)
