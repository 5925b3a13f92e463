"""An edition as plain records, whatever file it came from, and what makes one whole."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from taxonomy.errors import DataInvalid
from taxonomy.models import Concept, Language
from taxonomy.models.concepts import SLUG_PATTERN
from taxonomy.models.papers import ARXIV_ID_PATTERN

SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class Problem:
    where: str  # file:line
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True)
class ConceptRecord:
    where: str
    slug: str
    kind: str
    position: int
    broader: str | None = None
    notation: str = ""
    source: str = ""
    deprecated: bool = False
    replaced_by: str | None = None
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)  # "pref en": texts
    texts: dict[str, str] = field(default_factory=dict)  # "definition en": text
    related: tuple[str, ...] = ()

    def state(self) -> dict[str, Any]:
        """What is compared with the database and kept in the history."""
        return {
            "kind": self.kind,
            "position": self.position,
            "broader": self.broader,
            "notation": self.notation,
            "source": self.source,
            "deprecated": self.deprecated,
            "replaced_by": self.replaced_by,
            "labels": {at: list(texts) for at, texts in sorted(self.labels.items())},
            "texts": dict(sorted(self.texts.items())),
        }


@dataclass(frozen=True)
class CollectionRecord:
    where: str
    slug: str
    position: int
    labels: dict[str, str]
    notes: dict[str, str]
    members: tuple[str, ...]


@dataclass(frozen=True)
class LinkRecord:
    where: str
    challenge: str
    domain: str
    constraint: dict[str, str]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class WorkRecord:
    where: str
    arxiv_id: str
    title: str
    first_author: str
    year: int
    concepts: tuple[str, ...]


@dataclass(frozen=True)
class EditionRecord:
    where: str
    number: int
    released: date
    titles: dict[str, str]
    descriptions: dict[str, str]
    licence: str


@dataclass
class Document:
    """Everything one load brings. `edition` may be absent: then no edition is published."""

    edition: EditionRecord | None = None
    concepts: list[ConceptRecord] = field(default_factory=list)
    collections: list[CollectionRecord] = field(default_factory=list)
    links: list[LinkRecord] = field(default_factory=list)
    works: list[WorkRecord] = field(default_factory=list)


def require_whole(document: Document, known: dict[str, str] | None = None) -> None:
    """Raise DataInvalid with every problem found (the first 20), or return.

    `known` maps slugs already in the database to their kind, for a file that adds to it.
    """
    problems = list(_problems(document, known or {}))
    if problems:
        shown = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"… and {len(problems) - SHOWN_PROBLEMS} more.")
        raise DataInvalid("\n".join(shown))


def _problems(document: Document, known: dict[str, str]) -> Iterator[Problem]:
    kinds = known | {concept.slug: concept.kind for concept in document.concepts}
    yield from _concept_problems(document, kinds)
    yield from _label_problems(document)
    yield from _tree_problems(document)
    for collection in document.collections:
        for slug in collection.members:
            if kinds.get(slug) != Concept.Kind.CHALLENGE:
                yield Problem(collection.where, f"member {slug!r} is no challenge.")
    works = {work.arxiv_id for work in document.works}
    for link in document.links:
        for slug, kind in ((link.challenge, "challenge"), (link.domain, "domain")):
            if kinds.get(slug) != kind:
                yield Problem(link.where, f"{slug!r} is no {kind}.")
        for arxiv_id in link.evidence:
            if arxiv_id not in works:
                yield Problem(link.where, f"evidence {arxiv_id} is not in the bibliography.")
        yield from _language_problems(link.where, "constraint", link.constraint)
    yield from _work_problems(document, kinds)


def _concept_problems(document: Document, kinds: dict[str, str]) -> Iterator[Problem]:
    seen = Counter(concept.slug for concept in document.concepts)
    for concept in document.concepts:
        where = concept.where
        if not re.fullmatch(SLUG_PATTERN, concept.slug):
            yield Problem(where, f"slug {concept.slug!r} must be like-this-one.")
        if seen[concept.slug] > 1:
            yield Problem(where, f"slug {concept.slug!r} stands more than once.")
        for language in Language.values:
            if not concept.labels.get(f"pref {language}"):
                yield Problem(where, f"{concept.slug}: pref_label.{language} is missing.")
            if not concept.texts.get(f"definition {language}"):
                yield Problem(where, f"{concept.slug}: definition.{language} is missing.")
        for name, slug in (("broader", concept.broader), ("replaced_by", concept.replaced_by)):
            if slug is not None and kinds.get(slug) != concept.kind:
                yield Problem(where, f"{concept.slug}: {name} {slug!r} is no {concept.kind}.")
        for slug in concept.related:
            if slug not in kinds:
                yield Problem(where, f"{concept.slug}: related {slug!r} does not exist.")
        if concept.replaced_by and not concept.deprecated:
            yield Problem(where, f"{concept.slug}: replaced_by needs deprecated: true.")


def _label_problems(document: Document) -> Iterator[Problem]:
    """SKOS S13 (labels of a concept are disjoint) and one prefLabel per scheme."""
    preferred: dict[tuple[str, str, str], str] = {}
    for concept in document.concepts:
        used: dict[tuple[str, str], str] = {}
        for at, texts in concept.labels.items():
            kind, language = at.split()
            for text in texts:
                if not text.strip() or len(text) > 160:
                    yield Problem(
                        concept.where,
                        f"{concept.slug}: {kind} label {text[:40]!r} is empty or over 160.",
                    )
                if kind == "short":
                    continue
                before = used.setdefault((language, text.casefold()), kind)
                if before != kind or list(map(str.casefold, texts)).count(text.casefold()) > 1:
                    yield Problem(
                        concept.where,
                        f"{concept.slug}: {text!r} stands twice among the {language} labels.",
                    )
                if kind == "pref":
                    owner = preferred.setdefault(
                        (concept.kind, language, text.casefold()), concept.slug
                    )
                    if owner != concept.slug:
                        yield Problem(
                            concept.where, f"{concept.slug}: {owner} is also called {text!r}."
                        )


def _tree_problems(document: Document) -> Iterator[Problem]:
    """No circles; SKOS S27: related is disjoint with broaderTransitive."""
    broader = {concept.slug: concept.broader for concept in document.concepts}
    for concept in document.concepts:
        above: list[str] = []
        at = concept.broader
        while at is not None and at not in above and at != concept.slug:
            above.append(at)
            at = broader.get(at)
        if at is not None:
            yield Problem(concept.where, f"{concept.slug}: broader concepts form a circle.")
        for slug in concept.related:
            if slug in above or slug == concept.slug:
                yield Problem(
                    concept.where, f"{concept.slug}: {slug!r} is both broader and related."
                )


def _work_problems(document: Document, kinds: dict[str, str]) -> Iterator[Problem]:
    seen = Counter(work.arxiv_id for work in document.works)
    for work in document.works:
        if not re.fullmatch(ARXIV_ID_PATTERN, work.arxiv_id):
            yield Problem(work.where, f"arxiv_id {work.arxiv_id!r} is not an arXiv id.")
        elif submitted_in(work.arxiv_id).year != work.year:
            yield Problem(work.where, f"{work.arxiv_id}: year {work.year} is not the id's.")
        if seen[work.arxiv_id] > 1:
            yield Problem(work.where, f"{work.arxiv_id} stands more than once.")
        if not work.title.strip() or not work.first_author.strip():
            yield Problem(work.where, f"{work.arxiv_id}: title or first_author is empty.")
        if not work.concepts:
            yield Problem(work.where, f"{work.arxiv_id}: concepts is empty.")
        for slug in work.concepts:
            if slug not in kinds:
                yield Problem(work.where, f"{work.arxiv_id}: concept {slug!r} does not exist.")


def _language_problems(where: str, name: str, texts: dict[str, str]) -> Iterator[Problem]:
    for language in Language.values:
        if not texts.get(language, "").strip():
            yield Problem(where, f"{name}.{language} is missing.")


def submitted_in(arxiv_id: str) -> date:
    """The month that an arXiv id names, as its first day."""
    digits = arxiv_id.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    # Old-style ids go from 1991 to 2007, new-style ones start there.
    century = 1900 if "/" in arxiv_id and year > 90 else 2000
    return date(century + year, min(max(month, 1), 12), 1)
