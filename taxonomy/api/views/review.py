"""The curators' queue for programs."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import curation, queue, vocabulary
from taxonomy.api import filters
from taxonomy.api.permissions import MayCurate, curator_of
from taxonomy.api.serializers.papers import context_of
from taxonomy.api.serializers.queue import NextSerializer
from taxonomy.api.states import paper_state
from taxonomy.api.views.base import ApiView
from taxonomy.interchange.papers import with_tags
from taxonomy.likeness import nearest_of
from taxonomy.models import Lease
from taxonomy.queues import Queue


class NextPaper(ApiView):
    """The paper that the caller has open; else the next one that waits, leased to them."""

    permission_classes = [MayCurate]
    fresh = True
    parameters = filters.QueueParameters

    @extend_schema(
        parameters=[filters.QueueParameters],
        responses={
            200: NextSerializer,
            204: OpenApiResponse(description="Nothing waits, or all of it lies with others."),
        },
    )
    def get(self, request: Request) -> Response:
        wanted = Queue(order=self.asked.get("order", ""))
        screening = queue.take_next(curator_of(request), wanted)
        if screening is None:
            return Response(status=204)
        terms = vocabulary.current()
        paper = screening.paper
        pending = curation.pending_suggestions(paper)
        (tagged,) = with_tags([paper], terms)
        body = {
            "paper": paper,
            "suggestions": pending,
            "lease_expires_at": Lease.objects.get(paper=paper).expires_at,
        }
        context = {
            **context_of(request, tagged), "standing": {}, "nearest": nearest_of(pending)
        }  # fmt: skip
        return Response(
            NextSerializer(body, context=context).data,
            headers={"ETag": paper_state(paper).etag(terms.number, "json")},
        )
