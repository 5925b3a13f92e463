"""The life of one run: begin or go on, claim it, take it one page further, end it.

A page is saved in one transaction with the cursor, so a process may die anywhere and the
next one goes on at the same page. Who works on a run holds its `step`: every claim adds
one, and a page is saved only while the step is still the claimer's.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ingest import account, asking, asking_oai, holding, notes
from ingest.arxiv import ArxivRefused, ArxivUnavailable, BadAnswer, Incomplete, QueryRejected
from ingest.asking import Answer, Asker
from ingest.feed import Form
from ingest.holding import TakenOver, keep, own
from ingest.models import Harvest, Query, Way
from ingest.oai import EARLIEST, BadToken
from ingest.pace import NotYet, Stopped

OVERLAP = timedelta(days=2)  # a paper may be listed days after it was submitted
FIRST_WINDOW = timedelta(days=30)
MOST_ATTEMPTS = 20  # incomplete answers for one page; with the pace's waits, half a day
FEW_ATTEMPTS = 3
ASKING = {Way.SEARCH: asking.next_page, Way.OAI: asking_oai.next_page}

State = Harvest.State


def begin(
    query: Query,
    *,
    trigger: str,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    prefix: str = "",
) -> Harvest:
    """The unfinished run of this query over this window, reopened; or a new one.

    Without `since`, from the watermark less the overlap. Whoever asks twice, or two at
    once, get the same run. A query that is not saved lends its words only.
    """
    wanted = {
        "way": query.way,
        "search": query.search,
        "match": query.match,
        "known_only": query.known_only,
        "window": _name(since, until, limit) or ("" if query.pk else Harvest.WHOLE),
        "prefix": prefix or (Form.RAW.value if query.way == Way.OAI else ""),
    }
    same = Harvest.objects.filter(**wanted)
    try:
        with transaction.atomic():
            unfinished = same.unfinished().select_for_update(of=("self",)).order_by("-pk")
            if run := unfinished.first():
                if not run.is_running:
                    _reopen(run)
                return run
            now = timezone.now()
            end = min(until or now, now)
            start = since or min(_beginning(query, end), end)
            run = Harvest.objects.create(
                **wanted,
                query=query if query.pk else None,
                trigger=trigger,
                since=start,
                until=end,
                limit=limit,
                cursor_from=start,
                cursor_until=end,
            )
            notes.begun(run)
            return run
    except IntegrityError:  # begun by another in the meantime
        return same.running().get()


def _beginning(query: Query, end: datetime) -> datetime:
    if query.watermark:
        return query.watermark - OVERLAP
    if query.pk or query.way != Way.OAI:
        return end - FIRST_WINDOW
    return datetime.combine(EARLIEST, time(), UTC)  # asked for by a person: all of it


def reopen(run: Harvest) -> None:
    """Let a failed or interrupted run go on where it stopped, unless its like runs already.

    Not a snapshot's: its file is at hand only where the command is.
    """
    with transaction.atomic():
        run = Harvest.objects.select_for_update().get(pk=run.pk)
        if (
            run.state in {State.FAILED, State.INTERRUPTED}
            and run.way != Way.SNAPSHOT
            and not run.alike().running().exists()
        ):
            _reopen(run)


def _reopen(run: Harvest) -> None:
    if run.cursor_from >= run.until > run.since:  # it came to its end and papers were missing
        run.refusals.all().delete()
        run.cursor_from, run.cursor_until = run.since, run.until
        run.cursor_start, run.cursor_seen, run.expected = 0, [], None
        run.received = run.new = run.updated = run.unchanged = run.skipped = run.refused = 0
        run.token, run.responded_at, run.missing = "", None, 0
    holding.run_again(run)
    run.save()
    notes.resumed(run)


def stop(run: Harvest, why: str) -> None:
    """A person ends it, whoever is on it; a page that is under way is not saved.

    It can go on later. Its query waits for its next turn, or the schedule would go on at once.
    """
    with transaction.atomic():
        rows = Harvest.objects.running().select_for_update(of=("self",))
        found = rows.select_related("query").filter(pk=run.pk).first()
        if found is None:
            return
        found.state, found.finished_at, found.error = State.INTERRUPTED, timezone.now(), why
        found.holder, found.not_before = "", None
        found.save(update_fields=["state", "finished_at", "error", "holder", "not_before"])
        notes.trouble(found, why)
        if found.query and not found.window:
            Query.objects.filter(pk=found.query.pk).update(last_pulled_at=found.finished_at)


def _name(since: datetime | None, until: datetime | None, limit: int | None) -> str:
    if since is None and until is None and limit is None:
        return ""
    ends = [f"{at:%Y-%m-%dT%H:%M}" if at else "" for at in (since, until)]
    return "..".join(ends) + (f" max {limit}" if limit else "")


def claim(pk: int, step: int | None = None) -> Harvest | None:
    """As `holding.claim`, with the query."""
    return holding.claim(Harvest.objects.select_related("query"), pk, step)


def next_free() -> Harvest | None:
    """The run that should be gone on with; None if all are in hands or wait."""
    return holding.next_free(Harvest.objects.asking())


def advance(run: Harvest, beat: Callable[[], None] = lambda: None) -> None:
    """Ask for the page at the cursor and save it; the caller has claimed the run.

    What arXiv does wrong is noted on the run, not raised: it still runs, waits
    (`not_before`), or has ended. Raises TakenOver.
    """

    def alive() -> None:
        keep(run)
        beat()

    asker = Asker(alive, settles=run.way == Way.SEARCH and run.attempts >= _patience(run))
    try:
        answer = ASKING[Way(run.way)](run, asker)
    except NotYet as wait:
        _note(run, asker, wait, not_before=wait.until)
    except (Stopped, ArxivRefused) as refusal:
        _note(run, asker, refusal, state=State.INTERRUPTED)
    except BadToken as error:  # the list again, from the safe point on
        begun_anew = {"token": "", "cursor_start": 0, "cursor_until": run.until}
        _note_attempt(run, asker, error, gives_up=True, **begun_anew)
    except QueryRejected as rejection:
        _note(run, asker, rejection, state=State.FAILED)
    except BadAnswer as error:
        _note_attempt(run, asker, error, gives_up=isinstance(error, Incomplete))
    except ArxivUnavailable as error:
        _note(run, asker, error)
    else:
        _save(run, answer, asker)


def _patience(run: Harvest) -> int:
    """Attempts before a search settles for what comes: few where the last one had to."""
    if run.attempts < FEW_ATTEMPTS or run.query_id is None:
        return MOST_ATTEMPTS
    before = Harvest.objects.filter(query_id=run.query_id, pk__lt=run.pk, window="")
    last = before.order_by("-pk").values_list("missing", flat=True).first()
    return FEW_ATTEMPTS if last else MOST_ATTEMPTS


def interrupt(run: Harvest, why: str) -> None:
    """A person stopped it; the same window begun again goes on from here."""
    _note(run, None, why, state=State.INTERRUPTED)


def _note(run: Harvest, asker: Asker | None, error: Exception | str, **values: object) -> None:
    """Write what went wrong, if the run is still this process's."""
    values |= {"error": str(error), "asked": run.asked + (asker.count if asker else 0)}
    if values.get("state", State.RUNNING) != State.RUNNING:
        values |= {"finished_at": timezone.now(), "holder": ""}
    values["heartbeat_at"] = timezone.now()
    with transaction.atomic():
        if not own(run).update(**values):
            raise TakenOver
        for name, value in values.items():
            setattr(run, name, value)
        notes.trouble(run, error)
    if run.state == State.FAILED and run.query and not run.window:
        Query.objects.filter(pk=run.query.pk).update(last_pulled_at=timezone.now())


