"""Whole files: everything there is in one form, a chunk of rows in memory at a time."""

from collections.abc import Iterable, Iterator

from taxonomy import counts, vocabulary
from taxonomy.interchange import bibtex, csv, jsonld, ndjson, ris, skos, turtle
from taxonomy.interchange.papers import CHUNK, all_with_tags
from taxonomy.models import Edition, Paper, Tag
from taxonomy.vocabulary import Vocabulary

SUFFIXES = {"skos-ttl": "ttl", "jsonld": "jsonld", "csv": "csv", "ndjson": "ndjson",
            "bibtex": "bib", "ris": "ris"}  # fmt: skip
FORMATS = tuple(SUFFIXES)


def export(form: str, site: skos.Site) -> Iterator[str]:
    """The vocabulary for the two forms of SKOS, else all papers with their concepts."""
    terms = vocabulary.current()
    if form in {"skos-ttl", "jsonld"}:
        document = turtle.document if form == "skos-ttl" else jsonld.document
        return document(vocabulary_nodes(terms, site), site.prefixes())
    write = {"csv": csv.papers, "ndjson": ndjson.papers, "bibtex": bibtex.papers,
             "ris": ris.papers}[form]  # fmt: skip
    return write(all_with_tags(Paper.objects.defer("search"), terms))


def export_concepts(form: str) -> Iterator[str]:
    """The concepts as rows."""
    terms = vocabulary.current()
    write = csv.concepts if form == "csv" else ndjson.concepts
    return write(terms, terms, counts.totals())


def export_tags(form: str) -> Iterator[str]:
    write = csv.tags if form == "csv" else ndjson.tags
    return write(all_tags(), vocabulary.current())


def all_tags() -> Iterator[Tag]:
    """Every tag with the arXiv id of its paper, in the order they were made."""
    rows = Tag.objects.select_related("paper").order_by("pk")
    rows = rows.only(
        *("concept_id", "direct", "published_at"),
        *("paper__arxiv_id", "paper__withdrawn", "paper__removed_at"),
    )
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def vocabulary_nodes(
    terms: Vocabulary, site: skos.Site, kinds: Iterable[str] = tuple(skos.SCHEMES)
) -> Iterator[skos.Node]:
    """Schemes, concepts, collections and constraints of these kinds. Two queries."""
    ids = {id_ for link in terms.links for id_ in link.evidence}
    evidence = {
        paper.pk: paper.abs_url for paper in Paper.objects.for_list().in_bulk(ids).values()
    }
    edition = Edition.objects.first()
    return skos.nodes(terms, site, edition=edition, kinds=kinds, evidence=evidence)
