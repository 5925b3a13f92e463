"""How good and how fast suggestions are: `python -m bench.suggest --labels FILE`.

FILE holds labelled papers as `evaluate_suggester` reads them (or KADAI_BENCH_LABELS names
it); where its lines have `sources`, whole sources are left out as well. `--off-topic FILE`
(KADAI_BENCH_OFF_TOPIC) holds papers that deserve no suggestion. Without labels only the
speed on made-up papers is measured. `--rivals` runs Annif and ASReview on the same papers,
each in an environment of its own under `--rivals-folder`.
"""

import argparse
import json
import os
import random
import resource
import statistics
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench import home
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


def explained(suggester, papers, count=200):
    """Share of papers where deleting the marked words costs more than as many others."""
    from ingest.suggest.explain import Explanations  # noqa: PLC0415
    from ingest.suggest.text import places, raw_words  # noqa: PLC0415

    chance = random.Random(0)
    won = asked = 0
    for title, abstract in chance.sample(papers, len(papers)):
        scores = suggester.probabilities([(title, abstract)])
        column = int(scores[0].argmax())
        if not suggester.chosen(scores)[0, column]:
            continue
        texts = {"title": title, "abstract": abstract}
        standing = [
            (field, at, at + len(word))
            for field, text in texts.items()
            for raw in [raw_words(text)]
            for at, word in zip(places(text, raw), raw, strict=True)
        ]
        spans = Explanations(suggester, [(title, abstract)]).spans(0, column)
        marked = [
            (field, start, end)
            for field, start, end in standing
            if any(s.field == field and s.start <= start < s.end for s in spans)
        ]
        others = [place for place in standing if place not in marked]
        drawn = chance.sample(others, min(len(marked), len(others)))
        without_marked, without_drawn = (
            suggester.probabilities([_without(texts, gone)])[0, column]
            for gone in (marked, drawn)
        )
        won += bool(without_marked < without_drawn)
        asked += 1
        if asked == count:
            break
    return {"papers": asked, "marked_words_matter_more": round(won / max(asked, 1), 4)}


def _without(texts, gone):
    left = dict(texts)
    for field, start, end in sorted(gone, key=lambda place: -place[1]):
        left[field] = left[field][:start] + left[field][end:]
    return left["title"], left["abstract"]


def speed(suggester, papers):
    """Papers a second of one core, and milliseconds for a single one with its spans."""
    from ingest.suggest.explain import Explanations  # noqa: PLC0415

    suggester.probabilities(papers[:500])
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        suggester.probabilities(papers)
        best = max(best, len(papers) / (time.process_time() - began))
    single = []
    for title, abstract in papers[:200]:
        began = time.perf_counter()
        scores = suggester.probabilities([(title, abstract)])
        explanations = Explanations(suggester, [(title, abstract)])
        for column in suggester.chosen(scores)[0].nonzero()[0]:
            explanations.spans(0, int(column))
        single.append((time.perf_counter() - began) * 1000)
    return {
        "papers_per_second_of_a_core": round(best),
        "one_paper_explained_ms_median": round(statistics.median(single), 2),
        "one_paper_explained_ms_p95": round(statistics.quantiles(single, n=20)[-1], 2),
    }


def made_up(count=2000):
    chance = random.Random(0)
    return [
        (" ".join(chance.choices(home.WORDS, k=9)), " ".join(chance.choices(home.WORDS, k=170)))
        for _ in range(count)
    ]


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
    results = {"concepts": len(subjects), "speed_vocabulary": speed(untrained, made_up())}
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
    results["speed_learned"] = speed(trained, found.papers)
    results["explanations"] = explained(trained, found.papers)
    if off:
        results["off_topic_without_suggestion"] = {
            name: round(1 - float(one.chosen(one.probabilities(off)).any(axis=1).mean()), 4)
            for name, one in (("vocabulary", untrained), ("learned", trained))
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results["peak_memory_mb_with_training"] = round(peak / 1024)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default=os.environ.get("KADAI_BENCH_LABELS"))
    parser.add_argument("--off-topic", default=os.environ.get("KADAI_BENCH_OFF_TOPIC"))
    parser.add_argument("--rivals", choices=("none", "quick", "all"), default="quick")
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
            found = side_by_side.compare(Path(asked.labels), asked.rivals, folder)
            BESIDE.write_text(json.dumps(found, indent=2) + "\n")
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
