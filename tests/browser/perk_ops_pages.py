"""Operators' pages of perks with something on them: each function returns (path, person)."""

import io
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from perks import campaigns, claims, pictures, posts, replies
from perks.campaigns import Asked
from perks.eligibility import Rules
from perks.models import Campaign, CampaignEvent
from scoring.models import Post, Tally
from tests.browser.support_pages import Prepared, olga
from tests.perks.scenes import campaign_of, claimant
from tests.scoring.builders import source_of

_SAID = (
    "It lies flat, as promised.",
    "Ink does not come through.",
    "The band is too tight for a pen.",
    "",
    "A second one, please.",
    "",
)


def _picture() -> bytes:
    """Return a drawn notebook, as PNG."""
    image = Image.new("RGB", (960, 540), "#dfe8e4")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((330, 70, 630, 470), 24, fill="#2f5d62")
    pen.rectangle((366, 70, 378, 470), fill="#e8b04a")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _running(operator: User) -> Campaign:
    """Return a campaign of a week ago which people saw, claimed, used, and wrote about."""
    now = timezone.now()
    campaign = campaign_of(
        units=12,
        now=now - timedelta(days=8),
        opens_at=now - timedelta(days=8),
        closes_at=now + timedelta(days=6),
        description="Stitched, lies flat, and takes ink without a shadow.",
        learns=(Campaign.Learns.NAME, Campaign.Learns.ANSWERS),
        questions=(Asked("Which paper?", ("Dotted", "Lined"), required=True),),
        rules=Rules(score_from=35, countries=()),
    )
    pictures.keep(
        campaign_id=campaign.pk,
        data=_picture(),
        alt="A green notebook with a yellow band",
        actor_id=operator.pk,
        now=now - timedelta(days=8),
    )
    question = campaign.questions.get()
    for number in range(9):
        user, day = claimant(f"p{number}"), now - timedelta(days=8 - number)
        for back in range(number + 1):
            at = min(now, day + timedelta(days=back))
            kind = CampaignEvent.Kind.OPENED if back % 2 else CampaignEvent.Kind.SEEN
            replies.saw(user_id=user.pk, campaign_ids=[campaign.pk], kind=kind, now=at)
        if number < 6:
            held = claims.hold(user_id=user.pk, campaign_id=campaign.pk, key="k", now=day)
            claims.claim(user_id=user.pk, ref=held.ref, now=day, answers={question.pk: "Dotted"})
            said = _SAID[number]
            replies.rate(user_id=user.pk, ref=held.ref, stars=4 + number % 2, words=said, now=day)
            if number < 3:
                claims.mark_redeemed(user_id=user.pk, ref=held.ref, now=day + timedelta(days=2))
            if number == 0:
                url = "https://maps.example/notebooks-that-lie-flat"
                post = Post.objects.create(
                    source=source_of(user), external_id=url, created_at=now, url=url
                )
                Tally.objects.create(post=post, kind="like", at=now, seen_at=now, delta=41)
                posts.name(user_id=user.pk, ref=held.ref, address=url, now=now)
    campaigns.pause(campaign_id=campaign.pk, actor_id=operator.pk, now=now)
    campaigns.resume(campaign_id=campaign.pk, actor_id=operator.pk, now=now)
    return campaign


def campaign() -> Prepared:
    user = olga()
    made = _running(user)
    return reverse("ops_perk", args=[made.pk]), user


def edit() -> Prepared:
    user = olga()
    made = _running(user)
    return reverse("ops_perk_edit", args=[made.pk]), user


def report() -> Prepared:
    user = olga()
    made = _running(user)
    return reverse("ops_perk_report", args=[made.pk]), user
