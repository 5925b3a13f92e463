"""Numbers for a machine that watches the site, in Prometheus's text format."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ingest.models import Pace, Query
from taxonomy import counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, str, float]  # name, help, value


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Five queries on small tables and counters; 503 when the database is away."""
    try:
        lines = [line for sample in _samples() for line in _lines(*sample)]
    except DatabaseError:
        return HttpResponse("kadai_up 0\n", content_type=CONTENT_TYPE, status=503)
    return HttpResponse("\n".join([*lines, ""]), content_type=CONTENT_TYPE)


def _samples() -> Iterator[Sample]:
    yield "kadai_up", "The database answers.", 1
    yield "kadai_papers", "Papers in the atlas.", counts.papers_total()
    yield "kadai_tags", "Tags, by concept and month summed.", sum(counts.totals().values())
    waiting = counts.waiting()
    yield "kadai_papers_waiting", "Papers that wait for a curator, counted to a cap.", waiting
    pace = Pace.objects.filter(pk=1).first()
    if pace and pace.last_asked_at:
        yield "kadai_arxiv_reachable", "arXiv answered when last asked.", not pace.failures
    pulled_at = Query.objects.aggregate(at=Max("last_pulled_at"))["at"] or datetime(
        1970, 1, 1, tzinfo=UTC
    )
    yield "kadai_last_pull_seconds", "When a query was last pulled.", pulled_at.timestamp()


def _lines(name: str, help_text: str, value: float) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} gauge"
    yield f"{name} {float(value):g}" if abs(value) < 1_000_000 else f"{name} {value:.0f}"


urlpatterns = [path("metrics", metrics)]
