"""Kadai and its rivals on the same papers, in the same run: one table, and what was left out.

`quick` is for minutes: the first fold of each kind, Annif's fast sources and their mean, one
seed. `all` is every fold, every backend of Annif that installs, five seeds.
"""

from dataclasses import dataclass, field

import numpy as np

from bench.rivals import environments, indexer, screening, splits

QUICK = ("tfidf", "parabel", "svc", "ensemble")
SEEDS = {"quick": 1, "all": 5}


@dataclass
class Comparison:
    """Collects rows; each rival that is missing costs its rows, not the run."""

    subjects: object
    examples: object
    folder: object
    scope: str
    left_out: list = field(default_factory=list)

    def __post_init__(self):
        parents = self.subjects.parents()
        slugs = self.subjects.slugs
        self.asked = [slug for slug, parent in zip(slugs, parents, strict=True) if parent < 0]
        self.truth = np.array(
            [[slug in labels for slug in self.asked] for labels in self.examples.labels]
        )
        if self.scope == "quick":
            missing = [name for name in indexer.BACKENDS if name not in QUICK]
            self.left_out.append(
                f"folds after the first of each kind, Annif's {', '.join(missing)} and all "
                "screening seeds but one: run with --rivals all"
            )

    def folds(self, kind, numbers):
        """Both on each fold; Kadai's part trains again, as a user's would."""
        chosen = sorted(set(numbers))
        rows = []
        for number in chosen[:1] if self.scope == "quick" else chosen:
            try:
                row = self._fold(numbers, number)
            except environments.RivalMissing as error:
                self.left_out.append(f"Annif, {kind} {number + 1}: {error}")
                continue
            rows.append({"fold": f"{kind} {number + 1}", **row})
        return rows

    def _fold(self, numbers, number):
        from ingest.suggest import training  # noqa: PLC0415  (after django.setup)
        from ingest.suggest.examples import Examples  # noqa: PLC0415

        places = range(len(numbers))
        seen = [at for at in places if numbers[at] != number]
        unseen = [at for at in places if numbers[at] == number]
        backends = QUICK if self.scope == "quick" else indexer.BACKENDS
        job = indexer.job_of(self.subjects, self.examples, self.asked, seen, unseen, backends)
        scores, report = indexer.annif(job, self.folder)
        papers, labels = self.examples.papers, self.examples.labels
        known = Examples(
            [papers[at] for at in seen], [labels[at] for at in seen], [set() for _ in seen]
        )
        suggester = training.train(self.subjects, known).suggester
        found, chosen, rate = indexer.kadai(
            suggester, [papers[at] for at in unseen], self.asked
        )
        truth = self.truth[unseen]
        projects = {
            name: indexer.rival_figures(self.asked, truth, scores[name], report["cuts"][name])
            for name in scores
        }
        return {
            "papers": len(unseen),
            "kadai": indexer.figures(self.asked, truth, found, chosen),
            "kadai_papers_per_second": round(rate),
            "annif": indexer.best_of(projects),
            "annif_papers_per_second": round(report["papers_per_second"]["ensemble"], 1),
            "annif_projects": projects,
            "annif_weights": report["weights"],
            "annif_could_not_run": report["failed"],
        }

    def screens(self):
        """The three tasks of one concept each."""
        from ingest.suggest.combine import Suggester  # noqa: PLC0415

        try:
            return screening.compare(
                Suggester(self.subjects), self.examples, self.folder, SEEDS[self.scope]
            )
        except environments.RivalMissing as error:
            self.left_out.append(f"ASReview: {error}")
            return {}


def compare(labels, scope, folder):
    """Everything of one scope, shown as a table and returned."""
    from ingest.suggest import examples  # noqa: PLC0415
    from ingest.suggest import subjects as known  # noqa: PLC0415
    from taxonomy import vocabulary  # noqa: PLC0415

    found = examples.read_file(labels)
    subjects = known.from_vocabulary(vocabulary.current())
    # A landmark among the labelled papers would be evidence for itself.
    subjects = subjects.without_works(title for title, _ in found.papers)
    comparison = Comparison(subjects, found, folder, scope)
    rows = comparison.folds("random", splits.fold_numbers(len(found), splits.FOLDS))
    sources = splits.source_numbers(splits.lines(labels), splits.SOURCE_FOLDS)
    if len(set(sources)) > 1:
        rows += comparison.folds("sources", sources)
    results = {
        "folds": rows,
        "screening": comparison.screens(),
        "left_out": comparison.left_out,
    }
    show(results)
    return results


def show(results):
    """The table, Kadai's figure before that of the best project of Annif or of ASReview."""
    heads = "".join(f"{measure:>22s}" for measure in indexer.MEASURES)
    print(f"{'fold':16s}{heads}   papers a second of a core")
    for row in results["folds"]:
        cells = ""
        for measure in indexer.MEASURES:
            best, name = row["annif"][measure]
            mark = "+" if row["kadai"][measure] > best else "-"
            cells += f"  {mark} {row['kadai'][measure]:.3f} {best:.3f} {name:9s}"[:22].rjust(22)
        rates = f"{row['kadai_papers_per_second']} {row['annif_papers_per_second']}"
        print(f"{row['fold']:16s}{cells}   {rates}")
    for slug, row in results["screening"].items():
        saved = "  ".join(
            f"{name} {row[name]['wss@95']:.3f} ({row[name]['ms_a_decision']} ms)"
            for name in row
            if name != "papers"
        )
        print(f"WSS@95 {slug} ({row['papers']} papers): {saved}")
    for text in results["left_out"]:
        print(f"Left out: {text}")
