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
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

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
    """One set of labelled papers against one vocabulary, in folds of several kinds."""

    def __init__(self, subjects, examples, kinds=None):
        from ingest.suggest.combine import Suggester  # noqa: PLC0415  (after django.setup)

        self.subjects, self.examples = subjects, examples
        self.kinds = {  # by name, the number of each paper's fold
            name: numbers for name, numbers in (kinds or {}).items() if len(set(numbers)) > 1
        }
        self.untrained = Suggester(subjects)
        self._judged = {}

    def measure(self, suggester, chosen):
        found = self.examples.part(chosen)
        probabilities = suggester.probabilities(found.papers)
        return self._figures(found, probabilities, suggester.chosen(probabilities))

    def judged(self, kind, number):
        """A fold by a suggester that was taught all others: places, scores, choice, speed."""
        from ingest.suggest import training  # noqa: PLC0415

        if (kind, number) not in self._judged:
            numbers = self.kinds[kind]
            unseen = [at for at, one in enumerate(numbers) if one == number]
            seen = [at for at, one in enumerate(numbers) if one != number]
            suggester = training.train(self.subjects, self.examples.part(seen)).suggester
            papers = self.examples.part(unseen).papers
            suggester.probabilities(papers[:50])
            began = time.process_time()
            probabilities = suggester.probabilities(papers)
            chosen = suggester.chosen(probabilities)
            rate = len(papers) / max(time.process_time() - began, 1e-9)
            self._judged[kind, number] = unseen, probabilities, chosen, rate
        return self._judged[kind, number]

    def cross_validate(self, kind):
        """All folds of a kind, measured together."""
        folds = [self.judged(kind, number) for number in sorted(set(self.kinds[kind]))]
        places, probabilities, chosen, _ = zip(*folds, strict=True)
        found = self.examples.part(at for fold in places for at in fold)
        return self._figures(found, np.vstack(probabilities), np.vstack(chosen))

    def _figures(self, found, probabilities, chosen):
        from ingest.suggest import evaluate  # noqa: PLC0415

        asked, truth = evaluate.asked_of(self.untrained, found.labels)
        slugs = [self.subjects.slugs[at] for at in asked]
        return evaluate.measure(slugs, truth, probabilities[:, asked], chosen[:, asked])


def bench_of(labels):
    """The papers of a file; no landmark among them is evidence for itself."""
    from ingest.suggest import examples  # noqa: PLC0415
    from ingest.suggest import subjects as known  # noqa: PLC0415
    from taxonomy import vocabulary  # noqa: PLC0415

    found = examples.read_file(Path(labels))
    subjects = known.from_vocabulary(vocabulary.current())
    kinds = {
        "random": splits.fold_numbers(len(found), splits.FOLDS),
        "sources": splits.source_numbers(splits.lines(labels), splits.SOURCE_FOLDS),
    }
    return Bench(subjects.without_works(title for title, _ in found.papers), found, kinds)


def speed_alone():
    """Without labelled papers: of the vocabulary, on made-up ones."""
    from ingest.suggest import subjects as known  # noqa: PLC0415
    from ingest.suggest.combine import Suggester  # noqa: PLC0415
    from taxonomy import vocabulary  # noqa: PLC0415

    untrained = Suggester(known.from_vocabulary(vocabulary.current()))
    return {"speed_vocabulary": suggesting.speed(untrained, suggesting.made_up())}


def quality(bench):
    """Figures before any training, as labels come in, and in folds."""
    from ingest.suggest import training  # noqa: PLC0415
    from ingest.suggest.combine import Suggester  # noqa: PLC0415

    everything = range(len(bench.examples))
    bare = replace(
        bench.subjects, items=tuple(replace(one, works=()) for one in bench.subjects.items)
    )
    table = {
        "vocabulary, no landmarks": bench.measure(Suggester(bare), everything),
        "vocabulary": bench.measure(bench.untrained, everything),
    }
    first = bench.kinds["random"]
    unseen = [at for at in everything if first[at] == 0]
    seen = [at for at in everything if first[at] != 0]
    for count in CURVE:
        taught = training.train(bench.subjects, bench.examples.part(seen[:count])).suggester
        table[f"fold 1, {count} labelled"] = bench.measure(taught, unseen)
    for kind in bench.kinds:
        table[f"{kind}, {len(set(bench.kinds[kind]))} folds"] = bench.cross_validate(kind)
    return table


def silent(suggester, papers):
    """Share of the papers that get no suggestion."""
    chosen = suggester.chosen(suggester.probabilities(papers))
    return round(1 - float(chosen.any(axis=1).mean()), 4)


def run(bench, labels, off_topic):
    """All that is measured of Kadai alone."""
    from ingest.suggest import training  # noqa: PLC0415

    table = quality(bench)
    results = {
        "concepts": len(bench.subjects),
        "quality": {name: headline(figures) for name, figures in table.items()},
        "labels": table[f"random, {splits.FOLDS} folds"]["labels"],
        **speed_alone(),
    }
    papers = bench.examples.papers
    began = time.process_time()
    trained = training.train(bench.subjects, bench.examples).suggester
    results["training_seconds"] = round(time.process_time() - began, 1)
    results["speed_learned"] = suggesting.speed(trained, papers)
    results["one_paper_through_the_api"] = suggesting.through_the_api(trained, papers)
    results["explanations"] = suggesting.explained(trained, papers)
    results["worker_memory_mb"] = suggesting.worker_memory(trained, labels)
    if off_topic:
        results["off_topic_without_suggestion"] = {
            name: round(
                1 - float(one.chosen(one.probabilities(off_topic)).any(axis=1).mean()), 4
            )
            for name, one in (("vocabulary", bench.untrained), ("learned", trained))
        }
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
        if not asked.labels:
            print("No labelled papers were given: only the speed is measured.")
            show(speed_alone(), SPEED_ALONE)
            return
        bench = bench_of(asked.labels)
        off_topic = splits.lines(asked.off_topic) if asked.off_topic else []
        show(
            run(bench, asked.labels, [(one["title"], one["abstract"]) for one in off_topic]),
            RESULTS,
        )
        if asked.rivals != "none":
            side_by_side.compare(bench, asked.rivals, asked.rivals_folder.resolve(), BESIDE)
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
