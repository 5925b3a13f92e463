"""Numbers for a machine that watches the site, in Prometheus's text format."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ingest import measures
from ingest.measures import Measure
from taxonomy import counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Ten queries on small tables and counters; 503 when the database is away."""
    try:
        lines = [line for measure in _measures() for line in lines_of(measure)]
    except DatabaseError:
        return HttpResponse("kadai_up 0\n", content_type=CONTENT_TYPE, status=503)
    return HttpResponse("\n".join([*lines, ""]), content_type=CONTENT_TYPE)


def _measures() -> Iterator[Measure]:
    tags = sum(counts.totals().values())
    for name, text, value in (
        ("kadai_up", "The database answers.", 1),
        ("kadai_papers", "Papers in the atlas.", counts.papers_total()),
        ("kadai_tags", "Tags, by concept and month summed.", tags),
        (
            "kadai_papers_waiting",
            "Papers that wait for a curator, counted to a cap.",
            counts.waiting(),
        ),
    ):
        yield Measure(name, text, [({}, value)])
    yield from measures.all_of_them()


def lines_of(measure: Measure) -> Iterator[str]:
    """A measure as Prometheus reads it; nothing where it has no sample."""
    if not measure.samples:
        return
    yield f"# HELP {measure.name} {measure.help}"
    yield f"# TYPE {measure.name} {measure.kind}"
    for labels, value in measure.samples:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        number = f"{float(value):g}" if abs(value) < 1_000_000 else f"{value:.0f}"
        yield f"{measure.name}{{{inside}}} {number}" if inside else f"{measure.name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


urlpatterns = [path("metrics", metrics)]
