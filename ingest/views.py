"""The pages of those who look after the harvest."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ingest import bibliography, harvest, pace, queries, run_log, tasks
from ingest.alarms.standing import standing
from ingest.models import Audit, Harvest, Listing, Pace, Query
from ingest.names import STOPPED_BY
from taxonomy.views.http import PageRequest, View, only_with

RUNS = 20
AUDITS = 7
REFUSALS = 100


def for_keepers(view: View) -> View:
    """Whoever may change queries; others are refused, strangers asked to sign in."""
    return never_cache(only_with("ingest.change_query", "ingest:overview")(view))


@require_safe
@for_keepers
def overview(request: PageRequest) -> HttpResponse:
    last = {found.query_id: found for found in Harvest.objects.last_of_each_query()}
    context = {
        "queries": [(query, last.get(query.pk)) for query in Query.objects.all()],
        "runs": Harvest.objects.newest_first()[:RUNS],
        "audits": Audit.objects.newest_first()[:AUDITS],
        "listing": Listing.objects.first(),
        "pace": Pace.objects.filter(id=1).first(),
        "records_waiting": bibliography.waiting().count(),
        "alarms": standing(),
    }
    return render(request, "ingest/overview.html", context)


@require_safe
@for_keepers
def run(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Harvest.objects.select_related("query"), pk=pk)
    part = ""
    if request.htmx:
        brief = request.htmx.target == f"run-{found.pk}-brief"
        part = "#brief" if brief else "#live"
    context = {"run": found, "is_part": bool(part)}
    if part != "#brief":
        notes = list(found.notes.newest_first()[: run_log.SHOWN + 1])
        context |= {"log": run_log.lines(notes), "speed": run_log.speed(found, notes)}
        context["last"] = notes[0] if notes else None
    if not part:
        context["refusals"] = found.refusals.order_by("pk")[:REFUSALS]
    response = render(request, f"ingest/run.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_POST
@for_keepers
def stop(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Harvest, pk=pk)
    harvest.stop(found, STOPPED_BY.format(request.user.get_username()))
    transaction.on_commit(tasks.pull_due.delay)  # the next run may begin
    messages.success(request, _("The run is stopped. It can go on where it stands."))
    return redirect("ingest:run", found.pk)


@require_POST
@for_keepers
def again(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Harvest, pk=pk)
    harvest.reopen(found)
    transaction.on_commit(tasks.pull_due.delay)
    messages.success(request, _("The run goes on where it stopped."))
    return redirect("ingest:run", found.pk)


@require_POST
@for_keepers
def pull_now(request: PageRequest, slug: str) -> HttpResponse:
    query = get_object_or_404(Query, slug=slug)
    begun = harvest.begin(query, trigger=Harvest.Trigger.PAGE)
    transaction.on_commit(tasks.pull_due.delay)
    messages.success(request, _("The run begins when it is its turn to ask arXiv."))
    return redirect("ingest:run", begun.pk)


@require_POST
@for_keepers
def set_enabled(request: PageRequest, slug: str) -> HttpResponse:
    """The wanted state is in the form, so that a second click changes nothing."""
    query = get_object_or_404(Query, slug=slug)
    enabled = request.POST.get("enabled") == "on"
    queries.switch(query, enabled=enabled)
    if enabled:
        text = _("“%(query)s” is pulled on schedule from now on.")
    else:
        text = _("“%(query)s” is pulled only when asked for.")
    messages.success(request, text % {"query": query.title})
    return redirect("ingest:overview")


@require_POST
@for_keepers
def reset_pace(request: PageRequest) -> HttpResponse:
    pace.reset()
    transaction.on_commit(tasks.pull_due.delay)
    messages.success(request, _("arXiv is asked again."))
    return redirect("ingest:overview")
