"""What a read of GitHub gathers: own repositories, and who starred, forked, wrote or answered."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
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
)
from accounts.connectors.session import Query, Session
from accounts.connectors.shapes import Record
from accounts.speech import Marked, marked, say

PER_PAGE = 100
# 5,000 calls an hour is what GitHub allows an account; a read stays far under it.
REPO_PAGES = 20
STAR_PAGES = 10  # of one repository, newest first
STAR_PAGES_SHOWN = 400  # GitHub shows nobody beyond
OTHER_PAGES = 5  # of forks, issues or comments of one repository
CALLS = 400  # for everything that people did
SECONDS = 240.0  # after which a slow network is asked for no more names
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this

_STARS_WITH_TIME = "application/vnd.github.star+json"
_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,100}")
_NEWEST_FIRST: dict[str, str | int] = {
    "sort": "created",
    "direction": "desc",
    "per_page": PER_PAGE,
}


@dataclass(frozen=True, slots=True)
class Repo:
    """One own repository: the post it makes and what its numbers say about where to look."""

    post: Post
    path: str
    stars: int
    forks: int
    recent: bool  # made or pushed to in the time asked for
    lively: bool  # that, or with open issues: somebody may have written there


@dataclass
class Found:
    """What a read has gathered so far."""

    own_id: str
    since: datetime
    now: datetime
    repos: list[Repo] = field(default_factory=list)
    acts: dict[tuple[str, Kind, str], Interaction] = field(default_factory=dict)
    own_stars: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)

    def add(self, actor: Record, kind: Kind, at: datetime, repo: Repo, act: str = "") -> None:
        """Keep what somebody did, unless it was the person, a program or a deleted account."""
        actor_id = shapes.optional_identifier(actor, "id")
        post_id = repo.post.external_id
        if not actor_id or actor.get("type") == "Bot":
            self.left_out["bot" if actor_id else "no_account"] += 1
        elif actor_id != self.own_id:
            known = Interaction(actor_id, kind, min(at, self.now), post_id, act or post_id)
            self.acts.setdefault((actor_id, kind, known.external_id), known)

    def note_own_star(self, actor: Record, repo: Repo) -> None:
        """Remember that the person starred their own repository, whenever that was."""
        if shapes.optional_identifier(actor, "id") == self.own_id:
            self.own_stars.add(repo.post.external_id)


OWN: dict[str, str | int] = {"type": "owner", **_NEWEST_FIRST}


def repos_of(account: Record) -> str:
    return f"/users/{_name(account, 'login')}/repos"


def _name(of: Record, key: str) -> str:
    """Return a name that is safe in a path. Raises ConnectorError(CONTRACT) otherwise."""
    name = shapes.identifier(of, key)
    if not _NAME.fullmatch(name):
        raise ConnectorError(
            Code.CONTRACT, say("GitHub answered in a form we do not know."), raw=f"odd {key}"
        )
    return name


def own_of(items: list[Record], account: Record, found: Found) -> Iterator[Repo]:
    """Yield the person's own work of a page of repositories; copies of others' are counted out."""
    for item in items:
        owner = shapes.optional_record(item, "owner")
        if shapes.optional_identifier(owner, "id") != found.own_id or item.get("private") is True:
            found.left_out["not_own"] += 1
            continue
        if item.get("fork") is True:
            found.left_out["copy"] += 1
            continue
        at = shapes.moment(item, "created_at")
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["in_future"] += 1
        else:
            yield _repo(item, account, min(at, found.now), found.since)


def _repo(item: Record, account: Record, at: datetime, since: datetime) -> Repo:
    stars, forks = shapes.count(item, "stargazers_count"), shapes.count(item, "forks_count")
    pushed = shapes.moment(item, "pushed_at")
    name = _name(item, "name")
    about = shapes.text(item, "description", shapes.EXCERPT)
    recent = at >= since or (pushed is not None and pushed >= since)
    return Repo(
        post=Post(
            external_id=shapes.identifier(item, "id"),
            created_at=at,
            text=shapes.one_line(f"{name}: {about}" if about else name, shapes.EXCERPT),
            url=shapes.link(item, "html_url"),
            counts={Kind.LIKE: stars, Kind.REPOST: forks},
        ),
        path=f"/repos/{_name(account, 'login')}/{name}",
        stars=stars or 0,
        forks=forks or 0,
        recent=recent,
        lively=recent or bool(shapes.count(item, "open_issues_count")),
    )


def read_repos(api: Session, account: Record, found: Found, progress: Progress) -> None:
    """Read all own repositories, for an old one may be starred today."""
    pages = api.linked_pages(repos_of(account), OWN, most=REPO_PAGES)
    for number, page in enumerate(pages, start=1):
        progress(say("Reading your repositories, page {number}", number=number))
        found.repos += own_of(page.items, account, found)
        if page.more and number == REPO_PAGES:
            oldest = min((repo.post.created_at for repo in found.repos), default=found.now)
            found.since = max(found.since, oldest)
            found.limited.append(
                say("Only your newest {n} repositories were read.", n=len(found.repos))
            )


def posts_of(found: Found) -> Iterator[Post]:
    """Yield what is about the time asked for; the person's own star is taken out of the count."""
    acted = {act.post_id for act in found.acts.values()}
    for repo in found.repos:
        post = repo.post
        if not repo.recent and post.external_id not in acted:
            continue
        if post.external_id in found.own_stars:
            found.left_out["own_reactions"] += 1
            likes = max(0, repo.stars - 1)
            post = replace(post, counts={**post.counts, Kind.LIKE: likes})
        yield post


