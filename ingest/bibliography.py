"""Landmarks of the bibliography: known by title, until arXiv's record of them is here."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ingest import papers, records
from ingest.arxiv import LONGEST_ID_LIST
from ingest.asking import Asker
from ingest.models import MissingRecord
from taxonomy.models import Paper

ASK_AGAIN_AFTER = timedelta(days=30)  # for what arXiv did not know


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
    found = records.by_id(list(ids), Asker(beat))
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
