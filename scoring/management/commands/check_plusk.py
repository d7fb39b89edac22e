"""Find out whether the ledger of +K is what it was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring import plusk
from scoring.models import PlusKChain


class Command(BaseCommand):
    """Work out every link of the chain over the ledger again."""

    help = "Say whether a row of the ledger of +K was changed since the night that chained it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a head that was written down elsewhere."""
        parser.add_argument("--head", help="of an earlier night, as it was printed then")

    def handle(self, **options: Any) -> None:
        """Print the newest head; end with an error where a link does not hold."""
        links = PlusKChain.objects.order_by("pk")
        last = links.last()  # what a worker adds from here on is not looked at
        if (found := plusk.broken()) is not None:
            before, link = found
            raise CommandError(
                f"Changed since {link.at:%Y-%m-%d %H:%M} UTC: one of +K {before.plusk + 1} to "
                f"{link.plusk}, or of acts {before.act + 1} to {link.act}."
            )
        head = options["head"]
        if head and not links.filter(head=head).exists():
            raise CommandError("This head is not in the chain: the ledger is another one.")
        self.stdout.write(
            f"Nothing was changed up to +K {last.plusk} and act {last.act}.\nHead: {last.head}"
            if last
            else "Nothing is chained yet: that is done by night."
        )
