"""Reading a Bluesky account as everybody sees it: own posts with counts, and who reacted when.

Counts come with the posts and are always whole. Who it was is asked list by list within a budget,
the most urgent first; how many follow each of them is asked last, 25 people a call.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import (
    ASKED_TO_WAIT,
    Code,
    ConnectorError,
    Interaction,
    Kind,
    Post,
    Progress,
    Reading,
)
from accounts.connectors.bluesky_api import AppView, Query, asks_for_a_sign_in
from accounts.connectors.shapes import Record
from accounts.speech import say

# 3,000 calls in 5 minutes is what is allowed from one address, for everybody who is read here.
POST_PAGES = 50  # of 100
PEOPLE_CALLS = 120
PEOPLE_PAGES = 5  # of 100, for one post and kind
PROFILE_CALLS = 20  # of 25 people
PEOPLE_SECONDS = 240.0  # after which a slow network is asked for no more names
SKEW = timedelta(minutes=5)  # the network's clock may run ahead by this

_COUNTS = {
    Kind.LIKE: "likeCount",
    Kind.REPOST: "repostCount",
    Kind.REPLY: "replyCount",
    Kind.QUOTE: "quoteCount",
}
_FEED = "app.bsky.feed"
# Kind -> method and name of its list. Replies are asked for as a thread.
_LISTS = {
    Kind.LIKE: ("getLikes", "likes"),
    Kind.REPOST: ("getRepostedBy", "repostedBy"),
    Kind.QUOTE: ("getQuotes", "posts"),
}


@dataclass(frozen=True, slots=True)
class _Act:
    """What somebody did about a post, as a list names it; `at` None where it does not say."""

    actor: Record
    at: datetime | None = None
    id: str = ""


@dataclass
class Found:
    """What a read has gathered so far."""

    did: str
    since: datetime
    now: datetime
    posts: dict[str, Post] = field(default_factory=dict)
    people: dict[tuple[str, Kind, str], Interaction] = field(default_factory=dict)
    own: set[tuple[str, Kind, str]] = field(default_factory=set)  # what the person did themselves
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)

    def add(self, post: Post, kind: Kind, act: _Act) -> None:
        """Keep what somebody did; what the person did themselves is taken out of the counts."""
        actor_id = shapes.identifier(act.actor, "did")
        act_id = act.id or post.external_id
        if actor_id == self.did:
            self.own.add((post.external_id, kind, act_id))
        elif asks_for_a_sign_in(act.actor):
            self.left_out["asked_not_to_be_shown"] += 1
        else:
            at = act.at or post.created_at
            self.people[actor_id, kind, act_id] = Interaction(
                actor_id=actor_id,
                kind=kind,
                at=min(max(at, post.created_at), self.now),
                post_id=post.external_id,
                external_id=act_id,
            )

    def counted_posts(self) -> tuple[Post, ...]:
        """Return the posts, with the person's own reactions taken out of their counts."""
        own = Counter((post_id, kind) for post_id, kind, _ in self.own if post_id in self.posts)
        if own:
            self.left_out["own_reactions"] = own.total()
        return tuple(
            replace(
                post,
                counts={
                    kind: None if count is None else max(0, count - own[post.external_id, kind])
                    for kind, count in post.counts.items()
                },
            )
            for post in self.posts.values()
        )


def read(view: AppView, found: Found, profile: Record, progress: Progress) -> Reading:
    """Return the whole reading of the account that `found` is about."""
    _read_posts(view, found, progress)
    _read_people(view, found, progress)
    _read_profiles(view, found, progress)
    return Reading(
        since=found.since,
        posts=found.counted_posts(),
        interactions=tuple(found.people.values()),
        followers=shapes.count(profile, "followersCount"),
        pages=view.calls,
        left_out=dict(found.left_out),
        limited=tuple(found.limited),
    )


def newest_times(view: AppView, found: Found) -> tuple[list[datetime], bool]:
    """Return when the newest posts were made, and whether all since `found.since` are among them.

    Two pages are asked for: the first may have a next one though that is empty.
    """
    times: list[datetime] = []
    for page in view.pages(f"{_FEED}.getAuthorFeed", _posts_of(found.did), "feed", most=2):
        times += [at for at, _ in own_posts(page.items, found)]
        if not page.more or any(at < found.since for at in times):
            return times, True
    return times, False


