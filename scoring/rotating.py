"""Seals what waits to be revoked with the first key of TOKEN_KEYS; see accounts.rotating."""

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts import revoking, rotating, sealing
from scoring import jobs
from scoring.models import Job


def rotate() -> Iterator[str]:
    """Seal the jobs anew; yield "" for each done and a sentence for each that cannot be opened."""
    for job in rotating.in_turn(_waiting()):
        if not revoking.needs_older_key(job.payload):
            continue
        try:
            payload = revoking.resealed(job.payload)
        except sealing.CannotOpen as error:
            yield f"What waits to be ended at {job.payload['network']} cannot be opened: {error}"
            continue
        same = _waiting().filter(pk=job.pk, payload__sealed=job.payload["sealed"])
        if same.update(payload=payload):
            yield ""


def left() -> int:
    """Return how many jobs still need an older key."""
    payloads = _waiting().values_list("payload", flat=True).iterator(rotating.AT_ONCE)
    return sum(map(revoking.needs_older_key, payloads))


def _waiting() -> QuerySet[Job]:
    return Job.objects.filter(kind=Job.Kind.REVOKE, state__in=jobs.OPEN)
