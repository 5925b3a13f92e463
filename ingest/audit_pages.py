"""Pages about audits: what was compared, what was missing, what became of it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingest import audit, coverage, tasks
from ingest.models import Audit, Harvest
from ingest.views import for_keepers
from taxonomy.views.http import PageRequest

GAPS = 500  # shown on a page; those that cannot be had come first


@require_safe
@for_keepers
def look(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Audit.objects.for_page(), pk=pk)
    part = ""
    if request.htmx:
        brief = request.htmx.target == f"audit-{found.pk}-brief"
        part = "#brief" if brief else "#live"
    context = {"audit": found, "is_part": bool(part)}
    if not part or not found.is_running:
        context["gaps"] = found.gaps.worst_first()[:GAPS]
    response = render(request, f"ingest/audit.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_POST
@for_keepers
def begin(request: PageRequest) -> HttpResponse:
    """One for each set that runs have covered; those under way are shown."""
    begun = [audit.begin(spec, trigger=Harvest.Trigger.PAGE) for spec in coverage.sets()]
    if not begun:
        messages.warning(
            request,
            _(
                "There is nothing to audit: no enabled query takes in a whole category, or its "
                "first run is not done yet."
            ),
        )
        return redirect("ingest:overview")
    transaction.on_commit(tasks.audit_due.delay)
    messages.success(request, _("The audit begins when it is its turn to ask arXiv."))
    return redirect(begun[0]) if len(begun) == 1 else redirect("ingest:overview")


@require_POST
@for_keepers
def again(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Audit.objects.for_page(), pk=pk)
    audit.reopen(found)
    transaction.on_commit(tasks.audit_due.delay)
    messages.success(request, _("The audit goes on where it stopped."))
    return redirect(found)
