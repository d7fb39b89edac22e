"""Topics that somebody took for +K alone, and when they go again."""

from datetime import datetime

from scoring import topics
from scoring.engine.plusk import Act
from scoring.models import PlusK, PlusKAct, PlusKTotal


def let_go(given: PlusK, *, now: datetime) -> None:
    """Let go of the topic of a +K, if its receiver took it for +K that they have no more.

    That is +K which was taken back or reported. What is hidden is theirs still, and may be shown
    again. The topic stays while any +K counts there, and when more was said of it since. The total
    must be locked, so that no other +K comes or goes meanwhile.
    """
    user_id = given.receiver.user_id
    counts = PlusKTotal.objects.filter(
        receiver=given.receiver_id, topic=given.topic, counted__gt=0
    ).exists()
    if user_id is None or counts:
        return
    gone = PlusKAct.objects.filter(kind__in=[Act.UNDO, Act.REPORT]).values("plusk")
    accepted = PlusKAct.objects.filter(
        kind=Act.ACCEPT,
        plusk__in=gone,
        plusk__receiver=given.receiver_id,
        plusk__topic=given.topic,
    )
    topics.let_go(user_id, given.topic, added_at=accepted.values("at"), now=now)
