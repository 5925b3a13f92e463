"""Concepts: those of a kind, all of them, and one by its slug."""

from collections.abc import Iterable
from typing import ClassVar

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import counts, vocabulary
from taxonomy.api import filters
from taxonomy.api.addresses import site_of
from taxonomy.api.renderers import Csv, JsonLd, JSONRenderer, NdJson, Turtle
from taxonomy.api.serializers.concepts import ConceptSerializer, Known
from taxonomy.api.views.base import ApiView, ListView
from taxonomy.interchange import csv, jsonld, ndjson, skos, turtle
from taxonomy.models import Concept, Paper
from taxonomy.vocabulary import Term, TermLink, Vocabulary

RENDERERS = [JSONRenderer, JsonLd, Turtle, Csv, NdJson]


class Concepts(ListView):
    """All concepts of both kinds, retired ones too, in the vocabulary's order."""

    parameters: ClassVar[type[filters.Parameters]] = filters.ConceptParameters
    renderer_classes = RENDERERS
    kind: ClassVar[str] = ""

    @extend_schema(
        parameters=[filters.ConceptParameters], responses=ConceptSerializer(many=True)
    )
    def get(self, request: Request) -> HttpResponseBase:
        terms, totals = vocabulary.current(), counts.totals()
        state = (terms.number, sorted(totals.items()))
        if unchanged := self.unchanged(request, *state):
            return unchanged
        page = self.paginator.page_of_terms(self.listed(terms), request)
        if request.accepted_renderer.format == "json":
            return self.paged_response(represented(page, request, terms, totals))
        headers = self.paginator.link_header()
        return Response("".join(written(page, request, terms, totals)), headers=headers)

    def listed(self, terms: Vocabulary) -> list[Term]:
        asked = self.asked
        return [
            term
            for term in terms
            if asked.get("kind") in (None, term.kind)
            and asked.get("top") in (None, term.is_top)
            and asked.get("deprecated") in (None, term.deprecated)
        ]


class TopConcepts(Concepts):
    """The top concepts of a kind; what is narrower stands in `concepts/`."""

    parameters = filters.Parameters

    @extend_schema(parameters=[], responses=ConceptSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        return super().get(request)

    def listed(self, terms: Vocabulary) -> list[Term]:
        return terms.top(self.kind)


class Challenges(TopConcepts):
    """The challenges, retired ones left out."""

    kind = Concept.Kind.CHALLENGE.value


class Domains(TopConcepts):
    """The application domains, retired ones left out."""

    kind = Concept.Kind.DOMAIN.value


class OneConcept(ApiView):
    """One concept. A retired one says by which it was replaced."""

    renderer_classes = RENDERERS
    kind: ClassVar[str] = ""

    @extend_schema(responses=ConceptSerializer)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        terms = vocabulary.current()
        term = terms.by_slug.get(slug)
        if term is None or self.kind not in ("", term.kind):
            raise Http404
        totals = counts.totals()
        if unchanged := self.unchanged(request, terms.number, totals.get(term.id, 0)):
            return unchanged
        if request.accepted_renderer.format == "json":
            return Response(represented([term], request, terms, totals)[0])
        return Response("".join(written([term], request, terms, totals)))


class OneChallenge(OneConcept):
    """A challenge, or something narrower than one."""

    kind = Concept.Kind.CHALLENGE.value


class OneDomain(OneConcept):
    """An application domain, or something narrower than one."""

    kind = Concept.Kind.DOMAIN.value


def represented(
    page: list[Term], request: Request, terms: Vocabulary, totals: dict[int, int]
) -> list[dict[str, object]]:
    """One query at most, for the papers that are evidence."""
    links = [link for term in page for link in terms.links_of(term)]
    known = Known(terms, totals, evidence_of(links))
    context = {"request": request, "known": known}
    serializer = ConceptSerializer(context=context)
    return [serializer.to_representation(term) for term in page]


def written(
    page: list[Term], request: Request, terms: Vocabulary, totals: dict[int, int]
) -> Iterable[str]:
    """The page in the form that was asked for."""
    form = request.accepted_renderer.format
    if form == "csv":
        return csv.concepts(page, terms, totals)
    if form == "ndjson":
        return ndjson.concepts(page, terms, totals)
    site = site_of(request)
    nodes = [skos.concept(term, terms, site) for term in page]
    write = jsonld.document if form == "jsonld" else turtle.document
    return write(nodes, site.prefixes())


def evidence_of(links: Iterable[TermLink]) -> dict[int, str]:
    """arXiv ids by paper id. One query, or none."""
    ids = {id_ for link in links for id_ in link.evidence}
    if not ids:
        return {}
    return dict(Paper.objects.filter(pk__in=ids).values_list("pk", "arxiv_id"))