def read_people(api: Session, found: Found, progress: Progress) -> None:
    """Ask who did what, repositories with the most to tell first, within a budget of calls."""
    wanted = sorted(
        (each for repo in found.repos for each in _lists(repo)),
        key=lambda each: (not each[0].lively, -each[0].stars, each[0].path),
    )
    budget = api.calls + CALLS
    for done, (repo, what, read) in enumerate(wanted):
        if api.calls >= budget or api.seconds > SECONDS:
            found.limited.append(_some_lists(done, len(wanted)))
            return
        progress(say(what, n=done + 1, of=len(wanted)))
        try:
            read(api, repo, found, progress)
        except ConnectorError as error:
            if error.code in ASKED_TO_WAIT:
                found.limited.append(_some_lists(done, len(wanted)))
                return
            # Gone: deleted or shut while we read. Not granted: an organisation keeps it to itself.
            if error.code not in {Code.GONE, Code.SOURCE_NOT_GRANTED}:
                raise
            found.left_out["closed_list"] += 1


def _some_lists(done: int, wanted: int) -> str:
    return say(
        "Who reacted was read for {done} of {wanted} lists; the rest counts by its "
        "numbers until the next read.",
        done=done,
        wanted=wanted,
    )


_WHO_STARRED = marked("Reading who starred, list {n} of {of}")
_WHO_FORKED = marked("Reading who forked, list {n} of {of}")
_WHO_WROTE = marked("Reading who wrote, list {n} of {of}")
_WHO_ANSWERED = marked("Reading who answered, list {n} of {of}")

_Reader = Callable[[Session, Repo, Found, Progress], None]


def _lists(repo: Repo) -> Iterator[tuple[Repo, Marked, _Reader]]:
    """Yield the lists of a repository that are worth a call."""
    if repo.stars:
        yield repo, _WHO_STARRED, _read_stars
    if repo.forks:
        yield repo, _WHO_FORKED, _read_forks
    if repo.lively:
        yield repo, _WHO_WROTE, _read_issues
        yield repo, _WHO_ANSWERED, _read_comments


def _read_stars(api: Session, repo: Repo, found: Found, progress: Progress) -> None:
    """Read stars from the last page back, for GitHub lists the oldest first."""
    last = -(-repo.stars // PER_PAGE)
    if last > STAR_PAGES_SHOWN:
        found.limited.append(
            say("Who starred {name} is not told: more than 40,000 did.", name=repo.post.text[:60])
        )
        return
    for number in range(last, max(last - STAR_PAGES, 0), -1):
        query = {"per_page": PER_PAGE, "page": number}
        answer = api.get(f"{repo.path}/stargazers", query, accept=_STARS_WITH_TIME)
        progress(say("Reading who starred"))
        items = shapes.records(answer.json())
        for item in items:
            found.note_own_star(shapes.optional_record(item, "user"), repo)
            _take(item, "starred_at", "user", Kind.LIKE, repo, found)
        times = [at for item in items if (at := shapes.moment(item, "starred_at"))]
        if times and min(times) < found.since:
            return
    if last > STAR_PAGES:
        found.limited.append(
            say("Of the stars of {name} only the newest were read.", name=repo.post.text[:60])
        )


def _read_forks(api: Session, repo: Repo, found: Found, progress: Progress) -> None:
    query: dict[str, str | int] = {"sort": "newest", "per_page": PER_PAGE}
    for item in _until(api, f"{repo.path}/forks", query, repo, found, progress):
        _take(item, "created_at", "owner", Kind.REPOST, repo, found)


def _read_issues(api: Session, repo: Repo, found: Found, progress: Progress) -> None:
    query = {**_NEWEST_FIRST, "state": "all"}  # pull requests are in it
    for item in _until(api, f"{repo.path}/issues", query, repo, found, progress):
        act = f"issue-{shapes.identifier(item, 'id')}"
        _take(item, "created_at", "user", Kind.REPLY, repo, found, act)


def _read_comments(api: Session, repo: Repo, found: Found, progress: Progress) -> None:
    path = f"{repo.path}/issues/comments"
    for item in _until(api, path, _NEWEST_FIRST, repo, found, progress):
        act = f"comment-{shapes.identifier(item, 'id')}"
        _take(item, "created_at", "user", Kind.REPLY, repo, found, act)


def _until(
    api: Session, path: str, query: Query, repo: Repo, found: Found, progress: Progress
) -> Iterator[Record]:
    """Yield the items of a list that is newest first, to the page that is older than wanted."""
    for number, page in enumerate(api.linked_pages(path, query, most=OTHER_PAGES), start=1):
        progress(say("Reading who reacted"))
        yield from page.items
        times = [at for item in page.items if (at := shapes.moment(item, "created_at"))]
        if times and min(times) < found.since:
            return
        if page.more and number == OTHER_PAGES:
            found.limited.append(
                say(
                    "Of what people did about {name} only the newest was read.",
                    name=repo.post.text[:60],
                )
            )


def _take(
    item: Record, when: str, who: str, kind: Kind, repo: Repo, found: Found, act: str = ""
) -> None:
    """Keep one act, where it is of the time asked for."""
    at = shapes.moment(item, when)
    if at is None:
        found.left_out["undated"] += 1
    elif at > found.now + SKEW:
        found.left_out["in_future"] += 1
    elif at >= found.since:
        found.add(shapes.optional_record(item, who), kind, at, repo, act)
