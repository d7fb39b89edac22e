"""Who reacted on a server that speaks the Mastodon API: notifications first, lists for the rest."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import (
    ASKED_TO_WAIT,
    Access,
    Code,
    ConnectorError,
    Kind,
    Post,
    Progress,
)
from accounts.connectors.mastodon_api import Query, Session, is_absent
from accounts.connectors.mastodon_posts import Found, is_public
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

# 300 calls in 5 minutes is what a server allows an account; a read stays under it.
NOTE_PAGES = 50  # of 80
PEOPLE_CALLS = 120
PEOPLE_PAGES = 5  # of 80, for one post and kind
PEOPLE_SECONDS = 240.0  # after which a slow server is asked for no more names

_LISTS = {Kind.LIKE: "favourited_by", Kind.REPOST: "reblogged_by"}
_NOTES = {
    "favourite": Kind.LIKE,
    "reblog": Kind.REPOST,
    "mention": Kind.MENTION,
    "quote": Kind.QUOTE,
    "follow": Kind.FOLLOW,
}
_NO_NOTES = marked(
    "Mentions and the times of reactions were not read: connect again and allow notifications."
)
_NOT_THERE = marked(
    "Mentions and the times of reactions were not read: this server shows no notifications."
)


def read_notifications(session: Session, found: Found, access: Access, progress: Progress) -> None:
    """Read who did what and when, as far back as wanted or as the server remembers."""
    if access.scopes and not {"read", "read:notifications"} & set(access.scopes):
        found.limited.append(say(_NO_NOTES))
        return
    query: Query = {"limit": "80", "types[]": list(_NOTES)}
    try:
        path = "/api/v1/notifications"
        pages = session.pages(path, query, most=NOTE_PAGES, by_id=True)
        for number, page in enumerate(pages, start=1):
            progress(say("Reading who reacted, {n} so far", n=len(found.people)))
            for note in page.items:
                at = shapes.moment(note, "created_at")
                if at is None:
                    found.left_out["undated"] += 1
                elif at < found.since:
                    return
                else:
                    _take_note(note, at, found)
            if page.more and number == NOTE_PAGES:
                found.limited.append(
                    say("Only your newest notifications were read: there are many.")
                )
    except ConnectorError as error:
        if error.code is not Code.SCOPE_MISSING and not is_absent(error):
            raise
        found.limited.append(say(_NOT_THERE if is_absent(error) else _NO_NOTES))


def _take_note(note: Record, at: datetime, found: Found) -> None:
    """Keep one notification as an interaction, where it is public and about a post that counts."""
    kind = _NOTES.get(str(note.get("type")))
    actor = shapes.optional_record(note, "account")
    if kind is None or not actor:
        return
    if kind is Kind.FOLLOW:
        found.add(actor, kind, at)
        return
    status = shapes.optional_record(note, "status")
    if not is_public(status):
        found.left_out["not_public"] += 1
        return
    act = shapes.identifier(status, "id")
    if kind in _LISTS:
        about, act = act, ""
    elif kind is Kind.QUOTE:
        about = _quoted(status)
    elif shapes.optional_identifier(status, "in_reply_to_account_id") == found.own_id:
        kind, about = Kind.REPLY, shapes.optional_identifier(status, "in_reply_to_id")
    else:
        found.add(actor, Kind.MENTION, at, act=act)
        return
    if about in found.posts:
        found.add(actor, kind, at, post_id=about, act=act)
    else:
        found.left_out["older_post"] += 1


def _quoted(status: Record) -> str:
    """Return the id of the post a post quotes, in both forms servers give it, or ""."""
    quote = shapes.optional_record(status, "quote")
    inner = shapes.optional_record(quote, "quoted_status")
    return shapes.optional_identifier(inner, "id") or shapes.optional_identifier(
        quote, "quoted_status_id"
    )


def read_people(session: Session, found: Found, progress: Progress) -> None:
    """Ask who favourited and boosted, where the count is larger than what is known by name.

    The server does not say when they did. Nine reactions in ten come within hours, so the time of
    the post stands for it, as it does for counts.
    """
    wanted = sorted(_open_lists(found), key=lambda one: _urgency(one[0], one[2], found.now))
    budget = session.calls + PEOPLE_CALLS
    for done, (post, kind, _) in enumerate(wanted):
        if session.calls >= budget or session.seconds > PEOPLE_SECONDS:
            found.limited.append(_some_names(done, len(wanted)))
            return
        said = say("Reading who reacted, list {n} of {of}", n=done + 1, of=len(wanted))
        progress(said)
        path = f"/api/v1/statuses/{post.external_id}/{_LISTS[kind]}"
        most = min(PEOPLE_PAGES, budget - session.calls)
        try:
            for page in session.pages(path, {"limit": "80"}, most=most):
                progress(said)  # after every call: it is what keeps the work ours
                for actor in page.items:
                    found.add(actor, kind, post.created_at, post_id=post.external_id)
        except ConnectorError as error:
            if error.code in ASKED_TO_WAIT | {Code.SCOPE_MISSING}:
                found.limited.append(_some_names(done, len(wanted)))
                return
            if not is_absent(error):  # else the post was deleted while we read, or has no list
                raise


def _open_lists(found: Found) -> Iterator[tuple[Post, Kind, int]]:
    """Yield posts and kinds with reactions by people not known yet, and how many."""
    for post in found.posts.values():
        for kind in _LISTS:
            unknown = (post.counts[kind] or 0) - found.known[post.external_id, kind]
            if unknown > 0:
                yield post, kind, unknown


def _urgency(post: Post, unknown: int, now: datetime) -> tuple[bool, int, float]:
    """Sort key: posts of this week first, then those with most people unknown, then the newest."""
    old = now - post.created_at > timedelta(days=7)
    return old, -unknown, -post.created_at.timestamp()


def _some_names(done: int, wanted: int) -> str:
    return say(
        "Who reacted was read for {done} of {wanted} lists; the rest counts by its "
        "numbers until the next read.",
        done=done,
        wanted=wanted,
    )
