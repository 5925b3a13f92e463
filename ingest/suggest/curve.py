"""How suggestions get better with labelled papers: the learning curve.

One labelled paper in five is kept for measuring. From the others, in a fixed random order,
the suggester learns the first 50, 200, 1,000, and all; before them it knows the vocabulary.
"""

import random
from collections.abc import Callable
from typing import Any

from ingest.models import Measurement
from ingest.suggest import evaluate, training
from ingest.suggest.combine import Suggester
from ingest.suggest.embed_nearness import Embedding
from ingest.suggest.examples import Examples
from ingest.suggest.subjects import Subjects

STEPS = (0, 50, 200, 1_000)
KEPT_OF = 5  # one paper in so many is for measuring
LEAST = 100  # labelled papers, below which a curve would show chance


def measure(
    subjects: Subjects,
    examples: Examples,
    progress: Callable[[str], None] = lambda _: None,
    embedding: Embedding | None = None,
) -> list[dict[str, Any]]:
    """One entry a step: how many papers it learned from, and what that came to."""
    rows = list(range(len(examples)))
    random.Random(0).shuffle(rows)
    at = len(rows) // KEPT_OF
    kept, others = examples.part(rows[:at]), rows[at:]
    # A landmark that is measured or learned from is no evidence for itself.
    known = subjects.without_works(title for title, _ in examples.papers)
    steps = [step for step in STEPS if step < len(others)] + [len(others)]
    points = []
    for step in steps:
        learned = examples.part(others[:step])
        suggester = (
            training.train(known, learned, embedding=embedding).suggester
            if step
            else Suggester(known, embedding=embedding)
        )
        points.append({"labelled": step, **_figures(suggester, kept)})
        progress(f"{step} labelled papers: nDCG@5 {points[-1]['ndcg@5']:.3f}")
    return points


def keep(points: list[dict[str, Any]], measured_on: int) -> None:
    """For the page of the suggester, in place of the former curve."""
    Measurement.objects.keep(
        Measurement.Kind.LEARNING_CURVE, {"points": points, "measured_on": measured_on}
    )


def _figures(suggester: Suggester, kept: Examples) -> dict[str, float]:
    probabilities = suggester.probabilities(kept.papers)
    chosen = suggester.chosen(probabilities)
    asked, truth = evaluate.asked_of(suggester, kept.labels)
    slugs = [suggester.subjects.slugs[at] for at in asked]
    found = evaluate.measure(slugs, truth, probabilities[:, asked], chosen[:, asked])
    return {
        "ndcg@5": found["ndcg@5"],
        "precision@1": found["precision@1"],
        "micro_f1": found["micro"]["f1"],
        "macro_f1": found["macro"]["f1"],
    }
