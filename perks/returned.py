"""What a campaign returned: seen, opened, claimed, redeemed, said and written of, day by day.

returned(campaign)               all of it, in nine queries
open_report(campaign_id, ...)    an address of the report for the brand, in place of the one before
close_report(campaign_id, ...)   that address ends
report_of(secret, now)           the campaign whose report has this address, while it has one

Days are those of UTC. Nothing here holds a name, a code or a score.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Avg, Count, QuerySet
from django.db.models.functions import TruncDate

from perks import posts
from perks.acts import lock, note
from perks.models import Campaign, CampaignEvent, Claim, Feedback

SHOWN_AFTER = timedelta(days=90)  # the brand's address ends so long after the campaign
FEWEST = 5  # people; of fewer the brand does not learn how many
WORDS = 50  # of these many people what they said is listed
_HAD = (Claim.State.CLAIMED, Claim.State.REDEEMED)
_SECRET = 24  # bytes: 192 bits


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day: people who saw and opened it, claims, and what was used."""

    day: date
    seen: int = 0
    opened: int = 0
    claimed: int = 0
    redeemed: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """What a campaign returned. seen, opened: people, each once. stars: mean."""

    days: tuple[Day, ...]
    seen: int
    opened: int
    claimed: int
    redeemed: int
    said: int
    stars: float | None
    words: tuple[str, ...]  # what they said, the newest first, without who
    posts: tuple[posts.Written, ...]


def returned(campaign: Campaign) -> Returned:
    """Return what a campaign returned up to now, by day and altogether."""
    by_day: dict[date, dict[str, int]] = {}
    events = CampaignEvent.objects.filter(campaign=campaign).order_by()
    for day, kind, number in events.values_list("day", "kind").annotate(number=Count("pk")):
        by_day.setdefault(day, {})[kind] = number
    had = Claim.objects.filter(campaign=campaign, state__in=_HAD)
    claimed, redeemed = _by_day(had, "claimed_at"), _by_day(had, "redeemed_at")
    for name, numbers in (("claimed", claimed), ("redeemed", redeemed)):
        for day, number in numbers.items():
            by_day.setdefault(day, {})[name] = number
    people = dict(
        events.values_list("kind").annotate(number=Count("user", distinct=True)).order_by()
    )
    said = Feedback.objects.filter(claim__in=had).aggregate(number=Count("pk"), mean=Avg("stars"))
    return Returned(
        days=tuple(Day(day, **by_day[day]) for day in sorted(by_day)),
        seen=people.get("seen", 0),
        opened=people.get("opened", 0),
        claimed=sum(claimed.values()),
        redeemed=sum(redeemed.values()),
        said=said["number"],
        stars=said["mean"],
        words=tuple(_words(had)),
        posts=posts.written(campaign.pk),
    )


def _words(had: QuerySet[Claim]) -> QuerySet[Feedback, str]:
    """Return what was said, at most WORDS of it; the names were promised to stay away."""
    said = Feedback.objects.filter(claim__in=had).exclude(words="").order_by("-at", "-pk")
    return said.values_list("words", flat=True)[:WORDS]


def _by_day(claims: QuerySet[Claim], moment: str) -> dict[date, int]:
    rows = claims.filter(**{f"{moment}__isnull": False}).order_by()
    days = rows.annotate(day=TruncDate(moment, tzinfo=UTC)).values_list("day")
    return dict(days.annotate(number=Count("pk")))


@transaction.atomic
def open_report(*, campaign_id: int, actor_id: int | None, now: datetime) -> bool:
    """Make a secret for the address of the brand's report. Returns whether one ended with it."""
    campaign = lock(campaign_id)
    replaces = bool(campaign.report_secret)
    campaign.report_secret = secrets.token_urlsafe(_SECRET)
    campaign.save(update_fields=["report_secret"])
    note(campaign, actor_id, "report", now)
    return replaces


@transaction.atomic
def close_report(*, campaign_id: int, actor_id: int | None, now: datetime) -> None:
    """End the address of the brand's report. Without one nothing happens."""
    campaign = lock(campaign_id)
    if campaign.report_secret:
        campaign.report_secret = ""
        campaign.save(update_fields=["report_secret"])
        note(campaign, actor_id, "report end", now)


def ends_at(campaign: Campaign) -> datetime:
    """Return when the address of the report ends."""
    return (campaign.ended_at or campaign.closes_at) + SHOWN_AFTER


def report_of(secret: str, now: datetime) -> Campaign | None:
    """Return the campaign whose report has this secret, None for none and once it has ended."""
    if not secret:
        return None
    found = Campaign.objects.filter(report_secret=secret, published_at__isnull=False).first()
    return found if found is not None and now < ends_at(found) else None
