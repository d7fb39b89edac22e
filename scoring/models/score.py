"""What was computed. Only scoring.pipeline writes these rows; pages read and compute nothing."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ScoreSnapshot(models.Model):
    """The score of a person on a day under a model. Past days are never rewritten.

    `score` and the sub-scores run from 1 to 100; `score` is NULL when there is not enough to count.
    `reach`, `amplification` and `network` are the sums R, A and N behind the sub-scores.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snapshots"
    )
    day = models.DateField()  # UTC
    model = models.CharField(max_length=20)
    as_of = models.DateTimeField()
    score = models.FloatField(null=True)
    low = models.FloatField(null=True)  # ends of the range from what is not known
    high = models.FloatField(null=True)
    risen = models.FloatField(null=True)  # since the day a week before, where both have a score
    reach = models.FloatField()
    amplification = models.FloatField()
    network = models.FloatField()
    reach_score = models.FloatField()
    amplification_score = models.FloatField()
    network_score = models.FloatField()
    posts = models.PositiveIntegerField()  # with a reaction, in 90 days
    people = models.PositiveBigIntegerField()  # who acted, known and counted
    sources_read = models.PositiveSmallIntegerField()
    sources = models.PositiveSmallIntegerField()
    percentile = models.FloatField(null=True)  # share of `population` with a lower score, 0..100
    population = models.PositiveIntegerField(null=True)
    reconstructed = models.BooleanField(default=False)
    # {"source": [...], "kind": [...], "post": [...]}: points from nothing to here, largest first
    made_of = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "day", "model"], name="one_score_a_day"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=100), name="score_in_range"
            ),
        ]
        # The day first, or SQLite finds the days of one person here, among those of everybody.
        indexes = [
            models.Index(fields=["day", "model", "score"], name="score_ranks"),
            models.Index(
                fields=["day", "model", "-risen"], condition=Q(risen__gt=0), name="score_risers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.score}"


class LedgerLine(models.Model):
    """One reason why the score of a day differs from the last counted day before it.

    The `points` of a day's lines sum to the change exactly. What a line names is kept in words, so
    that it stays readable when the post or the source is gone.
    """

    class Reason(models.TextChoices):
        """Why points came or went; texts live in scoring.words, codes never change."""

        REACTIONS = "reactions"  # new reactions to a post (or new follows, list entries)
        CORRECTED = "corrected"  # the network now counts fewer
        FADED = "faded"  # evidence grew older or left the 90 days
        UNREAD = "unread"  # a link that needs its person fades, or counts in full again
        INFLUENCE = "influence"  # people who acted became more or less influential themselves
        LINKED = "linked"  # a source began to count
        UNLINKED = "unlinked"  # a source stopped counting
        CEILING = "ceiling"  # a part stands at 100
        MODEL = "model"  # our way of counting changed

    snapshot = models.ForeignKey(ScoreSnapshot, on_delete=models.CASCADE, related_name="lines")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    day = models.DateField()
    model = models.CharField(max_length=20)
    reason = models.CharField(max_length=12, choices=Reason)
    source = models.ForeignKey("accounts.Source", on_delete=models.SET_NULL, null=True)
    source_title = models.CharField(max_length=200, blank=True)
    source_network = models.CharField(max_length=30, blank=True)
    post = models.ForeignKey("scoring.Post", on_delete=models.SET_NULL, null=True)
    post_title = models.CharField(max_length=120, blank=True)
    post_url = models.URLField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, blank=True)
    count = models.BigIntegerField(default=0)  # reactions behind the line
    people = models.BigIntegerField(default=0)  # of them by known people
    # Posts that the line speaks of, for ageing: first and last day.
    from_day = models.DateField(null=True)
    to_day = models.DateField(null=True)
    points_reach = models.FloatField(default=0)
    points_amplification = models.FloatField(default=0)
    points_network = models.FloatField(default=0)
    points = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["user", "model", "day"], name="ledger_by_day"),
            models.Index(
                fields=["user", "model", "day"],
                condition=Q(post=None),
                name="ledger_without_post",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason} {self.points:+.3f}"


class LedgerDay(models.Model):
    """What the lines of one day and reason come to. A function of those lines: scoring.sums."""

    snapshot = models.ForeignKey(
        ScoreSnapshot, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    model = models.CharField(max_length=20)
    reason = models.CharField(max_length=12, choices=LedgerLine.Reason)
    points = models.FloatField()
    lines = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "reason"], name="one_sum_a_reason")
        ]
        indexes = [  # every column that is asked for, so that no row is read
            models.Index(
                fields=["user", "model", "day", "reason", "points", "lines"], name="ledger_days"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason} {self.points:+.3f} of {self.lines}"


class LedgerPost(models.Model):
    """How far all lines of one post, kind and reason moved a score, up and down added up.

    Between any two days they come to no more than `moved`: that tells which posts need not be
    looked at to find the largest. A function of those lines: scoring.sums.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    model = models.CharField(max_length=20)
    post = models.ForeignKey(
        "scoring.Post", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=12, choices=LedgerLine.Reason)
    moved = models.FloatField()  # points, never below zero
    first = models.DateField()  # and last day of the lines
    last = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "user", "model", "kind", "reason"], name="one_sum_a_post"
            )
        ]
        indexes = [  # as above
            models.Index(
                fields=["user", "model", "-moved", "first", "last", "post"], name="ledger_posts"
            )
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} {self.kind} {self.reason} {self.moved:.3f}"


class ScoreState(models.Model):
    """The evidence exactly as it stood at a counted snapshot: the "before" of the next ledger.

    Kept for the last two days of a person; `evidence` is what scoring.engine.Evidence.pack gives.
    """

    snapshot = models.OneToOneField(ScoreSnapshot, on_delete=models.CASCADE, related_name="state")
    evidence = models.BinaryField()

    def __str__(self) -> str:
        return f"state of snapshot {self.snapshot_id}"
