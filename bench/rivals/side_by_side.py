"""Kadai and its rivals on the same papers, in the same run: one table, and what was left out.

`quick` is for minutes: the first fold of each kind, Annif's fast sources and their mean, one
seed. `all` is every fold, every backend of Annif that installs, five seeds. What is done is
written after each step: an interrupted run leaves what it has, and says what is missing.
"""

import json
from dataclasses import dataclass, field

import numpy as np

from bench.rivals import environments, in_annif, indexer, screening

QUICK = ("tfidf", "parabel", "svc", "ensemble")
SEEDS = {"quick": 1, "all": 5}


@dataclass
class Comparison:
    """Collects rows; each rival that is missing costs its figures, not the run."""

    bench: object
    folder: object
    scope: str
    left_out: list = field(default_factory=list)

    def __post_init__(self):
        subjects = self.bench.subjects
        self.columns = [at for at, parent in enumerate(subjects.parents()) if parent < 0]
        self.asked = [subjects.slugs[at] for at in self.columns]
        self.truth = np.array(
            [[slug in labels for slug in self.asked] for labels in self.bench.examples.labels]
        )
        if self.scope == "quick":
            missing = [name for name in indexer.BACKENDS if name not in QUICK]
            self.left_out.append(
                f"folds after the first of each kind, Annif's {', '.join(missing)} and all "
                "screening seeds but one: run with --rivals all"
            )

    def fold(self, kind, number):
        """Both on one fold, each taught anew."""
        from ingest.suggest import evaluate  # noqa: PLC0415  (after django.setup)

        unseen, found, chosen, rate = self.bench.judged(kind, number)
        found, chosen = found[:, self.columns], chosen[:, self.columns]
        truth = self.truth[unseen]
        row = {
            "fold": f"{kind} {number + 1}",
            "papers": len(unseen),
            "kadai": indexer.figures(self.asked, truth, found, chosen),
            "kadai_calibration_error": round(evaluate.calibration_error(found, truth), 4),
            "kadai_papers_per_second": round(rate),
        }
        seen = sorted(set(range(len(self.truth))) - set(unseen))
        try:
            return {**row, **self._annif(seen, unseen)}
        except environments.RivalMissing as error:
            self.left_out.append(f"Annif, {kind} {number + 1}: {error}")
            return row

    def _annif(self, seen, unseen):
        backends = QUICK if self.scope == "quick" else indexer.BACKENDS
        subjects, examples = self.bench.subjects, self.bench.examples
        job = indexer.job_of(subjects, examples, self.asked, seen, unseen, backends)
        scores, report = indexer.annif(job, self.folder)
        cuts, rates = report["cuts"], report["papers_per_second"]
        projects = {
            name: indexer.rival_figures(self.asked, self.truth[unseen], found, cuts[name])
            for name, found in scores.items()
        }
        ensembles = {name: projects[name] for name in projects if name in in_annif.ENSEMBLES}
        return {
            "annif_ensemble": indexer.best_of(ensembles or projects),
            "annif_anything": indexer.best_of(projects),
            "annif_papers_per_second": {name: round(rates[name], 1) for name in projects},
            "annif_projects": projects,
            "annif_weights": report["weights"],
            "annif_could_not_run": report["failed"],
            "annif_kept_from_an_earlier_run": report["kept"],
        }

    def screens(self):
        """The three tasks of one concept each."""
        bench = self.bench
        try:
            return screening.compare(
                bench.untrained, bench.examples, self.folder, SEEDS[self.scope]
            )
        except environments.RivalMissing as error:
            self.left_out.append(f"ASReview: {error}")
            return {}


def compare(bench, scope, folder, file):
    """Everything of one scope: shown as a table, written to the file and returned."""
    comparison = Comparison(bench, folder, scope)
    steps = [
        (kind, number)
        for kind, numbers in bench.kinds.items()
        for number in sorted(set(numbers))[: 1 if scope == "quick" else None]
    ]
    steps.sort(key=lambda step: step[1])  # both kinds early, should the run be cut off
    results = {"ahead": {}, "folds": [], "screening": comparison.screens()}
    while steps:
        kind, number = steps.pop(0)
        results["folds"].append(comparison.fold(kind, number))
        not_yet = [f"{kind} {number + 1}: not reached" for kind, number in steps]
        results["ahead"] = ahead(results["folds"])
        results["left_out"] = comparison.left_out + not_yet
        file.write_text(json.dumps(results, indent=2) + "\n")
    show(results)
    return results


def ahead(rows):
    """By kind of fold and measure: on how many Kadai leads, and its mean beside Annif's."""
    rows = [row for row in rows if "annif_ensemble" in row]
    table = {}
    for kind in sorted({row["fold"].split()[0] for row in rows}):
        mine = [row for row in rows if row["fold"].split()[0] == kind]
        table[kind] = {
            measure: {
                "folds": len(mine),
                **{
                    f"ahead_of_{rival}": sum(
                        row["kadai"][measure] > row[f"annif_{rival}"][measure][0]
                        for row in mine
                    )
                    for rival in ("ensemble", "anything")
                },
                "kadai": _mean(row["kadai"][measure] for row in mine),
                "annif_ensemble": _mean(row["annif_ensemble"][measure][0] for row in mine),
                "annif_anything": _mean(row["annif_anything"][measure][0] for row in mine),
            }
            for measure in indexer.MEASURES
        }
    return table


def _mean(values):
    values = list(values)
    return round(sum(values) / len(values), 4)


def show(results):
    """Kadai's figure before those of Annif's best ensemble and of its best single project."""
    heads = "".join(f"{measure:>26s}" for measure in indexer.MEASURES)
    print(f"{'fold':12s}{heads}   papers a second of a core")
    for row in results["folds"]:
        if "annif_ensemble" not in row:
            continue
        cells = ""
        for measure in indexer.MEASURES:
            own = row["kadai"][measure]
            rivals = [row[f"annif_{one}"][measure][0] for one in ("ensemble", "anything")]
            marks = "".join("+" if own > rival else "-" for rival in rivals)
            cells += f"{marks} {own:.3f} {rivals[0]:.3f} {rivals[1]:.3f}".rjust(26)
        name = row["annif_ensemble"]["ndcg@5"][1]
        rates = f"{row['kadai_papers_per_second']} {row['annif_papers_per_second'][name]}"
        print(f"{row['fold']:12s}{cells}   {rates}")
    for slug, row in results["screening"].items():
        saved = "  ".join(
            f"{name} {row[name]['wss@95']:.3f} ({row[name]['ms_a_decision']} ms)"
            for name in row
            if name != "papers"
        )
        print(f"WSS@95 {slug} ({row['papers']} papers): {saved}")
    for text in results["left_out"]:
        print(f"Left out: {text}")
