"""What becomes of records that could not be taken in: read again, asked for anew, dismissed.

A refusal is settled once. Rows of one digest are one record that several runs refused: they
are locked together, in one order, and settled together.
"""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ingest import feed, papers, records, snapshot
from ingest.arxiv import LONGEST_ID_LIST
from ingest.asking import Asker
from ingest.feed import Entry, Refused
from ingest.models import Harvest, Refusal, Way
from ingest.oai.kept import read_record
from ingest.selection import Selection
from taxonomy.models import Paper, User

# How the kept text of each way in is read again.
READERS: dict[str, Callable[[str], Entry | Refused]] = {
    Way.SEARCH: feed.read_entry,
    Way.OAI: read_record,
    Way.SNAPSHOT: snapshot.read_kept,
}

AT_ONCE = 500  # settled by one round of `settle_known`

Outcome = Refusal.Outcome


@transaction.atomic
def retry(refusal: Refusal, *, by: User) -> Refusal:
    """Read the kept text once more, with today's code; who comes second finds it settled.

    Where that does not help and the id is legible, arXiv is to be asked for the record: the
    refusal is `wanted`, and `ask_anew` goes on with it.
    """
    rows = _lock(refusal)
    found = next((row for row in rows if row.pk == refusal.pk), None)
    if found is None:
        return Refusal.objects.for_list().get(pk=refusal.pk)
    read = _read(found)
    still = read.reason if isinstance(read, Refused) else _take(found, read, by, Outcome.TAKEN)
    if still:
        wants = isinstance(read, Refused) and found.arxiv_id
        wanted_at = (found.wanted_at or timezone.now()) if wants else None
        Refusal.objects.filter(pk=found.pk).update(
            tried_at=timezone.now(), tried_by=by, still=still[:300], wanted_at=wanted_at
        )
    return Refusal.objects.for_list().get(pk=refusal.pk)


@transaction.atomic
def dismiss(refusal: Refusal, *, by: User, note: str) -> Refusal:
    """A person says that it is not needed, and why. Settled before, it stays as it was."""
    if any(row.pk == refusal.pk for row in _lock(refusal)):
        _settle(_same(refusal), Outcome.DISMISSED, by, note=note)
    return Refusal.objects.for_list().get(pk=refusal.pk)


def ask_anew(beat: Callable[[], None] = lambda: None) -> int:
    """Ask arXiv for the records that wait longest; how many ids. Not inside a transaction.

    Raises what the pace and arXiv raise; then they wait on.
    """
    claimed = _claim()
    ids = sorted({row.arxiv_id for row in claimed})
    if not ids:
        return 0
    try:
        found = records.by_id(ids, Asker(beat))
    except BaseException:
        Refusal.objects.filter(pk__in=[row.pk for row in claimed]).update(asked_at=None)
        raise
    for row in claimed:
        _conclude(row, found.get(row.arxiv_id))
    return len(ids)


@transaction.atomic
def settle_known() -> int:
    """Close what needs nobody any more: dismissed before, or the paper has come since."""
    settled = 0
    dismissed = Refusal.objects.filter(outcome=Outcome.DISMISSED, digest=OuterRef("digest"))
    for row in _unlocked(Refusal.objects.filter(Exists(dismissed))):
        last = Refusal.objects.filter(digest=row.digest, outcome=Outcome.DISMISSED).latest("pk")
        this = Refusal.objects.filter(pk=row.pk)
        settled += _settle(this, Outcome.DISMISSED, last.settled_by, note=last.note)
    came = Paper.objects.filter(
        arxiv_id=OuterRef("arxiv_id"), fetched_at__gt=OuterRef("created_at")
    )
    here = _unlocked(Refusal.objects.exclude(arxiv_id="").filter(Exists(came)))
    these = Refusal.objects.filter(pk__in=[row.pk for row in here])
    return settled + _settle(these, Outcome.HERE, None)


