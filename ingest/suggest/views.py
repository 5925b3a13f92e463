"""The page of the suggester: how good it is, how sure it must be, which one is in use."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ingest.models import Measurement, SuggesterModel, SuggesterPolicy
from ingest.suggest import active, backlog, llm_panel, promotion, run, standing
from ingest.suggest.artefact import ModelUnreadable
from ingest.suggest.calibrate import TARGETS
from ingest.suggest.drawing import HEIGHT
from ingest.suggest.forms import SinceForm, TargetForm
from taxonomy import queue, vocabulary
from taxonomy.forms.review import OrderForm
from taxonomy.models import Order, QueuePolicy
from taxonomy.views.http import CuratorRequest, PageRequest, only_with

MODELS = 20
keepers_only = only_with("ingest.change_query", "ingest:suggester")


@never_cache
@require_safe
def overview(request: PageRequest) -> HttpResponse:
    """For everyone to read. A target in the address shows what it would do."""
    if request.htmx.target == "backlog":
        return _part(request, "#backlog", _backlog(request))
    suggester = active.current()
    model = SuggesterModel.objects.in_use().first()
    evaluation = model.evaluation if model else {}
    asked = TargetForm(request.GET)
    target = asked.cleaned_data["target"] if asked.is_valid() else suggester.target
    thresholds = suggester.calibration.thresholds(suggester.subjects.slugs, target)
    by_slug = dict(zip(suggester.subjects.slugs, thresholds.tolist(), strict=True))
    unseen, unseen_at = Measurement.objects.figures(Measurement.Kind.UNSEEN)
    context = {
        "model": model,
        "evaluation": evaluation,
        "target": target,
        "target_in_use": suggester.target,
        "targets": TARGETS,
        "effect": _effect(evaluation, target),
        "effect_in_use": _effect(evaluation, suggester.target),
        "rows": standing.rows(evaluation, vocabulary.current(), by_slug, unseen),
        "unseen_at": unseen_at,
        "side": standing.SIDE,
    }
    if not request.htmx:
        context |= _beside(evaluation) | _backlog(request)
        # What it costs is for those who answer for the atlas.
        if request.user.has_perm("taxonomy.revert_decision"):
            context["language_model"] = llm_panel.panel()
    return _part(request, "#effect" if request.htmx else "", context)


@require_POST
@keepers_only
def set_target(request: CuratorRequest) -> HttpResponse:
    form = TargetForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the shares that are offered."))
        return redirect("ingest:suggester")
    SuggesterPolicy.objects.update_or_create(
        id=1,
        defaults={
            "target": form.cleaned_data["target"],
            "changed_by": request.user.get_username(),
            "changed_at": timezone.now(),
        },
    )
    messages.success(request, _("From now on, papers are suggested for with these thresholds."))
    return redirect("ingest:suggester")


@require_POST
@keepers_only
def set_order(request: CuratorRequest) -> HttpResponse:
    form = OrderForm(request.POST)
    order = form.cleaned_data["order"] if form.is_valid() else None
    if order is None:
        messages.error(request, _("Choose one of the orders that are offered."))
        return redirect("ingest:suggester")
    queue.set_order(order=order, editor=request.user)
    messages.success(request, _("Papers come in this order from now on."))
    return redirect("ingest:suggester")


@require_POST
@keepers_only
def use(request: CuratorRequest, number: int) -> HttpResponse:
    """Number 0: the vocabulary alone."""
    model = get_object_or_404(SuggesterModel, number=number) if number else None
    try:
        promotion.use(model)
    except ModelUnreadable:
        messages.error(request, _("The file of this suggester is gone. Choose another one."))
    else:
        messages.success(request, _("This suggester is in use now."))
    return redirect("ingest:suggester")


@require_POST
@keepers_only
def suggest_again(request: CuratorRequest) -> HttpResponse:
    """Put every paper that no curator has finished back among those that wait."""
    count = run.wait_again(everything=True)
    messages.success(
        request, _("Papers that are suggested for anew, a few minutes from now: %d.") % count
    )
    return redirect("ingest:suggester")


def _part(request: PageRequest, part: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, f"insights/suggester.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _backlog(request: PageRequest) -> dict[str, object]:
    """For those who look after the queries: they start such a backlog, and wait for its end."""
    if not request.user.has_perm("ingest.change_query"):
        return {}
    return {"backlog": backlog.current(SinceForm(request.GET))}


def _effect(evaluation: dict[str, object], target: int | None) -> dict[str, float] | None:
    """What the thresholds of a target came to on the labelled papers; None: not measured."""
    if target is None:
        micro = evaluation.get("micro")
        if not isinstance(micro, dict):
            return None
        return {**micro, "abstained": evaluation["abstained"]}
    targets = evaluation.get("targets")
    return targets.get(str(target)) if isinstance(targets, dict) else None


def _beside(evaluation: dict[str, Any]) -> dict[str, object]:
    """What of the page does not follow the target in the address."""
    weeks = standing.weeks()
    curve, curve_at = Measurement.objects.figures(Measurement.Kind.LEARNING_CURVE)
    return {
        "models": SuggesterModel.objects.newest_first()[:MODELS],
        "headlines": standing.headlines(evaluation),
        "dots": standing.dots(evaluation.get("bins", [])),
        "weeks": weeks,
        "drift": standing.drift(weeks),
        "curve": curve,
        "curve_at": curve_at,
        "curve_points": [
            {**one, "ndcg": one["ndcg@5"], "first": one["precision@1"], "f1": one["micro_f1"]}
            for one in curve.get("points", [])
        ],
        "curve_chart": standing.learning_curve(curve.get("points", [])),
        "half": HEIGHT // 2,
        "orders": Order,
        "order": QueuePolicy.objects.order(),
    }
