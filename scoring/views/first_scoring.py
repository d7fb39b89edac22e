"""The first scoring, live: what is being read and counted for a person at this moment.

The page is safe to leave: it only watches rows of jobs. With htmx it asks for itself every second
until nothing is under way; without JavaScript the page reloads itself.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts import diagnosis
from accounts.connectors.base import Code
from accounts.models import Source, SyncRun, User
from accounts.views import HtmxRequest, person
from accounts.views.facts import facts_of
from scoring import words
from scoring.models import Heartbeat, Job, ScoreSnapshot
from scoring.views import cards

NOTHING_CHANGED = 204
REFUSED_SHOWN = timedelta(hours=1)  # how long the page says why a file does not count
SILENT = timedelta(seconds=90)  # a worker that said nothing for so long is away
KINDS = (Job.Kind.ARCHIVE, Job.Kind.COLLECT, Job.Kind.SCORE, Job.Kind.HISTORY)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list. `status` is "done", "now", "wait" or "fail"."""

    text: str
    status: str
    about: str = ""
    trouble: str = ""  # what does not work, as a sentence; "" when all goes as it should
    of_link: bool = False  # the trouble is a link's, whose page says what to do


@dataclass(frozen=True, slots=True)
class Work:
    """The newest job of each subject of a person."""

    jobs: dict[tuple[str, str], Job]
    now: datetime

    def of(self, kind: Job.Kind, subject: int) -> Job | None:
        """Return the newest job about a source (COLLECT) or about the person (the others)."""
        return self.jobs.get((kind, str(subject)))

    def uploads(self) -> list[Job]:
        """Return the newest job about a file, unless it is read or was refused a while ago."""
        found = [job for (kind, _), job in self.jobs.items() if kind == Job.Kind.ARCHIVE]
        return [
            job
            for job in found[:1]
            if job.state != Job.State.DONE
            and (job.ended_at is None or self.now - job.ended_at < REFUSED_SHOWN)
        ]

    def under_way(self, job: Job | None) -> bool:
        """Tell whether a job runs or is about to; one that waits for a later try is not."""
        if job is None:
            return False
        due = job.state == Job.State.QUEUED and job.due_at <= self.now
        return due or job.state == Job.State.RUNNING

    def open(self) -> list[Job]:
        """Return the jobs that are under way."""
        return [job for job in self.jobs.values() if self.under_way(job)]


@require_GET
def first_scoring(request: HtmxRequest) -> HttpResponse:
    """Show the steps of reading and counting, and the score in their place once it is there."""
    user, now = person(request), timezone.now()
    work = _work(user, now)
    sources = list(
        Source.objects.counted().filter(user=user).select_related("grant").order_by("pk")
    )
    snapshot = ScoreSnapshot.objects.filter(user=user).order_by("-day", "-as_of").first()
    steps = _steps(user, sources, work, snapshot)
    waits = _why_it_waits(user, work)
    seen = _digest(steps, waits, snapshot)
    if request.htmx and request.GET.get("seen") == seen:
        return HttpResponse(status=NOTHING_CHANGED)
    counting = work.under_way(work.of(Job.Kind.SCORE, user.pk)) or any(
        work.under_way(work.of(Job.Kind.COLLECT, source.pk)) for source in sources
    )
    context: dict[str, Any] = {
        "steps": steps,
        "done": sum(step.status in ("done", "fail") for step in steps),
        "waits": waits,
        "anything": bool(sources or work.uploads()),
        "busy": bool(work.open()),
        "seen": seen,
        "troubles": [step for step in steps if step.trouble],
    }
    if snapshot is not None and not counting:
        context |= {"card": cards.card(snapshot), "made": cards.made_of(snapshot)}
    page = "scoring/_first_scoring.html" if request.htmx else "scoring/first_scoring.html"
    return render(request, page, context)


def _work(user: User, now: datetime) -> Work:
    newest: dict[tuple[str, str], Job] = {}
    jobs = Job.objects.filter(user=user, kind__in=KINDS).order_by("-created_at", "-pk")[:100]
    for job in jobs:
        newest.setdefault((job.kind, job.subject), job)
    return Work(newest, now)


def _steps(
    user: User, sources: Sequence[Source], work: Work, snapshot: ScoreSnapshot | None
) -> list[Step]:
    """Return a line for each source, one for the score, and one for the days before today."""
    runs = _last_runs(sources)
    steps = [_upload(job, work) for job in work.uploads()]
    steps += [_reading(source, work, runs.get(source.pk)) for source in sources]
    score = work.of(Job.Kind.SCORE, user.pk)
    steps.append(_counting(_("Working out the score"), score, work, done=snapshot is not None))
    history = work.of(Job.Kind.HISTORY, user.pk)
    if history is not None or snapshot is None:
        text = _("Working out the days before today")
        steps.append(_counting(text, history, work, done=False))
    return steps


