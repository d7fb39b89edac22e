"""From the engine's lines to words that stay: folded, named, ready to be stored."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Source
from scoring import engine, evidence
from scoring.engine import Evidence, Line
from scoring.models import LedgerLine, Post, ScoreSnapshot

NAMED = 8  # sources, kinds and posts that a snapshot names as what it is made of

Found = list[tuple[ScoreSnapshot, list[Line]]]


def folded(lines: list[Line], at_most: int) -> list[Line]:
    """Return the largest `at_most` lines; the rest is summed by source and reason."""
    if len(lines) <= at_most:
        return lines
    lines = sorted(lines, key=lambda line: -abs(line.points))
    small: dict[tuple[str, int], list[Line]] = {}
    for line in lines[at_most:]:
        small.setdefault((line.reason, line.source), []).append(line)
    return lines[:at_most] + [_sum(group) for group in small.values()]


def _sum(lines: list[Line]) -> Line:
    """Return one line, without post or kind, that is worth what `lines` are worth together."""
    one = lines[0]
    starts = [line.from_us for line in lines if line.from_us is not None]
    ends = [line.to_us for line in lines if line.to_us is not None]
    return Line(
        reason=one.reason,
        source=one.source,
        post=0,
        kind="",
        count=sum(line.count for line in lines),
        people=0,  # not known: one person may stand behind many lines
        points_reach=sum(line.points_reach for line in lines),
        points_amplification=sum(line.points_amplification for line in lines),
        points_network=sum(line.points_network for line in lines),
        points=sum(line.points for line in lines),
        from_us=min(starts, default=None),
        to_us=max(ends, default=None),
    )


def _posts(lines: list[Line]) -> dict[int, Post]:
    """Return the posts that lines name, by primary key; those taken down since are missing."""
    wanted = sorted({line.post for line in lines if line.post})
    found: dict[int, Post] = {}
    for start in range(0, len(wanted), 2_000):
        found |= Post.objects.only("excerpt", "url", "created_at").in_bulk(
            wanted[start : start + 2_000]
        )
    return found


@dataclass(frozen=True, slots=True)
class Name:
    """What a ledger line says of its source; `pk` is None when the row is gone."""

    pk: int | None
    title: str
    network: str


def names(sources: list[Source], told: dict[str, Any], found: Found) -> dict[int, Name]:
    """Return source id -> name, also of sources that no longer count or are unlinked.

    `told` is what the counted day before was made of: it names sources that are gone since.
    """
    known: dict[int, Name] = {}
    for one in told.get("source", []):
        known[one["id"]] = Name(None, one["title"], one["network"])
    mentioned = {line.source for _, lines in found for line in lines}
    held = [*sources, *Source.objects.filter(pk__in=mentioned - {one.pk for one in sources})]
    return known | {one.pk: Name(one.pk, one.title, one.network) for one in held}


def rows(found: Found, known: dict[int, Name]) -> list[LedgerLine]:
    """Return the unsaved rows of each snapshot's lines, with words that outlive what they name."""
    posts = _posts([line for _, lines in found for line in lines])
    return [_row(snapshot, line, known, posts) for snapshot, lines in found for line in lines]


def _row(
    snapshot: ScoreSnapshot, line: Line, names: dict[int, Name], posts: dict[int, Post]
) -> LedgerLine:
    source = names.get(line.source, Name(None, "", ""))
    post = posts.get(line.post)
    return LedgerLine(
        snapshot=snapshot,
        user_id=snapshot.user_id,
        day=snapshot.day,
        model=snapshot.model,
        reason=line.reason,
        source_id=source.pk,
        source_title=source.title,
        source_network=source.network,
        post=post,
        post_title=_title(post),
        post_url=post.url if post else "",
        kind=line.kind,
        count=line.count,
        people=line.people,
        from_day=None if line.from_us is None else evidence.moment(line.from_us).date(),
        to_day=None if line.to_us is None else evidence.moment(line.to_us).date(),
        points_reach=line.points_reach,
        points_amplification=line.points_amplification,
        points_network=line.points_network,
        points=line.points,
    )


def _title(post: Post | None) -> str:
    """Return the beginning of a post, cut at a word."""
    if post is None:
        return ""
    text = " ".join(post.excerpt.split())
    if len(text) <= 80:
        return text
    return text[:80].rsplit(" ", 1)[0] + " …"


def made_of(
    held: Evidence, as_of_us: int, params: engine.Params, counted: list[Source]
) -> dict[str, Any]:
    """Return points from 1 to the score by source, kind, post and part: what it is made of."""
    lines = engine.made_of(held, as_of_us, params)
    sources = {source.pk: source for source in counted}
    by_post = _largest({}, ((line.post, line.points) for line in lines if line.post))
    posts = Post.objects.in_bulk([pk for pk, _ in by_post])
    return {
        "part": {
            "reach": sum(line.points_reach for line in lines),
            "amplification": sum(line.points_amplification for line in lines),
            "network": sum(line.points_network for line in lines),
        },
        "source": [
            {
                "id": pk,
                "title": sources[pk].title,
                "network": sources[pk].network,
                "points": points,
            }
            for pk, points in _largest({}, ((line.source, line.points) for line in lines))
            if pk in sources
        ],
        "kind": [
            {"kind": kind, "points": points}
            for kind, points in _largest({}, ((line.kind, line.points) for line in lines))
            if kind
        ],
        "post": [
            {
                "id": pk,
                "title": _title(posts[pk]),
                "url": posts[pk].url,
                "day": posts[pk].created_at.date().isoformat(),
                "points": points,
            }
            for pk, points in by_post
            if pk in posts
        ],
    }


def _largest(sums: dict[Any, float], items: Any) -> list[tuple[Any, float]]:
    """Return (key, sum) of the NAMED largest sums over (key, value) items."""
    for key, value in items:
        sums[key] = sums.get(key, 0.0) + value
    return sorted(sums.items(), key=lambda item: -item[1])[:NAMED]
