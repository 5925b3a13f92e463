"""Records become rows: one statement a batch, safe to repeat, and nothing written in vain."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F

from ingest.feed import Entry, Form
from ingest.tex import to_text, to_texts
from taxonomy import counts, projection
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

# Another form may say the same of the same version in other words. What stays as it is:
_SAME = "here.fetched_at IS NOT NULL AND (%(split)s OR here.version = excluded.version)"
_SAME_TEXT = (
    "(here.title_plain, here.abstract_plain) = (excluded.title_plain, excluded.abstract_plain)"
)
_STAYS = {
    "version": f"{_SAME} AND %(split)s",  # that form has none
    "title": f"{_SAME} AND here.title_plain = excluded.title_plain",
    "abstract": f"{_SAME} AND here.abstract_plain = excluded.abstract_plain",
    # One line of names was taken apart: what came as names is better.
    "authors": f"{_SAME} AND (excluded.authors = '{{}}' OR %(raw)s AND here.authors <> '{{}}')",
    "categories": (
        f"{_SAME} AND here.categories[1] = excluded.categories[1]"
        " AND here.categories @> excluded.categories"
        " AND here.categories <@ excluded.categories"
    ),
    # Only the raw form has a mark for it; the others may have less to go by.
    "withdrawn": (
        f"{_SAME} AND NOT %(raw)s AND here.removed_at IS NULL AND {_SAME_TEXT}"
        " AND here.comment = excluded.comment"
    ),
    "published_at": f"{_SAME} AND %(split)s",  # a day never replaces a moment
    "updated_at": (
        f"{_SAME} AND %(split)s AND ({_SAME_TEXT} OR here.updated_at >= excluded.updated_at)"
    ),
    "licence": "excluded.licence = ''",  # not every form says it
}
_SETTLED = {
    name: f"CASE WHEN {_STAYS[name]} THEN here.{name} ELSE excluded.{name} END"
    if name in _STAYS
    else f"excluded.{name}"
    for name in [*_CONTENT, "licence"]
}
_HERE = ", ".join(f"here.{name}" for name in _SETTLED)
_SENT = ", ".join(_SETTLED.values())
_ASSIGN = ", ".join(f"{name} = {value}" for name, value in _SETTLED.items())

# What a statement that takes papers in must tell of a row as it was (`b`) and as it was
# written (`w`), and how `follow` reads it. A trigger keeps the text that is replaced and
# counts up `text_revision`.
TOLD = (
    "id, title, abstract, published_at, fetched_at, text_revision, "
    "withdrawn OR removed_at IS NOT NULL AS is_gone"
)
CHANGES = """
    w.id, w.is_new,
    w.text_revision IS DISTINCT FROM b.text_revision OR w.is_gone IS DISTINCT FROM b.is_gone
        OR (b.fetched_at IS NULL
            AND (w.title, w.abstract) IS DISTINCT FROM (b.title, b.abstract)) AS asks_again,
    w.published_at IS DISTINCT FROM b.published_at AS date_changed
"""
# `before` reads the rows as they were. A newer version replaces, an older one never does;
# the same version is written only if something else about it changed. The digest says which
# line of a snapshot the row is from, so that every other way in takes it away. Sorted, so
# that two batches with papers in common lock them in one order.
_UPSERT = f"""
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(%(records)s::jsonb) AS record(
        {_TYPED}, licence text, source_digest bigint)
), before AS (
    SELECT {TOLD} FROM taxonomy_paper WHERE arxiv_id IN (SELECT arxiv_id FROM sent)
), written AS (
    INSERT INTO taxonomy_paper AS here
        ({_NAMES}, licence, source_digest, fetched_at, added_at, revision)
    SELECT {_NAMES}, licence, source_digest, %(now)s, %(now)s, 1 FROM sent ORDER BY arxiv_id
    ON CONFLICT (arxiv_id) DO UPDATE
    SET {_ASSIGN}, removed_at = NULL, fetched_at = excluded.fetched_at,
        source_digest = excluded.source_digest, revision = here.revision + 1
    WHERE here.fetched_at IS NULL OR (NOT %(split)s AND here.version < excluded.version)
       OR ({_SAME} AND (here.removed_at IS NOT NULL
                        OR ({_HERE}) IS DISTINCT FROM ({_SENT})))
    RETURNING {TOLD}, xmax = 0 AS is_new
)
SELECT {CHANGES} FROM written w LEFT JOIN before b USING (id)
"""


@dataclass(frozen=True)
class Outcome:
    """What a batch did; the five add up to the papers in it."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0  # not here, and not to be taken in
    unfit: tuple[tuple[Entry, str], ...] = ()  # with the database's reason

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.unfit + other.unfit,
        )


