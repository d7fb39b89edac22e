"""What programs asked to be done, so that asking twice does it once."""

from django.conf import settings
from django.db import models

REQUEST_KEY = 64  # letters


class GivenOnce(models.Model):
    """A +K that a program gave under a key of its own choice: the same key gives no second one.

    `asked` is a hash of what was asked for, since a key stands for one request alone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=REQUEST_KEY)
    asked = models.CharField(max_length=64)
    plusk = models.ForeignKey("scoring.PlusK", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "answer given once"
        verbose_name_plural = "answers given once"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="given_once_a_key")]

    def __str__(self) -> str:
        return f"+K {self.plusk_id} by key {self.key}"
