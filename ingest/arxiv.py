"""arXiv's search API behind guards: an answer is a whole page, or an error. Plain Python.

The `arxiv` package forms the addresses and holds the session. It is not left to fetch: it
sets no timeout, reads a page of HTML as "no results" and keeps its pace per object. Whoever
calls this goes through `ingest.pace`, which decides when.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import arxiv

from ingest import feed
from ingest.fetching import (
    OUR_FAULT,
    ArxivError,
    ArxivRefused,
    ArxivUnavailable,
    BadAnswer,
    Incomplete,
    QueryRejected,
    aim,
    fetch,
    retry_after_seconds,
    user_agent,
)

LONGEST_PAGE = 2_000  # arXiv's limit a request
LONGEST_ID_LIST = 100

__all__ = [
    "LONGEST_ID_LIST",
    "LONGEST_PAGE",
    "ArxivError",
    "ArxivRefused",
    "ArxivUnavailable",
    "BadAnswer",
    "Client",
    "Incomplete",
    "QueryRejected",
    "Window",
    "retry_after_seconds",
]


@dataclass(frozen=True)
class Window:
    """A search among the papers first submitted in these minutes, ends included."""

    search: str
    since: datetime
    until: datetime

    def __str__(self) -> str:
        low, high = (f"{at.astimezone(UTC):%Y%m%d%H%M}" for at in (self.since, self.until))
        return f"({self.search}) AND submittedDate:[{low} TO {high}]"


class Client(arxiv.Client):  # type: ignore[misc]
    """Asks one question at a time and checks the answer. Knows nothing of pace."""

    def __init__(self, url: str, contact: str = "") -> None:
        super().__init__(page_size=LONGEST_PAGE, delay_seconds=0, num_retries=0)
        self.query_url_format = url + "?{}"
        self.user_agent = user_agent(contact)
        aim(self._session, url)

    def page(
        self, window: Window, *, start: int = 0, size: int = LONGEST_PAGE, empty: bool = False
    ) -> feed.Page:
        """One page of a window, oldest first. Its order is asked for, not promised.

        `empty`: also without any of the papers that it announces.
        """
        search = arxiv.Search(
            query=str(window),
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Ascending,
        )
        page = self._ask(self._format_url(search, start, size))
        if page.start != start:
            raise BadAnswer(f"arXiv was asked for results from {start}, sent from {page.start}")
        if not len(page) and page.total > start and not empty:
            raise Incomplete(f"arXiv announced {page.total} papers and sent none")
        return page

    def total(self, search: str) -> int:
        """How many papers match, whenever they were submitted."""
        return self._ask(self._format_url(arxiv.Search(query=search), 0, 1)).total

    def newest(self, search: str, *, size: int) -> feed.Page:
        """How many papers match, and the last that were submitted; the order is asked for."""
        wanted = arxiv.Search(
            query=search,
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Descending,
        )
        page = self._ask(self._format_url(wanted, 0, size))
        if not len(page) and page.total:
            raise Incomplete(f"arXiv announced {page.total} papers and sent none")
        return page

    def records(self, ids: list[str]) -> dict[str, feed.Entry]:
        """The newest version of these papers by base id; unknown ones are absent."""
        if not 0 < len(ids) <= LONGEST_ID_LIST:
            raise ValueError(f"1 to {LONGEST_ID_LIST} ids at a time, not {len(ids)}")
        search = arxiv.Search(id_list=ids, max_results=None)
        page = self._ask(self._format_url(search, 0, len(ids)))
        found = {entry.arxiv_id: entry for entry in page.entries if entry.arxiv_id in ids}
        broken = len(page.refused)
        if len(found) + broken < min(page.total, len(ids)):
            raise Incomplete(f"arXiv announced {page.total} records and sent {len(found)}")
        return found

    def _ask(self, url: str) -> feed.Page:
        fetched = fetch(self._session, url, {"User-Agent": self.user_agent})
        if fetched.status in OUR_FAULT:
            message = f"arXiv rejected the search (HTTP {fetched.status})"
            raise QueryRejected(_message(fetched.body) or message)
        try:
            return feed.parse(fetched.body)
        except feed.ErrorFeed as error:
            raise QueryRejected(str(error)) from error
        except feed.Malformed as error:
            raise BadAnswer(f"arXiv's answer cannot be read: {error}") from error


def _message(body: bytes) -> str:
    """What an error feed says; empty where the body is none."""
    try:
        feed.parse(body)
    except feed.ErrorFeed as error:
        return str(error)
    except feed.Malformed:
        pass
    return ""
