"""Own posts on a server that speaks the Mastodon API, and what a read has gathered of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import Interaction, Kind, Post, Progress
from accounts.connectors.mastodon_api import Query, Session
from accounts.connectors.shapes import Record
from accounts.speech import say

POST_PAGES = 50  # of 40
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this
_HTML = 5_000  # characters of a post that are looked at for its excerpt

_PUBLIC = frozenset({"public", "unlisted"})
_COUNTS = {
    Kind.LIKE: "favourites_count",
    Kind.REPOST: "reblogs_count",
    Kind.REPLY: "replies_count",
    Kind.QUOTE: "quotes_count",
}


@dataclass
class Found:
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
        if actor_id == self.own_id:  # already taken out of the counts, see post_of
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


POSTS: Query = {"limit": "40", "exclude_reblogs": "true"}


def posts_of(account_id: str) -> str:
    return f"/api/v1/accounts/{account_id}/statuses"


def read_posts(session: Session, found: Found, progress: Progress) -> None:
    """Read own posts, newest first, until one is older than wanted."""
    own: list[tuple[datetime, Record]] = []
    path = posts_of(found.own_id)
    pages = session.pages(path, POSTS, most=POST_PAGES, by_id=True)
    for number, page in enumerate(pages, start=1):
        progress(say("Reading your posts, page {number}", number=number))
        timed = list(dated(page.items, found))
        own += [(at, post) for at, post in timed if at >= found.since]
        if any(at < found.since for at, _ in timed):
            break
        if page.more and number == POST_PAGES:
            found.since = min((at for at, _ in own), default=found.now)
            found.limited.append(say("Only your newest {n} posts were read.", n=len(own)))
    answered = Counter(
        shapes.optional_identifier(post, "in_reply_to_id")
        for _, post in own
        if is_public(post)
        and shapes.optional_identifier(post, "in_reply_to_account_id") == found.own_id
    )
    for at, post in own:
        if not is_public(post):
            found.left_out["not_public"] += 1
            continue
        made = post_of(post, at, found, answers=answered[shapes.identifier(post, "id")])
        found.posts[made.external_id] = made


def dated(posts: list[Record], found: Found) -> Iterator[tuple[datetime, Record]]:
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


def is_public(post: Record) -> bool:
    return shapes.text(post, "visibility", 12) in _PUBLIC


def post_of(post: Record, at: datetime, found: Found, *, answers: int) -> Post:
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
