"""The trail of all papers, its head, and many decisions in one call."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import sealing, trail, vocabulary
from taxonomy.api import filters
from taxonomy.api.errors import problem_of
from taxonomy.api.keys import KEY, LONGEST_KEY, key_of
from taxonomy.api.permissions import ReadOrCurate
from taxonomy.api.serializers.batches import ManySerializer, ResultsSerializer
from taxonomy.api.serializers.review import NewDecisionSerializer, TrailSerializer
from taxonomy.api.views.base import ApiView, ListView
from taxonomy.api.views.decisions import NEWEST, decide_as_asked
from taxonomy.api.views.papers import find_paper
from taxonomy.errors import TaxonomyError
from taxonomy.models import Decision

NUMBER = 5  # characters of ":100" and one to spare: each item has a key of its own


class AllDecisions(ListView):
    """Every decision on every paper, newest first; curators add many at once."""

    permission_classes = [ReadOrCurate]
    parameters = filters.DecisionParameters

    @extend_schema(
        parameters=[filters.DecisionParameters], responses=TrailSerializer(many=True)
    )
    def get(self, request: Request) -> HttpResponseBase:
        terms = vocabulary.current()
        wanted = filters.trail_filter(self.asked, terms)
        rows = wanted.rows(public=not request.user.has_perm("taxonomy.add_decision"))
        rows = rows.select_related("paper", "actor", "reverted_by").defer("paper__search")
        page = self.page(rows, NEWEST)
        context = {
            "vocabulary": terms,
            "steps": trail.steps_of(page),
            "seals": trail.digests_of(page),
        }
        return self.paged_response(TrailSerializer(page, many=True, context=context).data)

    @extend_schema(parameters=[KEY], request=ManySerializer, responses=ResultsSerializer)
    def post(self, request: Request) -> Response:
        """Decide each item as if it came alone; one that is refused leaves the others be."""
        key = key_of(request, LONGEST_KEY - NUMBER)
        form = ManySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        results = [
            _result(request, item, f"{key}:{at}" if key else None)
            for at, item in enumerate(form.validated_data["items"])
        ]
        return Response({"results": results})


class Head(ApiView):
    """The last seal of the chain: keep it, and a later change to what it covers is found."""

    @extend_schema(
        responses=inline_serializer(
            "Head",
            {
                "decision": serializers.IntegerField(),
                "digest": serializers.CharField(help_text="SHA-256 in hex."),
                "head": serializers.CharField(help_text="For check_trail --head."),
            },
        )
    )
    def get(self, request: Request) -> Response:
        head = sealing.head()
        return Response(
            {"decision": head.decision, "digest": head.digest.hex(), "head": str(head)}
        )


def _result(request: Request, item: dict[str, Any], key: str | None) -> dict[str, Any]:
    before = _newest()
    try:
        decision = _decide(request, dict(item), key)
    except (TaxonomyError, exceptions.APIException, Http404) as error:
        return problem_of(error)
    return {"status": 201 if decision.pk > before else 200, "decision": decision.pk}


def _decide(request: Request, item: dict[str, Any], key: str | None) -> Decision:
    paper = item.pop("paper", None)
    if not isinstance(paper, str):
        raise exceptions.ValidationError({"paper": _("This is needed.")})
    form = NewDecisionSerializer(data=item)
    form.is_valid(raise_exception=True)
    return decide_as_asked(request, find_paper(paper), form.validated_data, key)


def _newest() -> int:
    return Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
