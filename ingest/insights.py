"""The way to the pages under /insights/, with one figure each."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ingest.models import ConceptCandidate, Measurement, SuggesterModel
from taxonomy import agreed, counts, vocabulary
from taxonomy.views.http import PageRequest


@dataclass(frozen=True)
class Way:
    """A page, and the figure that says most about it."""

    title: str
    url: str
    figure: str
    says: str


@never_cache
@require_safe
def overview(request: PageRequest) -> HttpResponse:
    """For everyone to read. Few queries, each of one row or a count."""
    suggester = reverse("ingest:suggester")
    ways = [
        _suggester(suggester),
        _learning(f"{suggester}#curve"),
        _unseen(f"{suggester}#concepts"),
        Way(
            title=_("Candidates for concepts"),
            url=reverse("ingest:candidates"),
            figure=number_format(ConceptCandidate.objects.open().count(), force_grouping=True),
            says=_("phrases of recent papers that no concept covers"),
        ),
        _agreement(reverse("taxonomy:agreement")),
        _waiting(reverse("taxonomy:review")),
    ]
    return render(request, "insights/overview.html", {"ways": ways})


def _suggester(url: str) -> Way:
    model = SuggesterModel.objects.in_use().first()
    first_right = model.evaluation.get("precision@1") if model else None
    if first_right is None:
        says = _("the vocabulary alone suggests; nothing has been learned yet")
        return Way(_("Suggester"), url, "–", says)
    says = _("of the first suggestions are right, on papers not learned from")
    return Way(_("Suggester"), url, f"{100 * first_right:.0f} %", says)


def _learning(url: str) -> Way:
    curve, _at = Measurement.objects.figures(Measurement.Kind.LEARNING_CURVE)
    points = curve.get("points", [])
    if len(points) < 2:
        return Way(_("Learning curve"), url, "–", _("not measured yet"))
    gain = 100 * (points[-1]["ndcg@5"] - points[0]["ndcg@5"])
    says = _("points of nDCG from labelled papers, over the vocabulary alone")
    return Way(_("Learning curve"), url, f"{gain:+.0f}", says)


def _unseen(url: str) -> Way:
    figures, measured_at = Measurement.objects.figures(Measurement.Kind.UNSEEN)
    if measured_at is None:
        return Way(_("Relevant and unseen"), url, "–", _("estimated once an hour"))
    terms = vocabulary.current()
    tops = [figures[one.slug] for one in (*terms.challenges, *terms.domains)
            if one.slug in figures]  # fmt: skip
    total = number_format(sum(one["papers"] for one in tops), force_grouping=True)
    says = _("papers and top concepts that belong together and wait, so the estimate")
    return Way(_("Relevant and unseen"), url, total, says)


def _agreement(url: str) -> Way:
    read, same = agreed.count()
    if not read:
        return Way(_("Agreement"), url, "–", _("no paper has been read twice yet"))
    says = _("of the papers read twice were given the very same concepts")
    return Way(_("Agreement"), url, f"{100 * same / read:.0f} %", says)


def _waiting(url: str) -> Way:
    waiting = counts.waiting()
    figure = number_format(waiting, force_grouping=True)
    if waiting >= counts.WAITING_CAP:
        figure = _("%s or more") % figure
    return Way(_("Review"), url, figure, _("papers wait for a curator"))
