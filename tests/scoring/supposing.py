"""Scores with the evidence they stand on, told by hand, for the page of what would change them."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Source, User
from scoring import engine, evidence
from scoring.models import ScoreSnapshot, ScoreState
from tests.scoring import builders
from tests.scoring.engine.builders import NOW as STORY_NOW
from tests.scoring.engine.builders import Story


def weekly(source: Source, *, weeks: int = 13, but: tuple[int, ...] = ()) -> Story:
    """Tell of a post a week that some like, reply to and pass on; none in the weeks of `but`."""
    story = Story()
    for week in range(weeks):
        if week in but:
            continue
        about = {"post": week + 1, "source": source.pk, "days_ago": 7 * week + 3.0}
        story.counted(20, "like", **about).counted(4, "reply", **about)
        story.act("repost", by=week, **about).act("repost", by=100, **about)
    return story


def score_on(source: Source, story: Story, *, now: datetime = builders.NOW) -> ScoreSnapshot:
    """Store the score of `now` that the story makes, with its evidence."""
    told = story.evidence(sources=(source.pk,))
    later = evidence.microseconds(now) - STORY_NOW
    held = replace(
        told, at=told.at + later, t_at=told.t_at + later, source_clock=told.source_clock + later
    )
    scores = engine.evaluate(held, engine.Params(), evidence.microseconds(now))
    shot = builders.snapshot(
        source.user,
        float(scores.score[0]) if scores.enough[0] else None,
        day=now.date(),
        as_of=now,
    )
    ScoreState.objects.create(snapshot=shot, evidence=held.pack())
    return shot


def settled() -> User:
    """Return somebody with a score as of the real now that stands on weeks, one of them quiet."""
    now = timezone.now()
    nora = builders.person("nora")
    source = builders.source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    score_on(source, weekly(source, but=(4,)), now=now - timedelta(hours=2))
    return nora
