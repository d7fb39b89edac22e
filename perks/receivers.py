"""What perks do when a person has their first score, and when one leaves the site."""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts import unlinking
from accounts.models import User
from perks import claims, telling
from perks.models import Claim, Feedback
from scoring import jobs
from scoring.models import Job
from scoring.signals import first_scored

_FREED = "_perks_freed"  # on the person who goes: in which campaigns something is free by that


@receiver(first_scored)
def tell_of_open(user_id: int, now: datetime, **_kwargs: Any) -> None:
    """Have the person told of what is open already: what is published later tells them itself."""
    if telling.running(now).exists():
        subject = f"{telling.PERSON}{user_id}"
        jobs.enqueue(kind=Job.Kind.PERKS, subject=subject, user_id=user_id, now=now)


@receiver(pre_delete, sender=User)
def leave_no_trace(instance: User, **_kwargs: Any) -> None:
    """Free what was held for them, and forget of their claims all that tells who they were.

    The person is locked first, as in every act of theirs, with what they linked, which goes next.
    """
    unlinking.hold_links(instance.pk)
    now, freed = timezone.now(), set[int]()
    mine = Claim.objects.filter(user=instance).select_related("campaign").order_by("pk")
    for one in mine.select_for_update(of=("self",)):
        if one.state == Claim.State.HELD:
            claims.end(one, Claim.State.EXPIRED, now)
            freed.add(one.campaign_id)
        one.facts, one.sealed_address, one.tracking, one.key = {}, "", "", one.ref.hex
        one.save(update_fields=["facts", "sealed_address", "tracking", "key"])
        one.answers.all().delete()
    Feedback.objects.filter(claim__user=instance).delete()
    vars(instance)[_FREED] = freed


@receiver(post_delete, sender=User)
def offer_what_is_free(instance: User, **_kwargs: Any) -> None:
    """Have what they held offered to who waits: a job is made last, when all else is locked."""
    now = timezone.now()
    for campaign_id in sorted(vars(instance).pop(_FREED, ())):
        claims.settle_soon(campaign_id, now)
