"""Make the totals of +K what the ledger says."""

from typing import Any

from django.core.management.base import BaseCommand

from scoring import plusk
from scoring.plusk.ledger import Total


class Command(BaseCommand):
    """Count every total of +K again from the ledger."""

    help = "Count the totals of +K again from the ledger, and say how many were wrong."

    def handle(self, **options: Any) -> None:
        """Print each total that differs, then mend it."""
        for receiver, topic, kept, true in plusk.drifted():
            self.stdout.write(
                f"{receiver} {topic}: {_said(kept)} kept, {_said(true)} in the ledger"
            )
        self.stdout.write(f"{plusk.recompute()} totals were wrong")


def _said(total: Total) -> str:
    return f"{total.counted} (weighed {total.weighed:.2f})"
