"""Tells people of links of which nothing counts, since they chose nothing of what is there."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import linking, notices
from accounts.models import Grant, Notice, Source
from accounts.signals import letter_due

WAITS = timedelta(hours=1)  # whoever links is still at the page, or comes back to it
LOOKS_BACK = timedelta(days=8)  # a site that stood still for a week tells it all the same
KIND = "page_not_chosen"
_BATCH = 500  # links a run


def tell(*, now: datetime) -> int:
    """Tell who linked an account an hour ago and left without a choice; return of how many links.

    One notice a link, and one letter by the rule of links that need their person. Two queries where
    there is nobody to tell.
    """
    offered = Source.objects.filter(grant=OuterRef("pk"), available=True, selectable=True)
    counted = Source.objects.filter(grant=OuterRef("pk"), selected=True)
    left = Grant.objects.filter(
        Exists(offered),
        ~Exists(counted),
        account__user__is_active=True,
        issued_at__range=(now - LOOKS_BACK, now - WAITS),
    )
    grants = list(left.select_related("account").order_by("issued_at", "pk"))
    people = {grant.account.user_id for grant in grants}
    known = Notice.objects.filter(kind=KIND, user__in=people).values_list("key", flat=True)
    told = set(known)
    new = [grant for grant in grants if str(grant.pk) not in told][:_BATCH]
    return sum(_tell(grant, now) for grant in new)


@transaction.atomic
def _tell(grant: Grant, now: datetime) -> bool:
    person_id, key = grant.account.user_id, str(grant.pk)
    values = {"network": linking.name_of(grant.network), "grant": key}
    new = notices.tell(person_id=person_id, kind=KIND, key=key, values=values, now=now)
    if new:
        letter_due.send(
            Grant,
            key=f"unchosen:{key}",
            user_id=person_id,
            payload={"kind": KIND, "person": person_id, "grant": key},
            at=now,
        )
    return new
