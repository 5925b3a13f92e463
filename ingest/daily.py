"""The daily listing, compared with what is here: who should ask arXiv now, and who need not.

It is a hint and nothing rests on it. Where it cannot be had, every query goes by its
interval, and the pace of the other interfaces does not suffer.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ingest import categories, pace
from ingest.fetching import ArxivError
from ingest.listing import (
    Announcement,
    Client,
    DailyListing,
    Kind,
    NoListing,
    day_due,
    out_at,
)
from ingest.models import Listing, Query, Way
from taxonomy.models import Paper

LAG = timedelta(hours=1)  # that arXiv may take after midnight to build it
ASK_AGAIN_AFTER = timedelta(hours=1)
MOST_ATTEMPTS = 3  # a day
MOST_CATEGORIES = 40  # in one address
HASTENED = timedelta(days=1)  # a query that is asked less often than that stays so

_SET_LICENCES = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb)
        AS one(arxiv_id text, version smallint, licence text)
), lacking AS (
    SELECT here.id, said.licence FROM taxonomy_paper here JOIN said USING (arxiv_id, version)
    WHERE here.licence <> said.licence ORDER BY here.arxiv_id FOR UPDATE OF here
)
UPDATE taxonomy_paper here SET licence = lacking.licence, revision = revision + 1
FROM lacking WHERE here.id = lacking.id
"""


@dataclass(frozen=True)
class _Comparison:
    """Which of the papers announced are not here in that version."""

    unknown: tuple[Announcement, ...]
    outdated: tuple[Announcement, ...]

    def has_news_for(self, query: Query) -> bool:
        """As far as it can tell without asking: words are arXiv's to look for."""
        if query.known_only:
            return bool(self.outdated)
        there = _followed_by(query)
        missing: Iterable[Announcement] = (*self.unknown, *self.outdated)
        if query.way == Way.SEARCH:  # by the day of submission: new versions do not show
            missing = (one for one in self.unknown if one.is_new)
        return any(categories.covers(name, one.categories) for one in missing for name in there)


def client() -> Client:
    """As the settings say where arXiv is and who we are."""
    return Client(settings.ARXIV_RSS_URL, settings.ARXIV_CONTACT)


def is_due() -> bool:
    """Whether the day's listing should be asked for. One query."""
    return not Listing.objects.filter(_settled(), day=_day()).exists()


def read(beat: Callable[[], None] = lambda: None) -> Listing | None:
    """Ask for the day's listing and act on it; None: there is nothing to ask for now.

    Once a day, whoever calls it and how often. What goes wrong is noted, not raised.
    """
    followed = _followed(Query.objects.filter(enabled=True))
    row = _claim(_day(), followed) if followed else None
    if row is None:
        return None
    arxiv = client()
    try:
        said = pace.ask(lambda: arxiv.day(followed), beat)
    except (NoListing, ArxivError, pace.NotYet, pace.Stopped) as error:
        row.error = str(error)
        row.save(update_fields=["error"])
        return row
    return _take(row.pk, said)


def _day() -> date:
    return day_due(timezone.now() - LAG)


def _settled() -> Q:
    """Answered, asked lately, or asked often enough."""
    lately = timezone.now() - ASK_AGAIN_AFTER
    return (
        Q(answered_at__isnull=False) | Q(asked_at__gt=lately) | Q(attempts__gte=MOST_ATTEMPTS)
    )


def _claim(day: date, followed: list[str]) -> Listing | None:
    """The day's row for the one who asks; whoever comes second finds it taken."""
    with transaction.atomic():
        known, is_new = Listing.objects.get_or_create(day=day, defaults={"attempts": 1})
        if is_new:
            row = known
        else:
            rows = Listing.objects.select_for_update().exclude(_settled())
            if (found := rows.filter(pk=known.pk).first()) is None:
                return None
            row = found
            row.attempts += 1
        row.asked_at, row.categories, row.error = timezone.now(), followed, ""
        row.save(update_fields=["attempts", "asked_at", "categories", "error"])
        return row


def _followed(queries: Iterable[Query]) -> list[str]:
    """What their listings are called, archives for all of their categories.

    A query of known papers adds nothing: they are in the categories of the others, and the
    listing of a whole archive would be too long to hold them all.
    """
    names = {name for q in queries if not q.known_only for name in _followed_by(q)}
    wide = {name for name in names if "." not in name}
    narrow = {name for name in names if "." in name and name.partition(".")[0] not in wide}
    return sorted(wide | narrow)[:MOST_CATEGORIES]


def _followed_by(query: Query) -> frozenset[str]:
    if query.way == Way.OAI:
        name = categories.of_set(query.search)
        return frozenset({name}) if name else frozenset()
    return categories.in_search(query.search)


def _take(pk: int, said: DailyListing) -> Listing:
    """Fill the row in, the licences too, and tell the queries; all or nothing, and once."""
    with transaction.atomic():
        row = Listing.objects.select_for_update().get(pk=pk)
        if row.answered_at is None:
            compared = _compare(said.announcements)
            _count(row, said, compared)
            row.licences = _set_licences(said.announcements)
            row.save()
            _tell_queries(row, said, compared)
        return row


def _compare(announced: Collection[Announcement]) -> _Comparison:
    ids = [one.arxiv_id for one in announced]
    here = Paper.objects.filter(arxiv_id__in=ids, fetched_at__isnull=False)
    versions = dict(here.values_list("arxiv_id", "version"))
    return _Comparison(
        unknown=tuple(a for a in announced if a.arxiv_id not in versions),
        outdated=tuple(a for a in announced if versions.get(a.arxiv_id, a.version) < a.version),
    )


def _count(row: Listing, said: DailyListing, compared: _Comparison) -> None:
    kinds = Counter(one.kind for one in said.announcements)
    row.new, row.crossed = kinds[Kind.NEW], kinds[Kind.CROSS]
    row.replaced, row.replaced_crossed = kinds[Kind.REPLACE], kinds[Kind.REPLACE_CROSS]
    row.unknown, row.outdated = len(compared.unknown), len(compared.outdated)
    row.known = len(said.announcements) - row.unknown - row.outdated
    row.issued_on, row.refused = said.day, said.refused
    row.answered_at, row.error = timezone.now(), ""


def _set_licences(announced: Collection[Announcement]) -> int:
    """Of papers that are here in just that version: a licence belongs to a version."""
    values = [
        {"arxiv_id": one.arxiv_id, "version": one.version, "licence": one.licence}
        for one in announced
        if one.licence
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SET_LICENCES, [json.dumps(values)])
        return int(cursor.rowcount)


def _tell_queries(row: Listing, said: DailyListing, compared: _Comparison) -> None:
    """Who pulled since it was built has seen what it lists; only a whole and current
    listing can say that there is nothing."""
    now = timezone.now()
    news, quiet = [], []
    is_whole = row.is_current(row.day) and not said.is_full and not said.refused
    covered = set(row.categories)
    for query in Query.objects.filter(enabled=True):
        if compared.has_news_for(query):
            news.append(query.pk)
        elif is_whole and (query.known_only or _is_covered(query, covered)):
            quiet.append(query.pk)
    before = out_at(row.day) + LAG
    Query.objects.filter(pk__in=news, last_pulled_at__lt=before, interval__lte=HASTENED).update(
        news_at=now
    )
    Query.objects.filter(pk__in=news).update(quiet_at=None)
    Query.objects.filter(pk__in=quiet).update(quiet_at=now)


def _is_covered(query: Query, covered: Collection[str]) -> bool:
    names = _followed_by(query)
    return bool(names) and all(
        name in covered or name.partition(".")[0] in covered for name in names
    )
