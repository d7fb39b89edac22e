"""X: own posts with counts, and who reposted and quoted the latest, as far as a budget goes.

X bills this site for each post and each profile it returns. So posts of the last week are read
daily and older ones weekly, the first read goes back as far as the score looks and no further, and
of the people who reacted a few are asked for by name, once a week. Who liked is not asked for: each
name would cost ten times what it says. The permission like.read is therefore not asked for either.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.connectors import shapes, x_api
from accounts.connectors.base import (
    ASKED_TO_WAIT,
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
    Tokens,
)
from accounts.connectors.common import Common
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.connectors.x_api import VOCABULARIES, Session, Vocabulary, segment
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
DAILY = timedelta(days=7)
MOST_POSTS = 500  # a read: two and a half dollars
SMALLEST = 5  # posts that X lets be asked for at once
NEWEST = 10
PEOPLE = 20  # asked for by name, a week
QUOTES_AT_LEAST = 10  # posts that X lets be asked for in a list of quotes
PEOPLE_YOUNGER = timedelta(days=14)  # posts that can still be news
SKEW = timedelta(minutes=5)

# What is counted -> its names in both vocabularies.
_COUNTS = {
    Kind.LIKE: ("like_count",),
    Kind.REPOST: ("repost_count", "retweet_count"),
    Kind.REPLY: ("reply_count",),
    Kind.QUOTE: ("quote_count",),
}
_REPOSTS = frozenset({"retweeted", "reposted"})


@dataclass
class _Found:
    """What a read has gathered so far."""

    own_id: str
    web: str
    since: datetime
    now: datetime
    own: dict[str, tuple[datetime, Record]] = field(default_factory=dict)
    people: dict[tuple[str, Kind, str], Interaction] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)
    cut: bool = False


class X(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "x"
    name = "X"
    reads = (
        "Your own public posts of the last 90 days: those of this week daily, older ones weekly.",
        "How many likes, reposts, replies and quotes each of them has.",
        "Who reposted and quoted the latest: 20 people a week, as a number without a name.",
        "How many people follow you, and how many follow each of those who passed your posts on.",
        "On how many lists of others you are.",
    )
    cannot_read = (
        "Who liked and who answered: X charges for each name, so these count by number.",
        "Posts for followers only: an account that is protected is not read.",
        "Anything once the sum this site spends at X in a day is used up: then it waits a day.",
    )
    consent_lasts = (
        "Until you take it back, here or in X's settings under Connected apps. X ends an access "
        "that is not used for six months."
    )
    scopes = ("tweet.read", "users.read", "offline.access")
    daily = DAILY
    renew_before = timedelta(minutes=5)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/i/oauth2/authorize"
        named = config.option("fields")
        self._vocabulary = Vocabulary(named if named in VOCABULARIES else next(iter(VOCABULARIES)))

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback, which lives 30 seconds."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return x_api.token_for(self.config, form, now=now)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return a new access and a new refresh token; the old one ends by being used."""
        if not access.refresh:
            return super().refresh(access, now=now)
        form = {"grant_type": "refresh_token", "refresh_token": access.refresh}
        return x_api.token_for(self.config, form, now=now)

    def revoke(self, access: Access) -> None:
        """Ask X to forget this access, and first what renews it: that lives for months."""
        for key in filter(None, (access.refresh, access.token)):
            x_api.revoke(self.config, key)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for; its number never changes, its name may."""
        return self._identity(self._session(access, now).me())

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself. Its posts are not counted here: each would cost something."""
        account = self._session(access, now).me()
        who = self._identity(account)
        protected = account.get("protected") is True
        return (
            Target(
                external_id=who.uid,
                kind="profile",
                title=who.title,
                url=who.url,
                followers=shapes.count(_metrics(account), "followers_count"),
                selectable=not protected,
                reason=say(_PROTECTED) if protected else "",
            ),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest ten posts with the counts of now; each costs something."""
        found = self._found(target_id, now - WINDOW, now)
        session = self._session(access, now)
        page = session.posts(_posts_of(target_id), _OWN, most=NEWEST, least=SMALLEST)
        found.own = dict(_dated(page.items, found))
        return tuple(_posts(found))

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since`, at most one window ago, their counts and some who reacted."""
        session = self._session(access, now)
        session.meter.check(x_api.USER + SMALLEST * x_api.POST)
        progress(say("Reading your profile"))
        account = session.me()
        if shapes.identifier(account, "id") != target_id:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED, say("This access speaks for another account on X.")
            )
        if account.get("protected") is True:
            raise ConnectorError(Code.WRONG_ACCOUNT_TYPE, _PROTECTED)
        found = self._found(target_id, max(since, now - WINDOW), now)
        names = found.since < now - DAILY
        _read_posts(session, found, progress)
        posts = tuple(_posts(found))
        if names:
            _read_people(session, found, posts, progress)
        return Reading(
            since=found.since,
            posts=posts,
            interactions=tuple(found.people.values()),
            followers=shapes.count(_metrics(account), "followers_count"),
            listed=shapes.count(_metrics(account), "listed_count"),
            pages=session.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
            cut=found.cut,
        )

    def _session(self, access: Access, now: datetime) -> Session:
        return Session(self.config, access, self._vocabulary, now=now)

    def _found(self, own_id: str, since: datetime, now: datetime) -> _Found:
        return _Found(own_id=own_id, web=self.config.url("web"), since=since, now=now)

    def _identity(self, account: Record) -> Identity:
        handle = shapes.optional_identifier(account, "username")[:60]
        return Identity(
            uid=shapes.identifier(account, "id"),
            username=handle,
            name=shapes.one_line(shapes.text(account, "name", 200), 60),
            url=f"{self.config.url('web')}/{segment(handle)}" if handle else "",
        )


