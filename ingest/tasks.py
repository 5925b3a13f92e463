"""When papers are pulled: thin tasks, each short and safe to run twice.

Beat asks every minute what is due. The scheduled runs go one after another, one page a
task: the pace would not let them go faster side by side, and the other worker stays free.
"""

import contextlib
import logging
from functools import partial

from celery import shared_task
from django.db import DatabaseError, transaction
from django.utils import timezone

from ingest import audit, bibliography, daily, harvest, holding, pace, preview, refusals
from ingest.alarms.tasks import check_alarms
from ingest.arxiv import ArxivError
from ingest.holders import is_gone
from ingest.models import Harvest, Preview, Query, Refusal
from taxonomy import sealing
from taxonomy.models import Lease

logger = logging.getLogger(__name__)

RECORD_REQUESTS = 3  # a task; the rest waits for the next minute


@shared_task(ignore_result=True)
def pull_due() -> None:
    """Begin the runs that are due, and go on with one that nobody is on."""
    for query in Query.objects.due():
        harvest.begin(query, trigger=Harvest.Trigger.SCHEDULE)
    if not pace.is_open():
        return
    if bibliography.waiting().exists():
        transaction.on_commit(fetch_records.delay)
    if Refusal.objects.free().exists():
        transaction.on_commit(fetch_refused.delay)
    scheduled = Harvest.objects.held().exclude(trigger=Harvest.Trigger.COMMAND)
    if any(not is_gone(run.holder) for run in scheduled):
        return
    if run := harvest.next_free():
        transaction.on_commit(partial(pull_page.delay, run.pk, run.step))


@shared_task(ignore_result=True)
def pull_page(harvest_id: int, step: int) -> None:
    """One page of a run. Who comes second with the same step finds it taken and leaves."""
    run = harvest.claim(harvest_id, step)
    if run is None:
        return
    try:
        harvest.advance(run)
        if run.is_waiting:
            holding.release(run)
    except holding.TakenOver:
        logger.info("Run %s has gone to another process", harvest_id)
        return
    except Exception:
        with contextlib.suppress(DatabaseError):  # then the next start of the server frees it
            holding.release(run)
        raise
    _log(run)
    if run.is_running and not run.is_waiting:
        transaction.on_commit(partial(pull_page.delay, run.pk, run.step))
    else:
        transaction.on_commit(pull_due.delay)
    if not run.is_running:
        transaction.on_commit(check_alarms.delay)


@shared_task(ignore_result=True)
def fetch_records() -> None:
    """The records of landmarks that are known by title only."""
    try:
        for _ in range(RECORD_REQUESTS):
            if not bibliography.waiting().exists():
                return
            bibliography.fetch()
    except (ArxivError, pace.NotYet, pace.Stopped) as error:
        logger.warning("Records of the bibliography have to wait: %s", error)


@shared_task(ignore_result=True)
def fetch_refused() -> None:
    """Records that could not be taken in and that somebody wants to be asked for anew."""
    try:
        refusals.ask_anew()
    except (ArxivError, pace.NotYet, pace.Stopped) as error:
        logger.warning("Refused records have to wait: %s", error)


@shared_task(ignore_result=True)
def answer_preview(digest: str) -> None:
    """What arXiv would send for a search that somebody is writing."""
    found = Preview.objects.filter(pk=digest).first()
    if found is not None:
        preview.answer(found)


@shared_task(ignore_result=True)
def forget_previews() -> None:
    Preview.objects.outdated().delete()


@shared_task(ignore_result=True)
def read_listing() -> None:
    """What arXiv announced today: the queries it has something for are due at once."""
    if not pace.is_open() or not daily.is_due():
        return
    row = daily.read()
    if row is None:
        return
    if row.error:
        logger.warning("The listing of %s cannot be had: %s", row.day, row.error)
        return
    logger.info("The listing of %s: %s papers, %s not here", row.day, row.total, row.missing)
    transaction.on_commit(pull_due.delay)


@shared_task(ignore_result=True)
def audit_due() -> None:
    """Begin the audits of the night, and go on with one that nobody is on."""
    audit.begin_nightly()
    if pace.is_open() and (found := audit.next_free()):
        transaction.on_commit(partial(audit_step.delay, found.pk, found.step))


@shared_task(ignore_result=True)
def audit_step(audit_id: int, step: int) -> None:
    """One request of an audit. Who comes second with the same step leaves."""
    found = audit.claim(audit_id, step)
    if found is None:
        return
    try:
        audit.advance(found)
        if found.is_waiting:
            holding.release(found)
    except holding.TakenOver:
        logger.info("Audit %s has gone to another process", audit_id)
        return
    if found.error:
        logger.warning("Audit %s, %s: %s", found.pk, found.state, found.error)
    if found.is_running and not found.is_waiting:
        transaction.on_commit(partial(audit_step.delay, found.pk, found.step))
    elif not found.is_running:
        logger.info("%s; %s missing, %s fetched", found, found.missing, found.fetched)
        transaction.on_commit(audit_due.delay)


@shared_task(ignore_result=True)
def release_expired_leases() -> None:
    Lease.objects.filter(expires_at__lt=timezone.now()).delete()


@shared_task(ignore_result=True)
def seal_decisions() -> None:
    sealing.seal()


def _log(run: Harvest) -> None:
    if run.error:
        logger.warning("Run %s, %s: %s", run.pk, run.state, run.error)
    else:
        logger.info(
            "Run %s, %s: %s of %s papers", run.pk, run.state, run.received, run.expected
        )
