"""The life of one audit: list a set's identifiers, compare, fetch what is missing.

Each step is one request, saved in one transaction, so a process may die anywhere and the
next one goes on. Who works on an audit holds its `step`, as with runs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ingest import alarms, asking_oai, coverage, gaps, holding
from ingest.arxiv import ArxivRefused, ArxivUnavailable, BadAnswer, Incomplete, QueryRejected
from ingest.asking import Asker
from ingest.coverage import Range
from ingest.holding import TakenOver, is_free, keep, own
from ingest.models import Alarm, Audit, Harvest, Query
from ingest.oai import BadToken, Headers, Selective, require_set
from ingest.pace import NotYet, Stopped

MOST_ATTEMPTS = 20  # bad answers in a row; with the pace's waits, half a day
NIGHT = time(6, tzinfo=UTC)  # when the runs of the day should be over

State = Harvest.State


def begin(
    spec: str,
    *,
    trigger: str,
    months: tuple[str, str] | None = None,
    fetches: bool = True,
) -> Audit:
    """The unfinished audit of this set over these months, gone on with; or a new one.

    Without months, over what runs have covered. Raises coverage.NothingCovered.
    """
    window = "..".join(months) if months else ""
    wanted = coverage.of_months(*months) if months else coverage.of_set(spec)
    return _begin(spec, window, wanted, trigger=trigger, fetches=fetches)


def begin_after(run: Harvest) -> Audit | None:
    """List what a run has missed for an audit of its own; None: its search is no whole set."""
    spec = coverage.spec_of(Query(way=run.way, search=run.search, match=run.match))
    if not spec or run.known_only:
        return None
    wanted = coverage.of_set(spec, run.since)
    audit = _begin(spec, f"run {run.pk}", wanted, trigger=Harvest.Trigger.SCHEDULE)
    audit.reason = run.error
    audit.save(update_fields=["reason"])
    return audit


def begin_nightly() -> list[Audit]:
    """Those of the last night that have not begun, of what runs had covered by then."""
    now = timezone.now()
    night = datetime.combine(now.date(), NIGHT)
    night -= timedelta(days=night > now)
    queries = Query.objects.filter(enabled=True, watermark__lt=night)
    due = set(filter(None, map(coverage.spec_of, queries)))
    if due:
        begun = Audit.objects.filter(spec__in=due, window="", started_at__gte=night)
        due.difference_update(begun.values_list("spec", flat=True))
    return [begin(spec, trigger=Harvest.Trigger.SCHEDULE) for spec in sorted(due)]


def _begin(
    spec: str, window: str, wanted: Range, *, trigger: str, fetches: bool = True
) -> Audit:
    same = Audit.objects.filter(spec=require_set(spec), window=window)
    try:
        with transaction.atomic():
            unfinished = same.exclude(state=State.DONE).select_for_update().order_by("-pk")
            audit = unfinished.first()
            if audit and (audit.is_running or window or audit.is_recent):
                _reopen(audit, fetches=fetches)
                return audit
            return Audit.objects.create(
                spec=spec,
                window=window,
                first=wanted.first,
                last=wanted.last,
                since=wanted.since,
                trigger=trigger,
                fetches=fetches,
            )
    except IntegrityError:  # begun by another in the meantime
        return same.running().get()


def reopen(audit: Audit) -> None:
    """Let one that ended badly go on where it stopped, unless its like runs already."""
    with transaction.atomic():
        audit = Audit.objects.select_for_update().get(pk=audit.pk)
        same = Audit.objects.filter(spec=audit.spec, window=audit.window)
        has_stopped = audit.state in {State.FAILED, State.INTERRUPTED}
        if has_stopped and not same.running().exists():
            _reopen(audit, fetches=audit.fetches)


def _reopen(audit: Audit, *, fetches: bool) -> None:
    audit.fetches = audit.fetches or fetches
    if not audit.is_running:
        holding.run_again(audit)
    audit.save()


def claim(pk: int, step: int | None = None) -> Audit | None:
    """As `holding.claim`."""
    return holding.claim(Audit.objects.all(), pk, step)


def next_free() -> Audit | None:
    """The one that should be gone on with; None if one is in hands, or all wait.

    One after another: the pace would not let them go faster side by side.
    """
    able = [a for a in Audit.objects.running().newest_first() if not a.is_waiting]
    if all(map(is_free, able)):
        return able[-1] if able else None
    return None


def advance(audit: Audit, beat: Callable[[], None] = lambda: None) -> None:
    """One step of an audit that the caller has claimed.

    What arXiv does wrong is noted on it, not raised: it still runs, waits (`not_before`),
    or has ended. Raises TakenOver.
    """

    def alive() -> None:
        keep(audit)
        beat()

    asker = Asker(alive)
    try:
        if audit.compared_at is None:
            _list(audit, asker)
        else:
            _fetch(audit, asker)
    except NotYet as wait:
        _note(audit, asker, str(wait), not_before=wait.until)
    except (Stopped, ArxivRefused) as refusal:
        _note(audit, asker, str(refusal), state=State.INTERRUPTED)
    except BadToken as error:
        _note_attempt(audit, asker, error, token="", passed=0, ids=[], gone=[])
    except QueryRejected as rejection:
        _note(audit, asker, str(rejection), state=State.FAILED)
    except BadAnswer as error:
        _note_attempt(audit, asker, error)
    except ArxivUnavailable as error:
        _note(audit, asker, str(error))


def interrupt(audit: Audit, why: str) -> None:
    """A person stopped it; the same one begun again goes on from here."""
    _note(audit, None, why, state=State.INTERRUPTED)


def _note(audit: Audit, asker: Asker | None, error: str, **values: object) -> None:
    """Write what went wrong, if the audit is still this process's."""
    values |= {"error": error, "asked": audit.asked + (asker.count if asker else 0)}
    values["heartbeat_at"] = timezone.now()
    if values.get("state", State.RUNNING) != State.RUNNING:
        values |= {"finished_at": timezone.now(), "holder": ""}
    if not own(audit).update(**values):
        raise TakenOver
    for name, value in values.items():
        setattr(audit, name, value)


