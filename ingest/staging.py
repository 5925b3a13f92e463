"""Lines of a snapshot become rows: what is new through COPY, the rest as by every way in.

A line that was loaded before and whose paper nobody has written since is known by its
digest, and costs a look at an index. A paper that is here and may have changed goes through
`papers.upsert`. Papers that are not here are copied, a chunk in one statement: the same
rows, the same screenings and the same count of arrivals as `papers.upsert` leaves, at a
fraction of the cost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DataError, IntegrityError, connection, transaction

from ingest import papers, snapshot
from ingest.feed import Entry, Refused
from ingest.selection import Selection
from taxonomy import counts
from taxonomy.models import Screening

EVERYTHING: Final = Selection()
IDENTIFIED: Final = Screening.State.IDENTIFIED

# For the session of a loading process. A crash of the server may then lose the last chunks
# together with the account of them; the run goes on before them.
SESSION = "SET synchronous_commit = off"

_COLUMNS = [*papers.COLUMNS, "licence", "source_digest"]
_COPY = (
    f"COPY taxonomy_paper ({', '.join(_COLUMNS)}, fetched_at, added_at, revision) FROM STDIN"
)
_SCREENING: dict[str, Any] = {
    str(field.column): field.get_default()
    for field in Screening._meta.concrete_fields
    if not field.primary_key
}
_SCREEN = f"""
INSERT INTO taxonomy_screening (paper_id, {", ".join(_SCREENING)})
SELECT id, {", ".join(f"%({name})s" for name in _SCREENING)}
FROM taxonomy_paper WHERE arxiv_id = ANY(%(ids)s)
"""
_HERE = """
SELECT arxiv_id, CASE WHEN removed_at IS NULL THEN source_digest END
FROM taxonomy_paper WHERE arxiv_id = ANY(%s)
"""


@dataclass(frozen=True)
class Batch:
    """Lines as they were understood, ready for the database."""

    new: tuple[Entry, ...]  # in the order of their ids
    rows: tuple[str, ...]  # the same, for COPY
    known: tuple[Entry, ...]  # here, and perhaps to be changed
    refusals: tuple[Refused, ...]
    skipped: int
    unchanged: int  # as far as their digests say so, or the same paper again


@dataclass(frozen=True)
class Taken:
    """What became of a batch; the five numbers add up to its lines, without empty ones."""

    new: int
    updated: int
    unchanged: int
    skipped: int
    refused: int
    refusals: tuple[Refused, ...] = ()
    unfit: tuple[tuple[Entry, str], ...] = ()


def prepare_session() -> None:
    """Make this thread's connection one for loading. Outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(SESSION)


def understand(lines: Sequence[bytes], selection: Selection) -> Batch:
    """Look up which papers are here, and read the lines that are not known."""
    lines = [line for line in lines if line and not line.isspace()]
    here = _digests(filter(None, map(snapshot.likely_id, lines)))
    unread = lines
    if selection == EVERYTHING:
        unread = [line for line in lines if not _is_known(line, here)]
    found = [snapshot.read(line) for line in unread]
    refusals = tuple(record for record in found if isinstance(record, Refused))
    entries = [record for record in found if isinstance(record, Entry)]
    wanted = [entry for entry in entries if selection.wants(entry)]
    newest: dict[str, Entry] = {}
    for entry in wanted:
        known = newest.get(entry.arxiv_id)
        if known is None or known.version < entry.version:
            newest[entry.arxiv_id] = entry
    new = tuple(entry for id_, entry in sorted(newest.items()) if id_ not in here)
    changed = tuple(
        entry
        for id_, entry in newest.items()
        if id_ in here and (here[id_] is None or here[id_] != entry.digest)
    )
    skipped = len(entries) - len(wanted)
    return Batch(
        new=new,
        rows=tuple(map(_row, new)),
        known=changed,
        refusals=refusals,
        skipped=skipped,
        unchanged=len(lines) - len(new) - len(changed) - len(refusals) - skipped,
    )


def take_in(batch: Batch, now: datetime) -> Taken:
    """Papers of this batch, in the caller's transaction, on a prepared session."""
    outcome = papers.upsert(batch.known, now) + _insert(batch, now)
    unfit = len(outcome.unfit)
    same = len(batch.known) + len(batch.new) - outcome.new - outcome.updated - unfit
    return Taken(
        new=outcome.new,
        updated=outcome.updated,
        unchanged=batch.unchanged + same,
        skipped=batch.skipped,
        refused=len(batch.refusals) + unfit,
        refusals=batch.refusals,
        unfit=outcome.unfit,
    )


def _is_known(line: bytes, here: dict[str, int | None]) -> bool:
    digest = here.get(snapshot.likely_id(line))
    return digest is not None and digest == snapshot.digest_of(line)


def _digests(ids: Iterable[str]) -> dict[str, int | None]:
    """Of the papers that are here, by id; None where nothing is known of their line."""
    asked = list(ids)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HERE, [asked])
        return dict(cursor.fetchall())


def _insert(batch: Batch, now: datetime) -> papers.Outcome:
    """New papers in one statement; as by every way in, should they not be new or not fit."""
    if not batch.new:
        return papers.Outcome()
    try:
        with transaction.atomic():
            _copy(batch, now)
    except (DataError, IntegrityError):
        return papers.upsert(batch.new, now)
    counts.add_arrivals(len(batch.new), now.date())
    return papers.Outcome(new=len(batch.new))


def _copy(batch: Batch, now: datetime) -> None:
    end = f"\t{now.isoformat()}\t{now.isoformat()}\t1\n"
    ids = [entry.arxiv_id for entry in batch.new]
    with connection.cursor() as cursor:
        with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
            copy.write(end.join([*batch.rows, ""]))
        cursor.execute(_SCREEN, {**_SCREENING, "state": IDENTIFIED, "ids": ids})


def _row(entry: Entry) -> str:
    """The beginning of a line for COPY: what is kept of a record."""
    row = papers.row_of(entry)
    return "\t".join([_field(row[name]) for name in _COLUMNS])


def _field(value: object) -> str:
    if isinstance(value, list):
        value = _array(value)
    elif not isinstance(value, str):
        return "\\N" if value is None else str(value)
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value or "\t" in value or "\r" in value:
        return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


def _array(values: list[str]) -> str:
    """As PostgreSQL writes an array of texts."""
    if not values:
        return "{}"
    text = "\x1f".join(values)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + text.replace("\x1f", '","') + '"}'