def _unlocked(rows: QuerySet[Refusal]) -> list[Refusal]:
    """The open ones of these that nobody is at, locked; the others have their turn later."""
    free = rows.filter(settled_at__isnull=True).select_for_update(
        of=("self",), skip_locked=True
    )
    return list(free.order_by("pk")[:AT_ONCE])


def _lock(refusal: Refusal) -> list[Refusal]:
    """The open rows of this record; none if it is settled."""
    rows = _same(refusal).select_for_update(of=("self",)).order_by("pk")
    return list(rows.select_related("harvest"))


def _same(refusal: Refusal) -> QuerySet[Refusal]:
    return Refusal.objects.open().filter(digest=refusal.digest)


def _read(refusal: Refusal) -> Entry | Refused:
    if refusal.is_parsed:
        return _stored(refusal)
    reader = READERS.get(refusal.harvest.way)
    if reader is None:
        return Refused("nothing reads this kind of text again", refusal.raw, refusal.digest)
    return reader(refusal.raw)


def _stored(refusal: Refusal) -> Entry | Refused:
    """The record of `Refusal.of_entry`, which had been understood once."""
    kinds: dict[str, Callable[[Any], Any]] = {
        "authors": tuple,
        "categories": tuple,
        "published": datetime.fromisoformat,
        "updated": datetime.fromisoformat,
        "form": feed.Form,
    }
    try:
        stored = json.loads(refusal.raw)
        known = {field.name for field in fields(Entry)} & stored.keys()
        return Entry(**{name: kinds.get(name, _as_is)(stored[name]) for name in known})
    except (ValueError, TypeError, AttributeError) as error:
        return Refused(f"not readable any more: {error}", refusal.raw, refusal.digest)


def _as_is(value: Any) -> Any:
    return value


def _take(row: Refusal, entry: Entry, by: User | None, how: str) -> str:
    """Take the record in and settle what refused it; or why it is refused again."""
    if not _wants(row.harvest, entry):
        _settle(_same(row), Outcome.UNWANTED, by)
        return ""
    result = papers.upsert([entry])
    if result.unfit:
        return result.unfit[0][1]
    if result.skipped:
        how = Outcome.UNWANTED
    elif result.unchanged:
        how = Outcome.HERE
    _settle(_same(row), how, by)
    return ""


def _wants(harvest: Harvest, entry: Entry) -> bool:
    """What the run that refused it would have said."""
    if Paper.objects.filter(arxiv_id=entry.arxiv_id).exists():
        return True
    since = harvest.since.date() if harvest.way == Way.SNAPSHOT else None
    wanted = Selection(since=since, match=harvest.match)
    return not harvest.known_only and wanted.wants(entry)


def _settle(
    rows: QuerySet[Refusal],
    outcome: str,
    by: User | None,
    *,
    note: str = "",
) -> int:
    return rows.update(
        settled_at=timezone.now(),
        settled_by=by,
        outcome=outcome,
        note=note,
        wanted_at=None,
        asked_at=None,
        still="",
    )


@transaction.atomic
def _claim() -> list[Refusal]:
    """Wanted ones that nobody else is asking for, as many as one request may name."""
    free = Refusal.objects.free().select_for_update(skip_locked=True)
    claimed = list(free[:LONGEST_ID_LIST])
    Refusal.objects.filter(pk__in=[row.pk for row in claimed]).update(asked_at=timezone.now())
    return claimed


@transaction.atomic
def _conclude(refusal: Refusal, entry: Entry | None) -> None:
    row = next((row for row in _lock(refusal) if row.pk == refusal.pk), None)
    if row is None:  # settled meanwhile
        return
    if entry is None:
        still = "arXiv was asked anew and sent no record that can be used"
    else:
        still = _take(row, entry, row.tried_by, Outcome.SENT_ANEW)
    if still:
        Refusal.objects.filter(pk=row.pk).update(
            still=still[:300], wanted_at=None, asked_at=None
        )
