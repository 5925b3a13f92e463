"""arXiv's OAI-PMH interface behind guards: an answer is a part of a list, or an error.

Whoever calls this goes through `ingest.pace`, which decides when.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

import requests

from ingest.feed import Form
from ingest.fetching import (
    OUR_FAULT,
    BadAnswer,
    QueryRejected,
    aim,
    fetch,
    user_agent,
)
from ingest.oai.answers import (
    Headers,
    Identity,
    Malformed,
    Page,
    ProtocolError,
    Record,
    parse_headers,
    parse_identity,
    parse_records,
)

EARLIEST: Final = date(2005, 9, 16)  # no datestamp is older
PREFIXES: Final = (Form.RAW.value, Form.SPLIT.value)

_SET = re.compile(r"[a-z][a-z-]*(?::[a-z][a-z-]*(?::[A-Za-z][A-Za-z-]*)?)?")
_NOTHING = {  # what is no fault where it can be so
    "ListRecords": "noRecordsMatch",
    "ListIdentifiers": "noRecordsMatch",
    "GetRecord": "idDoesNotExist",
}

T = TypeVar("T")


class BadToken(QueryRejected):
    """The resumption token is worth nothing (any more): the list is asked for anew."""


@dataclass(frozen=True)
class Selective:
    """A list of records: of one set or of all, changed on these days, ends included."""

    spec: str = ""
    since: date | None = None
    until: date | None = None
    prefix: str = Form.RAW.value

    def arguments(self) -> dict[str, str]:
        """As the protocol names them."""
        said = {
            "metadataPrefix": self.prefix,
            "set": self.spec,
            "from": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in said.items() if value}


class Client:
    """Asks one question at a time and checks the answer. Knows nothing of pace."""

    def __init__(self, url: str, contact: str = "") -> None:
        self._url = url
        self._session = requests.Session()
        aim(self._session, url)
        self._headers = {"User-Agent": user_agent(contact)}
        if "@" in contact:
            self._headers["From"] = contact

    def records(self, wanted: Selective, token: str = "") -> Page:
        """The part of the list that the token names, or the first; empty: nothing matches."""
        try:
            return self._ask("ListRecords", _arguments(wanted, token), parse_records)
        except _Nothing as nothing:
            return Page(nothing.responded_at)

    def identifiers(self, wanted: Selective, token: str = "") -> Headers:
        """As `records`, with ids and datestamps only, many more at a time."""
        try:
            return self._ask("ListIdentifiers", _arguments(wanted, token), parse_headers)
        except _Nothing as nothing:
            return Headers(nothing.responded_at)

    def record(self, arxiv_id: str, prefix: str = Form.RAW.value) -> Record | None:
        """One paper as it is now; None: arXiv does not know it."""
        arguments = {"identifier": f"oai:arXiv.org:{arxiv_id}", "metadataPrefix": prefix}
        try:
            page = self._ask(
                "GetRecord", arguments, lambda body: parse_records(body, "GetRecord")
            )
        except _Nothing:
            return None
        records: tuple[Record, ...] = (*page.entries, *page.deleted, *page.refused)
        for record in records:
            if record.arxiv_id in {arxiv_id, ""}:
                return record
        raise BadAnswer(f"arXiv was asked for {arxiv_id} and sent something else")

    def identify(self) -> Identity:
        """Who answers there."""
        return self._ask("Identify", {}, parse_identity)

    def _ask(self, verb: str, arguments: dict[str, str], parse: Callable[[bytes], T]) -> T:
        address = f"{self._url}?{urlencode({'verb': verb} | arguments)}"
        fetched = fetch(self._session, address, self._headers)
        try:
            return parse(fetched.body)
        except ProtocolError as error:
            if error.code == _NOTHING.get(verb) and "resumptionToken" not in arguments:
                raise _Nothing(error.responded_at) from error
            raise _rejection(error) from error
        except Malformed as error:
            if fetched.status in OUR_FAULT:
                raise QueryRejected(
                    f"arXiv rejected the request (HTTP {fetched.status})"
                ) from error
            raise BadAnswer(f"arXiv's answer cannot be read: {error}") from error


class _Nothing(Exception):
    """The protocol's way to say that there is nothing, which is no fault."""

    def __init__(self, responded_at: datetime) -> None:
        super().__init__(responded_at)
        self.responded_at = responded_at


def _arguments(wanted: Selective, token: str) -> dict[str, str]:
    """A token stands alone: it says all of what was asked for."""
    return {"resumptionToken": token} if token else wanted.arguments()


def _rejection(error: ProtocolError) -> Exception:
    if error.code == "badResumptionToken":
        return BadToken(str(error))
    if error.code in _NOTHING.values():
        return BadAnswer(f"arXiv says there is nothing where there must be: {error}")
    return QueryRejected(str(error))


def require_set(spec: str) -> str:
    """The set, if it can be one: group, group:archive or group:archive:CATEGORY."""
    if not _SET.fullmatch(spec):
        raise ValueError(f"{spec[:60]!r} is no set. Write it as cs, cs:cs or cs:cs:CL.")
    return spec
