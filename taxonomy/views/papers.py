"""The papers: searching all of them, and reading one."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from taxonomy import citations, vocabulary
from taxonomy.highlighting import Piece, Span, segments
from taxonomy.models import Decision, Paper, Suggestion, Tag
from taxonomy.search import find_papers, page_of_papers
from taxonomy.views.browsing import Browse, facets_of
from taxonomy.views.http import PageRequest
from taxonomy.views.lines import PaperLine, in_order, paper_lines
from taxonomy.vocabulary import Term, Vocabulary

PAGE = 25
SIMILAR = 5
PER_CONCEPT = 40  # newest papers of each concept that similar ones are sought among
DECISIONS = 50
FIRST_AUTHORS = 12
MATCHES = 6
SHORTEST = 2  # two characters are a word in Japanese

ARXIV_ID = re.compile(
    r"^(?:arxiv:)?(?:([0-9]{4}\.[0-9]{4,5})|([a-z-]+)(?:\.[a-z]{2})?(/[0-9]{7}))(?:v[0-9]+)?$",
    re.IGNORECASE,
)


@require_safe
def papers(request: PageRequest) -> HttpResponse:
    browse = Browse.from_query(request.GET)
    if found := _known_id(browse.q):
        return redirect("taxonomy:paper", found)
    terms = vocabulary.current()
    page = page_of_papers(find_papers(browse.wanted, terms), cursor=browse.start, size=PAGE)
    lines = paper_lines(browse.in_reading_order(page.papers), terms)
    context = {
        "browse": browse,
        "lines": lines,
        "pager": browse.pager(page),
        "facets": facets_of(browse, terms),
        "chips": browse.chips(terms),
        "matches": _matching_terms(browse.q, terms),
        "arxiv_id": _arxiv_id(browse.q),
    }
    partial = "#browse" if request.htmx and not request.htmx.history_restore_request else ""
    response = render(request, f"papers/list.html{partial}", context)
    patch_vary_headers(response, ["HX-Request"])
    if partial:  # the tidy address, without the empty fields of the form
        response["HX-Push-Url"] = browse.url(cursor=browse.cursor)
    return response


@require_safe
def paper(request: PageRequest, arxiv_id: str) -> HttpResponse:
    if (base := _arxiv_id(arxiv_id)) and base != arxiv_id:
        return redirect("taxonomy:paper", base, permanent=True)
    terms = vocabulary.current()
    found = get_object_or_404(Paper.objects.defer("search"), arxiv_id=arxiv_id)
    tags = list(found.tags.values_list("concept_id", "direct"))
    curating = request.user.has_perm("taxonomy.add_decision")
    suggested = _suggested(found, terms) if curating else []
    context = {
        "paper": found,
        "tags": in_order(terms.by_id[id_] for id_, direct in tags if direct),
        "implied": in_order(terms.by_id[id_] for id_, direct in tags if not direct),
        "curating": curating,
        "suggested": suggested,
        "abstract": _marked(found.abstract_plain, "abstract", suggested),
        "title": _marked(found.title_plain, "title", suggested),
        "decisions": _trail(found, terms),
        "similar": _similar(found, [id_ for id_, direct in tags if direct], terms),
        "bibtex": citations.of_paper(found),
        "first_authors": found.authors[:FIRST_AUTHORS],
        "more_authors": found.authors[FIRST_AUTHORS:],
    }
    return render(request, "papers/paper.html", context)


@dataclass(frozen=True)
class Suggested:
    """A suggestion as a curator sees it: how sure, and the words it rests on."""

    term: Term
    score: float
    spans: tuple[tuple[str, Span], ...]  # field, span
    words: tuple[str, ...]

    @property
    def percent(self) -> int:
        return round(100 * self.score)


@dataclass(frozen=True)
class Step:
    """One decision in the trail of a paper."""

    decision: Decision
    term: Term
    actor: str


def _suggested(paper: Paper, terms: Vocabulary) -> list[Suggested]:
    texts = {"title": paper.title_plain, "abstract": paper.abstract_plain}
    rows = Suggestion.objects.filter(paper=paper).order_by("-score", "concept_id")
    return [_with_words(row, terms.by_id[row.concept_id], texts) for row in rows]


def _with_words(row: Suggestion, term: Term, texts: dict[str, str]) -> Suggested:
    spans, words = [], []
    for span in row.evidence.get("spans", []):
        field, start, end = span["field"], span["start"], span["end"]
        marked = Span(start, end, term.hue, term.label, row.score * span["weight"])
        spans.append((field, marked))
        words.append(texts.get(field, "")[start:end])
    return Suggested(term, row.score, tuple(spans), tuple(dict.fromkeys(words)))


def _marked(text: str, field: str, suggested: Iterable[Suggested]) -> list[Piece]:
    spans = [span for one in suggested for at, span in one.spans if at == field]
    return segments(text, spans)


def _trail(paper: Paper, terms: Vocabulary) -> list[Step]:
    rows = Decision.objects.filter(paper=paper).select_related("actor").order_by("-id")
    return [
        Step(
            row,
            terms.by_id[row.concept_id],
            row.actor.username if row.actor else row.actor_name,
        )
        for row in rows[:DECISIONS]
    ]


def _similar(paper: Paper, concept_ids: list[int], terms: Vocabulary) -> list[PaperLine]:
    """Papers that share most concepts, among the newest of each. Three queries at most."""
    if not concept_ids:
        return []
    newest = [
        Tag.objects.filter(concept=id_)
        .exclude(paper=paper)
        .newest_first()
        .values_list("paper_id", flat=True)[:PER_CONCEPT]
        for id_ in concept_ids
    ]
    rows = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    shared = Counter(rows)
    best = sorted(shared, key=lambda id_: (-shared[id_], -id_))[:SIMILAR]
    by_id = Paper.objects.for_list().in_bulk(best)
    return paper_lines([by_id[id_] for id_ in best], terms)


def _arxiv_id(text: str) -> str:
    """The identifier without version and subject class, if the text is one."""
    found = ARXIV_ID.match(text.strip())
    return "".join(part.lower() for part in found.groups() if part) if found else ""


def _known_id(text: str) -> str:
    wanted = _arxiv_id(text)
    if not wanted:
        return ""
    rows = Paper.objects.filter(arxiv_id=wanted).values_list("arxiv_id", flat=True)
    return rows.first() or ""


def _matching_terms(text: str, terms: Vocabulary) -> list[Term]:
    """Concepts one of whose labels, in any language, contains what was asked for."""
    asked = text.casefold().strip('"')
    if len(asked) < SHORTEST:
        return []
    found = [
        term
        for term in terms
        if not term.deprecated
        and any(
            asked in label.casefold() for labels in term.labels.values() for label in labels
        )
    ]
    return sorted(found, key=lambda term: not term.is_top)[:MATCHES]
