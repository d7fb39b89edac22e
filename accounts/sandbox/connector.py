"""Reads the made-up network the way every connector reads a real one: requests, pages, doubts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from django.utils import timezone

from accounts.connectors.base import (
    Access,
    Cause,
    Code,
    ConnectorError,
    Identity,
    Inspection,
    Interaction,
    Kind,
    Post,
    Progress,
    Reading,
    Target,
)
from accounts.connectors.common import Common
from accounts.sandbox import network
from accounts.sandbox.fields import (
    PUZZLED,
    count,
    moment,
    moment_or_none,
    nonsense,
    objects,
    record,
    text,
    texts,
)
from accounts.sandbox.network import SCOPES
from accounts.speech import Marked, joined, marked, say

MAX_PAGES = 400  # of one list; more is a loop and not a network
# What it counts, mentions not among it -> what is said where it no longer does.
_COUNTED = {
    Kind.LIKE: marked("The sandbox no longer says how often a post was liked."),
    Kind.REPLY: marked("The sandbox no longer says how often a post was answered."),
    Kind.REPOST: marked("The sandbox no longer says how often a post was passed on."),
    Kind.QUOTE: marked("The sandbox no longer says how often a post was quoted."),
}

# (status, the network's code) -> what that means for the link, and what to do.
_MEANS: dict[tuple[int, str], tuple[Code, Marked]] = {
    (401, "token_revoked"): (
        Code.REVOKED,
        marked("The sandbox took back our access. Connect it again to go on."),
    ),
    (401, "token_unknown"): (
        Code.REVOKED,
        marked("The sandbox does not know our access any more. Connect it again to go on."),
    ),
    (401, "token_expired"): (
        Code.EXPIRED,
        marked("The consent you gave on the sandbox has run out. Connect it again to go on."),
    ),
    (401, "app_unknown"): (
        Code.APP_CONFIG,
        marked("The sandbox does not accept the key of this site. That is ours to mend."),
    ),
    (403, "scope_missing"): (
        Code.SCOPE_MISSING,
        marked(
            "The sandbox lacks your permission to see who reacted. Connect it again and allow it."
        ),
    ),
    (403, "role_lost"): (
        Code.ROLE_LOST,
        marked("Your role on this page no longer lets us read it. Ask its admin to give it back."),
    ),
    (403, "not_granted"): (
        Code.SOURCE_NOT_GRANTED,
        marked(
            "This page was not ticked on the consent page. Connect the sandbox again and tick it."
        ),
    ),
    (404, "no_such_place"): (
        Code.GONE,
        marked("The sandbox knows no such profile or page. Choose another one."),
    ),
    (410, "gone"): (
        Code.GONE,
        marked("This account or page no longer exists on the sandbox. Choose another one."),
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
        return Identity(text(me, "id"), text(me, "handle"), text(me, "name"))

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the posts of the last 30 days, the newest 20 of them."""
        since = now - timedelta(days=30)
        profile = _get(f"/v1/places/{target_id}", {}, access, now)
        params = {"since": since.astimezone(UTC).isoformat()}
        posts, hidden = _posts(target_id, params, access, now)
        _doubt_emptiness(profile, posts, hidden, since, now)
        # Nobody's reactions yet: it tells whether we may ask for them at all.
        at_once = {"since": now.astimezone(UTC).isoformat()}
        _get(f"/v1/places/{target_id}/reactions", at_once, access, now)
        return tuple(posts[-20:])

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return what the made-up network knows about the access, and why it is dead if it is."""
        try:
            said = _call("POST", "/v1/introspect", {}, access, now)
        except ConnectorError as error:
            if error.code != Code.REVOKED:
                raise
            return Inspection(active=False, words=error.raw)  # a token it never heard of
        active = said.get("active")
        if not isinstance(active, bool):
            nonsense("“active” is neither true nor false")
        return Inspection(
            active=active,
            scopes=tuple(texts(said, "scopes")),
            targets=frozenset(texts(said, "targets")),
            words=f"status: {text(said, 'status')}",
            since=moment(said, "since"),
        )

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return the three reasons there can be, each of them asked for."""
        said = _call("POST", "/v1/introspect", {}, access, now)
        not_ticked = count(said, "not_ticked")
        listed = self.targets(access, now=now)
        gone = set(texts(said, "targets")) - {target.external_id for target in listed}
        small = [target.title for target in listed if not target.selectable]
        return (
            Cause(
                say("Not ticked on the consent page"),
                say("Not ticked when you connected: {n} of your places.", n=not_ticked)
                if not_ticked
                else say("All of your places were ticked when you connected."),
                say("Connect the sandbox again and tick it."),
                holds=not_ticked > 0,
            ),
            Cause(
                say("Your role there is too small"),
                say("So it is with {listed}.", listed=joined(small))
                if small
                else say("It is enough everywhere."),
                say("Ask its admin for a role that may read posts."),
                holds=bool(small),
            ),
            Cause(
                say("It no longer exists"),
                say("Ticked by you and not listed any more: {n}.", n=len(gone))
                if gone
                else say("All the places you ticked are still listed."),
                say("Choose another one."),
                holds=bool(gone),
            ),
        )

    def server_time(self, access: Access, *, now: datetime) -> datetime | None:
        """Return the clock of the made-up network: ours, unless a fault sets it wrong."""
        return moment(_get("/v1/time", {}, access, now), "now")

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile and pages that were ticked at consent, pages first."""
        me = _get("/v1/me", {}, access, now)
        if me.get("id") != access.account_id:
            nonsense("another account answered to our access")
        found = [
            _target(item)
            for page in _pages("/v1/me/places", {}, access, now)
            for item in objects(page, "items")
        ]
        expected = count(me, "places")
        if not found and expected:
            _too_empty(expected, "an empty list of profiles and pages")
        return tuple(found)

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return the public posts of a place from `since` on and what was done about them."""
        profile = _get(f"/v1/places/{target_id}", {}, access, now)
        progress(say("Reading posts"))
        params = {"since": since.astimezone(UTC).isoformat()}
        posts, hidden = _posts(target_id, params, access, now, progress)
        pages = 1 + max(1, -(-len(posts) // network.POSTS_A_PAGE))
        _doubt_emptiness(profile, posts, hidden, since, now)
        acts: list[Interaction] = []
        for page in _pages(f"/v1/places/{target_id}/reactions", params, access, now):
            acts += [_interaction(item) for item in objects(page, "items")]
            pages += 1
            progress(
                say("Read so far: {posts} posts, {n} reactions", posts=len(posts), n=len(acts))
            )
        return Reading(
            since=since,
            posts=tuple(posts),
            interactions=tuple(acts),
            followers=count(profile, "followers"),
            listed=count(profile, "listed"),
            pages=pages,
            left_out={reason: count for reason, count in hidden.items() if count},
            limited=_retired(posts),
        )

    def revoke(self, access: Access) -> None:
        """Ask the network to forget this access; one that it forgot already is fine."""
        try:
            _call("POST", "/v1/revoke", {}, access, timezone.now())  # the server's own clock
        except ConnectorError as error:
            if error.code not in {Code.REVOKED, Code.EXPIRED, Code.GONE}:
                raise


def _posts(
    target_id: str,
    params: dict[str, str],
    access: Access,
    now: datetime,
    progress: Progress = lambda _sentence: None,
) -> tuple[list[Post], dict[str, int]]:
    """Return the public posts of a place, oldest first, and how many others there are."""
    posts: list[Post] = []
    hidden: dict[str, int] = {}
    for page in _pages(f"/v1/places/{target_id}/posts", params, access, now):
        posts += [_post(item) for item in objects(page, "items")]
        hidden = {"not_public": count(record(page, "hidden"), "not_public")}
        progress(say("Read so far: {n} posts", n=len(posts)))
    return posts, hidden


def _retired(posts: list[Post]) -> tuple[str, ...]:
    """Return a sentence for each count that the network no longer gives."""
    return tuple(
        say(sentence)
        for kind, sentence in _COUNTED.items()
        if posts and all(post.counts[kind] is None for post in posts)
    )


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
    recent, last = count(profile, "posts_90d"), moment_or_none(profile, "last_post_at")
    covers = since <= now - timedelta(days=90)
    if (covers and recent) or (last is not None and last >= since):
        _too_empty(recent, "an empty list of posts")


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
            nonsense("a cursor is no text")
    nonsense(f"a list has more than {MAX_PAGES} pages")


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
        nonsense(f"not a JSON object: {body[:80]!r}")
    return data


def _refusal(
    status: int, headers: dict[str, str], said: dict[str, Any], now: datetime
) -> ConnectorError:
    """Return what an error answer means for the link."""
    raw = f"{status} {said.get('error', '')}: {said.get('message', '')}"
    if status == 429:
        seconds = headers.get("Retry-After", "")
        wait = timedelta(seconds=int(seconds) if seconds.isdigit() else 60)
        sentence = say("The sandbox asked us to wait a few minutes. Nothing to do.")
        return ConnectorError(Code.RATE_LIMITED, sentence, raw=raw, retry_at=now + wait)
    if status >= 500:
        sentence = say(
            "The sandbox does not answer properly at the moment. We try again by ourselves."
        )
        return ConnectorError(Code.TRANSIENT, sentence, raw=raw)
    code, means = _MEANS.get((status, str(said.get("error"))), (Code.CONTRACT, PUZZLED))
    return ConnectorError(code, means, raw=raw)


def _too_empty(counted: int, raw: str) -> NoReturn:
    sentence = say(
        "The sandbox listed nothing, although it counts {n}. We keep what we have and ask again.",
        n=counted,
    )
    raise ConnectorError(Code.CONTRACT, sentence, raw=raw)


def _target(item: dict[str, Any]) -> Target:
    readable = item.get("readable")
    if not isinstance(readable, bool):
        nonsense("a place does not say whether it can be read")
    return Target(
        external_id=text(item, "id"),
        kind=text(item, "kind"),
        title=text(item, "title"),
        url=text(item, "url"),
        role=text(item, "role", empty=True),
        followers=count(item, "followers"),
        posts_90d=count(item, "posts_90d"),
        last_post_at=moment_or_none(item, "last_post_at"),
        selectable=readable,
        reason=text(item, "note", empty=True)
        or ("" if readable else say("Your role there does not let us read posts.")),
    )


def _post(item: dict[str, Any]) -> Post:
    counts = record(item, "counts")
    return Post(
        external_id=text(item, "id"),
        created_at=moment(item, "at"),
        text=text(item, "text", empty=True),
        url=text(item, "url"),
        kind="reply" if item.get("kind") == "reply" else "original",
        language=text(item, "language", empty=True),
        counts={
            kind: count(counts, kind.value) if kind.value in counts else None for kind in _COUNTED
        },
    )


def _interaction(item: dict[str, Any]) -> Interaction:
    actor = record(item, "actor")
    try:
        kind = Kind(text(item, "kind"))
    except ValueError:
        nonsense(f"a reaction of a kind that we do not know: {item.get('kind')!r}")
    post_id = text(item, "post")
    told_apart = kind in {Kind.REPLY, Kind.QUOTE, Kind.MENTION}
    return Interaction(
        actor_id=text(actor, "id"),
        kind=kind,
        at=moment(item, "at"),
        post_id=post_id,
        external_id=text(item, "id") if told_apart else post_id,
        actor_followers=count(actor, "followers"),
        actor_since=moment(actor, "since"),
    )
