"""Pages of organisations at LinkedIn: roles, posts, and the numbers of posts in batches."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.base import Code, ConnectorError, Kind, Post, Progress
from accounts.connectors.linkedin_api import Page, Session, listed, moment_of, urn
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
POST_PAGES, POSTS = 20, 50
ROLE_PAGES, ROLES = 5, 100
BATCH = 50  # posts whose numbers are asked for at once
SKEW = timedelta(minutes=5)

# The permissions for an organisation's posts, and for its roles and numbers.
POSTS_SCOPE, ADMIN_SCOPE = "r_organization_social", "rw_organization_admin"
ADMINISTRATOR = "ADMINISTRATOR"
ORGANISATION = "urn:li:organization:"
ROLE_LOST = (Code.ROLE_LOST, marked("LinkedIn says that your role does not let us read this page."))

# Older versions call the organisation otherwise.
_ORGANISATION_NAMES = ("organization", "organizationTarget", "organizationalTarget")
_SHARE, _UGC = "urn:li:share:", "urn:li:ugcPost:"
_MENTION = re.compile(r"@\[([^\]]{0,200})\]\([^)]{0,200}\)")
_HASHTAG = re.compile(r"\{hashtag\|\\?#\|([^}]{0,200})\}")
_ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")

Numbers = Mapping[str, Record]  # by the URN of a post


@dataclass
class Found:
    """What a read has gathered so far."""

    own: str  # the page's URN
    web: str
    since: datetime
    now: datetime
    role: str = ADMINISTRATOR
    posts: dict[str, tuple[datetime, Record]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)


def role_in_words(role: str) -> str:
    """Return a role as people say it."""
    return "super admin" if role == ADMINISTRATOR else role.replace("_", " ").lower()


def roles(session: Session) -> dict[str, str]:
    """Return page -> the member's role there; of several roles the administrator's counts."""
    found: dict[str, str] = {}
    query = "q=roleAssignee&state=APPROVED"
    for page in session.pages(
        "/rest/organizationAcls", query, size=ROLES, most=ROLE_PAGES, needs=ADMIN_SCOPE
    ):
        for item in page.items:
            name = next((item[key] for key in _ORGANISATION_NAMES if item.get(key)), "")
            role = shapes.text(item, "role", 60)
            if _is_page(name) and role and found.get(name) != ADMINISTRATOR:
                found[name] = role
    return found


def _is_page(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(rf"{ORGANISATION}\d{{1,30}}", name) is not None


def details(session: Session, page: str) -> Record:
    """Return what LinkedIn says of a page, or nothing where the role does not let it."""
    try:
        return session.get(
            f"/rest/organizations/{urn(page.removeprefix(ORGANISATION))}",
            needs=ADMIN_SCOPE,
            denied=ROLE_LOST,
        )
    except ConnectorError as error:
        if error.code not in {Code.ROLE_LOST, Code.GONE}:
            raise
        return {}


def followers(session: Session, page: str) -> int | None:
    """Return how many follow a page, or None where LinkedIn does not say."""
    said = session.get(
        f"/rest/networkSizes/{urn(page)}",
        "edgeType=COMPANY_FOLLOWED_BY_MEMBER",
        needs=ADMIN_SCOPE,
        denied=ROLE_LOST,
    )
    return shapes.count(said, "firstDegreeSize")


def lately(session: Session, page: str, now: datetime) -> tuple[int | None, datetime | None]:
    """Return how many posts a page had in the window (None: too many to tell), and the last."""
    found = Found(own=page, web="", since=now - WINDOW, now=now)
    first = next(post_pages(session, page, most=1))
    times = [at for _, (at, _) in own(first, found)]
    young = sum(at >= found.since for at in times)
    changed = _changed(first)
    whole = not first.more or (bool(changed) and min(changed) < found.since)
    return (young if whole else None), max(times, default=None)


def post_pages(
    session: Session, page: str, *, size: int = POSTS, most: int = POST_PAGES
) -> Iterator[Page]:
    """Yield pages of a page's posts, those changed last first."""
    query = f"author={urn(page)}&q=author&sortBy=LAST_MODIFIED"
    return session.pages(
        "/rest/posts", query, size=size, most=most, needs=POSTS_SCOPE, denied=ROLE_LOST
    )


def read_posts(session: Session, found: Found, progress: Progress) -> None:
    """Read posts until none that follows can be young: none is changed before it is made."""
    more, back_to = False, found.now
    for number, page in enumerate(post_pages(session, found.own), start=1):
        progress(say("Reading the page's posts, page {number}", number=number))
        found.posts.update(own(page, found))
        changed = _changed(page)
        back_to = min([back_to, *changed])
        more = page.more and not (changed and max(changed) < found.since)
        if not more:
            break
    if more:  # whatever was made since then was changed since then, and so it was read
        found.since = back_to
        found.limited.append(say("Only {n} posts of the page were read.", n=len(found.posts)))
    found.posts = {name: one for name, one in found.posts.items() if one[0] >= found.since}


