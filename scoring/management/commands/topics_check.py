"""`manage.py topics_check`: every mistake in the taxonomy's files, with file, line and reason."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.engine.topics import taxonomy
from scoring.engine.topics.rows import TaxonomyError


class Command(BaseCommand):
    """Checks the bundled taxonomy, or the one of another folder."""

    help = "Check the taxonomy's files and say every mistake at once (docs/topics.md)."
    requires_system_checks = ()  # whoever edits a file needs no set-up site

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a folder."""
        parser.add_argument("folder", nargs="?", type=Path, default=taxonomy.DATA)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the counts. Raises CommandError with all mistakes when there are any."""
        try:
            loaded = taxonomy.load(options["folder"])
        except TaxonomyError as error:
            number = len(error.mistakes)
            raise CommandError(
                f"{error}\n{number:,} {'mistake' if number == 1 else 'mistakes'} found."
            ) from None
        levels = Counter(topic.level for topic in loaded.topics.values())
        sensitive = sum(topic.sensitive for topic in loaded.topics.values())
        self.stdout.write(
            f"No mistakes. Areas: {levels['area']:,}. Fields: {levels['field']:,}. "
            f"Topics: {levels['topic']:,}. Of all these, never inferred: {sensitive:,}."
        )