def _posts_of(did: str) -> Query:
    return {"actor": did, "limit": 100, "filter": "posts_with_replies"}


def own_posts(items: list[Record], found: Found) -> Iterator[tuple[datetime, Record]]:
    """Yield the person's own posts of a page with their time; others' are passed over."""
    for item in items:
        post = shapes.record(item.get("post"))
        author = shapes.optional_record(post, "author").get("did")
        if item.get("reason") is not None or author != found.did:
            continue
        at = _time_of(post)
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["in_future"] += 1
        else:
            yield min(at, found.now), post


def made_post(post: Record, at: datetime, found: Found) -> Post:
    """Return a post with the counts of now."""
    uri = shapes.identifier(post, "uri")
    record = shapes.optional_record(post, "record")
    answered = _answered(record)
    languages = record.get("langs")
    first = languages[0] if isinstance(languages, list) and languages else ""
    key = uri.rpartition("/")[2]
    return Post(
        external_id=uri,
        created_at=at,
        text=shapes.one_line(shapes.text(record, "text", 5_000), shapes.EXCERPT),
        url=f"https://bsky.app/profile/{found.did}/post/{key}",
        kind="reply" if answered and _author_of(answered) != found.did else "original",
        language=shapes.text({"first": first}, "first", 12),
        counts={kind: shapes.count(post, name) for kind, name in _COUNTS.items()},
    )


def _read_posts(view: AppView, found: Found, progress: Progress) -> None:
    """Read the account's feed, newest first, until something is older than wanted."""
    pages = view.pages(f"{_FEED}.getAuthorFeed", _posts_of(found.did), "feed", most=POST_PAGES)
    for number, page in enumerate(pages, start=1):
        progress(say("Reading your posts, page {number}", number=number))
        old = False
        for at, post in own_posts(page.items, found):
            if at < found.since:
                old = True
                continue
            made = made_post(post, at, found)
            found.posts[made.external_id] = made
            _note_own(made.external_id, shapes.optional_record(post, "record"), found)
        if old or _reposts_older(page.items, found):
            break
        if page.more and number == POST_PAGES:
            times = [post.created_at for post in found.posts.values()]
            found.since = min(times, default=found.now)
            found.limited.append(say("Only your newest {n} posts were read.", n=len(times)))


def _reposts_older(items: list[Record], found: Found) -> bool:
    """Note reposts of one's own, and tell whether the list has come to what is older than wanted.

    A repost stands in the list by its own time, not by that of the post.
    """
    old = False
    for item in items:
        reason = shapes.optional_record(item, "reason")
        if not str(reason.get("$type")).endswith("#reasonRepost"):
            continue
        at = shapes.moment(reason, "indexedAt")
        old = old or (at is not None and at < found.since)
        post = shapes.record(item.get("post"))
        if shapes.optional_record(post, "author").get("did") == found.did:
            uri = shapes.identifier(post, "uri")
            found.own.add((uri, Kind.REPOST, uri))
    return old


def _note_own(uri: str, record: Record, found: Found) -> None:
    """Note which posts of one's own a post of one's own answers or quotes."""
    for about, kind in ((_answered(record), Kind.REPLY), (_quoted(record), Kind.QUOTE)):
        if about and _author_of(about) == found.did:
            found.own.add((about, kind, uri))


def _answered(record: Record) -> str:
    reply = shapes.optional_record(record, "reply")
    return shapes.text(shapes.optional_record(reply, "parent"), "uri", 500)


def _quoted(record: Record) -> str:
    """Return what a post quotes, with pictures beside it or without, or ""."""
    inner = shapes.optional_record(shapes.optional_record(record, "embed"), "record")
    return shapes.text(inner, "uri", 500) or shapes.text(
        shapes.optional_record(inner, "record"), "uri", 500
    )


