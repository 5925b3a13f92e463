"""How good and how fast suggestions are: `python -m bench.suggest --labels FILE`.

FILE holds labelled papers as `evaluate_suggester` reads them (or KADAI_BENCH_LABELS names
it); where its lines have `sources`, whole sources are left out as well. `--off-topic FILE`
(KADAI_BENCH_OFF_TOPIC) holds papers that deserve no suggestion. Without labels only the
speed on made-up papers is measured. Annif and ASReview run on the same papers, each in an
environment of its own under `--rivals-folder`, where their scores are kept, so that a run
which was interrupted goes on. `--rivals quick` takes minutes, `all` more than an hour.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench import home, suggesting
from bench.rivals import environments, side_by_side, splits

CURVE = (50, 200, 1000)
HEADLINES = ("ndcg@5", "precision@1", "recall@5", "expected_calibration_error", "abstained")
RESULTS = Path(__file__).parent / "results" / "suggest.json"
BESIDE = RESULTS.with_name("suggest-rivals.json")
SPEED_ALONE = RESULTS.with_name("suggest-speed.json")  # quality needs labelled papers


def headline(figures):
    return {
        **{name: figures[name] for name in HEADLINES},
        "micro_f1": figures["micro"]["f1"],
        "macro_f1": figures["macro"]["f1"],
    }


class Bench:
    """One set of labelled papers against one vocabulary."""

    def __init__(self, subjects, examples):
        self.subjects, self.examples = subjects, examples

    def part(self, chosen):
        from ingest.suggest.examples import Examples  # noqa: PLC0415  (after django.setup)

        papers, labels = self.examples.papers, self.examples.labels
        return Examples(
            [papers[at] for at in chosen],
            [labels[at] for at in chosen],
            [set() for _ in chosen],
        )

    def measure(self, suggester, chosen):
        found = self.part(chosen)
        probabilities = suggester.probabilities(found.papers)
        return self._figures(suggester, found, probabilities, suggester.chosen(probabilities))

    def cross_validate(self, folds):
        """Each paper scored by a suggester that has not seen its fold; measured together."""
        import numpy as np  # noqa: PLC0415

        from ingest.suggest import training  # noqa: PLC0415

        everything = range(len(folds))
        width = len(self.subjects)
        probabilities = np.zeros((len(folds), width), np.float32)
        picked = np.zeros((len(folds), width), bool)
        for fold in sorted(set(folds)):
            unseen = [at for at in everything if folds[at] == fold]
            seen = self.part([at for at in everything if folds[at] != fold])
            suggester = training.train(self.subjects, seen).suggester
            scores = suggester.probabilities(self.part(unseen).papers)
            probabilities[unseen] = scores
            picked[unseen] = suggester.chosen(scores)
        return self._figures(suggester, self.part(everything), probabilities, picked)

    def _figures(self, suggester, found, probabilities, chosen):
        from ingest.suggest import evaluate  # noqa: PLC0415

        asked, truth = evaluate.asked_of(suggester, found.labels)
        slugs = [self.subjects.slugs[at] for at in asked]
        return evaluate.measure(slugs, truth, probabilities[:, asked], chosen[:, asked])


def run(labels, off_topic):
    from dataclasses import replace  # noqa: PLC0415

    from ingest.suggest import examples, training  # noqa: PLC0415
    from ingest.suggest import subjects as known  # noqa: PLC0415
    from ingest.suggest.combine import Suggester  # noqa: PLC0415
    from taxonomy import vocabulary  # noqa: PLC0415

    subjects = known.from_vocabulary(vocabulary.current())
    if labels:  # the landmarks among the labelled papers would be evidence for themselves
        found = examples.read_file(Path(labels))
        subjects = subjects.without_works(title for title, _ in found.papers)
    untrained = Suggester(subjects)
    results = {
        "concepts": len(subjects),
        "speed_vocabulary": suggesting.speed(untrained, suggesting.made_up()),
    }
    off = [(one["title"], one["abstract"]) for one in off_topic]
    if not labels:
        print("No labelled papers were given: only the speed is measured.")
        return results
    everything = list(range(len(found)))
    bench = Bench(subjects, found)
    table = results["quality"] = {}
    without = known.Subjects(tuple(replace(one, works=()) for one in subjects.items))
    table["vocabulary, no landmarks"] = headline(
        Bench(without, found).measure(Suggester(without), everything)
    )
    table["vocabulary"] = headline(bench.measure(untrained, everything))
    folds = splits.fold_numbers(len(found), splits.FOLDS)
    unseen = [at for at in everything if folds[at] == 0]
    seen = [at for at in everything if folds[at] != 0]
    for count in CURVE:
        trained = training.train(subjects, bench.part(seen[:count])).suggester
        table[f"fold 1, {count} labelled"] = headline(bench.measure(trained, unseen))
    whole = bench.cross_validate(folds)
    table[f"{splits.FOLDS}-fold"] = headline(whole)
    results["labels"] = whole["labels"]
    sources = splits.source_numbers(splits.lines(labels), splits.SOURCE_FOLDS)
    if len(set(sources)) > 1:
        table[f"sources left out, {splits.SOURCE_FOLDS} folds"] = headline(
            bench.cross_validate(sources)
        )
    began = time.process_time()
    trained = training.train(subjects, found).suggester
    results["training_seconds"] = round(time.process_time() - began, 1)
    results["speed_learned"] = suggesting.speed(trained, found.papers)
    results["one_paper_through_the_api"] = suggesting.through_the_api(trained, found.papers)
    results["explanations"] = suggesting.explained(trained, found.papers)
    if off:
        results["off_topic_without_suggestion"] = {
            name: round(1 - float(one.chosen(one.probabilities(off)).any(axis=1).mean()), 4)
            for name, one in (("vocabulary", untrained), ("learned", trained))
        }
    results["worker_memory_mb"] = suggesting.worker_memory(trained, labels)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default=os.environ.get("KADAI_BENCH_LABELS"))
    parser.add_argument("--off-topic", default=os.environ.get("KADAI_BENCH_OFF_TOPIC"))
    parser.add_argument("--rivals", choices=("none", "quick", "all"), default="all")
    parser.add_argument("--rivals-folder", type=Path, default=environments.DEFAULT)
    asked = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    home.start()
    try:
        off_topic = splits.lines(asked.off_topic) if asked.off_topic else []
        results = run(asked.labels, off_topic)
        show(results, RESULTS if asked.labels else SPEED_ALONE)
        if asked.labels and asked.rivals != "none":
            folder = asked.rivals_folder.resolve()
            side_by_side.compare(Path(asked.labels), asked.rivals, folder, BESIDE)
    finally:
        home.stop()


def show(results, file):
    file.write_text(json.dumps(results, indent=2) + "\n")
    for name, row in results.get("quality", {}).items():
        cells = "  ".join(f"{key} {value:.4f}" for key, value in row.items())
        print(f"{name:28s} {cells}")
    for name, value in results.items():
        if name not in ("quality", "labels"):
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
