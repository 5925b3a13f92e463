"""The life of one run: begin or go on, claim it, take it one page further, end it.

A page is saved in one transaction with the cursor, so a process may die anywhere and the
next one goes on at the same page. Who works on a run holds its `step`: every claim adds
one, and a page is saved only while the step is still the claimer's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from ingest import asking, papers
from ingest.arxiv import ArxivRefused, ArxivUnavailable, BadAnswer, Incomplete, QueryRejected
from ingest.asking import Answer, Asker
from ingest.holders import is_gone, this_process
from ingest.models import Harvest, Query, Refusal, Way
from ingest.pace import NotYet, Stopped

OVERLAP = timedelta(days=2)  # a paper may be listed days after it was submitted
FIRST_WINDOW = timedelta(days=30)
MOST_ATTEMPTS = 20  # incomplete answers for one page; with the pace's waits, half a day
SIGN_OF_LIFE = timedelta(seconds=10)

State = Harvest.State


class TakenOver(Exception):
    """Another process goes on with the run; nothing of this page was saved."""


def begin(
    query: Query,
    *,
    trigger: str,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> Harvest:
    """The unfinished run of this query over this window, reopened; or a new one.

    Without `since`, from the watermark less the overlap. Whoever asks twice, or two at
    once, get the same run.
    """
    window = _name(since, until, limit)
    same = Harvest.objects.filter(way=query.way, search=query.search, window=window)
    try:
        with transaction.atomic():
            unfinished = same.unfinished().select_for_update(of=("self",)).order_by("-pk")
            if run := unfinished.first():
                if not run.is_running:
                    _reopen(run)
                return run
            now = timezone.now()
            start = since or (query.watermark - OVERLAP if query.watermark else None)
            end = min(until or now, now)
            start = start or end - FIRST_WINDOW
            return Harvest.objects.create(
                query=query,
                way=query.way,
                search=query.search,
                match=query.match,
                known_only=query.known_only,
                window=window,
                trigger=trigger,
                since=start,
                until=end,
                limit=limit,
                cursor_from=start,
                cursor_until=end,
            )
    except IntegrityError:  # begun by another in the meantime
        return same.running().get()


def reopen(run: Harvest) -> None:
    """Let a failed or interrupted run go on where it stopped, unless its like runs already.

    Not a snapshot's: its file is at hand only where the command is.
    """
    with transaction.atomic():
        run = Harvest.objects.select_for_update().get(pk=run.pk)
        same = Harvest.objects.filter(way=run.way, search=run.search, window=run.window)
        can_go_on = run.state in {State.FAILED, State.INTERRUPTED} and run.way != Way.SNAPSHOT
        if can_go_on and not same.running().exists():
            _reopen(run)


def _reopen(run: Harvest) -> None:
    if run.cursor_from >= run.until > run.since:  # it came to its end and papers were missing
        run.refusals.all().delete()
        run.cursor_from, run.cursor_until = run.since, run.until
        run.cursor_start, run.cursor_seen, run.expected = 0, [], None
        run.received = run.new = run.updated = run.unchanged = run.skipped = run.refused = 0
        run.token, run.responded_at = "", None
    run.state, run.finished_at, run.error = State.RUNNING, None, ""
    run.not_before, run.attempts, run.holder = None, 0, ""
    run.heartbeat_at = timezone.now()
    run.save()


def _name(since: datetime | None, until: datetime | None, limit: int | None) -> str:
    if since is None and until is None and limit is None:
        return ""
    ends = [f"{at:%Y-%m-%dT%H:%M}" if at else "" for at in (since, until)]
    return "..".join(ends) + (f" max {limit}" if limit else "")


def claim(pk: int, step: int | None = None) -> Harvest | None:
    """Take the run for this process: with the step of who hands it on, or if nobody has it."""
    with transaction.atomic():
        rows = Harvest.objects.running().select_related("query")
        run = rows.select_for_update(of=("self",)).filter(pk=pk).first()
        if run is None or (run.step != step if step is not None else not is_free(run)):
            return None
        run.step += 1
        run.holder = this_process()
        run.heartbeat_at = timezone.now()
        run.not_before = None
        run.save(update_fields=["step", "holder", "heartbeat_at", "not_before"])
        return run


def is_free(run: Harvest) -> bool:
    """No living process is on it, as far as one can tell from here."""
    return not run.holder or run.is_stale or is_gone(run.holder)


def next_free() -> Harvest | None:
    """The run that should be gone on with; None if all are in hands or wait."""
    if run := Harvest.objects.free().first():
        return run
    return next((run for run in Harvest.objects.held() if is_gone(run.holder)), None)


def keep(run: Harvest) -> None:
    """A sign of life while waiting; TakenOver if the run has gone to another."""
    now = timezone.now()
    if now - run.heartbeat_at >= SIGN_OF_LIFE:
        run.heartbeat_at = now
        if not _own(run).update(heartbeat_at=now):
            raise TakenOver


def advance(run: Harvest, beat: Callable[[], None] = lambda: None) -> None:
    """Ask for the page at the cursor and save it; the caller has claimed the run.

    What arXiv does wrong is noted on the run, not raised: it still runs, waits
    (`not_before`), or has ended. Raises TakenOver.
    """

    def alive() -> None:
        keep(run)
        beat()

    asker = Asker(alive)
    try:
        answer = asking.next_page(run, asker)
    except NotYet as wait:
        _note(run, asker, str(wait), not_before=wait.until)
    except (Stopped, ArxivRefused) as refusal:
        _note(run, asker, str(refusal), state=State.INTERRUPTED)
    except QueryRejected as rejection:
        _note(run, asker, str(rejection), state=State.FAILED)
    except BadAnswer as error:
        attempts = run.attempts + 1
        gives_up = isinstance(error, Incomplete) and attempts >= MOST_ATTEMPTS
        state = State.FAILED if gives_up else State.RUNNING
        _note(run, asker, str(error), attempts=min(attempts, 1000), state=state)
    except ArxivUnavailable as error:
        _note(run, asker, str(error))
    else:
        _save(run, answer, asker)


def interrupt(run: Harvest, why: str) -> None:
    """A person stopped it; the same window begun again goes on from here."""
    _note(run, None, why, state=State.INTERRUPTED)


def release(run: Harvest) -> None:
    """Hand a waiting run back: whoever comes when its time has come goes on."""
    _own(run).update(holder="")


def _own(run: Harvest) -> QuerySet[Harvest]:
    return Harvest.objects.running().filter(pk=run.pk, step=run.step)


def _note(run: Harvest, asker: Asker | None, error: str, **values: object) -> None:
    """Write what went wrong, if the run is still this process's."""
    values |= {"error": error, "asked": run.asked + (asker.count if asker else 0)}
    if values.get("state", State.RUNNING) != State.RUNNING:
        values |= {"finished_at": timezone.now(), "holder": ""}
    values["heartbeat_at"] = timezone.now()
    if not _own(run).update(**values):
        raise TakenOver
    for name, value in values.items():
        setattr(run, name, value)
    if run.state == State.FAILED and run.query and not run.window:
        Query.objects.filter(pk=run.query.pk).update(last_pulled_at=timezone.now())


