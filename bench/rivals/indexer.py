"""Kadai beside Annif, fold by fold: the same papers to learn from, the same to judge."""

import hashlib
import json

import numpy as np

from bench.rivals import environments, in_annif, tuning

BACKENDS = (
    "tfidf", "mllm", "bonsai", "parabel", "fasttext", "svc", "stwfsa",
    "ensemble", "pav", "nn",
)  # fmt: skip
MEASURES = ("ndcg@5", "precision@1", "micro_f1", "macro_f1")
SECONDS = 3600  # for one fold of Annif


def job_of(subjects, examples, asked, train, test, backends=BACKENDS):
    """What `in_annif` needs to know of one fold."""
    children = {slug: [] for slug in subjects.slugs}
    for one in subjects.items:
        if one.broader:
            children[one.broader].append(one.slug)
    by_slug = {one.slug: one for one in subjects.items}

    def labels(slug):
        own = [label for label, _ in by_slug[slug].labels]
        return own + [label for child in children[slug] for label in labels(child)]

    return {
        "backends": list(backends),
        "asked": list(asked),
        "subjects": [
            {
                "slug": one.slug,
                "label": one.labels[0][0],
                "labels": sorted(set(labels(one.slug)) - {one.labels[0][0]}),
                "broader": one.broader,
            }
            for one in subjects.items
        ],
        "papers": examples.papers,
        "labels": [sorted(labels_ & set(subjects.slugs)) for labels_ in examples.labels],
        "train": list(map(int, train)),
        "test": list(map(int, test)),
    }


def annif(job, folder):
    """Scores by project, and Annif's own report; kept, since its training takes minutes."""
    python = environments.python_of("annif", folder)
    said = json.dumps([in_annif.RECIPE, job], sort_keys=True)
    key = hashlib.sha256(said.encode()).hexdigest()[:16]
    kept = folder / "folds" / f"{key}.npz"
    there = kept.exists()
    if not there:
        job_file = folder / "folds" / f"{key}.json"
        environments.run(python, "in_annif", job, job_file, kept, SECONDS)
    with np.load(kept) as file:
        report = {**json.loads(str(file["report"])), "kept": there}
        return {name: file[name] for name in file.files if name != "report"}, report


def figures(asked, truth, scores, chosen):
    from ingest.suggest import evaluate  # noqa: PLC0415  (after django.setup)

    found = evaluate.measure(asked, truth, scores, chosen)
    return {
        "ndcg@5": found["ndcg@5"],
        "precision@1": found["precision@1"],
        "micro_f1": found["micro"]["f1"],
        "macro_f1": found["macro"]["f1"],
    }


def rival_figures(asked, truth, scores, cuts):
    """One project of Annif: F1 with the limit and threshold tuned for that very average."""
    by_cut = {
        name: figures(asked, truth, scores, tuning.picked(scores, *cut))
        for name, cut in cuts.items()
    }
    return {**by_cut["micro"], "macro_f1": by_cut["macro"]["macro_f1"]}


def best_of(projects):
    """For each measure the project of Annif that does best, even if another one each time."""
    return {
        measure: max((found[measure], name) for name, found in projects.items())
        for measure in MEASURES
    }
