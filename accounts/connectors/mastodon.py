"""Any server that speaks the Mastodon API: own posts with counts, and who reacted.

Counts are what the home server saw. The server names who favourited or boosted a post but not when;
its notifications know when, so they are read first and the lists only for what they leave open.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.connectors import http, shapes
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
from accounts.connectors.mastodon_api import Session, failure
from accounts.connectors.shapes import Record

WINDOW = timedelta(days=90)
# 300 calls in 5 minutes is what a server allows an account; a read stays under it.
POST_PAGES = 50  # of 40
NOTE_PAGES = 50  # of 80
PEOPLE_CALLS = 120
PEOPLE_PAGES = 5  # of 80, for one post and kind
PEOPLE_SECONDS = 240.0  # after which a slow server is asked for no more names
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this
_HTML = 5_000  # characters of a post that are looked at for its excerpt

_PUBLIC = frozenset({"public", "unlisted"})
_COUNTS = {
    Kind.LIKE: "favourites_count",
    Kind.REPOST: "reblogs_count",
    Kind.REPLY: "replies_count",
    Kind.QUOTE: "quotes_count",
}
_LISTS = {Kind.LIKE: "favourited_by", Kind.REPOST: "reblogged_by"}
_NOTES = {
    "favourite": Kind.LIKE,
    "reblog": Kind.REPOST,
    "mention": Kind.MENTION,
    "quote": Kind.QUOTE,
    "follow": Kind.FOLLOW,
}


@dataclass
class _Found:
    """What a read has gathered so far."""

    own_id: str
    host: str
    since: datetime
    now: datetime
    posts: dict[str, Post] = field(default_factory=dict)
    people: dict[tuple[str, Kind, str], Interaction] = field(default_factory=dict)
    known: Counter[tuple[str, Kind]] = field(default_factory=Counter)  # people by post and kind
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)

    def add(
        self, actor: Record, kind: Kind, at: datetime, *, post_id: str = "", act: str = ""
    ) -> None:
        """Keep what somebody did, unless it was the person or is known already."""
        actor_id = shapes.identifier(actor, "id")
        if actor_id == self.own_id:  # already taken out of the counts, see _post
            return
        interaction = Interaction(
            actor_id=f"{actor_id}@{self.host}",  # the id is the server's own and never changes
            kind=kind,
            at=min(at, self.now),
            post_id=post_id,
            external_id=act or post_id,
            actor_followers=shapes.count(actor, "followers_count"),
            actor_since=shapes.moment(actor, "created_at"),
        )
        key = (actor_id, kind, interaction.external_id)
        if key not in self.people:
            self.people[key] = interaction
            self.known[post_id, kind] += 1


class Mastodon(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "mastodon"
    name = "Mastodon"
    reads = (
        "Your public and unlisted posts of the last 90 days with their counts.",
        "Who favourited, boosted, answered, quoted or mentioned you, as a number without a name.",
        "How many people follow each of them, where your server tells it.",
        "How many follow you, and who began to in the last 90 days.",
    )
    cannot_read = (
        "Posts for followers only and private mentions: we leave them out on our side too.",
        "Reactions your server never saw, for example from servers it has blocked.",
        "When somebody favourited, if you cleared that notification: the day of the post counts.",
    )
    consent_lasts = "Until you take it back, here or in your server's settings."
    scopes = ("read:accounts", "read:statuses", "read:notifications")

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for."""
        session = Session(access, now=now)
        account = session.account()
        return Identity(
            uid=shapes.identifier(account, "id"),
            username=f"{shapes.text(account, 'username', 60)}@{session.host}",
            name=" ".join(shapes.text(account, "display_name", 60).split()),
            url=shapes.link(account, "url"),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest public posts with the counts of now."""
        session = Session(access, now=now)
        found = _Found(own_id=target_id, host=session.host, since=now - WINDOW, now=now)
        page = next(session.pages(_posts_of(target_id), _POSTS, most=1))
        dated = [(at, post) for at, post in _dated(page.items, found) if _is_public(post)]
        return tuple(_post(post, at, found, answers=0) for at, post in dated)

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself, the only thing an access on Mastodon speaks for."""
        session = Session(access, now=now)
        account = session.account()
        own_id = shapes.identifier(account, "id")
        page = next(session.pages(_posts_of(own_id), _POSTS, most=1))
        times = [at for post in page.items if (at := shapes.moment(post, "created_at"))]
        whole = not page.more or (bool(times) and min(times) < now - WINDOW)
        moved = shapes.text(shapes.optional_record(account, "moved"), "acct", 200)
        return (
            Target(
                external_id=own_id,
                kind="profile",
                title=title_of(account, session.host),
                url=shapes.link(account, "url"),
                followers=shapes.count(account, "followers_count"),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
                reason=f"This account moved to @{moved}. Link that one too." if moved else "",
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since`, their counts and who reacted."""
        session = Session(access, now=now)
        account = session.account()
        if shapes.identifier(account, "id") != target_id:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED,
                f"This access speaks for another account on {session.host}.",
            )
        found = _Found(own_id=target_id, host=session.host, since=since, now=now)
        _read_posts(session, found, progress)
        _read_notifications(session, found, access, progress)
        _read_people(session, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(found.posts.values()),
            interactions=tuple(found.people.values()),
            followers=shapes.count(account, "followers_count"),
            pages=session.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def revoke(self, access: Access) -> None:
        """Ask the server to forget this access."""
        if not access.client_id:
            raise ConnectorError(
                Code.APP_CONFIG, f"We hold no registration with {access.server} any more."
            )
        answer = http.fetch(
            "POST",
            f"{access.server}/oauth/revoke",
            form={
                "client_id": access.client_id,
                "client_secret": access.client_secret,
                "token": access.token,
            },
        )
        if answer.status != 200:
            raise failure(answer)


def title_of(account: Record, host: str) -> str:
    """Return the full handle of an account, with the name its owner gave it in front."""
    handle = f"@{shapes.text(account, 'username', 60)}@{host}"
    called = " ".join(shapes.text(account, "display_name", 60).split())
    return f"{called} ({handle})" if called else handle


_POSTS: dict[str, str | list[str]] = {"limit": "40", "exclude_reblogs": "true"}


def _posts_of(account_id: str) -> str:
    return f"/api/v1/accounts/{account_id}/statuses"


def _read_posts(session: Session, found: _Found, progress: Progress) -> None:
    """Read own posts, newest first, until one is older than wanted."""
    own: list[tuple[datetime, Record]] = []
    path = _posts_of(found.own_id)
    for number, page in enumerate(session.pages(path, _POSTS, most=POST_PAGES), start=1):
        progress(f"Reading your posts, page {number}")
        dated = list(_dated(page.items, found))
        own += [(at, post) for at, post in dated if at >= found.since]
        if any(at < found.since for at, _ in dated):
            break
        if page.more and number == POST_PAGES:
            found.since = min((at for at, _ in own), default=found.now)
            found.limited.append(f"Only your newest {len(own):,} posts were read.")
    answered = Counter(
        shapes.optional_identifier(post, "in_reply_to_id")
        for _, post in own
        if _is_public(post)
        and shapes.optional_identifier(post, "in_reply_to_account_id") == found.own_id
    )
    for at, post in own:
        if not _is_public(post):
            found.left_out["not_public"] += 1
            continue
        made = _post(post, at, found, answers=answered[shapes.identifier(post, "id")])
        found.posts[made.external_id] = made


def _dated(posts: list[Record], found: _Found) -> Iterator[tuple[datetime, Record]]:
    """Yield own posts with their time; boosts of others are passed over."""
    for post in posts:
        author = shapes.optional_record(post, "account")
        if post.get("reblog") or shapes.optional_identifier(author, "id") != found.own_id:
            continue
        at = shapes.moment(post, "created_at")
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["in_future"] += 1
        else:
            yield min(at, found.now), post


def _is_public(post: Record) -> bool:
    return shapes.text(post, "visibility", 12) in _PUBLIC


def _post(post: Record, at: datetime, found: _Found, *, answers: int) -> Post:
    """Return a post; `answers` are the person's own replies to it, taken out of its count."""
    own = {Kind.REPLY: answers}
    own[Kind.LIKE] = int(post.get("favourited") is True)
    own[Kind.REPOST] = int(post.get("reblogged") is True)
    found.left_out.update({"own_reactions": sum(own.values())} if any(own.values()) else {})
    counts: dict[Kind, int | None] = {}
    for kind, name in _COUNTS.items():
        told = shapes.count(post, name)
        counts[kind] = None if told is None else max(0, told - own.get(kind, 0))
    answers_other = shapes.optional_identifier(post, "in_reply_to_id") and (
        shapes.optional_identifier(post, "in_reply_to_account_id") != found.own_id
    )
    return Post(
        external_id=shapes.identifier(post, "id"),
        created_at=at,
        text=shapes.plain(shapes.text(post, "content", _HTML)),
        url=shapes.link(post, "url"),
        kind="reply" if answers_other else "original",
        language=shapes.text(post, "language", 12),
        visibility=shapes.text(post, "visibility", 12),
        counts=counts,
    )


def _read_notifications(
    session: Session, found: _Found, access: Access, progress: Progress
) -> None:
    """Read who did what and when, as far back as wanted or as the server remembers."""
    if access.scopes and not {"read", "read:notifications"} & set(access.scopes):
        found.limited.append(_NO_NOTES)
        return
    query: dict[str, str | list[str]] = {"limit": "80", "types[]": list(_NOTES)}
    try:
        path = "/api/v1/notifications"
        for number, page in enumerate(session.pages(path, query, most=NOTE_PAGES), start=1):
            progress(f"Reading who reacted, {len(found.people):,} so far")
            for note in page.items:
                at = shapes.moment(note, "created_at")
                if at is None:
                    found.left_out["undated"] += 1
                elif at < found.since:
                    return
                else:
                    _take_note(note, at, found)
            if page.more and number == NOTE_PAGES:
                found.limited.append("Only your newest notifications were read: there are many.")
    except ConnectorError as error:
        if error.code not in {Code.SCOPE_MISSING, Code.GONE}:
            raise
        found.limited.append(_NO_NOTES)


_NO_NOTES = (
    "Mentions and the times of reactions were not read: connect again and allow notifications."
)


def _take_note(note: Record, at: datetime, found: _Found) -> None:
    """Keep one notification as an interaction, where it is public and about a post that counts."""
    kind = _NOTES.get(str(note.get("type")))
    actor = shapes.optional_record(note, "account")
    if kind is None or not actor:
        return
    if kind is Kind.FOLLOW:
        found.add(actor, kind, at)
        return
    status = shapes.optional_record(note, "status")
    if not _is_public(status):
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


def _read_people(session: Session, found: _Found, progress: Progress) -> None:
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
        said = f"Reading who reacted, list {done + 1} of {len(wanted)}"
        progress(said)
        path = f"/api/v1/statuses/{post.external_id}/{_LISTS[kind]}"
        most = min(PEOPLE_PAGES, budget - session.calls)
        try:
            for page in session.pages(path, {"limit": "80"}, most=most):
                progress(said)  # after every call: it is what keeps the work ours
                for actor in page.items:
                    found.add(actor, kind, post.created_at, post_id=post.external_id)
        except ConnectorError as error:
            if error.code in {Code.RATE_LIMITED, Code.SCOPE_MISSING}:
                found.limited.append(_some_names(done, len(wanted)))
                return
            if error.code is not Code.GONE:  # gone: the post was deleted while we read
                raise


def _open_lists(found: _Found) -> Iterator[tuple[Post, Kind, int]]:
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
    return (
        f"Who reacted was read for {done:,} of {wanted:,} lists; the rest counts by its numbers "
        "until the next read."
    )