def _note_attempt(audit: Audit, asker: Asker, error: Exception, **values: object) -> None:
    attempts = audit.attempts + 1
    state = State.FAILED if attempts >= MOST_ATTEMPTS else State.RUNNING
    _note(audit, asker, str(error), attempts=attempts, state=state, **values)


def _list(audit: Audit, asker: Asker) -> None:
    """One page of identifiers; after the last one everything is compared."""
    wanted = Range(audit.first, audit.last)
    arxiv = asking_oai.client()
    selective = Selective(audit.spec, wanted.begins_on)
    page = asker(lambda: arxiv.identifiers(selective, audit.token))
    _require_whole(audit, page)
    ids, gone = set(audit.ids), set(audit.gone)
    for header in page.headers:
        if header.arxiv_id in wanted:
            ids.discard(header.arxiv_id)
            gone.discard(header.arxiv_id)
            (gone if header.deleted else ids).add(header.arxiv_id)
    with _saving(audit, asker):
        audit.ids, audit.gone, audit.token = sorted(ids), sorted(gone), page.token
        audit.passed += page.count
        audit.unreadable += page.refused
        if not page.token:
            gaps.compare(audit)


def _require_whole(audit: Audit, page: Headers) -> None:
    if page.start is not None and page.start != audit.passed:
        raise BadToken(f"arXiv went on at {page.start:,} of the list, not at {audit.passed:,}")
    after = audit.passed + page.count
    if page.total is not None and not page.token and after < page.total:
        raise Incomplete(f"arXiv announced {page.total:,} identifiers and sent {after:,}")


def _fetch(audit: Audit, asker: Asker) -> None:
    found = gaps.ask(audit, asker)
    with _saving(audit, asker):
        gaps.enter(audit, found)


@contextmanager
def _saving(audit: Audit, asker: Asker) -> Iterator[None]:
    """All of a step or nothing; the last one ends the audit."""
    with transaction.atomic():
        if not own(audit).select_for_update().values_list("pk").first():
            raise TakenOver
        yield
        audit.asked += asker.count
        audit.attempts, audit.error = 0, ""
        audit.heartbeat_at = timezone.now()
        if audit.compared_at and not (audit.fetches and audit.open):
            audit.state, audit.finished_at, audit.holder = State.DONE, audit.heartbeat_at, ""
            _tell(audit)
        audit.save()


def _tell(audit: Audit) -> None:
    """An alarm while papers of the set stay away; it closes with an audit that misses none."""
    away = audit.lost if audit.fetches else audit.missing
    if away:
        facts: dict[str, object] = {"missing": away, "set": audit.spec}
        alarms.raise_alarm(Alarm.Kind.GAPS, audit.spec, facts)
    else:
        alarms.close(Alarm.Kind.GAPS, audit.spec)
