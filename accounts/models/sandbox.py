"""What the made-up network remembers."""

from django.db import models


class SandboxFault(models.Model):
    """A switch of the made-up network: from `since` on, this person's access fails this way."""

    person = models.CharField(max_length=40)
    target = models.CharField(max_length=60, blank=True)  # "" = every target of the person
    fault = models.CharField(max_length=30)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "target"], name="sandbox_one_fault_a_target")
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.fault}"


class SandboxToken(models.Model):
    """A token the made-up network gave out. Only its hash is kept, as a real server would."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.CharField(max_length=40)
    scopes = models.JSONField(default=list)
    targets = models.JSONField(default=list)  # ids the person ticked on the consent page
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sandbox token of {self.person}"
