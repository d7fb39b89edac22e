"""Networks that an operator has paused."""

from django.db import models

from accounts.models.people import User


class NetworkPause(models.Model):
    """A network that is read for nobody. Evidence stands still meanwhile."""

    network = models.CharField(max_length=30, unique=True)
    why = models.CharField(max_length=200)  # shown to people
    since = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.network} paused since {self.since:%Y-%m-%d}"
