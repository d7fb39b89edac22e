"""Durable work: a row is the truth, a worker borrows it (docs/decisions/0004)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Job(models.Model):
    """One piece of work on one subject.

    A worker that takes the job raises `fence` by one and holds it until `lease_until`. Each write
    transaction of the worker checks that the fence is still its own.
    """

    class Kind(models.TextChoices):
        COLLECT = "collect"  # subject: source id
        SCORE = "score"  # subject: user id
        HISTORY = "history"  # subject: user id; snapshots of past days
        ARCHIVE = "archive"  # subject: upload id; read a large file
        CHECK = "check"  # subject: source id; what is wrong with a link
        REVOKE = "revoke"  # subject: sealed access; ask the network to forget it
        LETTER = "letter"  # subject: key of a mail
        PERKS = "perks"  # subject: campaign id, or "person:" and a user id; what is due there
        WEIGH = "weigh"  # subject: "everybody", or who got +K; how far each +K counts
        PLACES = "places"  # subject: "everybody"; places among people here, topic by topic

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"  # given up after too many tries; a person or operator can press again

    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="jobs"
    )
    # A period makes scheduled work unique: two beats, one job. "" for work that was asked for.
    period = models.CharField(max_length=40, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)  # tries that failed by our fault
    postponed = models.PositiveSmallIntegerField(default=0)  # tries that others asked to repeat
    again = models.BooleanField(default=False)  # asked for once more while it ran
    progress = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state__in=["queued", "running"]),
                name="one_open_job_per_subject",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject", "period"],
                condition=~Q(period=""),
                name="one_job_per_period",
            ),
        ]
        indexes = [
            models.Index(F("due_at"), condition=Q(state="queued"), name="job_due"),
            models.Index(F("lease_until"), condition=Q(state="running"), name="job_lease"),
            models.Index(fields=["user", "created_at"], name="job_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.state}"


class Heartbeat(models.Model):
    """When each part of the fleet last said that it lives ("worker", "beat")."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
