"""What a campaign returns: who saw it, what they say of it; and who is told of it when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from perks.models.campaigns import Campaign
from perks.models.claims import Claim


class CampaignEvent(models.Model):
    """Somebody saw a campaign in the list, or opened it, on a day (UTC). Once a day and kind."""

    class Kind(models.TextChoices):
        SEEN = "seen"
        OPENED = "opened"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "day", "user"], name="perk_event_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day} of campaign {self.campaign_id}"


class Feedback(models.Model):
    """Stars and words about what was claimed. Withdrawn, the row is gone."""

    claim = models.OneToOneField(
        Claim, on_delete=models.CASCADE, primary_key=True, related_name="feedback"
    )
    stars = models.PositiveSmallIntegerField()
    words = models.TextField(max_length=1_000, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "stars and words"
        verbose_name_plural = "stars and words"
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="perk_stars_in_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars from claim {self.claim_id}"


class NamedPost(models.Model):
    """A post of their own about a perk, which whoever claimed it named of their own accord."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="posts", db_index=False)
    post = models.ForeignKey("scoring.Post", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["claim", "post"], name="perk_post_once")]

    def __str__(self) -> str:
        return f"post {self.post_id} of claim {self.claim_id}"


class Reminder(models.Model):
    """Somebody wants to be reminded of a campaign before it ends."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    remind_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="perk_one_reminder")
        ]

    def __str__(self) -> str:
        return f"reminder of campaign {self.campaign_id}"


class Told(models.Model):
    """Somebody was told that a campaign is there which fits them: once and never again."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="told", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "person told of a campaign"
        verbose_name_plural = "people told of campaigns"
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="perk_told_once")]

    def __str__(self) -> str:
        return f"told of campaign {self.campaign_id}"
