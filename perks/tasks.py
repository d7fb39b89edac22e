"""What Celery calls: see scoring.tasks."""

from celery import shared_task
from django.utils import timezone

from perks import claims, settling


@shared_task(name="perks.tasks.settle", soft_time_limit=60, time_limit=90)
def settle(**_: object) -> None:
    """Have every campaign seen to that has something to do, and forget addresses that served."""
    now = timezone.now()
    for campaign_id in settling.due(now=now):
        claims.settle_soon(campaign_id, now)
    settling.forget_addresses(now=now)
