"""What the job of a campaign does, and all handlers of the site."""

from perks import settling
from scoring import jobs, work
from scoring.jobs import Clock, Handler, Lease
from scoring.models import Job


def perks(lease: Lease, clock: Clock) -> None:
    """See to one campaign's holds, draw and waiting list.

    Each step is a transaction that is harmless to repeat, so that none carries the fence.
    """
    while settling.settle(campaign_id=int(lease.subject), now=clock()):
        jobs.report(lease, "", now=clock())


HANDLERS: dict[Job.Kind, Handler] = {**work.HANDLERS, Job.Kind.PERKS: perks}
