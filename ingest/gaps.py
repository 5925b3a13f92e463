"""What an audit finds missing, and how each of these papers is had, or why it is not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from ingest import asking_oai, coverage, papers, records
from ingest.arxiv import LONGEST_ID_LIST, BadAnswer, QueryRejected
from ingest.asking import Asker
from ingest.feed import Entry
from ingest.models import Audit, Gap
from ingest.oai import Deleted
from taxonomy.models import Paper

BATCH = 2_000  # rows written at once
FEW = 3  # bad answers for some records, before they are asked for in another way

State = Gap.State


class NothingListed(BadAnswer):
    """A set of which papers are here has none: it is what a broken server says, too."""


@dataclass
class Found:
    """What a request for missing papers brought."""

    entries: list[Entry] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)  # to be asked for one by one
    deleted: list[str] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)  # with the reason


def compare(audit: Audit) -> None:
    """Once all identifiers are listed; in the caller's transaction, who saves the audit."""
    listed = set(audit.ids)
    here = _here(listed)
    counted = _count_here(audit)
    if counted and not listed and not audit.gone:
        raise NothingListed(f"arXiv lists nothing of {audit.spec}, of which {counted} are here")
    missing = sorted(listed - here)
    Gap.objects.bulk_create(
        [Gap(audit=audit, arxiv_id=arxiv_id) for arxiv_id in missing],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    audit.unlisted = max(counted - _count_here(audit, listed | set(audit.gone)), 0)
    audit.removed = papers.remove(audit.gone).updated
    audit.listed, audit.missing = len(listed), len(missing)
    audit.here = audit.listed - audit.missing
    audit.ids, audit.gone, audit.token = [], [], ""
    audit.compared_at = timezone.now()


def ask(audit: Audit, asker: Asker) -> Found:
    """For as many as one request may name; those that do not come, one by one."""
    batch = audit.gaps.filter(state=State.OPEN).order_by("arxiv_id")
    ids = list(batch.values_list("arxiv_id", flat=True)[:LONGEST_ID_LIST])
    if not ids:
        alone = audit.gaps.filter(state=State.ALONE).order_by("arxiv_id").first()
        return _ask_for_one(audit, alone.arxiv_id, asker) if alone else Found()
    try:
        found = records.by_id(ids, asker)
    except BadAnswer:
        if audit.attempts + 1 < FEW:
            raise
        found = {}
    return Found(list(found.values()), alone=[one for one in ids if one not in found])


def enter(audit: Audit, found: Found) -> None:
    """Take in what came; in the caller's transaction, who saves the audit."""
    wanted = [entry for entry in found.entries if _is_wanted(audit, entry.published)]
    strange = {entry.arxiv_id for entry in found.entries} - {e.arxiv_id for e in wanted}
    papers.lock([entry.arxiv_id for entry in wanted], found.deleted)
    outcome = papers.upsert(wanted)
    audit.removed += papers.remove(found.deleted).updated
    lost = found.lost | {entry.arxiv_id: reason for entry, reason in outcome.unfit}
    lost |= dict.fromkeys(found.deleted, "arXiv has deleted it")
    came = {entry.arxiv_id for entry in wanted} - lost.keys()
    _settle(audit, came, State.FETCHED)
    _settle(audit, strange, State.LEFT_OUT)
    _settle(audit, found.alone, State.ALONE)
    for arxiv_id, reason in lost.items():
        _settle(audit, [arxiv_id], State.LOST, reason)
    _count(audit)


def _ask_for_one(audit: Audit, arxiv_id: str, asker: Asker) -> Found:
    """By its record, which knows of papers that the search does not."""
    arxiv = asking_oai.client()
    try:
        record = asker(lambda: arxiv.record(arxiv_id))
    except QueryRejected as error:
        return Found(lost={arxiv_id: str(error)})
    except BadAnswer as error:
        if audit.attempts + 1 < FEW:
            raise
        return Found(lost={arxiv_id: str(error)})
    if isinstance(record, Entry):
        return Found([record])
    if isinstance(record, Deleted):
        return Found(deleted=[arxiv_id])
    if record is None:
        return Found(lost={arxiv_id: "arXiv lists it, and does not know it when asked for it"})
    return Found(lost={arxiv_id: record.reason})


def _is_wanted(audit: Audit, published: datetime) -> bool:
    return audit.since is None or published >= audit.since


def _here(ids: Iterable[str]) -> set[str]:
    """Those of which the record is here, and not of a time when arXiv had deleted it."""
    rows = Paper.objects.filter(fetched_at__isnull=False, removed_at__isnull=True)
    return set(rows.filter(arxiv_id__in=list(ids)).values_list("arxiv_id", flat=True))


def _count_here(audit: Audit, among: set[str] | None = None) -> int:
    rows = coverage.papers(audit.spec).filter(
        fetched_at__isnull=False,
        removed_at__isnull=True,
        arxiv_id__gte=audit.first,
        arxiv_id__lte=audit.last,
    )
    return (rows if among is None else rows.filter(arxiv_id__in=among)).count()


def _settle(audit: Audit, ids: Iterable[str], state: str, reason: str = "") -> None:
    audit.gaps.filter(arxiv_id__in=list(ids)).update(state=state, reason=reason[:300])


def _count(audit: Audit) -> None:
    rows = audit.gaps.order_by().values_list("state").annotate(Count("pk"))
    states = Counter(dict(rows))
    audit.fetched, audit.lost = states[State.FETCHED], states[State.LOST]
    audit.left_out = states[State.LEFT_OUT]
