"""Candidates for new concepts: the list, a page for each, and what people say of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ingest.models import ConceptCandidate
from ingest.suggest import discovery
from ingest.suggest.topics import find, key_of, phrase_of
from taxonomy import vocabulary
from taxonomy.models import Comment, Paper, Tag
from taxonomy.search import find_papers, page_of_papers
from taxonomy.talk.following import Target
from taxonomy.views import comments, following
from taxonomy.views.browsing import Browse
from taxonomy.views.http import CuratorRequest, PageRequest, only_with
from taxonomy.views.lines import Counted, paper_lines
from taxonomy.vocabulary import Vocabulary

DISMISSED = 20
PAPERS = 10
LOOKED_AT = 200  # newest papers that have the phrase
MOST_BESIDE = 8


@dataclass(frozen=True)
class Card:
    """A candidate in the list."""

    row: ConceptCandidate
    url: str
    papers: list[Paper]
    comments: int


@dataclass(frozen=True)
class Surroundings:
    """Where a phrase is frequent, among the newest papers that have it."""

    papers: int
    terms: list[Counted]
    categories: list[tuple[str, int]]


@never_cache
@require_safe
def candidates(request: PageRequest) -> HttpResponse:
    """Phrases that no concept covers, for everyone to read."""
    found = list(ConceptCandidate.objects.open())
    dismissed = list(ConceptCandidate.objects.dismissed()[:DISMISSED])
    papers = Paper.objects.for_list().in_bulk({pk for one in found for pk in one.sample})
    said = _comments_on(one.phrase for one in found)
    context = {
        "candidates": [
            Card(
                one,
                find(one.phrase).url,
                [papers[pk] for pk in one.sample if pk in papers],
                said[key_of(one.phrase)],
            )
            for one in found
        ],
        "dismissed": [(one, find(one.phrase).url) for one in dismissed],
    }
    return render(request, "insights/candidates.html", context)


@never_cache
@require_safe
def candidate(request: PageRequest, name: str) -> HttpResponse:
    """One of them. What was talked about stays readable when it is no longer found."""
    phrase, row = _known(name)
    terms = vocabulary.current()
    search = Browse(q=f'"{phrase}"')
    newest = page_of_papers(find_papers(search.wanted, terms), size=LOOKED_AT).papers
    followed = Target(search=search.saved)
    context = {
        "phrase": phrase,
        "candidate": row,
        "surroundings": _surroundings(newest, terms),
        "lines": paper_lines(newest[:PAPERS], terms),
        "search_url": search.url(),
        "follow": following.button(request, "search", search.saved, followed),
        "talk": comments.talk_about(request, comments.about_topic(key_of(phrase))),
    }
    return render(request, "insights/candidate.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: PageRequest, name: str) -> HttpResponse:
    """What people say of it."""
    phrase, _row = _known(name)
    return comments.page_of(request, comments.about_topic(key_of(phrase)))


@require_POST
@only_with("ingest.change_query", "ingest:candidates")
def judge(request: CuratorRequest, pk: int) -> HttpResponse:
    """Dismissed or restored, as the form says; a second click changes nothing."""
    row = get_object_or_404(ConceptCandidate, pk=pk)
    if request.POST.get("dismissed") == "on":
        discovery.dismiss(row, request.user)
        messages.success(request, _("“%s” is no longer offered.") % row.phrase)
    else:
        discovery.restore(row)
        messages.success(request, _("“%s” is offered again.") % row.phrase)
    on_its_page = "page" in request.POST
    return redirect(find(row.phrase).url if on_its_page else "ingest:candidates")


def known_phrase(name: str) -> str:
    """Of a candidate that is there, or that somebody has commented on; Http404 of others."""
    return _known(name)[0]


def _known(name: str) -> tuple[str, ConceptCandidate | None]:
    phrase = phrase_of(name).replace("\x00", "")
    row = ConceptCandidate.objects.filter(phrase=phrase).first()
    if row is None and not Comment.objects.filter(topic=key_of(phrase)).exists():
        raise Http404(_("There is no such candidate."))
    return phrase, row


def _comments_on(phrases: Iterable[str]) -> Counter[str]:
    """How many stand, by topic. One query."""
    rows = Comment.objects.standing().filter(topic__in=[key_of(one) for one in phrases])
    return Counter(dict(rows.values_list("topic").annotate(said=Count("pk"))))


def _surroundings(papers: list[Paper], terms: Vocabulary) -> Surroundings:
    """One query for the tags."""
    rows = Tag.objects.filter(paper__in=[paper.pk for paper in papers], direct=True)
    tags = rows.values_list("concept").annotate(papers=Count("pk")).order_by("-papers")
    categories = Counter(paper.primary_category for paper in papers if paper.categories)
    return Surroundings(
        len(papers),
        [Counted(terms.by_id[pk], count) for pk, count in tags[:MOST_BESIDE]],
        categories.most_common(MOST_BESIDE),
    )
