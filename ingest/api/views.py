"""Runs for everyone to read, and the suggester for everyone to ask."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ingest.api.serializers import (
    RunSerializer,
    ScoresSerializer,
    TextSerializer,
    UnseenListSerializer,
)
from ingest.models import Harvest, Measurement
from ingest.suggest import suggest_text
from ingest.tex import to_text
from taxonomy.api.pagination import LARGEST_ID, Order
from taxonomy.api.views.base import ApiView, ListView


class Runs(ListView):
    """Harvests, newest first."""

    @extend_schema(responses=RunSerializer(many=True))
    def get(self, request: Request) -> Response:
        page = self.page(Harvest.objects.select_related("query"), Order("-id"))
        return self.paged_response(RunSerializer(page, many=True).data)


class OneRun(ApiView):
    """One harvest, as far as it has come."""

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        runs = Harvest.objects.select_related("query")
        run = runs.filter(pk=pk).first() if pk <= LARGEST_ID else None
        if run is None:
            raise Http404
        return Response(RunSerializer(run).data)


class Suggest(ApiView):
    """Which concepts a text is about, so the machine thinks. Nothing of it is kept."""

    @extend_schema(request=TextSerializer, responses={200: ScoresSerializer})
    def post(self, request: Request) -> Response:
        form = TextSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        title, abstract = (to_text(form.validated_data[name]) for name in ("title", "abstract"))
        # By hand: over some hundred concepts a serializer takes longer than all the rest.
        results = [one.as_json() for one in suggest_text(title, abstract)]
        return Response({"title": title, "abstract": abstract, "results": results})


class Unseen(ApiView):
    """How many relevant papers wait unseen, concept by concept, and how sure that is."""

    @extend_schema(responses=UnseenListSerializer)
    def get(self, request: Request) -> Response:
        figures, measured_at = Measurement.objects.figures(Measurement.Kind.UNSEEN)
        results = [{"concept": slug, **found} for slug, found in sorted(figures.items())]
        body = {"measured_at": measured_at, "results": results}
        return Response(UnseenListSerializer(body).data)
