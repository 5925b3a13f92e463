"""The papers: searching all of them, and reading one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from taxonomy import citations, vocabulary
from taxonomy.dossiers import suggestions
from taxonomy.models import Decision, Paper
from taxonomy.search import base_arxiv_id, find_papers, page_of_papers
from taxonomy.talk.following import Target
from taxonomy.views import comments, following
from taxonomy.views.browsing import Browse, facets_of
from taxonomy.views.evidence import marked, suggested_on
from taxonomy.views.http import PageRequest
from taxonomy.views.lines import in_order, paper_lines, similar_papers
from taxonomy.views.steps import Trail, lines_of, number_in
from taxonomy.views.versions import history, named_by
from taxonomy.vocabulary import Term, Vocabulary

PAGE = 25
SIMILAR = 5
DECISIONS = 50
FIRST_AUTHORS = 12
MATCHES = 6
SHORTEST = 2  # two characters are a word in Japanese


@require_safe
def papers(request: PageRequest) -> HttpResponse:
    browse = Browse.from_query(request.GET)
    if found := _known_id(browse.q):
        return redirect("taxonomy:paper", found)
    terms = vocabulary.current()
    page = page_of_papers(find_papers(browse.wanted, terms), cursor=browse.start, size=PAGE)
    partial = "#browse" if request.htmx and not request.htmx.history_restore_request else ""
    lines = paper_lines(browse.in_reading_order(page.papers), terms)
    context = {
        "browse": browse,
        "lines": lines,
        "pager": browse.pager(page),
        "facets": facets_of(browse, terms),
        "chips": browse.chips(terms),
        "matches": _matching_terms(browse.q, terms),
        "arxiv_id": base_arxiv_id(browse.q),
        "follow": following.search_button(request, browse),
        "partial": partial,
    }
    response = render(request, f"papers/list.html{partial}", context)
    patch_vary_headers(response, ["HX-Request"])
    if partial:  # the tidy address, without the empty fields of the form
        response["HX-Push-Url"] = browse.url(cursor=browse.cursor)
    return response


@require_safe
def paper(request: PageRequest, arxiv_id: str) -> HttpResponse:
    if (base := base_arxiv_id(arxiv_id)) and base != arxiv_id:
        return redirect("taxonomy:paper", base, permanent=True)
    terms = vocabulary.current()
    found = get_object_or_404(Paper.objects.defer("search"), arxiv_id=arxiv_id)
    tags = list(found.tags.values_list("concept_id", "direct"))
    direct = [id_ for id_, direct in tags if direct]
    curating = request.user.has_perm("taxonomy.add_decision")
    rows = suggestions(found) if curating else []
    suggested = suggested_on(found, rows, terms)
    before = number_in(request.GET.get("before", ""))
    context = {
        "paper": found,
        "follow": following.button(request, "paper", arxiv_id, Target(paper=found.pk)),
        "talk": comments.talk_about(request, comments.about_paper(found)),
        "tags": in_order(terms.by_id[id_] for id_ in direct),
        "implied": in_order(terms.by_id[id_] for id_, _ in tags if id_ not in direct),
        "curating": curating,
        "suggested": suggested,
        "abstract": marked(found.abstract_plain, "abstract", suggested),
        "title": marked(found.title_plain, "title", suggested),
        "named": named_by(found),
        "history": history(found),
        "trail": _trail(found, terms, before, names=curating),
        "similar": similar_papers(found, direct, terms, SIMILAR),
        "bibtex": citations.of_paper(found),
        "first_authors": found.authors[:FIRST_AUTHORS],
        "more_authors": found.authors[FIRST_AUTHORS:],
    }
    return render(request, "papers/paper.html", context)


def _trail(paper: Paper, terms: Vocabulary, before: int | None, *, names: bool) -> Trail:
    """A page of it, newest first. Two queries."""
    rows = Decision.objects.filter(paper=paper).select_related("actor").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: DECISIONS + 1])
    more, found = len(found) > DECISIONS, found[:DECISIONS]
    return Trail(lines_of(found, terms, names=names), found[-1].pk if more else None)


def _known_id(text: str) -> str:
    wanted = base_arxiv_id(text)
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
