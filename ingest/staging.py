"""Lines of a snapshot become rows: what is new through COPY, the rest as by every way in.

A line that was loaded before and whose paper nobody has written since is known by its
digest, and costs a look at an index. A paper that is here and may have changed goes through
`papers.upsert`. A paper that is not here is copied into a table of the session's own and
inserted from there with the others of its chunk: the same row, the same screening and the
same count of arrivals as `papers.upsert` leaves, at a fraction of the cost.
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
SESSION = "SET synchronous_commit = off; SET temp_buffers = '16MB'"

_BETWEEN = "\x1f"  # between the parts of a list; no text of a record has it
_LISTS = {"authors", "categories"}
_SAME = {"title_plain": "title", "abstract_plain": "abstract"}  # NULL: as the other
_COLUMNS = {
    name: "text" if name in _LISTS else kind
    for name, kind in {**papers.COLUMNS, "licence": "text", "source_digest": "bigint"}.items()
}
_NAMES = ", ".join(_COLUMNS)


def _read_back(name: str) -> str:
    if name in _LISTS:
        return f"string_to_array({name}, E'\\x1f')"
    return f"coalesce({name}, {_SAME[name]})" if name in _SAME else name


# Kept in line and as they are: compressing what is read once costs more than it saves.
_TABLE = (
    f"CREATE TEMP TABLE IF NOT EXISTS kadai_staged "
    f"({', '.join(f'{name} {kind}' for name, kind in _COLUMNS.items())}) "
    "ON COMMIT DELETE ROWS"
)
_UNCOMPRESSED = "ALTER TABLE kadai_staged SET (toast_tuple_target = 8160), " + ", ".join(
    f"ALTER {name} SET STORAGE EXTERNAL" for name, kind in _COLUMNS.items() if kind == "text"
)
_SCREENING: dict[str, Any] = {
    str(field.column): field.get_default()
    for field in Screening._meta.concrete_fields
    if not field.primary_key
}
_INSERT = f"""
WITH written AS (
    INSERT INTO taxonomy_paper ({_NAMES}, fetched_at, added_at, revision)
    SELECT {", ".join(map(_read_back, _COLUMNS))}, %(now)s, %(now)s, 1 FROM kadai_staged
    ON CONFLICT (arxiv_id) DO NOTHING
    RETURNING id
)
INSERT INTO taxonomy_screening (paper_id, {", ".join(_SCREENING)})
SELECT id, {", ".join(f"%({name})s" for name in _SCREENING)} FROM written
"""
_HERE = """
SELECT arxiv_id, CASE WHEN removed_at IS NULL THEN source_digest END
FROM taxonomy_paper WHERE arxiv_id = ANY(%s)
"""


@dataclass(frozen=True)
class Batch:
    """Lines as they were understood, ready for the database."""

    new: tuple[Entry, ...]  # in the order of their ids
    copied: str  # the same, for COPY
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
        cursor.execute(_TABLE)
        cursor.execute(_UNCOMPRESSED)


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
        copied="".join(map(_copied, new)),
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
            count = _copy(batch.copied, now)
    except (DataError, IntegrityError):
        return papers.upsert(batch.new, now)
    if count:
        counts.add_arrivals(count, now.date())
    if count == len(batch.new):
        return papers.Outcome(new=count)
    # Others brought some of them since they were looked for, or their lines begin strangely.
    return papers.Outcome(new=count) + papers.upsert(batch.new, now)


def _copy(rows: str, now: datetime) -> int:
    """How many were inserted."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY kadai_staged ({_NAMES}) FROM STDIN") as copy:
            copy.write(rows)
        cursor.execute(_INSERT, {"now": now, **_SCREENING, "state": IDENTIFIED})
        return int(cursor.rowcount)


def _copied(entry: Entry) -> str:
    """A line for COPY, in the order of the columns."""
    row = papers.row_of(entry)
    for name, other in _SAME.items():
        if row[name] == row[other]:
            row[name] = None
    return "\t".join([_field(row[name]) for name in _COLUMNS]) + "\n"


def _field(value: object) -> str:
    if isinstance(value, list):
        value = _BETWEEN.join(value)
    elif not isinstance(value, str):
        return "\\N" if value is None else str(value)
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if value.isprintable():
        return value
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
