"""One request to arXiv, guarded, and what can become of it. Plain Python.

Every interface of arXiv is asked through `fetch`: it gives up in time, reads no answer
without end, follows no redirect, and turns what is no answer into a typed error.
"""

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import requests

from ingest.deadline import Adapter, Deadline
from ingest.hardened_xml import legal_text

TIMEOUT: Final = (10.0, 60.0)  # seconds to connect, and between two parts of an answer
LONGEST_REQUEST = 150.0  # seconds in all; less than a run may go without a sign of life
LONGEST_ANSWER = 32_000_000  # bytes; 2,000 records are about 5 MB
LONGEST_RETRY_AFTER = 24 * 3600.0
OUR_FAULT = frozenset({400, 413, 414, 422})  # asking the same again brings the same


class ArxivError(Exception):
    """Base of every request that brought nothing. Plain arguments: it survives pickling."""


class ArxivUnavailable(ArxivError):
    """Worth asking again, after `retry_after` seconds where arXiv said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])


class TooFast(ArxivUnavailable):
    """arXiv asks for a slower pace, whichever of its interfaces says so."""


class BadAnswer(ArxivUnavailable):
    """An answer came and cannot be right; a smaller page may fare better."""


class Incomplete(BadAnswer):
    """Fewer papers than announced: nothing of it is taken, or papers would be missed."""


class ArxivRefused(ArxivError):
    """arXiv does not want us: nothing more is asked until a person has looked."""


class QueryRejected(ArxivError):
    """The search itself is at fault; asking again brings the same."""


@dataclass(frozen=True)
class Fetched:
    """What came back, with status 200 or one of OUR_FAULT."""

    status: int
    body: bytes


def user_agent(contact: str) -> str:
    """Who we are, and whom to write to."""
    return "Kadai/1 (an atlas of papers; polite harvester" + (
        f"; {contact})" if contact else ")"
    )


def aim(session: requests.Session, url: str) -> None:
    """Make the session fit for that address, and its requests end in time."""
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    if urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}:
        session.trust_env = False  # no proxy reaches this machine


def fetch(session: requests.Session, url: str, headers: Mapping[str, str]) -> Fetched:
    """The answer that is there to be read. Raises ArxivUnavailable and ArxivRefused."""
    with Deadline(LONGEST_REQUEST) as deadline:
        try:
            status, answered, body = _get(session, url, headers)
        except ArxivUnavailable:
            if not deadline.is_over:
                raise
    if deadline.is_over:
        raise ArxivUnavailable(f"arXiv's answer took longer than {LONGEST_REQUEST:g} s")
    retry_after = retry_after_seconds(answered.get("Retry-After"))
    if status in {401, 403, 451}:
        raise ArxivRefused(f"arXiv refused the request (HTTP {status})")
    if status in OUR_FAULT:
        return Fetched(status, body)
    if status in {429, 503}:
        raise TooFast(f"arXiv answered HTTP {status}", retry_after)
    if status != 200:
        raise ArxivUnavailable(f"arXiv answered HTTP {status}", retry_after)
    if b"rate exceeded" in body[:200].lower():
        raise TooFast("arXiv says: rate exceeded", retry_after)
    if "html" in answered.get("Content-Type", "").lower():
        raise BadAnswer(f"arXiv sent a web page instead of a feed: {_title(body)}")
    return Fetched(status, body)


def _get(
    session: requests.Session, url: str, headers: Mapping[str, str]
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body; no redirect is followed, that would be a second request."""
    try:
        with session.get(
            url, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            parts, size = [], 0
            for part in answer.iter_content(65_536):
                parts.append(part)
                size += len(part)
                if size > LONGEST_ANSWER:
                    raise BadAnswer(f"arXiv's answer is longer than {LONGEST_ANSWER:,} bytes")
            return answer.status_code, answer.headers, b"".join(parts)
    except requests.Timeout as error:
        raise ArxivUnavailable("arXiv did not answer in time") from error
    except requests.ConnectionError as error:
        raise ArxivUnavailable(f"The connection to arXiv failed: {_cause(error)}") from error
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
