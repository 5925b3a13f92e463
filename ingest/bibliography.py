"""Landmarks of the bibliography: known by title, until arXiv's record of them is here."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ingest import papers
from ingest.arxiv import LONGEST_ID_LIST, Incomplete, QueryRejected
from ingest.asking import Asker
from ingest.feed import Entry
from ingest.models import MissingRecord
from taxonomy.models import Paper

ASK_AGAIN_AFTER = timedelta(days=30)  # for what arXiv did not know
CONTROL = "cat:cs.CL"  # a search that has results wherever there is an arXiv


def waiting() -> QuerySet[Paper]:
    """Papers without a record that arXiv should be asked for."""
    lately = MissingRecord.objects.filter(asked_at__gt=timezone.now() - ASK_AGAIN_AFTER)
    return Paper.objects.filter(
        ~Q(pk__in=lately.values("paper")), fetched_at__isnull=True
    ).order_by("id")


def fetch(beat: Callable[[], None] = lambda: None) -> papers.Outcome:
    """Ask for the records of the next papers that wait, as many as one request may name."""
    ids = dict(waiting().values_list("arxiv_id", "pk")[:LONGEST_ID_LIST])
    if not ids:
        return papers.Outcome()
    found = _records(list(ids), Asker(beat))
    outcome = papers.upsert(list(found.values()))
    lost = {entry.arxiv_id for entry, _ in outcome.unfit}
    MissingRecord.objects.bulk_create(
        [
            MissingRecord(paper_id=pk, asked_at=timezone.now())
            for arxiv_id, pk in ids.items()
            if arxiv_id not in found or arxiv_id in lost
        ],
        update_conflicts=True,
        update_fields=["asked_at"],
        unique_fields=["paper"],
    )
    return outcome


def _believe_none(ids: list[str], asker: Asker) -> dict[str, Entry]:
    """None of them is suspect: it is what a broken index says, too.

    A search that must find something is asked; then the second answer counts.
    """
    if not asker(lambda: asker.client.total(CONTROL)):
        raise Incomplete(f"arXiv says it has none of {len(ids)} papers, and no others either")
    return asker(lambda: asker.client.records(ids))


def _records(ids: list[str], asker: Asker) -> dict[str, Entry]:
    """By base id. One id that arXiv rejects spoils the whole request: then halves are asked."""
    try:
        return asker(lambda: asker.client.records(ids)) or _believe_none(ids, asker)
    except QueryRejected:
        if len(ids) == 1:
            return {}
    middle = len(ids) // 2
    return _records(ids[:middle], asker) | _records(ids[middle:], asker)