def _note_attempt(
    run: Harvest, asker: Asker, error: Exception, *, gives_up: bool, **values: object
) -> None:
    attempts = run.attempts + 1
    failed = gives_up and attempts >= MOST_ATTEMPTS + (run.way == Way.SEARCH)
    values |= {
        "attempts": min(attempts, 1000),
        "state": State.FAILED if failed else State.RUNNING,
    }
    _note(run, asker, error, **values)


def _save(run: Harvest, answer: Answer, asker: Asker) -> None:
    """The page's papers, the account and the cursor, all or nothing."""
    with transaction.atomic():
        if not own(run).select_for_update().values_list("pk").first():
            raise TakenOver
        account.enter(run, answer)
        run.asked += asker.count
        run.attempts, run.error = answer.attempts, ""
        run.heartbeat_at = timezone.now()
        run.responded_at = run.responded_at or answer.responded_at
        run.token = answer.token
        if answer.expected is not None:
            run.expected = answer.expected
        cursor = answer.cursor
        if cursor is None:
            run.cursor_from, run.cursor_seen, run.holder = run.until, [], ""
            run.finished_at = run.heartbeat_at
            run.state, run.error = answer.verdict, answer.problem
            run.missing = answer.missing
            account.tell_query(run)
        else:
            run.cursor_from, run.cursor_until = cursor.since, cursor.until
            run.cursor_start, run.cursor_seen = cursor.start, sorted(cursor.seen)
        run.save()
        notes.page(run)
