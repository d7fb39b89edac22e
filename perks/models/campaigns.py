"""What a brand gives: a campaign, one row for each unit of it, and what operators did.

Only perks.campaigns, perks.stock and perks.drawing write these rows, and perks.claims the units.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import sealing
from perks.eligibility import Rules

MOST_A_PERSON = 10


class Campaign(models.Model):
    """Something that a brand gives, to whom, how many of it and when.

    Its state follows from the times below. `planned` is how many there will be; how many there are
    is the number of its units. `rules` is what perks.eligibility.Rules.packed gives.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Mode(models.TextChoices):
        FIRST = "first", _("First come, first served")
        DRAW = "draw", _("By lot")

    class Delivery(models.TextChoices):
        CODES = "codes", _("Codes of the brand")
        MADE = "made", _("Codes that we make")
        PARCEL = "parcel", _("A parcel")

    class Learns(models.TextChoices):
        """What the brand may get to know of who claims. The score is none of it, ever."""

        NAME = "name", _("Name")
        EMAIL = "email", _("Mail address")
        ADDRESS = "address", _("Postal address")
        ANSWERS = "answers", _("Answers to its questions")

    slug = models.SlugField(max_length=60, db_index=False)
    title = models.CharField(max_length=120)
    brand = models.CharField(max_length=80)
    gets = models.CharField(max_length=200)  # what one gets, in a sentence
    description = models.TextField(max_length=4_000, blank=True)
    how_to_use = models.TextField(max_length=2_000, blank=True)  # shown with the code
    contact = models.CharField(max_length=200, blank=True)  # of the brand: an address to write to
    disclosure = models.CharField(max_length=300, blank=True)  # to copy, by whoever writes of it
    learns = models.JSONField(default=list, blank=True)  # of Learns

    mode = models.CharField(max_length=5, choices=Mode, default=Mode.FIRST)
    delivery = models.CharField(max_length=6, choices=Delivery, default=Delivery.CODES)
    planned = models.PositiveIntegerField(default=1)
    waiting_list = models.BooleanField(default=True)
    per_person = models.PositiveSmallIntegerField(default=1)  # and for each account elsewhere
    rules = models.JSONField(default=dict, blank=True)

    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, default="UTC")  # in which the two were given
    usable_until = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # by an operator, before its time

    # A draw: the seed is sealed until it was drawn, its SHA-256 is shown from the beginning.
    sealed_seed = models.TextField(blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    seed = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)

    # In the address of the report for the brand; empty while there is none.
    report_secret = models.CharField(max_length=43, blank=True, default="")

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="perk_slug_once"),
            models.UniqueConstraint(
                fields=["report_secret"],
                condition=~Q(report_secret=""),
                name="perk_report_secret_once",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="perk_window_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(per_person__gte=1, per_person__lte=MOST_A_PERSON),
                name="perk_so_many_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(mode="draw") | Q(published_at=None) | ~Q(commitment=""),
                name="perk_draw_is_committed",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None) | ~Q(seed=""), name="perk_seed_is_told"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(published_at__isnull=False),
                name="perk_ended_was_published",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], name="perk_closing"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.slug}"

    def state_at(self, now: datetime) -> "Campaign.State":
        """Return the one word that pages show, from the times of the row."""
        if self.published_at is None:
            return self.State.DRAFT
        if self.ended_at is not None or self.closes_at <= now:
            return self.State.ENDED
        if self.paused_at is not None:
            return self.State.PAUSED
        return self.State.SCHEDULED if now < self.opens_at else self.State.LIVE

    @property
    def fits(self) -> Rules:
        """Whom it is for."""
        return Rules.unpacked(self.rules)


class CampaignPicture(models.Model):
    """The picture of a campaign as we drew it anew, so that nothing else travels in it."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="picture"
    )
    data = models.BinaryField()  # WebP
    digest = models.CharField(max_length=64)  # SHA-256: names it in addresses, so it may be cached
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"picture of campaign {self.campaign_id}"


class Question(models.Model):
    """Something that the brand asks of who claims. `choices` is empty where words are asked for."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    choices = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="perk_question_once")
        ]

    def __str__(self) -> str:
        return f"question {self.position} of campaign {self.campaign_id}"


class Unit(models.Model):
    """One of what a campaign gives. It is free, held for somebody for a while, or taken.

    A code is sealed to this row; `digest` is a keyed one, so that the same code is found again and
    a copy of the table says nothing.
    """

    class State(models.TextChoices):
        FREE = "free", _("Free")
        HELD = "held", _("Held")
        TAKEN = "taken", _("Taken")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="units", db_index=False
    )
    number = models.PositiveIntegerField()  # in which order they go
    state = models.CharField(max_length=5, choices=State, default=State.FREE)
    sealed_code = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="perk_unit_once"),
            models.UniqueConstraint(
                fields=["digest"], condition=~Q(digest=""), name="perk_code_once"
            ),
            models.CheckConstraint(
                condition=Q(sealed_code="", digest="") | (~Q(sealed_code="") & ~Q(digest="")),
                name="perk_code_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["free", "held", "taken"]), name="perk_unit_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "number"], condition=Q(state="free"), name="perk_unit_free"
            )
        ]

    def __str__(self) -> str:
        return f"unit {self.number} of campaign {self.campaign_id}: {self.state}"

    def seal(self, code: str) -> None:
        """Set the code, sealed to this row. Does not save."""
        self.sealed_code = sealing.seal(code, bound_to=f"perk:{self.pk}:code")

    def code(self) -> str:
        """Return the code, or "" where there is none. Raises sealing.CannotOpen."""
        return sealing.unseal(self.sealed_code, bound_to=f"perk:{self.pk}:code")


class CampaignAct(models.Model):
    """Something that an operator did, kept for good: who, what, when, and what changed."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, related_name="acts"
    )
    slug = models.CharField(max_length=60)  # of the campaign, which may be gone
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    act = models.CharField(max_length=20)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["campaign", "-at"], name="perk_acts")]

    def __str__(self) -> str:
        return f"{self.act} {self.slug}"
