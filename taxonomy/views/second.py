"""Second readings, what is disputed between two, and how far people agree."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxonomy import agreed, second_readings, vocabulary
from taxonomy.errors import NotYours
from taxonomy.forms.second import JudgementForm, SettlingForm, ShareForm
from taxonomy.models import (
    Concept,
    GoldPaper,
    Judgement,
    Paper,
    ReadingPolicy,
    SecondReading,
    Suggestion,
)
from taxonomy.search import base_arxiv_id
from taxonomy.views.http import CuratorRequest, PageRequest, curators_only, only_with
from taxonomy.vocabulary import Term, Vocabulary

editors_only = only_with("taxonomy.change_secondreading", "taxonomy:disputes")


@dataclass(frozen=True)
class Disputed:
    """A concept that one of two gave to a paper."""

    term: Term
    pk: int
    side: str  # who gave it


@never_cache
@require_safe
@curators_only
def reading(request: CuratorRequest) -> HttpResponse:
    """The next paper, and what might fit it: no word of what anybody said before."""
    found = second_readings.take_next(request.user)
    terms = vocabulary.current()
    context: dict[str, object] = {"reading": found}
    if found:
        rows = Suggestion.objects.filter(paper=found.paper).order_by("-score", "concept_id")
        offered = [terms.by_id[pk] for pk in rows.values_list("concept_id", flat=True)]
        context |= {"offered": offered, "more": _by_group(terms, offered)}
    return render(request, "second/reading.html", context)


@require_POST
@curators_only
def judge(request: CuratorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SecondReading, pk=pk)
    form = JudgementForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("One of the concepts is not known. Nothing was kept."))
        return redirect("taxonomy:reading")
    given = form.given()
    try:
        second_readings.judge(reading=found, curator=request.user, concepts=given)
    except NotYours as error:
        messages.error(request, str(error))
    else:
        kept = ngettext("Kept: %d concept fits.", "Kept: %d concepts fit.", len(given))
        messages.success(request, kept % len(given))
    return redirect("taxonomy:reading")


@never_cache
@require_safe
@editors_only
def disputes(request: CuratorRequest) -> HttpResponse:
    """The oldest dispute, concept by concept, without names."""
    waiting = SecondReading.objects.disputed()
    found = waiting.with_paper().first()
    context = {
        "reading": found,
        "rows": _disputed(found) if found else [],
        "waiting": waiting.count(),
        "policy": ReadingPolicy.objects.current(),
    }
    return render(request, "second/disputes.html", context)


@require_POST
@editors_only
def settle(request: CuratorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SecondReading, pk=pk)
    ids = [row.pk for row in _disputed(found)]
    form = SettlingForm(Concept.objects.filter(pk__in=ids), request.POST)
    if not form.is_valid():
        messages.error(request, _("Say of each concept whether it fits."))
        return redirect("taxonomy:disputes")
    second_readings.settle(reading=found, editor=request.user, verdicts=form.verdicts())
    messages.success(request, _("Settled."))
    return redirect("taxonomy:disputes")


@require_POST
@editors_only
def set_share(request: CuratorRequest) -> HttpResponse:
    form = ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The share is a whole number from 0 to 100."))
        return redirect("taxonomy:disputes")
    share = form.cleaned_data["share"]
    second_readings.set_share(share=share, editor=request.user)
    messages.success(request, _("From now on %d papers in a hundred are read twice.") % share)
    return redirect("taxonomy:disputes")


@require_POST
@editors_only
def mark_gold(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    """A gold paper becomes an ordinary one again, and the other way round."""
    papers = Paper.objects.defer("search")
    paper = get_object_or_404(papers, arxiv_id=base_arxiv_id(arxiv_id))
    if GoldPaper.objects.filter(paper=paper).exists():
        second_readings.unmark_gold(paper=paper)
        messages.success(request, _("No gold paper any more."))
    else:
        second_readings.mark_gold(paper=paper, editor=request.user)
        messages.success(request, _("A gold paper now: its tags are taken as true."))
    return redirect(paper)


@require_safe
def agreement(request: PageRequest) -> HttpResponse:
    """For everyone to read."""
    found = agreed.measured(vocabulary.current())
    return render(request, "second/agreement.html", {"found": found})


@never_cache
@require_safe
@curators_only
def own(request: CuratorRequest) -> HttpResponse:
    """A curator's own work; nobody else's."""
    return render(request, "second/own.html", {"own": agreed.of_curator(request.user)})


def _by_group(terms: Vocabulary, offered: Collection[Term]) -> list[tuple[str, list[Term]]]:
    """What is not offered: challenges group by group, then domains, each by its label."""
    names = {group.slug: group.label for group in terms.groups}
    found: dict[str, list[Term]] = {name: [] for name in names.values()}
    for term in sorted(terms, key=lambda term: term.label.casefold()):
        if not term.deprecated and term not in offered:
            other = _("Domains") if term.kind == Concept.Kind.DOMAIN else _("Challenges")
            found.setdefault(names.get(term.hue, other), []).append(term)
    return [(name, among) for name, among in found.items() if among]


def _disputed(reading: SecondReading) -> list[Disputed]:
    terms = vocabulary.current().by_id
    sides: dict[int, list[str]] = {}
    given = Judgement.objects.filter(reading=reading).order_by("concept_id")
    for side, concept in given.values_list("side", "concept_id"):
        sides.setdefault(concept, []).append(side)
    return [
        Disputed(terms[concept], concept, by[0])
        for concept, by in sides.items()
        if len(by) == 1
    ]
