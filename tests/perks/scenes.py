"""Campaigns and people who may claim, as live ones look."""

import io
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.models import User
from perks import campaigns, stock
from perks.campaigns import Draft
from perks.eligibility import Rules
from perks.models import Campaign, Unit
from tests.scoring.builders import NOW, person, snapshot

FROM_40 = Rules(score_from=40)


def claimant(name: str = "nora", score: float | None = 50.4) -> User:
    """Return somebody with a linked account, a confirmed address and a published score."""
    user = person(name)
    SocialAccount.objects.create(user=user, provider="sandbox", uid=f"uid of {name}")
    EmailAddress.objects.create(user=user, email=f"{name}@example.org", verified=True, primary=True)
    snapshot(user, score)
    return user


def draft(**fields: Any) -> Draft:
    """Return a campaign to be: open for a week since yesterday, ten codes that we make."""
    values: dict[str, Any] = {
        "title": "Fieldnote A5 notebook",
        "brand": "Fieldnote",
        "gets": "A notebook of 96 dotted pages",
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=6),
        "delivery": Campaign.Delivery.MADE,
        "planned": 10,
        "rules": FROM_40,
    }
    return Draft(**(values | fields))


def campaign_of(units: int = 10, *, now: datetime = NOW, **fields: Any) -> Campaign:
    """Return a published campaign, live unless its times say otherwise."""
    made = campaigns.create(draft=draft(planned=units, **fields), actor_id=None, now=now)
    if made.delivery == Campaign.Delivery.CODES:
        lines = "\n".join(f"CODE-{made.pk}-{number}" for number in range(units))
        file = io.BytesIO(lines.encode())
        stock.upload(campaign_id=made.pk, file=file, actor_id=None, now=now)
    return campaigns.publish(campaign_id=made.pk, actor_id=None, now=now)


def running(units: int = 3, **fields: Any) -> Campaign:
    """Return a campaign that is open at the real now."""
    now = timezone.now()
    times: dict[str, Any] = {
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=6),
    }
    return campaign_of(units, now=now, **(times | fields))


def taken(campaign: Campaign) -> int:
    """Return how many units are held or taken."""
    return Unit.objects.filter(campaign=campaign).exclude(state=Unit.State.FREE).count()
