"""What posts are about, what a person is known for by that, and what they said about it.

`topic` is a slug of the taxonomy (scoring/data/topics/), kept as text: the file may change, and
what a person chose stays. Only scoring.topics writes these rows.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

SLUG = 80  # letters of a topic's slug


class PostTopic(models.Model):
    """A topic that a post is about. `share` is its part of the post: all parts are 1 at most."""

    post = models.ForeignKey("scoring.Post", on_delete=models.CASCADE, related_name="topics")
    topic = models.CharField(max_length=SLUG)
    share = models.FloatField()
    because = models.CharField(max_length=80)  # the words that say so

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "topic"], name="topic_once_per_post"),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1), name="topic_share_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.share:.2f} of post {self.post_id}"


class TopicScore(models.Model):
    """How strongly people react to what a person says about a topic, as of the last rescore.

    Kept for every topic of a post that people reacted to, and for what stands above these in the
    taxonomy; `passes` tells which of them are told.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topic_scores"
    )
    topic = models.CharField(max_length=SLUG)
    as_of = models.DateTimeField()
    strength = models.FloatField()  # the sum of its terms: see docs/topics.md
    share = models.FloatField()  # of everything the person's posts brought, 0..1
    posts = models.PositiveIntegerField()  # with a reaction, in 90 days
    posts_needed = models.PositiveIntegerField()  # of these, of as many as the person has
    days = models.PositiveIntegerField()  # on which these were written (UTC)
    people = models.PositiveBigIntegerField()  # who reacted, known and counted
    reactions = models.PositiveBigIntegerField()
    first_post_at = models.DateTimeField()
    last_post_at = models.DateTimeField()
    # [[post id, term], ...], the largest first; the rest of the strength is of smaller posts.
    terms = models.JSONField(default=list)
    passes = models.BooleanField(default=False)
    passed_on = models.DateField(null=True)  # since when without a break; NULL while it does not
    left_on = models.DateField(null=True)  # since when not any more; NULL while told, or never told
    # Among those here whose topic passes and is not hidden; NULL where they are few.
    place = models.PositiveIntegerField(null=True)
    population = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="one_strength_a_topic"),
        ]
        indexes = [
            models.Index(
                fields=["topic", "-strength"], condition=Q(passes=True), name="topic_people"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.strength:.3f} of user {self.user_id}"


class TopicHere(models.Model):
    """How much everybody here speaks of a topic: what one person's part of it is held against."""

    topic = models.CharField(max_length=SLUG, primary_key=True)
    share = models.FloatField()  # mean over everybody whose posts brought anything, 0..1
    people = models.PositiveIntegerField()  # whose topic passes and is not hidden
    as_of = models.DateTimeField()

    class Meta:
        verbose_name = "share of a topic"
        verbose_name_plural = "shares of topics"

    def __str__(self) -> str:
        return f"{self.topic} {self.share:.4f} here"


class TopicChoice(models.Model):
    """What a person says about a topic of theirs. It outlives every rescore, model and link."""

    class State(models.TextChoices):
        NONE = "none"
        HIDDEN = "hidden"  # for good
        ADDED = "added"  # an interest until posts prove it

    class Kind(models.TextChoices):
        UNMARKED = ""
        EXPERTISE = "expertise"
        INTEREST = "interest"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topic_choices"
    )
    topic = models.CharField(max_length=SLUG)
    state = models.CharField(max_length=6, choices=State, default=State.NONE)
    kind = models.CharField(max_length=9, choices=Kind, blank=True, default=Kind.UNMARKED)
    position = models.PositiveSmallIntegerField(null=True)  # NULL: by strength, after the others
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="one_choice_a_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.state} {self.kind} of user {self.user_id}"


class TopicDoubt(models.Model):
    """Somebody says that a topic is not theirs, or that a post is not about it.

    `post_network` and `post_external_id` name the post (both empty: none), so that the doubt holds
    when its row goes with an unlinked account and comes back with it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topic_doubts"
    )
    topic = models.CharField(max_length=SLUG)
    post = models.ForeignKey("scoring.Post", on_delete=models.SET_NULL, null=True)
    post_network = models.CharField(max_length=30, blank=True)
    post_external_id = models.CharField(max_length=191, blank=True)
    instead = models.CharField(max_length=SLUG, blank=True)  # the topic that it is
    because = models.CharField(max_length=80, blank=True)  # what had said so
    words = models.TextField(blank=True)
    case = models.ForeignKey("accounts.Case", on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["topic", "instead"], name="topic_confusion")]

    def __str__(self) -> str:
        return f"doubt about {self.topic} of user {self.user_id}"
