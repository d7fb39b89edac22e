"""What was asked of networks that bill or limit a whole site by the day or by the hour."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

WHOLE_DAY = -1


class NetworkSpend(models.Model):
    """One network's day, or one hour of one server: units used, and held for calls under way.

    accounts.budgets is the only writer. A day is that of the network's own clock; an hour counts
    calls and is one of UTC.
    """

    network = models.CharField(max_length=30)
    issuer = models.CharField(max_length=253, blank=True)  # the server, where there are many
    day = models.DateField()
    hour = models.SmallIntegerField(default=WHOLE_DAY)
    used = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "spending on a network"
        verbose_name_plural = "spending on networks"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["network", "issuer", "day", "hour"], name="spend_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0, held__gte=0), name="spend_is_never_negative"
            ),
        ]

    def __str__(self) -> str:
        when = f"{self.day}" if self.hour == WHOLE_DAY else f"{self.day} {self.hour:02}h"
        return f"{self.network} {self.issuer} on {when}: {self.used} used, {self.held} held"