_PROTECTED = marked(
    "Its posts are protected at X, for followers only, and we read public posts only. To let it "
    "count, unprotect them there and read it again."
)
_OWN = {"exclude": "retweets"}


def _posts_of(account_id: str) -> str:
    return f"/2/users/{segment(account_id)}/tweets"


def _metrics(of: Record) -> Record:
    return shapes.optional_record(of, "public_metrics")


def _read_posts(session: Session, found: _Found, progress: Progress) -> None:
    """Read own posts from `found.since` on, newest first, as far as the budget goes."""
    query = {**_OWN, "start_time": f"{found.since:%Y-%m-%dT%H:%M:%SZ}"}
    pages = session.post_pages(_posts_of(found.own_id), query, most=MOST_POSTS, least=SMALLEST)
    more = False
    try:
        for number, page in enumerate(pages, start=1):
            progress(say("Reading your posts, page {number}", number=number))
            _check_whole(page.problems, found)
            found.own.update(_dated(page.items, found))
            more = bool(page.following)
    except ConnectorError as error:
        if error.code is not Code.QUOTA_EXHAUSTED or not found.own:
            raise
        found.cut = True
        found.limited.append(
            say(
                "Only your newest {n} posts: X charges for each, and what this site "
                "spends there in a day is used up. The rest is read another day.",
                n=len(found.own),
            )
        )
    if more:
        found.since = min(at for at, _ in found.own.values()) if found.own else found.now
        if not found.cut:
            found.limited.append(
                say("Only your newest {n} posts: X charges for each.", n=len(found.own))
            )
    found.own = {name: one for name, one in found.own.items() if one[0] >= found.since}


def _check_whole(problems: list[Record], found: _Found) -> None:
    """Count what X says is gone. Raises ConnectorError where it holds back posts for no such
    reason: a list with holes must not pass for a whole one.
    """
    for problem in problems:
        kind = shapes.text(problem, "type", 200).rpartition("/")[2]
        about_post = shapes.text(problem, "resource_type", 20) in {"tweet", "post"}
        aside = shapes.text(problem, "parameter", 60).startswith("referenced_")
        if about_post and not aside and kind != "resource-not-found":
            raise ConnectorError(
                Code.TRANSIENT,
                say("X held back some of your posts, so that the list was not whole."),
                raw=shapes.text(problem, "detail", 200),
            )
        found.left_out["not_shown"] += 1


def _dated(items: list[Record], found: _Found) -> Iterator[tuple[str, tuple[datetime, Record]]]:
    """Yield own posts with their time; what others wrote is passed over."""
    for item in items:
        name = shapes.identifier(item, "id")
        author = shapes.optional_identifier(item, "author_id")
        if author not in {"", found.own_id} or _REPOSTS & dict(_references(item)).keys():
            found.left_out["reposts_of_others"] += 1
            continue
        at = shapes.moment(item, "created_at")
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["future"] += 1
        else:
            yield name, (min(at, found.now), item)


