"""What was asked of networks that bill or limit a whole site by the day."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class NetworkSpend(models.Model):
    """One network's day: units that were used, and units held for calls under way.

    accounts.budgets is the only writer. `day` is that of the network's own clock.
    """

    network = models.CharField(max_length=30)
    day = models.DateField()
    used = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "day"], name="spend_once_a_day"),
            models.CheckConstraint(
                condition=Q(used__gte=0, held__gte=0), name="spend_is_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} on {self.day}: {self.used} used, {self.held} held"
