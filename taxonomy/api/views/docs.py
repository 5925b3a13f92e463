"""Where the API begins, and its documentation."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy.api.views.base import ApiView

PLACES = (
    *("challenges", "domains", "concepts", "papers", "tags", "editions", "changes"),
    *("trends", "matrix", "review-next", "schema", "docs"),
    *("export-papers", "export-tags", "export-concepts"),
)


class Root(ApiView):
    """What there is."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        paths = {place: reverse(f"api:{place}") for place in PLACES}
        return Response(
            {place: request.build_absolute_uri(path) for place, path in paths.items()}
        )


class Docs(SpectacularSwaggerSplitView):
    """The documentation, in which one can try each call. Scripts come from this site only."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    throttle_classes = []
