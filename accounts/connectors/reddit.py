"""Reddit: own posts and comments with their scores, which Reddit blurs a little. No names.

Off unless the operator says otherwise: since November 2025 Reddit gives keys after approval only.
Source: reddit.com/dev/api; support.reddithelp.com (Data API, Responsible Builder Policy).
"""
# ruff: noqa: ARG002 (signatures are those of accounts.connectors.base)

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
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
from accounts.connectors.common import Common
from accounts.connectors.oauth import granted, tokens_of
from accounts.connectors.session import Session
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
PER_PAGE = 100
PAGES = 10  # Reddit shows nobody more than the newest thousand of a list
SECONDS = 240.0
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this

# List at Reddit -> what is said while it is read, and where not all of it was.
_LISTS = {
    "submitted": (
        marked("Reading your posts, page {number}"),
        marked("Only your newest {n} posts were read."),
    ),
    "comments": (
        marked("Reading your comments, page {number}"),
        marked("Only your newest {n} comments were read."),
    ),
}
# Status, and what it stands for where the answer says nothing plainer.
_MEANS = {
    401: (Code.REVOKED, marked("Reddit no longer accepts our access.")),
    403: (Code.GONE, marked("Reddit does not show this account any more.")),
    404: (Code.GONE, marked("Reddit does not know this account any more.")),
}


class Reddit(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "reddit"
    name = "Reddit"
    reads = (
        "Your posts and comments of the last 90 days with their scores, up to a thousand of each.",
        "How many comments your posts got, and how often they were crossposted.",
        "How many follow your profile.",
    )
    cannot_read = (
        "Who voted or commented: Reddit gives numbers only, and blurs votes a little.",
        "Downvotes: the score is what is left of the upvotes. A score below zero counts as none.",
        "Posts in private communities, and what moderators removed: left out on our side too.",
    )
    consent_lasts = (
        "Until you take it back, here or in Reddit's settings under Apps. What you delete at "
        "Reddit is deleted here at the next read."
    )
    scopes = ("identity", "history", "read")
    pkce = False  # Reddit takes no challenge; the exchange needs this site's secret
    authorize_params = {"duration": "permanent"}
    renew_before = timedelta(minutes=5)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/api/v1/authorize"
        by = f"by /u/{config.option('contact')}; " if config.option("contact") else ""
        self._headers = {"User-Agent": f"web:kloutsite:1.0 ({by}+{config.site_url})"}

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._tokens(form, now)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return a new token; what it is asked for with lasts until it is taken back."""
        if not access.refresh:
            return super().refresh(access, now=now)
        return self._tokens({"grant_type": "refresh_token", "refresh_token": access.refresh}, now)

    def _tokens(self, form: dict[str, str], now: datetime) -> Tokens:
        answer = self._as_site("access_token", form, now)
        return tokens_of(granted(answer, self.name))

    def revoke(self, access: Access) -> None:
        """Ask Reddit to forget this access, by what it is renewed with where there is such."""
        kind = "refresh_token" if access.refresh else "access_token"
        form = {"token": access.refresh or access.token, "token_type_hint": kind}
        answer = self._as_site("revoke_token", form, None)
        if answer.status not in {200, 204}:
            raise failure(answer)

    def _as_site(self, path: str, form: dict[str, str], now: datetime | None) -> Answer:
        """Return the answer to a call in the name of this site."""
        client = http.basic(self.config.client_id, self.config.client_secret)
        url = f"{self.config.url('web')}/api/v1/{path}"
        return http.fetch("POST", url, form=form, headers={**self._headers, **client}, now=now)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for; its id never changes, its name neither."""
        return _identity(_account(self._session(access, now)))

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile, the only thing an access on Reddit speaks for."""
        api = self._session(access, now)
        account = _account(api)
        who, found = _identity(account), _Found(now - WINDOW, now)
        page = next(_pages(api, _list_of(account, "submitted"), found))
        times = [post.created_at for post in page.posts]
        whole = not page.more or (bool(times) and min(times) < now - WINDOW)
        return (
            Target(
                external_id=who.uid,
                kind="profile",
                title=who.title,
                url=who.url,
                followers=_followers(account),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts and comments since `since` with their counts."""
        api = self._session(access, now)
        account = _checked(_account(api), target_id)
        found = _Found(since, now)
        for name in _LISTS:
            _read_list(api, account, name, found, progress)
        return Reading(
            since=found.since or found.wanted,
            posts=tuple(_posts(found)),
            followers=_followers(account),
            pages=api.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest posts with the counts of now."""
        api = self._session(access, now)
        account = _checked(_account(api), target_id)
        page = next(_pages(api, _list_of(account, "submitted"), _Found(now - WINDOW, now)))
        return tuple(page.posts[:20])

    def _session(self, access: Access, now: datetime) -> Session:
        base, headers = self.config.url("api"), self._headers
        return Session(base, access.token, now=now, failure=failure, headers=headers)


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a list, newest first, and whether there are more."""

    posts: list[Post]
    more: bool


@dataclass
class _Found:
    """What a read has gathered so far."""

    wanted: datetime  # everything from then on is asked for
    now: datetime
    since: datetime | None = None  # where Reddit shows less: from when on it is all there
    posts: dict[str, Post] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)  # own comments, by the post's id
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)


