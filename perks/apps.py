"""Perks: campaigns of brands, who may claim what, and claims that never go wrong."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    """Tells accounts.letters who writes mails about perks, and sees to claims of who leaves."""

    name = "perks"

    def ready(self) -> None:
        """Register the writer and connect the receivers."""
        from accounts.letters import WRITERS
        from perks import letters, receivers  # noqa: F401

        WRITERS["perk"] = letters.write
