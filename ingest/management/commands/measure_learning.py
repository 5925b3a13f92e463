"""`manage.py measure_learning [--labels FILE]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.suggest import curve, embed, examples, subjects
from taxonomy import vocabulary


class Command(BaseCommand):
    help = (
        "Measure how suggestions get better with labelled papers, show the curve on the page "
        "of the suggester, and print it as one JSON object."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--labels",
            type=Path,
            metavar="FILE",
            help="JSON lines with title, abstract and labels; default: the decisions.",
        )

    def handle(self, *args: Any, labels: Path | None, **options: Any) -> None:
        terms = vocabulary.current()
        known = subjects.from_vocabulary(terms)
        if not len(known):
            raise CommandError("There is no vocabulary yet: run load_taxonomy first.")
        try:
            found = examples.read_file(labels) if labels else examples.from_decisions(terms)
        except examples.LabelsInvalid as error:
            raise CommandError(str(error)) from error
        if len(found) < curve.LEAST:
            raise CommandError(
                f"{len(found)} labelled papers are too few: {curve.LEAST} at least."
            )
        points = curve.measure(known, found, self.stderr.write, embed.computing())
        curve.keep(points, len(found) // curve.KEPT_OF)
        self.stdout.write(json.dumps({"points": points}, indent=2))
