"""Where the API begins, and its documentation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy.api.reference import reference
from taxonomy.api.views.base import ApiView

PLACES = (
    *("challenges", "domains", "concepts", "papers", "tags", "editions", "changes"),
    *("trends", "matrix", "review-next", "following", "inbox", "schema", "docs"),
    *("export-papers", "export-tags", "export-concepts"),
)
PAGES = {"docs": "taxonomy:api-docs"}  # a page, in every language


class Root(ApiView):
    """What there is."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        paths = {place: reverse(PAGES.get(place, f"api:{place}")) for place in PLACES}
        return Response(
            {place: request.build_absolute_uri(path) for place, path in paths.items()}
        )


class Description(SpectacularAPIView):
    """OpenAPI. There is one version: what the query says is not let into a header."""

    def _get_version_parameter(self, request: Request) -> None:
        return None


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    root = request.build_absolute_uri(reverse("api:root"))
    return render(request, "api/docs.html", {"reference": reference(), "root": root})