def _last_runs(sources: Iterable[Source]) -> dict[int, SyncRun]:
    """Return the newest good read of each source."""
    ids = [source.pk for source in sources]
    runs = SyncRun.objects.filter(source__in=ids, code=Code.OK).order_by("-started_at")
    found: dict[int, SyncRun] = {}
    for run in runs[: 10 * len(ids)]:
        found.setdefault(run.source_id, run)
    return found


def _upload(job: Job, work: Work) -> Step:
    """Return how far the reading of a large file is, or why it does not count."""
    name = _("Your file")
    if work.under_way(job):
        if job.state == Job.State.RUNNING:
            return Step(job.progress or name, "now", _("now"))
        return Step(name, "wait", job.error)
    return Step(name, "fail", job.error, _not_read(name))


def _reading(source: Source, work: Work, run: SyncRun | None) -> Step:
    """Return how far the reading of one source is, in words."""
    name = words.source_name(source.network, source.title)
    job = work.of(Job.Kind.COLLECT, source.pk)
    if job is not None and work.under_way(job):
        if job.state == Job.State.RUNNING:
            return Step(_said(name, job.progress or _("asking the network")), "now", _("now"))
        return Step(name, "wait", job.error)
    if source.code != Code.OK:
        found = diagnosis.diagnose(facts_of(source, work.now))[0]
        about = f"{found.why} {found.what_to_do}"
        return Step(name, "fail", about, _not_read(name), of_link=True)
    if job is not None and job.state != Job.State.DONE:
        return Step(name, "fail", job.error, _not_read(name), of_link=True)
    if source.read_at is None:
        return Step(name, "wait")
    if run is None:
        return Step(name, "done")
    counts = _("%(posts)s and %(reactions)s") % {
        "posts": ngettext("%(n)s post", "%(n)s posts", run.posts) % {"n": words.whole(run.posts)}
        + _since(source, run),
        "reactions": ngettext("%(n)s new reaction", "%(n)s new reactions", run.reactions)
        % {"n": words.whole(run.reactions)},
    }
    return Step(_said(name, counts), "done", _took(job))


def _since(source: Source, run: SyncRun) -> str:
    """Say how far back a read went that went further than the score does, or ""."""
    since = source.complete_since
    if source.grant_id is None or since is None or run.started_at - since < timedelta(days=91):
        return ""
    return " " + _("since %(day)s") % {"day": words.day_month(since.date())}


def _counting(text: str, job: Job | None, work: Work, *, done: bool) -> Step:
    if job is None:
        return Step(text, "done" if done else "wait")
    if work.under_way(job):
        return Step(text, "now" if job.state == Job.State.RUNNING else "wait", job.error)
    if job.state == Job.State.DONE:
        return Step(text, "done", _took(job))
    if job.state == Job.State.QUEUED:
        trouble = _("%(step)s waits for another try.") % {"step": text}
        return Step(text, "wait", job.error, trouble)
    return Step(text, "fail", job.error, _("%(step)s stopped.") % {"step": text})


def _not_read(name: str) -> str:
    return _("%(name)s could not be read.") % {"name": name}


def _said(name: str, what: str) -> str:
    return _("%(name)s: %(what)s") % {"name": name, "what": what}


def _took(job: Job | None) -> str:
    """Return how long a job that ended took, in whole seconds."""
    if job is None or job.started_at is None or job.ended_at is None:
        return ""
    return _("%(n)s s") % {"n": max(1, round((job.ended_at - job.started_at).total_seconds()))}


def _why_it_waits(user: User, work: Work) -> str:
    """Return why nothing of the person's runs yet: others are before them, or nobody works."""
    mine = work.open()
    if not mine or any(job.state == Job.State.RUNNING for job in mine):
        return ""
    first = min(mine, key=lambda job: (job.due_at, job.pk))
    worker = Heartbeat.objects.filter(name="worker").first()
    if worker is not None and work.now - worker.at > SILENT:
        minutes = int((work.now - worker.at).total_seconds() // 60)
        form = ngettext(
            "Our worker has been silent for %(n)s minute. Your place is kept; nothing is lost.",
            "Our worker has been silent for %(n)s minutes. Your place is kept; nothing is lost.",
            minutes,
        )
        return form % {"n": minutes}
    before = (
        Job.objects.filter(state=Job.State.QUEUED, due_at__lt=first.due_at)
        .exclude(user=user)
        .values("user_id")
        .distinct()
        .count()
    )
    form = ngettext("%(n)s person is before you.", "%(n)s people are before you.", before)
    return form % {"n": before} if before else ""


def _digest(steps: Sequence[Step], waits: str, snapshot: ScoreSnapshot | None) -> str:
    """Return a mark of what the page shows, so that an unchanged part is not read out again."""
    shown = (steps, waits, snapshot and (snapshot.pk, snapshot.score))
    return f"{zlib.crc32(repr(shown).encode()):08x}"
