"""Decisions on a paper: their trail, and a curator's next one."""

from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import curation, screenings, vocabulary
from taxonomy.api.keys import KEY, key_of
from taxonomy.api.pagination import Order
from taxonomy.api.permissions import ReadOrCurate, curator_of
from taxonomy.api.serializers.review import DecisionSerializer, NewDecisionSerializer
from taxonomy.api.states import paper_state, require_match
from taxonomy.api.views.base import ListView
from taxonomy.api.views.papers import find_paper
from taxonomy.curation import Actor
from taxonomy.models import Concept, Decision, Paper

NEWEST = Order("-id")

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="ETag of the paper or of its trail."
)


class Decisions(ListView):
    """The trail of a paper, newest first; curators add to it. Nothing is ever removed."""

    permission_classes = [ReadOrCurate]

    @extend_schema(responses=DecisionSerializer(many=True))
    def get(self, request: Request, arxiv_id: str) -> HttpResponseBase:
        paper = find_paper(arxiv_id)
        terms = vocabulary.current()
        self.etag = paper_state(paper).etag(terms.number, request.get_full_path())
        if unchanged := self.known_already(request):
            return unchanged
        trail = Decision.objects.filter(paper=paper).select_related("actor", "reverted_by")
        context = {"vocabulary": terms}
        page = DecisionSerializer(self.page(trail, NEWEST), many=True, context=context)
        return self.paged_response(page.data)

    @extend_schema(
        parameters=[IF_MATCH, KEY],
        request=NewDecisionSerializer,
        responses={
            201: DecisionSerializer,
            200: OpenApiResponse(DecisionSerializer, description="It stood already."),
        },
    )
    def post(self, request: Request, arxiv_id: str) -> Response:
        """One more decision on the paper, or one that takes an earlier one back."""
        paper = find_paper(arxiv_id)
        key = key_of(request)
        form = NewDecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with transaction.atomic():
            screenings.lock(paper)
            paper.refresh_from_db(fields=["revision", "version", "text_revision"])
            before = paper_state(paper)
            if not _is_repeated(request, key):
                require_match(request, before)
            decision = decide_as_asked(request, paper, form.validated_data, key)
            after = paper_state(paper)
        terms = vocabulary.current()
        serializer = DecisionSerializer(decision, context={"vocabulary": terms})
        return Response(
            serializer.data,
            status=201 if decision.pk > before.decision else 200,
            headers={"ETag": after.etag(terms.number, "json")},
        )


def decide_as_asked(
    request: Request, paper: Paper, asked: dict[str, Any], key: str | None
) -> Decision:
    """One decision or revert, as a checked NewDecisionSerializer names it."""
    actor = Actor.person(curator_of(request))
    if "reverts" not in asked:
        concept = Concept.objects.filter(slug=asked["concept"]).first()
        if concept is None:
            raise ValidationError({"concept": _("There is no such concept.")})
        return curation.decide(
            paper=paper,
            concept=concept,
            verdict=asked["verdict"],
            actor=actor,
            reason=asked["reason"],
            note=asked["note"],
            idempotency_key=key,
        )
    decision = Decision.objects.filter(pk=asked["reverts"], paper=paper).first()
    if decision is None:
        raise ValidationError({"reverts": _("This paper has no such decision.")})
    own = decision.actor_id == request.user.pk
    if not own and not request.user.has_perm("taxonomy.revert_decision"):
        raise PermissionDenied(_("You may take back your own decisions only."))
    return curation.revert(
        decision=decision, actor=actor, note=asked["note"], idempotency_key=key
    )


def _is_repeated(request: Request, key: str | None) -> bool:
    """A call that was answered before is answered so again, whatever has changed since."""
    if key is None:
        return False
    return Decision.objects.filter(actor=request.user.pk, idempotency_key=key).exists()
