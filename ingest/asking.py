"""From a run's cursor to a page that can be believed: what is asked, and asked again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings

from ingest import pace
from ingest.arxiv import Client, Incomplete, Window
from ingest.cursor import MINUTE, Cursor, Step, follow, page_size
from ingest.feed import Entry, Page, Refused
from ingest.models import Harvest

T = TypeVar("T")

ANOTHER_YEAR = timedelta(days=366)


def client() -> Client:
    """As the settings say where arXiv is and who we are."""
    return Client(settings.ARXIV_API_URL, settings.ARXIV_CONTACT)


@dataclass
class Asker:
    """Counts the requests of one step."""

    beat: Callable[[], None]
    count: int = 0
    settles: bool = False  # for what comes of a page, once it has been asked for in vain
    client: Client = field(default_factory=client)

    def __call__(self, request: Callable[[], T]) -> T:
        def counted() -> T:
            self.count += 1
            return request()

        return pace.ask(counted, self.beat)


@dataclass(frozen=True)
class Answer:
    """What one step brought; `cursor` None: the run ends with `verdict`."""

    cursor: Cursor | None
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    expected: int | None
    verdict: str = Harvest.State.DONE
    problem: str = ""
    missing: int = 0  # that arXiv counts and has not sent
    deleted: tuple[str, ...] = ()  # ids of records that are gone
    token: str = ""
    responded_at: datetime | None = None  # by arXiv's clock
    attempts: int = 0  # in vain so far, where this one brought nothing either


def next_page(run: Harvest, asker: Asker) -> Answer:
    """The page at the cursor. Raises what the pace and arXiv raise, and Incomplete."""
    cursor = Cursor(
        run.cursor_from,
        run.cursor_until,
        run.until,
        run.cursor_start,
        frozenset(run.cursor_seen),
    )
    size = page_size(run.attempts)
    room = None if run.limit is None else run.limit - run.received
    if room is not None:
        size = min(size, room + len(cursor.seen))
    page = _fetch(run, cursor, size, asker)
    if page.total == 0 and run.received == 0:
        page = _believe_empty(run, cursor, size, asker)
    step = follow(cursor, page, size, settles=asker.settles)
    return _answer(run, step, room, asker)


def _fetch(run: Harvest, cursor: Cursor, size: int, asker: Asker) -> Page:
    window = Window(run.search, cursor.since, cursor.until)
    return asker(
        lambda: asker.client.page(window, start=cursor.start, size=size, empty=asker.settles)
    )


def _believe_empty(run: Harvest, cursor: Cursor, size: int, asker: Asker) -> Page:
    """Nothing at all is suspect: it is what a broken index says, too.

    The same search without a window must find something, if it ever did; then the window
    is asked for once more, and the second answer counts. Unless the window ends now, and is
    empty only for that: arXiv has had a year in which no search could end.
    """
    overall = asker(lambda: asker.client.total(run.search))
    had = Harvest.objects.filter(way=run.way, search=run.search, received__gt=0)
    if overall == 0 and had.exists():
        raise Incomplete("arXiv says it has nothing at all for a search that had papers")
    page = _fetch(run, cursor, size, asker)
    if page.total == 0 and run.started_at - run.until < MINUTE:
        wider = str(Window(run.search, cursor.since, run.until + ANOTHER_YEAR))
        if found := asker(lambda: asker.client.total(wider)):
            raise Incomplete(
                f"arXiv finds {found} papers only where the window ends in another year"
            )
    return page


def require_likely(there: int, came: int) -> None:
    """What came cannot have gone: a count far below it is one more false answer."""
    if 2 * there < came:
        raise Incomplete(f"arXiv says there are {there} in all, of which {came} came")


def _answer(run: Harvest, step: Step, room: int | None, asker: Asker) -> Answer:
    expected = run.expected
    if step.total is not None:
        expected = max(expected or 0, run.received + step.total)
    entries, cursor = step.entries, step.cursor
    if room is not None and run.limit is not None:
        expected = None if expected is None else min(expected, run.limit)
        entries = entries[:room]
        if len(entries) + len(step.refused) >= room:
            cursor = None
    answer = Answer(cursor, entries, step.refused, expected)
    came = run.received + len(entries) + len(step.refused)
    if cursor is None and came < (expected or 0):
        return _count_again(run, answer, came, asker)
    return answer


def _count_again(run: Harvest, answer: Answer, came: int, asker: Asker) -> Answer:
    """At the end with fewer than announced: either arXiv has fewer now, or some were missed."""
    whole = str(Window(run.search, run.since, run.until))
    there = asker(lambda: asker.client.total(whole))
    require_likely(there, came)
    there = there if run.limit is None else min(there, run.limit)
    values = vars(answer) | {"expected": max(there, came)}
    if there > came:
        values |= {"verdict": Harvest.State.FAILED, "missing": there - came}
        values["problem"] = f"arXiv says there are {there} papers; {came} came"
    return Answer(**values)
