"""What decisions bring before the next training, and what the slider does.

`python -m bench.suggest_steering --labels FILE` (KADAI_BENCH_LABELS). A curator who knows the
labels reads papers one by one: accepts what is true of the suggestions, rejects the rest, and
adds what is missing. On papers kept aside: nDCG@5 before, after an update, and after a training
anew from the same decisions. And over five folds: what is suggested when a share of the
suggestions shall be right.
"""

import argparse
import json
import os
import random
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bench import home, suggest

STEPS = ((0, 100), (0, 300), (200, 100), (200, 300), (1000, 300))  # known, newly decided
TARGETS = (50, 80, 90, 95)
KEPT_OF = 5  # one labelled paper in so many is for measuring
RESULTS = Path(__file__).parent / "results" / "suggest-steering.json"


def updates(bench):
    """A row a step: figures before, after an update and after a training anew."""
    rows = list(range(len(bench.examples)))
    random.Random(0).shuffle(rows)
    at = len(rows) // KEPT_OF
    kept, others = rows[:at], rows[at:]
    found = []
    for known, decided in STEPS:
        before = taught(bench, bench.examples.part(others[:known]))
        new = bench.examples.part(others[known : known + decided])
        suggested = before.chosen(before.probabilities(new.papers))
        stages = {
            "before": before,
            "updated": updated(before, new, suggested),
            "trained_anew": taught(
                bench, rejecting(bench, others[: known + decided], before, suggested)
            ),
        }
        found.append(
            {
                "known": known,
                "decided": decided,
                **{name: figures(bench, one, kept) for name, one in stages.items()},
            }
        )
        print(found[-1], flush=True)
    return found


def taught(bench, examples):
    from ingest.suggest import training  # noqa: PLC0415  (after django.setup)

    return training.train(bench.subjects, examples).suggester


def rejecting(bench, rows, suggester, suggested):
    """These labelled papers; of the last ones, what was suggested wrongly is rejected."""
    from ingest.suggest.examples import Examples  # noqa: PLC0415

    found = bench.examples.part(rows)
    slugs = np.array(suggester.subjects.slugs)
    refused = [set(slugs[row]) for row in suggested]
    first = len(found) - len(refused)
    rejected = [set()] * first + [
        slugs - labels for slugs, labels in zip(refused, found.labels[first:], strict=True)
    ]
    return Examples(found.papers, found.labels, rejected)


def updated(suggester, new, suggested):
    """With what an update makes of the verdicts: on what was suggested, or was added."""
    from ingest.suggest import correction  # noqa: PLC0415
    from ingest.suggest.nearest import features_of  # noqa: PLC0415
    from ingest.suggest.reading import Reading  # noqa: PLC0415

    reading = Reading.of(new.papers)
    features = features_of(suggester)
    rows = features.transform(reading)
    said = suggester.logits(suggester.signals(reading)).astype(np.float64)
    truth = suggester.truth_of(new.labels)
    weights = {}
    for column, slug in enumerate(suggester.subjects.slugs):
        mine = np.flatnonzero(suggested[:, column] | truth[:, column])
        if not len(mine):
            continue
        likeness = np.asarray((rows[mine] @ rows[mine].T).todense(), np.float64)
        fitted = correction.fit(likeness, said[mine, column], truth[mine, column])
        weights[slug] = dict(zip(mine.tolist(), fitted.tolist(), strict=True))
    return suggester.corrected(correction.assemble(features, rows, weights), 1)


def figures(bench, suggester, rows):
    found = bench.measure(suggester, rows)
    return {name: found[name] for name in ("ndcg@5", "expected_calibration_error")}


def slider(bench):
    """What each asked share came to on papers that were not learned from."""
    from ingest.suggest import evaluate  # noqa: PLC0415

    numbers = bench.kinds["random"]
    tops = [at for at, parent in enumerate(bench.subjects.parents()) if parent < 0]
    truths, choices = [], {target: [] for target in TARGETS}
    for number in sorted(set(numbers)):
        seen = [at for at, one in enumerate(numbers) if one != number]
        unseen = bench.examples.part(at for at, one in enumerate(numbers) if one == number)
        suggester = taught(bench, bench.examples.part(seen))
        probabilities = suggester.probabilities(unseen.papers)
        truths.append(suggester.truth_of(unseen.labels)[:, tops])
        for target, chosen in choices.items():
            chosen.append(suggester.having(target=target).chosen(probabilities)[:, tops])
    truth = np.vstack(truths)
    return {
        str(target): evaluate.outcome(truth, np.vstack(chosen))
        for target, chosen in choices.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default=os.environ.get("KADAI_BENCH_LABELS"))
    asked = parser.parse_args()
    if not asked.labels:
        print("No labelled papers were given: there is nothing to decide on.")
        return
    home.start()
    try:
        bench = suggest.bench_of(asked.labels)
        results = {"slider": slider(bench), "updates": updates(bench)}
    finally:
        home.stop()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    for target, row in results["slider"].items():
        print(target, row)


if __name__ == "__main__":
    main()
