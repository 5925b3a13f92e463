"""What decisions amount to: the tags that follow from them, and the counters of the tags."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db import transaction

from taxonomy import counts, vocabulary
from taxonomy.models import Decision, Paper, Screening, Tag
from taxonomy.models.composed import fetch
from taxonomy.vocabulary import Vocabulary

HOLDS = ("paper_id", "concept_id", "pk", "verdict")
CHUNK = 1_000  # papers that are rebuilt in one transaction

PRESENT = """
SELECT paper.id, paper.published_at,
tag.id, tag.paper_id, tag.concept_id, tag.direct, tag.decision_id, tag.published_at
FROM taxonomy_paper paper LEFT JOIN taxonomy_tag tag ON tag.paper_id = paper.id
WHERE paper.id = ANY(%s::bigint[])
"""
MAKE = """
INSERT INTO taxonomy_tag (paper_id, concept_id, direct, decision_id, published_at)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[], %s::bigint[], %s::timestamptz[])
RETURNING id
"""
_MISSING = attrgetter("paper_id", "concept_id", "direct", "decision_id", "published_at")

Wanted = dict[int, tuple[bool, int]]  # concept id: direct, decision id


class Present(NamedTuple):
    """A tag as it is; there are too many of them in a batch to make each a model's instance."""

    pk: int
    paper_id: int
    concept_id: int
    direct: bool
    decision_id: int
    published_at: datetime


@dataclass
class Correction:
    """What must happen to the tags of one paper."""

    obsolete: list[int]
    missing: list[Tag]
    deltas: list[counts.TagDelta]

    @property
    def size(self) -> int:
        return len(self.obsolete) + len(self.missing)


def project_tags(paper_ids: Iterable[int]) -> int:
    """Make the tags of these papers what their decisions say, and move the counters.

    The caller holds the papers' screening locks. Concepts that are broader than an accepted
    one are tagged too (direct=False). How many tags were removed or made; five queries and
    those of the counters, however many papers.
    """
    terms = vocabulary.current()
    ids = list(paper_ids)
    corrections = _put_right(ids, _accepted(ids), terms)
    counts.apply((delta for one in corrections for delta in one.deltas), terms)
    return sum(one.size for one in corrections)


def project_paper(paper_id: int, accepted: Mapping[int, int], terms: Vocabulary) -> None:
    """The same for one paper, whose accepts are known: the decision by concept id."""
    corrections = _put_right([paper_id], {paper_id: dict(accepted)}, terms)
    counts.apply((delta for one in corrections for delta in one.deltas), terms)


def _put_right(
    ids: list[int], accepted: Mapping[int, dict[int, int]], terms: Vocabulary
) -> list[Correction]:
    """The tags of these papers; the counters are left to the caller."""
    # Read under the lock: the papers may have been read before their dates changed.
    dates: dict[int, datetime] = {}
    present: dict[int, list[Present]] = defaultdict(list)
    for id_, date, *tag in fetch(PRESENT, ids):
        dates[id_] = date
        if tag[0] is not None:
            present[id_].append(Present(*tag))
    corrections = [
        _correct(id_, date, present[id_], _with_broader(accepted.get(id_, {}), terms))
        for id_, date in dates.items()
    ]
    if obsolete := [pk for one in corrections for pk in one.obsolete]:
        Tag.objects.filter(pk__in=obsolete).delete()
    missing = [tag for one in corrections for tag in one.missing]
    for at in range(0, len(missing), CHUNK):
        columns = zip(*map(_MISSING, missing[at : at + CHUNK]), strict=True)
        fetch(MAKE, *map(list, columns))
    return corrections


