"""The ingest in figures, for a machine that watches. Seven queries, however many papers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Sum
from django.utils import timezone

from ingest.models import Alarm, DatabaseClock, Delivery, Harvest, Pace, Query, Refusal, Way
from taxonomy.models import Screening

Samples = list[tuple[dict[str, str], float]]  # labels, value

OUTCOMES = ("new", "updated", "unchanged", "skipped", "refused")
WAITING_CAP = 10_000


class Measure(NamedTuple):
    name: str
    help: str
    samples: Samples
    kind: str = "gauge"


def all_of_them() -> Iterator[Measure]:
    """What has no value yet has no sample."""
    yield from _of_arxiv()
    yield from _of_the_queries()
    yield from _of_the_runs()
    yield from _of_what_waits()


def _of_arxiv() -> Iterator[Measure]:
    pace = Pace.objects.annotate(now=DatabaseClock()).filter(pk=1).first()
    if pace is None or pace.last_asked_at is None:
        return
    now: datetime = pace.now
    opens = max(filter(None, (pace.next_allowed_at, pace.open_until)))
    is_open = bool(pace.open_until and pace.open_until > now)
    for name, text, value in (
        ("kadai_arxiv_reachable", "arXiv answered when last asked.", not pace.failures),
        ("kadai_arxiv_failures", "Failed requests in a row.", pace.failures),
        ("kadai_arxiv_circuit_open", "Nothing is asked before a wait has ended.", is_open),
        ("kadai_arxiv_stopped", "arXiv refused us; a person must say go on.", pace.stopped),
        (
            "kadai_arxiv_next_request_seconds",
            "Until the next request is allowed.",
            max((opens - now).total_seconds(), 0),
        ),
    ):
        yield Measure(name, text, [({}, value)])
    if pace.last_success_at:
        age = (now - pace.last_success_at).total_seconds()
        yield Measure(
            "kadai_arxiv_answer_age_seconds", "Since arXiv's last answer.", [({}, age)]
        )


def _of_the_queries() -> Iterator[Measure]:
    now = timezone.now()
    queries = list(Query.objects.values_list("slug", "enabled", "watermark", "last_pulled_at"))
    pulled_at = max((at.timestamp() for *_, at in queries if at), default=0)
    yield Measure("kadai_last_pull_seconds", "When a query was last pulled.", [({}, pulled_at)])
    ages: Samples = [
        ({"query": slug}, (now - mark).total_seconds())
        for slug, enabled, mark, _ in queries
        if enabled and mark
    ]
    yield Measure(
        "kadai_query_watermark_age_seconds", "How old the newest complete moment is.", ages
    )


def _of_the_runs() -> Iterator[Measure]:
    sums = {name: Sum(name) for name in ("asked", "received", *OUTCOMES)}
    grouped = Harvest.objects.order_by("way", "state").values("way", "state")
    rows: list[Any] = list(grouped.annotate(n=Count("pk"), **sums))
    runs: Samples = [({"way": row["way"], "state": row["state"]}, row["n"]) for row in rows]
    yield Measure("kadai_ingest_runs", "Runs by state.", runs)

    def total(way: str, name: str) -> float:
        return float(sum(row[name] for row in rows if row["way"] == way))

    asked: Samples = [({"way": way}, total(way, "asked")) for way in Way.values]
    yield Measure("kadai_ingest_requests_total", "Requests to arXiv.", asked, "counter")
    received: Samples = [({"way": way}, total(way, "received")) for way in Way.values]
    yield Measure("kadai_ingest_records_total", "Records received.", received, "counter")
    became: Samples = [
        ({"way": way, "outcome": name}, total(way, name))
        for way in Way.values
        for name in OUTCOMES
    ]
    yield Measure(
        "kadai_ingest_outcomes_total", "What became of the records.", became, "counter"
    )


def _of_what_waits() -> Iterator[Measure]:
    counted = Alarm.objects.open().order_by("kind").values_list("kind").annotate(Count("pk"))
    alarms = dict(counted)
    open_: Samples = [({"kind": kind}, alarms.get(kind, 0)) for kind in Alarm.Kind.values]
    yield Measure("kadai_alarms", "Open alarms.", open_)
    untold = Delivery.objects.waiting().exclude(error="").count()
    yield Measure("kadai_alarms_untold", "Messages that were not received yet.", [({}, untold)])
    refused = Refusal.objects.open()[:WAITING_CAP].count()
    yield Measure(
        "kadai_refusals", "Refused records that are not settled, to a cap.", [({}, refused)]
    )
    identified = Screening.objects.filter(state=Screening.State.IDENTIFIED)
    yield Measure(
        "kadai_papers_identified",
        "Papers that wait for suggestions, counted to a cap.",
        [({}, identified[:WAITING_CAP].count())],
    )
