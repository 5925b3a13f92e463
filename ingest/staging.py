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
# together with the account of them; the run goes on before them. A long pending list saves
# most of the work on the text index; searches read through it meanwhile, which costs them
# some ten milliseconds.
SESSION = """
SET synchronous_commit = off;
SET gin_pending_list_limit = '16MB';
SET work_mem = '32MB';
SET temp_buffers = '16MB'
"""

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
class Taken:
    """What became of some lines; the five numbers add up to them, without the empty ones."""

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


def take_in(lines: Sequence[bytes], selection: Selection, now: datetime) -> Taken:
    """Papers of these lines, in the caller's transaction, on a prepared session."""
    lines = [line for line in lines if line and not line.isspace()]
    here = _digests(filter(None, map(snapshot.likely_id, lines)))
    known = 0
    if selection == EVERYTHING:
        unread = [line for line in lines if not _is_known(line, here)]
        known = len(lines) - len(unread)
    else:
        unread = lines
    found = [snapshot.read(line) for line in unread]
    refusals = tuple(record for record in found if isinstance(record, Refused))
    entries = [record for record in found if isinstance(record, Entry)]
    wanted = [entry for entry in entries if selection.wants(entry)]
    outcome = _take_in(wanted, here, now)
    taken = outcome.new + outcome.updated + len(outcome.unfit)
    return Taken(
        new=outcome.new,
        updated=outcome.updated,
        unchanged=known + len(wanted) - taken,
        skipped=len(entries) - len(wanted),
        refused=len(refusals) + len(outcome.unfit),
        refusals=refusals,
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


def _take_in(
    entries: Sequence[Entry], here: dict[str, int | None], now: datetime
) -> papers.Outcome:
    newest: dict[str, Entry] = {}
    for entry in entries:
        known = newest.get(entry.arxiv_id)
        if known is None or known.version < entry.version:
            newest[entry.arxiv_id] = entry
    changed = [
        entry
        for id_, entry in newest.items()
        if id_ in here and (here[id_] is None or here[id_] != entry.digest)
    ]
    new = [entry for id_, entry in sorted(newest.items()) if id_ not in here]
    return papers.upsert(changed, now) + _insert(new, now)


def _insert(entries: list[Entry], now: datetime) -> papers.Outcome:
    """New papers in one statement; as by every way in, should they not be new or not fit."""
    if not entries:
        return papers.Outcome()
    try:
        with transaction.atomic():
            count = _copy(entries, now)
    except (DataError, IntegrityError):
        return papers.upsert(entries, now)
    if count:
        counts.add_arrivals(count, now.date())
    if count == len(entries):
        return papers.Outcome(new=count)
    # Others brought some of them since they were looked for, or their lines begin strangely.
    return papers.Outcome(new=count) + papers.upsert(entries, now)


def _copy(entries: list[Entry], now: datetime) -> int:
    """How many were inserted."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY kadai_staged ({_NAMES}) FROM STDIN") as copy:
            copy.write("".join(map(_copied, entries)))
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
