"""Reads the made-up network the way every connector reads a real one: requests, pages, doubts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from django.utils import timezone

from accounts.connectors.base import (
    Access,
    Code,
    ConnectorError,
    Identity,
    Interaction,
    Kind,
    Post,
    Progress,
    Reading,
    Target,
)
from accounts.connectors.common import Common
from accounts.sandbox import network
from accounts.sandbox.network import SCOPES

MAX_PAGES = 400  # of one list; more is a loop and not a network
_COUNTED = (Kind.LIKE, Kind.REPLY, Kind.REPOST, Kind.QUOTE)  # it does not count mentions

_PUZZLED = (
    "The sandbox gave an answer that we do not understand. Nothing was changed; "
    "this is for us to mend."
)
# (status, the network's code) -> what that means for the link, and what to do.
_MEANS: dict[tuple[int, str], tuple[Code, str]] = {
    (401, "token_revoked"): (
        Code.REVOKED,
        "The sandbox took back our access. Connect it again to go on.",
    ),
    (401, "token_unknown"): (
        Code.REVOKED,
        "The sandbox does not know our access any more. Connect it again to go on.",
    ),
    (401, "token_expired"): (
        Code.EXPIRED,
        "The consent you gave on the sandbox has run out. Connect it again to go on.",
    ),
    (403, "scope_missing"): (
        Code.SCOPE_MISSING,
        "The sandbox lacks your permission to see who reacted. Connect it again and allow it.",
    ),
    (403, "role_lost"): (
        Code.ROLE_LOST,
        "Your role on this page no longer lets us read it. Ask its admin to give it back.",
    ),
    (403, "not_granted"): (
        Code.SOURCE_NOT_GRANTED,
        "This page was not ticked on the consent page. Connect the sandbox again and tick it.",
    ),
    (404, "no_such_place"): (
        Code.GONE,
        "The sandbox knows no such profile or page. Choose another one.",
    ),
    (410, "gone"): (
        Code.GONE,
        "This account or page no longer exists on the sandbox. Choose another one.",
    ),
}


class SandboxConnector(Common):
    """The Connector of the made-up network."""

    network = "sandbox"
    name = "Sandbox"
    reads = (
        "The made-up person's name and handle.",
        "Profile and pages, with followers and role.",
        "Public posts of the place you choose, with their counts.",
        "Who reacted to them and when, as far as the made-up network names them.",
    )
    cannot_read = (
        "Posts for friends only: the consent does not cover them.",
        "Pages on which the person's role is too small.",
        "Anything about a real person: there is none.",
    )
    consent_lasts = "Until you take it back, or a fault that you switch on ends it."
    scopes = SCOPES

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the made-up person this access speaks for."""
        me = _get("/v1/me", {}, access, now)
        return Identity(_text(me, "id"), _text(me, "handle"), _text(me, "name"))

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the posts of the last 30 days, the newest 20 of them."""
        since = (now - timedelta(days=30)).astimezone(UTC).isoformat()
        pages = _pages(f"/v1/places/{target_id}/posts", {"since": since}, access, now)
        posts = [_post(item) for page in pages for item in _list(page, "items")]
        return tuple(posts[-20:])

    def server_time(self, access: Access, *, now: datetime) -> datetime | None:
        """Return nothing: the made-up network is told what time it is."""
        _get("/v1/me/sign-in", {}, access, now)
        return None

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile and pages that were ticked at consent, pages first."""
        me = _get("/v1/me", {}, access, now)
        if me.get("id") != access.account_id:
            _nonsense("another account answered to our access")
        found = [
            _target(item)
            for page in _pages("/v1/me/places", {}, access, now)
            for item in _list(page, "items")
        ]
        expected = _count(me, "places")
        if not found and expected:
            _too_empty(f"the account says that it has {expected} profiles and pages")
        return tuple(found)

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return the public posts of a place from `since` on and what was done about them."""
        profile = _get(f"/v1/places/{target_id}", {}, access, now)
        progress("Reading posts")
        params = {"since": since.astimezone(UTC).isoformat()}
        posts: list[Post] = []
        hidden: dict[str, int] = {}
        pages = 1
        for page in _pages(f"/v1/places/{target_id}/posts", params, access, now):
            posts += [_post(item) for item in _list(page, "items")]
            hidden = {"not_public": _count(_dict(page, "hidden"), "not_public")}
            pages += 1
            progress(f"{len(posts)} posts read")
        _doubt_emptiness(profile, posts, hidden, since, now)
        acts: list[Interaction] = []
        for page in _pages(f"/v1/places/{target_id}/reactions", params, access, now):
            acts += [_interaction(item) for item in _list(page, "items")]
            pages += 1
            progress(f"{len(posts)} posts and {len(acts)} reactions read")
        return Reading(
            since=since,
            posts=tuple(posts),
            interactions=tuple(acts),
            followers=_count(profile, "followers"),
            pages=pages,
            left_out={reason: count for reason, count in hidden.items() if count},
        )

    def revoke(self, access: Access) -> None:
        """Ask the network to forget this access; one that it forgot already is fine."""
        try:
            _call("POST", "/v1/revoke", {}, access, timezone.now())  # the server's own clock
        except ConnectorError as error:
            if error.code not in {Code.REVOKED, Code.EXPIRED, Code.GONE}:
                raise


def _doubt_emptiness(
    profile: dict[str, Any],
    posts: list[Post],
    hidden: dict[str, int],
    since: datetime,
    now: datetime,
) -> None:
    """Raise when a list is empty although the profile says that there are posts."""
    if posts or any(hidden.values()):
        return
    recent, last = _count(profile, "posts_90d"), _maybe_when(profile, "last_post_at")
    covers = since <= now - timedelta(days=90)
    if (covers and recent) or (last is not None and last >= since):
        _too_empty(f"the profile says that it has {recent} in the last 90 days")


def _pages(
    path: str, params: dict[str, str], access: Access, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list, following its cursors."""
    cursor: str | None = ""
    for _number in range(MAX_PAGES):
        page = _get(path, params | ({"cursor": cursor} if cursor else {}), access, now)
        yield page
        cursor = page.get("next")
        if cursor is None:
            return
        if not isinstance(cursor, str) or not cursor:
            _nonsense("a cursor is no text")
    _nonsense(f"a list has more than {MAX_PAGES} pages")