def _references(item: Record) -> Iterator[tuple[str, str]]:
    """Yield (how, id) for each post that a post refers to, in either vocabulary."""
    for name in VOCABULARIES.values():
        listed = item.get(name)
        for one in shapes.records(listed) if listed is not None else []:
            yield shapes.text(one, "type", 20), shapes.optional_identifier(one, "id")


def _posts(found: _Found) -> Iterator[Post]:
    """Yield the own posts; what their author did about them is taken out of the counts."""
    own: Counter[tuple[str, Kind]] = Counter()
    for _at, item in found.own.values():
        for how, about in _references(item):
            kind = {"replied_to": Kind.REPLY, "quoted": Kind.QUOTE}.get(how)
            if kind and about in found.own:
                own[about, kind] += 1
    if own:
        found.left_out["own_reactions"] += own.total()
    for name, (at, item) in found.own.items():
        answered = shapes.optional_identifier(item, "in_reply_to_user_id")
        yield Post(
            external_id=name,
            created_at=at,
            text=shapes.plain(shapes.text(item, "text", 5_000)),
            url=f"{found.web}/i/status/{segment(name)}",
            kind="reply" if answered not in {"", found.own_id} else "original",
            language=shapes.text(item, "lang", 12),
            counts={kind: _count(item, kind, less=own[name, kind]) for kind in _COUNTS},
        )


def _count(item: Record, kind: Kind, *, less: int) -> int | None:
    """Return a count under whichever name X has for it, without the author's own part."""
    told = (shapes.count(_metrics(item), name) for name in _COUNTS[kind])
    found = next((number for number in told if number is not None), None)
    return None if found is None else max(0, found - less)


def _read_people(
    session: Session, found: _Found, posts: tuple[Post, ...], progress: Progress
) -> None:
    """Ask who reposted and quoted, the most passed on first, up to PEOPLE by name.

    X names who reposted without a time; the time of the post stands for it, as it does for counts.
    """
    wanted = sorted(_open_lists(posts, found.now), key=lambda one: (-one[2], one[0].external_id))
    left = PEOPLE
    for post, kind, number in wanted:
        asked = 0
        if left > 0 and (kind is Kind.REPOST or left >= QUOTES_AT_LEAST):
            progress(say("Reading who passed your posts on"))
            try:
                asked = _ask_people(session, found, post, kind, most=min(left, number))
            except ConnectorError as error:
                if error.code in ASKED_TO_WAIT | {Code.SCOPE_MISSING}:
                    left = 0
                elif error.code is not Code.GONE:  # gone: deleted while we read
                    raise
        left -= asked
        found.left_out["people"] += max(0, number - asked)
    found.left_out += Counter()  # drops what is zero


def _open_lists(posts: tuple[Post, ...], now: datetime) -> Iterator[tuple[Post, Kind, int]]:
    """Yield young posts that were passed on, how, and how often."""
    for post in posts:
        for kind in (Kind.REPOST, Kind.QUOTE):
            number = post.counts.get(kind) or 0
            if number and post.created_at > now - PEOPLE_YOUNGER:
                yield post, kind, number


def _ask_people(session: Session, found: _Found, post: Post, kind: Kind, *, most: int) -> int:
    """Ask for one list of people and keep those who are others; return how many it named."""
    path = f"/2/tweets/{segment(post.external_id)}"
    if kind is Kind.REPOST:
        page = session.people(f"{path}/retweeted_by", most=most)
        for actor in page.items:
            _add(found, shapes.identifier(actor, "id"), kind, post.created_at, post, actor)
        return len(page.items)
    page = session.posts(
        f"{path}/quote_tweets", {}, most=QUOTES_AT_LEAST, least=QUOTES_AT_LEAST, authors=True
    )
    for item in page.items:
        author, at = shapes.identifier(item, "author_id"), shapes.moment(item, "created_at")
        act = shapes.identifier(item, "id")
        _add(found, author, kind, at or post.created_at, post, page.users.get(author, {}), act)
    return len(page.items)


def _add(
    found: _Found, who: str, kind: Kind, at: datetime, post: Post, actor: Record, act: str = ""
) -> None:
    if who == found.own_id:
        return
    found.people[who, kind, act or post.external_id] = Interaction(
        actor_id=who,
        kind=kind,
        at=min(at, found.now),
        post_id=post.external_id,
        external_id=act or post.external_id,
        actor_followers=shapes.count(_metrics(actor), "followers_count"),
        actor_since=shapes.moment(actor, "created_at"),
    )
