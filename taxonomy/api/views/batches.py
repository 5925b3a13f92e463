"""Batches by program: look, begin, go on, undo, and what became of each item."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import batches, vocabulary
from taxonomy.api import filters
from taxonomy.api.keys import NEEDED_KEY, needed_key
from taxonomy.api.pagination import Order
from taxonomy.api.permissions import MayCurate, curator_of
from taxonomy.api.serializers.batches import (
    BatchSerializer,
    ItemSerializer,
    NewBatchSerializer,
    OutlookSerializer,
    item_of,
    outlook_of,
)
from taxonomy.api.views.base import ApiView, ListView
from taxonomy.api.views.decisions import NEWEST
from taxonomy.models import Batch, Decision, PassedOver
from taxonomy.selection import SuggestionFilter
from taxonomy.trail import TrailFilter

BY_TIME = Order("-created_at", field="created_at")
DONE = {
    200: OpenApiResponse(OutlookSerializer, description="Of a dry run."),
    201: OpenApiResponse(BatchSerializer, description="Begun and finished."),
    202: OpenApiResponse(BatchSerializer, description="Not finished: send it again."),
}


class Batches(ListView):
    """Many decisions as one: newest first; begun, and gone on with, by POST."""

    permission_classes = [MayCurate]

    @extend_schema(responses=BatchSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        page = self.page(Batch.objects.select_related("made_by"), BY_TIME)
        return self.paged_response(BatchSerializer(page, many=True).data)

    @extend_schema(parameters=[NEEDED_KEY], request=NewBatchSerializer, responses=DONE)
    def post(self, request: Request) -> Response:
        """The same key goes on with the same batch; a dry run needs none."""
        form = NewBatchSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        if asked["kind"] == Batch.Kind.REVERT:
            return self._revert(request, asked, _trail_filter(request, asked["selection"]))
        return self._decide(request, asked, _suggestion_filter(asked["selection"]))

    def _revert(self, request: Request, asked: dict[str, Any], wanted: TrailFilter) -> Response:
        if asked["dry_run"]:
            outlook, sample = batches.look_at_decisions(wanted)
            return _looked(outlook, [{"decision": one.pk} for one in sample], sample)
        batch = batches.begin_revert(
            wanted=wanted,
            user=curator_of(request),
            key=needed_key(request),
            upto=asked.get("upto"),
            note=asked["note"],
        )
        return _worked_on(batch)

    def _decide(
        self, request: Request, asked: dict[str, Any], wanted: SuggestionFilter
    ) -> Response:
        if asked["dry_run"]:
            outlook, sample = batches.look_at_suggestions(wanted, curator_of(request))
            return _looked(outlook, [{"score": one.score} for one in sample], sample)
        batch = batches.begin_decisions(
            wanted=wanted,
            verdict=asked["kind"],
            user=curator_of(request),
            key=needed_key(request),
            upto=asked.get("upto"),
            note=asked["note"],
        )
        return _worked_on(batch)


class OneBatch(ApiView):
    """How far a batch is."""

    permission_classes = [MayCurate]

    @extend_schema(responses=BatchSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(BatchSerializer(_find(pk)).data)


class Items(ListView):
    """What became of each: those decided, or with `outcome=passed` those left as they were."""

    permission_classes = [MayCurate]
    parameters = filters.ItemParameters

    @extend_schema(parameters=[filters.ItemParameters], responses=ItemSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        batch, terms = _find(pk), vocabulary.current()
        page: list[Decision] | list[PassedOver]
        if self.asked.get("outcome") == "passed":
            page = self.page(batch.passed_over.select_related("paper"), NEWEST)
        else:
            made = Decision.objects.filter(batch=batch.pk).select_related("paper")
            page = self.page(made.defer("paper__search"), NEWEST)
        return self.paged_response(
            [item_of(row, terms.by_id[row.concept_id].slug) for row in page]
        )


class Undo(ApiView):
    """Takes a batch back as one more batch."""

    permission_classes = [MayCurate]

    @extend_schema(
        parameters=[NEEDED_KEY],
        request=None,
        responses={201: BatchSerializer, 202: BatchSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        batch, user = _find(pk), curator_of(request)
        if batch.made_by != user and not user.has_perm("taxonomy.revert_decision"):
            raise PermissionDenied
        undone = batches.begin_undo(batch=batch, user=user, key=needed_key(request))
        return _worked_on(undone)


def _find(pk: UUID) -> Batch:
    return get_object_or_404(Batch.objects.select_related("made_by"), pk=pk)


def _worked_on(batch: Batch) -> Response:
    batch = batches.go_on(batch)
    return Response(BatchSerializer(batch).data, status=201 if batch.finished_at else 202)


def _looked(outlook: batches.Outlook, shown: list[dict[str, Any]], sample: Any) -> Response:
    terms = vocabulary.current()
    named = [
        {"paper": row.paper.arxiv_id, "concept": terms.by_id[row.concept_id].slug, **more}
        for row, more in zip(sample, shown, strict=True)
    ]
    return Response(outlook_of(outlook, named))


def _suggestion_filter(selection: dict[str, Any]) -> SuggestionFilter:
    asked = _checked(selection, filters.SuggestionParameters)
    if slug := asked.get("concept"):
        filters.known_term(vocabulary.current(), slug)
    return SuggestionFilter(**asked)


def _trail_filter(request: Request, selection: dict[str, Any]) -> TrailFilter:
    """PermissionDenied for what the caller may not take back."""
    asked = _checked(selection, filters.DecisionParameters)
    wanted = filters.trail_filter(asked, vocabulary.current())
    if not batches.may_revert(curator_of(request), wanted):
        raise PermissionDenied
    return wanted


def _checked(selection: dict[str, Any], parameters: type[filters.Parameters]) -> dict[str, Any]:
    form: serializers.Serializer[dict[str, Any]] = parameters(data=selection)
    unknown = dict.fromkeys(sorted(set(selection) - set(form.fields)), _("This is not known."))
    if unknown:
        raise ValidationError({"selection": unknown})
    if not form.is_valid():
        raise ValidationError({"selection": form.errors})
    found: dict[str, Any] = form.validated_data
    return found
