"""What stored ledger lines come to: kept for days and posts, and worked out between two days.

Two years of somebody who posts every day are some thirty thousand lines, and a page shows forty
sums of them. So two small tables stand beside the lines, both functions of the lines alone, renewed
in the transaction that writes these. What is told of a post is summed from its lines all the same:
the tables say which posts those are, and what the rest comes to (docs/decisions/0010).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from scoring.models import LedgerDay, LedgerPost

LARGEST = 40  # sums that are told one by one
CANDIDATES = LARGEST + 20  # posts and kinds that are looked at first
FEW = 1_000  # lines that are grouped as fast as posts that moved most are found
AT_ONCE = 500  # ids in one statement
# Two sums of the same numbers differ by less, in whatever order they were added.
SAME = 1 + 1e-9

Stretch = tuple[int, str, date, date]  # person, model, and the days: after, until


class Group(NamedTuple):
    """Lines of one reason, source, post and kind as one: columns of _GROUPS."""

    reason: str
    kind: str
    post_id: int | None
    source_id: int | None
    lost_post: str
    lost_source: str
    points: float
    reach: float
    amplification: float
    network: float
    acts: int
    actors: int
    lines: int
    first: date | str
    last: date | str
    since: date | str | None
    until: date | str | None
    title: str
    url: str
    source_title: str
    source_network: str


class Whole(NamedTuple):
    """All lines of one reason as one: columns of _WHOLES."""

    reason: str
    points: float
    lines: int
    first: date | str
    last: date | str


def largest(stretch: Stretch, *, of: int) -> list[Group]:
    """Return the LARGEST sums by reason, source, post and kind of the stretch's `of` lines.

    The largest is first. A few lines are all looked at, in one query. Of many, the posts that moved
    most in all their days are looked at first. They are the right ones if the next of them, though
    all of it fell into this stretch, would not be among the largest.
    """
    if of <= FEW:
        return _groups(_ANY, stretch)
    about_none = _groups(_ABOUT_NONE, stretch)
    likely = _asked(_MOST_MOVED, (*stretch, CANDIDATES + 1))
    posts = {post for post, _moved in likely[:CANDIDATES]}
    found = _largest(about_none + _about(posts, stretch))
    most = likely[CANDIDATES][1] if len(likely) > CANDIDATES else 0.0
    least = abs(found[-1].points) if len(found) == LARGEST else 0.0
    if most <= least * SAME:
        return found
    posts = {post for (post,) in _asked(_LARGEST_POSTS, (*stretch, LARGEST))}
    return _largest(about_none + _about(posts, stretch))


def _about(posts: set[int], stretch: Stretch) -> list[Group]:
    if not posts:
        return []
    return _groups(_ABOUT_POSTS.format(posts=_marks(posts)), (*stretch, *sorted(posts)))


def _groups(where: str, values: tuple[Any, ...]) -> list[Group]:
    return [Group._make(row) for row in _asked(_GROUPS.format(where=where), (*values, LARGEST))]


def _largest(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: -abs(group.points))[:LARGEST]


def wholes(stretch: Stretch) -> list[Whole]:
    """Return what all lines of each reason come to."""
    return [Whole._make(row) for row in _asked(_WHOLES, stretch)]


def keep_days(snapshots: Sequence[int]) -> None:
    """Renew what the lines of snapshots come to by reason."""
    for some in _cut(snapshots):
        LedgerDay.objects.filter(snapshot__in=some).delete()
        with connection.cursor() as cursor:
            cursor.execute(_SUM_DAYS.format(snapshots=_marks(some)), some)


def keep_posts(posts: Collection[int]) -> None:
    """Renew how far the lines about posts moved a score."""
    for some in _cut(sorted(posts)):
        LedgerPost.objects.filter(post__in=some).delete()
        with connection.cursor() as cursor:
            cursor.execute(_SUM_POSTS.format(posts=_marks(some)), some)


def _asked(sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _cut(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


# Written out, because Django takes longer to put these together than the database to answer them.
_SUM_DAYS = """
INSERT INTO scoring_ledgerday (snapshot_id, user_id, day, model, reason, points, lines)
SELECT snapshot_id, user_id, day, model, reason, SUM(points), COUNT(*)
FROM scoring_ledgerline WHERE snapshot_id IN ({snapshots}) GROUP BY 1, 2, 3, 4, 5
"""
_SUM_POSTS = """
INSERT INTO scoring_ledgerpost (user_id, model, post_id, kind, reason, moved, first, last)
SELECT user_id, model, post_id, kind, reason, SUM(ABS(points)), MIN(day), MAX(day)
FROM scoring_ledgerline WHERE post_id IN ({posts}) GROUP BY 1, 2, 3, 4, 5
"""
_WHOLES = """
SELECT reason, SUM(points), CAST(SUM(lines) AS bigint), MIN(day), MAX(day)
FROM scoring_ledgerday WHERE user_id = %s AND model = %s AND day > %s AND day <= %s
GROUP BY reason
"""
_MOST_MOVED = """
SELECT post_id, moved
FROM scoring_ledgerpost WHERE user_id = %s AND model = %s AND last > %s AND first <= %s
ORDER BY moved DESC LIMIT %s
"""
_LARGEST_POSTS = """
SELECT post_id
FROM scoring_ledgerline WHERE user_id = %s AND model = %s AND day > %s AND day <= %s
    AND post_id IS NOT NULL
GROUP BY post_id, kind, reason ORDER BY ABS(SUM(points)) DESC, MIN(id) LIMIT %s
"""
# What is deleted is told apart by the words that were kept of it. A post belongs to one source, and
# is gone when that is, so the words of what is gone need not tell groups of a post apart.
_GROUPS = """
SELECT reason, kind, post_id, source_id,
    CASE WHEN post_id IS NULL THEN post_title ELSE '' END,
    CASE WHEN source_id IS NULL THEN source_title ELSE '' END,
    SUM(points), SUM(points_reach), SUM(points_amplification), SUM(points_network),
    CAST(SUM(count) AS bigint), CAST(SUM(people) AS bigint), COUNT(*), MIN(day), MAX(day),
    MIN(from_day), MAX(to_day), MAX(post_title), MAX(post_url), MAX(source_title),
    MAX(source_network)
FROM scoring_ledgerline WHERE {where}
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY ABS(SUM(points)) DESC, MIN(id) LIMIT %s
"""
_ANY = "user_id = %s AND model = %s AND day > %s AND day <= %s"
_ABOUT_NONE = f"{_ANY} AND post_id IS NULL"
# The plus keeps SQLite, which chooses an index without counting rows, from the one of days.
_ABOUT_POSTS = """
+user_id = %s AND model = %s AND day > %s AND day <= %s AND post_id IN ({posts})
"""