def failure(answer: Answer, now: datetime | None = None) -> ConnectorError:  # noqa: ARG001
    """Return what an answer of another status than 200 stands for."""
    why = answer.headers.get("www-authenticate", "")[:200]
    raw = why or f"HTTP {answer.status}"
    if answer.headers.get("content-type", "").startswith("text/html"):
        return ConnectorError(
            Code.TRANSIENT,
            say("Reddit answered with a web page (error {status}).", status=answer.status),
            raw=raw,
        )
    if "insufficient_scope" in why:
        return ConnectorError(
            Code.SCOPE_MISSING, say("The access Reddit gave does not cover this."), raw=raw
        )
    unknown = say("Reddit answered in a way we do not know (error {status}).", status=answer.status)
    code, words = _MEANS.get(answer.status, (Code.CONTRACT, unknown))
    return ConnectorError(code, words, raw=raw)


def _account(api: Session) -> Record:
    """Return the account, with a usable `id` and `name`. Code.GONE for a suspended one."""
    account = shapes.record(api.get("/api/v1/me", {"raw_json": "1"}).json())
    if account.get("is_suspended") is True:
        raise ConnectorError(
            Code.GONE, say("Reddit has suspended this account."), raw="is_suspended"
        )
    shapes.identifier(account, "id")
    shapes.identifier(account, "name")
    return account


def _identity(account: Record) -> Identity:
    name = shapes.identifier(account, "name")
    return Identity(
        uid=shapes.identifier(account, "id"),
        username=name[:60],
        url=shapes.link({"url": f"https://www.reddit.com/user/{quote(name, safe='')}"}, "url"),
    )


def _checked(account: Record, target_id: str) -> Record:
    """Return the account. Raises ConnectorError when the access speaks for another one."""
    if shapes.identifier(account, "id") != target_id:
        raise ConnectorError(
            Code.SOURCE_NOT_GRANTED, say("This access speaks for another account on Reddit.")
        )
    return account


def _followers(account: Record) -> int | None:
    return shapes.count(shapes.optional_record(account, "subreddit"), "subscribers")


def _list_of(account: Record, name: str) -> str:
    return f"/user/{quote(shapes.identifier(account, 'name'), safe='')}/{name}"


def _pages(api: Session, path: str, found: _Found) -> Iterator[_Page]:
    """Yield the pages of a list. Raises ConnectorError(CONTRACT) for a circle."""
    query = {"limit": str(PER_PAGE), "sort": "new", "raw_json": "1"}
    seen: set[str] = set()
    for _ in range(PAGES):
        listing = shapes.record(api.get(path, query).json())
        data = shapes.record(listing.get("data"))
        after = shapes.optional_identifier(data, "after")
        yield _Page(list(_dated(shapes.records(data.get("children")), found)), more=bool(after))
        if not after:
            return
        if after in seen:
            raise ConnectorError(
                Code.CONTRACT, say("Reddit sends the same page again and again."), raw=path
            )
        seen.add(after)
        query["after"] = after


