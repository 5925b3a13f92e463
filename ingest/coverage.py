"""Which sets of arXiv are meant to be here as a whole, and from which number to which."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from ingest import categories
from ingest.models import Harvest, Query, Way
from ingest.oai import EARLIEST
from taxonomy.models import Paper

LONGEST = timedelta(days=61)  # two months
FIRST_MONTH = "0704"  # older ids have no numbers over all of arXiv
SLACK = 200  # numbers below and above what is here: a few hours of submissions
_LAST = {4: 9999, 5: 99999}


class NothingCovered(Exception):
    """No enabled query takes in that set as a whole, or none of its runs is done yet."""


@dataclass(frozen=True)
class Range:
    """Numbers from `first` to `last`; of these, what was submitted since."""

    first: str
    last: str
    since: datetime | None = None

    def __contains__(self, arxiv_id: str) -> bool:
        # Ids of four and of five digits compare as text: the month decides first.
        return "/" not in arxiv_id and self.first <= arxiv_id <= self.last

    @property
    def begins_on(self) -> date:
        """No record of the range has changed before: the first day of its first month."""
        return max(date(2000 + int(self.first[:2]), int(self.first[2:4]), 1), EARLIEST)


def of_months(first: str, last: str) -> Range:
    """All numbers of these months, written YYMM."""
    return Range(_number(first, 1), _number(last, _LAST[5]))


def sets() -> dict[str, datetime]:
    """What enabled queries take in as a whole, and since when their runs have covered it."""
    found: dict[str, datetime] = {}
    for query in Query.objects.filter(enabled=True, watermark__isnull=False):
        spec = spec_of(query)
        if spec:
            since = _covered_since(query)
            found[spec] = min(since, found.get(spec, since))
    return found


def spec_of(query: Query) -> str:
    """The set that a query takes in as a whole; empty where it chooses further."""
    if query.way == Way.SEARCH:
        category = categories.whole(query.search)
        return categories.set_of(category) if category else ""
    return "" if query.known_only or query.match else query.search


def of_set(spec: str, since: datetime | None = None) -> Range:
    """From the lowest to the highest number here, of what the runs have covered.

    A new atlas has pulled a month, not two: what was submitted before its first run is not
    missing. With `since`, of what was submitted from then on. Raises NothingCovered.
    """
    if since is None:
        if (covered := sets().get(spec)) is None:
            raise NothingCovered(spec)
        since = max(covered, timezone.now() - LONGEST)
    here = papers(spec).filter(published_at__gte=since, arxiv_id__contains=".")
    ends = here.aggregate(first=Min("arxiv_id"), last=Max("arxiv_id"))
    if ends["first"] is None:
        months = (f"{at.astimezone(UTC):%y%m}" for at in (since, timezone.now()))
        first, last = months
        return Range(_number(first, 1), _number(last, _LAST[5]), since)
    return Range(_shifted(ends["first"], -SLACK), _shifted(ends["last"], SLACK), since)


def papers(spec: str) -> QuerySet[Paper]:
    """Those here that are in that set; of an archive with subjects, all papers."""
    category = categories.of_set(spec)
    if not category or categories.is_archive(category):
        return Paper.objects.all()
    return Paper.objects.filter(categories__contains=[category])


def _covered_since(query: Query) -> datetime:
    """Back from the watermark, as far as one finished run joins the next."""
    ended = Q(state=Harvest.State.DONE) | Q(state=Harvest.State.FAILED, missing__gt=0)
    runs = Harvest.objects.filter(
        ended,
        way=query.way,
        search=query.search,
        match=query.match,
        known_only=query.known_only,
        limit__isnull=True,
    )
    start = query.watermark or timezone.now()
    for since, until in runs.order_by("-until").values_list("since", "until"):
        if until < start:
            break
        start = min(start, since)
    return start


def _number(month: str, number: int) -> str:
    digits = 5 if month >= "1501" else 4
    return f"{month}.{min(number, _LAST[digits]):0{digits}d}"


def _shifted(arxiv_id: str, by: int) -> str:
    month, _, number = arxiv_id.partition(".")
    return _number(month, max(int(number) + by, 1))
