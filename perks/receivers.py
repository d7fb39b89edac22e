"""What becomes of perks when their person leaves the site."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from perks import claims
from perks.models import Claim


@receiver(pre_delete, sender=User)
def leave_no_trace(instance: User, **_kwargs: Any) -> None:
    """Free what was held for them, and forget of their claims all that tells who they were."""
    now = timezone.now()
    mine = Claim.objects.filter(user=instance).order_by("pk").select_for_update()
    for one in mine:
        if one.state == Claim.State.HELD:
            claims.end(one, Claim.State.EXPIRED, now)
        one.facts, one.sealed_address, one.tracking, one.key = {}, "", "", one.ref.hex
        one.save(update_fields=["facts", "sealed_address", "tracking", "key"])
        one.answers.all().delete()
