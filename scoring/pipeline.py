"""From evidence to what people see: the only writer of snapshots, ledger lines and states.

A day's snapshot may be written again until midnight UTC; past days are never rewritten. Each ledger
compares with the evidence exactly as it stood at the last counted day, which is kept beside that
day's snapshot, so that lines sum to the change even when posts or sources are gone since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import FRESH, Source
from scoring import engine, evidence
from scoring.engine import DAY_US, Evidence, Line
from scoring.models import LedgerLine, Post, ScoreSnapshot, ScoreState

LINES_OF_A_DAY = 200  # the rest of a day's lines is folded, by source and reason
LINES_OF_A_PAST_DAY = 40  # of days worked out afterwards
NAMED = 8  # sources, kinds and posts that a snapshot names as what it is made of
HISTORY_AT_MOST = timedelta(days=730)
RANKED_FROM = 10  # people; below that a percentile says more about the others than about you

PARAMS = engine.Params()
WINDOW = timedelta(days=PARAMS.window_days)


@transaction.atomic
def score_day(*, user_id: int, now: datetime) -> ScoreSnapshot:
    """Write today's snapshot of a person with its ledger, or write it again."""
    today = now.astimezone(UTC).date()
    before = _last_counted(user_id, before=today)
    held = evidence.of_person(user_id, now=now)
    sources = list(Source.objects.counted().filter(user_id=user_id))
    snapshot = _snapshot(user_id, today, now, held, sources)
    day = _Day.of(snapshot, held, before, at_most=LINES_OF_A_DAY)
    ScoreSnapshot.objects.filter(user_id=user_id, day=today, model=engine.ALGORITHM).delete()
    _write([day], sources)
    return snapshot


def work_out_history(*, user_id: int, now: datetime, hold: Callable[[], None]) -> int:
    """Write snapshots of the past days that the evidence supports; return how many.

    Only for a person who has no score of a past day yet: what stands is never rewritten. These days
    are marked as reconstructed. Today's ledger is written again, from yesterday's snapshot. `hold`
    is called first in the one transaction that writes; all computing is done before it.
    """
    today = now.astimezone(UTC).date()
    past = ScoreSnapshot.objects.filter(user_id=user_id, day__lt=today)
    sources = list(Source.objects.counted().filter(user_id=user_id))
    start = _supported_from(sources, now)
    if start is None or start.date() >= today or past.exists():
        return 0
    days = _past_days(user_id, sources, start, now)
    with transaction.atomic():
        hold()
        if past.exists():
            return 0
        _write(days, sources)
        score_day(user_id=user_id, now=now)
    return len(days)


def _past_days(user_id: int, sources: list[Source], start: datetime, now: datetime) -> list["_Day"]:
    """Return the days from `start` to yesterday, from the first one that has a score on."""
    whole = evidence.of_person(user_id, now=now, since=start - WINDOW)
    days: list[_Day] = []
    before: _Before | None = None
    at = datetime.combine(start.date(), datetime.min.time(), UTC) + timedelta(days=1)
    while at.date() <= now.astimezone(UTC).date():
        at_us = evidence.microseconds(at)
        held = evidence.between(whole, at_us - (PARAMS.window_days + 2) * DAY_US, at_us)
        snapshot = _snapshot(user_id, at.date() - timedelta(days=1), at, held, sources)
        snapshot.reconstructed = True
        if snapshot.score is not None or days:
            days.append(_Day.of(snapshot, held, before, at_most=LINES_OF_A_PAST_DAY))
        if snapshot.score is not None:
            before = _Before(snapshot, held)
        at += timedelta(days=1)
    return days


def effect_without(
    *, user_id: int, source_ids: Sequence[int], now: datetime
) -> tuple[float, float] | None:
    """Return (score now, score if these sources did not count), or None when nothing counts yet."""
    held = evidence.of_person(user_id, now=now)
    at_us = evidence.microseconds(now)
    whole = engine.evaluate(held, PARAMS, at_us)
    if not whole.enough[0]:
        return None
    rest = engine.evaluate(evidence.without(held, source_ids), PARAMS, at_us)
    return float(whole.score[0]), float(rest.score[0])


@dataclass(frozen=True, slots=True)
class _Before:
    """A counted snapshot with its evidence: where a ledger starts."""

    snapshot: ScoreSnapshot
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Day:
    """A snapshot about to be written, its evidence, and the counted day before it."""

    snapshot: ScoreSnapshot
    evidence: Evidence
    before: _Before | None
    lines: list[Line]

    @classmethod
    def of(
        cls, snapshot: ScoreSnapshot, held: Evidence, before: _Before | None, *, at_most: int
    ) -> "_Day":
        """Return the day with its reasons, of which the smallest beyond `at_most` are folded."""
        if before is None or snapshot.score is None:
            return cls(snapshot, held, before, [])
        lines = engine.explain(
            before.evidence,
            evidence.microseconds(before.snapshot.as_of),
            held,
            evidence.microseconds(snapshot.as_of),
            PARAMS,
        )
        return cls(snapshot, held, before, _folded(lines, at_most))


def _last_counted(user_id: int, *, before: date) -> _Before | None:
    """Return the newest snapshot before a day that has a score, with its evidence."""
    state = (
        ScoreState.objects.filter(
            snapshot__user_id=user_id,
            snapshot__model=engine.ALGORITHM,
            snapshot__day__lt=before,
            snapshot__score__isnull=False,
        )
        .select_related("snapshot")
        .order_by("-snapshot__day")
        .first()
    )
    if state is None:
        return None
    return _Before(state.snapshot, Evidence.unpack(bytes(state.evidence)))


