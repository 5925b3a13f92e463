"""Deciding on many suggestions at once, and the batches that come of it."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import batches, scopes, vocabulary
from taxonomy.errors import TaxonomyError
from taxonomy.forms.trail import BeginDecisionsForm, BeginForm, SuggestionsForm, TrailForm
from taxonomy.models import Batch, Suggestion
from taxonomy.models.review import SuggestionQuerySet
from taxonomy.selection import SuggestionFilter
from taxonomy.views.http import CuratorRequest, curators_only
from taxonomy.views.trail import asked, begun_page, described
from taxonomy.vocabulary import Term, Vocabulary

NEWEST = 50
PASSED = 50


@dataclass(frozen=True)
class Becomes:
    """A suggestion of the sample, and what accepting it makes of its paper."""

    suggestion: Suggestion
    term: Term
    implied: tuple[Term, ...]
    left: int  # suggestions on the paper that stay open

    @property
    def percent(self) -> int:
        return round(100 * self.suggestion.score)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def select(request: CuratorRequest) -> HttpResponse:
    """Which suggestions, and what would become of them; a POST decides on them."""
    form = SuggestionsForm(request.GET)
    if request.method == "POST":
        return _begin(request, form)
    wanted = form.wanted if form.is_valid() else SuggestionFilter()
    partial = "#outlook" if request.htmx and not request.htmx.history_restore_request else ""
    terms = vocabulary.current()
    context = {"form": form, "asked": asked(request.GET), "key": uuid4(), "partial": partial}
    if not wanted.is_empty:
        outlook, sample = batches.look_at_suggestions(wanted, request.user)
        meant = scopes.their_own(wanted.rows(), request.user)
        context |= {"outlook": outlook, "sample": _becoming(meant, sample, terms)}
    response = render(request, f"trail/bulk.html{partial}", context)
    patch_vary_headers(response, ["HX-Request"])
    if partial:
        response["HX-Replace-Url"] = f"{reverse('taxonomy:bulk')}?{asked(request.GET)}"
    return response


@never_cache
@require_safe
@curators_only
def overview(request: CuratorRequest) -> HttpResponse:
    """The newest batches; older ones are found through the trail."""
    terms = vocabulary.current()
    rows = Batch.objects.for_list()[:NEWEST]
    lines = [(row, " · ".join(map(": ".join, _meant(row, terms)))) for row in rows]
    return render(request, "trail/batches.html", {"lines": lines})


@never_cache
@require_safe
@curators_only
def batch(request: CuratorRequest, pk: UUID) -> HttpResponse:
    return _show(request, get_object_or_404(Batch.objects.for_list(), pk=pk))


@never_cache
@require_POST
@curators_only
def go_on(request: CuratorRequest, pk: UUID) -> HttpResponse:
    """Work on a batch that is not finished, for a few seconds: one's own, or as an editor."""
    found = get_object_or_404(Batch.objects.for_list(), pk=pk)
    _refuse_strangers(request, found)
    batches.go_on(found)
    if not request.htmx:
        return redirect(found)
    return _show(request, Batch.objects.for_list().get(pk=pk), "#live")


@never_cache
@require_POST
@curators_only
def undo(request: CuratorRequest, pk: UUID) -> HttpResponse:
    """Take a batch back as one more batch."""
    found = get_object_or_404(Batch.objects.for_list(), pk=pk)
    _refuse_strangers(request, found)
    form = BeginForm(request.POST)
    if not form.is_valid():  # only a hand-made request gets here
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    try:
        undone = batches.begin_undo(
            batch=found, user=request.user, key=form.cleaned_data["key"]
        )
    except TaxonomyError as error:
        messages.error(request, str(error))
        return redirect(found)
    return begun_page(batches.go_on(undone))


def _begin(request: CuratorRequest, selecting: SuggestionsForm) -> HttpResponse:
    form = BeginDecisionsForm(request.POST)
    if not (selecting.is_valid() and form.is_valid()):  # only a hand-made request gets here
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    try:
        begun = batches.begin_decisions(
            wanted=selecting.wanted, user=request.user, **form.cleaned_data
        )
    except TaxonomyError as error:
        messages.error(request, str(error))
        return redirect("taxonomy:bulk")
    return begun_page(batches.go_on(begun))


def _becoming(
    meant: SuggestionQuerySet, sample: list[Suggestion], terms: Vocabulary
) -> list[Becomes]:
    """Two queries: what is open on those papers, and what of it is meant."""
    papers = [one.paper_id for one in sample]
    rows = Suggestion.objects.open().filter(paper__in=papers)
    opened = Counter(rows.values_list("paper_id", flat=True))
    decided = meant.filter(paper__in=papers)
    opened.subtract(Counter(decided.values_list("paper_id", flat=True)))
    return [
        Becomes(
            suggestion=one,
            term=terms.by_id[one.concept_id],
            implied=tuple(terms.ancestors(one.concept_id)),
            left=opened[one.paper_id],
        )
        for one in sample
    ]


def _show(request: CuratorRequest, found: Batch, partial: str = "") -> HttpResponse:
    own = found.made_by == request.user
    context = {
        "batch": found,
        "selection": _meant(found, vocabulary.current()),
        "passed": found.passed_over.select_related("paper")
        .defer("paper__search")
        .order_by("pk")[:PASSED],
        "undone_by": found.undone_by.order_by("-created_at").first(),
        "may_act": own or _is_editor(request),
        "key": uuid4(),
        "goes_on": bool(partial) or (own and "on" in request.GET),
        "partial": partial,
    }
    return render(request, f"trail/batch.html{partial}", context)


def _meant(batch: Batch, terms: Vocabulary) -> list[tuple[str, str]]:
    form = TrailForm if batch.is_revert else SuggestionsForm
    return described(batch.selection, form, terms)


def _refuse_strangers(request: CuratorRequest, found: Batch) -> None:
    """A batch is its maker's and the editors'."""
    if found.made_by != request.user and not _is_editor(request):
        raise PermissionDenied


def _is_editor(request: CuratorRequest) -> bool:
    return request.user.has_perm("taxonomy.revert_decision")
