"""Tells people of links of which nothing counts, since they chose nothing of what is there."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, TextField, Value
from django.db.models.functions import Cast, Replace

from accounts import linking, notices
from accounts.models import Grant, Notice, Source
from accounts.signals import letter_due

WAITS = timedelta(hours=1)  # whoever links is still at the page, or comes back to it
LOOKS_BACK = timedelta(days=8)  # a site that stood still for a week tells it all the same
KIND = "page_not_chosen"
_BATCH = 500  # links a run


def tell(*, now: datetime) -> int:
    """Tell who linked an account an hour ago and left without a choice; return of how many links.

    One notice a link, and one letter by the rule of links that need their person. One query where
    there is nobody to tell.
    """
    offered = Source.objects.filter(grant=OuterRef("pk"), available=True, selectable=True)
    counted = Source.objects.filter(grant=OuterRef("pk"), selected=True)
    told = Notice.objects.filter(kind=KIND, user=OuterRef("account__user"))
    told = told.annotate(of=_plain("key"), grant=_plain(OuterRef("pk"))).filter(of=F("grant"))
    left = Grant.objects.filter(
        Exists(offered),
        ~Exists(counted),
        ~Exists(told),
        account__user__is_active=True,
        issued_at__range=(now - LOOKS_BACK, now - WAITS),
    )
    new = left.select_related("account").order_by("issued_at", "pk")[:_BATCH]
    return sum(_tell(grant, now) for grant in new)


def _plain(number: str | OuterRef) -> Replace:
    """Return the number of a grant as text. Databases do not write it alike: some leave out "-"."""
    text = Cast(number, TextField())
    return Replace(text, Value("-"), Value(""), output_field=TextField())


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
