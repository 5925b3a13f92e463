"""The verbs on concepts: bring the vocabulary to what a document says, all or nothing."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db import transaction

from taxonomy import counts, curation, vocabulary
from taxonomy.interchange.records import (
    CollectionRecord,
    ConceptRecord,
    Document,
    EditionRecord,
    LinkRecord,
    WorkRecord,
    require_whole,
    submitted_in,
)
from taxonomy.models import (
    Collection,
    Concept,
    ConceptChange,
    ConceptLabel,
    ConceptRelation,
    ConceptText,
    Edition,
    Landmark,
    Link,
    LoadedRecord,
    Paper,
    Screening,
)


@dataclass(frozen=True)
class Applied:
    """One thing that a load did: ("added", "concept", "chatbots", "")."""

    verb: str
    noun: str
    name: str
    details: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.noun} {self.name}" + (self.details and f" ({self.details})")


@transaction.atomic
def load_document(document: Document, *, actor: str) -> list[Applied]:
    """Bring the database to what `document` says; return what was done, in order.

    Only records that differ from their last load are touched, so loading twice does
    nothing, and an editor's later change survives until the file itself changes. Nothing is
    deleted. Raises DataInvalid with every problem, and then nothing has changed.
    """
    require_whole(document, dict(Concept.objects.values_list("slug", "kind")))
    fresh = _not_loaded_before(document)
    applied: list[Applied] = []
    if document.edition and f"edition:{document.edition.number}" in fresh:
        applied.append(_put_edition(document.edition))
    concepts = [c for c in document.concepts if f"concept:{c.slug}" in fresh]
    collections = [c for c in document.collections if f"collection:{c.slug}" in fresh]
    links = [k for k in document.links if f"link:{k.challenge}×{k.domain}" in fresh]
    works = [w for w in document.works if f"work:{w.arxiv_id}" in fresh]
    if concepts or collections or links:
        number = vocabulary.touch()
        applied += _put_concepts(concepts, actor, number)
        _put_relations(document.concepts, {record.slug for record in concepts})
        applied += [_put_collection(record) for record in collections]
    if works:
        applied += _put_works(works, actor)
    applied += [_put_link(record) for record in links]
    LoadedRecord.objects.bulk_create(
        [LoadedRecord(key=key, digest=digest) for key, digest in fresh.items()],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["digest", "loaded_at"],
    )
    vocabulary.forget()
    return applied


def _not_loaded_before(document: Document) -> dict[str, str]:
    """Digest by key of the records that are new or changed since their last load."""
    keyed: dict[str, Any] = {}
    if document.edition:
        keyed[f"edition:{document.edition.number}"] = document.edition
    keyed |= {f"concept:{record.slug}": record for record in document.concepts}
    keyed |= {f"collection:{record.slug}": record for record in document.collections}
    keyed |= {f"link:{r.challenge}×{r.domain}": r for r in document.links}
    keyed |= {f"work:{record.arxiv_id}": record for record in document.works}
    digests = {key: _digest(record) for key, record in keyed.items()}
    known = dict(LoadedRecord.objects.values_list("key", "digest"))
    return {key: digest for key, digest in digests.items() if known.get(key) != digest}


def _digest(record: Any) -> str:
    content = {name: value for name, value in asdict(record).items() if name != "where"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _put_edition(record: EditionRecord) -> Applied:
    _, created = Edition.objects.update_or_create(
        number=record.number,
        defaults={
            "released_on": record.released,
            "titles": record.titles,
            "descriptions": record.descriptions,
            "licence": record.licence,
        },
    )
    return Applied("added" if created else "changed", "edition", str(record.number))


def _put_concepts(records: list[ConceptRecord], actor: str, number: int) -> list[Applied]:
    """In passes: rows first, then what points from one to another."""
    applied = []
    found = {concept.slug: concept for concept in Concept.objects.all()}
    slugs = {concept.pk: concept.slug for concept in found.values()}
    before = {slug: concept_state(found[slug], slugs) for slug in _slugs(records, found)}
    for record in records:
        concept = found.get(record.slug)
        if concept is None:
            concept = found[record.slug] = Concept(slug=record.slug, revision=0)
        concept.kind = record.kind
        concept.position = record.position
        concept.notation = record.notation
        concept.source = record.source
        concept.broader = found[record.broader] if record.broader else None
        concept.deprecated = record.deprecated
        concept.replaced_by = None
        concept.revision += 1
        concept.save()
        slugs[concept.pk] = concept.slug
    # prefLabels may change places: free them all before any is set.
    changed = [found[record.slug] for record in records]
    ConceptLabel.objects.filter(concept__in=changed).delete()
    ConceptText.objects.filter(concept__in=changed).delete()
    for record in records:
        concept = found[record.slug]
        if record.replaced_by:
            concept.replaced_by = found[record.replaced_by]
            concept.save(update_fields=["replaced_by"])
        _put_words(concept, record)
        old, new = before.get(record.slug), record.state()
        ConceptChange.objects.create(
            concept=concept, actor=actor, before=old, after=new, vocabulary_version=number
        )
        differing = [key for key in new if old is not None and old[key] != new[key]]
        verb = "added" if old is None else "changed"
        applied.append(Applied(verb, "concept", record.slug, ", ".join(differing)))
    return applied


def _slugs(records: list[ConceptRecord], found: dict[str, Concept]) -> list[str]:
    return [record.slug for record in records if record.slug in found]


def _put_words(concept: Concept, record: ConceptRecord) -> None:
    labels = [
        ConceptLabel(concept=concept, kind=at.split()[0], language=at.split()[1], text=text)
        for at, texts in record.labels.items()
        for text in texts
    ]
    for label in labels:
        if label.kind == ConceptLabel.Kind.PREF:
            label.save()  # one by one: the trigger compares with the rows before it
    ConceptLabel.objects.bulk_create(
        label for label in labels if label.kind != ConceptLabel.Kind.PREF
    )
    ConceptText.objects.bulk_create(
        ConceptText(concept=concept, kind=at.split()[0], language=at.split()[1], text=text)
        for at, text in record.texts.items()
    )


def concept_state(concept: Concept, slugs: dict[int, str]) -> dict[str, Any]:
    """A concept as ConceptRecord.state() would put it; for the history. Two queries."""
    labels: dict[str, list[str]] = {}
    for label in concept.labels.order_by("id"):
        labels.setdefault(f"{label.kind} {label.language}", []).append(label.text)
    return {
        "kind": concept.kind,
        "position": concept.position,
        "broader": slugs[concept.broader_id] if concept.broader_id else None,
        "notation": concept.notation,
        "source": concept.source,
        "deprecated": concept.deprecated,
        "replaced_by": slugs[concept.replaced_by_id] if concept.replaced_by_id else None,
        "labels": dict(sorted(labels.items())),
        "texts": {f"{t.kind} {t.language}": t.text for t in concept.texts.all()},
    }


def _put_relations(records: list[ConceptRecord], changed: set[str]) -> None:
    """Related is symmetric: a pair may be named from either side, and goes with the last."""
    ids = dict(Concept.objects.values_list("slug", "pk"))
    named = {
        (min(ids[record.slug], ids[slug]), max(ids[record.slug], ids[slug]))
        for record in records
        for slug in record.related
    }
    here = {ids[record.slug] for record in records}
    touched = {ids[slug] for slug in changed}
    for relation in ConceptRelation.objects.filter(low__in=here, high__in=here):
        pair = (relation.low_id, relation.high_id)
        if pair not in named and touched & set(pair):
            relation.delete()
    ConceptRelation.objects.bulk_create(
        [ConceptRelation(low_id=low, high_id=high) for low, high in sorted(named)],
        ignore_conflicts=True,
    )


def _put_collection(record: CollectionRecord) -> Applied:
    collection, created = Collection.objects.update_or_create(
        slug=record.slug, defaults={"position": record.position}
    )
    collection.labels.all().delete()
    for language, text in record.labels.items():
        collection.labels.create(
            language=language, text=text, note=record.notes.get(language, "")
        )
    collection.members.clear()
    for position, slug in enumerate(record.members):
        collection.members.add(
            Concept.objects.get(slug=slug), through_defaults={"position": position}
        )
    return Applied("added" if created else "changed", "collection", record.slug)


def _put_link(record: LinkRecord) -> Applied:
    link, created = Link.objects.get_or_create(
        challenge=Concept.objects.get(slug=record.challenge),
        domain=Concept.objects.get(slug=record.domain),
    )
    if not created:
        link.revision += 1
        link.save(update_fields=["revision"])
    link.texts.all().delete()
    for language, text in record.constraint.items():
        link.texts.create(language=language, text=text)
    link.evidence.all().delete()
    for paper in Paper.objects.filter(arxiv_id__in=record.evidence):
        link.evidence.create(paper=paper)
    return Applied(
        "added" if created else "changed", "link", f"{record.challenge} × {record.domain}"
    )


def _put_works(records: list[WorkRecord], actor: str) -> list[Applied]:
    """Landmarks: papers known by title until their record is fetched, and their concepts."""
    concepts = {concept.slug: concept for concept in Concept.objects.all()}
    known = set(
        Paper.objects.filter(arxiv_id__in=[r.arxiv_id for r in records]).values_list(
            "arxiv_id", flat=True
        )
    )
    new = [record for record in records if record.arxiv_id not in known]
    stubs = Paper.objects.bulk_create(_stub(record) for record in new)
    Screening.objects.bulk_create(
        Screening(paper=paper, state=Screening.State.SCREENED) for paper in stubs
    )
    counts.add_arrivals(len(stubs))
    papers = {
        paper.arxiv_id: paper
        for paper in Paper.objects.filter(arxiv_id__in=[r.arxiv_id for r in records])
    }
    Landmark.objects.filter(paper__in=papers.values()).delete()
    Landmark.objects.bulk_create(
        Landmark(paper=papers[record.arxiv_id], concept=concepts[slug])
        for record in records
        for slug in dict.fromkeys(record.concepts)
    )
    curation.accept_all(
        pairs=[
            (papers[record.arxiv_id], concepts[slug])
            for record in records
            for slug in record.concepts
        ],
        actor=curation.Actor.importing(actor),
    )
    return [
        Applied("changed" if record.arxiv_id in known else "added", "work", record.arxiv_id)
        for record in records
    ]


def _stub(record: WorkRecord) -> Paper:
    submitted = datetime.combine(submitted_in(record.arxiv_id), time.min, tzinfo=UTC)
    return Paper(
        arxiv_id=record.arxiv_id,
        title=record.title,
        title_plain=record.title,
        authors=[record.first_author],
        published_at=submitted,
        updated_at=submitted,
    )
