"""People in a state worth looking at, as of the real now: what browser tests open pages with."""

import math
import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.connectors.base import Code
from accounts.models import Source, SyncRun, User
from scoring.models import Job
from tests.scoring.builders import Reason, job, line, made_of, person, post_of, snapshot, source_of

DAY = timedelta(days=1)
TITLES = (
    "A recap of the Lisbon talk, with the slides and everything that was asked afterwards",
    "Thread on skip links and what breaks them",
    "Why our paper map of the harbour is upside down",
    "",
)


def scored() -> User:
    """Return somebody with two sources, 120 days of history with a gap, and a ledger of a week."""
    now = timezone.now()
    nora = person("nora")
    page = source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    source_of(nora, "Nora Lindqvist", code=Code.REVOKED, code_since=now - 4 * DAY, tried_at=now)
    chance = random.Random(4)
    score = 46.0
    for ago in range(119, -1, -1):
        ledger = _ledger(page, chance) if ago < 7 else []
        moved = chance.gauss(0.04, 0.3) + (1.6 if ago == 28 else 0.0)
        score += sum(points for points, _ in ledger) if ledger else moved
        wave = 4 * math.sin(ago / 20)
        shot = snapshot(
            nora,
            None if 70 <= ago <= 74 else score,
            day=now.date() - ago * DAY,
            as_of=now - ago * DAY,
            reach_score=score + wave,
            amplification_score=score - wave,
            network_score=score - wave / 5,
            reconstructed=ago > 20,
            percentile=81.0,
            population=340,
            made_of=made_of("Map Room Lisbon", "Nora Lindqvist"),
        )
        for points, fields in ledger:
            line(shot, points, source=page, **fields)
    return nora


def _ledger(page: Source, chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
    """Return points and fields of a day's lines, with many reasons over the week."""
    ledger: list[tuple[float, dict[str, Any]]] = []
    for title in TITLES:
        post = page.posts.filter(external_id=title).first() or post_of(page, title)
        for kind in ("like", "repost"):
            people = chance.randint(1, 40)
            fields = {"post": post, "kind": kind, "count": people, "people": people}
            ledger.append((chance.uniform(0.0, 0.15), fields))
    today = timezone.now().date()
    ages = {"from_day": today - 80 * DAY, "to_day": today - 7 * DAY}
    return [
        *ledger,
        (-0.34, {"reason": Reason.FADED, "kind": "", **ages}),
        (0.03, {"reason": Reason.INFLUENCE, "kind": ""}),
        (0.02, {"post_title": "A post that is gone", "count": 1, "people": 1}),
    ]


def first_day() -> User:
    """Return somebody who was scored for the first time today."""
    now = timezone.now()
    nora = person("nora")
    source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    snapshot(nora, 42.3, day=now.date(), as_of=now)
    return nora


def few_days() -> User:
    """Return somebody with three counted days."""
    nora = first_day()
    now = timezone.now()
    for ago in (1, 2):
        snapshot(nora, 42.3 - ago, day=now.date() - ago * DAY, as_of=now - ago * DAY)
    return nora


def not_enough() -> User:
    """Return somebody who has too little to be scored."""
    now = timezone.now()
    nora = person("nora")
    source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    snapshot(nora, None, day=now.date(), as_of=now, posts=2, people=1)
    return nora


def being_read() -> User:
    """Return somebody in the middle of the first scoring: read, failed, running, waiting."""
    now = timezone.now()
    nora = person("nora")
    done = source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    SyncRun.objects.create(
        source=done, started_at=now, ended_at=now, code=Code.OK, posts=312, reactions=1904
    )
    job(
        nora,
        Job.Kind.COLLECT,
        subject=done.pk,
        state=Job.State.DONE,
        started_at=now - timedelta(seconds=3),
        ended_at=now,
    )
    failed = source_of(
        nora, "Old page", read_at=None, code=Code.ROLE_LOST, code_since=now, failures=1
    )
    job(nora, Job.Kind.COLLECT, subject=failed.pk, state=Job.State.DONE)
    running = source_of(nora, "Nora Lindqvist", read_at=None, tried_at=None)
    job(
        nora,
        Job.Kind.COLLECT,
        subject=running.pk,
        state=Job.State.RUNNING,
        progress="187 posts read",
    )
    return nora


def just_scored() -> User:
    """Return somebody whose first score is there, with one network that failed."""
    nora = being_read()
    now = timezone.now()
    Job.objects.filter(user=nora).update(state=Job.State.DONE)
    nora.sources.filter(title="Nora Lindqvist").update(read_at=now, tried_at=now)
    snapshot(nora, 42.3, day=now.date(), as_of=now, sources=3, sources_read=2)
    return nora
