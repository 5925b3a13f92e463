"""What a run's log says. Called in the transaction that changes the run."""

from ingest.arxiv import ArxivRefused, ArxivUnavailable, BadAnswer, Incomplete, QueryRejected
from ingest.models import Harvest, HarvestNote
from ingest.oai import BadToken
from ingest.pace import NotYet, Stopped

Kind = HarvestNote.Kind

KINDS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (NotYet, Kind.WAITS),
    (Stopped, Kind.REFUSED),
    (ArxivRefused, Kind.REFUSED),
    (BadToken, Kind.UNREADABLE),
    (QueryRejected, Kind.REJECTED),
    (Incomplete, Kind.INCOMPLETE),
    (BadAnswer, Kind.UNREADABLE),
    (ArxivUnavailable, Kind.UNREACHED),
)


def begun(run: Harvest) -> None:
    HarvestNote.objects.tell(run, Kind.BEGUN)


def resumed(run: Harvest) -> None:
    HarvestNote.objects.tell(run, Kind.RESUMED)


def page(run: Harvest) -> None:
    """A page was saved; if it was the last, how the run has ended."""
    HarvestNote.objects.tell(run, Kind.PAGE)
    if not run.is_running:
        is_done = run.state == Harvest.State.DONE
        HarvestNote.objects.tell(run, Kind.DONE if is_done else Kind.MISSING, run.error)


def trouble(run: Harvest, error: Exception | str) -> None:
    """What went wrong; a text instead of an error: it was stopped, and by whom or why."""
    kind = next((kind for one, kind in KINDS if isinstance(error, one)), Kind.STOPPED)
    HarvestNote.objects.tell(run, kind, str(error))
