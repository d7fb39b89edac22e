"""Accounts: who you are and which sources speak for you."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects the receivers that turn a finished OAuth flow into a Grant."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the receivers."""
        from accounts import receivers, security  # noqa: F401
