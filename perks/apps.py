"""Perks: campaigns of brands, who may claim what, and claims that never go wrong."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    """Has mails about perks written here, adds a card to home, sees to claims of who leaves."""

    name = "perks"

    def ready(self) -> None:
        """Register the writer and the card, and connect the receivers."""
        from accounts.letter_texts import WRITERS
        from perks import letters, receivers  # noqa: F401
        from perks.views import home
        from scoring.views.home_cards import CARDS

        WRITERS["perk"] = letters.write
        CARDS["perks"] = home.card
