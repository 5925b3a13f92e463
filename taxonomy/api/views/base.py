"""What every endpoint does: strict parameters, entity tags, and the headers of an open API."""

import hashlib
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language_from_request, override
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from taxonomy.api import filters
from taxonomy.api.pagination import CursorPagination, Order
from taxonomy.api.parsers import BoundedJSONParser
from taxonomy.api.renderers import Negotiation

M = TypeVar("M", bound=Model)

SAFE = ("GET", "HEAD", "OPTIONS")
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
ALLOWED = "Accept, Accept-Language, Authorization, If-None-Match"


class ApiView(APIView):
    """One endpoint. `asked` holds what the query asked for, read and checked."""

    parameters: ClassVar[type[filters.Parameters]] = filters.Parameters
    paged: ClassVar[bool] = False
    fresh: ClassVar[bool] = False  # never kept by a cache, never 304
    content_negotiation_class = Negotiation
    parser_classes = [BoundedJSONParser]
    asked: dict[str, Any]
    etag = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.asked = filters.read(request.query_params, self.parameters, paged=self.paged)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """For browsers that ask before a cross-origin read."""
        return Response(
            status=204,
            headers={
                "Allow": ", ".join(self.allowed_methods),
                "Access-Control-Allow-Methods": ", ".join(SAFE),
                "Access-Control-Allow-Headers": ALLOWED,
                "Access-Control-Max-Age": "86400",
            },
        )

    def unchanged(self, request: Request, *state: object) -> HttpResponse | None:
        """304 if the caller has this state already; else its entity tag is sent along."""
        self.etag = entity_tag(*state, _form_of(request))
        return self.known_already(request)

    def known_already(self, request: Request) -> HttpResponse | None:
        """304 if the caller sent `self.etag`."""
        found = get_conditional_response(request._request, etag=self.etag)
        if found is None or found.status_code != 304:
            return None
        found["ETag"] = self.etag
        return found

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]  # any response may come
        patch_vary_headers(final, ["Accept", "Authorization", "Cookie"])
        if request.method in SAFE:
            final["Access-Control-Allow-Origin"] = "*"
            final["Access-Control-Expose-Headers"] = EXPOSED
        if allowance := getattr(request, "allowance", None):
            for name, value in allowance.headers().items():
                final[name] = value
        if "Cache-Control" not in final:
            final["Cache-Control"] = self._caching(request)
        if self._may_be_tagged(request, final):
            final.add_post_render_callback(self._tag)
        return final

    def _caching(self, request: Request) -> str:
        if self.fresh or request.method not in SAFE:
            return "no-store"
        # Kept, and asked again each time: a decision shows at once, and costs a 304.
        known = request.auth is not None or request.user.is_authenticated
        return ("private" if known else "public") + ", no-cache"

    def _may_be_tagged(self, request: Request, response: HttpResponseBase) -> bool:
        return (
            isinstance(response, Response)
            and request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and not self.fresh
        )

    def _tag(self, response: HttpResponse) -> HttpResponseBase | None:
        """Called with the finished body: where no state was named, the body is the state."""
        etag = self.etag or f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        found = get_conditional_response(self.request._request, etag=etag, response=response)
        if found is not None and found is not response:
            for name, value in response.items():  # a browser checks those of a 304, too
                if not name.lower().startswith("content-"):
                    found[name] = value
        return found


class ListView(ApiView):
    """An endpoint that answers in pages."""

    paged = True
    pagination_class = CursorPagination

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.paginator = self.pagination_class()

    def page(self, rows: "QuerySet[M]", order: Order) -> list[M]:
        return self.paginator.page(rows, self.request, order)

    def paged_response(self, data: object) -> Response:
        return self.paginator.get_paginated_response(data)


def in_their_language(request: Request) -> override:
    """For words that people read; addresses and codes are the same in every language."""
    return override(get_language_from_request(request._request))


def entity_tag(*state: object) -> str:
    """A strong tag of a state that is named by numbers."""
    text = "\x1f".join(map(str, state))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _form_of(request: Request) -> str:
    """Two forms or two addresses of one state are two entities."""
    return f"{request.accepted_media_type} {request.build_absolute_uri()}"
