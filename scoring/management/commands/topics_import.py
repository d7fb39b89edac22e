"""`manage.py topics_import`: a taxonomy's folder made of the Klout Topic Ontology's files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.engine.topics import klout_files, klout_import, taxonomy
from scoring.engine.topics.rows import TaxonomyError


class Command(BaseCommand):
    """Reads topic_ontology, topic_display and topic_edges (.csv or .csv.gz) of a folder."""

    help = "Make a taxonomy's folder of the Klout Topic Ontology's files (docs/topics.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take both folders."""
        parser.add_argument("folder", type=Path, help="where their three files are")
        parser.add_argument("--into", type=Path, required=True, help="a new or empty folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and check. Raises CommandError with all mistakes, or when files are there."""
        into: Path = options["into"]
        if into.exists() and (not into.is_dir() or any(into.iterdir())):
            raise CommandError(f"{into} is not empty, and nothing is overwritten. Name a new one.")
        try:
            topics = klout_files.read_ontology(options["folder"])
            into.mkdir(parents=True, exist_ok=True)
            klout_import.write_taxonomy(topics, into)
            loaded = taxonomy.load(into)
        except TaxonomyError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(loaded.topics):,} topics written to {into} and checked.")
