"""The row of a paper that whoever decides on it locks, and closes when all is decided."""

from collections.abc import Iterable

from django.utils import timezone

from taxonomy.models import Paper, Screening, User
from taxonomy.models.composed import fetch

_SCREENING = [field.attname for field in Screening._meta.concrete_fields]
LOCK = f"SELECT {', '.join(_SCREENING)} FROM taxonomy_screening WHERE paper_id = %s FOR UPDATE"
CLOSE = """
UPDATE taxonomy_screening SET state = %s, screened_at = %s, screened_by_id = %s
WHERE paper_id = %s RETURNING paper_id
"""
CLEAR = "DELETE FROM taxonomy_lease WHERE paper_id = %s RETURNING id"


def lock(paper: Paper) -> Screening:
    """The paper's screening row, locked until the transaction ends."""
    rows = fetch(LOCK, paper.pk)
    if not rows:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        rows = fetch(LOCK, paper.pk)
    screening = Screening.from_db(None, _SCREENING, rows[0])
    screening.paper = paper
    return screening


def lock_all(paper_ids: Iterable[int]) -> dict[int, Screening]:
    """The screening rows of these papers by paper id, locked until the transaction ends.

    In one order everywhere, so that two who lock many cannot deadlock.
    """
    ids = sorted(paper_ids)
    rows = Screening.objects.filter(paper__in=ids).order_by("paper_id")
    there = set(rows.values_list("paper_id", flat=True))
    Screening.objects.bulk_create(
        [Screening(paper_id=id_) for id_ in ids if id_ not in there], ignore_conflicts=True
    )
    rows = rows.select_for_update()
    return {screening.paper_id: screening for screening in rows}


def close(screening: Screening, curator: User | None) -> None:
    """It was the curator's last word on the paper, or an import's; no desk keeps it."""
    screening.state = Screening.State.SCREENED
    screening.screened_at = timezone.now()
    screening.screened_by = curator
    by = curator.pk if curator else None
    fetch(CLOSE, screening.state, screening.screened_at, by, screening.paper_id)
    fetch(CLEAR, screening.paper_id)
