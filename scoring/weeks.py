"""What a score moved in a week, kept beside each day: a function of the days alone."""

from datetime import date, timedelta

from scoring.models import ScoreSnapshot

WEEK = timedelta(days=7)


def keep(*, user_id: int, model: str, first: date, last: date) -> None:
    """Write what a person's score moved in the week before each day that these days tell about.

    first, last: the days that were written. Those up to a week after `last` change with them, where
    days of the past were added. One query for the days, and one more for each 250 of them
    that change, if any do. Call it in the transaction that wrote them.
    """
    mine = ScoreSnapshot.objects.filter(user_id=user_id, model=model)
    rows = mine.filter(day__range=(first - WEEK, last + WEEK)).only("day", "score", "risen")
    days = {row.day: row for row in rows}
    moved = []
    for day, row in days.items():
        risen = _difference(row, days.get(day - WEEK))
        if day >= first and risen != row.risen:
            row.risen = risen
            moved.append(row)
    ScoreSnapshot.objects.bulk_update(moved, ["risen"], batch_size=250)


def _difference(row: ScoreSnapshot, before: ScoreSnapshot | None) -> float | None:
    if before is None or before.score is None or row.score is None:
        return None
    return row.score - before.score
