"""`manage.py load_taxonomy [FILE]`."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taxonomy import editing
from taxonomy.errors import DataInvalid
from taxonomy.interchange import edition_yaml


class Command(BaseCommand):
    help = (
        "Load or update the taxonomy: the edition shipped with Kadai, or a YAML file or "
        "folder in the same format (taxonomy/data/README.md). Loading the same twice changes "
        "nothing; a broken file is refused whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=edition_yaml.SHIPPED, metavar="FILE"
        )

    def handle(self, *args: Any, file: Path, verbosity: int = 1, **options: Any) -> None:
        name = "edition" if file == edition_yaml.SHIPPED else file.name
        try:
            document = edition_yaml.read(file)
            if document.edition and file == edition_yaml.SHIPPED:
                name = f"edition {document.edition.number}"
            applied = editing.load_document(document, actor=name)
        except DataInvalid as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        if verbosity > 1:
            for one in applied:
                self.stdout.write(str(one))
        totals = Counter((one.verb, one.noun) for one in applied)
        said = [
            f"{n} {noun}{'' if n == 1 else 's'} {verb}" for (verb, noun), n in totals.items()
        ]
        self.stdout.write(f"Taxonomy ({name}): {', '.join(said) or 'nothing to change'}.")
