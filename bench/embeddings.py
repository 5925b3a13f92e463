"""What vectors of texts add: `python -m bench.embeddings --labels FILE FOLDER [FOLDER …]`.

FILE holds labelled papers, each FOLDER an embedding model as KADAI_EMBEDDINGS names one. The
suggester is measured without vectors and with those of each model: untrained, taught by 200
papers and by all others, in folds and with whole lists left out. Vectors are kept in the
benchmark's folder: an encoder takes minutes for some thousand papers.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bench import home, suggest

RESULTS = Path(__file__).parent / "results" / "embeddings.json"
FEW = 200


class Vectors:
    """Of texts, computed once."""

    def __init__(self, folder):
        from ingest.suggest import embed_model  # noqa: PLC0415  (after django.setup)

        self.model = embed_model.load(folder)
        self.file = home.HOME / f"vectors-{self.model.name}.npz"
        self.seconds, self.computed = 0.0, 0
        self.met = {}
        if self.file.exists():
            with np.load(self.file) as kept:
                self.met = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def of(self, texts):
        new = list(dict.fromkeys(text for text in texts if text not in self.met))
        if new:
            began = time.process_time()
            self.met |= dict(zip(new, self.model.vectors(new), strict=True))
            self.seconds += time.process_time() - began
            self.computed += len(new)
        rows = [self.met[text] for text in texts]
        return np.array(rows, np.float32).reshape(-1, self.model.width)

    def keep(self):
        texts = np.array(list(self.met))
        np.savez(self.file, texts=texts, vectors=np.array(list(self.met.values())))


def judged(bench, kind, embedding, few=None):
    """All folds of a kind together, taught by all other papers or by a few of them."""
    from ingest.suggest import training  # noqa: PLC0415

    numbers = bench.kinds[kind]
    chance = np.random.default_rng(0)
    places, probabilities, chosen = [], [], []
    for number in sorted(set(numbers)):
        unseen = [at for at, one in enumerate(numbers) if one == number]
        seen = [at for at, one in enumerate(numbers) if one != number]
        if few:
            seen = chance.permutation(seen)[:few].tolist()
        taught = training.train(bench.subjects, bench.examples.part(seen), embedding=embedding)
        places += unseen
        found = taught.suggester.probabilities(bench.examples.part(unseen).papers)
        probabilities.append(found)
        chosen.append(taught.suggester.chosen(found))
        print(f"  {kind} {number}", file=sys.stderr, flush=True)
    figures = bench._figures(
        bench.examples.part(places), np.vstack(probabilities), np.vstack(chosen)
    )
    return suggest.headline(figures)


def measured(bench, embedding):
    """The rows of the table for one way of suggesting."""
    from ingest.suggest.combine import Suggester  # noqa: PLC0415

    everything = range(len(bench.examples))
    untrained = Suggester(bench.subjects, embedding=embedding)
    rows = {"untrained": suggest.headline(bench.measure(untrained, everything))}
    for kind in bench.kinds:
        rows[f"{kind}, {FEW} labelled"] = judged(bench, kind, embedding, FEW)
        rows[f"{kind}, all others labelled"] = judged(bench, kind, embedding)
    return rows


def memory(folder):
    """Megabytes of a process that holds the suggester's code and this model, and uses it."""
    script = (
        "import django, sys, re; django.setup(); import ingest.tasks\n"
        "from pathlib import Path; from ingest.suggest import embed_model\n"
        "embed_model.load(Path(sys.argv[1])).vectors(['language model ' * 400])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    command = [sys.executable, "-c", script, str(folder)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return round(int(found.stdout) / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", required=True)
    parser.add_argument("folders", nargs="+", type=Path)
    asked = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    home.start()
    try:
        from ingest.suggest.embed_nearness import Embedding, as_text  # noqa: PLC0415

        bench = suggest.bench_of(asked.labels)
        results = {"words alone": {"quality": measured(bench, None)}}
        for folder in asked.folders:
            vectors = Vectors(folder)
            vectors.of([as_text(*paper) for paper in bench.examples.papers])
            speed = vectors.computed / vectors.seconds if vectors.computed else None
            embedding = Embedding(vectors.model.name, vectors.of)
            results[folder.name] = {
                "quality": measured(bench, embedding),
                "vectors_per_second_of_a_core": speed and round(speed, 1),
                "memory_mb": memory(folder),
            }
            vectors.keep()
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
        for name, found in results.items():
            for row, figures in found["quality"].items():
                cells = "  ".join(f"{key} {value:.4f}" for key, value in figures.items())
                print(f"{name:12s} {row:32s} {cells}")
    finally:
        home.stop()


if __name__ == "__main__":
    main()