def _author_of(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def _time_of(view: Record) -> datetime | None:
    """Return when something was done: its author sets one time and the network the other.

    The earlier one counts, by which the network sorts as well: nobody makes the old new.
    """
    named = shapes.moment(view, "createdAt") or shapes.moment(
        shapes.optional_record(view, "record"), "createdAt"
    )
    times = [at for at in (named, shapes.moment(view, "indexedAt")) if at is not None]
    return min(times, default=None)


def _read_people(view: AppView, found: Found, progress: Progress) -> None:
    """Ask who reacted, until the budget is used up."""
    wanted = sorted(_open_lists(found), key=lambda one: _urgency(one[0], one[2], found.now))
    budget = view.calls + PEOPLE_CALLS
    for done, (post, kind, _) in enumerate(wanted):
        if view.calls >= budget or view.seconds > PEOPLE_SECONDS:
            found.limited.append(_some_names(done, len(wanted)))
            return
        said = say("Reading who reacted, list {n} of {of}", n=done + 1, of=len(wanted))
        progress(said)
        try:
            for acts in _acts(view, post, kind, min(PEOPLE_PAGES, budget - view.calls)):
                progress(said)  # after every call: it is what keeps the work ours
                for act in acts:
                    found.add(post, kind, act)
        except ConnectorError as error:
            if error.code in ASKED_TO_WAIT:
                found.limited.append(_some_names(done, len(wanted)))
                return
            if error.code is not Code.GONE:  # gone: the post was deleted while we read
                raise


def _acts(view: AppView, post: Post, kind: Kind, most: int) -> Iterator[list[_Act]]:
    """Yield who did it, page by page."""
    query: Query = {"uri": post.external_id, "limit": 100}
    if kind is Kind.REPLY:
        yield _replies(view, post)
        return
    method, name = _LISTS[kind]
    for page in view.pages(f"{_FEED}.{method}", query, name, most=most):
        if kind is Kind.LIKE:
            yield [_Act(shapes.record(one.get("actor")), _time_of(one)) for one in page.items]
        elif kind is Kind.REPOST:
            yield [_Act(one) for one in page.items]
        else:
            yield [_posted(one) for one in page.items]


def _replies(view: AppView, post: Post) -> list[_Act]:
    """Return the direct answers to a post; deleted and blocked ones have no author."""
    query: Query = {"uri": post.external_id, "depth": 1, "parentHeight": 0}
    thread = shapes.record(view.get(f"{_FEED}.getPostThread", query).get("thread"))
    replies = shapes.records(thread.get("replies") or [])
    return [_posted(shapes.record(one["post"])) for one in replies if one.get("post")]


def _posted(view: Record) -> _Act:
    """Return the act of whoever wrote a post."""
    return _Act(shapes.record(view.get("author")), _time_of(view), shapes.identifier(view, "uri"))


def _open_lists(found: Found) -> Iterator[tuple[Post, Kind, int]]:
    """Yield posts and kinds with reactions by others, and how many."""
    own = Counter((post_id, kind) for post_id, kind, _ in found.own)
    for post in found.posts.values():
        for kind in _COUNTS:
            others = (post.counts[kind] or 0) - own[post.external_id, kind]
            if others > 0:
                yield post, kind, others


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


def _read_profiles(view: AppView, found: Found, progress: Progress) -> None:
    """Ask how many follow each of those who reacted, the latest first."""
    latest = sorted(found.people.values(), key=lambda one: one.at, reverse=True)
    wanted = list(dict.fromkeys(one.actor_id for one in latest))
    known: dict[str, Record] = {}
    for start in range(0, min(len(wanted), 25 * PROFILE_CALLS), 25):
        if view.seconds > PEOPLE_SECONDS:
            break
        progress(say("Reading how many follow them, {start} of {n}", start=start, n=len(wanted)))
        try:
            profiles = view.profiles(wanted[start : start + 25])
        except ConnectorError as error:
            if error.code not in ASKED_TO_WAIT:
                raise
            break
        known |= {shapes.identifier(profile, "did"): profile for profile in profiles}
    for key, one in found.people.items():
        if profile := known.get(one.actor_id):
            found.people[key] = replace(
                one,
                actor_followers=shapes.count(profile, "followersCount"),
                actor_since=shapes.moment(profile, "createdAt"),
            )
