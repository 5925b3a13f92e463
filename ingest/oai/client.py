"""arXiv's OAI-PMH interface behind guards: an answer is a part of a list, or an error.

Whoever calls this goes through `ingest.pace`, which decides when.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from urllib.parse import urlencode

import requests

from ingest.feed import Form
from ingest.fetching import (
    OUR_FAULT,
    BadAnswer,
    Fetched,
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
_NONE = "noRecordsMatch"

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

    def records(self, wanted: Selective, token: str = "") -> Page | None:
        """The part of the list that the token names, or the first; None: nothing matches."""
        return self._list("ListRecords", wanted, token, parse_records)

    def identifiers(self, wanted: Selective, token: str = "") -> Headers | None:
        """As `records`, with ids and datestamps only, many more at a time."""
        return self._list("ListIdentifiers", wanted, token, parse_headers)

    def record(self, arxiv_id: str, prefix: str = Form.RAW.value) -> Record | None:
        """One paper as it is now; None: arXiv does not know it."""
        page = self._ask(
            "GetRecord",
            {"identifier": f"oai:arXiv.org:{arxiv_id}", "metadataPrefix": prefix},
            lambda body: parse_records(body, "GetRecord"),
            nothing="idDoesNotExist",
        )
        if page is None:
            return None
        records: tuple[Record, ...] = (*page.entries, *page.deleted, *page.refused)
        for record in records:
            if record.arxiv_id in {arxiv_id, ""}:
                return record
        raise BadAnswer(f"arXiv was asked for {arxiv_id} and sent something else")

    def identify(self) -> Identity:
        """Who answers there."""
        identity = self._ask("Identify", {}, parse_identity)
        if identity is None:
            raise BadAnswer("arXiv does not say who it is")
        return identity

    def _list(
        self, verb: str, wanted: Selective, token: str, parse: Callable[[bytes], T]
    ) -> T | None:
        # A token stands alone: it says all of what was asked for.
        arguments = {"resumptionToken": token} if token else wanted.arguments()
        return self._ask(verb, arguments, parse, nothing="" if token else _NONE)

    def _ask(
        self,
        verb: str,
        arguments: dict[str, str],
        parse: Callable[[bytes], T],
        nothing: str = "",
    ) -> T | None:
        address = f"{self._url}?{urlencode({'verb': verb} | arguments)}"
        fetched = fetch(self._session, address, self._headers)
        try:
            return parse(fetched.body)
        except ProtocolError as error:
            if error.code == nothing:
                return None
            raise _rejection(error) from error
        except Malformed as error:
            raise _unreadable(fetched, error) from error


def _rejection(error: ProtocolError) -> Exception:
    if error.code == "badResumptionToken":
        return BadToken(str(error))
    if error.code in {_NONE, "idDoesNotExist"}:
        return BadAnswer(f"arXiv says there is nothing where there must be: {error}")
    return QueryRejected(str(error))


def _unreadable(fetched: Fetched, error: Malformed) -> Exception:
    if fetched.status in OUR_FAULT:
        return QueryRejected(f"arXiv rejected the request (HTTP {fetched.status})")
    return BadAnswer(f"arXiv's answer cannot be read: {error}")


def require_set(spec: str) -> str:
    """The set, if it can be one: group, group:archive or group:archive:CATEGORY."""
    if not _SET.fullmatch(spec):
        raise ValueError(f"{spec[:60]!r} is no set. Write it as cs, cs:cs or cs:cs:CL.")
    return spec
