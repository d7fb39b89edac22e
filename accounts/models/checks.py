"""What the doctor found when a person asked what is wrong with a link."""

from django.db import models

from accounts.models.links import Source


class LinkCheck(models.Model):
    """One visit of the doctor to a link (accounts.doctor), kept 30 days; never a token in it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="checks")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Key of accounts.findings.ALL of what is wrong, "" when nothing is.
    finding = models.CharField(max_length=30, blank=True)
    results = models.JSONField(default=list)  # accounts.checkup.Result, one a check, in order
    says = models.JSONField(default=dict)  # what the network itself said about the access
    # The newest posts with the counts of that moment, of the newest visit alone; no text.
    posts = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["source", "-asked_at"], name="linkcheck_newest")]

    def __str__(self) -> str:
        return f"check {self.pk} of source {self.source_id}"
