"""arXiv's search API behind guards: an answer is a whole page, or an error. Plain Python.

The `arxiv` package forms the addresses and holds the session. It is not left to fetch: it
sets no timeout, reads a page of HTML as "no results" and keeps its pace per object. Whoever
calls this goes through `ingest.pace`, which decides when.
"""

import email.utils
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import arxiv
import requests

from ingest import feed
from ingest.hardened_xml import legal_text

TIMEOUT: Final = (10.0, 60.0)  # seconds to connect, and between two parts of an answer
LONGEST_ANSWER = 64_000_000  # bytes; 2,000 records are about 5 MB
LONGEST_PAGE = 2_000  # arXiv's limit a request
LONGEST_ID_LIST = 100
LONGEST_RETRY_AFTER = 24 * 3600.0


class ArxivError(Exception):
    """Base of every request that brought nothing. Plain arguments: it survives pickling."""


class ArxivUnavailable(ArxivError):
    """Worth asking again, after `retry_after` seconds where arXiv said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])


class BadAnswer(ArxivUnavailable):
    """An answer came and cannot be right; a smaller page may fare better."""


class Incomplete(BadAnswer):
    """Fewer papers than announced: nothing of it is taken, or papers would be missed."""


class ArxivRefused(ArxivError):
    """arXiv does not want us: nothing more is asked until a person has looked."""


class QueryRejected(ArxivError):
    """The search itself is at fault; asking again brings the same."""


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
        self.user_agent = "Kadai/1 (an atlas of papers; polite harvester" + (
            f"; {contact})" if contact else ")"
        )
        if urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}:
            self._session.trust_env = False  # no proxy reaches this machine

    def page(self, window: Window, *, start: int = 0, size: int = LONGEST_PAGE) -> feed.Page:
        """One page of a window, oldest first. Its order is asked for, not promised."""
        search = arxiv.Search(
            query=str(window),
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Ascending,
        )
        page = self._ask(self._format_url(search, start, size))
        if page.start != start:
            raise BadAnswer(f"arXiv was asked for results from {start}, sent from {page.start}")
        if not len(page) and page.total > start:
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
        status, headers, body = self._fetch(url)
        retry_after = retry_after_seconds(headers.get("Retry-After"))
        if status in {401, 403, 451}:
            raise ArxivRefused(f"arXiv refused the request (HTTP {status})")
        if status in {400, 413, 414, 422}:
            raise QueryRejected(_message(body) or f"arXiv rejected the search (HTTP {status})")
        if status != 200:
            raise ArxivUnavailable(f"arXiv answered HTTP {status}", retry_after)
        if b"rate exceeded" in body[:200].lower():
            raise ArxivUnavailable("arXiv says: rate exceeded", retry_after)
        if "html" in headers.get("Content-Type", "").lower():
            raise BadAnswer(f"arXiv sent a web page instead of a feed: {_title(body)}")
        try:
            return feed.parse(body)
        except feed.ErrorFeed as error:
            raise QueryRejected(str(error)) from error
        except feed.Malformed as error:
            raise BadAnswer(f"arXiv's answer cannot be read: {error}") from error

    def _fetch(self, url: str) -> tuple[int, Any, bytes]:
        """Status, headers and body; no redirect is followed, that would be a second request."""
        try:
            with self._session.get(
                url,
                headers={"User-Agent": self.user_agent},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                parts, size = [], 0
                for part in answer.iter_content(65_536):
                    parts.append(part)
                    size += len(part)
                    if size > LONGEST_ANSWER:
                        raise BadAnswer(
                            f"arXiv's answer is longer than {LONGEST_ANSWER:,} bytes"
                        )
                return answer.status_code, answer.headers, b"".join(parts)
        except requests.Timeout as error:
            raise ArxivUnavailable("arXiv did not answer in time") from error
        except requests.ConnectionError as error:
            raise ArxivUnavailable(
                f"The connection to arXiv failed: {_cause(error)}"
            ) from error
        except requests.RequestException as error:
            raise BadAnswer(f"arXiv's answer cannot be read: {_cause(error)}") from error


def retry_after_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header in either form, a number or a date; at most a day."""
    if not value:
        return None
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        seconds = float(text)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _message(body: bytes) -> str:
    """What an error feed says; empty where the body is none."""
    try:
        feed.parse(body)
    except feed.ErrorFeed as error:
        return str(error)
    except feed.Malformed:
        pass
    return ""


def _title(body: bytes) -> str:
    words = re.sub(r"<[^>]{0,500}>", " ", legal_text(body[:4000])).split()
    return " ".join(words)[:120]


def _cause(error: BaseException) -> str:
    """The innermost reason, without the addresses of objects."""
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None:
            text = re.sub(r"<[^>]*>:? ?|\x00", "", str(error))
            return text[:200] or type(error).__name__
        error = inner
