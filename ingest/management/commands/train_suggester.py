"""`manage.py train_suggester [--labels FILE] [--model OUT]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.suggest import active, artefact, embed, examples, learning, subjects, training
from taxonomy import vocabulary

UNNAMED = "labels.npz"


class Command(BaseCommand):
    help = (
        "Learn from the decisions and put the result to use; or learn from a file of "
        "labelled papers alone, and write nothing but a model file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--labels",
            type=Path,
            metavar="FILE",
            help="JSON lines with title, abstract and labels (slugs), .gz too.",
        )
        parser.add_argument(
            "--model",
            type=Path,
            metavar="OUT",
            help=f"Where to write what was learned (with --labels: models/{UNNAMED}).",
        )

    def handle(
        self, *args: Any, labels: Path | None, model: Path | None, **options: Any
    ) -> None:
        if labels is None and model is None:
            self._learn_from_decisions()
            return
        terms = vocabulary.current()
        try:
            found = examples.read_file(labels) if labels else examples.from_decisions(terms)
        except examples.LabelsInvalid as error:
            raise CommandError(str(error)) from error
        known = subjects.from_vocabulary(terms)
        if not len(known):
            raise CommandError("There is no vocabulary yet: run load_taxonomy first.")
        trained = training.train(known, found, self.stderr.write, embed.computing())
        path = model or active.folder() / UNNAMED
        try:
            artefact.save(trained.suggester, path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{path}: learned from {len(found)} papers.")

    def _learn_from_decisions(self) -> None:
        model = learning.learn(self.stderr.write)
        if model is None:
            raise CommandError("Another process is learning now.")
        use = "in use" if model.active else "not used: no better than the vocabulary"
        self.stdout.write(f"{model.name}: learned from {model.examples} papers, {use}.")
