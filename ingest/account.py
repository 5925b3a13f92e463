"""What a page does to the papers, and how it stands in the account of its run."""

from collections.abc import Sequence

from django.db.models import Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from ingest import papers
from ingest.asking import Answer
from ingest.feed import Entry
from ingest.models import Harvest, Query, Refusal, Way
from ingest.selection import Selection
from taxonomy.models import Paper


def enter(run: Harvest, answer: Answer) -> None:
    """Take in the page's papers and add them to the account. The caller saves the run."""
    papers.lock([entry.arxiv_id for entry in answer.entries], answer.deleted)
    wanted = _wanted(run, answer.entries)
    outcome = papers.upsert(wanted) + papers.remove(answer.deleted)
    run.new += outcome.new
    run.updated += outcome.updated
    run.unchanged += outcome.unchanged
    run.skipped += outcome.skipped + len(answer.entries) - len(wanted)
    run.refused += _refuse(run, answer, outcome)
    run.received = run.new + run.updated + run.unchanged + run.skipped + run.refused


def _wanted(run: Harvest, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Those that the run is after, and whatever is here already."""
    if not run.known_only and not run.match:
        return entries
    selection = Selection(match=run.match)
    strange = {e.arxiv_id for e in entries if run.known_only or not selection.wants(e)}
    here = Paper.objects.filter(arxiv_id__in=strange).values_list("arxiv_id", flat=True)
    strange -= set(here)
    return [entry for entry in entries if entry.arxiv_id not in strange]


def _refuse(run: Harvest, answer: Answer, outcome: papers.Outcome) -> int:
    """Keep what could not be taken in; how many of them are not here from before."""
    rows = [
        Refusal(harvest=run, arxiv_id=r.arxiv_id, reason=r.reason, raw=r.raw, digest=r.digest)
        for r in answer.refused
    ]
    rows += [Refusal.of_entry(run, entry, reason) for entry, reason in outcome.unfit]
    before = run.refusals.count()
    Refusal.objects.bulk_create(rows, ignore_conflicts=True)
    return run.refusals.count() - before


def tell_query(run: Harvest) -> None:
    """The watermark moves only when everything up to the end of the window is here."""
    if run.query is None or run.limit:
        return
    mark = run.query.watermark
    if run.window and (mark is None or run.since > mark):
        return  # a window of the past, not joined to what is here
    query = Query.objects.filter(pk=run.query.pk)
    query.update(last_pulled_at=timezone.now())
    if run.state == Harvest.State.DONE:
        until = run.until
        if run.way == Way.OAI and run.responded_at:  # its days are by arXiv's clock
            until = min(until, run.responded_at) if run.window else run.responded_at
        reached = Value(until)
        query.update(watermark=Greatest(Coalesce("watermark", reached), reached))
