"""What a page does to the papers, and how it stands in the account of its run."""

from collections.abc import Iterable

from django.db.models import Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from ingest import audit, papers
from ingest.asking import Answer
from ingest.feed import Entry, Refused
from ingest.models import Harvest, Query, Refusal, Way
from ingest.selection import Selection
from taxonomy.models import Paper


def enter(run: Harvest, answer: Answer) -> None:
    """Take in the page's papers and add them to the account. The caller saves the run."""
    papers.lock([entry.arxiv_id for entry in answer.entries], answer.deleted)
    strange = _strange(run, answer)
    entries = [entry for entry in answer.entries if entry.arxiv_id not in strange]
    refused = [one for one in answer.refused if one.arxiv_id not in strange]
    outcome = papers.upsert(entries) + papers.remove(answer.deleted)
    run.new += outcome.new
    run.updated += outcome.updated
    run.unchanged += outcome.unchanged
    run.skipped += outcome.skipped + len(strange)
    run.refused += keep_refused(run, refused, outcome.unfit)
    run.received = run.new + run.updated + run.unchanged + run.skipped + run.refused


def _strange(run: Harvest, answer: Answer) -> set[str]:
    """Papers that the run is not after and that are not here."""
    if not run.known_only and not run.match:
        return set()
    selection = Selection(match=run.match)
    ids = {e.arxiv_id for e in answer.entries if run.known_only or not selection.wants(e)}
    if run.known_only:
        ids |= {refused.arxiv_id for refused in answer.refused if refused.arxiv_id}
    here = Paper.objects.filter(arxiv_id__in=ids).values_list("arxiv_id", flat=True)
    return ids - set(here)


def keep_refused(
    run: Harvest, refused: Iterable[Refused], unfit: Iterable[tuple[Entry, str]]
) -> int:
    """Keep what could not be taken in; how many of them are not here from before."""
    rows = [
        Refusal(harvest=run, arxiv_id=r.arxiv_id, reason=r.reason, raw=r.raw, digest=r.digest)
        for r in refused
    ]
    rows += [Refusal.of_entry(run, entry, reason) for entry, reason in unfit]
    before = run.refusals.count()
    Refusal.objects.bulk_create(rows, ignore_conflicts=True)
    return run.refusals.count() - before


def tell_query(run: Harvest) -> None:
    """The watermark moves only when everything up to the end of the window is here.

    Or when an audit is to look for the rest: nothing is passed over in silence.
    """
    is_complete = run.state == Harvest.State.DONE
    if run.missing and (follow_up := audit.begin_after(run)):
        run.error += f"; audit {follow_up.pk} looks for the rest"
        is_complete = True
    if run.query is None or run.limit:
        return
    mark = run.query.watermark
    if run.window and (mark is None or run.since > mark):
        return  # a window of the past, not joined to what is here
    # Unless it asks for something else now.
    same = {name: getattr(run, name) for name in ("way", "search", "match", "known_only")}
    query = Query.objects.filter(pk=run.query.pk, **same)
    query.update(last_pulled_at=timezone.now())
    if is_complete:
        until = run.until
        if run.way == Way.OAI and run.responded_at:  # its days are by arXiv's clock
            until = min(until, run.responded_at) if run.window else run.responded_at
        reached = Value(until)
        query.update(watermark=Greatest(Coalesce("watermark", reached), reached))
