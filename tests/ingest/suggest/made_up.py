"""A small vocabulary and papers that nobody wrote."""

import gzip
import json
import random
from pathlib import Path

from ingest.suggest.examples import Examples
from ingest.suggest.subjects import Subject, Subjects

SUBJECTS = Subjects(
    (
        Subject(
            "slow-answers",
            labels=(("Slow answers", 1.0), ("Inference latency", 1.0)),
            texts=(("Generation takes long, and memory traffic dominates decoding.", 1.0),),
        ),
        Subject(
            "pruning",
            broader="slow-answers",
            labels=(("Pruning", 1.0), ("Weight removal", 1.0)),
            texts=(("Weights with little effect are removed from the network.", 1.0),),
        ),
        Subject(
            "made-up-facts",
            labels=(("Made-up facts", 1.0), ("Hallucinations", 1.0)),
            texts=(("The text asserts what no source supports.", 1.0),),
        ),
        Subject("law", labels=(("Law", 1.0), ("Legal texts", 1.0), ("SSM", 1.0))),
        Subject("rare", labels=(("Rarely named matter", 1.0),)),
    )
)

WORDS = {
    "slow-answers": "latency kernel throughput cache speculative batch memory accelerator",
    "made-up-facts": "unfaithful grounding source verification claim evidence citation",
    "law": "court statute judge contract clause litigation precedent lawyer",
}
FILLER = "language model we study results large data tasks new analysis train show".split()


def examples(count: int = 120, seed: int = 1) -> Examples:
    """Papers on one matter each, told by words that no label holds."""
    chance = random.Random(seed)
    slugs = list(WORDS)
    papers, labels = [], []
    for number in range(count):
        slug = slugs[number % len(slugs)]
        said = chance.choices(WORDS[slug].split(), k=8) + chance.choices(FILLER, k=12)
        chance.shuffle(said)
        papers.append((f"A language model and {said[0]}", " ".join(said) + "."))
        labels.append({slug})
    return Examples(papers, labels, [set() for _ in papers])


def write_labels(path: Path, found: Examples) -> None:
    lines = "".join(
        json.dumps({"title": title, "abstract": abstract, "labels": sorted(labels)}) + "\n"
        for (title, abstract), labels in zip(found.papers, found.labels, strict=True)
    )
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
