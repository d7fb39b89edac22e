"""What people said is wrong, by topic: where the taxonomy needs another rule or word."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from scoring.models import TopicDoubt


class Command(BaseCommand):
    """Print topics with what they were taken for, the most doubted first."""

    help = "Print which topics people doubted, what it was instead, and which words had said so."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many lines to print."""
        parser.add_argument("--most", type=int, default=50, help="Lines to print (50).")

    def handle(self, **options: Any) -> None:
        """Print the confusion list; nobody is named."""
        counted = TopicDoubt.objects.values_list("topic", "instead", "because")
        rows = counted.annotate(times=Count("pk"), people=Count("user", distinct=True))
        self.stdout.write("topic, instead, because of, doubts, people")
        for topic, instead, because, times, people in rows.order_by(
            "-people", "-times", "topic", "instead", "because"
        )[: options["most"]]:
            said = f"{topic}, {instead or '-'}, {because or '-'}, {times}, {people}"
            self.stdout.write(said)
