"""What is wrong now, as far as the runs, the pace and the refusals show it. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from ingest import announcements
from ingest.models import Alarm, Harvest, Pace, Query, Refusal, Way

UNREACHABLE_AFTER = timedelta(hours=1)
OVERDUE_AFTER = 3  # intervals without a successful run
RECENT = 20  # runs of each query that are looked at
ENOUGH = 3  # runs that brought papers, until one that brings none is odd
MANY = 20  # records refused in a day
LONGEST_COUNT = 10_000
FORGOTTEN_AFTER = timedelta(days=30)  # a failed run that nobody goes on with
MOST_RUNS = 100
ALIKE = ("way", "search", "match", "known_only", "window")  # runs after the same papers

Kind = Alarm.Kind
State = Harvest.State

# What `standing` finds; other kinds are raised and closed by those who look for them.
KINDS = (
    Kind.REFUSED_US,
    Kind.UNREACHABLE,
    Kind.RUN_FAILED,
    Kind.OVERDUE,
    Kind.NO_RESULTS,
    Kind.RECORDS_REFUSED,
)


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong; `facts` are JSON, for words in any language."""

    kind: str
    subject: Query | Harvest | str
    facts: dict[str, object] | None  # None: as they were said last


def standing() -> Iterator[Cause]:
    """Everything that is wrong now. Four queries, however much there is."""
    yield from _of_the_pace()
    yield from _of_the_refusals()
    yield from _of_the_queries()
    yield from _of_single_runs()


def _of_the_pace() -> Iterator[Cause]:
    pace = Pace.objects.filter(id=1).first()
    if pace is None:
        return
    if pace.stopped:
        yield Cause(Kind.REFUSED_US, "", {"error": pace.last_error})
    elif pace.failing_since and pace.failing_since < timezone.now() - UNREACHABLE_AFTER:
        since = pace.failing_since.isoformat()
        yield Cause(Kind.UNREACHABLE, "", {"since": since, "error": pace.last_error})


def _of_the_refusals() -> Iterator[Cause]:
    """Each record counts once, however many runs refused it."""
    day = Refusal.objects.open().filter(created_at__gt=timezone.now() - timedelta(days=1))
    count = day.values("digest").distinct()[:LONGEST_COUNT].count()
    if count > MANY:
        yield Cause(Kind.RECORDS_REFUSED, "", {"records": count})


def _of_the_queries() -> Iterator[Cause]:
    runs: dict[Query, list[Harvest]] = defaultdict(list)
    newest = Window(RowNumber(), partition_by=F("query"), order_by=F("id").desc())
    recent = Harvest.objects.filter(query__enabled=True, window="").annotate(nth=newest)
    for run in recent.filter(nth__lte=RECENT).select_related("query").order_by("-pk"):
        if run.query:
            runs[run.query].append(run)
    for query, newest_first in runs.items():
        yield from _of_a_query(query, newest_first)


def _of_a_query(query: Query, runs: Sequence[Harvest]) -> Iterator[Cause]:
    if since := overdue_since(query, runs):
        yield Cause(Kind.OVERDUE, query, {"since": since.isoformat()})
    done = [run for run in runs if run.state == State.DONE]
    if done and is_odd(done[0], done[1:]):
        window = {"since": done[0].since.isoformat(), "until": done[0].until.isoformat()}
        yield Cause(Kind.NO_RESULTS, query, {"run": done[0].pk, **window})


def overdue_since(query: Query, runs: Sequence[Harvest]) -> datetime | None:
    """When the last success was, or the first try, if that is too long ago. Newest run first.

    A query that was paused for long is not overdue before it has been tried for an interval.
    """
    done = next((n for n, run in enumerate(runs) if run.state == State.DONE), len(runs))
    tried = runs[:done]
    if not tried:
        return None
    success = runs[done].finished_at if done < len(runs) else None
    since = success or tried[-1].started_at
    now = timezone.now()
    too_long = now - since > OVERDUE_AFTER * query.interval
    return since if too_long and now - tried[-1].started_at > query.interval else None


def is_odd(run: Harvest, before: Iterable[Harvest]) -> bool:
    """It brought nothing, though each of the last runs that could bring no more brought some.

    `before` are older runs that ended well, newest first. How much a run could bring goes by
    arXiv's announcements: over a weekend there are none, and nothing is what is expected.
    """
    could = _announcements(run)
    if run.received or not could:
        return False
    same = (run.way, run.search)
    alike = [one for one in before if (one.way, one.search) == same]
    comparable = [one for one in alike if 0 < _announcements(one) <= could]
    brought = [one.received > 0 for one in comparable[:ENOUGH]]
    return len(brought) == ENOUGH and all(brought)


def _announcements(run: Harvest) -> int:
    """How many of arXiv's announcements the run could see."""
    seen_at = run.finished_at or timezone.now()
    if run.way == Way.OAI:
        return announcements.rounds(run.since, min(run.until, seen_at))
    return announcements.batches(run.since, run.until, seen_at)


def _of_single_runs() -> Iterator[Cause]:
    """Failed, and nothing like it has ended well since. One that goes on has yet to show it."""
    later = Harvest.objects.filter(state=State.DONE, pk__gt=OuterRef("pk"))
    same = later.filter(**{name: OuterRef(name) for name in ALIKE})
    same_query = later.filter(query=OuterRef("query"), window=OuterRef("window"))
    alarms = Alarm.objects.filter(kind=Kind.RUN_FAILED, harvest=OuterRef("pk"))
    aside = alarms.filter(closed_by__isnull=False, closed_at__gte=OuterRef("finished_at"))
    runs = Harvest.objects.filter(
        Q(state=State.FAILED, finished_at__gt=timezone.now() - FORGOTTEN_AFTER)
        & ~Exists(same) & ~Exists(same_query) & ~Exists(aside)
        | Q(state=State.RUNNING) & Exists(alarms.open())
    )  # fmt: skip
    for run in runs.select_related("query").order_by("pk")[:MOST_RUNS]:
        failed = run.state == State.FAILED
        yield Cause(Kind.RUN_FAILED, run, {"error": run.error} if failed else None)
