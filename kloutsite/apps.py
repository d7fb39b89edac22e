"""The frame: settings, urls, workers, health."""

from django.apps import AppConfig


class KloutsiteConfig(AppConfig):
    """Registers the system checks that explain a bad installation."""

    name = "kloutsite"

    def ready(self) -> None:
        """Register the checks."""
        from kloutsite import checks  # noqa: F401
