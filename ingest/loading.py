"""The life of one load of a snapshot: begin or go on, take chunks in side by side, end it.

A load is a `Harvest` of its own way: `search` is the file, `window` what was asked for of
it. `cursor_start` is the line up to which all is here; `cursor_seen` holds the spans behind
it that are here already, since several threads take chunks in at once. Papers, account and
cursor of a chunk are saved in one transaction, so a process may die anywhere and the same
command goes on.
"""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time

import psycopg
from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from ingest import account, feed, harvest, notes, staging
from ingest.holding import TakenOver
from ingest.models import Harvest, HarvestNote, Way
from ingest.selection import Selection
from ingest.snapshot_file import Damaged, SnapshotFile, Span

# While one reads lines, PostgreSQL works for the others: more than two of them, so that two
# cores are busy when one waits for the disk or for a lock.
THREADS = 4
TRIES = 5  # of a chunk that PostgreSQL gave up because of another transaction

State = Harvest.State


class Held(Exception):
    """Another process is loading this file."""


def begin(file: SnapshotFile, selection: Selection) -> Harvest:
    """The unfinished load of this file with this selection, claimed; or a new one.

    Raises Held while a living process is on it.
    """
    search = f"{file.name[:900]} {file.fingerprint}"
    match, window = selection.match[:500], _name(selection)
    same = Harvest.objects.filter(way=Way.SNAPSHOT, search=search, match=match, window=window)
    since = selection.since or date(feed.EARLIEST, 1, 1)
    start = datetime.combine(since, time(), tzinfo=UTC)
    until = max(timezone.now(), start)
    try:
        with transaction.atomic():
            run = same.unfinished().select_for_update(of=("self",)).order_by("-pk").first()
            if run is None:
                run = Harvest.objects.create(
                    way=Way.SNAPSHOT,
                    search=search,
                    match=match,
                    window=window,
                    trigger=Harvest.Trigger.COMMAND,
                    since=start,
                    until=until,
                    cursor_from=start,
                    cursor_until=until,
                )
                notes.begun(run)
            elif not run.is_running:
                run.state, run.finished_at, run.error, run.holder = State.RUNNING, None, "", ""
                run.save(update_fields=["state", "finished_at", "error", "holder"])
                notes.resumed(run)
    except IntegrityError:  # begun by another in the meantime
        run = same.running().get()
    claimed = harvest.claim(run.pk)
    if claimed is None:
        run.refresh_from_db()
        host, number, *_ = [*run.holder.split(), "?", "?"]
        raise Held(
            f"Process {number} on {host} is loading this file and stands at line "
            f"{run.cursor_start:,}. Wait for it, or stop it and run the same command: it goes "
            "on from there."
        )
    return claimed


def _name(selection: Selection) -> str:
    """The filters in one line, as the column has room for them."""
    parts = [",".join(sorted(selection.categories))]
    parts += [f"since {selection.since}"] if selection.since else []
    parts += [f"with {selection.match}"] if selection.match else []
    name = " ".join(filter(None, parts))
    if len(name) <= 60:
        return name
    return f"{name[:43]}…{hashlib.sha256(name.encode()).hexdigest()[:16]}"


class Load:
    """A claimed run and the file it reads, worked on by a few threads."""

    def __init__(self, run: Harvest, file: SnapshotFile, selection: Selection) -> None:
        self.run, self.file, self.selection = run, file, selection
        self.chunks = file.chunks([(0, run.cursor_start), *_spans(run)])
        self.reading = threading.Lock()
        self.stopping = threading.Event()
        self.problem: BaseException | None = None
        self.threads = [threading.Thread(target=self._work) for _ in range(THREADS)]

    def work(self, beat: Callable[[], None] = lambda: None, every: float = 1.0) -> None:
        """To the end of the file; `beat` is called now and then.

        Raises TakenOver, or what else went wrong; whatever was saved by then is kept.
        """
        for thread in self.threads:
            thread.start()
        try:
            for thread in self.threads:
                while thread.is_alive():
                    thread.join(every)
                    beat()
            if self.problem is None:
                _tidy()
        except BaseException as error:
            self._end(error)
            raise
        self._end(self.problem)
        if self.problem is not None and not isinstance(self.problem, Damaged):
            raise self.problem

    def _work(self) -> None:
        try:
            staging.prepare_session()
            for span, batch in self._batches():
                self._save(span, batch)
        except BaseException as error:  # whatever it is, the others stop and work() tells
            self.problem = self.problem or error
            self.stopping.set()
        finally:
            connection.close()

    def _batches(self) -> Iterator[tuple[Span, staging.Batch]]:
        """Of the one file, each to one thread.

        Python does one thing at a time anyway; threads that fight for it slow each other.
        """
        while not self.stopping.is_set():
            with self.reading:
                chunk = next(self.chunks, None)
                if chunk is None:
                    return
                batch = staging.understand(chunk.lines, self.selection)
            yield chunk.span, batch

    def _save(self, span: Span, batch: staging.Batch) -> None:
        for left in reversed(range(TRIES)):
            try:
                with transaction.atomic():
                    taken = staging.take_in(batch, timezone.now())
                    run = _account(self.run, span, taken)
                self.run = run
                return
            except OperationalError as error:
                if not left or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                    raise

    def _end(self, problem: BaseException | None) -> None:
        """Write how it ended, if the run is still this process's."""
        if problem is None:
            state, error = State.DONE, ""
        elif isinstance(problem, Damaged):
            state, error = State.FAILED, str(problem)
        elif isinstance(problem, KeyboardInterrupt):
            state, error = State.INTERRUPTED, "interrupted on the command line"
        else:
            state, error = State.INTERRUPTED, str(problem) or type(problem).__name__
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        with contextlib.suppress(Error):
            self._write_end(state, error)

    @transaction.atomic
    def _write_end(self, state: str, error: str) -> None:
        own = Harvest.objects.running().filter(pk=self.run.pk, step=self.run.step)
        now = timezone.now()
        mine = own.update(
            state=state, error=error, holder="", finished_at=now, heartbeat_at=now
        )
        self.run.refresh_from_db()
        if mine:
            kind = HarvestNote.Kind.DONE if state == State.DONE else HarvestNote.Kind.STOPPED
            HarvestNote.objects.tell(self.run, kind, error)


def _account(run: Harvest, span: Span, taken: staging.Taken) -> Harvest:
    """The run as it is after this chunk, saved. Raises TakenOver."""
    rows = Harvest.objects.running().filter(pk=run.pk, step=run.step)
    held = rows.select_for_update().first()
    if held is None:
        raise TakenOver
    held.new += taken.new
    held.updated += taken.updated
    held.unchanged += taken.unchanged
    held.skipped += taken.skipped
    held.refused += taken.refused
    held.received = held.new + held.updated + held.unchanged + held.skipped + held.refused
    spans = sorted([*_spans(held), span])
    while spans and spans[0][0] <= held.cursor_start:
        held.cursor_start = max(held.cursor_start, spans.pop(0)[1])
    held.cursor_seen = [f"{first}-{end}" for first, end in spans]
    held.heartbeat_at = timezone.now()
    held.save()
    # The same line twice in a file is one to look at, and two in the account.
    account.keep_refused(held, taken.refusals, taken.unfit)
    return held


def _spans(run: Harvest) -> list[Span]:
    return [(int(first), int(end)) for first, end in (s.split("-") for s in run.cursor_seen)]


def _tidy() -> None:
    """What waits to get into the text index gets there; searches are as fast as ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gin_clean_pending_list('paper_search'), "
            "gin_clean_pending_list('paper_categories')"
        )
