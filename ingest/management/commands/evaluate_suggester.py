"""`manage.py evaluate_suggester --labels FILE [--model FILE] [--predictions OUT]`."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from ingest.suggest import active, artefact, embed, evaluate, examples, subjects
from ingest.suggest.combine import Matrix, Suggester
from taxonomy import vocabulary


class Command(BaseCommand):
    help = "Measure suggestions on labelled papers; prints one JSON object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--labels", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--model", type=Path, metavar="FILE", help="Default: the suggester in use."
        )
        parser.add_argument(
            "--predictions",
            type=Path,
            metavar="OUT",
            help="Write every concept's probability for each paper, a JSON line each.",
        )

    def handle(
        self,
        *args: Any,
        labels: Path,
        model: Path | None,
        predictions: Path | None,
        **options: Any,
    ) -> None:
        try:
            found = examples.read_file(labels)
            suggester = _suggester(model)
        except (examples.LabelsInvalid, artefact.ModelUnreadable) as error:
            raise CommandError(str(error)) from error
        if not len(suggester.subjects):
            raise CommandError("There is no vocabulary yet: run load_taxonomy first.")
        began = time.perf_counter()
        probabilities = suggester.probabilities(found.papers)
        chosen = suggester.chosen(probabilities)
        seconds = time.perf_counter() - began
        if predictions:
            try:
                _write(predictions, suggester, probabilities, chosen)
            except OSError as error:
                raise CommandError(f"{predictions}: {error.strerror}.") from error
        asked, truth = evaluate.asked_of(suggester, found.labels)
        slugs = [suggester.subjects.slugs[at] for at in asked]
        figures = evaluate.measure(slugs, truth, probabilities[:, asked], chosen[:, asked])
        known = suggester.columns
        unknown = sorted({slug for one in found.labels for slug in one if slug not in known})
        self.stdout.write(
            json.dumps(
                {
                    "suggester": suggester.name,
                    "papers_per_second": round(len(found) / max(seconds, 1e-9), 1),
                    "unknown_labels": unknown,
                    **figures,
                },
                indent=2,
            )
        )


def _suggester(model: Path | None) -> Suggester:
    if model is None:
        return active.current().having(embedding=embed.computing())
    known = subjects.from_vocabulary(vocabulary.current())
    return artefact.load(model, known, embedding=embed.computing())


def _write(path: Path, suggester: Suggester, probabilities: Matrix, chosen: Any) -> None:
    slugs = suggester.subjects.slugs
    with path.open("w", encoding="utf-8") as file:
        for row, picked in zip(probabilities, chosen, strict=True):
            scores = {
                slug: round(float(value), 5) for slug, value in zip(slugs, row, strict=True)
            }
            suggested = [slugs[at] for at in np.flatnonzero(picked)]
            file.write(json.dumps({"scores": scores, "suggested": suggested}) + "\n")
