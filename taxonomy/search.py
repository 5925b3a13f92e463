"""Which papers: the filters of the paper list and of the API, and keyset paging."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from taxonomy.models import Paper, Tag
from taxonomy.models.papers import GONE
from taxonomy.vocabulary import Vocabulary

FIRST_YEAR = 2013
FILTERS = ("q", "challenge", "domain", "category", "year", "tagged", "withdrawn")
ARXIV_ID = re.compile(
    r"^(?:arxiv:|(?:https?://)?(?:(?:www|export)\.)?arxiv\.org/(?:abs|pdf|html)/"
    r"|(?:https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\.)?"
    r"(?:([0-9]{4}\.[0-9]{4,5})|([a-z-]+)(?:\.[a-z]{2})?(/[0-9]{7}))(?:v[0-9]+)?(?:\.pdf)?$",
    re.IGNORECASE | re.ASCII,
)


def base_arxiv_id(text: str) -> str:
    """The identifier without version and subject class; empty if the text is none.

    An address of arXiv and its DOI are one, too.
    """
    found = ARXIV_ID.match(text.strip())
    return "".join(part.lower() for part in found.groups() if part) if found else ""


@dataclass(frozen=True)
class PaperFilter:
    """What is asked for; empty fields ask for nothing. Concepts are slugs."""

    q: str = ""
    challenge: str = ""
    domain: str = ""
    category: str = ""
    published_after: date | None = None
    published_before: date | None = None
    tagged: bool | None = None
    exact: bool = False  # a concept without what is narrower
    withdrawn: bool | None = None  # or removed by arXiv


def years() -> list[str]:
    """By which papers can be looked for, this one first."""
    return [str(year) for year in range(timezone.now().year, FIRST_YEAR - 1, -1)]


def saved_search(words: Mapping[str, str]) -> str:
    """The filters alone, as they are followed: the same search has always the same words."""
    return urlencode({name: words[name] for name in FILTERS if words.get(name)})


def asked_for(words: Mapping[str, str]) -> PaperFilter:
    """What the fields of the search page ask for; those that are missing ask for nothing."""
    year = words.get("year", "")
    yes_or_no = {"yes": True, "no": False}
    return PaperFilter(
        q=words.get("q", ""),
        challenge=words.get("challenge", ""),
        domain=words.get("domain", ""),
        category=words.get("category", ""),
        published_after=date(int(year), 1, 1) if year else None,
        published_before=date(int(year) + 1, 1, 1) if year else None,
        tagged=yes_or_no.get(words.get("tagged", "")),
        withdrawn=yes_or_no.get(words.get("withdrawn", "")),
    )


def find_papers(wanted: PaperFilter, vocabulary: Vocabulary) -> QuerySet[Paper]:
    """Papers that meet every condition, unordered. An unknown slug finds nothing."""
    papers = Paper.objects.for_list()
    if wanted.q:
        papers = papers.matching(wanted.q.replace("\x00", ""))
    for slug, kind in ((wanted.challenge, "challenge"), (wanted.domain, "domain")):
        if not slug:
            continue
        term = vocabulary.by_slug.get(slug)
        if term is None or term.kind != kind:
            return papers.none()
        tags = Tag.objects.filter(paper=OuterRef("pk"), concept=term.id)
        papers = papers.filter(Exists(tags.filter(direct=True) if wanted.exact else tags))
    if wanted.category:
        papers = papers.filter(categories__contains=[wanted.category])
    if wanted.published_after:
        papers = papers.filter(published_at__gte=_start_of(wanted.published_after))
    if wanted.published_before:
        papers = papers.filter(published_at__lt=_start_of(wanted.published_before))
    if wanted.tagged is not None:
        has_tag = Exists(Tag.objects.filter(paper=OuterRef("pk")))
        papers = papers.filter(has_tag if wanted.tagged else ~has_tag)
    if wanted.withdrawn is not None:
        papers = papers.gone() if wanted.withdrawn else papers.exclude(GONE)
    return papers


@dataclass(frozen=True)
class Page:
    """A stretch of papers, newest first, and where it goes on in both directions."""

    papers: list[Paper]
    newer: str | None  # cursors; None at an end
    older: str | None


def page_of_papers(papers: QuerySet[Paper], *, cursor: str = "", size: int = 25) -> Page:
    """One page by keyset: as fast at the millionth paper as at the first. One query.

    `cursor` is "o…" (older than) or "n…" (newer than) from a Page; anything else starts at
    the newest.
    """
    position = _decode(cursor)
    backwards = position is not None and position[0] == "n"
    if position is not None:
        _, at, pk = position
        if backwards:
            papers = papers.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=pk))
        else:
            papers = papers.filter(
                Q(published_at__lte=at), Q(published_at__lt=at) | Q(pk__lt=pk)
            )
    if backwards:
        found = list(papers.order_by("published_at", "id")[: size + 1])
        more = len(found) > size
        found = found[:size][::-1]
        return Page(
            found,
            newer=_encode("n", found[0]) if found and more else None,
            older=_encode("o", found[-1]) if found else None,
        )
    found = list(papers.newest_first()[: size + 1])  # type: ignore[attr-defined]  # PaperQuerySet
    more = len(found) > size
    found = found[:size]
    return Page(
        found,
        newer=_encode("n", found[0]) if found and position else None,
        older=_encode("o", found[-1]) if found and more else None,
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _encode(direction: str, paper: Paper) -> str:
    text = f"{paper.published_at.timestamp():.6f}|{paper.pk}"
    return direction + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, datetime, int] | None:
    if cursor[:1] not in {"o", "n"}:
        return None
    body = cursor[1:]
    try:
        text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        seconds, pk = text.split("|")
        return cursor[0], datetime.fromtimestamp(float(seconds), tz=UTC), int(pk)
    except (ValueError, OverflowError, OSError, binascii.Error):
        return None
