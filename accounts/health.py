"""What each read of a source left behind: its health and a line in its log of 30 days.

An outage never lowers a score: `read_at`, the clock by which a source's evidence ages, moves on
success only. The person is asked for help only after the network refused twice, at least 30 minutes
apart, unless the source was never read: then they are there and waiting.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from accounts.breakers import Resting
from accounts.connectors.base import NEEDS_PERSON, RETRYABLE, Code, ConnectorError, Reading
from accounts.models import Source, SyncRun
from accounts.signals import link_mended, link_refused

SURE_AFTER = timedelta(minutes=30)  # between two refusals before the person is asked to act
KEEP_RUNS = timedelta(days=30)
WINDOW = timedelta(days=90)
FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=6)

_HEALTH = (
    "code",
    "code_since",
    "doubted_since",
    "words",
    "failures",
    "tried_at",
    "read_at",
    "complete_since",
    "deep_read_at",
    "retry_at",
    "limited",
    "followers",
    "listed",
    "posts_90d",
    "last_post_at",
    "moved_to",
)


def reading_succeeded(
    *,
    source_id: int,
    reading: Reading,
    reactions: int | None = None,
    started_at: datetime,
    now: datetime,
    refused: Mapping[str, int] | None = None,
    deep: bool = True,
) -> None:
    """Write that a source was read whole. Does nothing when it was unlinked meanwhile.

    `reactions` is how many were new (None: all of the reading); `refused` counts, by reason, what
    was not believed. Both stand in the log beside what the connector left out. `deep`: all that
    counts was asked for, and not only what is young.
    """
    with transaction.atomic():
        source = Source.objects.filter(pk=source_id).locked().first()
        if source is None:
            return
        mended = _mended_at(source, now)
        if source.code != Code.OK or source.code_since is None:
            source.code_since = now
        source.code, source.words, source.failures, source.retry_at = Code.OK, "", 0, None
        source.doubted_since = None
        joins = source.read_at is not None and reading.since <= source.read_at
        if not (joins and source.complete_since and source.complete_since < reading.since):
            source.complete_since = reading.since
        source.tried_at = source.read_at = now
        if deep and not reading.cut:
            source.deep_read_at = now
        source.limited = list(reading.limited)
        source.moved_to = reading.moved_to[:200]
        if reading.followers is not None:
            source.followers = reading.followers
        if reading.listed is not None:
            source.listed = reading.listed
        times = [post.created_at for post in reading.posts]
        if reading.since <= now - WINDOW:
            source.posts_90d = sum(at > now - WINDOW for at in times)
        if times:
            source.last_post_at = max(times)
        source.save(update_fields=_HEALTH)
        _log(
            source,
            started_at,
            now,
            pages=reading.pages,
            posts=len(reading.posts),
            reactions=_stated(reading) if reactions is None else reactions,
            left_out=dict(Counter(reading.left_out) + Counter(refused or {})),
        )
        if mended is not None:
            link_mended.send(Source, source=source, since=mended, now=now)


def _mended_at(source: Source, now: datetime) -> datetime | None:
    """Return since when a link that needed its person works, if it is read now the first time."""
    if source.code in NEEDS_PERSON:
        return now  # by itself: nobody connected again
    at = source.mended_at
    return at if at is not None and (source.read_at is None or source.read_at < at) else None


def reading_failed(
    *,
    source_id: int,
    error: ConnectorError,
    started_at: datetime,
    now: datetime,
    doubted: bool = False,
) -> datetime | None:
    """Write that a source could not be read; nothing that was read before is touched.

    `doubted`: it was read, but left out most of what there was. Returns when to try again, or None
    for the usual time. Where nobody was asked, since the server is left alone, that is no try.
    """
    if isinstance(error, Resting) and not error.asked:
        return _left_alone(source_id, error, now)
    with transaction.atomic():
        source = Source.objects.filter(pk=source_id).locked().select_related("grant").first()
        if source is None:
            return None
        _log(source, started_at, now, code=error.code, words=error.raw or str(error)[:300])
        if source.grant is not None and source.grant.issued_at > started_at:
            return None  # the person connected again while the old access was being refused
        source.failures, source.tried_at = min(source.failures + 1, 32_000), now
        if doubted and source.doubted_since is None:
            source.doubted_since = started_at
        source.words = error.raw or str(error)[:300]
        since = _refused_since(source) if error.code in NEEDS_PERSON else started_at
        known = source.code in NEEDS_PERSON or source.read_at is None
        begins = False
        if error.code in NEEDS_PERSON and not known and started_at - since < SURE_AFTER:
            source.retry_at = now + SURE_AFTER
        else:
            begins = error.code in NEEDS_PERSON and source.code not in NEEDS_PERSON
            if source.code != error.code:
                source.code, source.code_since = error.code, since
            source.retry_at = _retry_at(error, source.failures, now)
        source.save(update_fields=_HEALTH)
        if begins:
            link_refused.send(Source, source=source, now=now)
        return source.retry_at


def _left_alone(source_id: int, error: Resting, now: datetime) -> datetime | None:
    """Write that a source waits for its server, unless it waits for its person."""
    with transaction.atomic():
        source = Source.objects.filter(pk=source_id).locked().first()
        if source is not None and source.code in {Code.OK, *RETRYABLE}:
            if source.code != Code.TRANSIENT:
                source.code, source.code_since = Code.TRANSIENT, now
            source.retry_at = error.retry_at
            source.save(update_fields=["code", "code_since", "retry_at"])
    return error.retry_at


def _stated(reading: Reading) -> int:
    """Return how many reactions a reading states, by counts or one by one."""
    counts = [count or 0 for post in reading.posts for count in post.counts.values()]
    return max(sum(counts), len(reading.interactions))


def _refused_since(source: Source) -> datetime:
    """Return when the refusals began, of the tries in a row that failed.

    By the order in which they were written: a clock may have been set back in between.
    """
    runs = source.runs.order_by("-pk")[: source.failures]
    return min(run.started_at for run in runs if run.code in NEEDS_PERSON)


def _retry_at(error: ConnectorError, failures: int, now: datetime) -> datetime | None:
    """Return when the network said, else after a growing time of chance, so that crowds spread."""
    if error.retry_at is not None:
        return max(error.retry_at, now)
    if error.code not in RETRYABLE:
        return None
    longest = min(FIRST_RETRY * (1 << min(failures, 10)), LONGEST_RETRY)
    return now + FIRST_RETRY / 2 + longest * secrets.SystemRandom().random()


def _log(
    source: Source,
    started_at: datetime,
    now: datetime,
    *,
    code: Code = Code.OK,
    words: str = "",
    pages: int = 0,
    posts: int = 0,
    reactions: int = 0,
    left_out: dict[str, int] | None = None,
) -> None:
    """Add a line to the source's log and drop those older than 30 days."""
    SyncRun.objects.create(
        source=source,
        started_at=started_at,
        ended_at=now,
        code=code,
        words=words,
        pages=pages,
        posts=posts,
        reactions=reactions,
        left_out=left_out or {},
    )
    source.runs.filter(started_at__lt=now - KEEP_RUNS).delete()