def _dated(children: list[Record], found: _Found) -> Iterator[Post]:
    """Yield what everybody can see of a page, and note whose posts were answered."""
    for child in children:
        thing = shapes.record(child.get("data"))
        at = shapes.instant(thing, "created_utc")
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["in_future"] += 1
        elif thing.get("removed_by_category") is not None:
            found.left_out["removed"] += 1
        elif shapes.text(thing, "subreddit_type", 20) in {"private", "employees_only"}:
            found.left_out["not_public"] += 1
        elif child.get("kind") == "t1":
            found.answered[shapes.text(thing, "link_id", 30)] += 1
            yield _comment(thing, min(at, found.now))
        elif child.get("kind") == "t3":
            yield _submission(thing, min(at, found.now))


def _submission(thing: Record, at: datetime) -> Post:
    return Post(
        external_id=f"t3_{shapes.identifier(thing, 'id')}"[:191],
        created_at=at,
        text=shapes.one_line(shapes.text(thing, "title", 1_000), shapes.EXCERPT),
        url=_permalink(thing),
        counts={
            Kind.LIKE: _score(thing, hidden="hide_score"),
            Kind.REPLY: shapes.count(thing, "num_comments"),
            Kind.REPOST: shapes.count(thing, "num_crossposts"),
        },
    )


def _comment(thing: Record, at: datetime) -> Post:
    return Post(
        external_id=f"t1_{shapes.identifier(thing, 'id')}"[:191],
        created_at=at,
        text=shapes.one_line(shapes.text(thing, "body", 1_000), shapes.EXCERPT),
        url=_permalink(thing),
        kind="reply",
        counts={Kind.LIKE: _score(thing, hidden="score_hidden")},
    )


def _score(thing: Record, *, hidden: str) -> int | None:
    """Return the votes of others: every post begins with its author's own."""
    score = thing.get("score")
    if thing.get(hidden) is True or isinstance(score, bool) or not isinstance(score, int):
        return None
    return min(max(0, score - (thing.get("likes") is True)), shapes.LARGEST_COUNT)


def _permalink(thing: Record) -> str:
    path = shapes.text(thing, "permalink", 400)
    return shapes.link({"url": f"https://www.reddit.com{path}"}, "url") if path[:1] == "/" else ""


def _read_list(api: Session, account: Record, name: str, found: _Found, progress: Progress) -> None:
    """Read a list, newest first, to the page that is older than wanted as a whole.

    A pinned old post on top ends nothing.
    """
    read: list[datetime] = []
    reading, cut_short = _LISTS[name]
    for number, page in enumerate(_pages(api, _list_of(account, name), found), start=1):
        progress(say(reading, number=number))
        found.posts |= {post.external_id: post for post in page.posts}
        times = [post.created_at for post in page.posts]
        read += times
        if times and max(times) < found.wanted:
            return
        if number == PAGES or (page.more and api.seconds > SECONDS):
            oldest = min(read, default=found.now)
            found.since = max(found.since or found.wanted, oldest)
            found.limited.append(say(cut_short, n=len(read)))
            return


def _posts(found: _Found) -> Iterator[Post]:
    """Yield what is of the time asked for, own comments taken out of what posts were answered.

    Also what is older than the other list goes back: it was read, though not all of its time was.
    """
    for post in found.posts.values():
        if post.created_at < found.wanted:
            continue
        own, told = found.answered[post.external_id], post.counts.get(Kind.REPLY)
        if own and told is not None:
            found.left_out["own_reactions"] += own
            post = replace(post, counts={**post.counts, Kind.REPLY: max(0, told - own)})
        yield post
