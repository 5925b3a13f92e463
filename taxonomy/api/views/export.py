"""Everything as a file, streamed: memory does not grow with what there is."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from taxonomy import counts, vocabulary
from taxonomy.api import filters
from taxonomy.api.addresses import site_of
from taxonomy.api.renderers import BibTeX, Csv, JsonLd, NdJson, Ris, Turtle
from taxonomy.api.views.base import ApiView
from taxonomy.interchange import bibtex, csv, decisions, jsonld, ndjson, ris, turtle
from taxonomy.interchange.files import SUFFIXES, all_tags, vocabulary_nodes
from taxonomy.interchange.papers import all_with_tags
from taxonomy.models import Concept, Paper
from taxonomy.search import find_papers

F = TypeVar("F", bound=Callable[..., Any])
BATCH = 64 * 1024  # characters a piece: small lines are not worth a network packet each


class Export(ApiView):
    """A whole list as one file; the form by Accept or `format`."""

    fresh = True  # streamed: what its tag is would be known at the end only
    name: ClassVar[str] = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.form = str(request.accepted_renderer.format)

    def file(self, request: Request, lines: Iterable[str]) -> StreamingHttpResponse:
        renderer = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        response = StreamingHttpResponse(
            in_pieces(lines), content_type=f"{renderer.media_type}{charset}"
        )
        name = f"kadai-{self.name}.{SUFFIXES[self.form]}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def described(
    *forms: str, parameters: type[filters.Parameters] | None = None
) -> Callable[[F], F]:
    """How an export stands in the description of the API."""
    form = OpenApiParameter("format", str, enum=forms, description="In place of Accept.")
    given: list[Any] = [form, parameters] if parameters else [form]
    described: Callable[[F], F] = extend_schema(
        parameters=given, responses={200: OpenApiTypes.STR}, filters=False
    )
    return described


class ExportPapers(Export):
    """All papers that meet the conditions, in the order they arrived."""

    name = "papers"
    parameters = filters.PaperParameters
    renderer_classes = [NdJson, Csv, BibTeX, Ris, JsonLd]

    @described("ndjson", "csv", "bibtex", "ris", "jsonld", parameters=filters.PaperParameters)
    def get(self, request: Request) -> StreamingHttpResponse:
        terms = vocabulary.current()
        wanted = find_papers(filters.paper_filter(self.asked, terms), terms)
        rows: QuerySet[Paper] = wanted.defer(None).defer("search")
        papers = all_with_tags(rows, terms)
        if self.form == "jsonld":
            return self.file(request, jsonld.papers(papers, site_of(request)))
        write = {"csv": csv.papers, "ndjson": ndjson.papers, "bibtex": bibtex.papers,
                 "ris": ris.papers}[self.form]  # fmt: skip
        return self.file(request, write(papers))


class ExportTags(Export):
    """Every tag: paper × concept, as it now holds."""

    name = "tags"
    renderer_classes = [NdJson, Csv]

    @described("ndjson", "csv")
    def get(self, request: Request) -> StreamingHttpResponse:
        write = csv.tags if self.form == "csv" else ndjson.tags
        return self.file(request, write(all_tags(), vocabulary.current()))


class ExportDecisions(Export):
    """The trail: every decision that meets the conditions, with its seal, oldest first."""

    name = "decisions"
    parameters = filters.DecisionParameters
    renderer_classes = [NdJson, Csv]

    @described("ndjson", "csv", parameters=filters.DecisionParameters)
    def get(self, request: Request) -> StreamingHttpResponse:
        wanted = filters.trail_filter(self.asked, vocabulary.current())
        rows = wanted.rows(public=not request.user.has_perm("taxonomy.add_decision"))
        write = decisions.as_csv if self.form == "csv" else decisions.as_ndjson
        return self.file(request, write(rows))


class ExportConcepts(Export):
    """Both schemes whole, retired concepts too."""

    name = "concepts"
    kinds: ClassVar[tuple[str, ...]] = ("challenge", "domain")
    renderer_classes = [NdJson, Csv, JsonLd, Turtle]

    @described("ndjson", "csv", "jsonld", "skos-ttl")
    def get(self, request: Request) -> StreamingHttpResponse:
        terms = vocabulary.current()
        if self.form in {"jsonld", "skos-ttl"}:
            site = site_of(request)
            nodes = vocabulary_nodes(terms, site, self.kinds)
            document = jsonld.document if self.form == "jsonld" else turtle.document
            return self.file(request, document(nodes, site.prefixes()))
        listed = [term for term in terms if term.kind in self.kinds]
        write = csv.concepts if self.form == "csv" else ndjson.concepts
        return self.file(request, write(listed, terms, counts.totals()))


class ExportChallenges(ExportConcepts):
    """The scheme of challenges with what is narrower, and its groups."""

    name = "challenges"
    kinds = (Concept.Kind.CHALLENGE.value,)


class ExportDomains(ExportConcepts):
    """The scheme of application domains with what is narrower."""

    name = "domains"
    kinds = (Concept.Kind.DOMAIN.value,)


def in_pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """The same text in fewer, larger pieces."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= BATCH:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()
