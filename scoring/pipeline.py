"""From evidence to what people see: the only writer of snapshots, ledgers, their sums and states.

A day's snapshot may be written again until midnight UTC; past days are never rewritten. Each ledger
compares with the evidence exactly as it stood at the last counted day, which is kept beside that
day's snapshot, so that lines sum to the change even when posts or sources are gone since.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import FRESH, Source, User
from scoring import engine, evidence, lines, sums, weeks
from scoring.engine import DAY_US, Evidence, Line
from scoring.models import LedgerLine, LedgerPost, Post, ScoreSnapshot, ScoreState

LINES_OF_A_DAY = 200  # the rest of a day's lines is folded, by source and reason
LINES_OF_A_PAST_DAY = 40  # of days worked out afterwards
HISTORY_AT_MOST = timedelta(days=730)
RANKED_FROM = 10  # people; below that a percentile says more about the others than about you

PARAMS = engine.Params()
WINDOW = timedelta(days=PARAMS.window_days)


@dataclass(frozen=True, slots=True)
class _Before:
    """A counted snapshot with its evidence: where a ledger starts."""

    snapshot: ScoreSnapshot
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Day:
    """A snapshot about to be written, and why it differs from the counted day before it."""

    snapshot: ScoreSnapshot
    reasons: list[Line]

    @classmethod
    def of(
        cls, snapshot: ScoreSnapshot, held: Evidence, before: _Before | None, *, at_most: int
    ) -> "_Day":
        """Return the day with its reasons, of which the smallest beyond `at_most` are folded."""
        if before is None or snapshot.score is None:
            return cls(snapshot, [])
        found = engine.explain(
            before.evidence,
            evidence.microseconds(before.snapshot.as_of),
            held,
            evidence.microseconds(snapshot.as_of),
            PARAMS,
        )
        return cls(snapshot, lines.folded(found, at_most))


@transaction.atomic
def score_day(*, user_id: int, now: datetime) -> ScoreSnapshot:
    """Write today's snapshot of a person with its ledger, or write it again.

    When a later day stands already, the clock went back: that day's snapshot is returned as it is.
    """
    _alone(user_id)
    today = now.astimezone(UTC).date()
    mine = ScoreSnapshot.objects.filter(user_id=user_id, model=engine.ALGORITHM)
    if later := mine.filter(day__gt=today).order_by("-day").first():
        return later
    before = _last_counted(user_id, before=today)
    held = evidence.of_person(user_id, now=now)
    sources = list(Source.objects.counted().scored().filter(user_id=user_id))
    snapshot = _snapshot(user_id, today, now, held, sources)
    _take_back(mine.filter(day=today))
    day = _Day.of(snapshot, held, before, at_most=LINES_OF_A_DAY)
    newest = None if snapshot.score is None else _Before(snapshot, held)
    _write([day], newest, before, sources)
    return snapshot


def _alone(user_id: int) -> None:
    """Keep other writers of this person's scores waiting until the transaction ends."""
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def _take_back(written: QuerySet[ScoreSnapshot]) -> None:
    """Delete snapshots that are written again, with their ledger and what it comes to."""
    told = LedgerLine.objects.filter(snapshot__in=written, post__isnull=False)
    posts = set(told.values_list("post_id", flat=True))
    written.delete()
    sums.keep_posts(posts)


def work_out_history(*, user_id: int, now: datetime, hold: Callable[[], None]) -> int:
    """Write snapshots of days before the first one, as far as the evidence supports; say how many.

    What stands is never rewritten; only the first day with a score gets a ledger, since there is a
    day before it now. Days worked out this way are marked as reconstructed. `hold` is called first
    in the one transaction that writes; all computing is done before it.
    """
    first = _first_counted(user_id)
    read = Source.objects.counted().scored().filter(user_id=user_id, read_at__isnull=False)
    sources = list(read)
    start = _supported_from(sources, now)
    if first is None or first.snapshot.reconstructed or start is None:
        return 0
    until = _earliest_day(user_id) or first.snapshot.day
    days, last = _past_days(user_id, sources, start, until, now)
    if last is None:
        return 0
    with transaction.atomic():
        hold()
        _alone(user_id)
        if _earliest_day(user_id) != until:
            return 0  # somebody else worked it out meanwhile
        _write(days, last, None, sources)
        if first.snapshot.day == now.astimezone(UTC).date():
            score_day(user_id=user_id, now=now)
        else:
            joint = _Day.of(first.snapshot, first.evidence, last, at_most=LINES_OF_A_PAST_DAY)
            _write_lines([joint], last, sources)
    return len(days)


def _earliest_day(user_id: int) -> date | None:
    """Return the first day of a person that has a snapshot, with or without a score."""
    mine = ScoreSnapshot.objects.filter(user_id=user_id, model=engine.ALGORITHM)
    return mine.order_by("day").values_list("day", flat=True).first()


def _first_counted(user_id: int) -> _Before | None:
    """Return the first snapshot that has a score, with its evidence while that is kept."""
    scored = ScoreSnapshot.objects.filter(
        user_id=user_id, model=engine.ALGORITHM, score__isnull=False
    ).select_related("state")
    first = scored.order_by("day").first()
    state = getattr(first, "state", None)
    if first is None or state is None:
        return None
    return _Before(first, Evidence.unpack(bytes(state.evidence)))


