"""A run's log as its page shows it, and how fast it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.models import Harvest, HarvestNote

SHOWN = 60  # lines
RATED = 10  # pages that the rate is taken from

Kind = HarvestNote.Kind


@dataclass(frozen=True)
class Line:
    """One line of the log. `came` and the counts are of this line, not of the run."""

    note: HarvestNote
    asked_from: datetime | None
    requests: int
    came: int
    new: int
    updated: int
    unchanged: int
    skipped: int
    refused: int

    @property
    def is_page(self) -> bool:
        return self.note.kind == Kind.PAGE

    @property
    def tone(self) -> str:
        if self.note.kind in {Kind.REJECTED, Kind.REFUSED, Kind.MISSING}:
            return "bad"
        return "warn" if self.note.kind in {*HarvestNote.TROUBLE, Kind.STOPPED} else ""


def lines(notes: Sequence[HarvestNote]) -> list[Line]:
    """Newest first, as `notes` are; one more than is shown, or the last has no before."""
    befores: list[HarvestNote | None] = [*notes[1:], None]
    return [_line(note, last) for note, last in zip(notes, befores, strict=False)][:SHOWN]


def _line(note: HarvestNote, last: HarvestNote | None) -> Line:
    def grown(name: str) -> int:
        had = getattr(last, name) if last else 0
        return max(int(getattr(note, name)) - had, 0)  # a run that begins anew counts from 0

    counts = {
        name: grown(name) for name in ("new", "updated", "unchanged", "skipped", "refused")
    }
    return Line(
        note=note,
        asked_from=last.reached if last else None,
        requests=grown("asked"),
        came=grown("received"),
        **counts,
    )


@dataclass(frozen=True)
class Speed:
    """How fast papers come, waits included, and what that means for the rest."""

    a_minute: float
    left: timedelta | None  # None where arXiv has not said how many there are

    @property
    def minutes_left(self) -> int:
        """Rounded up: nobody is told that no time is left."""
        return 0 if self.left is None else -(-int(self.left.total_seconds()) // 60)

    @property
    def hours_left(self) -> int:
        return round(self.minutes_left / 60)

    @property
    def seconds_left(self) -> int:
        return 0 if self.left is None else max(int(self.left.total_seconds()), 1)


def speed(run: Harvest, notes: Sequence[HarvestNote]) -> Speed | None:
    """From the last pages since the run was begun or gone on with; None: not known yet."""
    recent: list[HarvestNote] = []
    for note in notes:
        if note.kind == Kind.PAGE or not recent or note.kind in {Kind.BEGUN, Kind.RESUMED}:
            recent.append(note)
        if note.kind in {Kind.BEGUN, Kind.RESUMED} or len(recent) > RATED:
            break
    if len(recent) < 2:
        return None
    newest, oldest = recent[0], recent[-1]
    came = newest.received - oldest.received
    seconds = (newest.at - oldest.at).total_seconds()
    if came <= 0 or seconds <= 0:
        return None
    left = None
    if run.expected is not None:
        left = timedelta(seconds=run.left * seconds / came)
    return Speed(60 * came / seconds, left)
