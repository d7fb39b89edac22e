"""What a person tells of themselves that nothing here can read: for perks, and for nothing else."""

from django.db import models
from django.db.models import Q

from accounts.models.people import User


class GivenFacts(models.Model):
    """Where somebody lives and when they were born, as they say. Both may be left out."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="given"
    )
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2: accounts.countries
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "country and year of birth"
        verbose_name_plural = "countries and years of birth"
        constraints = [
            models.CheckConstraint(
                condition=Q(birth_year=None) | Q(birth_year__gte=1900, birth_year__lte=2100),
                name="given_birth_year",
            )
        ]

    def __str__(self) -> str:
        return f"facts of user {self.user_id}"
