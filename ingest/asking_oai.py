"""From a run's place in a list of OAI-PMH to a page that can be believed."""

from datetime import UTC, date, datetime, time

from django.conf import settings

from ingest.asking import Answer, Asker, require_likely
from ingest.cursor import Cursor
from ingest.models import Harvest
from ingest.oai import Client, Selective
from ingest.oai.walk import Place, follow


def client() -> Client:
    """As the settings say where arXiv is and who we are."""
    return Client(settings.ARXIV_OAI_URL, settings.ARXIV_CONTACT)


def next_page(run: Harvest, asker: Asker) -> Answer:
    """The page at the run's place. Raises what the pace and arXiv raise."""
    place = _place(run)
    arxiv = client()
    page = asker(lambda: arxiv.records(_wanted(run, place.since), place.token))
    step = follow(place, page)
    expected = run.expected
    if step.total is not None:
        expected = run.received + step.total
    answer = Answer(
        cursor=_cursor(run, step.place) if step.place else None,
        entries=step.entries,
        refused=step.refused,
        expected=expected,
        deleted=tuple(gone.arxiv_id for gone in step.deleted),
        token=step.place.token if step.place else "",
        responded_at=page.responded_at,
        attempts=0 if len(step) or step.place is None else run.attempts,
    )
    came = run.received + len(step)
    if step.place is None and came < (expected or 0):
        return _count_again(run, answer, came, asker, arxiv)
    return answer


def _place(run: Harvest) -> Place:
    return Place(
        since=run.cursor_from.astimezone(UTC).date(),
        end=run.until.astimezone(UTC).date(),
        token=run.token,
        start=run.cursor_start,
        in_order=run.cursor_until == run.until,
        seen=frozenset(run.cursor_seen),
    )


def _cursor(run: Harvest, place: Place) -> Cursor:
    """As a run keeps it; it ends at the safe point where the order was broken."""
    since = datetime.combine(place.since, time(), UTC)
    return Cursor(
        since=max(since, run.cursor_from),
        until=run.until if place.in_order else run.since,
        end=run.until,
        start=place.start,
        seen=place.seen,
    )


def _wanted(run: Harvest, since: date) -> Selective:
    """Without an end where the run has none of its own: what changes meanwhile comes, too."""
    until = run.until.astimezone(UTC).date()
    ends = until < run.started_at.astimezone(UTC).date()
    return Selective(run.search, since, until if ends else None, run.prefix)


def _count_again(
    run: Harvest, answer: Answer, came: int, asker: Asker, arxiv: Client
) -> Answer:
    """At the end with fewer than announced: either arXiv has fewer now, or some were missed."""
    since = run.since.astimezone(UTC).date()
    listed = asker(lambda: arxiv.identifiers(_wanted(run, since)))
    there = listed.total if listed.total is not None else listed.count
    require_likely(there, came)
    values = vars(answer) | {"expected": max(there, came)}
    if there > came:
        values["verdict"] = Harvest.State.FAILED
        values["problem"] = f"arXiv says there are {there} records; {came} came"
    return Answer(**values)
