"""What a person is told of their score and topics, from what was just written."""

from collections.abc import Collection
from datetime import datetime, timedelta

from accounts import notices
from accounts.models import KEY
from scoring.models import ScoreSnapshot

WEEK = timedelta(days=7)
MOVED = 2.0  # points within a week; less is within what a day's posts do


def of_score(snapshot: ScoreSnapshot, *, first: bool, now: datetime) -> None:
    """Tell of the first score, of one under another model, and of one that moved within a week.

    Call it after the score was written.

    A move is told once a week, from Monday on. Days worked out backwards do not count: nobody saw
    them happen.
    """
    if snapshot.score is None:
        return
    if first:
        score = {"score": round(snapshot.score, 1)}
        person_id = snapshot.user_id
        notices.tell(person_id=person_id, kind="first_score", key="1", values=score, now=now)
        return
    if not _told_of_model(snapshot, now=now):
        _tell_of_week(snapshot, now=now)


def _told_of_model(snapshot: ScoreSnapshot, *, now: datetime) -> bool:
    """Tell of the first score that is counted another way than the one before; say if it is one."""
    mine = ScoreSnapshot.objects.filter(user=snapshot.user_id, score__isnull=False)
    older = mine.exclude(pk=snapshot.pk).filter(day__lte=snapshot.day)
    last = older.only("model", "day", "score").order_by("-day", "-as_of").first()
    if last is None or last.score is None or last.model == snapshot.model:
        return False
    score, before = round(snapshot.score or 0.0, 1), round(last.score, 1)
    notices.tell(
        person_id=snapshot.user_id,
        kind="model_changed",
        key=snapshot.model,
        values={
            "model": snapshot.model,
            "since_on": str(snapshot.day),
            "score": score,
            "before": before,
            "before_on": str(last.day),
            "change": round(score - before, 1),
        },
        now=now,
    )
    return True


def _tell_of_week(snapshot: ScoreSnapshot, *, now: datetime) -> None:
    assert snapshot.score is not None
    older = ScoreSnapshot.objects.filter(
        user=snapshot.user_id,
        model=snapshot.model,
        score__isnull=False,
        reconstructed=False,
        day__lte=snapshot.day - WEEK,
    )
    before = older.order_by("-day").values_list("score", flat=True).first()
    if before is None:
        return
    change = round(round(snapshot.score, 1) - round(before, 1), 1)
    if abs(change) >= MOVED:
        year, week, _day = snapshot.day.isocalendar()
        notices.tell(
            person_id=snapshot.user_id,
            kind="score_moved",
            key=f"{year}-{week:02}",
            values={"score": round(snapshot.score, 1), "change": change},
            now=now,
        )


def of_topics(
    snapshot: ScoreSnapshot, *, came: Collection[str], went: Collection[str], now: datetime
) -> None:
    """Tell of topics that are told since this snapshot, and of those that are not any more."""
    news = [("topic_new", slug) for slug in sorted(came)]
    news += [("topic_gone", slug) for slug in sorted(went)]
    for kind, slug in news:
        notices.tell(
            person_id=snapshot.user_id,
            kind=kind,
            key=f"{snapshot.day}:{slug}"[:KEY],
            values={"topic": slug},
            now=now,
        )
