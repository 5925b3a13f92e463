"""What suggestions cost, and whether their marks are true: parts of `bench.suggest`.

`python -m bench.suggesting MODEL LABELS` is a worker's life in short: it loads the model,
suggests and explains all papers of the file, and prints the most memory it ever held.
"""

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import home

ROUNDS = 200
ASKED_AT_ONCE = 100  # papers of one batch of the queue


def explained(suggester, papers, count=200):
    """Share of papers where deleting the marked words costs more than as many others."""
    from ingest.suggest.explain import Explanations  # noqa: PLC0415  (after django.setup)
    from ingest.suggest.text import raw_words  # noqa: PLC0415

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
            for at, word in zip(_places(text, raw), raw, strict=True)
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


def _places(text, raw):
    """Where each of its words begins: nothing of a word lies between two."""
    found, at = [], 0
    for word in raw:
        at = text.index(word, at)
        found.append(at)
        at += len(word)
    return found


def _without(texts, gone):
    left = dict(texts)
    for field, start, end in sorted(gone, key=lambda place: -place[1]):
        left[field] = left[field][:start] + left[field][end:]
    return left["title"], left["abstract"]


def made_up(count=2000):
    chance = random.Random(0)
    return [
        (" ".join(chance.choices(home.WORDS, k=9)), " ".join(chance.choices(home.WORDS, k=170)))
        for _ in range(count)
    ]


def speed(suggester, papers):
    """Papers a second of one core, and milliseconds for a single one with its spans."""
    from ingest.suggest.explain import Explanations  # noqa: PLC0415

    suggester.probabilities(papers[:500])
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        suggester.chosen(suggester.probabilities(papers))
        best = max(best, len(papers) / (time.process_time() - began))
    single = []
    for title, abstract in papers[:ROUNDS]:
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


def through_the_api(suggester, papers):
    """Milliseconds of whole requests for one paper each, with this suggester in use.

    By the clock, and of the processor: on a busy machine a request waits for its turn.
    """
    from django.db import transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from ingest.models import SuggesterModel  # noqa: PLC0415
    from ingest.suggest import active, artefact  # noqa: PLC0415

    file = active.folder() / "benchmark.npz"
    artefact.save(suggester, file)
    client, times, busy = Client(), [], []
    with transaction.atomic():
        SuggesterModel.objects.update(active=False)
        SuggesterModel.objects.create(
            number=2**30, file=file.name, examples=0, vocabulary_number=0, active=True
        )
        for title, abstract in papers[: ROUNDS + 3]:
            body = json.dumps({"title": title, "abstract": abstract})
            began, spent = time.perf_counter(), time.process_time()
            answer = client.post("/api/v1/suggest/", body, content_type="application/json")
            times.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - spent))
            assert answer.status_code == 200, answer.content
        transaction.set_rollback(True)
    active.forget()
    file.unlink()
    return {
        "median_ms": round(statistics.median(times[3:]), 2),
        "p95_ms": round(statistics.quantiles(times[3:], n=20)[-1], 2),
        "median_ms_of_the_processor": round(statistics.median(busy[3:]), 2),
    }


def worker_memory(suggester, labels):
    """Megabytes of a process of its own that loads the model and works with it."""
    from ingest.suggest import artefact  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.npz"
        artefact.save(suggester, model)
        command = [sys.executable, "-m", "bench.suggesting", str(model), str(labels)]
        found = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(found.stdout.splitlines()[-1])


def main():
    import django  # noqa: PLC0415

    django.setup()
    import ingest.tasks  # noqa: F401, PLC0415  (a worker holds these as well)
    from ingest.suggest import artefact, examples, subjects  # noqa: PLC0415
    from ingest.suggest.explain import Explanations  # noqa: PLC0415
    from taxonomy import vocabulary  # noqa: PLC0415

    model, labels = map(Path, sys.argv[1:])
    suggester = artefact.load(model, subjects.from_vocabulary(vocabulary.current()))
    papers = examples.read_file(labels).papers
    for at in range(0, len(papers), ASKED_AT_ONCE):
        batch = papers[at : at + ASKED_AT_ONCE]
        chosen = suggester.chosen(suggester.probabilities(batch))
        explanations = Explanations(suggester, batch)
        for row, column in zip(*chosen.nonzero(), strict=True):
            explanations.spans(int(row), int(column))
    most = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(round(int(most[1]) / 1024))


if __name__ == "__main__":
    main()
