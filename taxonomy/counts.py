"""How many: counters written with the tags, and read by the atlas."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from taxonomy.models import CellMonth, Concept, ConceptMonth, Screening, Tally
from taxonomy.models.composed import fetch
from taxonomy.vocabulary import Term, Vocabulary

Key = tuple[int, date] | tuple[int, int, date]

WAITING_CAP = 10_000  # counting further than this costs more than it tells


def month_of(day: date) -> date:
    """The first day of its month; of a datetime, too."""
    return date(day.year, day.month, 1)


def last_months(count: int, today: date | None = None) -> list[date]:
    """The last `count` months, oldest first, the running one last."""
    day = month_of(today or timezone.now().date())
    months = []
    for _ in range(count):
        months.append(day)
        day = month_of(day - timedelta(days=1))
    return months[::-1]


# --- writing ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TagDelta:
    """What changed on one paper: ids of concepts before and after, all levels included."""

    month: date
    before: frozenset[int]
    after: frozenset[int]


def apply(deltas: Iterable[TagDelta], vocabulary: Vocabulary) -> None:
    """Move the counters by these changes, in the caller's transaction.

    Rows are touched in one order everywhere, so that two transactions cannot deadlock.
    """
    concepts: Counter[Key] = Counter()
    cells: Counter[Key] = Counter()
    for delta in deltas:
        for ids, step in ((delta.before, -1), (delta.after, 1)):
            for id_ in ids:
                concepts[id_, delta.month] += step
            tops = [vocabulary.by_id[id_] for id_ in ids if vocabulary.by_id[id_].is_top]
            for challenge, domain in _crossed(tops):
                cells[challenge, domain, delta.month] += step
    _upsert("taxonomy_conceptmonth", ("concept_id", "month"), concepts)
    _upsert("taxonomy_cellmonth", ("challenge_id", "domain_id", "month"), cells)


def _crossed(tops: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Each challenge with each domain, by id."""
    for one in tops:
        for other in tops:
            if (one.kind, other.kind) == (Concept.Kind.CHALLENGE, Concept.Kind.DOMAIN):
                yield one.id, other.id


def _upsert(table: str, columns: tuple[str, ...], steps: Mapping[Key, int]) -> None:
    """Three statements, however many rows; one where nothing becomes less."""
    rows = sorted((key, step) for key, step in steps.items() if step)
    if not rows:
        return
    # INSERT … ON CONFLICT checks the row before it looks for a conflict, so that a step of
    # -1 would break "not negative": the rows are made with 0 first, then moved.
    names = ", ".join(columns)
    types = ["date" if name == "month" else "bigint" for name in columns]
    given = ", ".join(f"%s::{type_}[]" for type_ in types)
    match = " AND ".join(f"t.{name} = given.{name}" for name in columns)
    keys: list[Any] = [list(column) for column in zip(*(key for key, _ in rows), strict=True)]
    if all(step > 0 for _, step in rows):
        fetch(
            f"INSERT INTO {table} AS t ({names}, papers) "
            f"SELECT {names}, step FROM unnest({given}, %s::integer[]) "
            f"AS given({names}, step) ORDER BY {names} "
            f"ON CONFLICT ({names}) DO UPDATE SET papers = t.papers + excluded.papers "
            "RETURNING papers",
            *keys,
            [step for _, step in rows],
        )
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}, papers) "
            f"SELECT {names}, 0 FROM unnest({given}) AS given({names}) "
            f"ORDER BY {names} ON CONFLICT ({names}) DO NOTHING",
            keys,
        )
        cursor.execute(
            f"SELECT FROM {table} t JOIN unnest({given}) AS given({names}) ON {match} "
            f"ORDER BY {', '.join(f't.{name}' for name in columns)} FOR UPDATE OF t",
            keys,
        )
        cursor.execute(
            f"UPDATE {table} t SET papers = t.papers + given.step "
            f"FROM unnest({given}, %s::integer[]) AS given({names}, step) WHERE {match}",
            [*keys, [step for _, step in rows]],
        )


