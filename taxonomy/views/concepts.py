"""Challenges and application domains: the list of a kind, and one of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from taxonomy import charts, citations, counts, vocabulary
from taxonomy.charts import Change, Sparkline
from taxonomy.models import Concept, ConceptMonth, Edition, Landmark, Paper, Tag
from taxonomy.talk.following import Target
from taxonomy.views import comments, following
from taxonomy.views.http import PageRequest
from taxonomy.views.lines import counted, paper_lines
from taxonomy.vocabulary import Term, TermLink, Vocabulary

MONTHS = 24
PAGE = 15
LANDMARKS = 40

# A full stop, then space and something that begins a sentence; or the Japanese full stop.
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])|(?<=。)")


@dataclass(frozen=True)
class ConceptRow:
    """A concept in the list of its kind."""

    term: Term
    first_sentence: str
    papers: int
    narrower_count: int
    spark: Sparkline


@dataclass(frozen=True)
class Section:
    """Concepts under a heading; domains have one section without heading."""

    label: str
    note: str
    hue: str
    rows: list[ConceptRow]


@dataclass(frozen=True)
class Constraint:
    """A link to the other axis as this side sees it."""

    term: Term
    sentence: str
    evidence: list[Paper]
    papers_query: str


@require_safe
def challenges(request: PageRequest) -> HttpResponse:
    terms = vocabulary.current()
    rows = _rows(terms, terms.challenges)
    sections = [
        Section(group.label, group.note, group.slug, [rows[term.id] for term in group.members])
        for group in terms.groups
    ]
    grouped = {term.id for group in terms.groups for term in group.members}
    if rest := [row for id_, row in rows.items() if id_ not in grouped]:
        sections.append(Section(_("In no group"), "", "other", rest))
    return render(request, "concepts/list.html", {"sections": sections, "kind": "challenge"})


@require_safe
def domains(request: PageRequest) -> HttpResponse:
    terms = vocabulary.current()
    rows = list(_rows(terms, terms.domains).values())
    sections = [Section("", "", vocabulary.DOMAIN_HUE, rows)] if rows else []
    return render(request, "concepts/list.html", {"sections": sections, "kind": "domain"})


@require_safe
def challenge(request: PageRequest, slug: str) -> HttpResponse:
    return _concept(request, slug, Concept.Kind.CHALLENGE)


@require_safe
def domain(request: PageRequest, slug: str) -> HttpResponse:
    return _concept(request, slug, Concept.Kind.DOMAIN)


def _concept(request: PageRequest, slug: str, kind: str) -> HttpResponse:
    terms = vocabulary.current()
    term = terms.by_slug.get(slug)
    if term is None or term.kind != kind:
        raise Http404(_("There is no such concept."))
    if term.replaced_by_id:
        return HttpResponsePermanentRedirect(terms.by_id[term.replaced_by_id].url)
    totals = counts.totals()
    papers, older = _newest(term, request.GET.get("older", ""))
    context = {
        "term": term,
        "follow": following.button(request, "concept", slug, Target(concept=term.id)),
        "talk": comments.talk_about(request, comments.about_concept(term)),
        "papers": totals.get(term.id, 0),
        "trail": terms.ancestors(term.id)[::-1],
        "groups": [group for group in terms.groups if term in group.members],
        "narrower": counted(terms.narrower(term), totals),
        "related": counted(terms.related(term), totals),
        "constraints": _constraints(terms.links_of(term), term),
        "landmarks": _landmarks(term),
        "newest": paper_lines(papers, terms),
        "older": older,
        "is_first_page": "older" not in request.GET,
        "bibtex": citations.of_concept(
            label=term.label,
            slug=term.slug,
            url=request.build_absolute_uri(term.url),
            edition=Edition.objects.values_list("number", flat=True).first(),
            modified=term.modified_at,
        ),
    } | _by_month(term)
    return render(request, "concepts/concept.html", context)


def _rows(terms: Vocabulary, listed: Iterable[Term]) -> dict[int, ConceptRow]:
    totals = counts.totals()
    series = counts.series(counts.last_months(MONTHS + 1)[:-1])
    return {
        term.id: ConceptRow(
            term=term,
            first_sentence=first_sentence(term.definition),
            papers=totals.get(term.id, 0),
            narrower_count=len([one for one in terms.narrower(term) if not one.deprecated]),
            spark=charts.sparkline(series.get(term.id, [0] * MONTHS)),
        )
        for term in listed
    }


def first_sentence(text: str) -> str:
    return SENTENCE_END.split(text.strip(), maxsplit=1)[0]


def _by_month(term: Term) -> dict[str, object]:
    """The trend of two years and a month, and the change of the last full quarter."""
    months = counts.last_months(MONTHS + 1)
    rows = ConceptMonth.objects.filter(concept=term.id, month__gte=months[0])
    found = dict(rows.values_list("month", "papers"))
    values = [found.get(month, 0) for month in months]
    change: Change = charts.quarter_change(values[:-1])
    return {"trend": charts.trend(months, values), "change": change}


def _constraints(links: Iterable[TermLink], term: Term) -> list[Constraint]:
    """One query for the evidence of all of them."""
    links = list(links)
    wanted = [paper_id for link in links for paper_id in link.evidence]
    papers = Paper.objects.for_list().in_bulk(wanted) if wanted else {}
    return [
        Constraint(
            term=link.domain if term.id == link.challenge.id else link.challenge,
            sentence=link.sentence,
            evidence=[papers[id_] for id_ in link.evidence if id_ in papers],
            papers_query=f"challenge={link.challenge.slug}&domain={link.domain.slug}",
        )
        for link in links
    ]


def _landmarks(term: Term) -> list[Paper]:
    rows = Landmark.objects.filter(concept=term.id).select_related("paper")
    rows = rows.defer("paper__search", "paper__abstract", "paper__abstract_plain")
    rows = rows.order_by("paper__published_at", "paper_id")
    return [landmark.paper for landmark in rows[:LANDMARKS]]


def _newest(term: Term, older: str) -> tuple[list[Paper], str]:
    """Papers tagged with the concept, newest first, and the cursor of those after them.

    Reads the index of tags by concept, so that a rare concept is as fast as a common one.
    """
    tags = Tag.objects.filter(concept=term.id).newest_first().select_related("paper")
    tags = tags.defer("paper__search", "paper__abstract", "paper__abstract_plain")
    if position := _position(older):
        at, pk = position
        tags = tags.filter(Q(published_at__lte=at), Q(published_at__lt=at) | Q(paper_id__lt=pk))
    found = list(tags[: PAGE + 1])
    page, rest = found[:PAGE], found[PAGE:]
    cursor = f"{page[-1].published_at.timestamp():.6f}-{page[-1].paper_id}" if rest else ""
    return [tag.paper for tag in page], cursor


def _position(cursor: str) -> tuple[datetime, int] | None:
    seconds, _dash, pk = cursor.partition("-")
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return None