def _supported_from(sources: list[Source], now: datetime) -> datetime | None:
    """Return the first moment whose score the evidence of all sources supports.

    A network was read back to a moment and nothing is known from before, so the window must lie
    after it. An archive holds everything from the first post on.
    """
    starts = []
    for source in sources:
        if source.complete_since is None:
            return None
        known = source.complete_since
        starts.append(known if source.grant_id is None else known + WINDOW)
    return max(max(starts), now - HISTORY_AT_MOST) if starts else None


def _snapshot(
    user_id: int, day: date, as_of: datetime, held: Evidence, sources: list[Source]
) -> ScoreSnapshot:
    """Return an unsaved snapshot. `as_of` is cut to microseconds by being a datetime."""
    as_of_us = evidence.microseconds(as_of)
    scores = engine.evaluate(held, PARAMS, as_of_us)
    enough = bool(scores.enough[0])
    low, high = engine.interval(held, PARAMS, as_of_us) if enough else (None, None)
    read = [s for s in sources if s.grant_id is None or (s.read_at and as_of - s.read_at <= FRESH)]
    return ScoreSnapshot(
        user_id=user_id,
        day=day,
        model=engine.ALGORITHM,
        as_of=as_of,
        score=float(scores.score[0]) if enough else None,
        low=None if low is None else float(low[0]),
        high=None if high is None else float(high[0]),
        reach=float(scores.reach[0]),
        amplification=float(scores.amplification[0]),
        network=float(scores.network[0]),
        reach_score=float(scores.reach_score[0]),
        amplification_score=float(scores.amplification_score[0]),
        network_score=float(scores.network_score[0]),
        posts=int(scores.posts[0]),
        people=int(scores.people[0]),
        sources_read=len(read),
        sources=len(sources),
    )


def _write(days: list[_Day], sources: list[Source]) -> None:
    """Write snapshots with their ledgers, and keep the evidence of the newest."""
    if not days:
        return
    newest = days[-1]
    newest.snapshot.made_of = _made_of(newest, {source.pk: source for source in sources})
    _rank(newest.snapshot)
    ScoreSnapshot.objects.bulk_create([day.snapshot for day in days], batch_size=500)
    lines = [line for day in days for line in day.lines]
    posts = _posts(lines)
    names = _names(sources, days[0].before, lines)
    LedgerLine.objects.bulk_create(
        [_row(day.snapshot, line, names, posts) for day in days for line in day.lines],
        batch_size=1_000,
    )
    _keep_states(days)


def _keep_states(days: list[_Day]) -> None:
    """Keep the evidence of the newest counted days of the person, and drop older states."""
    counted = [day for day in days if day.snapshot.score is not None]
    if not counted:
        return
    newest = counted[-1].snapshot
    ScoreState.objects.create(snapshot=newest, evidence=counted[-1].evidence.pack())
    old = ScoreState.objects.filter(
        snapshot__user_id=newest.user_id,
        snapshot__model=newest.model,
        snapshot__day__lt=newest.day,
    ).order_by("-snapshot__day")
    # The newest day before this one stays: today may be written again and compare with it.
    ScoreState.objects.filter(pk__in=list(old.values_list("pk", flat=True)[1:])).delete()


def _rank(snapshot: ScoreSnapshot) -> None:
    """Set the share of people here with a lower score, among those scored in the last two days."""
    if snapshot.score is None:
        return
    others = ScoreSnapshot.objects.filter(
        model=snapshot.model,
        day=snapshot.day,
        score__isnull=False,
    ).exclude(user_id=snapshot.user_id)
    population = others.count() + 1
    if population < RANKED_FROM:
        return
    lower = others.filter(score__lt=snapshot.score).count()
    snapshot.population = population
    snapshot.percentile = 100 * lower / population


def _folded(lines: list[Line], at_most: int) -> list[Line]:
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
        people=sum(line.people for line in lines),
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
class _Name:
    """What a ledger line says of its source; `pk` is None when the row is gone."""

    pk: int | None
    title: str
    network: str


def _names(sources: list[Source], before: _Before | None, lines: list[Line]) -> dict[int, _Name]:
    """Return source id -> name, also of sources that no longer count or are unlinked."""
    names: dict[int, _Name] = {}
    for one in before.snapshot.made_of.get("source", []) if before else []:
        names[one["id"]] = _Name(None, one["title"], one["network"])
    mentioned = {line.source for line in lines}
    held = [*sources, *Source.objects.filter(pk__in=mentioned - {one.pk for one in sources})]
    return names | {one.pk: _Name(one.pk, one.title, one.network) for one in held}


def _row(
    snapshot: ScoreSnapshot, line: Line, names: dict[int, _Name], posts: dict[int, Post]
) -> LedgerLine:
    """Return the unsaved row of a line, with words that outlive what they speak of."""
    source = names.get(line.source, _Name(None, "", ""))
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


def _made_of(day: _Day, sources: dict[int, Source]) -> dict[str, Any]:
    """Return points from 1 to the score by source, kind, post and part: what it is made of."""
    if day.snapshot.score is None:
        return {}
    lines = engine.made_of(day.evidence, evidence.microseconds(day.snapshot.as_of), PARAMS)
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
