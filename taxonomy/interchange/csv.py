"""CSV after RFC 4180, safe to open in a spreadsheet."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from taxonomy.interchange.papers import TaggedPaper
from taxonomy.models import Tag
from taxonomy.vocabulary import Term, Vocabulary

# A cell that begins so is a formula to a spreadsheet, or becomes one after trimming.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

CONCEPT_HEAD = (
    *("slug", "kind", "notation", "broader", "label_en", "label_ja"),
    *("alt_labels_en", "alt_labels_ja", "definition_en", "definition_ja"),
    *("papers", "deprecated", "replaced_by", "modified_at"),
)
PAPER_HEAD = (
    *("arxiv_id", "version", "title", "authors", "categories", "published_at", "updated_at"),
    *("challenges", "domains", "doi", "journal_ref", "withdrawn", "url", "removed_at"),
)
TAG_HEAD = ("arxiv_id", "concept", "kind", "direct", "published_at", "withdrawn")


def guard(value: object) -> str:
    """A cell as text; an apostrophe keeps a spreadsheet from running it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value).replace("\x00", "")
    return "'" + text if text.startswith(FORMULA) else text


def lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A head and rows, each as one line with CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in itertools.chain([head], rows):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(guard, row))
        yield buffer.getvalue()


def concepts(
    terms: Iterable[Term], vocabulary: Vocabulary, totals: dict[int, int]
) -> Iterator[str]:
    """One line a concept; several labels in a cell are joined by " | "."""
    return lines(CONCEPT_HEAD, (_concept(term, vocabulary, totals) for term in terms))


def papers(found: Iterable[TaggedPaper]) -> Iterator[str]:
    """One line a paper; several values in a cell are joined by "; "."""
    return lines(PAPER_HEAD, map(_paper, found))


def tags(found: Iterable[Tag], vocabulary: Vocabulary) -> Iterator[str]:
    """One line a tag. Reads tag.paper."""
    return lines(TAG_HEAD, (_tag(tag, vocabulary.by_id[tag.concept_id]) for tag in found))


def _concept(term: Term, vocabulary: Vocabulary, totals: dict[int, int]) -> Iterator[object]:
    broader = vocabulary.broader(term)
    instead = vocabulary.by_id[term.replaced_by_id] if term.replaced_by_id else None
    yield from (term.slug, term.kind, term.notation, broader.slug if broader else "")
    for language in ("en", "ja"):
        yield term.pref_label(language)
    for language in ("en", "ja"):
        yield " | ".join(term.labels_of("alt", language))
    for language in ("en", "ja"):
        yield term.texts.get(("definition", language), "")
    yield from (totals.get(term.id, 0), term.deprecated, instead.slug if instead else "")
    yield term.modified_at


def _paper(found: TaggedPaper) -> Iterator[object]:
    paper = found.paper
    yield from (paper.arxiv_id, paper.version, paper.title_plain, "; ".join(paper.authors))
    yield from (" ".join(paper.categories), paper.published_at, paper.updated_at)
    yield from ("; ".join(found.slugs("challenge")), "; ".join(found.slugs("domain")))
    yield from (paper.doi, paper.journal_ref, paper.withdrawn, paper.abs_url)
    yield paper.removed_at


def _tag(tag: Tag, term: Term) -> tuple[object, ...]:
    return (tag.paper.arxiv_id, term.slug, term.kind, tag.direct, tag.published_at,
            tag.paper.is_gone)  # fmt: skip
