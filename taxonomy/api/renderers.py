"""The forms of an answer beside JSON, chosen by Accept or ?format=."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer

from taxonomy.api.errors import BadParameter

__all__ = ["BibTeX", "Csv", "JSONRenderer", "JsonLd", "NdJson", "Ris", "Turtle"]


class Negotiation(DefaultContentNegotiation):
    """An unknown ?format= is a bad parameter, not a missing page."""

    def filter_renderers(
        self, renderers: Iterable[BaseRenderer], format: str
    ) -> list[BaseRenderer]:
        renderers = list(renderers)
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = ", ".join(str(renderer.format) for renderer in renderers)
            message = _("format is one of %(known)s.") % {"known": known}
            raise BadParameter({"format": message})
        return found


class Text(BaseRenderer):
    """Passes on what the view has written."""

    charset: str | None = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return str(data).encode()


class Csv(Text):
    media_type = "text/csv"
    format = "csv"


class NdJson(Text):
    media_type = "application/x-ndjson"
    format = "ndjson"


class JsonLd(Text):
    media_type = "application/ld+json"
    format = "jsonld"
    charset = None  # JSON is UTF-8 by itself


class BibTeX(Text):
    media_type = "application/x-bibtex"
    format = "bibtex"


class Ris(Text):
    media_type = "application/x-research-info-systems"
    format = "ris"


class Turtle(Text):
    media_type = "text/turtle"
    format = "skos-ttl"