def add_arrivals(count: int, day: date | None = None) -> None:
    """Count papers that arrived here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO taxonomy_tally (name, day, count) VALUES ('papers', %s, %s) "
            "ON CONFLICT (name, day) "
            "DO UPDATE SET count = taxonomy_tally.count + excluded.count",
            [day or timezone.now().date(), count],
        )


def rebuild() -> None:
    """Count everything anew from the tags; for repair, and the test that nothing drifts."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE taxonomy_tag IN SHARE MODE")
        cursor.execute("DELETE FROM taxonomy_conceptmonth")
        cursor.execute(
            "INSERT INTO taxonomy_conceptmonth (concept_id, month, papers) "
            "SELECT concept_id, date_trunc('month', published_at AT TIME ZONE 'UTC')::date, "
            "count(*) FROM taxonomy_tag GROUP BY 1, 2"
        )
        cursor.execute("DELETE FROM taxonomy_cellmonth")
        cursor.execute(
            "INSERT INTO taxonomy_cellmonth (challenge_id, domain_id, month, papers) "
            "SELECT a.concept_id, b.concept_id, "
            "date_trunc('month', a.published_at AT TIME ZONE 'UTC')::date, count(*) "
            "FROM taxonomy_tag a JOIN taxonomy_concept c ON c.id = a.concept_id "
            "AND c.kind = 'challenge' AND c.broader_id IS NULL "
            "JOIN taxonomy_tag b ON b.paper_id = a.paper_id "
            "JOIN taxonomy_concept d ON d.id = b.concept_id "
            "AND d.kind = 'domain' AND d.broader_id IS NULL GROUP BY 1, 2, 3"
        )


# --- reading ---------------------------------------------------------------------------


def totals() -> dict[int, int]:
    """Papers by concept id, narrower ones included. One query."""
    rows = ConceptMonth.objects.values_list("concept").annotate(n=Sum("papers"))
    return {id_: n for id_, n in rows if n}


def series(months: list[date]) -> dict[int, list[int]]:
    """Papers by concept id for each of `months` (consecutive, oldest first). One query."""
    at = {month: index for index, month in enumerate(months)}
    found: dict[int, list[int]] = defaultdict(lambda: [0] * len(months))
    rows = ConceptMonth.objects.filter(month__gte=months[0]).values_list(
        "concept", "month", "papers"
    )
    for id_, month, papers in rows:
        if month in at:
            found[id_][at[month]] = papers
    return dict(found)


def cells(since: date | None = None) -> dict[tuple[int, int], int]:
    """Papers by (challenge id, domain id), from the month of `since` on. One query."""
    rows = CellMonth.objects.all()
    if since:
        rows = rows.filter(month__gte=month_of(since))
    summed = rows.values_list("challenge", "domain").annotate(n=Sum("papers"))
    return {(challenge, domain): n for challenge, domain, n in summed if n}


def cell_series(months: list[date]) -> dict[tuple[int, int], list[int]]:
    """Like `series`, by (challenge id, domain id). One query."""
    at = {month: index for index, month in enumerate(months)}
    found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(months))
    rows = CellMonth.objects.filter(month__gte=months[0]).values_list(
        "challenge", "domain", "month", "papers"
    )
    for challenge, domain, month, papers in rows:
        if month in at:
            found[challenge, domain][at[month]] = papers
    return dict(found)


def papers_total() -> int:
    """All papers here, from the tallies. One query."""
    found = Tally.objects.filter(name="papers").aggregate(n=Sum("count"))["n"]
    return found or 0


def papers_since(day: date) -> int:
    """Papers that arrived on `day` or later. One query."""
    found = Tally.objects.filter(name="papers", day__gte=day).aggregate(n=Sum("count"))
    return found["n"] or 0


def waiting(cap: int = WAITING_CAP) -> int:
    """Papers that wait for a curator, counted up to `cap`. One query on a partial index."""
    return Screening.objects.waiting()[:cap].count()
