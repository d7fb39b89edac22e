"""Scoring: collect, compute, remember, show."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Listens to accounts.signals.source_changed and turns it into jobs."""

    name = "scoring"

    def ready(self) -> None:
        """Connect the receivers."""
        from scoring import receivers  # noqa: F401
