"""What jobs of perks do, and all handlers of the site."""

from perks import settling, telling
from scoring import jobs, work
from scoring.jobs import Clock, Handler, Lease
from scoring.models import Job


def perks(lease: Lease, clock: Clock) -> None:
    """See to one campaign's holds, draw and waiting list, or tell one person of what is open.

    Each step is a transaction that is harmless to repeat, so that none carries the fence.
    """
    if lease.subject.startswith(telling.PERSON):
        telling.tell_of_open(user_id=int(lease.subject.removeprefix(telling.PERSON)), now=clock())
        return
    while settling.settle(campaign_id=int(lease.subject), now=clock()):
        jobs.report(lease, "", now=clock())


HANDLERS: dict[Job.Kind, Handler] = {**work.HANDLERS, Job.Kind.PERKS: perks}
