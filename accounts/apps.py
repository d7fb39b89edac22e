"""Accounts: who you are and which sources speak for you."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects the receivers that turn a finished OAuth flow into a Grant."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the receivers, and let sentences of pure modules speak the active language."""
        from accounts import receivers, security  # noqa: F401
        from accounts.figures import READER
        from accounts.speech import speak_with

        speak_with(READER)
