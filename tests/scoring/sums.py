"""What stored ledger lines come to, added up by hand: the other way to the rows of scoring.sums."""

from collections import defaultdict
from collections.abc import Iterable
from math import fsum
from typing import Any

from scoring.models import LedgerDay, LedgerLine, LedgerPost

Sums = dict[tuple[Any, ...], float]


def by(lines: Iterable[LedgerLine], *names: str) -> dict[tuple[Any, ...], list[LedgerLine]]:
    """Return lines by the values of some of their fields."""
    groups: dict[tuple[Any, ...], list[LedgerLine]] = defaultdict(list)
    for line in lines:
        groups[tuple(getattr(line, name) for name in names)].append(line)
    return groups


def kept() -> Sums:
    """Return all that is kept beside the lines."""
    sums: Sums = {}
    for day in LedgerDay.objects.all():
        key = (day.snapshot_id, day.user_id, day.model, day.day, day.reason)
        sums |= {("points", *key): day.points, ("lines", *key): day.lines}
    for post in LedgerPost.objects.all():
        key = (post.post_id, post.user_id, post.model, post.kind, post.reason)
        sums |= {("moved", *key): post.moved}
        sums |= {("first", *key): post.first.toordinal(), ("last", *key): post.last.toordinal()}
    return sums


def by_hand() -> Sums:
    """Return what should be kept: a function of the lines that are stored now."""
    lines, sums = list(LedgerLine.objects.all()), Sums()
    for key, some in by(lines, "snapshot_id", "user_id", "model", "day", "reason").items():
        points = fsum(line.points for line in some)
        sums |= {("points", *key): points, ("lines", *key): len(some)}
    about = (line for line in lines if line.post_id is not None)
    for key, some in by(about, "post_id", "user_id", "model", "kind", "reason").items():
        days = [line.day.toordinal() for line in some]
        sums |= {("moved", *key): fsum(abs(line.points) for line in some)}
        sums |= {("first", *key): min(days), ("last", *key): max(days)}
    return sums
