"""What the paper list is asked for: read from the address, and written back into links."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from taxonomy import counts
from taxonomy.models import Concept, Paper
from taxonomy.search import Page, PaperFilter, asked_for, saved_search, years
from taxonomy.vocabulary import DOMAIN_HUE, Term, Vocabulary

OLDEST = "oldest"
FROM_THE_OLDEST = "nMC4wMDAwMDB8MA"  # the cursor "newer than the year 1970"
CATEGORIES = (
    "cs.CL", "cs.LG", "cs.AI", "cs.CV", "cs.IR", "cs.HC", "cs.SE", "cs.CR", "cs.CY", "cs.RO",
    "cs.MA", "cs.DC", "cs.DB", "cs.SD", "eess.AS", "stat.ML", "q-bio.BM", "physics.soc-ph",
)  # fmt: skip


@dataclass(frozen=True)
class Facet:
    """One concept to narrow the list by, or to let go of again."""

    term: Term
    url: str
    papers: int | None  # None where the number would need counting
    chosen: bool
    nested: bool = False


@dataclass(frozen=True)
class Facets:
    challenges: list[Facet]
    domains: list[Facet]
    total: int | None  # papers in the whole list, where the counters know it


@dataclass(frozen=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    hue: str
    url: str


@dataclass(frozen=True)
class Pager:
    previous: str
    next: str


@dataclass(frozen=True)
class Browse:
    """The query of a paper list; values that make no sense are dropped."""

    q: str = ""
    challenge: str = ""
    domain: str = ""
    category: str = ""
    year: str = ""
    tagged: str = ""
    withdrawn: str = ""
    sort: str = ""
    cursor: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Browse":
        def allowed(name: str, values: Iterable[str]) -> str:
            value = query.get(name, "")
            return value if value in values else ""

        return cls(
            q=" ".join(query.get("q", "").replace("\x00", "").split())[:200],
            challenge=query.get("challenge", "").replace("\x00", "")[:80],
            domain=query.get("domain", "").replace("\x00", "")[:80],
            category=query.get("category", "").replace("\x00", "")[:32],
            year=allowed("year", years()),
            tagged=allowed("tagged", ("yes", "no")),
            withdrawn=allowed("withdrawn", ("yes", "no")),
            sort=allowed("sort", (OLDEST,)),
            cursor=query.get("cursor", "")[:80],
        )

    @property
    def wanted(self) -> PaperFilter:
        return asked_for(vars(self))

    @property
    def is_filtered(self) -> bool:
        return replace(self, sort="", cursor="") != Browse()

    @property
    def years(self) -> list[str]:
        return years()

    @property
    def categories(self) -> list[str]:
        known = list(CATEGORIES)
        return known if not self.category or self.category in known else [self.category, *known]

    @property
    def start(self) -> str:
        """The cursor of the page asked for, in the terms of `page_of_papers`."""
        return self.cursor or (FROM_THE_OLDEST if self.sort == OLDEST else "")

    @property
    def saved(self) -> str:
        """The filters alone, as they are followed."""
        return saved_search(vars(self))

    def in_reading_order(self, papers: list[Paper]) -> list[Paper]:
        return papers[::-1] if self.sort == OLDEST else papers

    def url(self, **changes: str) -> str:
        """This list with other filters, from its beginning unless a cursor is given."""
        query = replace(self, **{"cursor": "", **changes})
        given = {name: value for name, value in vars(query).items() if value}
        base = reverse("taxonomy:papers")
        return f"{base}?{urlencode(given)}" if given else base

    def pager(self, page: Page) -> Pager:
        newer, older = page.newer or "", page.older or ""
        before, after = (older, newer) if self.sort == OLDEST else (newer, older)
        if not self.cursor:
            before = ""
        return Pager(
            previous=self.url(cursor=before) if before else "",
            next=self.url(cursor=after) if after else "",
        )

    def chips(self, terms: Vocabulary) -> list[Chip]:
        chips = []
        if self.q:
            chips.append(Chip(_("“%(words)s”") % {"words": self.q}, "", self.url(q="")))
        for name in ("challenge", "domain"):
            if slug := getattr(self, name):
                term = terms.by_slug.get(slug)
                label, hue = (term.label, term.hue) if term else (slug, DOMAIN_HUE)
                chips.append(Chip(label, hue, self.url(**{name: ""})))
        for name in ("category", "year"):
            if value := getattr(self, name):
                chips.append(Chip(value, "", self.url(**{name: ""})))
        if self.tagged:
            label = _("On the map") if self.tagged == "yes" else _("Not on the map yet")
            chips.append(Chip(label, "", self.url(tagged="")))
        if self.withdrawn:
            label = (
                _("Withdrawn or removed") if self.withdrawn == "yes" else _("None withdrawn")
            )
            chips.append(Chip(label, "", self.url(withdrawn="")))
        return chips


def facets_of(browse: Browse, terms: Vocabulary) -> Facets:
    """Both axes. Numbers stand only where the counters know them. Two queries."""
    totals, cells = counts.totals(), counts.cells()
    only_concepts = replace(browse, challenge="", domain="", sort="", cursor="") == Browse()
    challenge = terms.by_slug.get(browse.challenge)
    domain = terms.by_slug.get(browse.domain)

    def papers(term: Term, other: Term | None) -> int | None:
        if not only_concepts or (other and not (other.is_top and term.is_top)):
            return None
        if other is None:
            return totals.get(term.id, 0)
        is_challenge = term.kind == Concept.Kind.CHALLENGE
        pair = (term.id, other.id) if is_challenge else (other.id, term.id)
        return cells.get(pair, 0)

    def axis(kind: str, chosen: Term | None, other: Term | None) -> list[Facet]:
        opened = terms.top_of(chosen) if chosen and chosen.kind == kind else None
        found = []
        for top in terms.top(kind):
            inside = terms.narrower(top) if opened is top else []
            for term in [top, *(one for one in inside if not one.deprecated)]:
                url = browse.url(**{kind: "" if term is chosen else term.slug})
                number = papers(term, other)
                found.append(Facet(term, url, number, term is chosen, not term.is_top))
        return found

    total = None
    if challenge or domain:
        first, other = (challenge, domain) if challenge else (domain, None)
        total = papers(first, other) if first else None
    elif not browse.is_filtered:
        total = counts.papers_total()
    return Facets(
        axis(Concept.Kind.CHALLENGE, challenge, domain),
        axis(Concept.Kind.DOMAIN, domain, challenge),
        total,
    )
