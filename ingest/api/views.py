"""Runs for everyone to read."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ingest.api.serializers import RunSerializer
from ingest.models import Harvest
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
