"""Annif's part of a fold, run with the Python of Annif's own environment.

`python -m bench.rivals.in_annif JOB.json OUT.npz`: the job holds a vocabulary, labelled
papers, and which of them may be learned from. Annif is tuned as its manual says, and not on
the papers to be judged: the sources learn from four fifths of the training part, ensembles,
limits and thresholds from the last fifth; then the sources learn again from all of it. What
cannot run is written down with the reason.
"""

import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from bench.rivals import tuning

RECIPE = 1  # raised when what is written here would change a score
SOURCES = {
    "tfidf": {"backend": "tfidf"},
    "mllm": {"backend": "mllm", "use_hidden_labels": "true", "min_samples_leaf": "10"},
    "bonsai": {
        "backend": "omikuji",
        "cluster_balanced": "False",
        "cluster_k": "100",
        "max_depth": "3",
        "min_df": "2",
        "ngram": "2",
    },
    "parabel": {"backend": "omikuji", "min_df": "2", "ngram": "1"},
    "fasttext": {
        "backend": "fasttext",
        "dim": "100",
        "lr": "0.5",
        "epoch": "40",
        "loss": "ova",
        "wordNgrams": "2",
        "minCount": "2",
        "thread": "1",
        "chunksize": "100",
    },
    "svc": {"backend": "svc", "min_df": "2", "ngram": "2"},
    "stwfsa": {"backend": "stwfsa", "simple_english_plural_rules": "True"},
}
ENSEMBLES = {"ensemble": "ensemble", "pav": "pav", "nn": "nn_ensemble"}
TIMED = 200  # papers for the speed of each project
HELD_BACK = 5  # one paper in so many tunes
LEAST_WEIGHT = 0.01  # a source below would only cost time


def write_vocabulary(subjects, path):
    """The taxonomy as SKOS: a top concept also answers to the labels of its narrower ones."""
    from rdflib import RDF, SKOS, Graph, Literal, URIRef  # noqa: PLC0415  (Annif brings it)

    graph = Graph()
    for subject in subjects:
        node = URIRef(uri(subject["slug"]))
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.prefLabel, Literal(subject["label"], "en")))
        for label in subject["labels"]:
            graph.add((node, SKOS.altLabel, Literal(label, "en")))
        if subject["broader"]:
            graph.add((node, SKOS.broader, URIRef(uri(subject["broader"]))))
            graph.add((URIRef(uri(subject["broader"])), SKOS.narrower, node))
    graph.serialize(destination=str(path), format="turtle")


def uri(slug):
    return f"urn:x-kadai:{slug}"


def teach_sentences(texts, folder):
    """Annif cuts sentences with NLTK's Punkt; its data are learned here, without labels."""
    import nltk.data  # noqa: PLC0415
    from nltk.tokenize.punkt import PunktTrainer, save_punkt_params  # noqa: PLC0415

    trainer = PunktTrainer()
    trainer.train("\n".join(texts), finalize=True)
    target = folder / "nltk" / "tokenizers" / "punkt_tab" / "english"
    target.parent.mkdir(parents=True, exist_ok=True)
    save_punkt_params(trainer.get_params(), str(target))
    nltk.data.path.insert(0, str(folder / "nltk"))


class Desk:
    """One data folder of Annif with its projects."""

    def __init__(self, folder, job, sections):
        from annif.registry import AnnifRegistry  # noqa: PLC0415
        from annif.vocab import VocabFileSKOS  # noqa: PLC0415

        folder.mkdir(parents=True, exist_ok=True)
        common = {
            "language": "en",
            "vocab": "kadai",
            "analyzer": "snowball(english)",
            "limit": "50",
        }
        lines = []
        for name, section in sections.items():
            lines.append(f"[{name}]\nname={name}")
            lines += [f"{key}={value}" for key, value in {**common, **section}.items()]
        config = folder / "projects.cfg"
        config.write_text("\n".join(lines) + "\n")
        self.registry = AnnifRegistry(str(config), str(folder), init_projects=False)
        vocabulary = self.registry.get_vocab("kadai")
        vocabulary.load_vocabulary(VocabFileSKOS(job["vocabulary"]), force=True)
        self.job, self.index = job, vocabulary.subjects
        self.asked = [self.index.by_uri(uri(slug)) for slug in job["asked"]]

    def documents(self, chosen):
        from annif.corpus import Document, DocumentList, SubjectSet  # noqa: PLC0415

        papers, labels = self.job["papers"], self.job["labels"]
        return DocumentList(
            [
                Document(
                    text="\n".join(papers[at]),
                    subject_set=SubjectSet(self.index.by_uri(uri(slug)) for slug in labels[at]),
                )
                for at in chosen
            ]
        )

    def train(self, name, chosen):
        self.registry.get_project(name).train(self.documents(chosen), jobs=1)

    def scores(self, name, chosen):
        project = self.registry.get_project(name)
        project.initialize()
        batches = project.suggest_corpus(self.documents(chosen)).batches
        found = [batch.array.toarray() for batch in batches]
        return np.vstack(found)[:, self.asked].astype(np.float32)


