"""Perks: campaigns of brands, who may claim what, and claims that never go wrong."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    """Has mails about perks written here, and sees to claims of who leaves."""

    name = "perks"

    def ready(self) -> None:
        """Register the writer and connect the receivers."""
        from accounts.letter_texts import WRITERS
        from perks import letters, receivers  # noqa: F401

        WRITERS["perk"] = letters.write
