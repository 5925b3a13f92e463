"""Papers with their tags, as every format of papers takes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from taxonomy.models import Paper, Tag
from taxonomy.vocabulary import Term, Vocabulary

CHUNK = 500


@dataclass(frozen=True)
class TaggedPaper:
    """A paper, the concepts it was decided to be about, and those that these imply."""

    paper: Paper
    direct: tuple[Term, ...] = ()
    implied: tuple[Term, ...] = ()

    def slugs(self, kind: str) -> list[str]:
        """Concepts of a kind that were decided on."""
        return [term.slug for term in self.direct if term.kind == kind]


def with_tags(papers: Iterable[Paper], vocabulary: Vocabulary) -> list[TaggedPaper]:
    """One query for the tags of all of them."""
    papers = list(papers)
    found: dict[tuple[int, bool], list[Term]] = defaultdict(list)
    if papers:
        rows = Tag.objects.filter(paper__in=[paper.pk for paper in papers])
        for paper_id, concept_id, direct in rows.values_list("paper", "concept", "direct"):
            found[paper_id, direct].append(vocabulary.by_id[concept_id])
    return [
        TaggedPaper(paper, _in_order(found[paper.pk, True]), _in_order(found[paper.pk, False]))
        for paper in papers
    ]


def all_with_tags(papers: QuerySet[Paper], vocabulary: Vocabulary) -> Iterator[TaggedPaper]:
    """Every paper of the query by id, a chunk in memory at a time."""
    last = 0
    papers = papers.order_by("pk")
    while chunk := list(papers.filter(pk__gt=last)[:CHUNK]):
        yield from with_tags(chunk, vocabulary)
        last = chunk[-1].pk


def _in_order(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=lambda term: (term.kind, term.position, term.slug)))
