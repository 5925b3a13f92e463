"""One JSON object a line, for programs that read as it comes."""

import json
from collections.abc import Iterable, Iterator

from taxonomy.interchange.papers import TaggedPaper
from taxonomy.models import Tag
from taxonomy.vocabulary import Term, Vocabulary


def line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def concepts(
    terms: Iterable[Term], vocabulary: Vocabulary, totals: dict[int, int]
) -> Iterator[str]:
    for term in terms:
        yield line(concept(term, vocabulary, totals))


def papers(found: Iterable[TaggedPaper]) -> Iterator[str]:
    for one in found:
        yield line(paper(one))


def tags(found: Iterable[Tag], vocabulary: Vocabulary) -> Iterator[str]:
    """Reads tag.paper."""
    for tag in found:
        term = vocabulary.by_id[tag.concept_id]
        yield line(
            {
                "paper": tag.paper.arxiv_id,
                "concept": term.slug,
                "kind": term.kind,
                "direct": tag.direct,
                "published_at": tag.published_at.isoformat(),
                "withdrawn": tag.paper.is_gone,
            }
        )


def concept(term: Term, vocabulary: Vocabulary, totals: dict[int, int]) -> dict[str, object]:
    """A concept with all its words in all languages."""
    broader = vocabulary.broader(term)
    instead = vocabulary.by_id[term.replaced_by_id] if term.replaced_by_id else None
    return {
        "slug": term.slug,
        "kind": term.kind,
        "notation": term.notation,
        "labels": labels(term),
        "texts": texts(term),
        "broader": broader.slug if broader else None,
        "narrower": [one.slug for one in vocabulary.narrower(term)],
        "related": [one.slug for one in vocabulary.related(term)],
        "collections": [group.slug for group in vocabulary.groups if term in group.members],
        "papers": totals.get(term.id, 0),
        "source": term.source,
        "deprecated": term.deprecated,
        "replaced_by": instead.slug if instead else None,
        "revision": term.revision,
        "modified_at": term.modified_at.isoformat(),
    }


def labels(term: Term) -> dict[str, dict[str, list[str]]]:
    """By kind (pref, alt, hidden, short) and language."""
    found: dict[str, dict[str, list[str]]] = {}
    for (kind, language), values in sorted(term.labels.items()):
        found.setdefault(kind, {})[language] = list(values)
    return found


def texts(term: Term) -> dict[str, dict[str, str]]:
    """By kind (definition, why_hard …) and language."""
    found: dict[str, dict[str, str]] = {}
    for (kind, language), text in sorted(term.texts.items()):
        found.setdefault(kind, {})[language] = text
    return found


def paper(found: TaggedPaper) -> dict[str, object]:
    one = found.paper
    return {
        "arxiv_id": one.arxiv_id,
        "version": one.version,
        "title": one.title_plain,
        "abstract": one.abstract_plain,
        "authors": one.authors,
        "categories": one.categories,
        "published_at": one.published_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
        "doi": one.doi,
        "journal_ref": one.journal_ref,
        "comment": one.comment,
        "licence": one.licence,
        "withdrawn": one.withdrawn,
        "removed_at": one.removed_at.isoformat() if one.removed_at else None,
        "concepts": [term.slug for term in found.direct],
        "implied": [term.slug for term in found.implied],
        "url": one.abs_url,
    }
