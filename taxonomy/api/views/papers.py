"""Papers: the filtered list, one of them, and what machines suggest for it."""

from collections.abc import Iterable

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import vocabulary
from taxonomy.api import filters
from taxonomy.api.addresses import site_of
from taxonomy.api.pagination import Order
from taxonomy.api.renderers import BibTeX, Csv, JsonLd, JSONRenderer, NdJson, Ris
from taxonomy.api.serializers.papers import (
    PaperDetailSerializer,
    PaperSerializer,
    PaperVersionSerializer,
    context_of,
)
from taxonomy.api.serializers.review import SuggestionSerializer
from taxonomy.api.states import paper_state
from taxonomy.api.views.base import ApiView, ListView
from taxonomy.dossiers import standing_decisions
from taxonomy.interchange import bibtex, csv, jsonld, ndjson, ris
from taxonomy.interchange.papers import TaggedPaper, with_tags
from taxonomy.likeness import nearest_of
from taxonomy.models import Paper, Suggestion
from taxonomy.search import base_arxiv_id, find_papers

RENDERERS = [JSONRenderer, Csv, NdJson, JsonLd, BibTeX, Ris]
MOST_VERSIONS = 100
WITH_ABSTRACT = {"ndjson", "ris"}
ORDERS = {
    "-published_at": Order("-published_at", field="published_at"),
    "published_at": Order("published_at", field="published_at", descending=False),
    # Numbers are given as papers arrive.
    "-added_at": Order("-added_at"),
    "added_at": Order("added_at", descending=False),
}


class Papers(ListView):
    """Papers that meet every condition."""

    parameters = filters.PaperListParameters
    renderer_classes = RENDERERS

    @extend_schema(
        parameters=[filters.PaperListParameters], responses=PaperSerializer(many=True)
    )
    def get(self, request: Request) -> HttpResponseBase:
        terms = vocabulary.current()
        order = ORDERS[self.asked.get("ordering", "-published_at")]
        rows = find_papers(filters.paper_filter(self.asked, terms), terms)
        form = request.accepted_renderer.format
        if form in WITH_ABSTRACT:
            rows = rows.defer(None).defer("search")
        page = with_tags(self.page(rows, order), terms)
        if form != "json":
            return Response(
                "".join(written(page, request, form)), headers=self.paginator.link_header()
            )
        papers, context = [one.paper for one in page], context_of(request, *page)
        serializer = PaperSerializer(papers, many=True, context=context)
        return self.paged_response(serializer.data)


class OnePaper(ApiView):
    """One paper, by its arXiv id, whatever version the id names."""

    renderer_classes = RENDERERS

    @extend_schema(responses=PaperDetailSerializer)
    def get(self, request: Request, arxiv_id: str) -> HttpResponseBase:
        paper = find_paper(arxiv_id)
        terms = vocabulary.current()
        self.etag = paper_state(paper).etag(terms.number, request.accepted_renderer.format)
        if unchanged := self.known_already(request):
            return unchanged
        (tagged,) = with_tags([paper], terms)
        if request.accepted_renderer.format != "json":
            form = request.accepted_renderer.format
            return Response("".join(written([tagged], request, form)))
        return Response(PaperDetailSerializer(paper, context=context_of(request, tagged)).data)


class Versions(ApiView):
    """Texts that the paper had before, the latest first; empty if it never changed here."""

    @extend_schema(responses=PaperVersionSerializer(many=True))
    def get(self, request: Request, arxiv_id: str) -> Response:
        texts = find_paper(arxiv_id).earlier_texts.order_by("-text_revision")[:MOST_VERSIONS]
        return Response({"results": PaperVersionSerializer(texts, many=True).data})


class Suggestions(ApiView):
    """What the machine suggests for a paper, surest first; none of it is a tag."""

    @extend_schema(responses=SuggestionSerializer(many=True))
    def get(self, request: Request, arxiv_id: str) -> Response:
        paper = find_paper(arxiv_id)
        found = list(Suggestion.objects.filter(paper=paper).for_review())
        context = {
            "request": request,
            "standing": standing_decisions(paper),
            "nearest": nearest_of(found),
        }
        serializer = SuggestionSerializer(found, many=True, context=context)
        return Response({"results": serializer.data})


def find_paper(arxiv_id: str) -> Paper:
    """Http404 if it is not here. One query."""
    paper = Paper.objects.defer("search").filter(arxiv_id=base_arxiv_id(arxiv_id)).first()
    if paper is None:
        raise Http404
    return paper


def written(found: Iterable[TaggedPaper], request: Request, form: str) -> Iterable[str]:
    """Papers in a form other than JSON."""
    if form == "jsonld":
        return jsonld.papers(found, site_of(request))
    write = {"csv": csv.papers, "ndjson": ndjson.papers, "bibtex": bibtex.papers,
             "ris": ris.papers}[form]  # fmt: skip
    return write(found)
