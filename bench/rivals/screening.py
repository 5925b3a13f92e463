"""Finding all papers on one concept: Kadai's screen beside ASReview's default model.

Both begin with the same two papers, one relevant and one not, and are told the truth about
each paper they ask for. What counts is the work saved over reading in random order when
95 % of the relevant papers are found (WSS@95).
"""

import hashlib
import json
import math
import random
import time

from bench.rivals import environments

RECALL = 0.95
LEAST_PAPERS = 30  # of a task's concept
SECONDS = 3600


def tasks_of(labels):
    """The most frequent concept, the one in the middle and the rarest that is not too rare."""
    counts = {}
    for slugs in labels:
        for slug in slugs:
            counts[slug] = counts.get(slug, 0) + 1
    ordered = sorted(
        (slug for slug, count in counts.items() if count >= LEAST_PAPERS),
        key=lambda slug: (-counts[slug], slug),
    )
    return (
        [ordered[0], ordered[len(ordered) // 2], ordered[-1]] if len(ordered) > 2 else ordered
    )


def runs_of(relevant, seeds):
    """One relevant and one other paper to begin with, drawn anew for each seed."""
    sides = [[at for at, yes in enumerate(relevant) if yes is side] for side in (True, False)]
    wanted = 1 + math.ceil(RECALL * (len(sides[0]) - 1))  # the one that is given is not found
    return [
        {
            "relevant": [int(yes) for yes in relevant],
            "priors": [random.Random(seed).choice(side) for side in sides],
            "wanted": wanted,
        }
        for seed in range(seeds)
    ]


def saved(papers, read):
    """WSS@95, given the papers in the order read until 95 % was found, priors first."""
    return RECALL - (len(read) - 2) / (papers - 2)


def kadai(pool, slug, run):
    """The order in which Kadai reads; learns after each paper."""
    from ingest.suggest.screen import Screen  # noqa: PLC0415  (after django.setup)

    began = time.process_time()
    screen = Screen(pool, slug)
    for place in run["priors"]:
        screen.decide(place, accepted=bool(run["relevant"][place]))
    found = sum(screen.verdicts.values())
    while found < run["wanted"]:
        (place,) = screen.unread(1)
        screen.decide(place, accepted=bool(run["relevant"][place]))
        found += run["relevant"][place]
    return {
        "read": list(screen.verdicts),
        "seconds": round(time.process_time() - began, 1),
    }


def asreview(papers, runs, folder):
    """The same of ASReview; kept, since it takes minutes."""
    python = environments.python_of("asreview", folder)
    job = {"papers": papers, "runs": runs}
    key = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:16]
    kept = folder / "screening" / f"{key}.json"
    if not kept.exists():
        job_file = folder / "screening" / f"{key}-job.json"
        environments.run(python, "in_asreview", job, job_file, kept, SECONDS)
    return json.loads(kept.read_text())


def compare(suggester, examples, folder, seeds):
    """By concept: what each saves on average over the seeds, and milliseconds a decision."""
    from ingest.suggest.screen import Pool  # noqa: PLC0415

    papers = [list(paper) for paper in examples.papers]
    pool = Pool.of(suggester, examples.papers)
    table = {}
    for slug in tasks_of(examples.labels):
        relevant = [slug in labels for labels in examples.labels]
        runs = runs_of(relevant, seeds)
        ours = [kadai(pool, slug, run) for run in runs]
        theirs = asreview(papers, runs, folder)
        table[slug] = {
            "papers": sum(relevant),
            "kadai": _summary(ours, len(papers)),
            theirs["model"]: _summary(theirs["runs"], len(papers)),
        }
    return table


def _summary(runs, papers):
    each = [round(saved(papers, run["read"]), 4) for run in runs]
    decisions = sum(len(run["read"]) for run in runs)
    return {
        "wss@95": round(sum(each) / len(each), 4),
        "each_seed": each,
        "ms_a_decision": round(1000 * sum(run["seconds"] for run in runs) / decisions, 1),
    }