def _save(run: Harvest, answer: Answer, asker: Asker) -> None:
    """The page's papers, the account and the cursor, all or nothing."""
    with transaction.atomic():
        if not _own(run).select_for_update().values_list("pk").first():
            raise TakenOver
        outcome = papers.upsert(answer.entries)
        refused = _refuse(run, answer, outcome)
        run.asked += asker.count
        run.new += outcome.new
        run.updated += outcome.updated
        run.unchanged += outcome.unchanged
        run.refused += refused
        run.received += outcome.new + outcome.updated + outcome.unchanged + refused
        run.attempts, run.error = 0, ""
        run.heartbeat_at = timezone.now()
        if answer.expected is not None:
            run.expected = answer.expected
        cursor = answer.cursor
        if cursor is None:
            run.cursor_from, run.cursor_seen, run.holder = run.until, [], ""
            run.finished_at = run.heartbeat_at
            run.state, run.error = answer.verdict, answer.problem
            _tell_query(run)
        else:
            run.cursor_from, run.cursor_until = cursor.since, cursor.until
            run.cursor_start, run.cursor_seen = cursor.start, sorted(cursor.seen)
        run.save()


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


def _tell_query(run: Harvest) -> None:
    """The watermark moves only when everything up to the end of the window is here."""
    if run.query is None or run.limit:
        return
    mark = run.query.watermark
    if run.window and (mark is None or run.since > mark):
        return  # a window of the past, not joined to what is here
    query = Query.objects.filter(pk=run.query.pk)
    query.update(last_pulled_at=timezone.now())
    if run.state == State.DONE:
        until = Value(run.until)
        query.update(watermark=Greatest(Coalesce("watermark", until), until))