def remember(project, kept):
    """Let a source answer a text only once: three ensembles ask it the same."""
    from annif.suggestion import SuggestionBatch  # noqa: PLC0415
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415

    ask = project.suggest

    def suggest(documents, backend_params=None):
        new = [one for one in documents if one.text not in kept]
        if new:
            found = ask(new, backend_params).array
            kept.update((one.text, found[[row], :]) for row, one in enumerate(new))
        return SuggestionBatch(csr_array(vstack([kept[one.text] for one in documents])))

    project.suggest = suggest


class Fold:
    """What happens to each project in turn; one that fails is left out of the rest."""

    def __init__(self, job, folder):
        self.job, self.folder, self.failed, self.seconds = job, folder, {}, {}
        self.seen, self.unseen = job["train"], job["test"]
        self.tuning = self.seen[::HELD_BACK]
        self.learning = [at for place, at in enumerate(self.seen) if place % HELD_BACK]
        self.truth = np.array(
            [[slug in labels for slug in job["asked"]] for labels in job["labels"]]
        )

    def attempt(self, what, name, action, *given):
        """The action's result, True for none, None when it failed."""
        if name in self.failed:
            return None
        began = time.process_time()
        try:
            found = action(*given)
        except Exception as error:
            self.failed[name] = f"{what}: {type(error).__name__}: {error}"[:300]
            return None
        self.seconds[f"{what} {name}"] = round(time.process_time() - began, 1)
        return True if found is None else found

    def run(self):
        """Scores of the unseen papers by project, and the report."""
        teach_sentences([self.job["papers"][at][1] for at in self.seen], self.folder)
        sections = {name: one for name, one in SOURCES.items() if name in self.job["backends"]}
        desk = Desk(self.folder / "first", self.job, sections)
        tuned, kept = {}, {name: {} for name in sections}
        for name in sections:
            self.attempt("train", name, desk.train, name, self.learning)
            remember(desk.registry.get_project(name), kept[name])
            tuned[name] = self.attempt("tune", name, desk.scores, name, self.tuning)
        tuned = {name: found for name, found in tuned.items() if found is not None}
        weights = tuning.best_weights(self.truth[self.tuning], tuned, list(tuned))
        mixed = [name for name, weight in weights.items() if weight >= LEAST_WEIGHT]
        sources = ",".join(f"{name}:{weights[name]:.4f}" for name in mixed)
        sections = {name: one for name, one in sections.items() if name in tuned}
        for name, kind in ENSEMBLES.items():
            if name in self.job["backends"]:
                sections[name] = {"backend": kind, "sources": sources}
        desk = Desk(self.folder / "first", self.job, sections)
        for name in tuned:
            remember(desk.registry.get_project(name), kept[name])
        for name in [name for name in sections if name in ENSEMBLES]:
            if name != "ensemble":  # a plain mean has nothing to learn
                self.attempt("train", name, desk.train, name, self.tuning)
            found = self.attempt("tune", name, desk.scores, name, self.tuning)
            if found is not None:
                tuned[name] = found
        results, speeds = self.judge(sections)
        cuts = {
            name: tuning.best_cuts(self.truth[self.tuning], tuned[name]) for name in results
        }
        return results, {
            "failed": self.failed,
            "weights": weights,
            "cuts": cuts,
            "papers_per_second": speeds,
            "seconds": self.seconds,
        }

    def speed(self, desk, name):
        """Papers a second of one core."""
        began = time.process_time()
        desk.scores(name, self.unseen[:TIMED])
        return len(self.unseen[:TIMED]) / (time.process_time() - began)

    def judge(self, sections):
        """Sources learn again, from all they may see; ensembles keep what they learned."""
        desk = Desk(self.folder / "last", self.job, sections)
        results, speeds = {}, {}
        for name in sorted(sections, key=lambda name: name in ENSEMBLES):
            learned = self.folder / "first" / "projects" / name
            if name not in ENSEMBLES:
                self.attempt("train again", name, desk.train, name, self.seen)
            elif learned.exists():
                shutil.copytree(learned, self.folder / "last" / "projects" / name)
            project = desk.registry.get_project(name)
            self.attempt("load", name, project.initialize)
            speeds[name] = self.attempt("time", name, self.speed, desk, name)
        for name in sections:
            if name not in ENSEMBLES:
                remember(desk.registry.get_project(name), {})
            found = self.attempt("judge with", name, desk.scores, name, self.unseen)
            if found is not None:
                results[name] = found
        return results, speeds


def main():
    job_file, out = map(Path, sys.argv[1:])
    job = json.loads(job_file.read_text())
    folder = job_file.parent / job_file.stem
    shutil.rmtree(folder, ignore_errors=True)  # what a run that was cut off left behind
    folder.mkdir(parents=True)
    job["vocabulary"] = str(folder / "vocabulary.ttl")
    write_vocabulary(job["subjects"], job["vocabulary"])
    results, report = Fold(job, folder).run()
    np.savez_compressed(out, report=np.array(json.dumps(report)), **results)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
