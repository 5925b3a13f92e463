"""The curators' queue for programs."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import curation, queue, vocabulary
from taxonomy.api.permissions import MayCurate, curator_of
from taxonomy.api.serializers.papers import context_of
from taxonomy.api.serializers.queue import NextSerializer
from taxonomy.api.states import paper_state
from taxonomy.api.views.base import ApiView
from taxonomy.interchange.papers import with_tags
from taxonomy.models import Lease


class NextPaper(ApiView):
    """The paper that the caller has open; else the next one that waits, leased to them."""

    permission_classes = [MayCurate]
    fresh = True

    @extend_schema(
        responses={
            200: NextSerializer,
            204: OpenApiResponse(description="Nothing waits, or all of it lies with others."),
        }
    )
    def get(self, request: Request) -> Response:
        screening = queue.take_next(curator_of(request))
        if screening is None:
            return Response(status=204)
        terms = vocabulary.current()
        paper = screening.paper
        (tagged,) = with_tags([paper], terms)
        body = {
            "paper": paper,
            "suggestions": curation.pending_suggestions(paper),
            "lease_expires_at": Lease.objects.get(paper=paper).expires_at,
        }
        context = {**context_of(request, tagged), "standing": {}}
        return Response(
            NextSerializer(body, context=context).data,
            headers={"ETag": paper_state(paper).etag(terms.number, "json")},
        )