def _changed(page: Page) -> list[datetime]:
    """Return when the posts of a page of the list were changed last, where LinkedIn says it."""
    changed = (moment_of(item, "lastModifiedAt") for item in page.items)
    return [at for at in changed if at is not None]


def own(page: Page, found: Found) -> Iterator[tuple[str, tuple[datetime, Record]]]:
    """Yield the page's own public posts with their time."""
    for item in page.items:
        name = shapes.identifier(item, "id")
        mine = name.startswith((_SHARE, _UGC)) and item.get("author") == found.own
        silent = item.get("reshareContext") and not shapes.text(item, "commentary", 10).strip()
        if not mine or silent:
            found.left_out["reposts_of_others"] += 1
        elif item.get("lifecycleState") != "PUBLISHED" or item.get("visibility") != "PUBLIC":
            found.left_out["not_public"] += 1
        elif (at := moment_of(item, "publishedAt") or moment_of(item, "createdAt")) is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["future"] += 1
        else:
            yield name, (min(at, found.now), item)


def with_counts(session: Session, found: Found, progress: Progress) -> Iterator[Post]:
    """Yield the posts with reactions and comments, and with reposts where the role shows them."""
    names = list(found.posts)
    for start in range(0, len(names), BATCH):
        progress(say("Reading reactions, {start} of {n} posts", start=start, n=len(names)))
        batch = names[start : start + BATCH]
        social, statistics = _social(session, batch), _statistics(session, found, batch)
        for name in batch:
            at, item = found.posts[name]
            yield Post(
                external_id=name,
                created_at=at,
                text=shapes.one_line(_plain(shapes.text(item, "commentary", 5_000)), 280),
                url=f"{found.web}/feed/update/{urn(name)}/",
                counts=_counts(social.get(name), statistics.get(name), found.role),
            )


def _social(session: Session, batch: list[str]) -> Numbers:
    """Return reactions and comments by post."""
    said = session.get(
        "/rest/socialMetadata",
        f"ids={listed(batch)}",
        needs=POSTS_SCOPE,
        method="BATCH_GET",
        denied=ROLE_LOST,
    )
    results = shapes.optional_record(said, "results")
    return {name: shapes.optional_record(results, name) for name in batch if results.get(name)}


def _statistics(session: Session, found: Found, batch: list[str]) -> Numbers:
    """Return the numbers of shares by post; posts of the two kinds are listed apart."""
    kinds = {"shares": _SHARE, "ugcPosts": _UGC}
    lists = {
        name: [one for one in batch if one.startswith(prefix)] for name, prefix in kinds.items()
    }
    said = session.get(
        "/rest/organizationalEntityShareStatistics",
        f"q=organizationalEntity&organizationalEntity={urn(found.own)}"
        + "".join(f"&{name}={listed(urns)}" for name, urns in lists.items() if urns),
        needs=ADMIN_SCOPE,
        method="FINDER",
        denied=ROLE_LOST,
    )
    known: dict[str, Record] = {}
    for item in shapes.records(said.get("elements")):
        name = shapes.optional_identifier(item, "share") or shapes.optional_identifier(
            item, "ugcPost"
        )
        known[name] = shapes.optional_record(item, "totalShareStatistics")
    return known


def _counts(social: Record | None, statistics: Record | None, role: str) -> dict[Kind, int | None]:
    """Return the counts of a post. What LinkedIn left out is not known, and never 0."""
    social, statistics = social or {}, statistics or {}

    def told(name: str) -> int | None:
        number = shapes.count(statistics, name)
        # Somebody of another role is shown zeros, whatever the numbers are.
        return None if number == 0 and role != ADMINISTRATOR else number

    reactions = social.get("reactionSummaries")
    comments = shapes.count(shapes.optional_record(social, "commentSummary"), "count")
    return {
        Kind.LIKE: _sum(shapes.record(reactions)) if reactions is not None else told("likeCount"),
        Kind.REPLY: told("commentCount") if comments is None else comments,
        Kind.REPOST: told("shareCount"),
    }


def _sum(reactions: Record) -> int | None:
    """Return how many reactions there are of all kinds; None when one of them says no number."""
    numbers = [shapes.count(shapes.record(each), "count") for each in reactions.values()]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _plain(commentary: str) -> str:
    """Return a post's words without LinkedIn's marks for mentions and hashtags."""
    words = _HASHTAG.sub(r"#\1", _MENTION.sub(r"\1", commentary))
    return _ESCAPED.sub(r"\1", words)
