"""What Celery calls: see scoring.tasks."""

from celery import shared_task
from django.utils import timezone

from perks import claims, settling
from perks.models import Campaign
from scoring import jobs
from scoring.models import Job


@shared_task(name="perks.tasks.settle", soft_time_limit=60, time_limit=90)
def settle(**_: object) -> None:
    """Have every campaign seen to that has something to do, and forget addresses that served."""
    now = timezone.now()
    for campaign_id in settling.due(now=now):
        claims.settle_soon(campaign_id, now)
    settling.forget_addresses(now=now)


@shared_task(name="perks.tasks.plan_day")
def plan_day(**_: object) -> None:
    """Have every open campaign seen to once a day: who came to fit it since is told then."""
    now = timezone.now()
    open_ones = Campaign.objects.filter(
        published_at__isnull=False, ended_at=None, closes_at__gt=now
    )
    for campaign_id in open_ones.values_list("pk", flat=True):
        jobs.enqueue(
            kind=Job.Kind.PERKS, subject=str(campaign_id), now=now, period=f"{now:%Y-%m-%d}"
        )
