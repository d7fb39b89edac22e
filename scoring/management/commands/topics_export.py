"""`manage.py topics_export`: the taxonomy as the files of the Klout Topic Ontology."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.engine.topics import klout_files, klout_import, taxonomy
from scoring.engine.topics.rows import TaxonomyError


class Command(BaseCommand):
    """Writes topic_ontology.csv, topic_display.csv and topic_edges.csv into a folder."""

    help = "Write the taxonomy as the Klout Topic Ontology's three files (docs/topics.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take both folders."""
        parser.add_argument("folder", type=Path, help="where the three files go")
        parser.add_argument("--taxonomy", type=Path, default=taxonomy.DATA, help="another taxonomy")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write. Raises CommandError with all mistakes of the taxonomy."""
        into: Path = options["folder"]
        try:
            loaded = taxonomy.load(options["taxonomy"])
            kept = klout_import.read_kept(options["taxonomy"])
        except TaxonomyError as error:
            raise CommandError(str(error)) from None
        into.mkdir(parents=True, exist_ok=True)
        klout_files.write_ontology(klout_files.of_taxonomy(loaded, kept), into)
        self.stdout.write(f"{len(loaded.topics):,} topics written to {into}.")
