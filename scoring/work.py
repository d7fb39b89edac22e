"""What each kind of job does. A handler may be stopped at any point and run again from the start.

Long reading happens outside transactions; each write is one transaction that begins with
`jobs.hold`, so that a worker whose lease ran out changes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from accounts import (
    access,
    archives,
    breakers,
    connectors,
    doctor,
    health,
    letters,
    linking,
    posting,
    revoking,
    sealing,
    uploads,
)
from accounts.checks import Visit
from accounts.connectors.archives import ArchiveContent, ArchiveRefused, recognise
from accounts.connectors.base import RETRYABLE, Access, Code, ConnectorError, Reading
from accounts.models import NetworkPause, Source, SourceQuerySet, Upload, User
from accounts.speech import marked, say
from scoring import badges, ingest, jobs, pipeline, plusk, styles, telling, topics
from scoring.jobs import Clock, Handler, Lease
from scoring.models import Job, ScoreSnapshot
from scoring.signals import first_scored

# Twice the window on the first read, so that the scores of the last 90 days can be worked out.
FIRST_READ = timedelta(days=2 * pipeline.PARAMS.window_days)
# Later reads look at everything that still counts: counts of old posts keep moving.
LATER_READ = timedelta(days=pipeline.PARAMS.window_days)
RETRY_AFTER = timedelta(minutes=30)  # where a network does not say when to come back
TRIES = 5  # a network's own trouble; then the daily plan takes over
READ_SOON = timedelta(minutes=10)  # a first read begins within that, or something is in its way
# Of a mail that its server does not take: five to ten minutes, then twice as long each time, about
# two days in all, as mail servers themselves go on trying (RFC 5321, 4.5.4.1).
LETTER_RETRY, LETTER_RETRY_AT_MOST = timedelta(minutes=5), timedelta(hours=6)
LETTER_TRIES = 12
BELIEVE_AFTER = timedelta(days=3)  # a network that says the same this long is believed
# Where every post read costs something, old ones are read this often. With the daily reads an hour
# apart from a day, that is each seventh of them.
DEEP_EVERY = timedelta(days=6, hours=12)
# When a network's day begins anew, whoever was read longest ago comes first, within a minute.
QUEUE, QUEUE_DAYS = timedelta(minutes=1), timedelta(days=30)


_COUNTING = marked("Counting what your file says")
_LOOKING = marked("Finding what your posts are about")
_RANKING = marked("Ranking people topic by topic")
_WEIGHING = marked("Working out how far each +K counts")


class _Doubted(ConnectorError):
    """A reading that leaves out too much to be believed at once."""


def collect(lease: Lease, clock: Clock) -> None:
    """Read one source from its network, store what it holds, and have its person scored."""
    source = Source.objects.select_related("grant__account").filter(pk=int(lease.subject)).first()
    if source is None or source.grant is None or not source.selected or source.paused_at:
        return
    if NetworkPause.objects.filter(network=source.network).exists():
        if source.tried_at is None:  # a first score may be waiting for it: see _reads_to_come
            with transaction.atomic():
                _have_scored(source.user_id, clock())
        return
    started = clock()
    try:
        reach = _reach(source, started)
        reading = _read(
            source, reach, started, lambda words: jobs.report(lease, words, now=clock())
        )
        with transaction.atomic():
            if not _hold(lease, Source.objects.filter(pk=source.pk)):
                return  # unlinked while it was read
            _store(source, reading, reach, started, clock())
    except ConnectorError as error:
        with transaction.atomic():
            _hold(lease, Source.objects.filter(pk=source.pk))
            again = health.reading_failed(
                source_id=source.pk,
                error=error,
                started_at=started,
                now=clock(),
                doubted=isinstance(error, _Doubted),
            )
            # Whose server rests is not waited for with the first score: see _reads_to_come.
            begins_to_wait = source.tried_at is None and source.retry_at is None
            if begins_to_wait or not (isinstance(error, breakers.Resting) and not error.asked):
                _have_scored(source.user_id, clock())
        queued = error.code is Code.QUOTA_EXHAUSTED
        in_turn = queued or isinstance(error, breakers.Resting)
        if again is not None and (in_turn or lease.postponed < TRIES):
            wait = turn(source.read_at, again) if queued else timedelta()
            raise jobs.Retry(again + wait, str(error)) from error


def archive(lease: Lease, clock: Clock) -> None:
    """Read a large file that a person uploaded, let it count, and delete it.

    A file that is refused is deleted too, and the job ends with the sentence that says why.
    """
    upload = Upload.objects.select_related("user").filter(pk=lease.subject).first()
    if upload is None:
        return  # read already, by a worker that stopped before it could say so
    try:
        content = _content(upload, clock(), lambda words: jobs.report(lease, words, now=clock()))
        jobs.report(lease, say(_COUNTING), now=clock())
        with transaction.atomic():
            _hold(lease, Source.objects.filter(user_id=upload.user_id))
            archives.add_archive(user=upload.user, content=content, now=clock())
            upload.delete()
    except (ArchiveRefused, linking.LinkingError) as refused:
        with transaction.atomic():
            jobs.hold(lease)
            upload.delete()
        raise jobs.GivenUp(str(refused)) from refused


def _content(upload: Upload, now: datetime, tell: Callable[[str], None]) -> ArchiveContent:
    """Return what an upload holds. Raises ArchiveRefused."""
    try:
        file = upload.path.open("rb")
    except FileNotFoundError as error:
        raise ArchiveRefused(
            say(
                "The file is not where our workers look for it, which is ours to mend. "
                "Upload it again."
            )
        ) from error
    with file:
        return recognise.read(
            uploads.Watched(file, upload.size, tell),
            filename=upload.filename,
            table=recognise.Table(upload.table_name, upload.table_slug),
            now=now,
        )


def check(lease: Lease, clock: Clock) -> None:
    """Have the doctor look at one source, and move its link as a read would."""
    source = Source.objects.select_related("grant__account").filter(pk=int(lease.subject)).first()
    if source is None or source.grant is None:
        return
    if NetworkPause.objects.filter(network=source.network).exists():
        source.checks.filter(ended_at=None).delete()  # it was asked for before the pause
        return
    visited = doctor.open_check(source, now=clock())

    def progress(visit: Visit) -> None:
        doctor.note(check=visited, visit=visit)
        jobs.report(lease, f"{len(visit.results)} checks done", now=clock())

    visit = doctor.examine(source, clock=clock, progress=progress)
    with transaction.atomic():
        if not _hold(lease, Source.objects.filter(pk=source.pk)):
            return  # unlinked meanwhile
        again = doctor.conclude(check=visited, visit=visit, now=clock())
        if visit.refused is not None:
            _have_scored(source.user_id, clock())
        if again is not None:
            jobs.enqueue(
                kind=Job.Kind.COLLECT,
                subject=str(source.pk),
                user_id=source.user_id,
                now=clock(),
                due_at=again,
            )


def score(lease: Lease, clock: Clock) -> None:
    """Write today's snapshot of a person with topics, style and badges; after the first, the past.

    What new posts are about is found before that, in transactions of its own.
    """
    user_id = int(lease.subject)
    topics.assign_new(
        user_id, now=clock(), progress=lambda: jobs.report(lease, say(_LOOKING), now=clock())
    )
    with transaction.atomic():
        _hold(lease, Source.objects.filter(user_id=user_id))
        if not User.objects.filter(pk=user_id).exists():
            return
        now = clock()
        snapshot = pipeline.score_day(user_id=user_id, now=now)
        topics.rescore(user_id)
        styles.rescore(user_id, now=now)
        badges.award(user_id, now=now)
        first = snapshot.score is not None and _has_no_past(user_id)
        if first and _reads_to_come(user_id, now):
            return  # the score is told, and its past worked out, once all of that is in it
        telling.of_score(snapshot, first=first, now=now)
        if first:
            jobs.enqueue(kind=Job.Kind.HISTORY, subject=str(user_id), user_id=user_id, now=clock())
            first_scored.send(ScoreSnapshot, user_id=user_id, now=now)


def _has_no_past(user_id: int) -> bool:
    """Tell whether past days are still to be worked out: nothing was, and the score is young."""
    mine = ScoreSnapshot.objects.filter(user_id=user_id, score__isnull=False)
    return not mine.filter(reconstructed=True).exists() and mine.count() <= 2


def _reads_to_come(user_id: int, now: datetime) -> bool:
    """Tell whether something that was chosen just now is still to be read for the first time.

    Without it the past would lack it, and its whole worth would look like a leap of today. Whoever
    reads it has its person scored again, also where the read fails.
    """
    new = Source.objects.due(now, every=timedelta()).filter(user_id=user_id, tried_at=None)
    return bool(new.filter(selected_at__gt=now - READ_SOON).exists())


def history(lease: Lease, clock: Clock) -> None:
    """Work out the scores of past days from the posts and reactions of those days."""
    user_id = int(lease.subject)
    counted = Source.objects.counted().filter(user_id=user_id)
    before = set(counted.values_list("pk", flat=True))

    def hold() -> None:
        if _hold(lease, counted) != before:
            raise jobs.Retry(
                clock(), say("What counts was changed meanwhile; we work it out anew.")
            )

    jobs.report(lease, say("Working out the days before today"), now=clock())
    pipeline.work_out_history(user_id=user_id, now=clock(), hold=hold)


def places(lease: Lease, clock: Clock) -> None:
    """Rank people topic by topic, work out how much everybody speaks of each, and count badges."""
    topics.rank(
        now=clock(),
        hold=lambda: jobs.hold(lease),
        progress=lambda: jobs.report(lease, say(_RANKING), now=clock()),
    )
    badges.count_holders(hold=lambda: jobs.hold(lease))


def weigh(lease: Lease, clock: Clock) -> None:
    """Work out how far each +K counts: one receiver's after giving; everybody's by night.

    By night the chain over the ledger grows too.
    """

    def hold() -> None:
        jobs.hold(lease)

    def progress() -> None:
        jobs.report(lease, say(_WEIGHING), now=clock())

    plusk.weigh(lease.subject, now=clock(), hold=hold, progress=progress)
    if lease.subject == plusk.EVERYBODY:
        plusk.extend(now=clock(), hold=hold, progress=progress)


def revoke(lease: Lease, clock: Clock) -> None:
    """Ask a network to forget an access whose link is gone here already."""
    try:
        revoking.revoke(**lease.payload)
    except sealing.CannotOpen:
        return  # the key is gone, and with it any use of the token
    except ConnectorError as error:
        if error.code not in RETRYABLE:
            return  # the network refuses, most often because the access ended by itself
        if lease.postponed >= TRIES:
            raise jobs.GivenUp(
                say("{error} We asked {n} times to end the access.", error=error, n=TRIES + 1)
            ) from error
        raise jobs.Retry(error.retry_at or clock() + RETRY_AFTER, str(error)) from error


def letter(lease: Lease, clock: Clock) -> None:
    """Send a mail, if what it says is still true and it was not sent before."""
    try:
        letters.deliver(key=lease.subject, payload=lease.payload, now=clock())
    except letters.Later as later:
        raise jobs.Retry(later.at, str(later)) from later
    except posting.NotWanted as error:
        raise jobs.GivenUp(str(error)) from error
    except posting.NotSent as error:
        if lease.postponed >= LETTER_TRIES:
            raise jobs.GivenUp(f"{error} We tried {LETTER_TRIES + 1} times.") from error
        wait = min(LETTER_RETRY * 2**lease.postponed, LETTER_RETRY_AT_MOST)
        raise jobs.Retry(clock() + wait * (1 + jobs.DICE.random()), str(error)) from error


HANDLERS: dict[Job.Kind, Handler] = {
    Job.Kind.COLLECT: collect,
    Job.Kind.ARCHIVE: archive,
    Job.Kind.CHECK: check,
    Job.Kind.SCORE: score,
    Job.Kind.HISTORY: history,
    Job.Kind.REVOKE: revoke,
    Job.Kind.LETTER: letter,
    Job.Kind.PLACES: places,
    Job.Kind.WEIGH: weigh,
}


def _hold(lease: Lease, sources: SourceQuerySet) -> set[int]:
    """Hold the lease, with the sources locked first: the order of everybody who changes a link.

    Returns the ids of those that are there still; what is written may point at them, since none
    goes before that is committed.
    """
    held = set(sources.locked().values_list("pk", flat=True))
    jobs.hold(lease)
    return held


def _reach(source: Source, now: datetime) -> timedelta:
    """Return how far back to read. Raises ConnectorError when the network is off.

    Where old posts are read weekly, also when a shorter reading left out what it had shown before:
    all of it says whether that is true.
    """
    if source.read_at is None:
        return FIRST_READ
    daily, deep = connectors.get(source.network, via=source.via).daily, source.deep_read_at
    young = deep is not None and now - deep < DEEP_EVERY and source.doubted_since is None
    return daily if daily is not None and young else LATER_READ


def turn(read_at: datetime | None, now: datetime) -> timedelta:
    """Return how long a source waits behind those that were read longer ago: within QUEUE."""
    if read_at is None:
        return timedelta()
    return QUEUE * (1 - min(max(now - read_at, timedelta()), QUEUE_DAYS) / QUEUE_DAYS)


def _read(
    source: Source, reach: timedelta, now: datetime, progress: Callable[[str], None]
) -> Reading:
    """Return what the network shows of the source. Raises ConnectorError."""
    assert source.grant is not None, "an archive is not collected"

    def read(good: Access) -> Reading:
        connector = connectors.get(source.network, via=source.via)
        return connector.read(
            good, source.external_id, since=now - reach, now=now, progress=progress
        )

    return access.ask(source.grant, read, now=now, source=source)


def _store(
    source: Source, reading: Reading, reach: timedelta, started: datetime, now: datetime
) -> None:
    """Write a reading and its good news. Raises ConnectorError when it cannot be believed.

    What a short reading leaves out is looked for in a full one at once.
    """
    deep = reach >= LATER_READ
    since = source.doubted_since
    believe = since is not None and now - since >= BELIEVE_AFTER
    try:
        done = ingest.ingest(source=source, reading=reading, now=now, believe_drop=believe)
    except ingest.ImplausibleDrop as drop:
        again = None if deep else now
        raise _Doubted(Code.CONTRACT, str(drop), retry_at=again) from drop
    health.reading_succeeded(
        source_id=source.pk,
        reading=reading,
        reactions=done.reactions,
        refused=done.refused,
        started_at=started,
        now=now,
        deep=deep,
    )
    ingest.remember_member(user_id=source.user_id, source=source)
    _have_scored(source.user_id, now)


def _have_scored(user_id: int, now: datetime) -> None:
    jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=now)
