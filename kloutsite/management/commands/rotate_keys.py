"""Seals all stored tokens with the first key of TOKEN_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import rotating
from perks import rotating as perks
from scoring import rotating as waiting

ROUNDS = 3  # a grant that was being renewed is free in the next one


class Command(BaseCommand):
    """`manage.py rotate_keys`: put a new key in front of TOKEN_KEYS, restart, then run this."""

    help = "Seal all stored tokens with the first key of TOKEN_KEYS. Can be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate until nothing needs an older key. Raises CommandError when something does."""
        done, left, troubles = 0, 0, list[str]()
        for _round in range(ROUNDS):
            said = [*rotating.rotate(now=timezone.now()), *waiting.rotate(), *perks.rotate()]
            troubles = [sentence for sentence in said if sentence]
            done += len(said) - len(troubles)
            left = rotating.left() + waiting.left() + perks.left()
            if not left:
                break
        for sentence in troubles:
            self.stderr.write(sentence)
        self.stdout.write(f"Sealed anew: {done:,} rows.")
        if left:
            raise CommandError(
                f"{left:,} rows still need an older key. Keep it in TOKEN_KEYS; run this again "
                "when renewals have ended, or let those people connect again."
            )
        self.stdout.write("Nothing needs an older key: it can be taken out of TOKEN_KEYS.")
