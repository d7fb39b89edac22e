"""Cases people open, and mails about links that were sent."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.models.links import Source
from accounts.models.people import User


class CaseQuerySet(models.QuerySet["Case"]):
    """Chainable reads of cases."""

    def with_turn(self) -> Any:
        """Cases that know as `answered` whether an operator wrote last."""
        newest = CaseMessage.objects.filter(case=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(answered=Subquery(newest.values("by_operator")[:1]))


class Case(models.Model):
    """Something a person needs help with, answered inside the site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cases")
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    # What it is about, for accounts.case_subjects; {} where an older version opened it.
    about = models.JSONField(default=dict, blank=True)
    subject = models.CharField(max_length=200)  # the same as it was said when it was opened
    report = models.TextField(blank=True)  # the facts as they stood when it was opened
    by_site = models.BooleanField(default=False)  # opened by the site itself
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(closed_at=None, source__isnull=False),
                name="one_open_case_per_source",
            )
        ]
        indexes = [models.Index(fields=["closed_at", "changed_at"], name="case_waiting")]

    def __str__(self) -> str:
        return f"case {self.pk}: {self.subject}"


class CaseMessage(models.Model):
    """One entry of a case. `author` None: the site itself, or an operator who left."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    by_operator = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[Any] = ["at", "pk"]

    def __str__(self) -> str:
        return f"message {self.pk} of case {self.case_id}"


class Letter(models.Model):
    """A mail that was written once and for all: a second try of the same key sends nothing.

    `handed_at`: when the mail server was about to get it, until it took or refused it.
    """

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="letters")
    written_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["written_at"], name="letter_age")]

    def __str__(self) -> str:
        return f"letter {self.key}"
