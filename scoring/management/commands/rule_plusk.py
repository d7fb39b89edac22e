"""An operator takes a +K out of what counts, puts it back, or lets it count wholly."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from scoring import plusk
from scoring.models import PlusK


class Command(BaseCommand):
    """Rule about +K by number; the ledger keeps every ruling."""

    help = (
        "Take +K out of what counts (void), put it back (restore), or let it count wholly (vouch). "
        "A case about one names its number."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the ruling and the numbers."""
        parser.add_argument("ruling", choices=["void", "restore", "vouch"])
        parser.add_argument("numbers", nargs="+", type=int, metavar="number")

    def handle(self, **options: Any) -> None:
        """Rule about each, in the order given; stop at a number that is none."""
        for number in options["numbers"]:
            try:
                if options["ruling"] == "vouch":
                    plusk.vouch(plusk_id=number, now=timezone.now())
                else:
                    void = options["ruling"] == "void"
                    plusk.rule(plusk_id=number, void=void, now=timezone.now())
            except PlusK.DoesNotExist as error:
                raise CommandError(f"There is no +K {number}. Those before it are done.") from error
            self.stdout.write(f"+K {number}: {options['ruling']}")