@transaction.atomic
def follow_new_dates(papers: Iterable[Paper]) -> None:
    """Move tags and counters of papers whose date of submission became known or changed."""
    by_id = {paper.pk: paper for paper in papers}
    # A decision that is just being made ends first: its tag has the old date.
    list(Screening.objects.select_for_update().filter(paper__in=by_id).order_by("paper_id"))
    moved: dict[int, list[Tag]] = defaultdict(list)
    for tag in Tag.objects.select_for_update().filter(paper__in=by_id).order_by("pk"):
        if tag.published_at != by_id[tag.paper_id].published_at:
            moved[tag.paper_id].append(tag)
    deltas = []
    for paper_id, tags in moved.items():
        ids = frozenset(tag.concept_id for tag in tags)
        old, new = tags[0].published_at, by_id[paper_id].published_at
        deltas.append(counts.TagDelta(counts.month_of(old), ids, frozenset()))
        deltas.append(counts.TagDelta(counts.month_of(new), frozenset(), ids))
        for tag in tags:
            tag.published_at = new
    Tag.objects.bulk_update([tag for tags in moved.values() for tag in tags], ["published_at"])
    counts.apply(deltas, vocabulary.current())


def rebuild(progress: Callable[[int], None] = lambda papers: None) -> int:
    """Make every tag anew from the decisions, and the counters from the tags.

    For repair, and to show that nothing but the decisions is needed. How many tags were not as
    they should be; `progress` hears how many papers are done. Safe to interrupt and to repeat.
    """
    corrected = done = 0
    for ids in _in_chunks():
        with transaction.atomic():
            list(Screening.objects.select_for_update().filter(paper__in=ids).order_by("paper"))
            # Counters may be as wrong as the tags: they are not moved, but counted at the end.
            found = _put_right(ids, _accepted(ids), vocabulary.current())
        corrected += sum(one.size for one in found)
        done += len(ids)
        progress(done)
    with transaction.atomic():
        counts.rebuild()
    return corrected


def _in_chunks() -> Iterator[list[int]]:
    """The ids of papers that have decisions or tags, some at a time."""
    last = 0
    while True:
        decided = Decision.objects.filter(paper__gt=last).values_list("paper", flat=True)
        tagged = Tag.objects.filter(paper__gt=last).values_list("paper", flat=True)
        ids = list(decided.union(tagged).order_by("paper")[:CHUNK])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _accepted(paper_ids: list[int]) -> dict[int, dict[int, int]]:
    """The decision that holds by concept, of each paper, where it is an accept."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = Decision.objects.standing().filter(paper__in=paper_ids).values_list(*HOLDS)
    for paper, concept, pk, verdict in rows:
        if verdict == Decision.Verdict.ACCEPT:
            found[paper][concept] = pk
    return found


def _correct(
    paper_id: int, date: datetime, present: list[Present], wanted: Wanted
) -> Correction:
    right = {
        tag.concept_id
        for tag in present
        if wanted.get(tag.concept_id) == (tag.direct, tag.decision_id)
        and tag.published_at == date
    }
    obsolete = [tag.pk for tag in present if tag.concept_id not in right]
    missing = [
        Tag(
            paper_id=paper_id,
            concept_id=concept_id,
            direct=direct,
            decision_id=decision_id,
            published_at=date,
        )
        for concept_id, (direct, decision_id) in wanted.items()
        if concept_id not in right
    ]
    before = defaultdict(set)
    for tag in present:
        before[counts.month_of(tag.published_at)].add(tag.concept_id)
    after = {counts.month_of(date): frozenset(wanted)} if wanted else {}
    deltas = [
        counts.TagDelta(month, frozenset(before.get(month, ())), after.get(month, frozenset()))
        for month in before.keys() | after.keys()
    ]
    return Correction(obsolete, missing, deltas)


def _with_broader(accepted: dict[int, int], terms: Vocabulary) -> Wanted:
    """The earliest decision speaks for a broader concept."""
    wanted = {concept_id: (True, pk) for concept_id, pk in accepted.items()}
    for concept_id, pk in sorted(accepted.items(), key=lambda item: item[1]):
        for term in terms.ancestors(concept_id):
            wanted.setdefault(term.id, (False, pk))
    return wanted
