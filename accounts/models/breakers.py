"""Servers that give no answer."""

from typing import ClassVar

from django.db import models


class Breaker(models.Model):
    """A server whose last calls got no answer; the row goes with the next answer.

    accounts.breakers is the only writer.
    """

    network = models.CharField(max_length=30)
    issuer = models.CharField(max_length=253, blank=True)  # the server, where there are many
    failures = models.PositiveIntegerField(default=0)  # in a row, those while it rests left out
    people = models.JSONField(default=list)  # ids of whose calls these were, a few at most
    failing_since = models.DateTimeField()
    # It is left alone until then, and after that one call tries for all. None: it is still asked.
    open_until = models.DateTimeField(null=True, blank=True)
    trial_until = models.DateTimeField(null=True, blank=True)  # that call has the turn until then
    next_told = models.DateTimeField(null=True, blank=True)  # the rest at whose end one was invited

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "issuer"], name="breaker_once_a_server")
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.issuer}: {self.failures} without an answer"
