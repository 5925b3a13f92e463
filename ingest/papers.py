"""Records become rows: one statement a batch, safe to repeat, and nothing written in vain."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import DataError, IntegrityError, connection, transaction

from ingest.feed import Entry
from ingest.tex import to_text
from taxonomy import counts, curation
from taxonomy.models import Paper, Screening

# "Withdrawn from the workshop" is about a workshop: only what says that the paper, or its
# author, or arXiv withdraws it.
_WITHDRAWN = re.compile(
    r"^(?:this|the) (?:paper|article|submission|manuscript|work|preprint|version|document)"
    r"[^.]{0,40}\b(?:has|have|had|is|was|are|were)(?: been)? (?:temporarily )?withdrawn"
    r"|\bwithdrawn by (?:the )?(?:authors?|submitter|arxiv)\b"
    r"|\bauthors? (?:have|has)? ?(?:decided to )?withdr[ae]wn? (?:this|the) "
    r"(?:paper|article|submission|manuscript|work|preprint)"
    r"|^(?:paper |article )?withdrawn\.?(?:$|:|;|,| (?:by|due|because|as|for|pending)\b)",
    re.IGNORECASE,
)

COLUMNS = {
    "arxiv_id": "text",
    "version": "smallint",
    "title": "text",
    "abstract": "text",
    "title_plain": "text",
    "abstract_plain": "text",
    "authors": "text[]",
    "categories": "text[]",
    "comment": "text",
    "journal_ref": "text",
    "doi": "text",
    "withdrawn": "boolean",
    "published_at": "timestamptz",
    "updated_at": "timestamptz",
}
_NAMES = ", ".join(COLUMNS)
_TYPED = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
_CONTENT = [name for name in COLUMNS if name != "arxiv_id"]
_HERE = ", ".join(f"here.{name}" for name in _CONTENT)
_SENT = ", ".join(f"excluded.{name}" for name in _CONTENT)
_ASSIGN = ", ".join(f"{name} = excluded.{name}" for name in _CONTENT)
# Not every way in says the licence: what is known stays. A line's digest says that the row
# is as the line is, so that whatever else writes the row takes it away.
_LICENCE = (
    "licence = coalesce(nullif(excluded.licence, ''), here.licence), "
    "source_digest = excluded.source_digest"
)

# `before` reads the rows as they were. A newer version replaces, an older one never does;
# the same version is written only if something else about it changed. Sorted, so that two
# batches with papers in common lock them in one order.
_UPSERT = f"""
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(%(records)s::jsonb) AS record(
        {_TYPED}, licence text, source_digest bigint)
), before AS (
    SELECT here.id, title, abstract, published_at FROM taxonomy_paper here
    WHERE here.arxiv_id IN (SELECT arxiv_id FROM sent)
), written AS (
    INSERT INTO taxonomy_paper AS here
        ({_NAMES}, licence, source_digest, fetched_at, added_at, revision)
    SELECT {_NAMES}, licence, source_digest, %(now)s, %(now)s, 1 FROM sent ORDER BY arxiv_id
    ON CONFLICT (arxiv_id) DO UPDATE
    SET {_ASSIGN}, {_LICENCE}, fetched_at = excluded.fetched_at, revision = here.revision + 1
    WHERE here.fetched_at IS NULL OR here.version < excluded.version
       OR (here.version = excluded.version
           AND (({_HERE}) IS DISTINCT FROM ({_SENT})
                OR excluded.licence NOT IN ('', here.licence)))
    RETURNING id, title, abstract, published_at, xmax = 0 AS is_new
)
SELECT w.id, w.is_new,
       (w.title, w.abstract) IS DISTINCT FROM (b.title, b.abstract) AS text_changed,
       w.published_at IS DISTINCT FROM b.published_at AS date_changed
FROM written w LEFT JOIN before b USING (id)
"""


@dataclass(frozen=True)
class Outcome:
    """What a batch did; the four add up to the papers in it."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    unfit: tuple[tuple[Entry, str], ...] = ()  # with the database's reason

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.unfit + other.unfit,
        )


def upsert(entries: Sequence[Entry], now: datetime | None = None) -> Outcome:
    """Take in papers by their base id, in the caller's transaction or one of its own.

    New papers, and those whose title or abstract changed, wait for suggestions; decisions
    stay. A record that the database cannot hold is left out, the others are kept.
    """
    newest: dict[str, Entry] = {}
    for entry in entries:
        known = newest.get(entry.arxiv_id)
        if known is None or known.version < entry.version:
            newest[entry.arxiv_id] = entry
    return _upsert(list(newest.values()), now or datetime.now(UTC)) if newest else Outcome()


def _upsert(entries: list[Entry], now: datetime) -> Outcome:
    try:
        with transaction.atomic():
            return _write(entries, now)
    except (DataError, IntegrityError) as error:
        if len(entries) == 1:
            return Outcome(unfit=((entries[0], str(error).splitlines()[0]),))
    middle = len(entries) // 2
    return _upsert(entries[:middle], now) + _upsert(entries[middle:], now)


def _write(entries: list[Entry], now: datetime) -> Outcome:
    records = json.dumps([row_of(entry) for entry in entries])
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, {"records": records, "now": now})
        written = cursor.fetchall()
    new = [id_ for id_, is_new, _, _ in written if is_new]
    moved = [i for i, is_new, _, date in written if date and not is_new]
    changed = [i for i, is_new, text, _ in written if text and not is_new]
    _lock({*moved, *changed})
    _wait_for_suggestions(new, changed)
    if moved:
        curation.follow_new_dates(Paper.objects.for_list().filter(pk__in=moved))
    if new:
        counts.add_arrivals(len(new), now.date())
    return Outcome(len(new), len(written) - len(new), len(entries) - len(written))


def _lock(papers: Collection[int]) -> None:
    """All at once and in one order everywhere: decisions lock these rows, too."""
    if papers:
        rows = Screening.objects.select_for_update().filter(paper__in=papers)
        list(rows.order_by("paper_id").values_list("pk"))


def _wait_for_suggestions(new: Iterable[int], changed: Collection[int]) -> None:
    identified = Screening.State.IDENTIFIED
    Screening.objects.bulk_create(
        [Screening(paper_id=id_, state=identified) for id_ in (*new, *changed)],
        ignore_conflicts=True,
    )
    if changed:
        Screening.objects.filter(paper__in=changed).update(state=identified, error="")


def row_of(entry: Entry) -> dict[str, object]:
    """What is kept of a record, by column."""
    return {
        "arxiv_id": entry.arxiv_id,
        "version": entry.version,
        "title": entry.title,
        "abstract": entry.abstract,
        "title_plain": to_text(entry.title) or entry.title,
        "abstract_plain": to_text(entry.abstract),
        "authors": [to_text(name) or name for name in entry.authors],
        "categories": list(entry.categories),
        "comment": entry.comment,
        "journal_ref": entry.journal_ref,
        "doi": entry.doi,
        "licence": entry.licence,
        "source_digest": entry.digest,
        "withdrawn": is_withdrawn(entry),
        "published_at": entry.published.isoformat(),
        "updated_at": entry.updated.isoformat(),
    }


def is_withdrawn(entry: Entry) -> bool:
    """As far as its texts say so: the search API has no flag for it."""
    return any(
        "thdr" in text.lower() and _WITHDRAWN.search(text)  # few have a word like it
        for text in (entry.comment, entry.abstract)
    )