def _past_days(
    user_id: int, sources: list[Source], start: datetime, until: date, now: datetime
) -> tuple[list[_Day], _Before | None]:
    """Return the days from `start` to before `until`, from the first that has a score on.

    Also returns the last of them that has one, with its evidence.
    """
    whole = evidence.of_person(user_id, now=now, since=start - WINDOW)
    days: list[_Day] = []
    before: _Before | None = None
    at = datetime.combine(start.date(), datetime.min.time(), UTC) + timedelta(days=1)
    while at.date() <= until:
        at_us = evidence.microseconds(at)
        seen = evidence.between(whole, at_us - (PARAMS.window_days + 2) * DAY_US, at_us)
        snapshot = _snapshot(user_id, at.date() - timedelta(days=1), at, seen, sources)
        snapshot.reconstructed = True
        if snapshot.score is not None or days:
            days.append(_Day.of(snapshot, seen, before, at_most=LINES_OF_A_PAST_DAY))
        if snapshot.score is not None:
            before = _Before(snapshot, seen)
        at += timedelta(days=1)
    return days, before


def forget_words(*, source: Source, posts: Collection[int] | None = None) -> None:
    """Take the words and addresses of a source's posts out of what its person's scores say.

    The points of past days stay, as lines about the source; whose words they were about goes.
    `posts` are the ids of those that go, None for all.
    """
    mine = LedgerLine.objects.filter(user_id=source.user_id)
    told = mine.filter(source=source)
    told = told if posts is None else told.filter(post__in=posts)
    told.update(post=None, post_title="", post_url="")
    summed = LedgerPost.objects.filter(post__source=source)
    (summed if posts is None else summed.filter(post__in=posts)).delete()
    going = Post.objects.filter(source=source).values_list("pk", flat=True)
    gone = set(going if posts is None else posts)
    for snapshot in ScoreSnapshot.objects.filter(user_id=source.user_id).exclude(made_of={}):
        named = snapshot.made_of.get("post", [])
        kept = [post for post in named if post["id"] not in gone]
        if len(kept) < len(named):
            snapshot.made_of["post"] = kept
            snapshot.save(update_fields=["made_of"])


def effects_without_each(
    *, user_id: int, source_ids: Iterable[int], now: datetime
) -> tuple[float, dict[int, float | None]] | None:
    """Return (score now, source id -> score if that source did not count).

    None when nothing counts yet; the score of a source is None when what remains is not enough.
    """
    held = evidence.of_person(user_id, now=now)
    at_us = evidence.microseconds(now)
    whole = engine.evaluate(held, PARAMS, at_us)
    if not whole.enough[0]:
        return None
    rests = {pk: engine.evaluate(evidence.without(held, [pk]), PARAMS, at_us) for pk in source_ids}
    return float(whole.score[0]), {
        pk: float(rest.score[0]) if rest.enough[0] else None for pk, rest in rests.items()
    }


def effect_of_choice(
    *, user_id: int, leaving: Collection[int], joining: Collection[int], now: datetime
) -> tuple[float | None, float | None]:
    """Return (score now, score if sources `leaving` stopped and `joining` began to count).

    None where there is too little to count. A source that was never read adds nothing here.
    """
    at_us = evidence.microseconds(now)
    held = evidence.of_person(user_id, now=now, also=joining)
    today, then = (
        engine.evaluate(evidence.without(held, gone), PARAMS, at_us) for gone in (joining, leaving)
    )
    return (
        float(today.score[0]) if today.enough[0] else None,
        float(then.score[0]) if then.enough[0] else None,
    )


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


def _write(
    days: list[_Day], newest: _Before | None, before: _Before | None, sources: list[Source]
) -> None:
    """Write snapshots with their ledgers; keep the evidence of `newest`, the last with a score.

    `before` is the counted day before the first of `days`.
    """
    if newest is not None:
        newest.snapshot.made_of = lines.made_of(
            newest.evidence, evidence.microseconds(newest.snapshot.as_of), PARAMS, sources
        )
        _rank(newest.snapshot)
    ScoreSnapshot.objects.bulk_create([day.snapshot for day in days], batch_size=500)
    if days:
        first, last = days[0].snapshot, days[-1].snapshot
        weeks.keep(user_id=first.user_id, model=first.model, first=first.day, last=last.day)
    _write_lines(days, before, sources)
    if newest is not None:
        _keep_state(newest)


def _write_lines(days: list[_Day], before: _Before | None, sources: list[Source]) -> None:
    told = before.snapshot.made_of if before else {}
    found = [(day.snapshot, day.reasons) for day in days]
    rows = lines.rows(found, lines.names(sources, told, found))
    LedgerLine.objects.bulk_create(rows, batch_size=1_000)
    sums.keep_days([day.snapshot.pk for day in days])
    sums.keep_posts({row.post_id for row in rows if row.post_id is not None})


def _keep_state(newest: _Before) -> None:
    """Keep the evidence of a counted day, and of only one day before it."""
    snapshot = newest.snapshot
    ScoreState.objects.create(snapshot=snapshot, evidence=newest.evidence.pack())
    old = ScoreState.objects.filter(
        snapshot__user_id=snapshot.user_id,
        snapshot__model=snapshot.model,
        snapshot__day__lt=snapshot.day,
    ).order_by("-snapshot__day")
    # That one stays: the newest day may be written again and compares with it.
    ScoreState.objects.filter(pk__in=list(old.values_list("pk", flat=True)[1:])).delete()


def _rank(snapshot: ScoreSnapshot) -> None:
    """Set the share of people here with a lower score: of each, the newest of the last two days."""
    others = ScoreSnapshot.objects.filter(model=snapshot.model, score__isnull=False).exclude(
        user_id=snapshot.user_id
    )
    today = others.filter(day=snapshot.day)
    scored = today.filter(user_id=OuterRef("user_id"))
    yesterday = others.filter(~Exists(scored), day=snapshot.day - timedelta(days=1))
    population = today.count() + yesterday.count() + 1
    if population < RANKED_FROM:
        return
    lower = sum(days.filter(score__lt=snapshot.score).count() for days in (today, yesterday))
    snapshot.population = population
    snapshot.percentile = 100 * lower / population