def _get(path: str, params: dict[str, str], access: Access, now: datetime) -> dict[str, Any]:
    return _call("GET", path, params, access, now)


def _call(
    method: str, path: str, params: dict[str, str], access: Access, now: datetime
) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises ConnectorError for everything else."""
    status, headers, body = network.answer(method, path, params, access.token, now)
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if status != 200:
        raise _refusal(status, headers, data if isinstance(data, dict) else {}, now)
    if not isinstance(data, dict):
        _nonsense(f"not a JSON object: {body[:80]!r}")
    return data


def _refusal(
    status: int, headers: dict[str, str], said: dict[str, Any], now: datetime
) -> ConnectorError:
    """Return what an error answer means for the link."""
    raw = f"{status} {said.get('error', '')}: {said.get('message', '')}"
    if status == 429:
        seconds = headers.get("Retry-After", "")
        wait = timedelta(seconds=int(seconds) if seconds.isdigit() else 60)
        sentence = "The sandbox asked us to wait a few minutes. Nothing to do."
        return ConnectorError(Code.RATE_LIMITED, sentence, raw=raw, retry_at=now + wait)
    if status >= 500:
        sentence = "The sandbox does not answer properly at the moment. We try again by ourselves."
        return ConnectorError(Code.TRANSIENT, sentence, raw=raw)
    code, sentence = _MEANS.get((status, str(said.get("error"))), (Code.CONTRACT, _PUZZLED))
    return ConnectorError(code, sentence, raw=raw)


def _too_empty(because: str) -> NoReturn:
    raise ConnectorError(
        Code.CONTRACT,
        f"The sandbox listed nothing, although {because}. We keep what we have and ask again.",
        raw="an empty list",
    )


def _nonsense(what: str) -> NoReturn:
    raise ConnectorError(Code.CONTRACT, _PUZZLED, raw=what)


def _target(item: dict[str, Any]) -> Target:
    readable = item.get("readable")
    if not isinstance(readable, bool):
        _nonsense("a place does not say whether it can be read")
    return Target(
        external_id=_text(item, "id"),
        kind=_text(item, "kind"),
        title=_text(item, "title"),
        url=_text(item, "url"),
        role=_text(item, "role", empty=True),
        followers=_count(item, "followers"),
        posts_90d=_count(item, "posts_90d"),
        last_post_at=_maybe_when(item, "last_post_at"),
        selectable=readable,
        reason=_text(item, "note", empty=True)
        or ("" if readable else "Your role there does not let us read posts."),
    )


def _post(item: dict[str, Any]) -> Post:
    counts = _dict(item, "counts")
    return Post(
        external_id=_text(item, "id"),
        created_at=_when(item, "at"),
        text=_text(item, "text", empty=True),
        url=_text(item, "url"),
        kind="reply" if item.get("kind") == "reply" else "original",
        language=_text(item, "language", empty=True),
        counts={kind: _count(counts, kind.value) for kind in _COUNTED},
    )


def _interaction(item: dict[str, Any]) -> Interaction:
    actor = _dict(item, "actor")
    try:
        kind = Kind(_text(item, "kind"))
    except ValueError:
        _nonsense(f"a reaction of a kind that we do not know: {item.get('kind')!r}")
    post_id = _text(item, "post")
    told_apart = kind in {Kind.REPLY, Kind.QUOTE, Kind.MENTION}
    return Interaction(
        actor_id=_text(actor, "id"),
        kind=kind,
        at=_when(item, "at"),
        post_id=post_id,
        external_id=_text(item, "id") if told_apart else post_id,
        actor_followers=_count(actor, "followers"),
        actor_since=_when(actor, "since"),
    )


def _list(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = data.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        _nonsense(f"“{key}” is no list of objects")
    return value


def _dict(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        _nonsense(f"“{key}” is no object")
    return value


def _text(data: dict[str, Any], key: str, *, empty: bool = False) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not (value or empty):
        _nonsense(f"“{key}” is no text")
    return value


def _count(data: dict[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _nonsense(f"“{key}” is no count: {value!r}")
    return value


def _when(data: dict[str, Any], key: str) -> datetime:
    try:
        at = datetime.fromisoformat(_text(data, key))
    except ValueError:
        _nonsense(f"“{key}” is no time")
    if at.tzinfo is None:
        _nonsense(f"“{key}” has no zone")
    return at.astimezone(UTC)


def _maybe_when(data: dict[str, Any], key: str) -> datetime | None:
    return None if data.get(key) is None else _when(data, key)
