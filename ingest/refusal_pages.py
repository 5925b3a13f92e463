"""The page of records that could not be taken in, and what a person does about them."""

from collections import Counter

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ingest import refusals, tasks
from ingest.models import Pace, Query, Refusal, Way
from ingest.refusal_list import SIZE, RefusalFilter
from ingest.views import for_keepers
from taxonomy.views.http import CuratorRequest, PageRequest

LONGEST_NOTE = 300


@require_safe
@for_keepers
def overview(request: PageRequest) -> HttpResponse:
    wanted = RefusalFilter.of(request.GET)
    page = wanted.page()
    context = {
        "wanted": wanted,
        "page": page,
        "kinds": Refusal.Kind.choices,
        "ways": Way.choices,
        "queries": Query.objects.all(),
        "pace": Pace.objects.filter(id=1).first(),
        "here": request.GET.urlencode(),
        "tryable": [row.pk for row in page.rows if not row.is_settled],
    }
    return render(request, "ingest/refusals.html", context)


@require_POST
@for_keepers
def retry(request: CuratorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Refusal, pk=pk)
    row = refusals.retry(found, by=request.user)
    if row.wanted_at:
        transaction.on_commit(tasks.fetch_refused.delay)
    return _answer(request, row, "retry")


@require_POST
@for_keepers
def retry_shown(request: CuratorRequest) -> HttpResponse:
    """Those that the form names; at most a page of them."""
    ids = [pk for pk in request.POST.getlist("pk")[:SIZE] if pk.isascii() and pk.isdigit()]
    rows = [
        refusals.retry(row, by=request.user)
        for row in Refusal.objects.filter(pk__in=ids).open()
    ]
    if any(row.wanted_at for row in rows):
        transaction.on_commit(tasks.fetch_refused.delay)
    messages.success(request, _account(rows))
    return redirect(RefusalFilter.of(request.GET).url())


@require_POST
@for_keepers
def dismiss(request: CuratorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Refusal, pk=pk)
    note = " ".join(request.POST.get("note", "").replace("\x00", "").split())[:LONGEST_NOTE]
    if not note:
        return _answer(request, found, "dismiss", _("Say why it is not needed."))
    row = refusals.dismiss(found, by=request.user, note=note)
    return _answer(request, row, "dismiss")


def _answer(
    request: CuratorRequest, row: Refusal, pressed: str, problem: str = ""
) -> HttpResponse:
    """The line as it is now; without htmx, the list where the person was, and a message.

    `pressed` names the button that had the focus, so that what takes its place has it.
    """
    said = problem or _said(row)
    if not request.htmx:
        (messages.error if problem else messages.success)(request, said)
        back = RefusalFilter.of(request.GET)
        return redirect(f"{back.url(before=back.before, after=back.after)}#refusal-{row.pk}")
    context = {
        "row": Refusal.objects.for_list().get(pk=row.pk),
        "pace": Pace.objects.filter(id=1).first(),
        "here": request.GET.urlencode(),
        "said": said,
        "pressed": pressed,
        "problem": problem,
    }
    return render(request, "ingest/refusals.html#answer", context)


def _said(row: Refusal) -> str:
    if row.is_settled:
        return str(row.get_outcome_display())
    if row.wanted_at:
        return _("arXiv is asked for it anew, when it is its turn.")
    return _("Still refused: %(reason)s") % {"reason": row.still}


def _account(rows: list[Refusal]) -> str:
    """What became of several at once, in one sentence."""
    stood = Counter(
        "settled" if row.is_settled else "asked" if row.wanted_at else "still" for row in rows
    )
    parts = [
        ngettext("%(n)d record is settled", "%(n)d records are settled", stood["settled"]),
        ngettext("arXiv is asked for %(n)d", "arXiv is asked for %(n)d", stood["asked"]),
        ngettext("%(n)d is still refused", "%(n)d are still refused", stood["still"]),
    ]
    counts = (stood["settled"], stood["asked"], stood["still"])
    said = [part % {"n": n} for part, n in zip(parts, counts, strict=True) if n]
    return "; ".join(said) + "." if said else _("Nothing was left to be tried.")
