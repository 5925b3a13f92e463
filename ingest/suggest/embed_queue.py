"""Computing the vectors of an encoder: by a task, never while a page waits, each text once.

First of what the vocabulary writes, without which no vector tells anything; then of labelled
papers, to learn from; then of papers that wait for a curator, the newest first; then of those
that nothing is suggested on. One process at a time: two would compute the same.
"""

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from ingest.models import TextVector
from ingest.suggest import active, embed, embed_store, spreading
from ingest.suggest.embed_model import Model
from ingest.suggest.embed_nearness import as_text, weighed
from taxonomy.models import Decision, Landmark, Paper, Screening

CHUNK = 16  # texts; a second or two
_LOCK = 0x6B61_656D  # one process at a time
State = Screening.State


def embed_next() -> int:
    """Compute some more vectors, and let them count; how many. 0: nothing to do now."""
    model = embed.encoder()
    if model is None:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        if done := _of_concepts(model):
            return done
        papers = _next_papers(model.name)
        texts = [as_text(paper.title_plain, paper.abstract_plain) for paper in papers]
        embed_store.keep_of(papers, model.vectors(texts), texts, model.name)
    _suggest_anew([paper.pk for paper in papers])
    return len(papers)


def _of_concepts(model: Model) -> int:
    """Some of the texts that the vocabulary has and that have no vector."""
    subjects = active.current().subjects
    texts = sorted({text for subject in subjects.items for text, _ in weighed(subject)})
    if not texts:
        return 0
    unknown = np.isnan(embed_store.known(texts, model.name)).any(axis=1)
    chosen = [texts[at] for at in np.flatnonzero(unknown)[:CHUNK]]
    vectors = model.vectors(chosen)
    embed_store.keep(dict(zip(chosen, vectors, strict=True)), model.name)
    return len(chosen)


def _next_papers(model: str) -> list[Paper]:
    kept = TextVector.objects.filter(
        paper=OuterRef("pk"), text_revision=OuterRef("text_revision"), model=model
    )
    to_do = Paper.objects.filter(~Exists(kept)).defer("search").order_by("-pk")
    for papers in (
        to_do.filter(
            Exists(Decision.objects.filter(paper=OuterRef("pk")))
            | Exists(Landmark.objects.filter(paper=OuterRef("pk")))
        ),
        _in(State.WAITING, to_do),
        _in(State.ABSTAINED, to_do),
    ):
        if found := list(papers[:CHUNK]):
            return found
    return []


def _in(state: Screening.State, papers: "QuerySet[Paper]") -> "QuerySet[Paper]":
    return papers.filter(screening__state=state)


def _suggest_anew(papers: list[int]) -> None:
    """With the vectors. A paper that lies on a desk has its turn later."""
    known = Screening.objects.filter(pk__in=papers)
    known.filter(state=State.ABSTAINED).update(state=State.IDENTIFIED)
    # Whatever the suggestions of the others are of, they are old now.
    known.filter(state=State.WAITING).update(suggester="")
    spreading.suggest_anew(papers)
