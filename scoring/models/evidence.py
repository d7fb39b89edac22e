"""What was counted: posts by selected sources and what people did about them.

Only scoring.ingest writes these rows.
"""

from django.conf import settings
from django.db import models

from accounts.connectors.base import Kind

KIND_CHOICES = [(kind.value, kind.value) for kind in Kind]


class Actor(models.Model):
    """Somebody who acted, known only by a keyed hash of (network, id): no name, no profile.

    `followers` is the public audience where the network tells it; NULL is "not told", never 0.
    """

    key = models.CharField(max_length=64, unique=True)
    network = models.CharField(max_length=30)
    followers = models.BigIntegerField(null=True)
    since = models.DateTimeField(null=True)  # when their account began, where told
    # The person of this site this actor is, if they linked this very account here themselves.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="acts_as"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(followers=None) | models.Q(followers__gte=0),
                name="actor_followers_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"actor {self.pk}"


class Post(models.Model):
    """A post by a selected source."""

    source = models.ForeignKey("accounts.Source", on_delete=models.CASCADE, related_name="posts")
    external_id = models.CharField(max_length=191)
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=10, default="original")
    excerpt = models.CharField(max_length=280, blank=True)
    url = models.URLField(max_length=500, blank=True)
    language = models.CharField(max_length=12, blank=True)
    visibility = models.CharField(max_length=12, default="public")
    # The version of the topics' assignment that looked at the text; blank: none has, or the text
    # changed since.
    topics_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="post_once_per_source")
        ]
        indexes = [models.Index(fields=["source", "created_at"], name="post_by_time")]

    def __str__(self) -> str:
        return self.excerpt[:60] or self.external_id


class Tally(models.Model):
    """How many more of `kind` a post had than before; only counts are known, not who.

    `seen_at` is when that was read; `at` is when it counts from: the time of the post for the first
    reading, else about when it was seen. A first reading of 0 is kept, so that what comes later is
    not taken for old. `delta` is negative only when a complete reading showed fewer. The sum over a
    post is the network's count.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    at = models.DateTimeField()
    seen_at = models.DateTimeField()
    delta = models.BigIntegerField()

    class Meta:
        verbose_name = "tally"
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["post", "kind", "seen_at"], name="tally_once_per_reading"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.kind}"


class Interaction(models.Model):
    """A known actor did something at a known time."""

    source = models.ForeignKey(
        "accounts.Source", on_delete=models.CASCADE, related_name="interactions"
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="interactions")
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="interactions")
    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    # Tells two replies by one person apart; the post's own id for a like or a repost.
    external_id = models.CharField(max_length=191)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "actor", "kind", "external_id"], name="interaction_once"
            )
        ]
        indexes = [models.Index(fields=["source", "at"], name="interaction_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} by actor {self.actor_id}"
