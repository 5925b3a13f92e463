"""The made-up vocabulary as rows, and papers that wait."""

from ingest.suggest import run
from taxonomy import vocabulary
from taxonomy.models import Screening, Suggestion
from tests.factories import ConceptFactory, PaperFactory, ScreeningFactory
from tests.ingest.suggest.made_up import SUBJECTS

LATENCY = {
    "title": "Inference latency of large language models",
    "abstract": "We shorten the inference latency of a language model.",
}
LATENCY_AGAIN = {**LATENCY, "abstract": "We halve the inference latency of a language model."}
LAW = {
    "title": "Legal texts and large language models",
    "abstract": "The law, read by a language model: legal texts in court.",
}
ORCHARD = {"title": "Apple orchards in spring", "abstract": "Trees bloom early this year."}


def concepts():
    """The vocabulary of `made_up`, stored; by slug."""
    made = {}
    for subject in SUBJECTS.items:
        first, *others = [text for text, _ in subject.labels]
        concept = ConceptFactory(
            slug=subject.slug, label=first, broader=made.get(subject.broader)
        )
        for text in others:
            concept.labels.create(kind="alt", language="en", text=text)
        made[subject.slug] = concept
    vocabulary.touch()
    return made


def waiting(**values):
    """A paper that waits for suggestions."""
    paper = PaperFactory(**values)
    ScreeningFactory(
        paper=paper, state="identified", suggester="", paper_version=None, text_revision=None
    )
    return paper


def papers(*texts):
    """Papers that wait for a curator, with their suggestions."""
    found = [waiting(**text) for text in texts]
    run.suggest_batch()
    return found


def suggested(paper):
    found = Suggestion.objects.filter(paper=paper).order_by("concept__slug")
    return list(found.values_list("concept__slug", flat=True))


def state(paper):
    return Screening.objects.get(paper=paper).state
