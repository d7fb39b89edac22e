"""`manage.py new_signing_key`: a value for BLUESKY_KEY, where several machines are one site."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.connectors import dpop


class Command(BaseCommand):
    """Prints a new private key on one line. Nothing is kept."""

    help = "Print a new private key to set as BLUESKY_KEY (docs/linking.md)."
    requires_system_checks = ()  # a site that lacks the key must get one

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(dpop.new_key())
