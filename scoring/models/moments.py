"""What a person decided about their moments."""

from django.conf import settings
from django.db import models


class MomentRemoved(models.Model):
    """A post that its author does not want among their moments.

    Named as the network names it, so that it stays removed when a source is linked once more.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    network = models.CharField(max_length=30)
    external_id = models.CharField(max_length=191)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "removed moment"
        verbose_name_plural = "removed moments"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network", "external_id"], name="moment_removed_once"
            )
        ]

    def __str__(self) -> str:
        return f"removed {self.network} {self.external_id}"