def upsert(entries: Sequence[Entry], now: datetime | None = None) -> Outcome:
    """Take in papers by their base id, in the caller's transaction or one of its own.

    New papers, those whose title or abstract changed, and those that were withdrawn or came
    back wait for suggestions; decisions stay. A record that the database cannot hold is left
    out, the others are kept.
    """
    newest: dict[str, Entry] = {}
    for entry in entries:
        known = newest.get(entry.arxiv_id)
        if known is None or known.version < entry.version:
            newest[entry.arxiv_id] = entry
    now, outcome = now or datetime.now(UTC), Outcome()
    for form in Form:
        batch = [entry for entry in newest.values() if entry.form is form]
        outcome += _upsert(batch, form, now) if batch else Outcome()
    return outcome


def remove(ids: Sequence[str], now: datetime | None = None) -> Outcome:
    """arXiv's records of these papers are gone: the papers stay, withdrawn, and say so."""
    if not ids:
        return Outcome()
    here = Paper.objects.filter(arxiv_id__in=ids)
    count = here.count()
    removed = list(here.filter(removed_at__isnull=True).values_list("pk", flat=True))
    updated = here.filter(pk__in=removed).update(
        removed_at=now or datetime.now(UTC), withdrawn=True, revision=F("revision") + 1
    )
    ask_again(removed)
    return Outcome(updated=updated, unchanged=count - updated, skipped=len(ids) - count)


def lock(ids: Iterable[str], removed: Sequence[str]) -> None:
    """In one order, where a batch writes its papers in two statements."""
    if removed:
        rows = Paper.objects.filter(arxiv_id__in=[*ids, *removed]).order_by("arxiv_id")
        _lock(list(rows.select_for_update().values_list("pk", flat=True)))


def _upsert(entries: list[Entry], form: Form, now: datetime) -> Outcome:
    try:
        with transaction.atomic():
            return _write(entries, form, now)
    except (DataError, IntegrityError) as error:
        if len(entries) == 1:
            return Outcome(unfit=((entries[0], str(error).splitlines()[0]),))
    middle = len(entries) // 2
    return _upsert(entries[:middle], form, now) + _upsert(entries[middle:], form, now)


def _write(entries: list[Entry], form: Form, now: datetime) -> Outcome:
    values: dict[str, str | datetime | bool] = {
        "records": json.dumps([row_of(entry) for entry in entries]),
        "now": now,
        "raw": form is Form.RAW,
        "split": form is Form.SPLIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        written = cursor.fetchall()
    new = follow(written, now)
    return Outcome(new, len(written) - new, len(entries) - len(written))


def follow(written: Sequence[tuple[int, bool, bool, bool]], now: datetime) -> int:
    """Let screenings, tags and tallies follow papers just written; how many were new.

    `written` is what a statement told by CHANGES, in the same transaction.
    """
    new = [id_ for id_, is_new, _, _ in written if is_new]
    moved = [id_ for id_, is_new, _, date in written if date and not is_new]
    changed = [id_ for id_, is_new, again, _ in written if again and not is_new]
    _lock({*moved, *changed})
    _wait_for_suggestions(new, changed)
    if moved:
        projection.follow_new_dates(Paper.objects.for_list().filter(pk__in=moved))
    if new:
        counts.add_arrivals(len(new), now.date())
    return len(new)


def ask_again(papers: Collection[int]) -> None:
    """Let papers wait for suggestions, in the caller's transaction.

    For whoever writes to papers without `upsert`: one that is now withdrawn or removed leaves
    the queue so, one that came back gets its suggestions again.
    """
    _lock(papers)
    _wait_for_suggestions((), papers)


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
        "authors": to_texts(entry.authors),
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
    """By its mark, or as far as its texts say so: most forms have no mark for it."""
    return entry.withdrawn or any(
        "thdr" in text.lower() and _WITHDRAWN.search(text)  # few have a word like it
        for text in (entry.comment, entry.abstract)
    )
