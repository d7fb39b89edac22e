"""Badges that people earned, what they say about them, and the style of each.

`badge` is a slug of the table in scoring.engine.badges, kept as text: the table may change, and
what was earned stays. Only scoring.badges and scoring.styles write these rows.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

BADGE = 30  # letters of a badge's slug


class BadgeAward(models.Model):
    """A level of a badge that somebody earned: never changed, and gone only with its person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="badge_awards"
    )
    badge = models.CharField(max_length=BADGE)
    level = models.PositiveIntegerField()  # how many it took
    earned_on = models.DateField()  # UTC
    exact = models.BooleanField()  # False: the day it was counted; it may have been earlier
    old = models.BooleanField()  # by what had happened before its account was chosen here
    rule = models.CharField(max_length=20)  # which rule was in force
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "badge", "level"], name="badge_level_once"),
            models.CheckConstraint(condition=Q(level__gte=1), name="badge_level_positive"),
        ]
        indexes = [models.Index(fields=["badge", "level", "user"], name="badge_holders")]

    def __str__(self) -> str:
        return f"{self.badge} {self.level} of user {self.user_id}"


class BadgeChoice(models.Model):
    """What a person says about a badge of theirs. `pinned_at` orders those that are pinned."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="badge_choices"
    )
    badge = models.CharField(max_length=BADGE)
    pinned_at = models.DateTimeField(null=True)
    hidden = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "badge"], name="one_choice_a_badge"),
            models.CheckConstraint(
                condition=Q(pinned_at=None) | Q(hidden=False), name="hidden_badge_not_pinned"
            ),
        ]

    def __str__(self) -> str:
        return f"choice about {self.badge} of user {self.user_id}"


class BadgeStanding(models.Model):
    """How far a person is, as of the last count. `counts`: badge -> number, null where not told."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="badge_standing",
    )
    as_of = models.DateTimeField()
    counts = models.JSONField(default=dict)
    old_declined = models.BooleanField(default=False)  # the person wants none that is `old`

    def __str__(self) -> str:
        return f"badges of user {self.user_id} at {self.as_of:%Y-%m-%d}"


class BadgeHere(models.Model):
    """How many people here hold a level, as of the last night, of how many there were."""

    badge = models.CharField(max_length=BADGE)
    level = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    population = models.PositiveIntegerField()

    class Meta:
        verbose_name = "count of a badge"
        verbose_name_plural = "counts of badges"
        constraints = [
            models.UniqueConstraint(fields=["badge", "level"], name="badge_level_here_once")
        ]

    def __str__(self) -> str:
        return f"{self.badge} {self.level}: {self.people} of {self.population}"


class Style(models.Model):
    """Where a person stands on the grid of styles as of the last count, and the numbers behind it.

    `kind` is "" and both places are NULL while there is too little to say. The numbers are those of
    scoring.engine.style.Numbers.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="style"
    )
    as_of = models.DateTimeField()
    kind = models.CharField(max_length=20, blank=True)
    across = models.FloatField(null=True)  # 0..4
    down = models.FloatField(null=True)
    numbers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="", across=None, down=None)
                | (~Q(kind="") & Q(across__range=(0, 4), down__range=(0, 4))),
                name="style_has_a_place",
            )
        ]

    def __str__(self) -> str:
        return f"style {self.kind or 'not known'} of user {self.user_id}"
