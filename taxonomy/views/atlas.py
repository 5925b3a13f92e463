"""The atlas: what is hard, how much is written about it, and where it moves."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.views.decorators.http import require_safe

from taxonomy import counts, vocabulary
from taxonomy.charts import Change, Sparkline, quarter_change, sparkline, tint
from taxonomy.models import Paper, Screening, Tag
from taxonomy.views.http import PageRequest
from taxonomy.views.lines import Counted, PaperLine, counted, paper_lines
from taxonomy.vocabulary import Group, Term, Vocabulary

MONTHS = 24
NEWEST = 5
MOVED = 5
PAIRS = 12
WAITING_SHOWN = 3


@dataclass(frozen=True)
class ChallengeRow:
    term: Term
    papers: int
    spark: Sparkline
    change: Change
    narrower: list[Counted]


@dataclass(frozen=True)
class Column:
    group: Group
    rows: list[ChallengeRow]


@dataclass(frozen=True)
class Cell:
    """Where a challenge meets a domain."""

    challenge: Term
    domain: Term
    papers: int
    tint: int
    url: str


@dataclass(frozen=True)
class MapRow:
    term: Term
    cells: list[Cell]


@dataclass(frozen=True)
class Moved:
    challenge: Term
    domain: Term
    change: Change
    url: str


@require_safe
def atlas(request: PageRequest) -> HttpResponse:
    if elsewhere := _other_language(request):
        return elsewhere
    terms = vocabulary.current()
    rows = _map_rows(terms, counts.cells())
    context = {
        "columns": _columns(terms),
        "map_rows": rows,
        "map_groups": _by_hue(rows),
        "domains": terms.domains,
        "pairs": _strongest(rows),
        "moved": _moved(terms),
        "challenge_count": len(terms.challenges),
        "domain_count": len(terms.domains),
        "paper_count": counts.papers_total(),
        "week_count": counts.papers_since(timezone.now().date() - timedelta(days=6)),
        "waiting_count": counts.waiting(),
        "waiting_cap": counts.WAITING_CAP,
        "waiting": _first_waiting(),
        "newest": _newest_on_the_map(terms),
    }
    response = render(request, "atlas/atlas.html", context)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _other_language(request: PageRequest) -> HttpResponse | None:
    """A first visit to the bare address goes to the language the browser asks for.

    Who comes from a page of ours, or has chosen before, stays where the link led.
    """
    if request.path != "/" or request.get_host() in request.headers.get("Referer", ""):
        return None
    wanted = get_language_from_request(request)
    if wanted == "en":
        return None
    with override(wanted):
        response = HttpResponseRedirect(reverse("taxonomy:atlas"))
    patch_vary_headers(response, ["Accept-Language", "Cookie", "Referer"])
    return response


def _columns(terms: Vocabulary) -> list[Column]:
    totals = counts.totals()
    series = counts.series(counts.last_months(MONTHS + 1)[:-1])  # full months only
    nothing = [0] * MONTHS

    def row(term: Term) -> ChallengeRow:
        values = series.get(term.id, nothing)
        return ChallengeRow(
            term,
            totals.get(term.id, 0),
            sparkline(values),
            quarter_change(values),
            counted(terms.narrower(term), totals),
        )

    return [
        Column(group, sorted(map(row, group.members), key=lambda row: -row.papers))
        for group in terms.groups
    ]


def _map_rows(terms: Vocabulary, found: dict[tuple[int, int], int]) -> list[MapRow]:
    largest = max(found.values(), default=0)
    domains = terms.domains
    papers_url = reverse("taxonomy:papers")

    def cell(challenge: Term, domain: Term) -> Cell:
        papers = found.get((challenge.id, domain.id), 0)
        url = f"{papers_url}?challenge={challenge.slug}&domain={domain.slug}"
        return Cell(challenge, domain, papers, tint(papers, largest), url)

    return [
        MapRow(term, [cell(term, domain) for domain in domains]) for term in terms.challenges
    ]


def _by_hue(rows: list[MapRow]) -> list[list[MapRow]]:
    """Rows of one hue stand together, in the order in which the hues appear."""
    groups: dict[str, list[MapRow]] = {}
    for row in rows:
        groups.setdefault(row.term.hue, []).append(row)
    return list(groups.values())


def _strongest(rows: list[MapRow]) -> list[Cell]:
    cells = [cell for row in rows for cell in row.cells if cell.papers]
    return sorted(cells, key=lambda cell: -cell.papers)[:PAIRS]


def _moved(terms: Vocabulary) -> list[Moved]:
    """The cells whose last quarter is furthest from the one before."""
    months = counts.last_months(7)[:-1]
    papers_url = reverse("taxonomy:papers")
    found = []
    for (challenge_id, domain_id), values in counts.cell_series(months).items():
        change = quarter_change(values)
        if change.strength < 1:
            continue
        challenge, domain = terms.by_id[challenge_id], terms.by_id[domain_id]
        url = f"{papers_url}?challenge={challenge.slug}&domain={domain.slug}"
        found.append(Moved(challenge, domain, change, url))
    return sorted(found, key=lambda moved: -moved.change.strength)[:MOVED]


def _newest_on_the_map(terms: Vocabulary) -> list[PaperLine]:
    """The papers tagged last; before anything is tagged, the newest papers."""
    rows = Tag.objects.order_by("-id").values_list("paper_id", flat=True)[: NEWEST * 10]
    ids = list(dict.fromkeys(rows))[:NEWEST]
    if ids:
        by_id = Paper.objects.for_list().in_bulk(ids)
        papers = [by_id[id_] for id_ in ids]
    else:
        papers = list(Paper.objects.for_list().newest_first()[:NEWEST])
    return paper_lines(papers, terms)


def _first_waiting() -> list[Paper]:
    queue = Screening.objects.waiting().first_in_queue().select_related("paper")
    queue = queue.only("paper__title_plain", "paper__arxiv_id")
    return [screening.paper for screening in queue[:WAITING_SHOWN]]
