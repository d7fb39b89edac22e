"""Perks as somebody meets them: each function returns (path, person)."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import GivenFacts, User
from perks import claims, samples
from perks.models import Campaign
from tests.perks.scenes import claimant

Prepared = tuple[str, User]


def newcomer() -> User:
    """Return somebody with a first score, among the sample campaigns."""
    takers = [claimant(name).pk for name in ("ahmed", "rosa", "ines")]
    samples.make(now=timezone.now(), takers=takers)
    return claimant("nora", 36.5)


def listed() -> Prepared:
    return reverse("perks"), newcomer()


def nearly() -> Prepared:
    nora = newcomer()
    return reverse("perk", args=[Campaign.objects.get(brand="Marginalia Paper").slug]), nora


def claiming() -> Prepared:
    nora, campaign = newcomer(), Campaign.objects.get(brand="Paperwharf")
    GivenFacts.objects.create(user=nora, country="PT")
    claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="1", now=timezone.now())
    return reverse("perk_claim", args=[campaign.slug]), nora


def correcting() -> Prepared:
    nora, campaign = newcomer(), Campaign.objects.get(brand="Paperwharf")
    GivenFacts.objects.create(user=nora, country="PT")
    now, question = timezone.now(), campaign.questions.get(position=1)
    one = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="1", now=now)
    address, answers = "Nora Lindqvist\nRua da Bica 1\nLisboa", {question.pk: "Rolled"}
    claims.claim(user_id=nora.pk, ref=one.ref, now=now, address=address, answers=answers)
    return reverse("perk_correct", args=[one.ref]), nora


def giving_back() -> Prepared:
    nora, campaign = newcomer(), Campaign.objects.get(brand="Hearthside Radio")
    one = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="1", now=timezone.now())
    return reverse("perk_give_back", args=[one.ref]), nora


def claimed() -> Prepared:
    nora, campaign = newcomer(), Campaign.objects.get(brand="Hearthside Radio")
    now = timezone.now()
    one = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="1", now=now)
    claims.claim(user_id=nora.pk, ref=one.ref, now=now)
    claims.show_code(user_id=nora.pk, ref=one.ref, now=now)
    return reverse("perk_mine", args=[one.ref]), nora
