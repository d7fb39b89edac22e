"""Reading posts at Facebook, Instagram and Threads, and the numbers that are kept elsewhere."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import (
    ASKED_TO_WAIT,
    Code,
    ConnectorError,
    Kind,
    Post,
    Progress,
    Reading,
)
from accounts.connectors.meta import Graph, Metrics, Page, metric_names, unix
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

POST_PAGES = 50  # of 100
NUMBER_CALLS = 120  # one for each post whose numbers are kept elsewhere
SECONDS = 240.0  # after which a slow network is asked for no more
SKEW = timedelta(minutes=5)  # a network's clock may run ahead by this

_RETIRED = marked("No longer told of posts: {names}.")
_NO_LONGER_THERE = frozenset({Code.GONE, Code.SOURCE_NOT_GRANTED})


def _is_own(_row: Record) -> bool:
    return True


@dataclass
class Gathered:
    """What a read has gathered so far: rows of posts with their time, and the posts made of them.

    `when` names the field of a post's time, by which the window is cut.
    """

    since: datetime
    now: datetime
    when: str
    is_own: Callable[[Record], bool] = _is_own
    rows: dict[str, tuple[Record, datetime]] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)

    def list_posts(self, graph: Graph, path: str, fields: str, progress: Progress) -> None:
        """Read the list at `path`, newest first, until a post is older than wanted."""
        query = {
            "fields": fields,
            "since": unix(self.since),
            "until": unix(self.now + SKEW),
            "limit": "100",
        }
        for number, page in enumerate(graph.pages(path, query, most=POST_PAGES), start=1):
            progress(say("Reading posts, page {number}", number=number))
            if self.take(page):
                return
            if page.more and (number == POST_PAGES or graph.seconds > SECONDS):
                self.since = min((at for _, at in self.rows.values()), default=self.now)
                self.limited.append(say("Only the newest {n} posts were read.", n=len(self.rows)))
                return

    def take(self, page: Page) -> bool:
        """Keep the posts of a page that are the person's own. Tells whether one is too old."""
        old = False
        for row in page.items:
            at = shapes.moment(row, self.when)
            if at is None:
                self.left_out["undated"] += 1
            elif at > self.now + SKEW:
                self.left_out["future"] += 1
            elif not self.is_own(row):
                self.left_out["reposts_of_others"] += 1
            elif at < self.since:
                old = True
            else:
                self.rows.setdefault(shapes.identifier(row, "id"), (row, min(at, self.now)))
        return old

    def reading(self, graph: Graph, *, followers: int | None) -> Reading:
        """Return all of it."""
        return Reading(
            since=self.since,
            posts=tuple(self.posts.values()),
            followers=followers,
            pages=graph.calls,
            left_out=dict(self.left_out),
            limited=tuple(self.limited),
        )


def add_numbers(
    found: Gathered, graph: Graph, kinds: Mapping[str, Kind], progress: Progress
) -> None:
    """Add to each post the metrics that are kept elsewhere, one call a post.

    What does not fit the budget, or can wait while much is asked of the network, stays as it was
    known, and that is said.
    """
    metrics = Metrics(list(kinds), retired=_RETIRED)
    posts = _in_turn(found)
    budget = graph.calls + NUMBER_CALLS
    names = list(kinds)
    for done, post in enumerate(posts):
        if not metrics.names:
            break
        if graph.calls >= budget or graph.seconds > SECONDS or graph.busy:
            found.limited.append(_partly(names, done, len(posts)))
            break
        progress(_asking(names, done + 1, len(posts)))
        try:
            numbers = metrics.read(graph, f"/{post.external_id}/insights")
        except ConnectorError as error:
            if error.code in _NO_LONGER_THERE:
                continue  # the post was deleted while we read
            if error.code not in ASKED_TO_WAIT | {Code.SCOPE_MISSING}:
                raise
            lacking = error.code is Code.SCOPE_MISSING
            found.limited.append(
                not_allowed(names) if lacking else _partly(names, done, len(posts))
            )
            break
        counts = {kinds[name]: value for name, value in numbers.items() if name in kinds}
        found.posts[post.external_id] = replace(post, counts={**post.counts, **counts})
    found.limited += metrics.limited


def _in_turn(found: Gathered) -> list[Post]:
    """Return the posts, newest first; where they are too many, the older ones take turns by day.

    Half of the budget is for the newest, so that none of the others waits for ever.
    """
    posts = sorted(found.posts.values(), key=lambda post: post.created_at, reverse=True)
    if len(posts) <= NUMBER_CALLS:
        return posts
    half = max(1, NUMBER_CALLS // 2)
    newest, older = posts[:half], posts[half:]
    first = found.now.date().toordinal() * half % len(older)
    return newest + older[first:] + older[:first]


def not_allowed(names: Iterable[str]) -> str:
    """Return what to say where the person did not allow to read metrics."""
    return say("Not read: {names}. Connect again and allow insights.", names=metric_names(names))


def _asking(names: Iterable[str], n: int, of: int) -> str:
    return say("Reading post {n} of {of}: {names}", n=n, of=of, names=metric_names(names))


def _partly(names: Iterable[str], done: int, of: int) -> str:
    return say(
        "Read for {done} of {of} posts: {names}. The others have their turn later.",
        names=metric_names(names),
        done=done,
        of=of,
    )


def excerpt(row: Record, name: str) -> str:
    """Return the beginning of a text on one line."""
    return " ".join(shapes.text(row, name, 2_000).split())[: shapes.EXCERPT]
