"""What holds, and what has changed: tags, editions, changes to the vocabulary."""

from django.db.models import Exists, OuterRef
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import vocabulary
from taxonomy.api import filters
from taxonomy.api.pagination import Order
from taxonomy.api.renderers import Csv, JSONRenderer, NdJson
from taxonomy.api.serializers.review import TagSerializer
from taxonomy.api.serializers.vocabulary import ChangeSerializer, EditionSerializer
from taxonomy.api.views.base import ListView
from taxonomy.interchange import csv, ndjson
from taxonomy.models import ConceptChange, Edition, Paper, Tag
from taxonomy.search import base_arxiv_id

ORDERS = {
    # A tag is made anew whenever its decision changes, so its number follows time.
    "-created_at": Order("-created_at"),
    "created_at": Order("created_at", descending=False),
}


class Tags(ListView):
    """What papers are about, as it now holds."""

    parameters = filters.TagParameters
    renderer_classes = [JSONRenderer, Csv, NdJson]

    @extend_schema(parameters=[filters.TagParameters], responses=TagSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        terms = vocabulary.current()
        order = ORDERS[self.asked.get("ordering", "-created_at")]
        rows = Tag.objects.select_related("paper", "decision").only(
            *("concept_id", "direct", "published_at", "paper__arxiv_id"),
            *("paper__withdrawn", "paper__removed_at", "decision__created_at"),
        )
        if slug := self.asked.get("concept"):
            rows = rows.filter(concept=filters.known_term(terms, slug).id)
        if arxiv_id := self.asked.get("paper"):
            rows = rows.filter(paper__arxiv_id=base_arxiv_id(arxiv_id))
        if "direct" in self.asked:
            rows = rows.filter(direct=self.asked["direct"])
        if "withdrawn" in self.asked:
            gone = Paper.objects.gone().filter(pk=OuterRef("paper"))
            rows = rows.filter(Exists(gone) if self.asked["withdrawn"] else ~Exists(gone))
        page = self.page(rows, order)
        if request.accepted_renderer.format == "json":
            serializer = TagSerializer(page, many=True, context={"vocabulary": terms})
            return self.paged_response(serializer.data)
        write = csv.tags if request.accepted_renderer.format == "csv" else ndjson.tags
        return Response("".join(write(page, terms)), headers=self.paginator.link_header())


class Editions(ListView):
    """Published releases of the vocabulary, newest first."""

    @extend_schema(responses=EditionSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        page = self.page(Edition.objects.all(), Order("-number", unique="number"))
        return self.paged_response(EditionSerializer(page, many=True).data)


class Changes(ListView):
    """Every change to a concept, newest first."""

    parameters = filters.ChangeParameters

    @extend_schema(parameters=[filters.ChangeParameters], responses=ChangeSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        rows = ConceptChange.objects.select_related("concept")
        if slug := self.asked.get("concept"):
            rows = rows.filter(concept=filters.known_term(vocabulary.current(), slug).id)
        return self.paged_response(
            ChangeSerializer(self.page(rows, Order("-id")), many=True).data
        )
