"""What Celery calls: see scoring.tasks."""

from celery import shared_task
from django.db.models import Q
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
    """Have every campaign seen to once a day that is open, or whose units can still be used.

    Who came to fit it since is told then, and who has not used theirs when that ends.
    """
    now = timezone.now()
    is_open = Q(published_at__isnull=False, ended_at=None, closes_at__gt=now)
    running = Campaign.objects.filter(is_open | Q(usable_until__gt=now, units__state="taken"))
    for campaign_id in running.distinct().values_list("pk", flat=True):
        jobs.enqueue(
            kind=Job.Kind.PERKS, subject=str(campaign_id), now=now, period=f"{now:%Y-%m-%d}"
        )
